"""What it costs to write the SQL of a search as text, and as a SQLAlchemy Core expression (docs/decisions/0003).

python -m benchmarks.search_sql
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from bedside.record.schema import date, token
from bedside.record.search.conditions import ClockBetween, Keyed
from bedside.record.search.drive import Attempt, Driver, question
from bedside.record.search.filters.date import compare
from bedside.record.search.page import statement
from bedside.record.search.sort import CLOCK, Key, Order
from bedside.record.search.sql import Sql, found, sql
from bedside.record.values import date_value

_VALUE = date_value("ge2024-03")
_NEWEST = Order((Key(CLOCK, True, False, "d.clock"),), True)


def as_text() -> Sql:
    """The page of a token and a date, newest first, by the functions of record/search."""
    code = Keyed("token", ((98336, "8302-2", 54),))
    look = compare(_VALUE, 0)
    when = ClockBetween(
        _VALUE.low,
        None,
        lambda at: found(sql("SELECT 1 FROM date x0 WHERE x0.rid=d.rid AND x0.tp=98392 AND {}", look("x0"))),
    )
    asked = question(96, [code, when])
    drive = code.drive()
    driver = Driver(Sql("token d"), drive.branches, {CLOCK: "d.clock"}, CLOCK, code)  # type: ignore[union-attr]
    return statement(Attempt(driver).driver, asked, _NEWEST, None, None, 51)


def as_core() -> str:
    """The same statement as a Core expression, compiled."""
    d, x = token.alias("d"), date.alias("x0")
    has = (
        sa.select(sa.literal_column("1"))
        .where(x.c.rid == d.c.rid, x.c.tp == 98392, sa.or_(x.c.low >= _VALUE.low, x.c.high > _VALUE.high))
        .limit(1)
        .scalar_subquery()
    )
    page = (
        sa.select(d.c.clock, d.c.rid)
        .where(d.c.tp == 98336, d.c.code == "8302-2", d.c.sys == 54, d.c.clock >= _VALUE.low, has.is_not(None))
        .order_by(d.c.clock.desc(), d.c.rid.desc())
        .limit(51)
    )
    return str(page.compile(dialect=_DIALECT))


_DIALECT = sqlite.dialect()


def microseconds(build: Callable[[], object]) -> float:
    """How long one call takes, in the best of ten runs."""
    return min(timeit.repeat(build, number=100, repeat=10)) / 100 * 1e6


if __name__ == "__main__":
    print(f"text {microseconds(as_text):.0f} us, SQLAlchemy Core {microseconds(as_core):.0f} us")
