"""Library/$evaluate (Using CQL with FHIR, cql-library-evaluate) and Library/[id]/$elm, the library as ELM."""

from __future__ import annotations

import base64
from typing import Any

from bedside.api.messages import Reply, Request
from bedside.api.questions import data
from bedside.api.questions.data import Asked
from bedside.api.questions.evaluation import (
    bound,
    included,
    parameters_resource,
    require_subject,
    results,
    session_for,
)
from bedside.api.questions.inputs import Inputs
from bedside.api.questions.questions import Questions
from bedside.fhir import json
from bedside.fhir.outcome import Invalid
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.walk import parameters_of
from bedside.record.libraries import ELM, Logic, Shelf

KNOWN = ("url", "library", "subject", "expression", "includePrivate", "parameters", *data.PARAMETERS)


def evaluate(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/Library/$evaluate and [base]/Library/[id]/$evaluate: a parameter for each definition."""
    inputs = Inputs(request, KNOWN)
    subject = data.subject_of(inputs.text("subject"))
    with data.open_world(questions.record, inputs, request.base) as asked:
        shelf = questions.libraries.current(asked.record_data.session)
        logic = chosen(questions, request, inputs, shelf)
        library = logic.program.library
        wanted = inputs.texts("expression") or _public(logic, private=inputs.boolean("includePrivate", False))
        own = [name for name in wanted if name in library.expressions or "." not in name]
        require_subject(library, own, subject, logic)
        if subject is not None:
            asked.require("/".join(subject))
        values = bound(library, inputs.parameters(), data.offset_of(asked.world))
        session = session_for(logic.program, asked, subject, values, limit=questions.limit)
        found = []
        for name in wanted:
            if name in own:
                found += results(session, library, [name])
            else:
                found += _of_included(logic, name, asked, subject, values, questions.limit)
        return Reply(200, parameters_resource(found, asked))


def chosen(questions: Questions, request: Request, inputs: Inputs, shelf: Shelf) -> Logic:
    """The library that a request is about: by id, by canonical URL, or as it is in the request."""
    given, url = inputs.resource("library", "Library"), inputs.text("url")
    if request.id:
        if given is not None or url is not None:
            raise Invalid("The address says which library is meant; url and library do not go with it.")
        return shelf.stored(questions.stored("Library", request.id))
    if given is not None and url is not None:
        raise Invalid("url and library exclude each other: give one of them.")
    if given is not None:
        return shelf.logic(given)
    if url is None:
        raise Invalid("Say by url which library is meant, or give it as library.", code="required")
    return shelf.by_canonical(url)


def _public(logic: Logic, *, private: bool) -> list[str]:
    """The names of the definitions that are evaluated when none are named."""
    return [name for name, each in logic.program.library.expressions.items() if each.public or private]


def _of_included(
    logic: Logic, name: str, asked: Asked, subject: tuple[str, str] | None, values: dict[str, Any], limit: float
) -> list[dict[str, Any]]:
    """A definition of an included library: `Common.Adults`."""
    qualifier, _, plain = name.partition(".")
    library = included(logic, qualifier.strip('"'))
    plain = plain.strip('"')
    inner = Logic({}, library.source, logic.translation, compile_library(library))
    require_subject(library, [plain], subject, inner)
    known = parameters_of(library)
    own = {key: value for key, value in values.items() if key in known}
    session = session_for(inner.program, asked, subject, own, limit=limit)
    return [{**each, "name": name} for each in results(session, library, [plain])]


def elm(questions: Questions, request: Request) -> Reply:
    """GET [base]/Library/[id]/$elm: the Library with its ELM as content; the ELM alone for `Accept:
    application/elm+json`.

    No guide defines an operation for it. What it gives is what the guides describe: a Library whose content holds the
    source as text/cql and its translation as application/elm+json.
    """
    from bedside.questions.cql.elm import to_elm

    Inputs(request, ())
    shelf = questions.libraries.current()
    stored = questions.stored("Library", request.id)
    translated = json.encode(to_elm(shelf.stored(stored).program.library))
    if ELM in request.headers.get("accept", ""):
        return Reply(200, content=translated, media=ELM)
    resource = stored.resource
    others = [each for each in resource.get("content", ()) if not str(each.get("contentType", "")).startswith(ELM)]
    attachment = {"contentType": ELM, "data": base64.b64encode(translated).decode()}
    return Reply(200, {**resource, "content": [*others, attachment]})
