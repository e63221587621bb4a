"""Operations (`$everything`, `$validate`, ...): a small table to which each room that has one adds its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bedside.api.errors import WrongMethod, suggest
from bedside.api.messages import Reply, Request
from bedside.fhir.outcome import NotFound

if TYPE_CHECKING:
    from bedside.api.service import Service

Handler = Callable[["Service", Request], Awaitable[Reply]]
Level = Literal["system", "type", "instance"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its name without the dollar sign, the canonical URL of its definition, and where it may be called.

    `types` are the resource types on whose type or instances it works; None: all of them. `methods` are the HTTP
    methods it takes; GET only where nothing is changed (R4 operations.html#executing). `media` are media types that it
    answers with besides FHIR's.
    """

    name: str
    definition: str
    handler: Handler
    levels: frozenset[Level]
    types: tuple[str, ...] | None = None
    methods: frozenset[str] = frozenset(("GET", "POST"))
    media: tuple[str, ...] = ()

    def works_on(self, level: Level, type_name: str) -> bool:
        """Whether it may be called here. `type_name` is empty at the level of the system."""
        return level in self.levels and (level == "system" or self.types is None or type_name in self.types)


class Operations:
    """All operations of a server, and further endpoints that belong to one (the status of a job, its files).

    An endpoint's name is the first segment of its paths; it starts with an underscore or a dollar sign, so that it
    cannot be taken for a resource type. `instantiates` are canonical URLs of CapabilityStatements that these
    operations fulfil.
    """

    def __init__(
        self,
        operations: Iterable[Operation] = (),
        endpoints: dict[str, Handler] | None = None,
        instantiates: tuple[str, ...] = (),
    ) -> None:
        self._all = list(operations)
        self.endpoints = dict(endpoints or {})
        self.instantiates = instantiates

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._all)

    def joined(self, other: Operations) -> Operations:
        """These and others."""
        return Operations([*self, *other], self.endpoints | other.endpoints, (*self.instantiates, *other.instantiates))

    def answers_as(self, name: str, accept: str) -> bool:
        """Whether an operation of this name answers with a media type that an Accept header names."""
        return any(each.name == name and any(media in accept for media in each.media) for each in self._all)

    def at(self, level: Level, type_name: str) -> list[Operation]:
        """The operations that can be called at a place."""
        return [each for each in self._all if each.works_on(level, type_name)]

    def find(self, name: str, level: Level, type_name: str, method: str) -> Operation:
        """The operation to call. Raises NotFound (404) or WrongMethod (405)."""
        here = self.at(level, type_name)
        for each in here:
            if each.name == name:
                if method not in each.methods:
                    raise WrongMethod(method, each.methods)
                return each
        where = {"system": "of the whole server", "type": f"of {type_name}", "instance": f"of one {type_name}"}[level]
        raise NotFound(
            f"There is no operation ${name} {where}.{suggest(name, (each.name for each in here))}", code="not-supported"
        )
