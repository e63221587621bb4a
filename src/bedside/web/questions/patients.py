"""Choosing a patient: by id, by number, or by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bedside.fhir.outcome import FhirError
from bedside.record.record import Record
from bedside.web.locale import Locale
from bedside.web.readable import labels
from bedside.web.readable.parts import objects
from bedside.web.readable.title import title
from bedside.web.readable.values import Values, resource_url

_MOST = 8
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One patient as a reader recognises them."""

    id: str
    name: str
    born: str
    age: str
    number: str
    gender: str
    href: str

    @property
    def words(self) -> str:
        """On one line, as it stands in the field: `De Vries, Anna (4711-0815)`."""
        return f"{self.name} ({self.number})" if self.number else self.name


def choice(locale: Locale, resource: dict[str, Any]) -> Choice:
    """A Patient as a choice."""
    born = str(resource.get("birthDate", ""))
    age = None if resource.get("deceasedDateTime") else locale.age(born)
    numbers = [each for each in objects(resource.get("identifier")) if each.get("value")]
    usual = next((each for each in numbers if each.get("use") == "usual"), numbers[0] if numbers else {})
    gender = str(resource.get("gender", ""))
    return Choice(
        str(resource.get("id", "")),
        title(Values(locale), resource).text,
        locale.moment(born).text if born else "",
        "" if age is None else str(age),
        str(usual.get("value", "")),
        labels.code_words(locale.words, gender)[0] if gender else "",
        resource_url("Patient", str(resource.get("id", ""))),
    )


def by_id(record: Record, locale: Locale, id_: str) -> Choice | None:
    """The patient with an id; None when there is none."""
    try:
        stored = record.read("Patient", id_)
    except FhirError:
        return None
    return None if stored is None or stored.deleted else choice(locale, stored.resource)


def find(record: Record, locale: Locale, text: str) -> list[Choice]:
    """Patients that a text may mean: the one with that id or number, else those whose name begins with it, else those
    with each of its words somewhere in their names."""
    text = text.strip()[:_LONGEST]
    if not text:
        return []
    exact = by_id(record, locale, text.removeprefix("Patient/"))
    if exact is not None:
        return [exact]
    inside = text.rpartition("(")[2].rstrip(")").strip() if text.endswith(")") else text
    ways = (
        [("identifier", _escaped(inside))],
        [("name", _escaped(text))],
        [("name:contains", _escaped(word)) for word in text.split()[:6]],
    )
    for query in ways:
        try:
            found = record.search("Patient", [*query, ("_count", str(_MOST))], strict=True).matches
        except FhirError:  # these words are no value of this parameter
            continue
        if found:
            return [choice(locale, each.resource) for each in found]
    return []


def _escaped(text: str) -> str:
    """Words as a search value (R4 search.html#escaping)."""
    for mark in "\\,$|":
        text = text.replace(mark, "\\" + mark)
    return text
