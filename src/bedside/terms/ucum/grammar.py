"""The syntax of UCUM's case-sensitive codes (UCUM §5 to §13): text in, a flat product of terms out.

    main-term  = ["/"] term
    term       = component {("." | "/") component}             read from left to right, no precedence
    component  = (symbol [exponent] | digits | "(" term ")") [annotation] | annotation

Parentheses are multiplied out, so `mg/(kg.d)` is mg · kg-1 · d-1. Annotations have no meaning (UCUM §6) and
are dropped. As in UCUM's own published examples, an annotation may also follow a number or a parenthesis.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from bedside.terms.ucum.errors import UcumError

#: Bounds that no real unit comes near and that keep a hostile one cheap.
MAX_LENGTH: Final = 500
MAX_EXPONENT: Final = 99
MAX_DIGITS: Final = 30
MAX_DEPTH: Final = 20

_SYMBOL = re.compile(r"10[*^]|(?:\[[!-Z\\^-z|~]+\]|[!-'*,:-<>-Z\\^-z|~])+")
_EXPONENT = re.compile(r"[+-]?[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")


@dataclass(frozen=True, slots=True)
class Term:
    """One symbol raised to a power, as written: `symbol` still carries its prefix. `position` is its offset."""

    symbol: str
    exponent: int
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Expression:
    """A product: an exact positive number times symbols raised to powers, in the order written."""

    number: Fraction
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        """The expression in a plain form: no parentheses, no annotations, negative exponents for division."""
        parts = [str(self.number.numerator)] if self.number.numerator != 1 else []
        parts += [f"{t.symbol}{t.exponent}" if t.exponent != 1 else t.symbol for t in self.terms]
        text = ".".join(parts) or "1"
        return text if self.number.denominator == 1 else f"{text}/{self.number.denominator}"


def read(code: str) -> Expression:
    """Read a case-sensitive UCUM expression. Symbols are not looked up here. Raises `UcumError`, located."""
    return _Reader(code).read()


class _Reader:
    """A recursive-descent reader over one code; `at` is the offset of the next character."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0
        self.number = Fraction(1)
        self.terms: list[Term] = []

    def read(self) -> Expression:
        if not self.code:
            raise self._error("a unit cannot be empty (the unit of a pure number is '1')")
        if len(self.code) > MAX_LENGTH:
            raise self._error(f"longer than {MAX_LENGTH} characters", at=MAX_LENGTH)
        divide = self.code[0] == "/"
        self.at += divide
        self._term(-1 if divide else 1, 0)
        if self.at < len(self.code):
            raise self._error("a ')' without its '('")
        return Expression(self.number, tuple(self.terms))

    def _term(self, sign: int, depth: int) -> None:
        """Read components until the end or a closing parenthesis; `sign` is the power of the first one."""
        outer = 1 if depth == 0 else sign
        while True:
            self._component(sign, depth)
            following = self._next()
            if following in ("", ")"):
                return
            if following not in "./":
                raise self._error("expected '.', '/' or the end", symbol=self._rest())
            self.at += 1
            sign = outer if following == "." else -outer

    def _component(self, sign: int, depth: int) -> None:
        start = self._next()
        if start == "(":
            self._parenthesis(sign, depth)
        elif start == "{":
            pass
        elif symbol := _SYMBOL.match(self.code, self.at):
            self.terms.append(Term(symbol[0], 0, self.at))
            self.at = symbol.end()
            self.terms[-1] = Term(symbol[0], sign * self._exponent(), symbol.start())
        elif start.isascii() and start.isdigit():
            self._factor(sign)
        else:
            raise self._error("expected a unit" + (f", not '{start}'" if start else " after this"), symbol=start)
        self._annotation()

    def _parenthesis(self, sign: int, depth: int) -> None:
        opened = self.at
        if depth >= MAX_DEPTH:
            raise self._error(f"parentheses nested deeper than {MAX_DEPTH}")
        self.at += 1
        self._term(sign, depth + 1)
        if self._next() != ")":
            raise self._error("a '(' without its ')'", at=opened)
        self.at += 1
        if power := _EXPONENT.match(self.code, self.at):
            raise self._error("a parenthesis takes no exponent", symbol=power[0])

    def _exponent(self) -> int:
        match = _EXPONENT.match(self.code, self.at)
        if match is None:
            return 1
        if len(match[0]) > 4 or abs(int(match[0])) > MAX_EXPONENT:
            raise self._error(f"an exponent beyond {MAX_EXPONENT}", symbol=match[0])
        self.at = match.end()
        return int(match[0])

    def _factor(self, sign: int) -> None:
        match = _DIGITS.match(self.code, self.at)
        assert match is not None
        if len(match[0]) > MAX_DIGITS:
            raise self._error(f"a number of more than {MAX_DIGITS} digits", symbol=match[0])
        if int(match[0]) == 0:
            raise self._error("a unit cannot be zero", symbol=match[0])
        self.at = match.end()
        self.number *= Fraction(int(match[0])) ** sign
        if self._next() and self._next() in "+-":
            raise self._error("a plain number takes no exponent (a power of ten is '10*3')", at=match.start())

    def _annotation(self) -> None:
        if self._next() != "{":
            return
        match = _ANNOTATION.match(self.code, self.at)
        if match is None:
            raise self._error("an annotation is {visible ASCII without braces or spaces}", symbol=self._rest())
        self.at = match.end()
        if self._next() == "{":
            raise self._error("one annotation may follow a unit, not two")

    def _next(self) -> str:
        return self.code[self.at : self.at + 1]

    def _rest(self) -> str:
        return self.code[self.at :]

    def _error(self, problem: str, *, at: int | None = None, symbol: str = "") -> UcumError:
        return UcumError(self.code, problem, self.at if at is None else at, symbol)
