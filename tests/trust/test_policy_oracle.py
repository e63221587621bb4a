"""Random hospitals: the decision, the scope and an oracle that shares no code with them agree on every resource.

`TRUST_HISTORIES=10000 pytest tests/trust/test_policy_oracle.py` is the long form.
"""

from __future__ import annotations

import os
from collections import Counter
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trust.hospitals import NOW, PATIENTS, Maker, instant
from tests.trust.oracle import Oracle

from bedside.fhir import dates
from bedside.trust.consent.read import read
from bedside.trust.facts import Facts
from bedside.trust.item import item_of
from bedside.trust.model import Request
from bedside.trust.policy import decide
from bedside.trust.relations import all_relations
from bedside.trust.scope import visible

HISTORIES = int(os.environ.get("TRUST_HISTORIES", "300"))


def world(make: Maker) -> Any:
    """The facts of one hospital, as resources."""
    many = make.random.randint
    return SimpleNamespace(
        relations=[make.relation() for _ in range(many(0, 12))],
        consents=[make.consent() for _ in range(many(0, 12))],
        glasses=[make.glass() for _ in range(many(0, 3))],
        permits=[make.permit() for _ in range(many(0, 4))],
        births=make.births(),
    )


def facts_of(hospital: Any) -> Facts:
    return Facts(
        now=instant(),
        relations=all_relations(hospital.relations),
        consents=tuple(c for each in hospital.consents if (c := read(each)) is not None),
        glasses=tuple(hospital.glasses),
        permits=tuple(hospital.permits),
        births={patient: dates.interval(birth)[0] for patient, birth in hospital.births.items()},
    )


def compare(seed: int) -> Counter[str]:
    """One hospital, one actor, many resources: what was decided, counted by reason."""
    make = Maker(seed)
    hospital = world(make)
    facts, reasons = facts_of(hospital), Counter[str]()
    for _ in range(3):
        actor = make.actor()
        purpose, action = make.purpose(actor), make.action()
        scope = visible(actor, purpose, action, facts)
        oracle = Oracle(facts.now, actor, str(purpose), str(action), hospital)
        for _ in range(12):
            resource = make.data()
            item = item_of(resource)
            decision = decide(Request(actor, purpose, action, item), facts)
            told = (seed, actor, purpose, action, resource, decision)
            assert decision.permit == oracle.sees(resource), told
            assert scope.contains(item) == decision.permit, told
            reasons[decision.reason.value] += 1
    return reasons


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=2**40))
def test_any_hospital(seed: int) -> None:
    compare(seed)


def test_many_hospitals() -> None:
    """And so that agreement means something: every ground was met, and every way to be refused by data."""
    met = sum((compare(seed) for seed in range(HISTORIES)), Counter[str]())
    for reason in ("treatment-relation", "break-the-glass", "own-record", "proxy", "research-permit", "directory"):
        assert met[reason] >= HISTORIES // 60, met
    for reason in ("label", "consent", "no-proxy-grant", "no-permit", "outside-permit", "glass-expired"):
        assert met[reason] >= 2, met


def test_the_moment_is_the_one_the_oracle_counts_ages_at() -> None:
    assert NOW.startswith("2025-06-15")
    assert len(PATIENTS) == 4
