"""ToBoolean to ToTime: explicit conversions, some of which the language also makes by itself (ELM 22.6 to 22.31).

    to \\ from   Boolean   Integer, Long     Decimal    String          others
    Boolean     -         1, 0              1.0, 0.0   t, yes, 1, ...
    Integer     1, 0      in its range      -          +-digits
    Long        1, 0      any               -          +-digits
    Decimal     1.0, 0.0  any               -          +-digits.digits
    Quantity    -         any               any        N, N 'unit', N days    Ratio: its quotient
    Ratio       -         -                 -          quantity:quantity
    String      any       any               any        -               Quantity, Ratio, Date, DateTime, Time
    Date        -         -                 -          ISO 8601        DateTime: its day
    DateTime    -         -                 -          ISO 8601        Date, in the zone of the request
    Time        -         -                 -          hh:mm:ss.fff

Null for null, and for what has not the right form or is too great. A string with a date in it may stop anywhere.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from bedside.questions.cql.operators import exact, quantities
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.operators.temporal import has_milliseconds
from bedside.questions.cql.values import Code, Concept, Long, Ratio, Uncertainty
from bedside.questions.values import CALENDAR_WORDS, Date, DateTime, Quantity, Time
from bedside.terms import ucum

if TYPE_CHECKING:
    from bedside.questions.cql.run.state import State

_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_QUANTITY = re.compile(r"([+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?)\s*(?:'([^']+)'|([a-z]+))?", re.ASCII)
_ZONE = re.compile(r"(Z|[+-]\d{2}:\d{2})$", re.ASCII)


# Boolean and numbers -------------------------------------------------------------------------------------------------


@operator("ToBoolean", "(Integer) Boolean", "(Long) Boolean", "(Decimal) Boolean", clause="22.19")
def number_to_boolean(operand: int | Decimal) -> bool | None:
    """1 is true, 0 false, anything else null."""
    return True if operand == 1 else False if operand == 0 else None


@operator("ToBoolean", "(String) Boolean", clause="22.19")
def string_to_boolean(operand: str) -> bool | None:
    """`true t yes y 1` and `false f no n 0` in upper or lower case."""
    word = operand.lower()
    return True if word in _TRUE else False if word in _FALSE else None


@operator("ToInteger", "(Boolean) Integer", clause="22.25")
def boolean_to_integer(operand: bool) -> int:
    return 1 if operand else 0


@operator("ToInteger", "(Long) Integer", clause="22.25")
def long_to_integer(operand: int) -> int | None:
    """Null when it does not fit."""
    return exact.fit_integer(int(operand))


@operator("ToInteger", "(String) Integer", clause="22.25")
def string_to_integer(operand: str) -> int | None:
    """Digits with or without a sign; null for anything else and for what does not fit."""
    return exact.fit_integer(int(operand)) if _WHOLE.fullmatch(operand) else None


@operator("ToLong", "(Boolean) Long", "(Integer) Long", clause="22.27")
def to_long(operand: Any) -> Long | Uncertainty:
    return operand if operand.__class__ is Uncertainty else Long(operand)


@operator("ToLong", "(String) Long", clause="22.27")
def string_to_long(operand: str) -> Long | None:
    """Digits with or without a sign; null for anything else and for what does not fit."""
    return exact.fit_long(int(operand)) if _WHOLE.fullmatch(operand) else None


@operator("ToDecimal", "(Integer) Decimal", "(Long) Decimal", clause="22.24")
def whole_to_decimal(operand: Any) -> Decimal | Uncertainty:
    """A range stays one: it may still be compared. A Decimal, which a power with negative exponent is, stays one."""
    return operand if operand.__class__ is Uncertainty else Decimal(operand)


@operator("ToDecimal", "(Boolean) Decimal", clause="22.24")
def boolean_to_decimal(operand: bool) -> Decimal:
    return Decimal("1.0") if operand else Decimal("0.0")


@operator("ToDecimal", "(String) Decimal", clause="22.24")
def string_to_decimal(operand: str) -> Decimal | None:
    """Digits with or without a sign and a fraction, which is rounded to 8 digits; null for anything else."""
    return exact.rounded(Decimal(operand)) if _DECIMAL.fullmatch(operand) else None


# Quantity, Ratio, Concept --------------------------------------------------------------------------------------------


@operator("ToQuantity", "(Integer) Quantity", "(Long) Quantity", "(Decimal) Quantity", clause="22.28")
def number_to_quantity(operand: Any) -> Quantity | None:
    """With the unit '1'."""
    return None if operand.__class__ is Uncertainty else Quantity(Decimal(operand))


@operator("ToQuantity", "(Ratio) Quantity", clause="22.28")
def ratio_to_quantity(operand: Ratio) -> Quantity | None:
    """The numerator divided by the denominator; null when that cannot be done."""
    return quantities.divide(operand.numerator, operand.denominator)


@operator("ToQuantity", "(String) Quantity", clause="22.28")
def string_to_quantity(operand: str) -> Quantity | None:
    """`5`, `-0.1 'mg'`, `4 days`; null for anything else, and for a unit that UCUM does not know."""
    match = _QUANTITY.fullmatch(operand.strip())
    if match is None:
        return None
    number = exact.rounded(Decimal(match[1]))
    if number is None:
        return None
    unit, word = match[2], match[3]
    calendar = CALENDAR_WORDS.get(unit or word or "")
    if calendar is not None:
        return Quantity(number, calendar, calendar=True)
    if word is not None or (unit is not None and not ucum.is_valid(unit)):
        return None
    return Quantity(number, unit or "1")


@operator("ToRatio", "(String) Ratio", clause="22.29")
def string_to_ratio(operand: str) -> Ratio | None:
    """Two quantities with a colon between them; null for anything else."""
    # A unit may have no colon in it, so the first one is the one between.
    above, colon, below = operand.partition(":")
    numerator, denominator = string_to_quantity(above), string_to_quantity(below)
    return Ratio(numerator, denominator) if colon and numerator and denominator else None


@operator("ToConcept", "(Code) Concept", clause="22.21")
def code_to_concept(operand: Code) -> Concept:
    """Of this code alone, with its display."""
    return Concept((operand,), operand.display)


@operator("ToConcept", "(List<Code>) Concept", clause="22.21")
def codes_to_concept(operand: list[Code | None]) -> Concept:
    """Of all the codes, without a display."""
    return Concept(tuple(code for code in operand if code is not None))


@operator("ConvertQuantity", "(Quantity, String) Quantity", clause="22.6")
def convert_quantity(operand: Quantity, unit: str) -> Quantity | None:
    """In another unit, a UCUM code or a calendar word. Null when a side is null or there is no conversion."""
    return quantities.convert(operand, unit)


@operator("CanConvertQuantity", "(Quantity, String) Boolean", clause="22.3")
def can_convert_quantity(operand: Quantity, unit: str) -> bool:
    """Whether `ConvertQuantity` gives something. Null when a side is null."""
    return quantities.convert(operand, unit) is not None


# String --------------------------------------------------------------------------------------------------------------


@operator("ToString", "(Boolean) String", clause="22.30")
def boolean_to_string(operand: bool) -> str:
    return "true" if operand else "false"


@operator("ToString", "(Integer) String", "(Long) String", clause="22.30")
def whole_to_string(operand: Any) -> str | None:
    """Null for a number that is only known to lie in a range."""
    return None if operand.__class__ is Uncertainty else str(operand)


@operator("ToString", "(Decimal) String", clause="22.30")
def decimal_to_string(operand: Decimal) -> str:
    """At least one digit after the point, and all that there are: `5.0`, `1.50`."""
    text = format(operand, "f")
    return text if "." in text else text + ".0"


@operator("ToString", "(Quantity) String", clause="22.30")
def quantity_to_string(operand: Quantity) -> str:
    """`125 'cm'`, `4 days`."""
    number = format(operand.value, "f")
    if operand.calendar:
        return f"{number} {operand.unit}" + ("" if abs(operand.value) == 1 else "s")
    return f"{number} '{operand.unit}'"


@operator("ToString", "(Ratio) String", clause="22.30")
def ratio_to_string(operand: Ratio) -> str:
    """`1 'mg':2 'mL'`."""
    return f"{quantity_to_string(operand.numerator)}:{quantity_to_string(operand.denominator)}"


@operator("ToString", "(Date) String", clause="22.30")
def date_to_string(operand: Date) -> str:
    """`2012-01-01`, or less where less is known."""
    return str(operand)


@operator("ToString", "(DateTime) String", clause="22.30", state=True)
def datetime_to_string(state: State, operand: DateTime) -> str:
    """`2012-01-01T12:30:00.000-05:00`, or less where less is known.

    The offset of the request is left out: it is the one that `ToDateTime` assumes, so the value can be had back.
    """
    text = str(Date(operand.year, operand.month, operand.day))
    if operand.hour is None:
        return text
    text += f"T{time_to_string(Time(operand.hour, operand.minute, operand.second))}"
    if operand.offset is None or operand.offset == state.offset:
        return text
    hours, minutes = divmod(abs(operand.offset), 60)
    return f"{text}{'-' if operand.offset < 0 else '+'}{hours:02d}:{minutes:02d}"


@operator("ToString", "(Time) String", clause="22.30")
def time_to_string(operand: Time) -> str:
    """`12:30:00.000`, or less where less is known."""
    return str(Time(operand.hour, operand.minute, _milliseconds(operand.second)))


# Date, DateTime, Time ------------------------------------------------------------------------------------------------


def _milliseconds(second: Decimal | None) -> Decimal | None:
    """A second with three digits after the point when it has any: CQL knows nothing finer."""
    if second is None or not has_milliseconds(second):
        return second
    return second.quantize(Decimal("0.001"), ROUND_DOWN)


@operator("ToDate", "(DateTime) Date", clause="22.22")
def datetime_to_date(operand: DateTime) -> Date:
    """Its day, month or year."""
    return Date(operand.year, operand.month, operand.day)


@operator("ToDate", "(String) Date", clause="22.22")
def string_to_date(operand: str) -> Date | None:
    """A date, or a date and time of which the time is left out; null for anything else."""
    moment = _parsed(operand)
    return None if moment is None else datetime_to_date(moment)


@operator("ToDateTime", "(Date) DateTime", clause="22.23", state=True)
def date_to_datetime(state: State, operand: Date) -> DateTime:
    """With no time, and the offset of the request."""
    return DateTime(operand.year, operand.month, operand.day, offset=state.offset)


@operator("ToDateTime", "(String) DateTime", clause="22.23", state=True)
def string_to_datetime(state: State, operand: str) -> DateTime | None:
    """With the offset of the request where none is written; null for what is no date and time."""
    moment = _parsed(operand)
    if moment is None:
        return None
    offset = state.offset if moment.offset is None else moment.offset
    return DateTime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, _milliseconds(moment.second), offset
    )


def _parsed(text: str) -> DateTime | None:
    try:
        return DateTime.parse(text)
    except ValueError:
        return None


@operator("ToTime", "(String) Time", clause="22.31")
def string_to_time(operand: str) -> Time | None:
    """With or without a `T` before it; a zone behind it is left out. Null for anything else."""
    try:
        time = Time.parse(_ZONE.sub("", operand.removeprefix("T")))
    except ValueError:
        return None
    return Time(time.hour, time.minute, _milliseconds(time.second))
