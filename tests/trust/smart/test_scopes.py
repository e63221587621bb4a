"""Scopes: both spellings, narrowing, and what they allow. Narrowing is held against a set of all that could be asked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bedside.trust.smart.grants import Grant, scope_allows
from bedside.trust.smart.scopes import Scope, Scopes, Way, allows, narrow, parse, parse_scope, within

LAB = frozenset({("category", "laboratory")})
VITAL = frozenset({("category", "vital-signs")})


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("patient/Observation.rs", "patient/Observation.rs"),
        ("patient/Observation.rs?category=laboratory", "patient/Observation.rs?category=laboratory"),
        ("user/*.cruds", "user/*.cruds"),
        ("patient/Observation.read", "patient/Observation.read"),
        ("patient/*.write", "patient/*.write"),
        ("system/*.*", "system/*.*"),
        (
            "patient/Observation.rs?category=http%3A%2F%2Fx%7Claboratory",
            "patient/Observation.rs?category=http://x|laboratory",
        ),
        ("patient/*.rs?_security=http://x|R", "patient/*.rs?_security=http://x|R"),
    ],
)
def test_scopes_are_read_and_spelled_as_they_came(text: str, spelled: str) -> None:
    found = parse_scope(text)
    assert str(found) == spelled
    assert parse_scope(spelled) == found


@pytest.mark.parametrize(
    "text",
    ["patient/Observation.", "patient/Observation.sr", "patient/Observation.rr", "patient/Nothing.rs", "Patient/*.rs",
     "patient/Observation.rs?", "patient/Observation.rs?category", "patient/Observation.rs?category=", "patient/*.rs?category=x",
     "patient/Observation.rs?_include=Observation:subject", "patient/Observation.rs?_has:x=y", "patient/Observation.read?category=x",
     "patient/Observation.rs\n", "patient/observation.rs", "patient/Observation.rs?a%00=b", "patient/Observation", "*/*.*",
     "patient/Patient.rs/../../user/*.cruds", "patient/Observation.rs?_query=x"],
)  # fmt: skip
def test_what_is_no_scope_is_left_out(text: str) -> None:
    assert parse_scope(text) is None
    assert parse(f"{text} openid") == Scopes((), frozenset({"openid"}))


ONE, OTHER = frozenset({("_tag", "a")}), frozenset({("_tag", "b")})
LETTERS = ["r", "rs", "cruds", "cud", "s"]
scope = some.builds(
    Scope,
    some.sampled_from(["patient", "user", "system"]),
    some.sampled_from(["*", "Observation", "Patient"]),
    some.sampled_from(LETTERS),
    some.sampled_from([frozenset(), ONE, OTHER, ONE | OTHER]).map(frozenset),
)
several = some.lists(scope, max_size=4).map(lambda found: Scopes(tuple(found)))


def reached(scopes: Scopes) -> set[tuple[str, str, str, frozenset[tuple[str, str]]]]:
    """Every (level, type, letter, what a resource matches) that scopes reach: what they mean, the long way."""
    worlds = (frozenset(), ONE, OTHER, ONE | OTHER)
    return {
        (level, kind, letter, matched)
        for level, kind, letter, matched in itertools.product(
            ("patient", "user", "system"), ("Observation", "Patient", "Condition"), "cruds", worlds
        )
        for one in scopes.resources
        if one.level == level and one.type in ("*", kind) and letter in one.letters and one.query <= matched
    }


@given(several, several)
def test_narrowing_gives_exactly_what_both_allow(asked: Scopes, allowed: Scopes) -> None:
    assert reached(narrow(asked, allowed)) == reached(asked) & reached(allowed)


@given(several, several)
def test_what_is_within_reaches_no_further(asked: Scopes, granted: Scopes) -> None:
    if within(asked, granted):
        assert reached(asked) <= reached(granted)
    assert within(narrow(asked, granted), granted)


@given(several)
def test_scopes_survive_being_written(scopes: Scopes) -> None:
    assert reached(parse(str(scopes))) == reached(scopes)


def test_words_are_narrowed_too() -> None:
    asked = parse("openid fhirUser launch/patient offline_access patient/*.rs")
    assert str(narrow(asked, parse("openid launch/patient patient/Observation.r"))) == (
        "launch/patient openid patient/Observation.r"
    )


def grant(scope: str, patient: str | None = "1") -> Grant:
    return Grant("app", "Practitioner/1", parse(scope), patient, None, "account", "authorization", 0, 1)


def test_interactions_need_their_letter() -> None:
    given_ = grant("user/Observation.cr user/Patient.s patient/Condition.read")
    assert scope_allows(given_, "Observation", "create")
    assert scope_allows(given_, "Observation", "vread")
    assert not scope_allows(given_, "Observation", "search")
    assert not scope_allows(given_, "Observation", "patch")
    assert not scope_allows(given_, "Observation", "delete")
    assert not scope_allows(given_, "Patient", "read")
    assert scope_allows(given_, "Patient", "history-type")
    assert scope_allows(given_, "Condition", "search").ways == (Way("patient", frozenset()),)
    assert not scope_allows(given_, "Encounter", "read")


def test_scopes_of_a_patient_mean_nothing_without_one() -> None:
    assert not scope_allows(grant("patient/*.cruds", patient=None), "Observation", "read")
    assert scope_allows(grant("patient/*.cruds user/*.r", patient=None), "Observation", "read").ways == (
        Way("user", frozenset()),
    )


def test_granular_scopes_hold_every_resource_to_their_parameters() -> None:
    given_ = grant("patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs")
    assert {way.must_match for way in scope_allows(given_, "Observation", "read").ways} == {LAB, VITAL}
    asked = (("category", "laboratory"), ("_count", "10"))
    assert scope_allows(given_, "Observation", "search", asked).ways == (Way("patient", frozenset()),)
    other = scope_allows(given_, "Observation", "search", (("category", "social-history"),))
    assert {way.must_match for way in other.ways} == {LAB, VITAL}
    # Parameters only count where they restrict: a create that claims one is still held to it.
    assert {way.must_match for way in allows(given_.scopes, "Observation", "read", asked).ways} == {LAB, VITAL}


def test_a_whole_type_makes_its_parts_needless_but_only_at_the_same_level() -> None:
    given_ = grant(
        "patient/Observation.rs user/Observation.rs?category=laboratory patient/Observation.r?category=laboratory"
    )
    assert set(scope_allows(given_, "Observation", "read").ways) == {Way("patient", frozenset()), Way("user", LAB)}
