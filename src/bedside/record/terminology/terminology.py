"""The terminology of a record: always the current definitions, in every process.

Each question first compares the newest versions of the four types of definitions with those that the last State was
made from: one statement of four index seeks. So a value set that was just written, by whatever process, is in effect
with the next request, and nothing must be told to anybody.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from bedside.record.model import Resource
from bedside.record.parameters import Registry
from bedside.record.session import Session, Store
from bedside.record.terminology import definitions
from bedside.record.terminology.state import State
from bedside.terms.canonical import split
from bedside.terms.systems import CodeSystem

_MOST_CHANGES = 500
"""More changed definitions than these are not looked at one by one: everything is worked out again."""


class Provider(Protocol):
    """Code systems whose content lies outside CodeSystem resources, such as tables that a loader filled."""

    def generation(self, session: Session) -> int:
        """Rises whenever a system comes, goes or changes, in any process. Asked with every question."""

    def code_systems(self, session: Session, url: str) -> Sequence[CodeSystem]:
        """All versions of a system that are loaded."""

    def all(self, session: Session) -> Sequence[CodeSystem]:
        """Every version of every system that is loaded."""


class Terminology:
    """One for each open record. May be asked from any thread."""

    def __init__(self, store: Store, registry: Registry, providers: Sequence[Provider] = ()) -> None:
        self._store = store
        self._registry = registry
        self._providers = tuple(providers)
        self._lock = threading.Lock()
        self._state: State | None = None

    def current(self, session: Session | None = None) -> State:
        """What holds now: as `session` sees it, by default the reading connection of this thread."""
        session = session or self._store.reader()
        marks = self._marks(session)
        state = self._state
        if state is not None and state.marks == marks:
            return state
        with self._lock:
            state = self._state
            if state is None or state.marks != marks:
                state = self._state = self._next(session, state, marks)
            return state

    def _marks(self, session: Session) -> tuple[int, ...]:
        found = definitions.marks(session, self._registry)
        return (*found, *(provider.generation(session) for provider in self._providers))

    def _next(self, session: Session, before: State | None, marks: tuple[int, ...]) -> State:
        changed = None if before is None else self._changed(session, before, marks)
        return State(
            self._store.reader,
            self._registry,
            marks,
            self._loaded,
            before if changed is not None else None,
            frozenset(changed or ()),
        )

    def _loaded(self, url: str | None) -> list[CodeSystem]:
        """The versions of a system that are loaded; None: every version of every system."""
        session = self._store.reader()
        if url is None:
            return [system for provider in self._providers for system in provider.all(session)]
        return [system for provider in self._providers for system in provider.code_systems(session, url)]

    def _changed(self, session: Session, before: State, marks: tuple[int, ...]) -> set[tuple[str, str]] | None:
        """(type, URL) of every definition that changed; None when everything must be worked out again."""
        kinds = definitions.KINDS
        if marks[len(kinds) :] != before.marks[len(kinds) :] or marks[3] != before.marks[3]:
            return None  # loaded systems and other names of systems may be behind anything
        found: set[tuple[str, str]] = set()
        for kind, since, until in zip(kinds, before.marks, marks, strict=False):
            if since > until:
                return None  # an older state of the record than the last question saw
            if since == until:
                continue
            versions = definitions.changed(session, self._registry, kind, since, until, _MOST_CHANGES)
            if versions is None:
                return None
            for rid, resource in versions:
                earlier = before.urls.get((kind, rid))
                if earlier is not None:
                    found.add((kind, earlier))
                if resource is not None:
                    found |= _touched(kind, resource)
                elif earlier is None:
                    return None  # a deletion of something that was perhaps read by another way
        return found


def _touched(kind: str, resource: Resource) -> set[tuple[str, str]]:
    found = {(kind, resource["url"])} if resource.get("url") else {(kind, "")}
    if kind == "CodeSystem":
        if resource.get("supplements"):
            found.add((kind, split(resource["supplements"])[0]))
        if resource.get("valueSet"):
            found.add(("ValueSet", split(resource["valueSet"])[0]))
    return found
