"""What a reader may have meant: a query put right, or searches that find the words that were typed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from bedside.fhir.outcome import FhirError
from bedside.record.record import Record
from bedside.web import query
from bedside.web.languages import Words
from bedside.web.readable import labels

# Where people's words are found: type, parameter, and a second try when the first finds nothing.
_BY_WORDS = (
    ("Patient", "name", "name:contains"),
    ("Patient", "identifier", None),
    ("Condition", "code:text", None),
    ("Observation", "code:text", None),
    ("MedicationRequest", "code:text", None),
    ("Procedure", "code:text", None),
    ("Practitioner", "name", "name:contains"),
    ("Organization", "name", "name:contains"),
    ("Location", "name", "name:contains"),
)
# Parameters that steer a search rather than choose resources.
_STEERING = (
    *("_count", "_sort", "_total", "_summary", "_elements", "_include", "_revinclude", "_include:iterate"),
    *("_revinclude:iterate", "_type", "_has", "_id", "_lastUpdated", "_contained"),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A search that the reader may have meant, and how much it finds."""

    text: str
    kind: str
    parameter: str
    count: int


def by_words(record: Record, words: Words, counts: Mapping[str, int], text: str) -> list[Suggestion]:
    """Searches that find something for plain words, in the order of what people look for most."""
    found = []
    for type_name, *ways in _BY_WORDS:
        if type_name not in counts:
            continue
        for way in ways:
            count = _count(record, type_name, way, text) if way else 0
            if way and count:
                asked = query.Search(type_name, [(way, _escaped(text))])
                label, _ = labels.element_name(words, way.partition(":")[0])
                found.append(Suggestion(asked.text, labels.type_name(words, type_name, 2), label.lower(), count))
                break
    return found


def _count(record: Record, type_name: str, parameter: str, text: str) -> int:
    try:
        asked = [(parameter, _escaped(text)), ("_summary", "count")]
        return record.search(type_name, asked, strict=True).total or 0
    except FhirError:  # these words are no value of this parameter
        return 0


def _escaped(text: str) -> str:
    """Words as a search value (R4 search.html#escaping)."""
    for mark in "\\,$|":
        text = text.replace(mark, "\\" + mark)
    return text


def corrected(record: Record, asked: query.Search) -> query.Search | None:
    """The same search with names of parameters that there are none of put right; None when nothing was wrong or
    nothing is near."""
    if asked.type is None:
        return None
    known = {*record.registry.for_type(asked.type), *_STEERING}
    parameters: query.Parameters = []
    for name, value in asked.parameters:
        code, mark, rest = _head(name)
        if code in known or name.startswith("_has:"):
            parameters.append((name, value))
            continue
        near = difflib.get_close_matches(code.lower(), known, 1, 0.6)
        if not near:
            return None
        parameters.append((near[0] + mark + rest, value))
    right = query.Search(asked.type, parameters, asked.compartment)
    return right if right != asked else None


def _head(name: str) -> tuple[str, str, str]:
    """`subject:Patient.name` -> (`subject`, `:`, `Patient.name`)."""
    for place, character in enumerate(name):
        if character in ":.":
            return name[:place], character, name[place + 1 :]
    return name, "", ""
