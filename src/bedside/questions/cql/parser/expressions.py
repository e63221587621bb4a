"""The heart of the parser: which construct begins with which word, and which operators may follow, how tightly.

One loop reads terms and operators alike. The grammar has two levels: terms with arithmetic (`expressionTerm`) and
expressions over them (`expression`). Only parentheses turn an expression into a term, so an operator of the first level
cannot follow what is of the second, nor have it as operand. The numbers are those of the grammar's alternatives in
reverse: a higher one binds more tightly (CQL 1.5.3, appendix I).
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.questions import tree
from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.operators import TERM
from bedside.questions.cql.parser.queries import Queries
from bedside.questions.cql.parser.timing import TIMING
from bedside.questions.cql.parser.words import PROPERLY_BETWEEN
from bedside.questions.errors import ParseError, Span
from bedside.questions.parser import MAX_DEPTH
from bedside.questions.tree import BinaryExpression, Node

MAX_HEIGHT = 1000
"""How many nodes a tree may be high; a chain of operators or steps adds one for each."""

MEMBERSHIP, TYPE, BETWEEN, QUERY, STEP = 4, 15, 11, 19, 30

BINARY: dict[str, tuple[int, type[BinaryExpression]]] = {
    "^": (23, syntax.Power),
    "*": (22, tree.Multiply),
    "/": (22, tree.Divide),
    "div": (22, tree.TruncatedDivide),
    "mod": (22, tree.Modulo),
    "+": (21, tree.Add),
    "-": (21, tree.Subtract),
    "&": (21, tree.Concatenate),
    "|": (8, tree.Union),
    "union": (8, tree.Union),
    "intersect": (8, syntax.Intersect),
    "except": (8, syntax.Except),
    "<": (7, tree.Less),
    "<=": (7, tree.LessOrEqual),
    ">": (7, tree.Greater),
    ">=": (7, tree.GreaterOrEqual),
    "=": (5, tree.Equal),
    "!=": (5, tree.NotEqual),
    "~": (5, tree.Equivalent),
    "!~": (5, tree.NotEquivalent),
    "and": (3, tree.And),
    "or": (2, tree.Or),
    "xor": (2, tree.Xor),
    "implies": (1, tree.Implies),
}
"""The operators with two operands: how tightly each binds, and its node. All group from the left."""

_LOOSE = frozenset({"[", "from", "cast", "not", "exists"})
"""What begins with these is an expression and no term."""

_EXPECTED = "a name, a literal, a sign, '(' or a word that begins an expression"


class Expressions(Queries):
    """The loop over operators, and those operators that stand between or behind their operands."""

    def expression(self, minimum: int) -> Node:
        """A term and all operators after it that bind more tightly than `minimum`."""
        if self.depth >= MAX_DEPTH:
            raise self.error(f"the expression is nested more than {MAX_DEPTH} levels deep")
        self.depth += 1
        outer, self.high = self.high, 0
        keys = self.keys
        start = self.position
        key = keys[start]
        begin = _PREFIX.get(key)
        if begin is None or (minimum >= TERM and key in _LOOSE):
            raise self._no_beginning(minimum)
        left = begin(self)
        # From here on, operators between terms cannot follow an expression that is no term.
        loose = key in _LOOSE or (key in _BETWEEN_WORDS and isinstance(left, syntax.PrecisionBetween))
        if loose and minimum >= TERM:
            raise self._no_beginning(minimum, start)
        while True:
            key = keys[self.position]
            binary = BINARY.get(key)
            if binary is not None:
                level, node = binary
                if level <= minimum or (loose and level > TERM):
                    break
                high = self.high + 1
                self.position += 1
                right = self.expression(level)
                left = node(left, right, span=Span(self.tokens[start].start, self.tokens[self.position - 1].end))
            else:
                rule = _INFIX.get(key)
                if rule is None:
                    break
                level, follow = rule
                if level <= minimum or (loose and level > TERM):
                    break
                high = self.high + 1
                before, left = left, follow(self, left, start)
                if left is before:
                    break
            if level < TERM:
                loose = True
            if high > self.high:
                self.high = high
                if high >= MAX_HEIGHT:
                    raise self.error(f"the expression is more than {MAX_HEIGHT} levels high")
        self.high = self.high + 1 if self.high >= outer else outer
        self.depth -= 1
        return left

    def _no_beginning(self, minimum: int, at: int | None = None) -> ParseError:
        if at is not None:
            self.position = at
        if minimum >= TERM and self.key in _PREFIX:
            return self.error(
                f"{self.peek} cannot begin the operand of this operator", expected="parentheses around it"
            )
        return self.unexpected("where an expression begins", _EXPECTED, _PREFIX_WORDS)

    def _offset_phrase(self, left: Node, start: int) -> Node:
        """A timing phrase that begins with a quantity; any other number cannot follow an operand."""
        return self.timing(left, start) if self.at_offset() else left

    def _type_or_truth(self, left: Node, start: int) -> Node:
        """`is not null`, `is true`, `is Type`, `as Type`."""
        word = self.advance().text
        offset = self.tokens[start].start
        if word == "as":
            as_type = self.type_specifier()
            return syntax.As(left, as_type, span=self.span_from(offset))
        negated = self.take("not")
        truth = self.take_one(_TRUTH)
        if truth is not None:
            return syntax.BooleanTest(left, _TRUTH[truth], negated, span=self.span_from(offset))
        if negated:
            raise self.unexpected("after 'is not'", "'null', 'true' or 'false'", _TRUTH)
        is_type = self.type_specifier()
        return syntax.Is(left, is_type, span=self.span_from(offset))

    def _between_operands(self, left: Node, start: int) -> Node:
        properly = self.take(PROPERLY_BETWEEN)
        self.need("between", "after 'properly'")
        low = self.expression(TERM)
        self.end_of_between()
        high = self.expression(TERM)
        return syntax.Between(left, low, high, properly, span=self.span_from(self.tokens[start].start))

    def _membership(self, left: Node, start: int) -> Node:
        """`in`, `contains`, with `day of` behind them or not."""
        word = self.advance().text
        precision = self.precision_of()
        right = self.expression(MEMBERSHIP)
        span = self.span_from(self.tokens[start].start)
        if precision is not None:
            return syntax.Membership("In" if word == "in" else "Contains", left, right, precision, span=span)
        return tree.In(left, right, span=span) if word == "in" else tree.Contains(left, right, span=span)


_TRUTH = {"null": None, "true": True, "false": False}

_PREFIX: dict[str, Callable[[Expressions], Node]] = {
    **dict.fromkeys(words.REFERENCES, Expressions.reference_term),
    **dict.fromkeys(("start", "end", "width", "successor", "predecessor"), Expressions.of),
    **dict.fromkeys(("date", "time", "timezone", "timezoneoffset", "singleton", "point"), Expressions.from_),
    **dict.fromkeys(words.PRECISIONS, Expressions.component),
    **dict.fromkeys(words.PLURAL_PRECISIONS, Expressions.years_between),
    **dict.fromkeys(("minimum", "maximum"), Expressions.extent),
    **dict.fromkeys(("expand", "collapse"), Expressions.set_aggregate),
    **dict.fromkeys(("+", "-"), Expressions.sign),
    words.STRING: Expressions.text,
    words.NUMBER: Expressions.number,
    words.LONG: Expressions.long,
    words.TEMPORAL: Expressions.temporal,
    words.VARIABLE: Expressions.variable,
    "(": Expressions.parentheses,
    "[": Expressions.retrieve,
    "{": Expressions.braces,
    "%": Expressions.external,
    "true": Expressions.true,
    "false": Expressions.false,
    "null": Expressions.null,
    "Interval": Expressions.interval,
    "Tuple": Expressions.tuple_,
    "List": Expressions.list_,
    "Code": Expressions.code,
    "Concept": Expressions.concept,
    "not": Expressions.not_,
    "exists": Expressions.exists,
    "cast": Expressions.cast,
    "convert": Expressions.convert,
    "if": Expressions.if_,
    "case": Expressions.case,
    "distinct": Expressions.distinct,
    "flatten": Expressions.flatten,
    "duration": Expressions.duration,
    "difference": Expressions.difference,
    "from": Expressions.query_from,
}

_INFIX: dict[str, tuple[int, Callable[[Expressions, Node, int], Node]]] = {
    ".": (STEP, Expressions.step),
    "[": (STEP, Expressions.index),
    "{": (STEP, Expressions.instance),
    **dict.fromkeys(words.NAMES, (QUERY, Expressions.query)),
    **dict.fromkeys(("is", "as"), (TYPE, Expressions._type_or_truth)),
    **dict.fromkeys((PROPERLY_BETWEEN, "between"), (BETWEEN, Expressions._between_operands)),
    **dict.fromkeys(
        (
            *("same", "includes", "during", "included", "before", "after", "on", "within", "meets", "overlaps"),
            *("starts", "ends", "occurs", "less", "more", "properly"),
        ),
        (TIMING, Expressions.timing),
    ),
    words.NUMBER: (TIMING, Expressions._offset_phrase),
    **dict.fromkeys(("in", "contains"), (MEMBERSHIP, Expressions._membership)),
}
del _INFIX["such"]

_BETWEEN_WORDS = frozenset({"duration", "difference", *words.PLURAL_PRECISIONS})
_PREFIX_WORDS = frozenset(key for key in _PREFIX if key.isalpha()) - words.NAME_KEYWORDS
