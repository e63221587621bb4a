"""Pieces of SQL with the values that belong to their `?`, and how to put pieces together.

Text never contains a value that came from a client. Numbers that the record itself gave out (parameters, types,
limits) are written into the text, so that both databases plan with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Sql(NamedTuple):
    """A piece of SQL and the values of its placeholders, in order."""

    text: str
    values: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Sql("")


def value(one: Any) -> Sql:
    """A placeholder with its value, to be put into a template."""
    return Sql("?", (one,))


def join(separator: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces one after the other; empty ones are left out."""
    texts: list[str] = []
    values: list[Any] = []
    for text, some in pieces:
        if text:
            texts.append(text)
            values += some
    return Sql(separator.join(texts), tuple(values))


def sql(template: str, *pieces: Sql) -> Sql:
    """`template` with each `{}` replaced by a piece."""
    values: list[Any] = []
    for piece in pieces:
        values += piece.values
    return Sql(template.format(*[piece.text for piece in pieces]), tuple(values))


def all_of(pieces: Iterable[Sql]) -> Sql:
    """The conjunction; true (empty) when there is no piece. Pieces must not contain a bare OR."""
    return join(" AND ", pieces)


def any_of(pieces: Sequence[Sql]) -> Sql:
    """The disjunction, in parentheses when there are several."""
    found = join(" OR ", pieces)
    return found if len(pieces) == 1 else Sql(f"({found.text})", found.values)


def where(piece: Sql) -> Sql:
    """` WHERE piece`, or nothing when the piece is empty."""
    return Sql(" WHERE " + piece.text, piece.values) if piece else NOTHING


def union(selects: Sequence[Sql], *, distinct: bool) -> Sql:
    return join(" UNION " if distinct else " UNION ALL ", selects)


def one_of(column: str, numbers: Sequence[int]) -> str:
    """`column = 5` or `column IN (5,6)` for numbers of our own."""
    return f"{column}={numbers[0]}" if len(numbers) == 1 else f"{column} IN ({','.join(map(str, numbers))})"


def among(column: str, values: Sequence[Any]) -> Sql:
    """`column IN (?, ...)` for any number of values.

    The list is padded to a power of two with its last value, so that few distinct statements are prepared.
    """
    if len(values) == 1:
        return Sql(f"{column}=?", (values[0],))
    size = 1 << (len(values) - 1).bit_length()
    padded = (*values, *[values[-1]] * (size - len(values)))
    return Sql(f"{column} IN ({','.join('?' * size)})", padded)


def found(select: Sql) -> Sql:
    """True when the correlated `SELECT 1 ...` has a row.

    A scalar subquery rather than EXISTS, because neither database turns it into a join: the order of evaluation
    that was planned here stays.
    """
    return Sql(f"({select.text} LIMIT 1) IS NOT NULL", select.values)


def negated(condition: Sql) -> Sql:
    return Sql(f"NOT ({condition.text})", condition.values)
