"""Code systems whose codes follow a grammar or a public register and come with no content: units, languages, media
types, countries, currencies, time zones, URIs (https://hl7.org/fhir/R4/terminologies-systems.html)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from bedside.terms import registers, ucum
from bedside.terms.concepts import Concept, Filter
from bedside.terms.errors import NotEnumerable, Unresolved
from bedside.terms.filters import select
from bedside.terms.patterns import compiled
from bedside.terms.systems import Codes, Content, Matching

# RFC 5646, 2.1: language, extended language, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wy-z\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?"
    r"|x(?:-[a-z\d]{1,8})+|i-[a-z]+|[a-z]{2}-(?:gb-oed|be-fr|be-nl|ch-de)|(?:art|cel|no|zh)-[a-z]+",
    re.IGNORECASE,
)
# RFC 6838, 4.2, with the parameters that FHIR uses (charset, fhirVersion).
_NAME = r"[A-Za-z\d][A-Za-z\d!#$&\-^_.+]{0,126}"
_MEDIA = re.compile(
    r"(?:application|audio|font|example|haptics|image|message|model|multipart|text|video|chemical|x-[a-z]+)/"
    + _NAME
    + rf"(?:\s*;\s*{_NAME}=(?:{_NAME}|\"[^\"]*\"))*"
)
_URI = re.compile(r"[A-Za-z][A-Za-z\d+.\-]*:\S+")


@dataclass(frozen=True)
class Grammar:
    """A code system of which every code that fits is one; nobody can list them."""

    url: str
    name: str
    fits: Callable[[str], bool]
    value_set: str | None = None
    case_sensitive: bool = True
    filtered: Callable[[Filter], Codes] | None = None
    version: str | None = None
    language: str | None = None
    content: Content = field(default="complete", init=False)

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Concept]:
        raise NotEnumerable(f"The codes of {self.name} are made by a grammar; nobody can list them.")

    def find(self, code: str) -> Concept | None:
        return Concept(code, code) if self.fits(code) else None

    def select(self, wanted: Filter) -> Codes:
        if self.filtered is None:
            raise Unresolved(f"{self.name} has no property {wanted.property!r} to filter by.")
        return self.filtered(wanted)

    def subsumes(self, general: str, special: str) -> bool | None:
        return general == special if self.fits(general) and self.fits(special) else None

    def ancestors(self, code: str) -> tuple[str, ...]:
        return ()

    def descendants(self, code: str) -> tuple[str, ...]:
        return ()


class Register:
    """A code system that is a short public list."""

    case_sensitive = True
    value_set: str | None = None
    version: str | None = None
    language: str | None = "en"
    content: Content = "complete"
    known_properties = used_properties = frozenset[str]()

    def __init__(self, url: str, name: str, concepts: Mapping[str, str | None]) -> None:
        self.url = url
        self.name: str | None = name
        self._concepts = {code: Concept(code, display) for code, display in concepts.items()}

    def __len__(self) -> int:
        return len(self._concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self._concepts.values())

    def find(self, code: str) -> Concept | None:
        return self._concepts.get(code)

    def select(self, wanted: Filter) -> Codes:
        return select(self, wanted)

    def subsumes(self, general: str, special: str) -> bool | None:
        return general == special if general in self._concepts and special in self._concepts else None

    def ancestors(self, code: str) -> frozenset[str]:
        return frozenset()

    descendants = ancestors


def _units(wanted: Filter) -> Codes:
    """R4 ucum.html: `canonical = X` are the units that are comparable with X."""
    if wanted.property != "canonical" or wanted.op != "=" or not ucum.is_valid(wanted.value):
        raise Unresolved("UCUM is filtered by `canonical = [unit]` only.")
    return Matching(lambda code: ucum.is_valid(code) and ucum.comparable(code, wanted.value))


def _language(wanted: Filter) -> Codes:
    if wanted.property in ("concept", "code") and wanted.op == "regex":
        pattern = compiled(wanted.value)
        return Matching(lambda code: _language_like(code) and pattern.fullmatch(code) is not None)
    raise Unresolved("Languages are filtered by a regular expression on the code only.")


def _language_like(code: str) -> bool:
    return _LANGUAGE.fullmatch(code) is not None


GRAMMARS: dict[str, Grammar] = {
    each.url: each
    for each in (
        Grammar(ucum.SYSTEM, "UCUM", ucum.is_valid, "http://unitsofmeasure.org/vs", filtered=_units),
        Grammar(
            "urn:ietf:bcp:47",
            "languages (BCP 47)",
            _language_like,
            "http://hl7.org/fhir/ValueSet/all-languages",
            False,
            _language,
        ),
        Grammar("urn:ietf:bcp:13", "media types (BCP 13)", lambda code: _MEDIA.fullmatch(code) is not None),
        Grammar("urn:ietf:rfc:3986", "URIs (RFC 3986)", lambda code: _URI.fullmatch(code) is not None),
    )
}


@cache
def built_in(url: str) -> Grammar | Register | None:
    """The system of a URL that is known without any content having been loaded."""
    if url == "urn:iso:std:iso:3166":
        return Register(url, "countries (ISO 3166-1)", registers.countries())
    if url == "urn:iso:std:iso:4217":
        return Register(url, "currencies (ISO 4217)", registers.currencies())
    if url == "https://www.iana.org/time-zones":
        import zoneinfo

        return Register(url, "time zones (IANA)", {zone: zone for zone in sorted(zoneinfo.available_timezones())})
    return GRAMMARS.get(url)
