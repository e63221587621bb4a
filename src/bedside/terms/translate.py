"""$translate: from codes of one system to those of another by ConceptMaps
(https://hl7.org/fhir/R4/conceptmap-operation-translate.html, conceptmap.html). No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bedside.terms.canonical import joined, split
from bedside.terms.systems import Resource
from bedside.terms.validate import Coding

# The other way round (http://hl7.org/fhir/concept-map-equivalence); those not listed read the same both ways.
_INVERSE = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}
# What later versions call `relationship`, in R4's words: those say how the source is, R4 says how the target is.
_RELATIONSHIPS = {
    "related-to": "relatedto",
    "equivalent": "equivalent",
    "source-is-narrower-than-target": "wider",
    "source-is-broader-than-target": "narrower",
    "not-related-to": "disjoint",
}
_NO_MATCH = frozenset(("unmatched", "disjoint"))
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Match:
    """One target. `coding` is None where the map says that there is none (`unmatched`)."""

    equivalence: str
    coding: Mapping[str, Any] | None
    source: str
    products: tuple[Mapping[str, Any], ...] = ()

    @property
    def counts(self) -> bool:
        return self.coding is not None and self.equivalence not in _NO_MATCH


@dataclass(frozen=True, slots=True)
class Wanted:
    """`dependency` holds what is known of other elements: property URI -> value. `target_system` limits the targets."""

    coding: Coding
    target_system: str | None = None
    reverse: bool = False
    dependency: Mapping[str, str] | None = None


def translate(
    maps: Iterable[Resource], wanted: Wanted, find: Callable[[str], Resource | None] = lambda url: None
) -> list[Match]:
    """All matches in some maps, in their order, each once. `find` gives the maps that others refer to (`other-map`)."""
    found: dict[tuple[str, str], Match] = {}
    for each in maps:
        for match in _in_map(each, wanted, find, ()):
            found.setdefault((match.equivalence, repr(match.coding)), match)
    return list(found.values())


def applies(concept_map: Resource, source: str | None, target: str | None) -> bool:
    """Whether a map is between these value sets; None stands for any."""
    own_source = concept_map.get("sourceUri") or concept_map.get("sourceCanonical")
    own_target = concept_map.get("targetUri") or concept_map.get("targetCanonical")
    return _same(source, own_source) and _same(target, own_target)


def knows(concept_map: Resource, system: str | None, target_system: str | None, *, reverse: bool) -> bool:
    """Whether a map has a group from a system, and to another if one is wanted."""
    for group in concept_map.get("group", ()):
        ends = (group.get("source"), group.get("target"))
        begin, end = ends[::-1] if reverse else ends
        if (system is None or begin == system) and (target_system is None or end in (None, target_system)):
            return True
    return False


def parameters(matches: list[Match]) -> dict[str, Any]:
    """The Parameters that the operation answers with."""
    result = any(match.counts for match in matches)
    out: list[dict[str, Any]] = [{"name": "result", "valueBoolean": result}]
    if not result:
        out.append({"name": "message", "valueString": "There is no match in the maps that were asked."})
    for match in matches:
        part: list[dict[str, Any]] = [{"name": "equivalence", "valueCode": match.equivalence}]
        if match.coding is not None:
            part.append({"name": "concept", "valueCoding": dict(match.coding)})
        for product in match.products:
            part.append({"name": "product", "part": _product(product)})
        if match.source:
            part.append({"name": "source", "valueUri": match.source})
        out.append({"name": "match", "part": part})
    return {"resourceType": "Parameters", "parameter": out}


def _product(product: Mapping[str, Any]) -> list[dict[str, Any]]:
    coding = {"code": product.get("value")}
    if product.get("system"):
        coding["system"] = product["system"]
    if product.get("display"):
        coding["display"] = product["display"]
    return [{"name": "element", "valueUri": product.get("property")}, {"name": "concept", "valueCoding": coding}]


def _same(wanted: str | None, found: str | None) -> bool:
    if wanted is None:
        return True
    if found is None:
        return False
    url, version = split(wanted)
    own_url, own_version = split(found)
    return url == own_url and (version is None or own_version in (None, version))


def _in_map(
    concept_map: Resource, wanted: Wanted, find: Callable[[str], Resource | None], path: tuple[str, ...]
) -> Iterator[Match]:
    name = joined(concept_map.get("url", ""), concept_map.get("version"))
    if name in path or len(path) >= _DEPTH:
        return
    for group in concept_map.get("group", ()):
        source, target = group.get("source"), group.get("target")
        begin, end = (target, source) if wanted.reverse else (source, target)
        if wanted.coding.system is not None and begin is not None and begin != wanted.coding.system:
            continue
        if wanted.target_system is not None and end is not None and end != wanted.target_system:
            continue
        if wanted.reverse:
            yield from _backwards(group, wanted, name)
        else:
            matches = list(_forwards(group, wanted, name))
            yield from matches or _unmapped(group, wanted, name, find, (*path, name))


def _forwards(group: Mapping[str, Any], wanted: Wanted, name: str) -> Iterator[Match]:
    for element in group.get("element", ()):
        if element.get("code") != wanted.coding.code:
            continue
        for target in element.get("target", ()):
            if not _holds(target, wanted.dependency):
                continue
            coding = _coding(group.get("target"), group.get("targetVersion"), target)
            yield Match(_equivalence(target), coding, name, tuple(target.get("product", ())))


def _backwards(group: Mapping[str, Any], wanted: Wanted, name: str) -> Iterator[Match]:
    for element in group.get("element", ()):
        for target in element.get("target", ()):
            if target.get("code") == wanted.coding.code and _holds(target, wanted.dependency):
                equivalence = _equivalence(target)
                coding = _coding(group.get("source"), group.get("sourceVersion"), element)
                yield Match(_INVERSE.get(equivalence, equivalence), coding, name)


def _equivalence(target: Mapping[str, Any]) -> str:
    if "equivalence" in target:
        return str(target["equivalence"])
    return _RELATIONSHIPS.get(target.get("relationship", ""), "relatedto")


def _coding(system: str | None, version: str | None, concept: Mapping[str, Any]) -> dict[str, Any] | None:
    if not concept.get("code"):
        return None
    found = {"system": system, "version": version, "code": concept["code"], "display": concept.get("display")}
    return {key: value for key, value in found.items() if value is not None}


def _holds(target: Mapping[str, Any], known: Mapping[str, str] | None) -> bool:
    """Whether what a mapping depends on is given, all of it (ConceptMap.group.element.target.dependsOn)."""
    return all((known or {}).get(each.get("property", "")) == each.get("value") for each in target.get("dependsOn", ()))


def _unmapped(
    group: Mapping[str, Any],
    wanted: Wanted,
    name: str,
    find: Callable[[str], Resource | None],
    path: tuple[str, ...],
) -> Iterator[Match]:
    """What a group says about the codes that it does not map (ConceptMap.group.unmapped)."""
    unmapped = group.get("unmapped")
    if unmapped is None or any(each.get("code") == wanted.coding.code for each in group.get("element", ())):
        return
    match unmapped.get("mode"):
        case "provided":
            coding = _coding(group.get("target"), group.get("targetVersion"), {"code": wanted.coding.code})
            yield Match("relatedto", coding, name)
        case "fixed":
            yield Match("relatedto", _coding(group.get("target"), group.get("targetVersion"), unmapped), name)
        case "other-map":
            other = find(unmapped.get("url", ""))
            if other is not None:
                yield from _in_map(other, wanted, find, path)
