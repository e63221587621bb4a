"""The prompt of `bedside ask --interactive`, driven by key strokes."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

import bedside
from ask.conftest import NOW, TUTORIAL, fill
from bedside.cli.ask_complete import CqlCompleter
from bedside.cli.ask_prompt import Prompt, history_file, run
from bedside.cli.ask_workbook import is_complete
from bedside.record.record import open_record

QUESTION = TUTORIAL / "diabetes.cql"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bedside.OpenRecord]:
    folder = tmp_path_factory.mktemp("prompt") / "record"
    record = open_record(folder)
    fill(record)
    record.close()
    with bedside.open(folder, now=NOW) as found:
        yield found


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "bedside" / "ask-history"


def typed(record: bedside.OpenRecord, keys: str, patient: str | None = "lost") -> None:
    """Type keys at a prompt; the end of input (Ctrl-D) closes it."""
    with create_pipe_input() as pipe:
        pipe.send_text(keys + "\x04")
        run(record, patient, {}, source=pipe, output=DummyOutput())


def test_a_session(opened: bedside.OpenRecord, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed(
        opened,
        "Count([Observation])\r"
        "define Values: [Observation] O return O.value as FHIR.Quantity\r"
        "Count(Values)\r"
        "1 +\r2\r"  # not whole: goes on in the next line
        "Patient.nam\r"
        ":path Patient.name.given\r"
        ":define Two: 1 + 1\r"
        ":define\r"
        ":patient well\r"
        "Count(Values) + Two\r",
    )
    said = capsys.readouterr().out.split("\n")
    assert said[0].startswith("Patient: Verhaeghe")
    assert said[2:5] == ["2", 'define "Values": List<FHIR.Quantity>', "2"]
    assert said[5] == "3"
    assert "did you mean name?" in said[6]
    assert said[8].strip() == "^" * len(said[8].strip())
    assert said[9:13] == [
        "Lieve",
        'define "Two": Integer',
        'define "Values": List<FHIR.Quantity>',
        'define "Two": Integer',
    ]
    assert said[13].startswith("Patient: De Clercq")
    assert said[14] == "3"
    assert state == history_file()
    kept = state.read_text()
    assert "+Count(Values) + Two" in kept
    assert "+1 +\n+2" in kept
    assert "well" not in kept
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_history_comes_back(opened: bedside.OpenRecord, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed(opened, "40 + 2\r")
    capsys.readouterr()
    typed(opened, "\x1b[A\r")  # up
    assert "42" in capsys.readouterr().out.split("\n")


def test_an_empty_line_sends_what_is_not_whole(
    opened: bedside.OpenRecord, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(opened, "1 +\r\r")
    assert "ends too early" in capsys.readouterr().out


def test_load_explain_and_parameters(
    opened: bedside.OpenRecord, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(
        opened,
        f":load {QUESTION}\r"
        '"Lost to follow-up"\r'
        ":explain\r"
        ":parameter Threshold=90 'mmol/mol'\r"
        "High\r"
        ":load nowhere.cql\r"
        ":nonsense\r",
    )
    said = capsys.readouterr().out
    assert 'define "Lost to follow-up": Boolean' in said
    assert '[Condition/lost-diabetes] by [Condition: code in "Diabetes"]' in said
    assert "ExpressionRef Lost to follow-up: Boolean" in said
    assert said.split("\n")[-4:-2] == ["no", "nowhere.cql cannot be read: No such file or directory."]
    assert "There is no :nonsense" in said


def test_errors_of_a_statement_are_placed_in_it(
    opened: bedside.OpenRecord, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(opened, "define A: 1\rdefine B: Patient.nam\rB\r")
    said = capsys.readouterr().out
    assert "line 1, column 19:" in said
    assert "    define B: Patient.nam\n                      ^^^" in said
    assert "'B'" in said.split("\n")[-4], "what was refused is not defined"


# --- completion


def slowly(pipe: PipeInput, *keys: str) -> None:
    """As a person does, who looks at what is offered before going on."""
    for each in keys:
        pipe.send_text(each)
        time.sleep(1)


def offered(record: bedside.OpenRecord, text: str, *said: str) -> dict[str, str]:
    prompt = Prompt(record)
    prompt.obey(":patient lost")
    for each in said:
        prompt.take(each)
    found = CqlCompleter(prompt.workbook).get_completions(Document(text), CompleteEvent())
    return {each.text: each.display_meta_text for each in found}


def test_completion_after_a_dot_goes_by_type(opened: bedside.OpenRecord) -> None:
    assert offered(opened, "Patient.bi") == {"birthDate": "element date"}
    assert "family" in offered(opened, "Patient.name.")
    assert "family" in offered(opened, "First(Patient.name).fam")
    assert "onset" in offered(opened, "[Condition] C where C.on")
    assert "unit" in offered(opened, "[Observation] O return (O.value as FHIR.Quantity).u")
    assert "other" in offered(opened, "Pair.o", "define Pair: Tuple { one: 1, other: 2 }")
    assert "value" in offered(opened, '"Last HbA1c".va', f":load {QUESTION}")
    assert "birthDate" in offered(opened, "define Born: Patient.bi")
    assert offered(opened, "Nowhere.") == {}
    assert offered(opened, "'a text. and") == {}


def test_completion_of_names(opened: bedside.OpenRecord) -> None:
    said = f":load {QUESTION}"
    assert set(offered(opened, '"Last', said)) == {'"Last HbA1c"', '"Last visit"'}
    assert offered(opened, "[Condition: Dia", said)['"Diabetes"'] == "value set"
    assert offered(opened, "[Obs")["Observation"] == "type"
    assert "AgeInYears(" in offered(opened, "AgeInY")
    assert "exists" in offered(opened, "exi")
    assert set(offered(opened, ":p")) == {":parameter", ":path", ":patient"}


def test_tab_completes(opened: bedside.OpenRecord, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompt = Prompt(opened)
    prompt.obey(":patient lost")
    prompt.take(f":load {QUESTION}")
    for text, whole in (('exists "Last v', 'exists "Last visit"'), ("Patient.birthD", "Patient.birthDate")):
        document = Document(text)
        [first, *_] = CqlCompleter(prompt.workbook).get_completions(document, CompleteEvent())
        assert text[: len(text) + first.start_position] + first.text == whole
    capsys.readouterr()
    with create_pipe_input() as pipe:
        hands = threading.Thread(target=lambda: slowly(pipe, "Patient.birthD", "\t", "\r\x04"))
        hands.start()
        run(opened, "lost", {}, source=pipe, output=DummyOutput())
        hands.join()
    assert "1957-04-02" in capsys.readouterr().out.split("\n")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("1 + 1", True),
        ("1 +", False),
        ("[Condition] C where", False),
        ('define "X":', False),
        ("define X: 1", True),
        ("1 + )", True),
        (":load", True),
        ("", True),
    ],
)
def test_what_is_whole(text: str, whole: bool) -> None:
    assert is_complete(text) is whole
