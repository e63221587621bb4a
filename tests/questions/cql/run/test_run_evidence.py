"""Evidence: which resources made a definition true, and through which definitions."""

from __future__ import annotations

from bedside.questions.cql.run.evidence import Evidence
from questions.cql.run.asking import asked


def told(definitions: str, name: str = "Answer") -> list[tuple[str, str | None]]:
    """References with the definition that each was met in."""
    return [(each.reference, each.define) for each in asked(definitions).evidence(name)]


def references(definitions: str) -> list[str]:
    return [reference for reference, _ in told(definitions)]


def test_what_passed_the_query_of_an_exists() -> None:
    (one,) = asked('define Answer: exists [Condition: "Diabetes"] C where C.onset is not null').evidence("Answer")
    assert one == Evidence(one.resource, "Answer", "Asked", '[Condition: code in "Diabetes"]')
    assert one.reference == "Condition/c1"


def test_what_a_retrieve_found() -> None:
    assert references("define Answer: exists [Condition]") == ["Condition/c1", "Condition/c2"]
    assert references("define Answer: Count([Condition]) > 1") == ["Condition/c1", "Condition/c2"]


def test_nothing_is_evidence_of_false_null_or_an_empty_list() -> None:
    assert references("define Answer: exists ([Condition] C where C.id = 'none')") == []
    assert references("define Answer: Count([Condition]) > 5") == []
    assert references("define Answer: First([Condition] C where C.id = 'none')") == []


def test_the_sides_of_an_and_count_together_and_those_of_an_or_where_they_are_true() -> None:
    conditions, encounters = 'exists [Condition: "Diabetes"]', "exists ([Encounter] E where E.id = 'e1')"
    none = "exists ([Encounter] E where E.status = 'planned')"
    assert references(f"define Answer: {conditions} and {encounters}") == ["Condition/c1", "Encounter/e1"]
    assert references(f"define Answer: {none} or {conditions}") == ["Condition/c1"]
    assert references(f"define Answer: ({conditions} and {none}) or {encounters}") == ["Encounter/e1"]


def test_what_is_negated_leaves_no_evidence() -> None:
    assert references("define Answer: not exists [Procedure]") == []
    assert references("define Answer: not (Count([Condition]) > 5)") == []


def test_evidence_goes_through_definitions_and_functions() -> None:
    text = """define Diabetic: [Condition: "Diabetes"]
define Visits: [Encounter] E where E.status = 'finished'
define Answer: exists Diabetic and exists Recent
define Recent: Visits V where V.period starts during "Year"
"""
    found = asked(text).evidence("Answer")
    assert [(each.reference, each.define) for each in found] == [
        ("Condition/c1", "Diabetic"),
        ("Encounter/e1", "Recent"),
    ]
    (visit,) = found[1].because
    assert (visit.reference, visit.define, visit.retrieve) == ("Encounter/e1", "Visits", "[Encounter]")


def test_a_with_is_the_reason_why_an_item_passed() -> None:
    text = """define Answer: [Encounter] E
  with [Observation: "HbA1c"] O such that O.encounter.reference = 'Encounter/' + E.id"""
    (one,) = asked(text).evidence("Answer")
    assert one.reference == "Encounter/e1"
    assert [(each.reference, each.retrieve) for each in one.because] == [
        ("Observation/o1", '[Observation: code ~ "HbA1c"]')
    ]


def test_a_query_in_a_where_is_a_reason_of_the_items_that_passed_only() -> None:
    text = """define Answer: [Encounter] E
  where exists ([Observation] O where O.encounter.reference = 'Encounter/' + E.id) and E.status = 'finished'"""
    (one,) = asked(text).evidence("Answer")
    assert (one.reference, [each.reference for each in one.because]) == ("Encounter/e1", ["Observation/o1"])


def test_what_a_query_makes_of_resources_keeps_them_as_evidence() -> None:
    text = "define Dates: [Condition] C return C.onset as dateTime\ndefine Answer: exists Dates"
    assert references(text) == ["Condition/c1", "Condition/c2"]


def test_a_definition_asked_for_twice_is_told_once() -> None:
    text = 'define Sick: exists [Condition: "Diabetes"]\ndefine Answer: Sick and (Sick or Sick)'
    assert told(text) == [("Condition/c1", "Sick")]


def test_asking_for_evidence_does_not_change_the_session() -> None:
    session = asked("define Sick: exists [Condition]\ndefine Answer: Sick and exists [Encounter]")
    session.evaluate("Sick")
    before = dict(session.results)
    assert session.evidence("Answer")
    assert session.results == before
