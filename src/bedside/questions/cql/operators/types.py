"""What values are made of: Children, Descendents; ToList, ToChars (ELM 22.4, 22.17, 22.20, 22.26).

`is`, `as` and `convert` are nodes of the tree; conversions are in `conversion`.
"""

from __future__ import annotations

from typing import Any

from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Ratio, ValueSet
from bedside.questions.data import DataNode, bounded, children_of
from bedside.questions.values import Quantity


@operator("Children", "(Any) List<Any>", clause="22.4")
def children(operand: Any) -> list[Any]:
    """The values of the elements of a structure, lists among them spread out; of a list those of all its elements.

    Null for null. What is no structure has none, and elements that are null are left out.
    """
    return bounded(_children(operand), "Children()")


def _children(value: Any) -> list[Any]:
    kind = value.__class__
    if kind is list:
        return [child for each in value for child in _children(each)]
    if kind is DataNode:
        return children_of(value)
    elements: list[Any]
    if kind is dict:
        elements = list(value.values())
    elif kind is Quantity:
        elements = [value.value, value.unit]
    elif kind is Ratio:
        elements = [value.numerator, value.denominator]
    elif kind is Code:
        elements = [value.code, value.display, value.system, value.version]
    elif kind is Concept:
        elements = [list(value.codes), value.display]
    elif kind is ValueSet:
        elements = [value.id, value.version, value.name, list(value.code_systems)]
    elif kind is CodeSystem:
        elements = [value.id, value.version, value.name]
    elif kind is Interval:
        elements = [value.low, value.high, value.low_closed, value.high_closed]
    else:
        return []
    spread: list[Any] = []
    for each in elements:
        spread += each if each.__class__ is list else (each,)
    return [each for each in spread if each is not None]


@operator("Descendents", "(Any) List<Any>", clause="22.17")
def descendents(operand: Any) -> list[Any]:
    """Children, their children and so on, level by level. Null for null. (ELM writes the word so.)"""
    found: list[Any] = []
    level = _children(operand)
    while level:
        found = bounded(found + level, "Descendants()")
        level = _children(level)
    return found


@operator("ToList", "(T) List<T>", clause="22.26", nulls=True)
def to_list(operand: Any) -> list[Any]:
    """A list of the value alone; the empty list for null."""
    return [] if operand is None else [operand]


@operator("ToChars", "(String) List<String>", clause="22.20")
def to_chars(operand: str) -> list[str]:
    """A list of the characters of a string. Null for null."""
    return list(operand)
