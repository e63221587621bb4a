"""From a ValueSet resource to the rule that says who is in it (https://hl7.org/fhir/R4/valueset.html#compositions)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bedside.fhir.outcome import FhirError
from bedside.terms.canonical import joined, split
from bedside.terms.concepts import Filter
from bedside.terms.errors import Cyclic, UnknownDefinition, Unresolved, VersionConflict
from bedside.terms.members import Active, Both, Given, Listed, Missing, OfSystem, Otherwise, Rule, Union, Without
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.systems import CodeSystem, Resource, Source

_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Pins:
    """Which versions a request wants, each by canonical URL (R4 valueset-operation-expand.html).

    `system` holds where a value set names no version, `check` refuses any other, `force` overrides what is named.
    `value_sets` does the same as `system` for value sets. `excluded` are systems that are left out (`url`, or
    `url|version`).
    """

    system: Mapping[str, str] = field(default_factory=dict)
    check: Mapping[str, str] = field(default_factory=dict)
    force: Mapping[str, str] = field(default_factory=dict)
    value_sets: Mapping[str, str] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.system or self.check or self.force or self.value_sets or self.excluded)

    def wanted(self, url: str, named: str | None) -> str | None:
        """The version to look for, given the one that a value set names."""
        return self.force.get(url) or named or self.system.get(url) or self.check.get(url)


NO_PINS = Pins()


@dataclass(slots=True)
class Used:
    """What a rule was made from: (type, URL) of all that was looked for, found or not, and what was found."""

    looked_for: set[tuple[str, str]] = field(default_factory=set)
    systems: dict[str, CodeSystem] = field(default_factory=dict)
    value_sets: dict[str, None] = field(default_factory=dict)


class Composer:
    """Makes rules from the definitions of a source. One for each request, or for each expansion that is kept."""

    def __init__(self, source: Source, pins: Pins = NO_PINS) -> None:
        self._source = source
        self._pins = pins
        self._path: list[str] = []
        self._made: dict[str, Rule] = {}
        self._contained: list[Mapping[str, Any]] = []
        self.used = Used()

    def by_url(self, canonical: str) -> tuple[Resource, Rule]:
        """The value set with a canonical URL and its rule. Raises UnknownDefinition, Cyclic, VersionConflict."""
        resource = self._look_up(canonical)
        if resource is None:
            raise UnknownDefinition(f"No value set {canonical} is known here.")
        return resource, self._named(resource)

    def rule(self, resource: Resource) -> Rule:
        """The rule of a ValueSet resource, which need not be anywhere else."""
        return self._named(resource) if resource.get("url") else self._made_of(resource)

    def _look_up(self, canonical: str) -> Resource | None:
        url, version = split(canonical)
        if url.startswith("#"):
            return self._inside("ValueSet", url)
        self.used.looked_for.add(("ValueSet", url))
        return self._source.value_set(url, version or self._pins.value_sets.get(url))

    def _named(self, resource: Resource) -> Rule:
        name = joined(resource["url"], resource.get("version"))
        found = self._made.get(name)
        if found is None:
            with self._inside_of(name):
                found = self._made[name] = self._made_of(resource)
            self.used.value_sets[name] = None
        return found

    @contextmanager
    def _inside_of(self, name: str) -> Iterator[None]:
        if name in self._path:
            way = " > ".join([*self._path[self._path.index(name) :], name])
            raise Cyclic(f"This value set includes itself: {way}.")
        if len(self._path) >= _DEPTH:
            raise Cyclic(f"Value sets include one another more than {_DEPTH} deep.")
        self._path.append(name)
        try:
            yield
        finally:
            self._path.pop()

    def _made_of(self, resource: Resource) -> Rule:
        self._contained += resource.get("contained", ())
        name = joined(resource.get("url", "the value set"), resource.get("version"))
        compose, expansion = resource.get("compose"), resource.get("expansion")
        given = None if expansion is None else Given(name, expansion)
        if compose is None:
            if given is None:
                return Missing(Unresolved(f"{name} has neither a definition nor an expansion."))
            return self._without_excluded(given)
        found = self._together(compose.get("include", ()))
        if compose.get("exclude"):
            found = Without(found, self._together(compose["exclude"]))
        if compose.get("inactive") is False:
            found = Active(found)
        return found if given is None else Otherwise(found, given)

    def _without_excluded(self, rule: Rule) -> Rule:
        systems = [split(each)[0] for each in self._pins.excluded]
        parts = [part for url in systems if (part := self._whole(url)) is not None]
        return Without(rule, Union(tuple(parts))) if parts else rule

    def _whole(self, url: str) -> Rule | None:
        system = self._system(url, None)
        return None if system is None else OfSystem(system)

    def _together(self, includes: Iterable[Mapping[str, Any]]) -> Rule:
        parts = tuple(part for each in includes if (part := self._include(each)) is not None)
        return parts[0] if len(parts) == 1 else Union(parts)

    def _include(self, include: Mapping[str, Any]) -> Rule | None:
        """One include or exclude: everything that it says must hold. None for a system that the request leaves out."""
        parts: list[Rule] = []
        url = include.get("system")
        if url is not None:
            own = self._of_system(url, include)
            if own is None:
                return None
            parts.append(own)
        for canonical in include.get("valueSet", ()):
            resource = self._look_up(canonical)
            if resource is None:
                parts.append(Missing(UnknownDefinition(f"No value set {canonical} is known here.")))
            else:
                parts.append(self.rule(resource))
        return parts[0] if len(parts) == 1 else Both(tuple(parts)) if parts else None

    def _of_system(self, url: str, include: Mapping[str, Any]) -> Rule | None:
        wanted = self._pins.wanted(url, include.get("version"))
        if url in self._pins.excluded or (wanted and joined(url, wanted) in self._pins.excluded):
            return None
        system = self._system(url, wanted)
        self._check(url, include.get("version"), wanted, system)
        if "concept" in include:
            return Listed(url, wanted, include["concept"], system)
        if system is None:
            return Missing(UnknownDefinition(f"No code system {joined(url, wanted)} is known here."), url)
        try:
            filters = tuple(
                system.select(Filter(each.get("property", ""), each.get("op", ""), each.get("value", "")))
                for each in include.get("filter", ())
            )
        except FhirError as error:
            return Missing(_about_content(system, error), url)
        return OfSystem(system, filters)

    def _check(self, url: str, named: str | None, wanted: str | None, system: CodeSystem | None) -> None:
        required = self._pins.check.get(url)
        actual = wanted if system is None else system.version
        if required is not None and actual != required:
            raise VersionConflict(
                f"{url} is used in version {actual or 'unknown'}, and the request asks for {required} only."
            )

    def _system(self, url: str, version: str | None) -> CodeSystem | None:
        if url.startswith("#"):
            resource = self._inside("CodeSystem", url)
            return None if resource is None else ResourceSystem({**resource, "url": url})
        self.used.looked_for.add(("CodeSystem", url))
        found = self._source.code_system(url, version)
        if found is not None:
            self.used.looked_for.add(("CodeSystem", found.url))
            self.used.systems[joined(found.url, found.version)] = found
        return found

    def _inside(self, kind: str, reference: str) -> Resource | None:
        each: Resource
        for each in reversed(self._contained):
            if each.get("resourceType") == kind and f"#{each.get('id')}" == reference:
                return each
        return None


def _about_content(system: CodeSystem, error: FhirError) -> FhirError:
    """Why a filter could not be followed: without content no code of a filter is ever there."""
    if system.content == "not-present":
        return Unresolved(f"The code system {joined(system.url, system.version)} has no content here.")
    return error
