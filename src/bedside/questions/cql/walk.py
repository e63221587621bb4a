"""Going through a typed tree: its nodes, and the libraries that it is built on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def parameters_of(library: tree.Library) -> dict[str, tree.ParameterDef]:
    """The parameters of a library and of all that it includes, by name and by `Library.name`; its own come first."""
    found: dict[str, tree.ParameterDef] = {}
    for each in libraries_of(library):
        for name, parameter in each.parameters.items():
            found.setdefault(name, parameter)
            found.setdefault(f"{each.name}.{name}", parameter)
    return found


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
    return tuple(name for name in type_.__struct_fields__ if name not in skipped)


def reached(library: tree.Library, names: Iterable[str]) -> Iterator[tuple[tree.Library, Any]]:
    """Every node of some definitions and of all definitions and functions that they use, each definition once, with
    the library that it stands in."""
    waiting = [(library, name) for name in names]
    seen: set[tuple[int, str]] = set()
    while waiting:
        home, name = waiting.pop(0)
        if (id(home), name) in seen:
            continue
        seen.add((id(home), name))
        known = home.expressions.get(name)
        bodies = [known.expression] if known is not None else [each.expression for each in home.functions.get(name, ())]
        for body in bodies:
            for node in nodes(body) if body is not None else ():
                yield home, node
                if isinstance(node, tree.ExpressionRef | tree.FunctionRef):
                    other = home if node.library is None else home.includes.get(node.library)
                    if other is not None:
                        waiting.append((other, node.name))
