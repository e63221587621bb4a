"""Asking a record from Python."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import bedside
from ask.conftest import NOW, TUTORIAL, fill
from bedside.record.record import Record

QUESTION = TUTORIAL / "diabetes.cql"


def test_import_costs_nothing() -> None:
    code = "import bedside, sys; print(sorted(name for name in sys.modules if name.startswith('bedside.')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in bedside.__all__:
        assert getattr(bedside, name) is not None
    with pytest.raises(AttributeError):
        bedside.closed  # noqa: B018


@pytest.mark.parametrize(("patient", "found"), [("lost", True), ("seen", False), ("well", False)])
def test_tutorial_question(asked: bedside.OpenRecord, patient: str, found: bool) -> None:
    assert asked.ask(QUESTION, patient=patient, define="Lost to follow-up") is found
    assert asked.ask(str(QUESTION), patient=f"Patient/{patient}")["Lost to follow-up"] is found


def test_answer_has_definitions_in_order_and_not_the_patient(asked: bedside.OpenRecord) -> None:
    answer = asked.ask(QUESTION, patient="lost")
    assert list(answer)[:2] == ["Has diabetes", "Last HbA1c"]
    assert "Patient" not in answer
    assert answer["Last HbA1c"]["id"] == "lost-hba1c-2"
    assert (answer.patient, answer.subject) == ("lost", "Patient/lost")
    assert list(asked.ask(QUESTION, patient="lost", define=["High", "Has diabetes"])) == ["High", "Has diabetes"]


def test_on_both_stores(record: Record, place: str) -> None:
    fill(record)
    with bedside.open(place, now=NOW) as opened:
        assert opened.ask_all(QUESTION).count("Lost to follow-up") == 1
        assert opened.patients == 3


def test_expressions(asked: bedside.OpenRecord) -> None:
    assert asked.ask("Count([Observation])", patient="lost") == 2
    assert asked.ask("Count([Patient])") == 3
    assert asked.ask("Patient.birthDate", patient="lost") == bedside.Date(1957, 4, 2)
    value = asked.ask("First([Observation]).value as FHIR.Quantity", patient="seen")
    assert value == bedside.Quantity(Decimal(81), "mmol/mol")
    assert asked.ask("define Two: 1 + 1\ndefine Three: Two + 1", define="Three") == 3


def test_all_of_them(asked: bedside.OpenRecord) -> None:
    seen: list[tuple[int, int | None]] = []
    answers = asked.ask_all(QUESTION, on_progress=lambda done, total: seen.append((done, total)))
    assert [each.patient for each in answers] == ["lost", "seen", "well"]
    assert seen[-1] == (3, 3)
    assert list(answers.where("High")) == ["lost", "seen"]
    few = asked.ask_all(QUESTION, patients=["well", "Patient/lost"], define="Last visit")
    assert [(each.patient, each["Last visit"]["id"]) for each in few] == [
        ("well", "well-visit"),
        ("lost", "lost-visit"),
    ]
    with pytest.raises(KeyError):
        answers.where("Hihg")
    with pytest.raises(bedside.NoSubject):
        list(asked.ask_all(QUESTION, patients=["nobody"]))


VALUES = """
using FHIR version '4.0.1'
context Patient
define "Born": Patient.birthDate
define "HbA1c": First([Observation] O sort by start of effective).value as FHIR.Quantity
define "Seen": start of Last([Encounter] E sort by start of period).period
define "Since": First([Condition]).onset as FHIR.dateTime
define "Stay": First([Encounter]).period
define "Code": First([Condition]).code
define "Names": Patient.name
define "Half": 1.50
"""


def test_frames(asked: bedside.OpenRecord) -> None:
    answers = asked.ask_all(VALUES)
    first = answers.rows()[0]
    assert first["Born"] == dt.date(1957, 4, 2)
    assert (first["HbA1c"], first["HbA1c unit"]) == (66.0, "mmol/mol")
    assert first["Seen"] == dt.datetime.fromisoformat("2026-03-12T09:00:00+01:00")
    assert first["Since"] == "2014-06"
    assert first["Half"] == 1.5
    exact = answers.rows(exact=True)[0]
    assert exact["Half"] == Decimal("1.50")
    assert str(exact["Half"]) == "1.50"
    assert exact["Since"] == bedside.DateTime(2014, 6)
    assert "HbA1c unit" not in exact
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    frame = answers.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["HbA1c"]) == [66.0, 81.0, 49.0]
    other = answers.to_polars()
    assert isinstance(other, polars.DataFrame)
    assert other.columns == answers.names()
    assert other["Born"].dtype == polars.Date
    assert answers.to_polars(exact=True)["Half"][0] == Decimal("1.50")


def test_a_missing_package_is_named(asked: bedside.OpenRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(bedside.MissingPackage, match="pandas"):
        asked.ask_all(QUESTION).to_pandas()


PERIODS = """
using FHIR version '4.0.1'
parameter "Measurement Period" Interval<DateTime>
parameter "Days" Interval<Date>
parameter "Limit" Decimal default 1.0
parameter "Note" String
parameter "Since" Date
define "Period": "Measurement Period"
define "Last day": @2026-12-31T23:59:59.999 in "Measurement Period"
define "Next year": @2027-01-01T00:00:00.000 in "Measurement Period"
define "All days": "Days"
define "Twice": "Limit" * 2
define "Said": "Note"
define "Since when": "Since"
"""


@pytest.mark.parametrize(
    "period",
    ["2026-01-01/2026-12-31", "2026", ("2026-01-01", "2026-12-31"), (dt.date(2026, 1, 1), dt.date(2026, 12, 31))],
)
def test_periods(asked: bedside.OpenRecord, period: object) -> None:
    answer = asked.ask(PERIODS, parameters={"Measurement Period": period}, define=["Last day", "Next year"])
    assert (answer["Last day"], answer["Next year"]) == (True, False)


def test_parameters(asked: bedside.OpenRecord) -> None:
    given = {"Limit": 2.5, "Note": "it's", "Since": "2026-02", "Days": "2026-02"}
    answer = asked.ask(PERIODS, parameters=given, define=["Twice", "Said", "Since when", "All days"])
    assert answer["Twice"] == Decimal("5.0")
    assert answer["Said"] == "it's"
    assert answer["Since when"] == bedside.Date(2026, 2)
    assert (answer["All days"].low, answer["All days"].high) == (bedside.Date(2026, 2, 1), bedside.Date(2026, 2, 28))
    assert asked.ask(PERIODS, parameters={"Limit": "3"}, define="Twice") == 6
    for wrong, said in (
        ({"Limt": 1}, "Did you mean 'Limit'"),
        ({"Limit": "much"}, "Limit"),
        ({"Measurement Period": "2026-13"}, "month"),
    ):
        with pytest.raises(bedside.AskError, match=said):
            asked.ask(PERIODS, parameters=wrong, define="Twice")


def test_errors_come_all_at_once_with_their_places(asked: bedside.OpenRecord) -> None:
    with pytest.raises(bedside.BadQuestion) as caught:
        asked.ask("exists [Conditon] and First([Observation]).valu is null", patient="lost")
    assert [each.suggestion for each in caught.value.problems] == ["Condition", "value"]
    assert [each.column for each in caught.value.problems] == [9, 44]
    assert "            ^^^^^^^^" in str(caught.value)
    with pytest.raises(bedside.AskError, match="Did you mean 'High'"):
        asked.ask(QUESTION, patient="lost", define="Hihg")
    with pytest.raises(bedside.NoSubject, match="Patient/nobody"):
        asked.ask(QUESTION, patient="nobody")
    with pytest.raises(bedside.NoSubject, match="about one Patient"):
        asked.ask(QUESTION, define="High")
    with pytest.raises(bedside.AskError, match="cannot be read"):
        asked.ask("nowhere.cql", patient="lost")


FAILS = "using FHIR version '4.0.1'\ncontext Patient\ndefine One: singleton from ([Observation])"


def test_data_that_does_not_fit(asked: bedside.OpenRecord) -> None:
    with pytest.raises(bedside.EvaluationError) as caught:
        list(asked.ask_all(FAILS))
    assert caught.value.line == 3
    assert "asked of Patient/lost" in caught.value.__notes__
    kept = list(asked.ask_all(FAILS, on_error="keep"))
    assert [each.error is not None for each in kept] == [True, False, False]


def test_includes_beside_the_file(asked: bedside.OpenRecord, tmp_path: Path) -> None:
    (tmp_path / "anything.cql").write_text(
        "// a comment\nlibrary Common version '2.0.0'\nusing FHIR version '4.0.1'\ncontext Patient\ndefine Sex: Patient.gender"
    )
    main = tmp_path / "main.cql"
    main.write_text(
        "library Main\nusing FHIR version '4.0.1'\ninclude Common version '2.0.0'\ncontext Patient\ndefine Sex: Common.Sex"
    )
    assert asked.ask(main, patient="lost", define="Sex") == "female"
    main.write_text(main.read_text().replace("include Common version '2.0.0'", "include Common version '3.0.0'"))
    with pytest.raises(bedside.BadQuestion, match="Common"):
        asked.ask(main, patient="lost")


def test_why(asked: bedside.OpenRecord) -> None:
    evidence = asked.evidence(QUESTION, patient="lost", define="Lost to follow-up")
    assert {each.reference for each in evidence} == {
        "Condition/lost-diabetes",
        "Observation/lost-hba1c-2",
        "Encounter/lost-visit",
    }
    assert asked.evidence(QUESTION, patient="well", define="Lost to follow-up") == []
    explanation = asked.explain(QUESTION, patient="lost", define=["Lost to follow-up", "High"])
    [used] = explanation.value_sets
    assert (used.name, used.version, used.size, used.known) == ("Diabetes", "2026-11", 2, True)
    text = str(explanation)
    assert "HbA1c 83 mmol/mol, 12 Mar 2026, 09:20" in text
    assert 'by [Condition: code in "Diabetes"]' in text
    tree = explanation.tree("High").split("\n")
    assert tree[0].startswith("Greater: Boolean")
    line = int(tree[0].split()[-1].split(":")[0])
    assert '"Last HbA1c".value as FHIR.Quantity' in QUESTION.read_text().split("\n")[line - 1]


def test_a_value_set_that_is_not_here(asked: bedside.OpenRecord) -> None:
    text = """using FHIR version '4.0.1'
valueset "X": 'urn:example:x'
define Those: "X"
"""
    [used] = asked.explain(text).value_sets
    assert (used.name, used.known, used.size) == ("X", False, None)


def test_fhirpath(asked: bedside.OpenRecord) -> None:
    assert asked.fhirpath("Patient.name.given", patient="lost") == ["Lieve"]
    assert asked.fhirpath("Observation.value.value", patient="lost") == [66, 83]
    assert asked.fhirpath("subject.resolve().gender", of="Observation/lost-hba1c-1") == ["female"]
    assert asked.fhirpath(
        "code.memberOf('https://bedside.example/ValueSet/diabetes')", of="Condition/seen-diabetes"
    ) == [True]
    assert asked.fhirpath("1 + 1") == [2]
    assert dict(asked.fhirpath_all("Patient.gender")) == {"lost": ["female"], "seen": ["male"], "well": ["male"]}
    with pytest.raises(bedside.BadQuestion, match="did you mean name"):
        asked.fhirpath("Patient.nam", patient="lost")


def test_read_and_search(asked: bedside.OpenRecord) -> None:
    found = asked.read("Patient/lost")
    assert found is not None
    assert found == asked.read("Patient", "lost")
    assert asked.read("Patient/nobody") is None
    ids = [each["id"] for each in asked.search("Observation", patient="lost", _sort="-date", _count=1)]
    assert ids == ["lost-hba1c-2", "lost-hba1c-1"]


def test_nothing_is_written(tutorial_record: Path, tmp_path: Path) -> None:
    with pytest.raises(bedside.NoRecord, match="no record"):
        bedside.open(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    before = (tutorial_record / "record.db").read_bytes()
    with bedside.open(tutorial_record, now=NOW) as record:
        record.ask_all(QUESTION).rows()
    assert (tutorial_record / "record.db").read_bytes() == before
