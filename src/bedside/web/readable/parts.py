"""Taking resources apart without trusting their shape: a record that was not checked may hold anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def items(found: object) -> list[Any]:
    """The items of a list; a single value as a list of one; nothing as an empty list."""
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def objects(found: object) -> list[Json]:
    """Those items of a list that are objects; empty for what is no list."""
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def first(found: object) -> Any:
    """The first item of a list, or the value itself when it is none; None for an empty list."""
    if isinstance(found, list):
        return found[0] if found else None
    return found
