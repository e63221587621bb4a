"""How many there are (https://hl7.org/fhir/R4/search.html#total)."""

from __future__ import annotations

from bedside.record.search.conditions import At
from bedside.record.search.context import Context
from bedside.record.search.drive import Driver, Question, attempts, within
from bedside.record.search.sort import CLOCK, Key, Order
from bedside.record.search.sql import Sql, all_of, sql, union

_D = At("d.rid", "d.clock", bounded=True)
_NEWEST = Order((Key(CLOCK, True, False, "d.clock"),), True)
_SAMPLE = 2000


def accurate(context: Context, asked: Question) -> int:
    """The number of matches of one leg, counted."""
    found: int = context.session.rows(*_count(asked, _driver(context, asked)))[0][0]
    return found


def estimate(context: Context, asked: Question) -> int:
    """Roughly the number of matches: exact up to some thousand candidates, beyond that by the share that matches
    among the first of them."""
    driver = _driver(context, asked)
    if not asked.asked(driver):
        return accurate(context, asked)
    everyone: int = context.session.rows(*_candidates(asked, driver))[0][0]
    if everyone <= _SAMPLE:
        return accurate(context, asked)
    probes = all_of([condition.probe(_D) for condition in asked.asked(driver)])
    columns = "d.rid AS rid, d.clock AS clock"
    sample = sql(
        f"SELECT count(*) FROM (SELECT * FROM ({{}}) c LIMIT {_SAMPLE}) d WHERE {{}}",
        _select(asked, driver, columns, []),
        probes,
    )
    matching: int = context.session.rows(*sample)[0][0]
    return everyone * matching // _SAMPLE


def _driver(context: Context, asked: Question) -> Driver:
    """The driver with the fewest candidates: the way a page would be found in the end."""
    last = list(attempts(context, asked, _NEWEST, None))[-1]
    return last.driver


def _count(asked: Question, driver: Driver) -> Sql:
    probes = [condition.probe(_D) for condition in asked.asked(driver)]
    return sql("SELECT count(*) FROM ({}) c", _select(asked, driver, "d.rid AS rid", probes))


def _candidates(asked: Question, driver: Driver) -> Sql:
    return sql("SELECT count(*) FROM ({}) c", _select(asked, driver, "d.rid AS rid", []))


def _select(asked: Question, driver: Driver, columns: str, probes: list[Sql]) -> Sql:
    bounds = within(asked.low, asked.high)
    branches = [
        sql(f"SELECT {columns} FROM {{}} WHERE {{}}", driver.source, all_of([branch, bounds, *probes]))
        for branch in driver.branches
    ]
    return union(branches, distinct=True)
