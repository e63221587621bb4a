"""ConceptMap/$translate, $closure, and NamingSystem/$preferred-id."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.api.messages import Request
from bedside.api.service import present
from bedside.api.terminology.inputs import Inputs
from bedside.api.terminology.which import codings
from bedside.fhir.outcome import Invalid, NotFound
from bedside.record.model import Resource
from bedside.record.record import Record
from bedside.record.terminology import State, closure
from bedside.terms.canonical import joined, split
from bedside.terms.errors import UnknownDefinition
from bedside.terms.systems import Resource as Definition
from bedside.terms.translate import Match, Wanted, applies, knows, parameters
from bedside.terms.translate import translate as translated

TRANSLATE = frozenset(("url", "conceptMap", "conceptMapVersion", "code", "system", "version", "source", "coding",
                       "codeableConcept", "target", "targetsystem", "dependency", "reverse"))  # fmt: skip
CLOSURE = frozenset(("name", "concept", "version"))
PREFERRED = frozenset(("id", "type"))


def translate(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 conceptmap-operation-translate.html. Without a map in mind, every map between the systems is asked; when
    there is none, that is an error: nothing is known about the translation."""
    state = record.terminology.current()
    system = inputs.text("system")
    wanted = codings(inputs, system, inputs.text("version"))
    target, reverse = inputs.text("targetsystem"), inputs.boolean("reverse") or False
    dependency = {
        str(each.get("element")): _plain(each.get("concept"))
        for each in inputs.parts("dependency")
        if "element" in each
    }
    maps = list(_maps(record, state, request, inputs))
    if not maps:
        raise UnknownDefinition("No concept map between these is known here.")
    named = bool(request.id) or "url" in inputs or "conceptMap" in inputs
    if not named and not any(knows(each, coding.system, target, reverse=reverse) for each in maps for coding in wanted):
        systems = " or ".join(str(coding.system) for coding in wanted)
        raise UnknownDefinition(f"No concept map {'to' if reverse else 'from'} {systems} is known here.")
    found: list[Match] = []
    for coding in wanted:
        asked = Wanted(coding, target, reverse, dependency)
        found += translated(maps, asked, lambda url: state.concept_map(*split(url)))
    return parameters(found)


def _plain(concept: object) -> str:
    """The value that a dependency has: text, or the code of a CodeableConcept."""
    if isinstance(concept, dict):
        codes = [str(each.get("code")) for each in concept.get("coding", ())]
        return codes[0] if codes else str(concept.get("text", ""))
    return str(concept)


def _maps(record: Record, state: State, request: Request, inputs: Inputs) -> Iterable[Definition]:
    if request.id:
        return [present(record.read("ConceptMap", request.id), "ConceptMap", request.id).resource]
    given = inputs.json("conceptMap")
    if given is not None:
        if given.get("resourceType") != "ConceptMap":
            raise Invalid("The parameter `conceptMap` is a ConceptMap.", code="structure")
        return [given]
    named = inputs.text("url")
    if named is not None:
        url, version = split(named)
        found = state.concept_map(url, inputs.text("conceptMapVersion") or version)
        if found is None:
            raise UnknownDefinition(f"No concept map {joined(url, version)} is known here.")
        return [found]
    source, target = inputs.text("source"), inputs.text("target")
    if inputs.boolean("reverse"):
        source, target = target, source
    return [each for each in state.concept_maps() if applies(each, source, target)]


def closure_table(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 conceptmap-operation-closure.html."""
    concepts = inputs.every_coding("concept")
    if any(each.system is None for each in concepts):
        raise Invalid("Every concept of a closure table needs a system.", code="required")
    pairs = [(each.system or "", each.code) for each in concepts]
    return closure(record, inputs.text("name") or "", pairs, inputs.text("version"))


def preferred_id(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 namingsystem-operation-preferred-id.html: another name of a system, of the type that is wanted."""
    id_, kind = inputs.text("id"), inputs.text("type")
    if id_ is None or kind not in ("oid", "uuid", "uri", "other"):
        raise Invalid("Give `id`, and as `type` one of oid, uuid, uri and other.", code="required")
    for naming in record.terminology.current().naming_systems(id_):
        unique = [each for each in naming.get("uniqueId", ()) if each.get("type") == kind]
        unique.sort(key=lambda each: not each.get("preferred", False))
        if unique:
            return {"resourceType": "Parameters", "parameter": [{"name": "result", "valueString": unique[0]["value"]}]}
    raise NotFound(f"No NamingSystem gives {id_} an identifier of type {kind}.")
