"""Value sets: what is known, what is not, versions, expansions that were given, and what an expansion shows."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.fhir.check import check
from bedside.fhir.outcome import FhirError
from bedside.terms.canonical import choose, split, version_key
from bedside.terms.compose import Composer, Pins
from bedside.terms.errors import Cyclic, NotEnumerable, Unanswerable, UnknownDefinition, Unresolved, VersionConflict
from bedside.terms.expand import Asked, expand
from bedside.terms.members import Rule
from bedside.terms.sets import AskedSet, ListedSet, listed, member_set

from .sources import Resource, Shelf, code_system, codes, filtered, value_set

A, B = "http://a.example", "http://b.example"
SET = "http://set.example"
UCUM = "http://unitsofmeasure.org"


def rule(*resources: Resource, url: str = SET, pins: Pins | None = None) -> Rule:
    return Composer(Shelf(*resources), pins or Pins()).by_url(url)[1]


def members(*resources: Resource, url: str = SET, pins: Pins | None = None) -> list[str]:
    return [entry.code for entry in listed(rule(*resources, url=url, pins=pins)).members()]


def shown(*resources: Resource, url: str = SET, **asked: Any) -> dict[str, Any]:
    composer = Composer(Shelf(*resources))
    resource, own = composer.by_url(url)
    found = expand(resource, listed(own), composer.used, Asked(**asked))
    assert check(found, expect_type="ValueSet") == []
    expansion: dict[str, Any] = found["expansion"]
    return expansion


def shown_codes(expansion: dict[str, Any]) -> list[str]:
    return [each["code"] for each in expansion.get("contains", [])]


# --- canonicals and versions


def test_canonicals() -> None:
    assert split("http://x|1|2") == ("http://x", "1|2")
    assert split("http://x#part") == ("http://x#part", None)
    assert split("http://x|") == ("http://x", None)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.2.9", "1.2.10"), ("1.0.0-rc.2", "1.0.0"), ("1.0.0-rc.2", "1.0.0-rc.10"), ("1.0", "1.0.1"), (None, "0.1"),
        ("2019-12-31", "2020-01-01"), ("2019", "2020-01"), ("20190101", "20200101"), ("1.0.0", "1.0.1+build.5"),
        ("http://snomed.info/sct/900000000000207008/version/20230131", "http://snomed.info/sct/900000000000207008/version/20230731"),
        ("v1", "v2"), ("1.0.0-alpha", "1.0.0-beta"),
    ],
)  # fmt: skip
def test_newer_versions(older: str | None, newer: str) -> None:
    assert version_key(older) < version_key(newer)


def test_an_edition_stands_for_its_newest_version() -> None:
    edition = "http://snomed.info/sct/731000124108"
    versions = [
        f"{edition}/version/20220901",
        f"{edition}/version/20230901",
        "http://snomed.info/sct/9/version/20240101",
    ]
    assert choose(versions, edition, str) == versions[1]
    assert choose(versions, "20230901", str) is None
    assert choose(versions, None, str) is not None


def test_the_newest_version_unless_one_is_named() -> None:
    old, new = code_system(A, "a", version="1.9"), code_system(A, "a", "b", version="1.10")
    assert members(old, new, value_set(SET, {"system": A})) == ["a", "b"]
    assert members(old, new, value_set(SET, {"system": A, "version": "1.9"})) == ["a"]
    both = [value_set(SET, codes("x", system=B), version="1"), value_set(SET, codes("y", system=B), version="2")]
    assert members(*both) == ["y"]
    assert members(*both, url=f"{SET}|1") == ["x"]
    outer = value_set("http://outer.example", {"valueSet": [f"{SET}|1"]})
    assert members(*both, outer, url="http://outer.example") == ["x"]
    with pytest.raises(UnknownDefinition):
        rule(*both, url=f"{SET}|3")


def test_versions_that_a_request_pins() -> None:
    old, new = code_system(A, "a", version="1"), code_system(A, "a", "b", version="2")
    open_, named = value_set(SET, {"system": A}), value_set(SET, {"system": A, "version": "2"})
    assert members(old, new, open_, pins=Pins(system={A: "1"})) == ["a"]
    assert members(old, new, named, pins=Pins(system={A: "1"})) == ["a", "b"]
    assert members(old, new, named, pins=Pins(force={A: "1"})) == ["a"]
    assert members(old, new, open_, pins=Pins(check={A: "1"})) == ["a"]
    with pytest.raises(VersionConflict):
        members(old, new, named, pins=Pins(check={A: "1"}))
    two = value_set(SET, {"system": A}, codes("x", system=B))
    assert members(old, new, two, pins=Pins(excluded=frozenset((A,)))) == ["x"]


# --- what is not known


def test_an_unknown_system_leaves_doubt_about_its_own_codes_only() -> None:
    own = rule(code_system(A, "a"), value_set(SET, {"system": A}, {"system": "http://unknown.example"}))
    assert own.find(A, "a") is not None
    assert own.find(A, "b") is None
    with pytest.raises(Unresolved, match=r"unknown\.example"):
        own.find("http://unknown.example", "b")
    with pytest.raises(Unresolved, match=r"unknown\.example"):
        listed(own)


def test_codes_listed_of_an_unknown_system_are_members() -> None:
    own = rule(value_set(SET, codes("x", system="http://unknown.example")))
    assert [e.code for e in listed(own).members()] == ["x"]
    assert own.find("http://unknown.example", "y") is None


def test_an_unknown_value_set_leaves_doubt_where_it_matters() -> None:
    outer = value_set(
        SET, {**codes("a", "b", system=B), "valueSet": ["http://unknown.example/vs"]}, codes("c", system=B)
    )
    own = rule(outer)
    assert own.find(B, "c") is not None
    assert own.find(B, "z") is None
    with pytest.raises(Unresolved):
        own.find(B, "a")
    excluded = rule(value_set(SET, codes("a", system=B), exclude=[{"valueSet": ["http://unknown.example/vs"]}]))
    assert excluded.find(B, "b") is None
    with pytest.raises(Unresolved):
        excluded.find(B, "a")
    with pytest.raises(Unresolved):
        listed(excluded)


@pytest.mark.parametrize("content", ["fragment", "example"])
def test_of_a_part_of_a_system_nobody_says_no(content: str) -> None:
    system = code_system(A, "a", content=content)
    own = rule(system, value_set(SET, {"system": A}))
    assert own.find(A, "a") is not None
    with pytest.raises(Unanswerable):
        own.find(A, "b")
    found = listed(own)
    assert not found.complete
    with pytest.raises(Unanswerable):
        found.find(A, "b")
    expansion = shown(system, value_set(SET, {"system": A}))
    assert {"name": "limitedExpansion", "valueBoolean": True} in expansion["parameter"]


def test_a_system_without_content() -> None:
    own = rule(code_system(A, content="not-present"), value_set(SET, {"system": A}, codes("x", system=B)))
    assert own.find(B, "x") is not None
    with pytest.raises(Unanswerable):
        own.find(A, "a")
    with pytest.raises(Unresolved, match="no content"):
        listed(own)
    asked = member_set(own)
    assert isinstance(asked, AskedSet)
    assert (B, "x") in asked
    with pytest.raises(Unanswerable):
        _ = (A, "a") in asked


@pytest.mark.parametrize(
    "condition",
    [filtered(A, "colour", "=", "red"), filtered(A, "concept", "is-a", "nowhere"), filtered(A, "code", "regex", "("),
     filtered(A, "code", "like", "a"), filtered(A, "code", "exists", "maybe"), filtered(A, "parent", "is-a", "a")],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_no_empty_set(condition: Resource) -> None:
    with pytest.raises(Unresolved):
        members(code_system(A, "a"), value_set(SET, condition))


@pytest.mark.parametrize("text", ["(a+)+", "(ab|a)*c", "(x*y*)*", "([a-z]+,?)+", "(a{2,50})+", "(?:(?:ab|b)+)"])
def test_patterns_without_end_are_refused(text: str) -> None:
    with pytest.raises(Unresolved, match="for ever"):
        members(code_system(A, "a"), value_set(SET, filtered(A, "code", "regex", text)))


@pytest.mark.parametrize("text", ["[A-Z]{3}", "a.*", "a|b", "(ab?){2}", "(a|b)c+", r"\d+(\.\d)?"])
def test_ordinary_patterns_are_not(text: str) -> None:
    assert members(code_system(A, "-"), value_set(SET, filtered(A, "code", "regex", text))) == []


def test_circles_are_found() -> None:
    one = value_set(SET, {"valueSet": ["http://two.example"]})
    two = value_set("http://two.example", {"valueSet": [SET]})
    with pytest.raises(Cyclic, match=r"set\.example > http://two\.example > http://set\.example"):
        rule(one, two)
    twice = value_set(SET, {"valueSet": ["http://leaf.example"]}, {"valueSet": ["http://leaf.example"]})
    assert members(twice, value_set("http://leaf.example", codes("x", system=B))) == ["x"]


def test_a_deep_chain_ends_with_an_error_and_not_with_the_stack() -> None:
    chain = [value_set(f"http://{n}.example", {"valueSet": [f"http://{n + 1}.example"]}) for n in range(200)]
    with pytest.raises(FhirError):
        rule(*chain, url="http://0.example")


# --- expansions that were given


def given(*listed_codes: str, system: str = A, **more: Any) -> dict[str, Any]:
    return {"timestamp": "2024-01-01", "contains": [{"system": system, "code": c} for c in listed_codes], **more}


def test_a_given_expansion_is_used_where_the_definition_cannot_be() -> None:
    unknown = {"system": "http://unknown.example"}
    assert members(value_set(SET, unknown, expansion=given("x", system="http://unknown.example"))) == ["x"]
    # The definition can be followed: what was given may be old.
    assert members(code_system(A, "a"), value_set(SET, {"system": A}, expansion=given("old"))) == ["a"]
    only = {"resourceType": "ValueSet", "url": SET, "status": "active", "expansion": given("x", "y")}
    assert members(only) == ["x", "y"]
    own = rule(value_set(SET, unknown, expansion=given("x", system="http://unknown.example")))
    assert own.find("http://unknown.example", "x") is not None
    assert own.find("http://unknown.example", "y") is None


def test_a_part_of_an_expansion_never_says_no() -> None:
    part = {"resourceType": "ValueSet", "url": SET, "status": "active", "expansion": given("x", total=5)}
    own = rule(part)
    assert own.find(A, "x") is not None
    with pytest.raises(Unanswerable, match="1 of 5"):
        own.find(A, "y")
    assert not listed(own).complete


def test_a_given_expansion_may_be_nested() -> None:
    nested = {"timestamp": "2024", "contains": [{"abstract": True, "display": "heading", "contains": [
        {"system": A, "code": "x", "contains": [{"system": A, "code": "y"}]}]}]}  # fmt: skip
    assert members({"resourceType": "ValueSet", "url": SET, "status": "active", "expansion": nested}) == ["x", "y"]


# --- asking for members


def test_grammars_are_asked_and_not_listed() -> None:
    own = rule(value_set(SET, {"system": UCUM}))
    with pytest.raises(NotEnumerable):
        listed(own)
    found = member_set(own)
    assert (UCUM, "mg/dL") in found
    assert (UCUM, "mgg/dL") not in found
    assert (A, "mg/dL") not in found
    assert found.has_code("mg")
    lengths = rule(url="http://hl7.org/fhir/ValueSet/all-distance-units")
    assert lengths.find(UCUM, "[in_i]") is not None
    assert lengths.find(UCUM, "g") is None
    # What is listed bounds what is not.
    both = rule(
        value_set(SET, {**codes("mg", "nothing", system=UCUM), "valueSet": ["http://hl7.org/fhir/ValueSet/ucum-units"]})
    )
    assert [e.code for e in listed(both).members()] == ["mg"]


def test_a_code_alone() -> None:
    found = member_set(rule(value_set(SET, codes("x", "y", system=A), codes("x", system=B))))
    assert found.has_code("y")
    assert not found.has_code("z")
    with pytest.raises(LookupError):
        found.has_code("x")
    assert found.systems_of("x") == [A, B]


def test_systems_that_ignore_case() -> None:
    system = code_system(A, "Ab", caseSensitive=False)
    composer = Composer(Shelf(system, value_set(SET, {"system": A})))
    found = listed(composer.by_url(SET)[1], folding=frozenset((A,)))
    assert (A, "AB") in found
    assert (A, "Ab") in found
    assert (A, "b") not in found
    assert found.find(A, "ab") is not None


# --- what an expansion shows

WORDS = code_system(
    A,
    {"code": "top", "display": "All of them", "property": [{"code": "notSelectable", "valueBoolean": True}],
     "concept": [
         {"code": "hf", "display": "Heart failure", "designation": [{"language": "nl-NL", "value": "Hartfalen"},
                                                                     {"language": "fr", "value": "Insuffisance cardiaque"}],
          "concept": [{"code": "ahf", "display": "Acute heart failure"}]},
         {"code": "old", "display": "Dropsy", "property": [{"code": "status", "valueCode": "retired"}]},
         {"code": "m", "display": "Ménière disease"}]},
    version="7",
)  # fmt: skip
ALL = value_set(SET, {"system": A})


def test_an_expansion() -> None:
    found = shown(WORDS, ALL)
    assert found["total"] == 5
    assert shown_codes(found) == ["top", "hf", "ahf", "old", "m"]
    assert found["contains"][0]["abstract"] is True
    assert found["contains"][3]["inactive"] is True
    assert {"name": "used-codesystem", "valueUri": f"{A}|7"} in found["parameter"]
    assert shown_codes(shown(WORDS, ALL, active_only=True)) == ["top", "hf", "ahf", "m"]
    assert shown_codes(shown(WORDS, ALL, for_user_interface=True)) == ["hf", "ahf", "old", "m"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("heart", ["hf", "ahf"]), ("fail heart", ["hf", "ahf"]), ("ac h", ["ahf"]), ("hartf", ["hf"]), ("meniere", ["m"]),
     ("AHF", ["ahf"]), ("eart", []), ("heart disease", [])],
)  # fmt: skip
def test_a_text_filter(text: str, found: list[str]) -> None:
    assert shown_codes(shown(WORDS, ALL, filter=text)) == found


def test_pages_make_the_whole() -> None:
    whole = shown_codes(shown(WORDS, ALL))
    pages = [shown(WORDS, ALL, offset=at, count=2) for at in (0, 2, 4, 6)]
    assert [code for page in pages for code in shown_codes(page)] == whole
    assert {page["total"] for page in pages} == {5}
    assert pages[1]["offset"] == 2
    assert shown_codes(shown(WORDS, ALL, count=0)) == []
    with pytest.raises(NotEnumerable, match="offset"):
        shown(WORDS, ALL, most=4)
    assert len(shown_codes(shown(WORDS, ALL, most=4, count=4))) == 4


def test_a_hierarchy() -> None:
    [top] = shown(WORDS, ALL, nested=True)["contains"]
    assert [each["code"] for each in top["contains"]] == ["hf", "old", "m"]
    assert [each["code"] for each in top["contains"][0]["contains"]] == ["ahf"]
    # A member whose parent is none goes under the next above.
    some = value_set(SET, codes("top", "ahf", system=A))
    [top] = shown(WORDS, some, nested=True)["contains"]
    assert [each["code"] for each in top["contains"]] == ["ahf"]


def test_languages_and_designations() -> None:
    def display(**asked: Any) -> Any:
        return shown(WORDS, ALL, **asked)["contains"][1]["display"]

    assert display(display_language="nl") == "Hartfalen"
    assert display(display_language="nl-BE") == "Hartfalen"
    assert display(display_language="fr-CA, nl;q=0.5") == "Insuffisance cardiaque"
    assert display(display_language="de") == "Heart failure"
    assert "designation" not in shown(WORDS, ALL)["contains"][1]
    assert len(shown(WORDS, ALL, include_designations=True)["contains"][1]["designation"]) == 2
    [only] = shown(WORDS, ALL, designation=("fr",))["contains"][1]["designation"]
    assert only["value"] == "Insuffisance cardiaque"


def test_a_value_set_has_words_of_its_own() -> None:
    own = value_set(SET, {"system": A, "concept": [{"code": "hf", "display": "Pump failure"}, {"code": "m"}]})
    displays = [each["display"] for each in shown(WORDS, own)["contains"]]
    assert displays == ["Pump failure", "Ménière disease"]


def test_inactive_codes_may_be_left_out_by_the_definition() -> None:
    assert "old" not in members(WORDS, value_set(SET, {"system": A}, compose={"inactive": False}))
    assert "old" in members(WORDS, value_set(SET, {"system": A}, compose={"inactive": True}))


def test_supplements_add_words_and_properties() -> None:
    supplement = {"resourceType": "CodeSystem", "url": "http://more.example", "content": "supplement", "supplements": A,
                  "status": "active", "language": "de", "property": [{"code": "ward", "type": "code"}],
                  "concept": [{"code": "hf", "display": "Herzinsuffizienz",
                               "property": [{"code": "ward", "valueCode": "cardiology"}]}]}  # fmt: skip
    found = shown(WORDS, supplement, value_set(SET, filtered(A, "ward", "=", "cardiology")), display_language="de")
    assert [each["display"] for each in found["contains"]] == ["Herzinsuffizienz"]


def test_contained_definitions() -> None:
    own = value_set(SET, {"system": "#own"}, contained=[{**code_system("", "x"), "id": "own"}])
    del own["contained"][0]["url"]
    assert members(own) == ["x"]


def test_a_set_counts_each_code_once() -> None:
    found = listed(rule(code_system(A, "a"), value_set(SET, {"system": A}, codes("a", system=A))))
    assert isinstance(found, ListedSet)
    assert len(found) == 1
    assert list(found) == [{"system": A, "code": "a"}]
