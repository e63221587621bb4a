"""What all nodes of the trees have in common: they are immutable, and equal when they say the same.

A node is a `msgspec.Struct`. Its class is made in a hundredth of the time that a dataclass takes, which matters for 140
of them, and a node itself in a third. Structs compare all fields; nodes leave out where they stand and what was only
looked up for them.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

NOT_COMPARED = frozenset({"span", "overload", "equal"})
"""Fields that take no part in comparison and are not shown: the place in the text, and the operators chosen."""

_KEYS: dict[type, Callable[[Any], Any]] = {}


class Record(msgspec.Struct, frozen=True, eq=False):
    """Base of all nodes."""

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other.__class__ is not self.__class__:
            return NotImplemented
        key = _KEYS.get(self.__class__) or _key(self.__class__)
        return bool(key(self) == key(other))

    def __hash__(self) -> int:
        key = _KEYS.get(self.__class__) or _key(self.__class__)
        return hash(key(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in compared(self.__class__))
        return f"{self.__class__.__name__}({shown})"


def compared(type_: type[Record]) -> list[str]:
    """The fields that make a node what it is."""
    return [name for name in type_.__struct_fields__ if name not in NOT_COMPARED]


def _key(type_: type[Record]) -> Callable[[Any], Any]:
    names = compared(type_)
    key = _KEYS[type_] = attrgetter(*names) if names else _nothing
    return key


def _nothing(node: Any) -> tuple[()]:
    return ()
