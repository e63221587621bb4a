"""Search against the oracle: generated resources, generated queries, both stores, all plans."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from bedside.fhir.dates import instant
from bedside.record.model import Delete, Update
from bedside.record.record import Record

from . import strategies as make
from .conftest import Corpus, ids_of
from .crowd import Crowd
from .oracle import Oracle

Case = tuple[list[dict[str, Any]], str, list[tuple[str, str]]]

EFFORT = int(os.environ.get("SEARCH_EFFORT", "1"))
"""How many times as long as in a quick run to look for a counter-example."""


def examples(count: int, **more: Any) -> Callable[[Any], Any]:
    return settings(max_examples=count * EFFORT, deadline=None, suppress_health_check=list(HealthCheck), **more)


def agree(record: Record, oracle: Oracle, name: str, query: list[tuple[str, str]]) -> None:
    """Pages and total of a search are what the oracle says; the message shows what differs."""
    note(f"{name} {query}")
    ids = ids_of(record, name, query)
    assert len(ids) == len(set(ids)), (name, query)
    wrong = set(ids) ^ oracle.search(name, query)
    shown = [("found" if id_ in ids else "missed", oracle.resources[(name, id_)]) for id_ in sorted(wrong)]
    assert not wrong, f"{name}?{query}: {shown}"
    counted = record.search(name, [*query, ("_total", "accurate"), ("_count", "1")], strict=True)
    assert counted.total == len(ids), (name, query)


@pytest.mark.slow
@pytest.mark.parametrize("code", make.ASKED)
def test_values_match_as_the_specification_says(unchecked: Record, still: int, code: str) -> None:
    @examples(40)
    @given(case=make.case(code))
    def check(case: Case) -> None:
        resources, name, questions = case
        oracle = Oracle(iter(resources), still)
        with Corpus(unchecked, resources) as record:
            for question in questions:
                agree(record, oracle, name, [question])

    check()


@pytest.mark.slow
@pytest.mark.usefixtures("limits")
def test_a_crowd_is_searched_as_the_specification_says(unchecked: Record, still: int) -> None:
    @examples(4, phases=[Phase.generate])  # a seed says nothing when it is made smaller
    @given(seed=st.integers(0, 1 << 64))
    def check(seed: int) -> None:
        crowd = Crowd(seed)
        before, resources = crowd.resources(), crowd.resources()
        oracle = Oracle(iter(resources), still)
        with Corpus(unchecked, before), Corpus(unchecked, resources) as record:
            for _ in range(120):
                agree(record, oracle, *crowd.query())

    check()


@pytest.mark.slow
@pytest.mark.usefixtures("limits", "still")
def test_every_order_pages_through_all_matches_once(unchecked: Record) -> None:
    @examples(3, phases=[Phase.generate])
    @given(seed=st.integers(0, 1 << 64))
    def check(seed: int) -> None:
        crowd = Crowd(seed)
        with Corpus(unchecked, crowd.resources()) as record:
            for _ in range(60):
                name, query = crowd.query()
                query = query[: crowd.random.choice([0, 1])]
                ordered = [*query, ("_sort", crowd.sort(name))]
                note(f"{name} {ordered}")
                ids = ids_of(record, name, ordered)
                assert sorted(ids) == sorted(ids_of(record, name, query, 20)), (name, ordered)
                whole = record.search(name, ordered, strict=True)
                assert ids == [match.id for match in whole.matches], (name, ordered)

    check()


BIRTHS = st.lists(st.one_of(st.none(), st.sampled_from(["2000", "2001-05", "2000-01-01", "1999-12-31"])), max_size=8)


@pytest.mark.usefixtures("limits")
@examples(30)
@given(births=BIRTHS, down=st.booleans(), code=st.sampled_from(["birthdate", "family", "gender", "period", "_id"]))
def test_a_sort_is_by_value_and_what_has_none_comes_last(
    unchecked: Record, births: list[str | None], down: bool, code: str
) -> None:
    name = "Account" if code == "period" else "Patient"
    found: list[dict[str, Any]] = []
    for i, birth in enumerate(births):
        has = {} if birth is None else {"birthDate": birth, "name": [{"family": birth}], "gender": birth}
        if name == "Account":
            has = {} if birth is None else {"servicePeriod": {"start": birth}}
        found.append({"resourceType": name, "id": f"p{i}", **has})
    with Corpus(unchecked, found) as record:
        ids = ids_of(record, name, [("_sort", "-" + code if down else code)])
        if code == "_id":
            assert ids == sorted((r["id"] for r in found), reverse=down)
            return
        values = [births[int(id_[1:])] for id_ in ids]
        known = [value for value in values if value is not None]
        assert values == known + [None] * (len(values) - len(known))
        full = [(value + "-01-01")[:10] for value in known] if code in ("birthdate", "period") else known
        assert full == sorted(full, reverse=down)


ASKS = st.lists(
    st.tuples(
        st.integers(0, 11), st.sampled_from([-1, 0, 1]), st.sampled_from(["", "ne", "gt", "lt", "ge", "le", "sa", "eb"])
    ),
    min_size=1,
    max_size=8,
)


@examples(25)
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=4), asks=ASKS)
def test_last_updated(unchecked: Record, sizes: list[int], asks: list[tuple[int, int, str]]) -> None:
    """Searches by the instants at which things were really written, on and beside them."""
    record = unchecked
    when: dict[str, int] = {}
    try:
        for group, size in enumerate(sizes):
            batch = [{"resourceType": "Patient", "id": f"p{group}-{i}"} for i in range(size)]
            for outcome in record.write(*[Update("Patient", p, p["id"]) for p in batch]):
                assert outcome.stored is not None
                when[outcome.stored.id] = outcome.stored.updated
        for which, shift, prefix in asks:
            edge = sorted(when.values())[which % len(when)] + shift
            text = instant(edge)[:-1].ljust(26, "0") + "Z"
            expected = {id_ for id_, updated in when.items() if _compares(prefix, updated, edge)}
            note(f"{prefix}{text} {when}")
            assert set(ids_of(record, "Patient", [("_lastUpdated", prefix + text)])) == expected
    finally:
        record.write(*[Delete("Patient", id_) for id_ in when])


def _compares(prefix: str, value: int, edge: int) -> bool:
    return {
        "": value == edge, "ne": value != edge, "gt": value > edge, "sa": value > edge,
        "lt": value < edge, "eb": value < edge, "ge": value >= edge, "le": value <= edge,
    }[prefix]  # fmt: skip
