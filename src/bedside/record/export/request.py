"""What an export is asked for: the words of a client read, checked and told back when they are wrong.

The parameters are those of Bulk Data Access 2 (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal
from urllib.parse import parse_qsl

import msgspec

from bedside.fhir import dates, definitions
from bedside.fhir.outcome import FhirError, Invalid, Issue, IssueCode, NotSupported
from bedside.record.parameters import Registry
from bedside.record.search import Search, parse

Level = Literal["system", "patient", "group"]

FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_NEXT_QUERY = re.compile(r",(?=\s*[A-Z][A-Za-z]*\?)")


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to export. All of it has been checked; `build` makes one."""

    level: Level
    types: tuple[str, ...] = ()
    """Resource types; empty for all that the level has."""
    group: str | None = None
    """The id of the Group whose members are exported."""
    patients: tuple[str, ...] | None = None
    """Ids of patients to which the export is limited; None for all of the level."""
    since: int | None = None
    """Only what changed after this instant, in microseconds since the epoch (UTC)."""
    filters: tuple[tuple[str, str], ...] = ()
    """(type, search query): a resource of that type is exported when any query of the type finds it."""
    elements: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was passed over because the client is lenient; told in the export's error file."""
    url: str = ""
    """The address of the kick-off request, for the manifest."""
    base: str = ""
    """The FHIR base under which the export was asked for; empty: attachments keep relative addresses."""

    @property
    def reaches_outside(self) -> bool:
        """Whether an export of patients may hold what belongs to no patient (practitioners, organizations, ...)."""
        return not self.types or not all(of_patients(name) for name in self.types)


@dataclass
class Words:
    """The parameters as they were given: each list holds values in which commas may separate several."""

    types: list[str] = field(default_factory=list)
    since: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    patients: list[str] | None = None
    formats: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Names of parameters that there are not."""


def build(
    registry: Registry,
    level: Level,
    words: Words,
    *,
    lenient: bool = False,
    group: str | None = None,
    url: str = "",
    base: str = "",
) -> Request:
    """The request that the words mean.

    Raises Invalid with everything that is wrong. `lenient` (Prefer: handling=lenient) passes over what is merely not
    supported and keeps a warning for each; what cannot be read, or would let out more than was asked for, stays an
    error.
    """
    reader = _Reader(registry, level)
    request = reader.read(words)
    if reader.wrong or (reader.unsupported and not lenient):
        raise Invalid([*reader.wrong, *reader.unsupported])
    return msgspec.structs.replace(
        request, group=group, url=url, base=base, warnings=tuple(issue.message for issue in reader.unsupported)
    )


def values(given: Iterable[str]) -> list[str]:
    """Values that are repeated, separated by commas, or both; each once, in order."""
    return list(dict.fromkeys(each.strip() for text in given for each in text.split(",") if each.strip()))


def queries(given: Iterable[str]) -> list[str]:
    """The queries of `_typeFilter`. A comma separates two only where a type and a question mark follow:
    `Observation?status=final,amended` is one query."""
    return [each.strip() for text in given for each in _NEXT_QUERY.split(text) if each.strip()]


def condition(registry: Registry, type_name: str, query: str) -> Search:
    """A query of `_typeFilter`, parsed. Raises Invalid for one that is no plain filter."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs:
        raise Invalid(f"`{type_name}?` has no condition.", code="value")
    search = parse(registry, type_name, pairs, strict=True)
    if len(search.query) != len(pairs):
        extra = next(name for name, _ in pairs if name not in {known for known, _ in search.query})
        raise Invalid(f"`{extra}` does not choose resources, so it has no place in _typeFilter.", code="value")
    if search.needs_text:
        raise NotSupported("_text and _content cannot be used in _typeFilter.")
    return search


class _Reader:
    """Collects what is wrong, so that a client is told all of it at once."""

    def __init__(self, registry: Registry, level: Level) -> None:
        self.registry = registry
        self.level = level
        self.wrong: list[Issue] = []
        self.unsupported: list[Issue] = []

    def read(self, words: Words) -> Request:
        for name in words.unknown:
            self.pass_over(f"The parameter `{name}` is not supported; {_known(name, self.level)}")
        for name in values(words.formats):
            if name.replace(" ", "+") not in FORMATS:
                self.pass_over(f"_outputFormat={name} is not supported; files are {FORMATS[0]}.")
        types = self.types(values(words.types))
        return Request(
            self.level,
            types,
            patients=self.patients(words.patients),
            since=self.since(words.since),
            filters=self.filters(queries(words.filters), types),
            elements=self.elements(values(words.elements), types),
        )

    def refuse(self, message: str, code: IssueCode = "value") -> None:
        self.wrong.append(Issue("error", code, None, message))

    def pass_over(self, message: str, code: IssueCode = "not-supported") -> None:
        self.unsupported.append(Issue("error", code, None, message))

    def types(self, names: Sequence[str]) -> tuple[str, ...]:
        known = tuple(name for name in names if definitions.is_resource_type(name))
        for name in names:
            if name not in known:
                near = _near(name, definitions.resource_types())
                self.pass_over(f"_type: {name!r} is not a resource type of R4.{near}")
        if names and not known:
            self.refuse("_type names no resource type, so there would be nothing to export.")
        elif known and self.level != "system" and not any(of_patients(name) for name in known):
            self.refuse(
                f"_type: nothing of {', '.join(known)} belongs to a patient. Ask together with a type that does, and"
                " you get those that it refers to; or export the whole system."
            )
        return known

    def since(self, given: Sequence[str]) -> int | None:
        if not given:
            return None
        text = given[0].strip().replace(" ", "+")  # the plus of a zone, unescaped in an address
        if len(set(given)) > 1:
            self.refuse("_since may be given only once.")
        elif not dates.is_instant(text):
            self.refuse(f"_since={given[0]}: write an instant with its zone, as in 2026-01-31T08:00:00+01:00.")
        else:
            return dates.interval(text)[0]
        return None

    def patients(self, given: Sequence[str] | None) -> tuple[str, ...] | None:
        if given is None:
            return None
        if self.level == "system":
            self.refuse("`patient` limits an export of patients or of a group, not one of the whole system.")
        found = []
        for text in given:
            kind, slash, id_ = text.strip().rpartition("/")
            if (slash and kind != "Patient") or not ID.fullmatch(id_):
                self.refuse(f"patient: {text!r} is not a reference such as Patient/123.")
            found.append(id_)
        return tuple(dict.fromkeys(found))

    def filters(self, given: Sequence[str], types: Sequence[str]) -> tuple[tuple[str, str], ...]:
        found = []
        for text in given:
            name, mark, query = text.partition("?")
            query = query.replace("+", "%2B")  # nearly always the plus of a time zone, hardly ever a blank
            if not mark or not definitions.is_resource_type(name):
                self.refuse(f"_typeFilter={text}: write a search, as in Observation?category=laboratory.")
            elif types and name not in types:
                self.pass_over(f"_typeFilter={text}: {name} is not among the types of _type.", "value")
            else:
                try:
                    condition(self.registry, name, query)
                except FhirError as error:
                    for issue in error.issues:
                        self.pass_over(f"_typeFilter={text}: {issue.message}", issue.code)
                else:
                    found.append((name, query))
        return tuple(found)

    def elements(self, given: Sequence[str], types: Sequence[str]) -> tuple[str, ...]:
        found = []
        for text in given:
            prefix, dot, name = text.partition(".")
            if dot and not definitions.is_resource_type(prefix):
                self.pass_over(f"_elements={text}: {prefix!r} is not a resource type of R4.", "value")
                continue
            owners = [prefix] if dot else types or definitions.resource_types()
            if not any(_has_element(owner, name if dot else text) for owner in owners):
                near = _near(name if dot else text, definitions.type_definition(owners[0]).elements)
                what = f"{prefix} has" if dot else "none of the types has"
                self.pass_over(f"_elements={text}: {what} such an element at its root.{near}", "value")
            else:
                found.append(text)
        return tuple(found)


_NAMES = ("_outputFormat", "_since", "_type", "_typeFilter", "_elements")


def _known(name: str, level: Level) -> str:
    known = _NAMES if level == "system" else (*_NAMES, "patient")
    return f"there are {', '.join(known)}.{_near(name, known)}"


def _near(name: str, known: Iterable[str]) -> str:
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), list(by_lower), 1, 0.6)
    return f" Did you mean {by_lower[near[0]]}?" if near else ""


def of_patients(name: str) -> bool:
    """Whether resources of a type can belong to patients, a Provenance by what it is about."""
    return name == "Patient" or name in definitions.compartment("Patient")


def _has_element(type_name: str, element: str) -> bool:
    definition = definitions.type_definition(type_name)
    name = element.removesuffix("[x]")
    return name in definition.elements or name in definition.properties or name == "resourceType"
