"""Coalesce and the tests for null, true and false (ELM 14). The tests never answer null."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bedside.questions.cql.operators.registry import operator


@operator(
    "Coalesce",
    "(T, T) T",
    "(T, T, T) T",
    "(T, T, T, T) T",
    "(T, T, T, T, T) T",
    clause="14.2",
    nulls=True,
    lazy=True,
)
def coalesce(*operands: Callable[[], Any]) -> Any:
    """The first operand that is not null; those after it are not looked at. Null when all are."""
    for operand in operands:
        value = operand()
        if value is not None:
            return value
    return None


@operator("Coalesce", "(List<T>) T", clause="14.2")
def coalesce_list(operand: list[Any]) -> Any:
    """The first element that is not null; null for an empty list and for null."""
    for value in operand:
        if value is not None:
            return value
    return None


@operator("IsNull", "(Any) Boolean", clause="14.4", nulls=True)
def is_null(operand: Any) -> bool:
    return operand is None


@operator("IsTrue", "(Boolean) Boolean", clause="14.5", nulls=True)
def is_true(operand: bool | None) -> bool:
    """False for null."""
    return operand is True


@operator("IsFalse", "(Boolean) Boolean", clause="14.3", nulls=True)
def is_false(operand: bool | None) -> bool:
    """False for null."""
    return operand is False
