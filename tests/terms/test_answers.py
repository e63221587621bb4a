"""Validation, lookup, subsumption, translation and closure."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.fhir.outcome import Invalid
from bedside.terms.closure import Table, add, concept_map, since
from bedside.terms.compose import Composer
from bedside.terms.errors import Unanswerable, UnknownCode, UnknownDefinition, Unresolved
from bedside.terms.lookup import lookup, subsumes
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.translate import Match, Wanted, knows, parameters, translate
from bedside.terms.validate import Coding, Validation, any_in_value_set, in_system, in_value_set

from .sources import Resource, Shelf, code_system, codes, value_set

A, B, C = "http://a.example", "http://b.example", "http://c.example"
SET = "http://set.example"
SYSTEM = code_system(
    A,
    {"code": "top", "display": "Heading", "property": [{"code": "notSelectable", "valueBoolean": True}],
     "concept": [
         {"code": "hf", "display": "Heart failure", "definition": "The heart pumps too little.",
          "designation": [{"language": "nl", "value": "Hartfalen"}],
          "property": [{"code": "ward", "valueCoding": {"code": "card", "system": C}}, {"code": "beds", "valueInteger": 3}]},
         {"code": "old", "display": "Dropsy", "property": [{"code": "inactive", "valueBoolean": True}]}]},
    {"code": "bare"},
    title="Of the heart", version="1",
)  # fmt: skip


def in_set(code: str, *, system: str | None = A, **more: Any) -> Validation:
    source = Shelf(SYSTEM, value_set(SET, {"system": A}))
    rule = Composer(source).by_url(SET)[1]
    options = {name: more.pop(name) for name in ("abstract", "language") if name in more}
    return in_value_set(SET, rule, source, Coding(system, code, **more), **options)


# --- validate-code


def test_codes_that_are_and_are_not() -> None:
    assert in_set("hf") == Validation(True, None, "Heart failure")
    missing = in_set("hff")
    assert not missing.result
    assert "'hff'" in (missing.message or "")
    assert "not a code of http://a.example|1 either" in (missing.message or "")
    assert not in_set("hf", system=B).result
    assert in_set("hf", system=None).result
    assert not in_set("nowhere", system=None).result


def test_displays() -> None:
    assert in_set("hf", display="heart  FAILURE").result
    assert in_set("hf", display="Hartfalen").result
    wrong = in_set("hf", display="Liver failure")
    assert not wrong.result
    assert wrong.display == "Heart failure"
    assert "'Liver failure'" in (wrong.message or "")
    assert "'Heart failure' or 'Hartfalen'" in (wrong.message or "")
    unknown = in_set("bare", display="whatever")
    assert unknown.result
    assert "could not be checked" in (unknown.message or "")
    assert in_set("hf", language="nl").display == "Hartfalen"


def test_headings_and_inactive_codes() -> None:
    assert in_set("top").result
    assert in_set("top", abstract=True).result
    refused = in_set("top", abstract=False)
    assert not refused.result
    assert "abstract" in (refused.message or "")
    inactive = in_set("old")
    assert inactive.result
    assert "inactive" in (inactive.message or "")


def test_versions_that_differ() -> None:
    assert in_set("hf", version="1").result
    other = in_set("hf", version="2")
    assert not other.result
    assert "version 1" in (other.message or "")


def test_one_coding_of_a_concept_is_enough() -> None:
    source = Shelf(SYSTEM, value_set(SET, {"system": A}, {"system": "http://unknown.example"}))
    rule = Composer(source).by_url(SET)[1]

    def ask(*codings: Coding) -> Validation:
        return any_in_value_set(SET, rule, source, codings)

    assert ask(Coding(B, "x"), Coding(A, "hf")).result
    assert ask(Coding("http://unknown.example", "x"), Coding(A, "hf")).result
    assert not ask(Coding(B, "x"), Coding(A, "no")).result
    assert not ask().result
    with pytest.raises(Unresolved):
        ask(Coding(A, "no"), Coding("http://unknown.example", "x"))


def test_a_code_without_system_must_mean_one_thing() -> None:
    source = Shelf(value_set(SET, codes("x", "y", system=A), codes("x", system=B)))
    rule = Composer(source).by_url(SET)[1]
    assert in_value_set(SET, rule, source, Coding(None, "y")).result
    with pytest.raises(Invalid, match="which system"):
        in_value_set(SET, rule, source, Coding(None, "x"))


def test_codes_of_a_system() -> None:
    system = ResourceSystem(SYSTEM)
    assert in_system(system, Coding(A, "hf")).result
    assert not in_system(system, Coding(A, "hff")).result
    assert not in_system(system, Coding(A, "top"), abstract=False).result
    for content in ("fragment", "example", "not-present"):
        part = ResourceSystem({**SYSTEM, "content": content})
        with pytest.raises(Unanswerable):
            in_system(part, Coding(A, "hff"))
    assert in_system(ResourceSystem({**SYSTEM, "content": "fragment"}), Coding(A, "hf")).result


# --- lookup and subsumes


def parts(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The parts of each parameter of a name, as name -> value."""
    return [
        {p["name"]: v for p in each["part"] for k, v in p.items() if k.startswith("value")}
        for each in found["parameter"]
        if each["name"] == name
    ]


def simple(found: dict[str, Any]) -> dict[str, Any]:
    return {p["name"]: v for p in found["parameter"] for k, v in p.items() if k.startswith("value")}


def test_a_lookup_tells_all() -> None:
    found = lookup(ResourceSystem(SYSTEM), "hf")
    assert simple(found) == {"name": "Of the heart", "version": "1", "display": "Heart failure"}
    assert parts(found, "designation") == [{"language": "nl", "value": "Hartfalen"}]
    properties = {each["code"]: each["value"] for each in parts(found, "property")}
    assert properties == {
        "inactive": False, "definition": "The heart pumps too little.", "parent": "top",
        "ward": {"code": "card", "system": C}, "beds": 3,
    }  # fmt: skip
    children = [
        each["value"] for each in parts(lookup(ResourceSystem(SYSTEM), "top"), "property") if each["code"] == "child"
    ]
    assert children == ["hf", "old"]


def test_a_lookup_tells_what_is_asked() -> None:
    found = lookup(ResourceSystem(SYSTEM), "hf", properties=["beds", "lang.nl"])
    assert [each["code"] for each in parts(found, "property")] == ["beds"]
    assert len(parts(found, "designation")) == 1
    assert parts(lookup(ResourceSystem(SYSTEM), "hf", properties=["parent"]), "designation") == []
    assert simple(lookup(ResourceSystem(SYSTEM), "hf", language="nl"))["display"] == "Hartfalen"
    with pytest.raises(UnknownCode):
        lookup(ResourceSystem(SYSTEM), "hff")


def test_how_codes_are_related() -> None:
    system = ResourceSystem(SYSTEM)
    assert subsumes(system, "top", "hf") == "subsumes"
    assert subsumes(system, "hf", "top") == "subsumed-by"
    assert subsumes(system, "hf", "hf") == "equivalent"
    assert subsumes(system, "hf", "old") == "not-subsumed"
    with pytest.raises(UnknownCode):
        subsumes(system, "top", "nowhere")
    # A hierarchy of parts, and a part of a hierarchy, do not tell.
    with pytest.raises(Unanswerable):
        subsumes(ResourceSystem({**SYSTEM, "hierarchyMeaning": "part-of"}), "top", "hf")
    with pytest.raises(Unanswerable):
        subsumes(ResourceSystem({**SYSTEM, "content": "fragment"}), "hf", "old")
    assert subsumes(ResourceSystem({**SYSTEM, "content": "fragment"}), "top", "hf") == "subsumes"


def test_hierarchies_from_properties_and_circles() -> None:
    system = ResourceSystem(
        code_system(
            A,
            {"code": "a", "property": [{"code": "child", "valueCode": "b"}]},
            {"code": "b", "property": [{"code": "subsumedBy", "valueCode": "c"}]},
            {"code": "c", "property": [{"code": "oben", "valueCode": "b"}]},
            property=[{"code": "oben", "uri": "http://hl7.org/fhir/concept-properties#parent", "type": "code"}],
        )
    )
    assert system.ancestors("b") == {"a", "c"}
    assert system.ancestors("c") == {"a", "b"}
    assert system.descendants("a") == {"b", "c"}


@settings(max_examples=60, deadline=None)
@given(parents=st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=25))
def test_subsumption_is_an_order(parents: list[list[int]]) -> None:
    """Reflexive, transitive and, without circles, antisymmetric; and ancestors mirror descendants."""
    concepts = [
        {"code": str(i), "property": [{"code": "parent", "valueCode": str(p)} for p in set(own) if p < i]}
        for i, own in enumerate(parents)
    ]
    system = ResourceSystem(code_system(A, *concepts))
    every = [str(i) for i in range(len(parents))]
    for a in every:
        assert system.subsumes(a, a)
        assert system.descendants(a) == {b for b in every if a in system.ancestors(b)}
        for b in every:
            if a != b and system.subsumes(a, b):
                assert not system.subsumes(b, a)
                assert system.ancestors(a) < system.ancestors(b)


# --- translate


def concept_map_of(
    *elements: Resource, source: str = A, target: str = B, url: str = "http://map.example", **more: Any
) -> Resource:
    group = {"source": source, "target": target, "element": list(elements), **more}
    return {"resourceType": "ConceptMap", "url": url, "status": "active", "group": [group]}


def to(code: str, *targets: Resource) -> Resource:
    return {"code": code, "target": list(targets)}


def matched(found: list[Match]) -> list[tuple[str, str | None]]:
    return [(m.equivalence, None if m.coding is None else m.coding["code"]) for m in found]


MAP = concept_map_of(
    to("1", {"code": "one", "equivalence": "equivalent"}, {"code": "number", "equivalence": "wider"}),
    to("2", {"equivalence": "unmatched"}),
    to("3", {"code": "three", "equivalence": "narrower", "dependsOn": [{"property": "http://p", "value": "yes"}]}),
)


def test_translation_both_ways() -> None:
    assert matched(translate([MAP], Wanted(Coding(A, "1")))) == [("equivalent", "one"), ("wider", "number")]
    assert matched(translate([MAP], Wanted(Coding(B, "number"), reverse=True))) == [("narrower", "1")]
    assert translate([MAP], Wanted(Coding(C, "1"))) == []
    assert matched(translate([MAP], Wanted(Coding(A, "1"), target_system=C))) == []
    assert matched(translate([MAP], Wanted(Coding(None, "1"), target_system=B)))[0] == ("equivalent", "one")


def test_what_has_no_match() -> None:
    found = translate([MAP], Wanted(Coding(A, "2")))
    assert matched(found) == [("unmatched", None)]
    assert simple(parameters(found))["result"] is False
    assert simple(parameters(translate([MAP], Wanted(Coding(A, "1")))))["result"] is True


def test_what_a_mapping_depends_on() -> None:
    assert translate([MAP], Wanted(Coding(A, "3"))) == []
    assert matched(translate([MAP], Wanted(Coding(A, "3"), dependency={"http://p": "yes"}))) == [("narrower", "three")]
    assert translate([MAP], Wanted(Coding(A, "3"), dependency={"http://p": "no"})) == []


def test_unmapped_codes() -> None:
    same = concept_map_of(to("1", {"code": "one"}), unmapped={"mode": "provided"})
    assert matched(translate([same], Wanted(Coding(A, "9")))) == [("relatedto", "9")]
    assert matched(translate([same], Wanted(Coding(A, "1")))) == [("relatedto", "one")]
    fixed = concept_map_of(unmapped={"mode": "fixed", "code": "other", "display": "Something else"})
    [match] = translate([fixed], Wanted(Coding(A, "9")))
    assert match.coding == {"system": B, "code": "other", "display": "Something else"}
    onward = concept_map_of(unmapped={"mode": "other-map", "url": "http://map.example"}, url="http://first.example")
    maps = {"http://map.example": MAP, "http://first.example": onward}
    assert matched(translate([onward], Wanted(Coding(A, "1")), maps.get))[0] == ("equivalent", "one")
    circle = concept_map_of(unmapped={"mode": "other-map", "url": "http://map.example"})
    assert translate([circle], Wanted(Coding(A, "1")), lambda url: circle) == []


def test_relationships_of_later_versions() -> None:
    later = concept_map_of(to("1", {"code": "x", "relationship": "source-is-narrower-than-target"}))
    assert matched(translate([later], Wanted(Coding(A, "1")))) == [("wider", "x")]


def test_products_and_maps_that_do_not_know_the_system() -> None:
    target = {"code": "x", "equivalence": "equal", "product": [{"property": "http://p", "value": "left", "system": C}]}
    [match] = parameters(translate([concept_map_of(to("1", target))], Wanted(Coding(A, "1"))))["parameter"][1:]
    [product] = [p for p in match["part"] if p["name"] == "product"]
    assert product["part"] == [
        {"name": "element", "valueUri": "http://p"}, {"name": "concept", "valueCoding": {"code": "left", "system": C}},
    ]  # fmt: skip
    assert knows(MAP, A, None, reverse=False)
    assert not knows(MAP, B, None, reverse=False)
    assert knows(MAP, B, A, reverse=True)


CODES = "abcde"


@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(CODES),
            st.sampled_from(CODES),
            st.sampled_from(["wider", "narrower", "equivalent", "subsumes", "specializes", "inexact", "relatedto"]),
        ),
        max_size=12,
    )
)
def test_what_leads_there_leads_back(pairs: list[tuple[str, str, str]]) -> None:
    """Every match has its mirror image in the other direction, and twice mirrored it is itself."""
    inverse = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}
    made = concept_map_of(*[to(a, {"code": b, "equivalence": e}) for a, b, e in pairs])
    there = {(a, m[1], m[0]) for a in CODES for m in matched(translate([made], Wanted(Coding(A, a))))}
    back = {
        (m[1], b, inverse.get(m[0], m[0]))
        for b in CODES
        for m in matched(translate([made], Wanted(Coding(B, b), reverse=True)))
    }
    assert there == back == set(pairs)


# --- closure


def test_a_closure_table_grows() -> None:
    source = Shelf(SYSTEM)
    table = add(Table("t"), [(A, "hf")], source)
    assert (table.step, table.relations) == (1, ())
    table = add(table, [(A, "top"), (A, "hf"), (A, "old")], source)
    told = {(r.special, r.general) for r in since(table.relations, 1)}
    assert told == {("hf", "top"), ("old", "top")}
    found = concept_map(table, table.relations)
    assert found["version"] == "2"
    assert {e["code"]: [t["code"] for t in e["target"]] for e in found["group"][0]["element"]} == {
        "hf": ["top"],
        "old": ["top"],
    }
    assert since(table.relations, 2) == []
    for unknown, error in (((A, "nowhere"), UnknownCode), (("http://unknown.example", "x"), UnknownDefinition)):
        with pytest.raises(error):
            add(table, [unknown], source)


@settings(max_examples=40, deadline=None)
@given(
    parents=st.lists(st.lists(st.integers(0, 9), max_size=2), min_size=2, max_size=10),
    cuts=st.lists(st.integers(0, 10), max_size=3),
)
def test_a_closure_table_is_the_same_however_it_is_told(parents: list[list[int]], cuts: list[int]) -> None:
    concepts = [
        {"code": str(i), "property": [{"code": "parent", "valueCode": str(p)} for p in set(own) if p < i]}
        for i, own in enumerate(parents)
    ]
    source = Shelf(code_system(A, *concepts))
    system = source.code_system(A)
    assert system is not None
    every = [(A, str(i)) for i in range(len(parents))]
    table = Table("t")
    edges = [0, *sorted(cut % (len(every) + 1) for cut in cuts), len(every)]
    for start, end in pairwise(edges):
        table = add(table, every[start:end], source)
    told = {(r.special, r.general) for r in table.relations}
    assert told == {(b, a) for _, a in every for _, b in every if a != b and system.subsumes(a, b)}
