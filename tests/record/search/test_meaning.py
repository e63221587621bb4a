""":in, :not-in, :above and :below on tokens: against sets worked out by hand, on both stores and all paths."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bedside.fhir.outcome import Invalid, TooCostly, Unprocessable
from bedside.record.model import Create, Delete, Update
from bedside.record.record import Record
from bedside.record.search.filters import meaning

from .conftest import Corpus, ids_of

TREE = "http://systems.example/tree"
OTHER = "http://systems.example/other"
FOLDED = "http://systems.example/folded"
GENDER = "http://hl7.org/fhir/administrative-gender"
# Child -> parents, worked out by hand below: `d` has two.
PARENTS = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["d"], "z": []}


def above(code: str) -> set[str]:
    return {code}.union(*(above(parent) for parent in PARENTS[code]))


def below(code: str) -> set[str]:
    return {each for each in PARENTS if code in above(each)}


def concept(code: str) -> dict[str, Any]:
    return {"code": code, "property": [{"code": "parent", "valueCode": parent} for parent in PARENTS[code]]}


SYSTEMS = [
    {"resourceType": "CodeSystem", "id": "tree", "url": TREE, "status": "active", "content": "complete",
     "hierarchyMeaning": "is-a", "property": [{"code": "parent", "type": "code"}],
     "concept": [concept(code) for code in PARENTS]},
    {"resourceType": "CodeSystem", "id": "other", "url": OTHER, "status": "active", "content": "complete",
     "concept": [{"code": code} for code in "abxy"]},
    {"resourceType": "CodeSystem", "id": "folded", "url": FOLDED, "status": "active", "content": "complete",
     "caseSensitive": False, "concept": [{"code": code} for code in ("Ab", "Cd")]},
]  # fmt: skip


def value_set(name: str, **compose: Any) -> dict[str, Any]:
    return {
        "resourceType": "ValueSet",
        "id": name,
        "url": f"http://sets.example/{name}",
        "status": "active",
        "compose": compose,
    }


def is_a(code: str) -> dict[str, Any]:
    return {"system": TREE, "filter": [{"property": "concept", "op": "is-a", "value": code}]}


SETS = [
    (value_set("tree", include=[{"system": TREE}]), {(TREE, c) for c in PARENTS}),
    (value_set("below-b", include=[is_a("b")]), {(TREE, c) for c in "bde"}),
    (value_set("both", include=[is_a("c"), {"system": OTHER, "concept": [{"code": "a"}, {"code": "x"}]}]),
     {(TREE, "c"), (TREE, "d"), (TREE, "e"), (OTHER, "a"), (OTHER, "x")}),
    (value_set("less", include=[{"system": TREE}], exclude=[is_a("d")]), {(TREE, c) for c in "abcz"}),
    (value_set("folded", include=[{"system": FOLDED}]), {(FOLDED, c) for c in ("Ab", "AB", "Cd", "cd")}),
    (value_set("unknown-beside", include=[is_a("e"), {"system": "http://unknown.example"}]), None),
    (value_set("genders", include=[{"system": GENDER, "concept": [{"code": "male"}, {"code": "other"}]}]),
     {(GENDER, "male"), (GENDER, "other")}),
]  # fmt: skip
KNOWN = {resource["url"]: members for resource, members in SETS if members is not None}


@pytest.fixture
def terms(unchecked: Record) -> Record:
    resources = [*SYSTEMS, *(resource for resource, _ in SETS)]
    unchecked.write(*[Update(each["resourceType"], dict(each), each["id"]) for each in resources])
    return unchecked


def observations(random: Random, count: int) -> list[dict[str, Any]]:
    pool = [*((TREE, c) for c in PARENTS), *((OTHER, c) for c in "abxy"), (FOLDED, "AB"), (FOLDED, "cd"), (None, "a"),
            ("http://loinc.org", "a"), (TREE, "nowhere")]  # fmt: skip
    found = []
    for number in range(count):
        codings = [
            {"code": c} | ({"system": s} if s else {}) for s, c in random.choices(pool, k=random.choice([0, 1, 1, 2]))
        ]
        one = {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"coding": codings}}
        if random.random() < 0.5:
            one["subject"] = {"reference": f"Patient/p{random.randrange(6)}"}
        found.append(one)
    return found


def patients(random: Random) -> list[dict[str, Any]]:
    return [
        {"resourceType": "Patient", "id": f"p{i}"} | ({"gender": g} if (g := random.choice(["male", "female", "other", ""])) else {})
        for i in range(6)
    ]  # fmt: skip


def codes_of(resource: dict[str, Any]) -> set[tuple[str | None, str]]:
    return {(c.get("system"), c["code"]) for c in resource["code"]["coding"]}


def expected(resources: list[dict[str, Any]], modifier: str, value: str) -> set[str]:
    """Who matches one value, by going through all."""
    if modifier in ("in", "not-in"):
        wanted: set[tuple[str | None, str]] = set(KNOWN[value])
    else:
        system, code = value.split("|")
        wanted = {(system, each) for each in (above(code) if modifier == "above" else below(code))}
    found = {r["id"] for r in resources if codes_of(r) & wanted}
    return {r["id"] for r in resources} - found if modifier == "not-in" else found


def test_meaning_is_searched_as_the_sets_say(terms: Record, limits: str) -> None:
    # What ignores case can only be asked code by code, which the tight limits do not allow.
    urls = [url for url in KNOWN if limits == "usual" or not url.endswith("/folded")]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(seed=st.integers(0, 1 << 64))
    def check(seed: int) -> None:
        random = Random(seed)
        people = patients(random)
        resources = observations(random, 25)
        with Corpus(terms, people), Corpus(terms, resources):
            for _ in range(25):
                modifier = random.choice(["in", "not-in", "above", "below"])
                if modifier in ("in", "not-in"):
                    value = random.choice(urls)
                else:
                    value = f"{TREE}|{random.choice(list(PARENTS))}"
                found = ids_of(terms, "Observation", [(f"code:{modifier}", value)])
                assert len(found) == len(set(found))
                assert set(found) == expected(resources, modifier, value), (modifier, value)
            men = {p["id"] for p in people if p.get("gender") in ("male", "other")}
            assert set(ids_of(terms, "Patient", [("gender:in", "http://sets.example/genders")])) == men
            theirs = {r["id"] for r in resources if r.get("subject", {}).get("reference", "/").split("/")[1] in men}
            chained = [("subject:Patient.gender:in", "http://sets.example/genders")]
            assert set(ids_of(terms, "Observation", chained)) == theirs
            combined = [
                ("code:in", "http://sets.example/both"),
                ("subject:Patient.gender:in", "http://sets.example/genders"),
            ]
            both = theirs & expected(resources, "in", "http://sets.example/both")
            assert set(ids_of(terms, "Observation", combined)) == both
            total = terms.search("Observation", [*combined, ("_total", "accurate"), ("_count", "1")]).total
            assert total == len(both)

    check()


def observation(id_: str, *codes: tuple[str, str]) -> dict[str, Any]:
    codings = [{"system": system, "code": code} for system, code in codes]
    return {"resourceType": "Observation", "id": id_, "status": "final", "code": {"coding": codings}}


def test_several_values_are_alternatives(terms: Record) -> None:
    with Corpus(terms, [observation("1", (TREE, "e")), observation("2", (OTHER, "x")), observation("3", (TREE, "z"))]):
        query = [("code:in", "http://sets.example/below-b,http://sets.example/both")]
        assert set(ids_of(terms, "Observation", query)) == {"1", "2"}
        query = [("code:not-in", "http://sets.example/below-b,http://sets.example/both")]
        assert set(ids_of(terms, "Observation", query)) == {"3"}
        assert set(ids_of(terms, "Observation", [("code:in", "ValueSet/below-b")])) == {"1"}
        assert (
            set(ids_of(terms, "Observation", [("_has:Provenance:target:agent-type:in", "ValueSet/below-b")])) == set()
        )


def test_what_is_not_known_is_an_error(terms: Record) -> None:
    for name, value in (
        ("code:in", "http://nowhere.example"), ("code:in", "ValueSet/nowhere"), ("code:below", "http://nowhere.example|a"),
        ("code:below", f"{TREE}|nowhere"), ("code:above", f"{OTHER}|q"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            terms.search("Observation", [(name, value)])
        assert caught.value.issues[0].code == "not-found", (name, value)


def test_codes_of_an_unknown_system_are_asked_one_by_one(terms: Record) -> None:
    """A set that leans on an unknown system answers for the systems that are known."""
    url = "http://sets.example/unknown-beside"
    with Corpus(terms, [observation("1", (TREE, "e")), observation("2", (OTHER, "x"))]):
        assert set(ids_of(terms, "Observation", [("code:in", url)])) == {"1"}
    with (
        Corpus(terms, [observation("1", ("http://unknown.example", "e"))]),
        pytest.raises(Unprocessable, match=r"unknown\.example"),
    ):
        terms.search("Observation", [("code:in", url)])


def test_a_grammar_is_asked(terms: Record) -> None:
    """Nobody can list the units of UCUM; those that occur are asked."""
    unit = "http://unitsofmeasure.org"
    with Corpus(
        terms, [observation("1", (unit, "mg/dL")), observation("2", (unit, "no unit")), observation("3", (TREE, "a"))]
    ):
        assert ids_of(terms, "Observation", [("code:in", "http://hl7.org/fhir/ValueSet/ucum-units")]) == ["1"]


def test_a_part_of_a_set_is_said_to_be_one(terms: Record) -> None:
    part = {"resourceType": "ValueSet", "id": "part", "url": "http://sets.example/part", "status": "active",
            "expansion": {"timestamp": "2024-01-01", "total": 9, "contains": [{"system": TREE, "code": "a"}]}}  # fmt: skip
    with Corpus(terms, [part, observation("1", (TREE, "a"))]):
        found = terms.search("Observation", [("code:in", part["url"])])
        assert [m.id for m in found.matches] == ["1"]
        assert "1 of 9" in found.warnings[0]
        with pytest.raises(Unprocessable, match="1 of 9"):
            terms.search("Observation", [("code:not-in", part["url"])])


def test_too_many_codes_to_ask(terms: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "_HOPS", 1)
    with (
        Corpus(terms, [observation("1", (TREE, "a")), observation("2", (TREE, "b"))]),
        pytest.raises(TooCostly, match="too many"),
    ):
        terms.search("Observation", [("code:in", "http://hl7.org/fhir/ValueSet/ucum-units")])


def test_a_changed_set_is_in_effect_at_once(terms: Record) -> None:
    url = "http://sets.example/changing"
    with Corpus(terms, [observation("1", (TREE, "a")), observation("2", (TREE, "b"))]):
        for code, ids in (("a", ["1"]), ("b", ["2"])):
            resource = value_set("changing", include=[{"system": TREE, "concept": [{"code": code}]}])
            terms.write(Update("ValueSet", resource, "changing"))
            assert ids_of(terms, "Observation", [("code:in", url)]) == ids
        terms.write(Delete("ValueSet", "changing"))
        with pytest.raises(Invalid):
            terms.search("Observation", [("code:in", url)])


def test_conditions_of_writes_understand_codes(terms: Record) -> None:
    with Corpus(terms, [observation("1", (TREE, "e"))]):
        condition = f"code:below={TREE}|d"
        [outcome] = terms.write(Create(observation("x", (TREE, "e")), if_none_exist=condition))
        assert outcome.stored is not None
        assert outcome.stored.id == "1"


def test_large_value_sets(terms: Record) -> None:
    """Twenty thousand codes: found through those that occur, and, when too many occur, as one list."""
    codes = [f"{n:06}" for n in range(20_000)]
    resource = value_set("large", include=[{"system": OTHER, "concept": [{"code": code} for code in codes]}])
    terms.write(Update("ValueSet", resource, "large"))
    with Corpus(
        terms, [observation("1", (OTHER, "000007")), observation("2", (OTHER, "7")), observation("3", (TREE, "000007"))]
    ):
        for hops in (20_000, 1):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(meaning, "_HOPS", hops)
                assert ids_of(terms, "Observation", [("code:in", resource["url"])]) == ["1"]
