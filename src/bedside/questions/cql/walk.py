"""Going through a typed tree: its nodes, and the libraries that it is built on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

from bedside.questions.cql import tree


def libraries_of(library: tree.Library) -> list[tree.Library]:
    """A library and all that it includes, each once, itself first."""
    found: dict[int, tree.Library] = {}
    waiting = [library]
    while waiting:
        each = waiting.pop(0)
        if id(each) not in found:
            found[id(each)] = each
            waiting += each.includes.values()
    return list(found.values())


def nodes(node: Any) -> Iterator[Any]:
    """A node of the typed tree and all below it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tuple | list):
            waiting += reversed(each)
        elif type(each).__module__ == tree.__name__:
            yield each
            waiting += [getattr(each, field) for field in reversed(_fields(each.__class__))]


@cache
def _fields(type_: Any) -> tuple[str, ...]:
    """The fields that may hold nodes."""
    skipped = {"type", "span", "overload", "equal", "signature", "is_type", "as_type", "class_type", "data_type"}
    return tuple(each.name for each in dataclasses.fields(type_) if each.name not in skipped)
