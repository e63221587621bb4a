"""How values are compared: what indexing writes and what searching asks for agree because both come here.

Text is compared normalised, numbers as IEEE doubles, dates as intervals of microseconds. A search value carries its
own precision: `100` stands for [99.5, 100.5), `2024-03` for a month (https://hl7.org/fhir/R4/search.html#prefix).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Literal, SupportsFloat

from bedside.fhir.dates import MAX, MIN, search_interval
from bedside.fhir.outcome import Invalid

__all__ = [
    "LARGEST",
    "MAX",
    "MIN",
    "DateValue",
    "NumberValue",
    "Prefix",
    "QuantityValue",
    "bounds_near",
    "date_value",
    "escape",
    "indexed",
    "indexed_start",
    "normalise",
    "number_value",
    "quantity_value",
    "real",
    "split",
    "unescape",
]

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]

PREFIXES: Final = frozenset(("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"))

LARGEST: Final = 1.7976931348623157e308
"""The largest double: where an open end of a Range lies, and where larger numbers are cut off."""

_LONGEST_INDEXED: Final = 948  # bytes of UTF-8
_INDEXED_START: Final = 900
_SURELY_SHORT: Final = _INDEXED_START // 4  # characters
_HALF: Final = Decimal("0.5")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def normalise(text: str) -> str:
    """Text as string searches compare it: no case, no accents, white space collapsed.

    NFKD, combining marks removed, case folded (https://hl7.org/fhir/R4/search.html#string). Applying it twice
    changes nothing.
    """
    if not text.isascii():
        # Folding can bring marks and compatibility characters of its own, so decompose on both sides of it.
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(c for c in folded if not unicodedata.combining(c)).casefold()
    else:
        text = text.lower()
    return " ".join(text.split())


def indexed(text: str) -> str:
    """Text as an index holds it: whole, or when it is long its beginning and a digest of all of it.

    Index entries have a limited size (PostgreSQL refuses more than 2,704 bytes). Equality stays exact, what text
    starts with stays exact for up to 900 bytes, and what it contains is found in those.
    """
    if len(text) <= _SURELY_SHORT:
        return text
    encoded = text.encode()
    if len(encoded) <= _LONGEST_INDEXED:
        return text
    digest = blake2b(encoded, digest_size=16).digest()
    # In characters for private use, so that no search for a part of the text finds the digest.
    return indexed_start(text) + "".join(chr(0xE000 + byte) for byte in digest)


def indexed_start(text: str) -> str:
    """What `indexed` is sure to keep of a text: the text, or its first 900 bytes in whole characters."""
    if len(text) <= _SURELY_SHORT:
        return text
    encoded = text.encode()
    return text if len(encoded) <= _INDEXED_START else encoded[:_INDEXED_START].decode(errors="ignore")


def real(value: SupportsFloat) -> float:
    """A number as the double that the index holds; beyond the doubles it is their largest."""
    found = float(value)
    return found if -LARGEST <= found <= LARGEST else (LARGEST if found > 0 else -LARGEST)


def split(text: str, separator: str) -> list[str]:
    r"""The parts between unescaped separators, still escaped: `a\,b,c` at `,` is `a\,b` and `c`."""
    if "\\" not in text:
        return text.split(separator)
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == separator:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    parts.append(text[start:])
    return parts


def unescape(text: str) -> str:
    r"""`\,` `\$` `\|` and `\\` as the character they stand for; another backslash is itself
    (https://hl7.org/fhir/R4/search.html#escaping)."""
    return text if "\\" not in text else re.sub(r"\\([\\,$|])", r"\1", text)


def escape(text: str) -> str:
    """The opposite of `unescape`: text that a search takes as one literal value."""
    return re.sub(r"([\\,$|])", r"\\\1", text)


def _split_prefix(text: str) -> tuple[Prefix, str]:
    """`ge2024` -> `ge`, `2024`; no prefix means `eq`. Only letters that are no prefix stay in the value."""
    head = text[:2]
    return (head, text[2:]) if head in PREFIXES else ("eq", text)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number to search for. `low <= x < high` is what equals it at the precision it was written with; the other
    prefixes compare with `value` itself, "as if it had arbitrarily high precision"."""

    prefix: Prefix
    value: Decimal
    low: Decimal
    high: Decimal


def number_value(text: str) -> NumberValue:
    """A search value of a number parameter (https://hl7.org/fhir/R4/search.html#number).

    Half a unit of the last digit written lies on either side: `100` is [99.5, 100.5), `100.00` is
    [99.995, 100.005). A bare power such as `1e2` is taken to one digit more than it shows, [95, 105), as R4's table of
    examples has it (https://hl7.org/fhir/R4/search.html#number). Raises `Invalid` (code `value`).
    """
    prefix, number = _split_prefix(text)
    if _NUMBER.fullmatch(number) is None:
        raise Invalid(
            f"{text!r} is not a number: write digits, as in 5.40, -2 or 1e-3, after an optional prefix (lt5.40).",
            code="value",
        )
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # the pattern admits neither NaN nor infinity
    if exponent > 0:
        exponent -= 1
    half = _HALF.scaleb(exponent)
    return NumberValue(prefix, value, value - half, value + half)


def bounds_near(number: NumberValue) -> tuple[Decimal, Decimal]:
    """What `ap` takes for near: within 10% of the value, and never less than its precision."""
    margin = max(abs(number.value) / 10, number.high - number.value)
    return number.value - margin, number.value + margin


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A quantity to search for. `system` None: any; `code` None: any unit; with a code but no system the code may
    be the coded unit or the unit as displayed."""

    number: NumberValue
    system: str | None
    code: str | None


def quantity_value(text: str) -> QuantityValue:
    """`[prefix]number`, `number|system|code` or `number||code` (https://hl7.org/fhir/R4/search.html#quantity).

    Raises `Invalid` (code `value`) for anything else, a system without a code included.
    """
    number, *unit = split(text, "|")
    if len(unit) not in (0, 2) or (unit and unit[0] and not unit[1]):
        raise Invalid(
            f"{text!r} is not a quantity: write a number alone (5.4), number||unit (5.4||mg) or"
            " number|system|code (5.4|http://unitsofmeasure.org|mg).",
            code="value",
        )
    system, code = (unescape(part) or None for part in unit) if unit else (None, None)
    return QuantityValue(number_value(number), system, code)


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date to search for: the interval it stands for, `low` included and `high` not, in microseconds UTC."""

    prefix: Prefix
    low: int
    high: int

    def near(self, now: int) -> tuple[int, int]:
        """What `ap` takes for near: widened by 10% of the gap between the date and `now`, both ways."""
        gap = self.low - now if self.low > now else max(now - self.high, 0)
        return self.low - gap // 10, self.high + gap // 10


def date_value(text: str) -> DateValue:
    """A search value of a date parameter (https://hl7.org/fhir/R4/search.html#date); without a zone it is UTC.

    Raises `Invalid` (code `value`).
    """
    prefix, value = _split_prefix(text)
    low, high = search_interval(value)
    return DateValue(prefix, low, high)
