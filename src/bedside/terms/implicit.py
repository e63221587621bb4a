"""Value sets that are defined by their URL alone (https://hl7.org/fhir/R4/snomedct.html#implicit,
https://hl7.org/fhir/R4/loinc.html#implicit, https://hl7.org/fhir/R4/ucum.html#implicit).

Each becomes an ordinary definition, so whether it can be answered depends on nothing but the content that is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"

_REFERENCE_SET = "900000000000455006"
"""The concept that all reference sets of SNOMED CT are below."""
_SNOMED = re.compile(r"http://snomed\.info/(?:x?sct)(?:/(\d+)(?:/version/(\d+))?)?\?fhir_vs(?:=(.*))?", re.DOTALL)
_LOINC_PART = re.compile(r"http://loinc\.org/vs/((?:LL|LG|LP)\d+-\d)")


def definition(url: str, version: str | None = None) -> Mapping[str, Any] | None:
    """The ValueSet that an implicit URL stands for; None when the URL is not of that kind."""
    if match := _SNOMED.fullmatch(url):
        return _snomed(url, *match.groups())
    if url == f"{LOINC}/vs":
        return _value_set(url, {"system": LOINC, **_versioned(version)}, "All LOINC codes")
    if match := _LOINC_PART.fullmatch(url):
        return _loinc(url, match[1], version)
    if url == f"{UCUM}/vs":
        return _value_set(url, {"system": UCUM}, "All UCUM units")
    if url.startswith(f"{UCUM}/vs/"):
        unit = unquote(url.removeprefix(f"{UCUM}/vs/"))
        return _value_set(url, _filtered(UCUM, "canonical", "=", unit), f"Units comparable with {unit}")
    if url == f"{RXNORM}/vs":
        return _value_set(url, {"system": RXNORM, **_versioned(version)}, "All of RxNorm")
    if url.endswith("?fhir_vs"):
        return whole(url.removesuffix("?fhir_vs"), url)
    return None


def whole(system: str, url: str, version: str | None = None) -> Mapping[str, Any]:
    """All codes of a system, as CodeSystem.valueSet names them (R4 codesystem.html)."""
    return _value_set(url, {"system": system, **_versioned(version)}, f"All codes of {system}", version)


def _snomed(url: str, module: str | None, date: str | None, what: str | None) -> Mapping[str, Any] | None:
    edition = None if module is None else f"{SNOMED}/{module}" + (f"/version/{date}" if date else "")
    base = {"system": SNOMED, **_versioned(edition)}
    what = None if what is None else unquote(what)
    url = re.sub(r"\s", lambda blank: quote(blank[0]), url)  # constraints come with blanks, and a URL has none
    if not what:
        return _value_set(url, base, "All of SNOMED CT")
    kind, _, rest = what.partition("/")
    match kind:
        case "isa" if rest:
            return _value_set(url, base | _filter("concept", "is-a", rest), f"SNOMED CT concepts that are {rest}")
        case "refset" if rest:
            return _value_set(url, base | _filter("concept", "in", rest), f"SNOMED CT reference set {rest}")
        case "refset":
            named = _filter("concept", "descendent-of", _REFERENCE_SET)
            return _value_set(url, base | named, "All SNOMED CT reference sets")
        case "ecl" if rest:
            return _value_set(url, base | _filter("constraint", "=", rest), "SNOMED CT concepts by expression")
    return None


def _loinc(url: str, part: str, version: str | None) -> Mapping[str, Any]:
    """Answer lists (LL), groups (LG) and parts of the multi-axial hierarchy (LP)."""
    name, op = {"LL": ("LIST", "="), "LG": ("GROUP", "="), "LP": ("ancestor", "=")}[part[:2]]
    return _value_set(url, _filtered(LOINC, name, op, part) | _versioned(version), f"LOINC {part}")


def _versioned(version: str | None) -> dict[str, Any]:
    return {} if version is None else {"version": version}


def _filter(name: str, op: str, value: str) -> dict[str, Any]:
    return {"filter": [{"property": name, "op": op, "value": value}]}


def _filtered(system: str, name: str, op: str, value: str) -> dict[str, Any]:
    return {"system": system, **_filter(name, op, value)}


def _value_set(url: str, include: Mapping[str, Any], name: str, version: str | None = None) -> Mapping[str, Any]:
    return {
        "resourceType": "ValueSet",
        "url": url,
        **_versioned(version),
        "title": name,
        "status": "active",
        "compose": {"include": [include]},
    }
