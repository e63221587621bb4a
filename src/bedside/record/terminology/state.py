"""What the terminology of a record says at one state of its definitions.

A `State` never changes what it answers; it only remembers what it has worked out. When a definition changes, the next
question gets another State, which keeps what the change does not touch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bedside.fhir.outcome import FhirError
from bedside.record.model import Resource
from bedside.record.parameters import Registry
from bedside.record.session import Session
from bedside.record.terminology import definitions
from bedside.terms import implicit, r4
from bedside.terms.canonical import choose, joined, split
from bedside.terms.compose import NO_PINS, Composer, Pins, Used
from bedside.terms.errors import UnknownDefinition
from bedside.terms.members import DOUBT, Rule
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.sets import AskedSet, ListedSet, folding_systems, listed, member_set
from bedside.terms.systems import CodeSystem

_R4 = r4.R4Source()
_MOST_KEPT = 3_000_000
"""So many members of value sets are kept, all together, before the oldest are forgotten."""

Finder = Callable[[str | None], Sequence[CodeSystem]]
"""The loaded versions of a system, or (None) of all systems."""
Definition = Mapping[str, Any]


@dataclass(slots=True)
class ValueSet:
    """A value set with its rule, and its members once they have been listed."""

    resource: Definition
    rule: Rule
    used: Used
    folding: frozenset[str]
    _members: ListedSet | AskedSet | None = field(default=None)

    @property
    def name(self) -> str:
        """`url|version`, for messages."""
        return joined(self.resource.get("url", "the value set"), self.resource.get("version"))

    def members(self) -> ListedSet | AskedSet:
        """For questions of membership; kept."""
        if self._members is None:
            self._members = member_set(self.rule, self.folding)
        return self._members

    def listed(self) -> ListedSet:
        """All members. Raises NotEnumerable or Unresolved, with the reason."""
        found = self.members()
        return found if isinstance(found, ListedSet) else listed(self.rule, folding=self.folding)

    @property
    def weight(self) -> int:
        return len(self._members) if isinstance(self._members, ListedSet) else 0


class State:
    """The definitions of a record, with those of R4 behind them: a `terms.systems.Source`. Safe to ask from several
    threads."""

    def __init__(
        self,
        session: Callable[[], Session],
        registry: Registry,
        marks: tuple[int, ...],
        providers: Finder = lambda url: (),
        before: State | None = None,
        changed: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.marks = marks
        self._session = session
        self._registry = registry
        self._providers = providers
        self._resources: dict[tuple[str, str], list[definitions.Found]] = {}
        self._systems: dict[tuple[str, str | None], CodeSystem | None] = {}
        self._sets: dict[str, ValueSet] = {}
        self._maps: list[Resource] | None = None
        self.urls: dict[tuple[str, int], str] = {}
        """The URL under which each resource that was read has been found, by type and rid."""
        if before is not None:
            self._keep(before, changed)

    def _keep(self, before: State, changed: frozenset[tuple[str, str]]) -> None:
        kinds = {kind for kind, _ in changed}
        self.urls = dict(before.urls)
        self._resources = {key: found for key, found in list(before._resources.items()) if key not in changed}
        touched = {url for kind, url in changed if kind == "CodeSystem"}
        self._systems = {
            (url, version): found
            for (url, version), found in list(before._systems.items())
            if url not in touched and (found is None or found.url not in touched)
        }
        self._sets = {name: kept for name, kept in list(before._sets.items()) if not kept.used.looked_for & changed}
        if "ConceptMap" not in kinds:
            self._maps = before._maps

    # --- definitions: what terms.systems.Source asks for

    def code_system(self, url: str, version: str | None = None) -> CodeSystem | None:
        key = (url, version)
        if key not in self._systems:
            found = self._find_system(url, version)
            self._systems[key] = found if found is not None else self._by_other_name(url, version)
        return self._systems[key]

    def value_set(self, url: str, version: str | None = None) -> Definition | None:
        found: Definition | None = self._chosen("ValueSet", url, version)
        if found is None:
            found = _R4.value_set(url, version) or implicit.definition(url, version)
        if found is None:
            system = self._system_of_value_set(url, version)
            found = None if system is None else implicit.whole(system.url, url, system.version)
        return found

    def concept_map(self, url: str, version: str | None = None) -> Definition | None:
        return self._chosen("ConceptMap", url, version) or _R4.concept_map(url, version)

    def concept_maps(self) -> Iterable[Definition]:
        """Those of the record, the newest of each URL, then R4's."""
        if self._maps is None:
            own: dict[str, list[Resource]] = {}
            for found in definitions.every(self._session(), self._registry, "ConceptMap"):
                if not definitions.is_closure(found.resource):
                    own.setdefault(found.resource.get("url", f"#{found.rid}"), []).append(found.resource)
            self._maps = [newest for each in own.values() if (newest := _newest(each, None)) is not None]
        yield from self._maps
        urls = {each.get("url") for each in self._maps}
        yield from (each for each in _R4.concept_maps() if each["url"] not in urls)

    def loaded(self) -> Sequence[CodeSystem]:
        """Every code system whose content lies outside CodeSystem resources."""
        return self._providers(None)

    def code_system_resources(self) -> Iterable[Resource]:
        """The CodeSystem resources of the record."""
        return (each.resource for each in definitions.every(self._session(), self._registry, "CodeSystem"))

    def naming_systems(self, value: str) -> list[Resource]:
        """The NamingSystems of the record that know this identifier of a system."""
        return definitions.naming_systems(self._session(), self._registry, value)

    def resource(self, kind: str, id_: str) -> Resource | None:
        """A definition by its id in this record."""
        return definitions.by_id(self._session(), self._registry, kind, id_)

    def _of_url(self, kind: str, url: str) -> list[Resource]:
        key = (kind, url)
        found = self._resources.get(key)
        if found is None:
            found = self._resources[key] = definitions.by_url(self._session(), self._registry, kind, url)
            self.urls.update(((kind, each.rid), url) for each in found)
        return [each.resource for each in found]

    def _chosen(self, kind: str, url: str, version: str | None) -> Resource | None:
        return _newest(self._of_url(kind, url), version)

    def _find_system(self, url: str, version: str | None) -> CodeSystem | None:
        """Content comes first: of the record, of what a loader brought, of R4; then a system that is known by name."""
        built_in = _R4.code_system(url)
        if built_in is not None and not isinstance(built_in, ResourceSystem):
            return built_in
        own = [each for each in self._of_url("CodeSystem", url) if each.get("content") != "supplement"]
        with_content = [each for each in own if each.get("content", "not-present") != "not-present"]
        chosen = _newest(with_content, version)
        loaded = choose(self._providers(url), version, lambda each: each.version)
        if chosen is not None and loaded is not None:
            newest = choose([chosen.get("version"), loaded.version], version, lambda each: each)
            if newest == loaded.version:
                chosen = None  # of one version, what the loader brought: a resource of it may be a part
        if chosen is not None:
            return self._made(chosen)
        if loaded is not None:
            return loaded
        from_r4 = _R4.code_system(url, version)
        if from_r4 is not None and from_r4.content != "not-present":
            return self._with_supplements(url, from_r4)
        named = _newest(own, version)
        return ResourceSystem(named) if named is not None else from_r4

    def _made(self, resource: Resource) -> CodeSystem:
        added = definitions.supplements(self._session(), self._registry, resource["url"])
        return ResourceSystem(resource, [s for s in (f.resource for f in added) if _adds_to(s, resource)])

    def _with_supplements(self, url: str, system: CodeSystem) -> CodeSystem:
        added = [f.resource for f in definitions.supplements(self._session(), self._registry, url)]
        resource = r4.definition("CodeSystem", url)
        if not added or resource is None:
            return system
        older = system.supplements if isinstance(system, ResourceSystem) else ()
        return ResourceSystem(resource, [*older, *(s for s in added if _adds_to(s, resource))])

    def _by_other_name(self, url: str, version: str | None) -> CodeSystem | None:
        """A system under another of the names that a NamingSystem gives it (R4 namingsystem.html)."""
        for naming in definitions.naming_systems(self._session(), self._registry, url):
            if naming.get("kind") == "codesystem":
                for unique in naming.get("uniqueId", ()):
                    other = unique.get("value", "")
                    if unique.get("type") == "uri" and other != url:
                        found = self._find_system(other, version)
                        if found is not None:
                            return found
        return None

    def _system_of_value_set(self, url: str, version: str | None) -> CodeSystem | None:
        """The system whose `CodeSystem.valueSet` is this URL."""
        wanted = f'"valueSet":"{url}"'.encode()
        own = definitions.every(self._session(), self._registry, "CodeSystem", wanted)
        urls = [found.resource["url"] for found in own if split(found.resource.get("valueSet", ""))[0] == url]
        urls += [each.url for each in self._providers(None) if each.value_set == url]
        for each in (*urls, r4.system_of_value_set(url)):
            if each is not None:
                found = self.code_system(each, version)
                return found if found is not None else self.code_system(each)
        return None

    # --- value sets

    def find(self, canonical: str, pins: Pins = NO_PINS) -> ValueSet:
        """A value set by canonical URL. Raises UnknownDefinition (404), Cyclic, VersionConflict."""
        kept = None if pins else self._sets.get(canonical)
        if kept is None:
            composer = Composer(self, pins)
            resource, rule = composer.by_url(canonical)
            kept = ValueSet(resource, rule, composer.used, folding_systems(self, rule))
            if not pins:
                self._make_room()
                self._sets[canonical] = kept
        return kept

    def given(self, resource: Definition, pins: Pins = NO_PINS) -> ValueSet:
        """A value set that came with the request."""
        composer = Composer(self, pins)
        rule = composer.rule(resource)
        return ValueSet(resource, rule, composer.used, folding_systems(self, rule))

    def stored(self, resource: Definition, pins: Pins = NO_PINS) -> ValueSet:
        """A value set that is a resource of the record: what is kept of its URL, when that is this very resource."""
        url = resource.get("url")
        if url and not pins:
            kept = self.find(joined(url, resource.get("version")))
            if _same(kept.resource, resource):
                return kept
        return self.given(resource, pins)

    def _make_room(self) -> None:
        while self._sets and sum(kept.weight for kept in list(self._sets.values())) > _MOST_KEPT:
            self._sets.pop(next(iter(self._sets)), None)

    def members(self, canonical: str) -> ListedSet | AskedSet:
        """The members of a value set. Raises UnknownDefinition."""
        return self.find(canonical).members()

    # --- what questions ask

    def for_questions(self, on_doubt: Callable[[str], None] = lambda sentence: None) -> QuestionTerminology:
        """As CQL asks it. `on_doubt` is told once of each value set of which only a part is known here."""
        return QuestionTerminology(self, on_doubt)

    def for_paths(self) -> PathTerminology:
        """As FHIRPath asks it."""
        return PathTerminology(self)

    def expansion(self, canonical: str, code_systems: Collection[str] = ()) -> ListedSet | AskedSet | None:
        """As `members`, with systems pinned as `url|version`; None for an unknown value set."""
        pinned = {url: version for url, version in map(split, code_systems) if version is not None}
        try:
            return self.find(canonical, Pins(system=pinned) if pinned else NO_PINS).members()
        except UnknownDefinition:
            return None

    def in_code_system(self, code: str, canonical: str) -> bool | None:
        """Whether a system (`url` or `url|version`) has a code; None when that is not known."""
        system = self.code_system(*split(canonical))
        if system is None:
            return None
        if system.find(code) is not None:
            return True
        return False if system.content == "complete" else None

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        """Whether a code is the other or an ancestor of it; None when that is not known."""
        found = self.code_system(*split(system))
        return None if found is None else found.subsumes(general, special)

    def member_of(self, coding: Mapping[str, Any], canonical: str) -> bool | None:
        """Whether a coding, or a code alone (`system` None), is in a value set; None when that is not known."""
        code, system = coding.get("code"), coding.get("system")
        if not code:
            return False
        try:
            kept = self.find(canonical)
            if system is not None:
                return kept.rule.find(system, code) is not None
            return bool(kept.members().systems_of(code))
        except (UnknownDefinition, *DOUBT):
            return None


class QuestionTerminology:
    """Terminology for CQL: `bedside.questions.cql.world.Terminology`."""

    def __init__(self, state: State, on_doubt: Callable[[str], None]) -> None:
        self._state = state
        self._on_doubt = on_doubt
        self._doubted: set[str] = set()

    def value_set(self, canonical: str, code_systems: Collection[str] = ()) -> ListedSet | AskedSet | None:
        """The members of a value set, None for an unknown one.

        A set of which only a part is known has `complete` False: a code that it lacks may be in it all the same, and
        whoever asks is told so.
        """
        found = self._state.expansion(canonical, code_systems)
        if found is not None and not found.complete and canonical not in self._doubted:
            self._doubted.add(canonical)
            self._on_doubt(f"Only a part of the value set {canonical} is known here. {' '.join(found.partial)}")
        return found

    def in_code_system(self, code: str, canonical: str) -> bool | None:
        """Whether the system has the code; None when that is not known."""
        return self._state.in_code_system(code, canonical)

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        """Whether a code is the other or an ancestor of it; None when that is not known."""
        return self._state.subsumes(system, general, special)


class PathTerminology:
    """Terminology for FHIRPath: `bedside.questions.environment.Terminology`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def member_of(self, coding: Mapping[str, Any], value_set: str) -> bool | None:
        try:
            return self._state.member_of(coding, value_set)
        except FhirError:
            return None  # a definition that contradicts itself

    def subsumes(self, general: Mapping[str, Any], special: Mapping[str, Any]) -> bool | None:
        system = general.get("system") or special.get("system")
        if system is None or special.get("system") not in (None, system):
            return None if system is None else False
        return self._state.subsumes(system, str(general.get("code", "")), str(special.get("code", "")))


def _same(a: Definition, b: Definition) -> bool:
    """Whether these are one version of one resource."""
    versions = [each.get("meta", {}).get("versionId") for each in (a, b)]
    return a.get("id") == b.get("id") and versions[0] is not None and versions[0] == versions[1]


def _newest(found: Sequence[Resource], version: str | None) -> Resource | None:
    """The version that is wanted, or the newest that is not retired."""
    in_use = [each for each in found if each.get("status") != "retired"]
    return choose(in_use or found, version, _version) or choose(found, version, _version)


def _version(resource: Resource) -> str | None:
    return resource.get("version")


def _adds_to(supplement: Definition, resource: Definition) -> bool:
    """Whether a supplement is to this version of a system."""
    version = split(supplement.get("supplements", ""))[1]
    return supplement.get("status") != "retired" and version in (None, resource.get("version"))
