"""Timing phrases, written out as the operators that they stand for (CQL 1.5, authors guide, "Timing Relationships";
developers guide, "Timing Phrases").

`starts` and `ends` become Start and End of the left operand, `start` and `end` after the phrase those of the right one.
An offset (`3 days or less before`) becomes arithmetic on the right operand and a comparison or a membership.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import convert
from bedside.questions.cql.typer.calls import call, negated
from bedside.questions.cql.typer.core import Typer, types
from bedside.questions.cql.typer.membership import contains, in_, included_in, includes, ranged
from bedside.questions.cql.types import ANY, IntervalType, ListType
from bedside.questions.errors import CheckError
from bedside.questions.values import Quantity

Phrase = Callable[[Typer, syntax.Timing, tree.Expression, tree.Expression], tree.Expression]

UNIT_PRECISIONS = {
    **{unit: unit.capitalize() for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")},
    "a": "Year",
    "mo": "Month",
    "wk": "Week",
    "d": "Day",
    "h": "Hour",
    "min": "Minute",
    "s": "Second",
    "ms": "Millisecond",
}


@types(syntax.Timing)
def timing(typer: Typer, node: syntax.Timing) -> tree.Expression:
    left, right = typer.all((node.left, node.right))
    if node.left_boundary:
        left = call(typer, node.left_boundary, (left,), node.left.span)
    if node.right_boundary:
        right = call(typer, node.right_boundary, (right,), node.right.span)
    return PHRASES[node.phrase](typer, node, left, right)


def concurrent(typer: Typer, node: syntax.Timing, left: tree.Expression, right: tree.Expression) -> tree.Expression:
    """`same day as`, `same day or before`, `same day or after`."""
    name = {None: "SameAs", "Before": "SameOrBefore", "After": "SameOrAfter"}[node.direction]
    return call(typer, name, (left, right), node.span, precision=node.precision)


def including(typer: Typer, node: syntax.Timing, left: tree.Expression, right: tree.Expression) -> tree.Expression:
    if _is_whole(typer, right, left, node):
        return includes(typer, left, right, node.span, precision=node.precision, properly=node.properly)
    return contains(typer, left, right, node.span, precision=node.precision, properly=node.properly)


def included(typer: Typer, node: syntax.Timing, left: tree.Expression, right: tree.Expression) -> tree.Expression:
    """`during` and `included in`: In for a point, IncludedIn for an interval or a list."""
    if _is_whole(typer, left, right, node):
        return included_in(typer, left, right, node.span, precision=node.precision, properly=node.properly)
    return in_(typer, left, right, node.span, precision=node.precision, properly=node.properly)


def _is_whole(typer: Typer, part: tree.Expression, whole: tree.Expression, node: syntax.Timing) -> bool:
    """Whether what is included is itself a list or interval, and no element; so a null included (not properly) in a
    list.
    """
    if part.type == ANY and isinstance(whole.type, ListType):
        return not node.properly
    if isinstance(ranged(typer, whole).type, IntervalType):  # A FHIR.Period in an interval is an interval, too.
        part = ranged(typer, part)
    return isinstance(part.type, (IntervalType, ListType)) and not convert.is_element(typer, whole.type, part.type)


def before_or_after(
    typer: Typer, node: syntax.Timing, left: tree.Expression, right: tree.Expression
) -> tree.Expression:
    """Without an offset a comparison. With one the boundaries that face one another are compared:

    - `3 days before B`: the same (day) as B - 3 days
    - `3 days or more before B`: on or before B - 3 days; `more than`: before it
    - `3 days or less before B`: in [B - 3 days, B) and B is not null; `less than`: in (B - 3 days, B)

    and the other way round for `after`. With `on or` the boundary at B itself is closed.
    """
    before = node.direction == "Before"
    if node.offset is None:
        name = node.direction if not node.inclusive else f"SameOr{node.direction}"
        return call(typer, name or "", (left, right), node.span, precision=node.precision)
    offset = quantity(typer, node)
    if isinstance(left.type, IntervalType):
        left = call(typer, "End" if before else "Start", (left,), node.left.span)
    if isinstance(right.type, IntervalType):
        right = call(typer, "Start" if before else "End", (right,), node.right.span)
    far = call(typer, "Subtract" if before else "Add", (right, offset), node.span)
    match node.offset_qualifier:
        case None:
            precision = node.precision or precision_of(offset)
            return call(typer, "SameAs", (left, far), node.span, precision=precision)
        case "OrMore":
            name = "SameOrBefore" if before else "SameOrAfter"
            return call(typer, name, (left, far), node.span, precision=node.precision)
        case "MoreThan":
            return call(typer, "Before" if before else "After", (left, far), node.span, precision=node.precision)
    far_closed = node.offset_qualifier == "OrLess"
    far_side, near_side = (far, far_closed), (right, node.inclusive)
    (low, low_closed), (high, high_closed) = (far_side, near_side) if before else (near_side, far_side)
    interval = tree.Interval(
        type=IntervalType(far.type),
        low=convert.to(typer, low, far.type),
        high=convert.to(typer, high, far.type),
        low_closed=low_closed,
        high_closed=high_closed,
        span=node.span,
    )
    found = in_(typer, left, interval, node.span, precision=node.precision)
    return _and_known(typer, node, found, right) if far_closed or node.inclusive else found


def within(typer: Typer, node: syntax.Timing, left: tree.Expression, right: tree.Expression) -> tree.Expression:
    """`within 3 days of B`: in [start of B - 3 days, end of B + 3 days]; `properly` opens the boundaries."""
    offset = quantity(typer, node)
    low = high = right
    if isinstance(right.type, IntervalType):
        low, high = (call(typer, name, (right,), node.right.span) for name in ("Start", "End"))
    low, high = call(typer, "Subtract", (low, offset), node.span), call(typer, "Add", (high, offset), node.span)
    closed = not node.properly
    interval = tree.Interval(
        type=IntervalType(low.type), low=low, high=high, low_closed=closed, high_closed=closed, span=node.span
    )
    check = included_in if isinstance(left.type, IntervalType) else in_
    found = check(typer, left, interval, node.span, precision=node.precision)
    if closed and not isinstance(right.type, IntervalType):
        return _and_known(typer, node, found, right)
    return found


def _and_known(typer: Typer, node: syntax.Timing, found: tree.Expression, right: tree.Expression) -> tree.Expression:
    """A closed boundary of null would be the least or greatest value: the phrase wants it unknown."""
    known = negated(typer, call(typer, "IsNull", (right,), node.span))
    return call(typer, "And", (found, known), node.span)


def directed(name: str) -> Phrase:
    """`meets` and `overlaps`, with `before` or `after` or neither."""

    def phrase(typer: Typer, node: syntax.Timing, left: tree.Expression, right: tree.Expression) -> tree.Expression:
        return call(typer, name + (node.direction or ""), (left, right), node.span, precision=node.precision)

    return phrase


def quantity(typer: Typer, node: syntax.Timing) -> tree.Expression:
    if node.offset is None:
        raise CheckError("the phrase needs an amount of time", span=node.span)
    return typer.type(node.offset)


def precision_of(offset: tree.Expression) -> str | None:
    """`3 days before` compares days when nothing else is said."""
    if isinstance(offset, tree.Literal) and isinstance(offset.value, Quantity):
        unit = offset.value.unit or ""
        return UNIT_PRECISIONS.get(unit) or UNIT_PRECISIONS.get(unit.removesuffix("s"))
    return None


PHRASES: dict[str, Phrase] = {
    "Concurrent": concurrent,
    "Includes": including,
    "IncludedIn": included,
    "BeforeOrAfter": before_or_after,
    "Within": within,
    "Meets": directed("Meets"),
    "Overlaps": directed("Overlaps"),
    "Starts": directed("Starts"),
    "Ends": directed("Ends"),
}
