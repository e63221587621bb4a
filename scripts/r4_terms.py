"""R4's own terminology, as compact package data: what `compile_r4.py` writes into `src/bedside/terms/data`.

Kept are codes, displays, designations, properties and hierarchy of every CodeSystem of the package, the definition of
every ValueSet and the mappings of every ConceptMap, in FHIR's own shape, so that one reader serves these and the
resources of a hospital. Prose (definitions, descriptions, comments) and what is only administrative are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

_SYSTEM = ("url", "version", "name", "title", "status", "content", "caseSensitive", "hierarchyMeaning", "valueSet",
           "supplements", "compositional", "versionNeeded", "filter", "property")  # fmt: skip
_SET = ("url", "version", "name", "title", "status", "immutable", "compose", "expansion")
_MAP = ("url", "version", "name", "title", "status", "sourceUri", "sourceCanonical", "targetUri", "targetCanonical")
_FILTER = ("code", "operator", "value")
_PROPERTY = ("code", "uri", "type")
_DROPPED = frozenset(("deprecationDate",))  # a property that says when, where `status` says that
_LICENSED = frozenset(("http://snomed.info/sct", "http://loinc.org", "http://www.ama-assn.org/go/cpt"))
"""Systems whose displays stay with their owners: value sets list their codes only."""


def kept(source: Json, names: Iterable[str]) -> Json:
    return {name: source[name] for name in names if name in source}


def concept(source: Json) -> Json:
    found = kept(source, ("code", "display"))
    properties = [p for p in source.get("property", ()) if p["code"] not in _DROPPED]
    if properties:
        found["property"] = [{k: v for k, v in p.items() if k != "extension"} for p in properties]
    designations = [kept(d, ("language", "value")) for d in source.get("designation", ()) if d.get("value")]
    if designations:
        found["designation"] = designations
    children = [concept(each) for each in source.get("concept", ())]
    if children:
        found["concept"] = children
    return found


def code_system(source: Json) -> Json:
    found = kept(source, _SYSTEM)
    for name, parts in (("filter", _FILTER), ("property", _PROPERTY)):
        if name in found:
            found[name] = [kept(each, parts) for each in found[name] if each["code"] not in _DROPPED]
    concepts = [concept(each) for each in source.get("concept", ())]
    return found | ({"concept": concepts} if concepts else {})


def part_of_compose(source: Json) -> Json:
    found = kept(source, ("system", "version", "filter", "valueSet"))
    if "concept" in source:
        names = ("code",) if source.get("system") in _LICENSED else ("code", "display", "designation")
        found["concept"] = [kept(each, names) for each in source["concept"]]
    return found


def value_set(source: Json) -> Json | None:
    """The definition; None for one that is made of a contained resource, which nobody else can mean."""
    if any(i.get("system", "").startswith("#") for i in source["compose"]["include"]):
        return None
    found = kept(source, _SET)
    compose = found["compose"]
    found["compose"] = kept(compose, ("lockedDate", "inactive")) | {
        name: [part_of_compose(each) for each in compose[name]] for name in ("include", "exclude") if name in compose
    }
    found.pop("expansion", None)  # examples of what the definition gives
    return found


def concept_map(source: Json) -> Json:
    groups = []
    for group in source["group"]:
        elements = []
        for element in group["element"]:
            targets = [
                {k: v for k, v in target.items() if k not in ("comment", "extension")}
                for target in element.get("target", ())
            ]
            elements.append(kept(element, ("code", "display")) | ({"target": targets} if targets else {}))
        groups.append(
            kept(group, ("source", "sourceVersion", "target", "targetVersion", "unmapped")) | {"element": elements}
        )
    return kept(source, _MAP) | {"group": groups}


def compile_terms(package: dict[str, list[Json]]) -> dict[str, dict[str, Json]]:
    """File name -> canonical URL -> what is kept of the resource."""
    return {
        "code-systems.json": {c["url"]: code_system(c) for c in package["CodeSystem"]},
        "value-sets.json": {v["url"]: kept for v in package["ValueSet"] if (kept := value_set(v)) is not None},
        "concept-maps.json": {c["url"]: concept_map(c) for c in package["ConceptMap"]},
    }
