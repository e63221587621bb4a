"""Which operand types an operator takes, as far as that is decided before anything runs (FHIRPath N1, 6).

FHIR primitives and quantities count as the System types that they convert to. Each function returns the types of the
result, None when they cannot be known, or a sentence when no combination of the possible types can work.
"""

from __future__ import annotations

from bedside.questions import tree
from bedside.questions.model import FHIR, SYSTEM, Type

Verdict = frozenset[Type] | None | str

_NUMBERS = frozenset({"Integer", "Decimal"})
_DATES = frozenset({"Date", "DateTime"})
_BOOLEAN = frozenset({SYSTEM["Boolean"]})


def system_names(types: frozenset[Type] | None) -> frozenset[str] | None:
    """Names of the System types that items of these types convert to; None when not known.

    A complex type has none and appears under its own name.
    """
    if types is None:
        return None
    return frozenset(_system_name(type_) for type_ in types)


def _system_name(type_: Type) -> str:
    if type_.namespace == "System":
        return type_.name
    if type_.is_primitive:
        return FHIR.system_type(type_.name).name
    return "Quantity" if FHIR["Quantity"] in type_.ancestors else f"FHIR.{type_.name}"


def sign(node: tree.UnaryExpression, operand: frozenset[Type] | None) -> Verdict:
    """`-x` and `+x`: numbers and quantities."""
    names = system_names(operand)
    if not names:
        return None
    fitting = names & (_NUMBERS | {"Quantity"})
    if not fitting:
        return f"the sign '{node.symbol}' cannot stand before a {_listed(names)}"
    return frozenset(SYSTEM[name] for name in fitting)


def binary(node: tree.BinaryExpression, left: frozenset[Type] | None, right: frozenset[Type] | None) -> Verdict:
    """Any operator with two operands; an empty or unknown side is never wrong."""
    match node:
        case tree.Add() | tree.Subtract() | tree.Multiply() | tree.Divide() | tree.TruncatedDivide() | tree.Modulo():
            return _arithmetic(node, system_names(left), system_names(right))
        case tree.Concatenate():
            return frozenset({SYSTEM["String"]})
        case tree.Less() | tree.LessOrEqual() | tree.Greater() | tree.GreaterOrEqual():
            return _ordering(node, system_names(left), system_names(right))
    return _BOOLEAN


def _arithmetic(node: tree.BinaryExpression, left: frozenset[str] | None, right: frozenset[str] | None) -> Verdict:
    if not left or not right:
        return None
    found = {result for one in left for other in right if (result := _result(node, one, other))}
    if not found:
        return f"'{node.symbol}' cannot work with {_listed(left)} and {_listed(right)}"
    return frozenset(SYSTEM[name] for name in found)


def _result(node: tree.BinaryExpression, left: str, right: str) -> str | None:
    """The result of one combination, None when the operator does not take it."""
    additive = isinstance(node, tree.Add | tree.Subtract)
    if left in _NUMBERS and right in _NUMBERS:
        if isinstance(node, tree.Divide):
            return "Decimal"
        if isinstance(node, tree.TruncatedDivide):
            return "Integer"
        return "Integer" if left == right == "Integer" else "Decimal"
    if isinstance(node, tree.Add) and left == right == "String":
        return "String"
    if additive and right == "Quantity" and left in _DATES | {"Time"}:
        return left
    quantities = {left, right} <= _NUMBERS | {"Quantity"}
    return "Quantity" if quantities and not isinstance(node, tree.TruncatedDivide | tree.Modulo) else None


def _ordering(node: tree.BinaryExpression, left: frozenset[str] | None, right: frozenset[str] | None) -> Verdict:
    if left and right and not any(_ordered(one, other) for one in left for other in right):
        return f"'{node.symbol}' cannot compare {_listed(left)} and {_listed(right)}"
    return _BOOLEAN


def _ordered(left: str, right: str) -> bool:
    if left == right:
        return left in _NUMBERS | _DATES | {"Time", "String", "Quantity"}
    return {left, right} <= _NUMBERS | {"Quantity"} or {left, right} == _DATES


def _listed(names: frozenset[str]) -> str:
    return " or ".join(sorted(names))
