"""$lookup and $subsumes: what a code is, and how two codes are related
(https://hl7.org/fhir/R4/codesystem-operation-lookup.html, codesystem-operation-subsumes.html). No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from bedside.terms.canonical import joined
from bedside.terms.concepts import Concept, Property
from bedside.terms.designations import language_matches, shown
from bedside.terms.errors import Unanswerable, UnknownCode
from bedside.terms.systems import CodeSystem

Outcome = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]
_ALWAYS = frozenset(("system", "name", "version", "display"))


def lookup(
    system: CodeSystem, code: str, *, properties: Sequence[str] = (), language: str | None = None
) -> dict[str, Any]:
    """What is known of a code, as Parameters. `properties` are those wanted; all when empty.

    `lang.nl` asks for the designations in one language. Raises UnknownCode (404), or Unanswerable (422) where only a
    part of the system is here.
    """
    concept = found_in(system, code)
    wanted = frozenset(properties)
    out: list[dict[str, Any]] = [{"name": "name", "valueString": system.name or system.url}]
    if system.version is not None:
        out.append({"name": "version", "valueString": system.version})
    display = shown(concept.display, concept.designations, language)
    out.append({"name": "display", "valueString": display or concept.code})
    languages = [each.removeprefix("lang.") for each in wanted if each.startswith("lang.")]
    for designation in concept.designations:
        own = designation.get("language")
        if not wanted or "designation" in wanted or any(language_matches(own, each) for each in languages):
            out.append({"name": "designation", "part": _designation(designation)})
    for each in _properties(system, concept):
        if not wanted or each.code in wanted:
            out.append({"name": "property", "part": _property(each)})
    return {"resourceType": "Parameters", "parameter": out}


def found_in(system: CodeSystem, code: str) -> Concept:
    """The concept. Raises UnknownCode, or Unanswerable where only a part of the system is here."""
    concept = system.find(code)
    if concept is None:
        name = joined(system.url, system.version)
        if system.content != "complete":
            raise Unanswerable(f"{code!r} is not in what is here of {name}, which is {system.content}.")
        raise UnknownCode(f"{name} has no code {code!r}.")
    return concept


def _designation(source: Any) -> list[dict[str, Any]]:
    found = []
    if source.get("language"):
        found.append({"name": "language", "valueCode": source["language"]})
    if source.get("use"):
        found.append({"name": "use", "valueCoding": source["use"]})
    return [*found, {"name": "value", "valueString": source.get("value", "")}]


def _properties(system: CodeSystem, concept: Concept) -> Iterable[Property]:
    """The properties of a concept, those that FHIR defines for all among them."""
    own = [p for p in concept.properties if p.code not in ("parent", "child")]
    codes = {p.code for p in own}
    if "inactive" not in codes:
        yield Property("inactive", concept.inactive, "Boolean")
    if concept.abstract and "notSelectable" not in codes:
        yield Property("notSelectable", True, "Boolean")
    if concept.definition and "definition" not in codes:
        yield Property("definition", concept.definition, "String")
    for code in concept.parents:
        yield Property("parent", code, "Code")
    for code in concept.children:
        yield Property("child", code, "Code")
    yield from own


# Parameters of R4's $lookup takes these types only; what else a property may have goes as text.
_TYPES = frozenset(("Code", "Coding", "String", "Integer", "Boolean", "DateTime", "Decimal"))


def _property(found: Property) -> list[dict[str, Any]]:
    value = found.value if found.type in _TYPES else str(found.value)
    kind = found.type if found.type in _TYPES else "String"
    return [{"name": "code", "valueCode": found.code}, {"name": "value", f"value{kind}": value}]


def subsumes(system: CodeSystem, a: str, b: str) -> Outcome:
    """How A and B are related. Raises UnknownCode for a code that is not there, Unanswerable for what is not known."""
    found_in(system, a)
    found_in(system, b)
    down, up = system.subsumes(a, b), system.subsumes(b, a)
    if down and up:
        return "equivalent"
    if down:
        return "subsumes"
    if up:
        return "subsumed-by"
    if down is None or up is None:
        name = joined(system.url, system.version)
        raise Unanswerable(f"Whether {a!r} subsumes {b!r} cannot be said from what is here of {name}.")
    return "not-subsumed"
