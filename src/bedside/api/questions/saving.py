"""Libraries are translated when they are saved, so that their author is told then and not at the bedside.

A Library sees the others of its own transaction. Whether one with problems is refused or kept with warnings is a
setting (`check_cql`). What a change does to libraries that include the changed one shows when those are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bedside.api.questions.questions import Questions
from bedside.fhir.outcome import FhirError, Issue, Unprocessable
from bedside.questions.cql.typer import translate
from bedside.record.libraries import Shelf, cql_of
from bedside.record.model import Create, Patch, Update, Write
from bedside.record.patch import apply_patch
from bedside.record.problems import issue_of

Json = dict[str, Any]


class CqlRefused(Unprocessable):
    """Libraries whose CQL cannot be translated. HTTP 422. `writes` are the positions of those that are to blame, one
    for each issue."""

    writes: Sequence[int] = ()


def examine(questions: Questions, writes: Sequence[Write]) -> list[Issue]:
    """Translate every Library that is to be written. Gives warnings; raises CqlRefused for errors, unless they are
    to be warnings too."""
    libraries = list(_libraries(questions, writes))
    if not libraries:
        return []
    shelf = questions.libraries.current().with_libraries([resource for _, resource in libraries])
    found: dict[tuple[int, str], tuple[int, Issue]] = {}
    told: set[str] = set()
    for at, resource in libraries:
        for issue in _check(shelf, resource):
            # A library that several include is wrong once.
            if issue.message not in told:
                told.add(issue.message)
                found[at, issue.message] = (at, issue)
    errors = [each for each in found.values() if each[1].severity == "error"]
    if errors and questions.refuse:
        refused = CqlRefused([issue for _, issue in errors])
        refused.writes = [at for at, _ in errors]
        raise refused
    return [issue._replace(severity="warning") for _, issue in found.values()]


def _libraries(questions: Questions, writes: Sequence[Write]) -> Iterator[tuple[int, Json]]:
    for at, write in enumerate(writes):
        match write:
            case Create(resource=resource) | Update(resource=resource):
                if isinstance(resource, dict) and resource.get("resourceType") == "Library":
                    yield at, resource
            case Patch(type="Library", id=str() as id_, operations=operations):
                stored = questions.record.read("Library", id_)
                if stored is not None and stored.body is not None:
                    try:
                        yield at, apply_patch(stored.resource, operations)
                    except FhirError:
                        continue  # the write itself says what is wrong with the patch


def _check(shelf: Shelf, resource: Json) -> Iterator[Issue]:
    content = resource.get("content")
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        return  # what is wrong with its structure is told by the record
    try:
        source = cql_of(resource)
    except FhirError as error:
        yield from error.issues
        return
    if source is None:
        return
    number = next(n for n, each in enumerate(content) if str(each.get("contentType", "")).startswith("text/cql"))
    path = f"Library.content[{number}]"
    translation = translate(source, libraries=shelf.source)
    for problem in translation.problems:
        yield issue_of(problem, path)
    for warning in translation.warnings:
        yield issue_of(warning, path, "warning")
    library, name = translation.library, resource.get("name")
    if library is not None and library.name is not None and name is not None and library.name != name:
        # Included libraries are found by the name of the resource (Using CQL with FHIR, "Library Resources").
        yield Issue(
            "error", "business-rule", "Library.name", f"The Library is called {name}, and its CQL {library.name}."
        )
    wanted = resource.get("version")
    if library is not None and library.version is not None and wanted is not None and library.version != wanted:
        sentence = f"The Library has version {wanted}, and its CQL {library.version}."
        yield Issue("warning", "business-rule", "Library.version", sentence)
