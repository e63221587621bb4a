"""The table of operators: every overload by ELM's name of the operator."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from bedside.questions.cql.tree import Overload
from bedside.questions.cql.types import DataType, parse_type

OVERLOADS: dict[str, list[Overload]] = defaultdict(list)
"""Operator -> its overloads, in the order in which they were entered."""

Body = TypeVar("Body", bound=Callable[..., Any])


def operator(
    name: str,
    *signatures: str,
    clause: str = "",
    nulls: bool = False,
    precision: bool = False,
    state: bool = False,
    lazy: bool = False,
) -> Callable[[Body], Body]:
    """Enter a function as the body of one or several signatures such as `(List<T>, T) Boolean`.

    See `bedside.questions.cql.tree.Overload` for what the flags mean.
    """

    def enter(body: Body) -> Body:
        for signature in signatures:
            operands, result = parse_signature(signature)
            OVERLOADS[name].append(Overload(name, operands, result, body, nulls, precision, state, lazy, clause))
        return body

    return enter


def parse_signature(text: str) -> tuple[tuple[DataType, ...], DataType]:
    """Operand types and result type of `(List<T>, T) Boolean`."""
    match = re.fullmatch(r"\((.*)\)\s*(.+)", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a signature")
    operands = tuple(parse_type(each) for each in _split(match[1]))
    return operands, parse_type(match[2])


def _split(text: str) -> list[str]:
    parts, level, start = [], 0, 0
    for place, char in enumerate(text):
        level += {"<": 1, ">": -1}.get(char, 0)
        if char == "," and level == 0:
            parts.append(text[start:place])
            start = place + 1
    last = text[start:]
    return [*parts, last] if last.strip() else parts
