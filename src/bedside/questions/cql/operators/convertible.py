"""ConvertsToBoolean to ConvertsToTime: whether a value is, or can be made, one of a type (ELM 22.7 to 22.16).

They take a value of any type. Null for null, false for what has no conversion.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import conversion
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Long, Ratio
from bedside.questions.data import system_value
from bedside.questions.values import Date, DateTime, Quantity, Time

Try = Callable[[Any], Any]
"""A conversion; None says that there is none for this value."""


def _is(value: Any) -> bool:
    return True


_TRIES: dict[str, tuple[str, dict[type, Try]]] = {
    "Boolean": (
        "22.7",
        {
            bool: _is,
            int: conversion.number_to_boolean,
            Long: conversion.number_to_boolean,
            Decimal: conversion.number_to_boolean,
            str: conversion.string_to_boolean,
        },
    ),
    "Date": ("22.8", {Date: _is, DateTime: _is, str: conversion.string_to_date}),
    "DateTime": ("22.9", {DateTime: _is, Date: _is, str: conversion.string_to_date}),
    "Decimal": ("22.10", {Decimal: _is, bool: _is, int: _is, Long: _is, str: conversion.string_to_decimal}),
    "Long": ("22.11", {Long: _is, bool: _is, int: _is, str: conversion.string_to_long}),
    "Integer": (
        "22.12",
        {int: _is, bool: _is, Long: conversion.long_to_integer, str: conversion.string_to_integer},
    ),
    "Quantity": (
        "22.13",
        {
            Quantity: _is,
            int: _is,
            Long: _is,
            Decimal: _is,
            Ratio: conversion.ratio_to_quantity,
            str: conversion.string_to_quantity,
        },
    ),
    "Ratio": ("22.14", {Ratio: _is, str: conversion.string_to_ratio}),
    "String": (
        "22.15",
        dict.fromkeys((str, bool, int, Long, Decimal, Quantity, Ratio, Date, DateTime, Time), _is),
    ),
    "Time": ("22.16", {Time: _is, str: conversion.string_to_time}),
}
"""Type -> clause and, by the class of the value, the conversion to be tried."""


def _enter(name: str, clause: str, tries: dict[type, Try]) -> None:
    @operator(f"ConvertsTo{name}", "(Any) Boolean", clause=clause)
    def converts_to(operand: Any) -> bool | None:
        value = system_value(operand)
        if value is None:
            return None
        attempt = tries.get(value.__class__)
        return attempt is not None and attempt(value) is not None


for _name, (_clause, _of) in _TRIES.items():
    _enter(_name, _clause, _of)
