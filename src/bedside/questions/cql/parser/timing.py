"""Timing phrases: `starts 3 days or less before day of start`, `same month as`, `overlaps after`.

CQL 1.5.3, 02 "Timing and Interval Operators".
Each method is one alternative of the grammar's `intervalOperatorPhrase`. They begin behind `starts`, `ends` or
`occurs`, which the first of them has read.
"""

from __future__ import annotations

from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.terms import Terms
from bedside.questions.cql.parser.words import PRECISIONS, word_set
from bedside.questions.cql.syntax import Timing
from bedside.questions.tree import Literal, Node
from bedside.questions.values import CALENDAR_WORDS

TIMING = 6
"""How tightly a timing phrase binds; see `expressions`."""

_LEFT = {"starts": "Start", "ends": "End", "occurs": None}
_RIGHT = {"start": "Start", "end": "End"}
_DIRECTIONS = {"before": "Before", "after": "After"}
_OFFSETS = {"more": "OrMore", "less": "OrLess"}
_EXCLUSIVE = {"less": "LessThan", "more": "MoreThan"}
_AFTER_BOUNDARY = frozenset(
    {"same", "properly", "during", "included", "within", "before", "after", "on", "less", "more"}
)
NOT_BEGINNING = word_set(
    """
    contains div ends except implies includes intersect meets mod overlaps starts union where xor asc ascending desc
    descending default define code codesystem concept context include library parameter using valueset
    """
)
"""Words that are operators rather than names behind `before start`: the `start` before them is a name then."""
_BEGINNING = (
    (words.REFERENCES - NOT_BEGINNING)
    | {*words.PRECISIONS, *words.PLURAL_PRECISIONS}
    | {words.STRING, words.NUMBER, words.LONG, words.TEMPORAL, words.VARIABLE}
    | word_set(
        """
        Code Concept Interval List Tuple case cast collapse convert difference distinct duration exists expand false
        flatten from if maximum minimum not null point singleton true + - ( [ { %
        """
    )
)


class TimingPhrases(Terms):
    """The phrases between two operands. `left` is the first operand, `start` the position of its first token."""

    def timing(self, left: Node, start: int) -> Node:
        boundary = None
        key = self.key
        led = key in _LEFT
        if led:
            boundary = _LEFT[key]
            self.position += 1
            following = self.key
            if following not in _AFTER_BOUNDARY and not self.at_offset():
                if key == "occurs":
                    expected = "'same', 'before', 'after', 'during', 'included in', 'within' or a quantity"
                    raise self.unexpected("after 'occurs'", expected, _AFTER_BOUNDARY - words.PAIRS.keys())
                return self._starts_or_ends(left, start, "Starts" if key == "starts" else "Ends")
            key = following
        match key:
            case "same":
                return self._concurrent(left, start, boundary)
            case "meets" | "overlaps":
                return self._meets_or_overlaps(left, start)
            case "includes" | "during" | "included" | "within" | "properly":
                return self._inclusion(left, start, boundary, led)
        return self._before_or_after(left, start, boundary)

    def at_offset(self) -> bool:
        """Whether a quantity comes next that is the offset of `before` or `after`, and not an operand."""
        at = self.position
        if self.keys[at] != words.NUMBER:
            return False
        at += 1
        if self.keys[at] == words.STRING or self.keys[at] in CALENDAR_WORDS:
            at += 1
        if self.keys[at] == "or" and self.tokens[at + 1].text in _OFFSETS:
            at += 2
        return self.keys[at] in _DIRECTIONS or self.keys[at] == "on"

    def precision_of(self) -> str | None:
        """`day of`, with ELM's name of the precision."""
        precision = PRECISIONS.get(self.key)
        if precision is None or self.keys[self.position + 1] != "of":
            return None
        self.position += 2
        return precision

    def _right_boundary(self) -> str | None:
        """`start` or `end` before the right operand; followed by `of` it is an operator, and alone a name."""
        boundary = _RIGHT.get(self.key)
        if boundary is None:
            return None
        following = self.keys[self.position + 1]
        if following not in _BEGINNING:
            return None
        if following in _RIGHT and self.keys[self.position + 2] != "of":
            return None
        self.position += 1
        return boundary

    def _starts_or_ends(self, left: Node, start: int, phrase: str) -> Node:
        precision = self.precision_of()
        return self._phrase(left, start, phrase, precision=precision)

    def _concurrent(self, left: Node, start: int, boundary: str | None) -> Node:
        """`same day as`, `same or before`."""
        self.position += 1
        precision = PRECISIONS.get(self.key)
        if precision is not None:
            self.position += 1
        direction = None
        if not self.take("as"):
            if self.key != "or" or self.keys[self.position + 1] not in _DIRECTIONS:
                raise self.unexpected("after 'same'", "'as', 'or before' or 'or after'", {"as", *PRECISIONS})
            direction = _DIRECTIONS[self.keys[self.position + 1]]
            self.position += 2
        right_boundary = self._right_boundary()
        return self._phrase(left, start, "Concurrent", boundary, right_boundary, precision, direction=direction)

    def _meets_or_overlaps(self, left: Node, start: int) -> Node:
        phrase = "Meets" if self.advance().text == "meets" else "Overlaps"
        direction = _DIRECTIONS.get(self.key)
        if direction is not None:
            self.position += 1
        return self._phrase(left, start, phrase, precision=self.precision_of(), direction=direction)

    def _inclusion(self, left: Node, start: int, boundary: str | None, led: bool) -> Node:
        """`includes`, `during`, `included in` and `within`, all of which `properly` may precede."""
        properly = self.take("properly")
        began = self.key
        self.position += 1
        if began == "includes" and not led:
            precision = self.precision_of()
            right = self._right_boundary()
            return self._phrase(left, start, "Includes", None, right, precision, properly=properly)
        if began in ("during", "included"):
            self.position += began == "included"
            precision = self.precision_of()
            return self._phrase(left, start, "IncludedIn", boundary, precision=precision, properly=properly)
        if began == "within":
            offset = self.quantity()
            self.need("of", "after the quantity of 'within'")
            right = self._right_boundary()
            return self._phrase(left, start, "Within", boundary, right, properly=properly, offset=offset)
        self.position -= 1
        choices = ("between", "includes", "during", "included in", "within")
        raise self.unexpected("after 'properly'", "'includes', 'during', 'included in' or 'within'", choices)

    def _before_or_after(self, left: Node, start: int, boundary: str | None) -> Node:
        """`before`, `on or after`, `3 days or more before`, `less than 3 days after or on`."""
        offset, qualifier = None, None
        if self.key in _EXCLUSIVE:
            qualifier = _EXCLUSIVE[self.key]
            self.position += 2
            offset = self.quantity()
        elif self.key == words.NUMBER:
            offset = self.quantity()
            if self.key == "or" and self.tokens[self.position + 1].text in _OFFSETS:
                qualifier = _OFFSETS[self.tokens[self.position + 1].text]
                self.position += 2
        inclusive = self.key == "on"
        if inclusive:
            self.position += 2
        direction = _DIRECTIONS.get(self.key)
        if direction is None:
            raise self.unexpected("in a timing phrase", "'before' or 'after'", _DIRECTIONS)
        self.position += 1
        if not inclusive and self.key == "or" and self.tokens[self.position + 1].text == "on":
            self.position += 2
            inclusive = True
        precision = self.precision_of()
        right = self._right_boundary()
        return self._phrase(
            left,
            start,
            "BeforeOrAfter",
            boundary,
            right,
            precision,
            direction=direction,
            inclusive=inclusive,
            offset=offset,
            qualifier=qualifier,
        )

    def _phrase(
        self,
        left: Node,
        start: int,
        phrase: str,
        left_boundary: str | None = None,
        right_boundary: str | None = None,
        precision: str | None = None,
        *,
        direction: str | None = None,
        inclusive: bool = False,
        properly: bool = False,
        offset: Literal | None = None,
        qualifier: str | None = None,
    ) -> Node:
        """Read the right operand and make the node of the phrase."""
        right = self.expression(TIMING)
        return Timing(
            phrase,
            left,
            right,
            left_boundary,
            right_boundary,
            precision,
            direction,
            inclusive,
            properly,
            offset,
            qualifier,
            span=self.span_from(self.tokens[start].start),
        )
