"""Literals: numbers, quantities, ratios, dates, times (CQL 1.5.3, 03 "Literals"; appendix B for the limits)."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.cursor import Cursor
from bedside.questions.cql.values import Long, Ratio
from bedside.questions.errors import ParseError
from bedside.questions.lexer import Kind, Token
from bedside.questions.tree import Literal, Node, Null
from bedside.questions.values import CALENDAR_WORDS, Date, DateTime, Quantity, Time

INTEGER_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1
_WHOLE_DIGITS, _SCALE = 28, 8
"""A Decimal lies between -10^28 and 10^28 and has at most 8 digits after the point."""

_MILLISECOND = Decimal("0.001")


class Literals(Cursor):
    """The literals, each method beginning at the first token of its construct."""

    def true(self) -> Node:
        return self._word(True)

    def false(self) -> Node:
        return self._word(False)

    def _word(self, value: bool) -> Node:
        token = self.advance()
        return Literal(value, "Boolean", span=token.span)

    def null(self) -> Node:
        return Null(span=self.advance().span)

    def text(self) -> Node:
        token = self.advance()
        return Literal(token.text, "String", span=token.span)

    def number(self) -> Node:
        """An Integer, a Decimal, a Quantity, or a Ratio of two quantities."""
        token = self.peek
        following = self.keys[self.position + 1]
        if following in words.QUANTITY_UNITS or following == ":":
            quantity = self.quantity()
            return self._ratio(quantity, token) if self.key == ":" else quantity
        self.position += 1
        return self.plain_number(token)

    def plain_number(self, token: Token) -> Literal:
        """An Integer or a Decimal, from its token."""
        if "." in token.text:
            return self._decimal(token)
        return Literal(self._integer(token, INTEGER_MAX, "Integer"), "Integer", span=token.span)

    def long(self) -> Node:
        token = self.advance()
        return Literal(Long(self._integer(token, LONG_MAX, "Long")), "Long", span=token.span)

    def negative(self) -> Node | None:
        """The least Integer or Long behind its minus sign: its digits alone would be one too many."""
        sign, token = self.peek, self.tokens[self.position + 1]
        digits = token.text.lstrip("0")
        if self.keys[self.position + 2] in _UNITS_OR_STEPS:
            return None
        if token.kind is Kind.NUMBER and digits == str(INTEGER_MAX + 1):
            self.position += 2
            return Literal(-INTEGER_MAX - 1, "Integer", span=self.span_from(sign.start))
        if token.kind is Kind.LONG and digits == f"{LONG_MAX + 1}L":
            self.position += 2
            return Literal(Long(-LONG_MAX - 1), "Long", span=self.span_from(sign.start))
        return None

    def quantity(self) -> Literal:
        """A number with or without a unit, always as a Quantity; without one its unit is `1`."""
        token = self.peek
        if self.keys[self.position] != words.NUMBER:
            raise self.unexpected("where a quantity is needed", "a number")
        self.position += 1
        value = self._amount(token)
        unit = self.peek
        if unit.kind is Kind.STRING:
            self.position += 1
            quantity = Quantity(value, unit.text)
        elif self.key in CALENDAR_WORDS:
            self.position += 1
            quantity = Quantity(value, CALENDAR_WORDS[unit.text], calendar=True)
        else:
            quantity = Quantity(value)
        return Literal(quantity, "Quantity", span=self.span_from(token.start))

    def temporal(self) -> Node:
        """A Date, DateTime or Time of any precision. Fractions of a second are kept to the millisecond."""
        token = self.advance()
        try:
            return self._temporal_literal(token)
        except ValueError as error:
            raise self.error(str(error), token=token) from None

    def _temporal_literal(self, token: Token) -> Literal:
        text = token.text[1:]
        if token.kind is Kind.DATE:
            return Literal(Date.parse(text), "Date", span=token.span)
        if token.kind is Kind.TIME:
            time = Time.parse(text[1:])
            return Literal(replace(time, second=_milliseconds(time.second)), "Time", span=token.span)
        day, _, clock = text.partition("T")
        if clock and len(day) < 10 and clock[0] in "0123456789":
            raise ValueError(f"{day!r} is no whole day, so that a time of day cannot follow it")
        if clock and clock[0] in "Z+-":
            # CQL lets a zone follow a date without a time, which FHIRPath does not.
            zone = DateTime.parse(f"2000-01-01T00{clock}").offset
            whole = replace(DateTime.parse(day), offset=zone)
        else:
            whole = DateTime.parse(text.removesuffix("T"))
        return Literal(replace(whole, second=_milliseconds(whole.second)), "DateTime", span=token.span)

    def _ratio(self, numerator: Literal, token: Token) -> Literal:
        self.need(":", "in a ratio")
        ratio = Ratio(_quantity_of(numerator), _quantity_of(self.quantity()))
        return Literal(ratio, "Ratio", span=self.span_from(token.start))  # type: ignore[arg-type]

    def _integer(self, token: Token, most: int, name: str) -> int:
        digits = token.text.rstrip("L").lstrip("0")
        # int() of a very long text is refused by Python, and slow below that.
        if len(digits) > 19 or int(digits or "0") > most:
            better = f"a Decimal such as {_short(digits)}.0" if name == "Long" else f"a Long such as {_short(digits)}L"
            raise self._beyond(token, f"the greatest {name}, {most}", better)
        return int(digits or "0")

    def _decimal(self, token: Token) -> Literal:
        fraction = token.text.partition(".")[2]
        if len(fraction) > _SCALE:
            problem = f"a Decimal has at most {_SCALE} digits after the point, and {_short(token.text)} has more"
            raise self.error(problem, token=token)
        return Literal(self._amount(token), "Decimal", span=token.span)

    def _amount(self, token: Token) -> Decimal:
        whole, _, fraction = token.text.partition(".")
        if len(whole.lstrip("0")) > _WHOLE_DIGITS or len(fraction) > 28:
            raise self._beyond(token, "a Decimal can be, whose greatest has 28 digits before the point", None)
        return Decimal(token.text)

    def _beyond(self, token: Token, limit: str, expected: str | None) -> ParseError:
        return self.error(f"{_short(token.text)} is greater than {limit}", expected=expected, token=token)


def _quantity_of(literal: Literal) -> Quantity:
    assert isinstance(literal.value, Quantity)
    return literal.value


def _short(digits: str) -> str:
    return digits if len(digits) <= 40 else f"{digits[:37]}..."


def _milliseconds(second: Decimal | None) -> Decimal | None:
    if second is None or (second == second.to_integral_value() and second.as_tuple().exponent == 0):
        return second
    return second.quantize(_MILLISECOND, ROUND_DOWN)


_UNITS_OR_STEPS = words.QUANTITY_UNITS | {".", "[", ":"}
