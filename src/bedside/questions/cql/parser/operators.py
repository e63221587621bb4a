"""Operators written as words before their operand: `start of`, `exists`, `cast`, `if`, `case` and their kin.

How far an operand reaches follows from where the grammar has it: behind `start of` stands a term, behind `exists` an
expression without binary operators, behind `distinct` or `else` everything to the end (CQL 1.5.3, appendix I).
"""

from __future__ import annotations

from decimal import Decimal

from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.closing import BETWEEN_AND, CAST_AS
from bedside.questions.cql.parser.timing import TimingPhrases
from bedside.questions.cql.parser.words import PLURAL_PRECISIONS, PRECISIONS
from bedside.questions.tree import Literal, Negate, Node, Positive
from bedside.questions.values import CALENDAR_WORDS, Quantity

UNARY = 24
"""Minimum for the operand of a sign or a word such as `start of`: a term with its steps."""

TERM = 20
"""Minimum for an operand that is a term with arithmetic, but without comparison or logic."""

EXISTS = 12
"""Minimum for the operand of `not` and `exists`: only `is` and `as` bind more tightly."""

_OF = {
    "start": "Start",
    "end": "End",
    "width": "Width",
    "successor": "Successor",
    "predecessor": "Predecessor",
}
_FROM = {
    "date": "DateFrom",
    "time": "TimeFrom",
    "timezone": "TimezoneFrom",
    "timezoneoffset": "TimezoneOffsetFrom",
    "singleton": "SingletonFrom",
    "point": "PointFrom",
}
_DECIMAL_ONE = Decimal(1)


class Operators(TimingPhrases):
    """Prefix operators, each method beginning at the word of its operator."""

    def sign(self) -> Node:
        if self.key == "-" and (least := self.negative()) is not None:
            return least
        token = self.advance()
        operand = self.expression(UNARY)
        kind = Negate if token.text == "-" else Positive
        return kind(operand, span=self.span_from(token.start))

    def of(self) -> Node:
        """`start of x`; without `of` the word is a name."""
        return self._phrase_or_name("of", _OF[self.key])

    def from_(self) -> Node:
        """`date from x`, `singleton from x`; without `from` the word is a name."""
        return self._phrase_or_name("from", _FROM[self.key])

    def _phrase_or_name(self, second: str, name: str) -> Node:
        if self.keys[self.position + 1] != second:
            if self.key in words.REFERENCES:
                return self.reference_term()
            self.position += 1
            raise self.unexpected(f"after '{self.tokens[self.position - 1].text}'", f"'{second}'", {second})
        start = self.peek.start
        self.position += 2
        return self._unary(name, start, UNARY)

    def _unary(self, name: str, start: int, minimum: int, precision: str | None = None) -> Node:
        operand = self.expression(minimum)
        return syntax.Unary(name, operand, precision, span=self.span_from(start))

    def component(self) -> Node:
        """`year from x`."""
        token = self.advance()
        self.need("from", f"after '{token.text}'")
        return self._unary("DateTimeComponentFrom", token.start, UNARY, PRECISIONS[token.text])

    def not_(self) -> Node:
        return self._unary("Not", self.advance().start, EXISTS)

    def exists(self) -> Node:
        return self._unary("Exists", self.advance().start, EXISTS)

    def distinct(self) -> Node:
        return self._unary("Distinct", self.advance().start, 0)

    def flatten(self) -> Node:
        return self._unary("Flatten", self.advance().start, 0)

    def set_aggregate(self) -> Node:
        """`expand x per day`, `collapse x`."""
        token = self.advance()
        operand = self.expression(0)
        per: Node | None = None
        if self.take("per"):
            unit = self.peek
            if self.key in PRECISIONS and self.keys[self.position + 1] != "from":
                self.position += 1
                one = Quantity(_DECIMAL_ONE, CALENDAR_WORDS[unit.text], calendar=True)
                per = Literal(one, "Quantity", span=unit.span)
            else:
                per = self.expression(0)
        name = "Expand" if token.text == "expand" else "Collapse"
        return syntax.SetAggregate(name, operand, per, span=self.span_from(token.start))

    def duration(self) -> Node:
        """`duration in days of x`, `duration in days between a and b`."""
        return self._duration_or_difference("DurationOf", "DurationBetween")

    def difference(self) -> Node:
        """`difference in days of x`, `difference in days between a and b`."""
        return self._duration_or_difference("DifferenceOf", "DifferenceBetween")

    def _duration_or_difference(self, of: str, between: str) -> Node:
        token = self.advance()
        self.need("in", f"after '{token.text}'")
        precision = self._plural()
        if self.take("of"):
            return self._unary(of, token.start, UNARY, precision)
        return self._between(between, precision, token.start)

    def years_between(self) -> Node:
        """`years between a and b`."""
        start = self.peek.start
        return self._between("DurationBetween", self._plural(), start)

    def _plural(self) -> str:
        precision = PLURAL_PRECISIONS.get(self.key)
        if precision is None:
            raise self.unexpected("where a precision is needed", "'years', 'days' or the like", PLURAL_PRECISIONS)
        self.position += 1
        return precision

    def _between(self, name: str, precision: str, start: int) -> Node:
        self.need("between", "after a precision")
        low = self.expression(TERM)
        self.end_of_between()
        high = self.expression(TERM)
        return syntax.PrecisionBetween(name, precision, low, high, span=self.span_from(start))

    def end_of_between(self) -> None:
        """Pass over the `and` between the two operands of a `between`."""
        if not self.take(BETWEEN_AND):
            self.need("and", "after the first operand of 'between'")

    def extent(self) -> Node:
        """`minimum Integer`."""
        token = self.advance()
        name = "MinValue" if token.text == "minimum" else "MaxValue"
        of_type = self.named_type(f"after '{token.text}'")
        return syntax.Extent(name, of_type, span=self.span_from(token.start))

    def if_(self) -> Node:
        start = self.advance().start
        condition = self.expression(0)
        self.need("then", "after the condition of 'if'")
        then = self.expression(0)
        self.need("else", "after the first result of 'if', which needs a second")
        otherwise = self.expression(0)
        return syntax.If(condition, then, otherwise, span=self.span_from(start))

    def case(self) -> Node:
        start = self.advance().start
        comparand = None if self.key == "when" else self.expression(0)
        items: list[tuple[Node, Node]] = []
        while self.take("when"):
            condition = self.expression(0)
            self.need("then", "after the condition of 'when'")
            items.append((condition, self.expression(0)))
        if not items:
            raise self.unexpected("in 'case' before any 'when'", "'when'", {"when"})
        self.need("else", "among the results of 'case', which needs one for all other cases")
        otherwise = self.expression(0)
        self.need("end", "after the last result of 'case'")
        return syntax.Case(comparand, tuple(items), otherwise, span=self.span_from(start))

    def convert(self) -> Node:
        """`convert x to Type`, `convert x to 'mg'`, `convert x to days`."""
        start = self.advance().start
        operand = self.expression(0)
        self.need("to", "after the operand of 'convert'")
        unit = None
        to_type = None
        if self.key == words.STRING or self.key in CALENDAR_WORDS:
            unit = self.advance().text
        else:
            to_type = self.type_specifier()
        return syntax.Convert(operand, to_type, unit, span=self.span_from(start))

    def cast(self) -> Node:
        """`cast x as Type`."""
        start = self.advance().start
        operand = self.expression(0)
        if not self.take(CAST_AS):
            raise self.unexpected("after the operand of 'cast'", "'as'", {"as"})
        return syntax.Cast(operand, self.type_specifier(), span=self.span_from(start))
