"""Data and terminology in memory: a bundle or a handful of resources, asked as if they were the record.

    data = MemoryData(resources, MemoryTerminology(value_sets))
    program.session(World(data, data.terminology), context_id="7")

For the bundle of one patient and for tests. Resources are kept as they are and must not be changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bedside.fhir import definitions
from bedside.questions.cql.run.properties import of_value
from bedside.questions.cql.world import CodeKey, MemberSet, Resource, Terminology, Wanted
from bedside.questions.data import DataNode
from bedside.questions.environment import Environment
from bedside.questions.errors import UnsupportedError
from bedside.questions.expression import compile as compile_path
from bedside.questions.model import FHIR


class MemoryData:
    """`bedside.questions.cql.world.Data` over resources in memory.

    What belongs to a patient is what R4's compartment says (https://hl7.org/fhir/R4/compartmentdefinition-patient.html);
    types that are in nobody's compartment (medications, organisations) are there for everyone.
    """

    def __init__(self, resources: Iterable[Resource], terminology: Terminology | None = None) -> None:
        self.terminology = terminology
        self._of_one_patient = False
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._by_reference: dict[str, Resource] = {}
        self._members: dict[tuple[str, str], dict[str, list[Resource]]] = {}
        self._keys: dict[tuple[str, str], list[tuple[Resource, frozenset[CodeKey]]]] = {}
        for resource in resources:
            self._add(resource)

    @classmethod
    def of_bundle(cls, bundle: Mapping[str, Any], terminology: Terminology | None = None) -> MemoryData:
        """The resources of a bundle. References may be by `Type/id` or by the `fullUrl` of an entry.

        A bundle with one patient is about that patient: all of it belongs to them, whatever its references say.
        """
        data = cls((), terminology)
        for entry in bundle.get("entry", ()):
            resource = entry.get("resource")
            if resource is not None:
                data._add(resource)
                if "fullUrl" in entry:
                    data._by_reference[entry["fullUrl"]] = resource
        data._of_one_patient = len(data._by_type["Patient"]) == 1
        return data

    def _add(self, resource: Resource) -> None:
        name = resource["resourceType"]
        self._by_type[name].append(resource)
        if "id" in resource:
            self._by_reference[f"{name}/{resource['id']}"] = resource

    # --- world.Data

    def retrieve(self, wanted: Wanted) -> Sequence[Resource]:
        """What is asked for, in the order in which it was given. Dates and profiles are left to the question.

        Raises UnsupportedError for a value set that the terminology does not know.
        """
        found: Sequence[Resource] = self._by_type.get(wanted.resource_type, ())
        if wanted.context_type is not None and wanted.context_id is not None:
            found = self._of(wanted.context_type, wanted.context_id, wanted.resource_type)
        if wanted.codes is None and wanted.value_set is None:
            return found
        if wanted.code_path == "id":
            ids = {code for _, code in wanted.codes or ()}
            return [each for each in found if each.get("id") in ids]
        fits = self._fits(wanted)
        allowed = {id(each) for each in found}
        return [
            resource
            for resource, keys in self._coded(wanted.resource_type, wanted.code_path or "code")
            if id(resource) in allowed and any(fits(key) for key in keys)
        ]

    def resolve(self, reference: str) -> Resource | None:
        """The resource behind `Type/id`, a full URL, or a URL that ends with `Type/id`."""
        found = self._by_reference.get(reference)
        return found if found is not None else self._by_reference.get("/".join(reference.split("/")[-2:]))

    # --- who owns what

    def _of(self, context_type: str, context_id: str, name: str) -> Sequence[Resource]:
        if name == context_type:
            return [each for each in self._by_type.get(name, ()) if each.get("id") == context_id]
        codes = definitions.compartment(context_type).get(name)
        if codes is None or (self._of_one_patient and context_type == "Patient"):
            return self._by_type.get(name, ())
        members = self._members.get((context_type, name))
        if members is None:
            members = self._members[context_type, name] = self._sorted(context_type, name, codes)
        return members.get(context_id, ())

    def _sorted(self, context_type: str, name: str, codes: Sequence[str]) -> dict[str, list[Resource]]:
        parameters = definitions.search_parameters_for(name)
        paths = [compile_path(parameters[code].expression, as_filters=True) for code in codes if code in parameters]
        found: dict[str, list[Resource]] = defaultdict(list)
        around = Environment(references=self)
        for resource in self._by_type.get(name, ()):
            references = (each for path in paths for each in path.evaluate(resource, environment=around))
            ids = {self._id(context_type, each) for each in references}
            for each in ids - {None}:
                found[each or ""].append(resource)
        return found

    def _id(self, context_type: str, reference: Any) -> str | None:
        text = reference.get("reference") if isinstance(reference, dict) else None
        if text is None:
            return None
        resource = self.resolve(text)
        if resource is not None:
            return resource.get("id") if resource["resourceType"] == context_type else None
        parts = text.split("/")
        return parts[-1] if len(parts) > 1 and parts[-2] == context_type else None

    # --- codes

    def _coded(self, name: str, path: str) -> list[tuple[Resource, frozenset[CodeKey]]]:
        found = self._keys.get((name, path))
        if found is None:
            found = self._keys[name, path] = [
                (each, frozenset(codings(each, path))) for each in self._by_type.get(name, ())
            ]
        return found

    def _fits(self, wanted: Wanted) -> Callable[[CodeKey], bool]:
        if wanted.value_set is not None:
            members = None if self.terminology is None else self.terminology.value_set(wanted.value_set)
            if members is None:
                raise UnsupportedError(f"the value set {wanted.value_set} is not known here")
            return lambda key: members.has_code(key[1]) if key[0] is None else key in members
        codes = wanted.codes or frozenset()
        bare = {code for system, code in codes if system is None}
        every = {code for _, code in codes}
        return lambda key: key in codes or key[1] in bare or (key[0] is None and key[1] in every)


def codings(resource: Resource, path: str) -> Iterator[CodeKey]:
    """System and code of all codings at a path (`code`, `medication`, `diagnosis.use`). A plain code has no system."""
    found: Any = DataNode(resource, FHIR.of_resource(resource))
    for step in path.split("."):
        found = None if found is None else of_value(found, step, 0)
        if found.__class__ is list:
            found = [one for each in found for one in (each if each.__class__ is list else [each])]
    for node in found if found.__class__ is list else [found]:
        if node.__class__ is not DataNode:
            continue
        if node.type.is_primitive:
            yield None, node.value
            continue
        for coding in node.value.get("coding", (node.value,) if node.type.name == "Coding" else ()):
            if isinstance(coding.get("code"), str):
                yield coding.get("system", ""), coding["code"]


class MemoryMembers:
    """`bedside.questions.cql.world.MemberSet` over a list of codings."""

    def __init__(self, members: Iterable[Mapping[str, Any]]) -> None:
        self._members = {(each.get("system"), each["code"]): each for each in members if "code" in each}
        self._systems: dict[str, set[str | None]] = defaultdict(set)
        for system, code in self._members:
            self._systems[code].add(system)

    def __contains__(self, key: object) -> bool:
        return key in self._members

    def has_code(self, code: str) -> bool:
        systems = self._systems.get(code, ())
        if len(systems) > 1:
            raise LookupError(f"the code {code} is in several code systems of the value set")
        return bool(systems)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)


class MemoryTerminology:
    """`bedside.questions.cql.world.Terminology` over ValueSet resources that list their codes.

    An expansion goes before the definition; a definition is read when it lists its codes or includes other value sets.
    Code systems are not known.
    """

    def __init__(self, value_sets: Iterable[Resource]) -> None:
        self._value_sets = {each["url"]: each for each in value_sets if "url" in each}
        self._expanded: dict[str, MemoryMembers] = {}

    def value_set(self, canonical: str, code_systems: Collection[str] = ()) -> MemberSet | None:
        """The members of a value set by its URL. Raises UnsupportedError for a definition that lists no codes."""
        url, _, version = canonical.partition("|")
        known = self._expanded.get(url)
        if known is not None:
            return known
        resource = self._value_sets.get(url)
        if resource is None or (version and resource.get("version") != version):
            return None
        found = self._expanded[url] = MemoryMembers(self._codes(resource))
        return found

    def _codes(self, resource: Resource) -> Iterator[Mapping[str, Any]]:
        if "contains" in resource.get("expansion", {}):
            yield from _flat(resource["expansion"]["contains"])
            return
        compose = resource.get("compose", {})
        if "exclude" in compose:
            raise UnsupportedError(f"the value set {resource['url']} excludes codes, and is not expanded")
        for include in compose.get("include", ()):
            for url in include.get("valueSet", ()):
                yield from self.value_set(url) or ()
            if "concept" in include:
                yield from ({**each, "system": include.get("system")} for each in include["concept"])
            elif "valueSet" not in include:
                raise UnsupportedError(f"the value set {resource['url']} does not list its codes")

    def in_code_system(self, code: str, canonical: str) -> bool | None:
        return None

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        return True if general == special else None


def _flat(contains: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in contains:
        if not each.get("abstract"):
            yield each
        yield from _flat(each.get("contains", ()))
