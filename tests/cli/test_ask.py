"""`bedside ask`, as a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ask.conftest import TUTORIAL, fill
from bedside.record.record import open_record
from cli.support import bedside

QUESTION = str(TUTORIAL / "diabetes.cql")
NOW = ("--now", "2026-11-22")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("ask") / "record"
    record = open_record(folder)
    fill(record)
    record.close()
    return "--data", str(folder)


def test_one_patient_in_words(data: tuple[str, str]) -> None:
    done = bedside("ask", QUESTION, "--patient", "lost", *NOW, *data)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert lines[0] == "Patient: Verhaeghe, Lieve, female, 2 Apr 1957 (69) [Patient/lost]"
    assert "Lost to follow-up         yes" in lines
    assert any("HbA1c 83 mmol/mol" in line for line in lines)


def test_exactly(data: tuple[str, str]) -> None:
    done = bedside("ask", QUESTION, "--patient", "lost", "--define", "High", "--define", "Last HbA1c", "--json", *data)
    found = json.loads(done.stdout)
    assert found["patient"] == "lost"
    assert found["answers"]["High"] is True
    assert found["answers"]["Last HbA1c"]["valueQuantity"]["value"] == 83
    one = bedside("ask", "--cql", "{1.50, @2014-06, 3 'mg', Interval[1, 2), null}", "--json", *data)
    # The digits count, so the text is compared.
    assert (
        '[1.50,"2014-06",{"value":3,"unit":"mg"},{"low":1,"high":2,"lowClosed":true,"highClosed":false},null]'
        in one.stdout
    ), one.stdout + one.stderr


def test_everybody(data: tuple[str, str], tmp_path: Path) -> None:
    done = bedside("ask", QUESTION, "--all", "--define", "Lost to follow-up", *NOW, *data)
    assert "yes for 1, no for 2" in done.stdout
    assert "\nlost     yes" in done.stdout
    assert "3 patients asked" in done.stdout
    ids = tmp_path / "ids"
    ids.write_text("# two of them\nseen\n\nwell\n")
    done = bedside("ask", QUESTION, "--patients", str(ids), "--define", "High", "--json", *NOW, *data)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"patient": "seen", "answers": {"High": True}},
        {"patient": "well", "answers": {"High": False}},
    ]


def test_parameters(data: tuple[str, str]) -> None:
    given = ("--define", "Lost to follow-up", "--parameter", "Threshold=48 'mmol/mol'")
    done = bedside("ask", QUESTION, "--patient", "well", *given, *NOW, *data)
    assert "Lost to follow-up  yes" in done.stdout
    done = bedside("ask", QUESTION, "--patient", "well", "--parameter", "Treshold=1", *NOW, *data)
    assert done.returncode == 1
    assert "Did you mean 'Threshold'?" in done.stderr


def test_why(data: tuple[str, str]) -> None:
    done = bedside("ask", QUESTION, "--patient", "lost", "--define", "Lost to follow-up", "--explain", *NOW, *data)
    assert '[Condition/lost-diabetes] by [Condition: code in "Diabetes"] in "Has diabetes"' in done.stdout
    assert '"Diabetes" https://bedside.example/ValueSet/diabetes version 2026-11: 2 codes' in done.stdout
    assert "ExpressionRef High: Boolean" in done.stdout
    exact = bedside("ask", QUESTION, "--patient", "lost", "--define", "High", "--explain", "--json", *NOW, *data)
    found = json.loads(exact.stdout)
    assert [each["reference"] for each in found["evidence"]["High"]] == ["Observation/lost-hba1c-2"]
    assert found["trees"]["High"][0].startswith("Greater: Boolean")


def test_fhirpath(data: tuple[str, str]) -> None:
    assert bedside("ask", "-e", "Patient.name.given", "--patient", "lost", *data).stdout == "Lieve\n"
    assert bedside("ask", "-e", "Observation.value.value", "--patient", "lost", "--json", *data).stdout == "[66,83]\n"
    assert bedside("ask", "-e", "Patient.gender", "--all", *data).stdout == "lost\tfemale\nseen\tmale\nwell\tmale\n"


def test_all_errors_with_line_and_caret(data: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "wrong.cql"
    file.write_text("using FHIR version '4.0.1'\ncontext Patient\ndefine A: [Conditon]\ndefine B: Patient.nam\n")
    done = bedside("ask", str(file), "--patient", "lost", *data)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "wrong.cql, line 3, column 12: " in done.stderr
    assert "    define A: [Conditon]\n               ^^^^^^^^\n" in done.stderr
    assert "wrong.cql, line 4, column 19: " in done.stderr
    assert "Traceback" not in done.stderr


def test_patients_on_whose_data_it_fails_are_told_of(data: tuple[str, str]) -> None:
    done = bedside("ask", "--cql", "singleton from ([Observation])", "--all", *data)
    assert done.returncode == 1
    assert "3 patients asked, 1 of them without an answer" in done.stdout
    assert "Patient/lost" in done.stderr
    assert "line 1, column 1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "say what to ask"),
        (("x.cql", "-e", "1"), 2, "one of them"),
        (("-e", "1", "--define", "A"), 2, "belong to CQL"),
        (("-e", "1", "--patient", "lost", "--all"), 2, "exclude each other"),
        (("--cql", "1", "--all", "--explain"), 2, "--explain"),
        (("--cql", "1", "--now", "soon"), 2, "--now is a date"),
        (("--cql", "1", "--parameter", "x"), 2, "NAME=VALUE"),
        (("--interactive", "--cql", "1"), 2, "--interactive"),
        (("nowhere.cql", "--patient", "lost"), 1, "cannot be read"),
        (("--cql", "1", "--patient", "nobody"), 1, "There is no Patient/nobody"),
        ((QUESTION,), 1, "Name one with --patient"),
    ],
)
def test_called_wrongly(data: tuple[str, str], arguments: tuple[str, ...], status: int, said: str) -> None:
    done = bedside("ask", *arguments, *data)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert "Traceback" not in done.stderr


def test_no_record(tmp_path: Path) -> None:
    done = bedside("ask", "--cql", "1", "--data", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "There is no record" in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_help_has_an_example() -> None:
    assert "bedside ask diabetes.cql --patient" in " ".join(bedside("ask", "--help").stdout.split())
