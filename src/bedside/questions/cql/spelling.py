"""How names and values of CQL are spelt: quotes where they are needed, and every literal as it would be written."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from bedside.questions.cql.parser import words
from bedside.questions.cql.syntax import QualifiedName
from bedside.questions.cql.values import Ratio
from bedside.questions.values import Date, DateTime, Quantity, Time

NO_NAMES = words.RESERVED | words.GRAMMAR_WORDS | words.PAIRS.keys()
"""Words that are names only in quotes."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {"\\": "\\\\", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BOUNDARIES = frozenset({"start", "end"})


def identifier(text: str) -> str:
    """A name where only a name that is no keyword can stand (`identifier`)."""
    if _PLAIN.fullmatch(text) and text not in words.KEYWORDS and text not in words.PAIRS:
        return text
    return quoted(text)


def name(text: str) -> str:
    """A name where most keywords are names too (`referentialIdentifier`)."""
    return text if _PLAIN.fullmatch(text) and text not in NO_NAMES else quoted(text)


def term_name(text: str) -> str:
    """A name that begins a term. Behind `before`, `start` and `end` would be read as its boundary."""
    return quoted(text) if text in _BOUNDARIES else name(text)


def function_name(text: str) -> str:
    """A name of a function where every keyword can be one (`functionIdentifier`)."""
    plain = _PLAIN.fullmatch(text) and text not in words.GRAMMAR_WORDS and text not in words.PAIRS
    return text if plain else quoted(text)


def qualified(node: QualifiedName) -> str:
    """`name` or `Library.name`."""
    return identifier(node.name) if node.library is None else f"{identifier(node.library)}.{identifier(node.name)}"


def shown(display: str | None) -> str:
    """The clause with what is displayed for a code or concept."""
    return "" if display is None else f" display {string(display)}"


def quoted(text: str) -> str:
    """A name in double quotes."""
    return f'"{_escaped(text, chr(34))}"'


def string(text: str) -> str:
    """A string in single quotes."""
    return f"'{_escaped(text, chr(39))}'"


def _escaped(text: str, quote: str) -> str:
    return "".join("\\" + char if char == quote else _ESCAPES.get(char, char) for char in text)


def literal(value: Any) -> str:
    """A System value as its literal."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return string(value)
        case int():
            return f"{int(value)}L" if type(value) is not int else str(value)
        case Decimal():
            return format(value, "f")
        case Date():
            return f"@{value}"
        case Time():
            return f"@T{value}"
        case DateTime():
            return _date_time(value)
        case Ratio(numerator=numerator, denominator=denominator):
            return f"{_amount(numerator)}:{_amount(denominator)}"
        case Quantity():
            return f"{value.value:f} {unit(value.unit, calendar=value.calendar, plural=value.value != 1)}"
    raise TypeError(f"a {type(value).__name__} is no System value")


def _amount(quantity: Quantity) -> str:
    if quantity.unit == "1" and not quantity.calendar:
        return format(quantity.value, "f")
    return literal(quantity)


def unit(text: str, *, calendar: bool, plural: bool = False) -> str:
    """A calendar word, or a unit of UCUM as a string."""
    return text + ("s" if plural else "") if calendar else string(text)


def _date_time(value: DateTime) -> str:
    if value.hour is not None:
        return f"@{value}"
    # A zone without a time of day stands behind the T all the same.
    day = str(Date(value.year, value.month, value.day))
    return f"@{day}T{str(value)[len(day) :]}"
