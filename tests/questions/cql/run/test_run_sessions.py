"""Sessions: contexts, parameters, functions, included libraries, limits, and where errors happened."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from bedside.questions.cql.run.compiler import Mode
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.run.unit import unit_of
from bedside.questions.cql.typer import translate
from bedside.questions.cql.values import Interval
from bedside.questions.cql.world import Wanted, World
from bedside.questions.errors import EvaluationError, UnsupportedError
from bedside.questions.values import DateTime
from questions.cql.run.asking import HEADER, answer, asked, encounter, ids, patient, world

SHARED = """library Shared version '2'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
parameter "Year" Interval<DateTime>
parameter "Limit" Integer default 3
context Patient
define Old: AgeInYears() > 50
define "In Year": [Encounter] E where E.period starts during "Year"
define function Twice(x Integer): x * 2
define function Twice(x String): x + x
define fluent function named(p FHIR.Patient, text String): exists (p.name N where N.family = text)
"""


# Contexts


def test_a_definition_of_the_patient_sees_the_patient_only() -> None:
    assert ids(asked("define Answer: [Condition]", of="1").evaluate("Answer")) == ["c1", "c2"]
    assert ids(asked("define Answer: [Condition]", of="2").evaluate("Answer")) == ["c3"]


def test_unfiltered_definitions_see_everybody_also_when_a_patient_asks() -> None:
    text = "define Mine: Count([Condition])\ncontext Unfiltered\ndefine All: Count([Condition])\n"
    session = asked(text + "context Patient\ndefine Share: Mine / All")
    assert session.evaluate("All") == 3
    assert session.evaluate("Share") == Decimal("0.66666667")


def test_from_the_unfiltered_context_a_patients_definition_is_the_list_of_everybodys() -> None:
    text = "define Age: AgeInYears()\ncontext Unfiltered\ndefine Ages: Age A sort desc"
    assert asked(text).evaluate("Ages") == [65, 16]
    assert asked(text, of=None).evaluate("Ages") == [65, 16]


def test_another_patients_session_keeps_what_does_not_depend_on_the_patient() -> None:
    session = asked("define Mine: Count([Condition])\ncontext Unfiltered\ndefine All: Count([Condition])")
    assert session.evaluate("All") == 3
    other = session.for_context("2")
    assert other.results == {"All": 3}
    assert (other.evaluate("Mine"), session.evaluate("Mine")) == (1, 2)


def test_a_session_of_the_unfiltered_context_gives_a_patients_definition_for_everybody() -> None:
    session = asked("define Age: AgeInYears()", of=None, context_type="Unfiltered")
    assert session.evaluate("Age") == [65, 16]


def test_other_contexts_have_compartments_of_their_own() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d"}
    seen = {
        **encounter("seen", "1", "2026-01-10", None),
        "participant": [{"individual": {"reference": "Practitioner/d"}}],
    }
    at = world([patient("1", "1960-06-05"), doctor, seen, encounter("other", "1", "2026-01-10", None)])
    header = HEADER.replace("context Patient", "")
    text = "context Practitioner\ndefine Seen: [Encounter]\ncontext Patient\ndefine Mine: [Encounter]"
    session = asked(text, header=header, at=at, of="d", context_type="Practitioner")
    assert ids(session.evaluate("Seen")) == ["seen"]
    assert "Mine" not in session.evaluate_all()
    with pytest.raises(EvaluationError, match="Mine is of the context Patient, and this session of Practitioner"):
        session.evaluate("Mine")


def test_without_data_a_retrieve_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="no data"):
        asked("define Answer: [Condition]", at=World()).evaluate("Answer")


# Definitions and functions


def test_a_definition_is_computed_once_a_session() -> None:
    told: list[str] = []
    at = world(message=lambda severity, code, text: told.append(text))
    session = asked("define One: Message(1, true, 'c', 'Trace', 'told')\ndefine Answer: One + One", at=at)
    assert session.evaluate("Answer") == 2
    assert session.evaluate("One") == 1
    assert told == ["told"]


def test_what_does_not_depend_on_the_item_is_computed_once() -> None:
    told: list[str] = []
    at = world(message=lambda severity, code, text: told.append(text))
    text = "define Answer: ({ 1, 2, 3 }) X where X > Message(1, true, 'c', 'Trace', 'told') + 0"
    assert asked(text, at=at).evaluate("Answer") == [2, 3]
    assert told == ["told"]


def test_functions_are_chosen_by_the_types_of_their_operands() -> None:
    libraries = {"Shared": SHARED}
    header = HEADER.replace("context Patient", "").replace("codesystem", "include Shared version '2'\ncodesystem", 1)
    header += "context Patient\n"
    given: dict[str, Any] = {"header": header, "libraries": libraries}
    assert answer("Shared.Twice(2)", **given) == 4
    assert answer("Shared.Twice('a')", **given) == "aa"
    assert answer("Patient.named('Byron')", **given) is True
    assert answer("Shared.Old", **given) is True


def test_a_function_can_be_called_from_outside() -> None:
    text = "define function Add(a Integer, b Integer): a + b\ndefine function Add(a String, b String): a + '-' + b"
    session = asked(text)
    assert session.call("Add", [1, 2]) == 3
    assert session.call("Add", ["1", "2"]) == "1-2"
    assert session.call("Add", [1, None]) is None
    with pytest.raises(EvaluationError, match="takes these 1 arguments"):
        session.call("Add", [1])
    with pytest.raises(EvaluationError, match="there is no function Ad; did you mean Add"):
        session.call("Ad", [1])


def test_evaluate_all_gives_the_public_definitions_in_their_order() -> None:
    session = asked("define B: 1\ndefine private C: 2\ndefine A: C + 1")
    assert list(session.evaluate_all().items())[1:] == [("B", 1), ("A", 3)]
    assert session.results["C"] == 2


def test_a_definition_that_there_is_not_comes_with_a_suggestion() -> None:
    with pytest.raises(EvaluationError, match="there is no definition Anwser; did you mean Answer"):
        asked("define Answer: 1").evaluate("Anwser")


# Parameters


def test_a_parameter_has_the_value_that_is_given_else_its_default() -> None:
    text = 'define Answer: start of "Year"'
    assert asked(text).evaluate("Answer") == DateTime(2026, 1, 1, 0, 0, Decimal("0.000"), 120)
    given = Interval(DateTime(2025, 1, 1), DateTime(2025, 12, 31), point="DateTime")
    # What is given without an offset has that of the session, as a literal would.
    assert asked(text, parameters={"Year": given}).evaluate("Answer") == DateTime(2025, 1, 1, offset=120)
    assert asked(text, parameters={"Asked.Year": given}).evaluate("Answer") == DateTime(2025, 1, 1, offset=120)


def test_a_parameter_reaches_the_libraries_that_are_included() -> None:
    header = HEADER.replace("codesystem", "include Shared version '2'\ncodesystem", 1)
    given = Interval(DateTime(2025, 1, 1, offset=0), DateTime(2025, 12, 31, offset=0), point="DateTime")
    session = asked(
        'define Answer: Shared."In Year"\ndefine Limit: Shared."Limit"',
        header=header,
        libraries={"Shared": SHARED},
        parameters={"Year": given, "Shared.Limit": 5},
    )
    assert ids(session.evaluate("Answer")) == ["e2"]
    assert session.evaluate("Limit") == 5


def test_a_parameter_of_another_type_or_name_is_refused() -> None:
    with pytest.raises(EvaluationError, match=r"the parameter Year is a Interval<System.DateTime>") as found:
        asked("define Answer: 1", parameters={"Year": 2026})
    assert HEADER.split("\n")[found.value.line - 1].startswith("parameter")
    with pytest.raises(EvaluationError, match="there is no parameter Yaer; did you mean Year"):
        asked("define Answer: 1", parameters={"Yaer": 2026})


# Limits


def test_a_function_that_calls_itself_without_end_is_stopped() -> None:
    source = "define function Down(n Integer): if n < 0 then 0 else Down(n + 1)\ndefine Answer: Down(1)"
    translation = translate(source)
    if translation.library is None:
        assert any("itself" in str(each) for each in translation.problems)
        return
    with pytest.raises(EvaluationError, match="deep"):
        compile_library(translation.library).session(world()).evaluate("Answer")


def test_a_question_that_takes_too_long_is_stopped() -> None:
    many = "expand { Interval[1, 900] }"
    session = asked(f"define Answer: Count(from ({many}) A, ({many}) B return all A)", limit=0.001)
    with pytest.raises(EvaluationError, match=r"longer than 0\.001 seconds"):
        session.evaluate("Answer")


def test_the_limit_is_for_one_question_and_not_for_the_session() -> None:
    many = "expand { Interval[1, 300] }"
    text = f"define Patients: Count(from ({many}) A, ({many}) B return all A)\ncontext Unfiltered\n"
    session = asked(text + f"define Everybodys: Count(from ({many}) A, ({many}) B return all A)", limit=1.0)
    assert session.evaluate("Patients") == 90_000
    time.sleep(1.1)
    assert session.evaluate("Everybodys") == 90_000


def test_calls_that_failed_do_not_count_for_later_questions() -> None:
    session = asked("define function Fail(x Integer): singleton from ({ x, x + 1 })\ndefine Ok: 1")
    for _ in range(200):
        with pytest.raises(EvaluationError, match="single"):
            session.call("Fail", [1])
    assert session.evaluate("Ok") == 1


def test_a_chain_of_many_definitions_is_no_deep_nesting() -> None:
    chain = "define D0: 1\n" + "".join(f"define D{i}: D{i - 1} + 1\n" for i in range(1, 400))
    assert asked(chain).evaluate("D399") == 400


# Errors


def test_an_error_knows_its_library_definition_and_place() -> None:
    header = HEADER.replace("codesystem", "include Shared version '2'\ncodesystem", 1)
    broken = SHARED + "define Broken:\n  singleton from ({ 1, 2 })\n"
    session = asked("define Answer: Shared.Broken + 1", header=header, libraries={"Shared": broken})
    with pytest.raises(EvaluationError) as found:
        session.evaluate("Answer")
    error = found.value
    assert (error.library, error.define) == ("Shared", "Broken")
    assert broken[error.span.start : error.span.end] == "singleton from ({ 1, 2 })"
    assert error.line == broken.count("\n")


def test_finding_the_place_does_not_send_messages_again() -> None:
    told: list[str] = []
    at = world(message=lambda severity, code, text: told.append(text))
    with pytest.raises(EvaluationError):
        asked("define Answer: singleton from ({ Message(1, true, 'c', 'Trace', 'told'), 2 })", at=at).evaluate("Answer")
    assert told == ["told"]


def test_an_error_message_ends_the_question() -> None:
    with pytest.raises(EvaluationError, match="c: enough"):
        answer("Message(1, true, 'c', 'Error', 'enough')")


# Compiling


def test_a_library_is_compiled_once_and_shared_by_those_that_include_it() -> None:
    header = HEADER.replace("codesystem", "include Shared version '2'\ncodesystem", 1)
    libraries = {"Shared": SHARED}
    one, other = (
        translate(header + f"define Answer: Shared.Old and {word}", libraries=lambda name, version: libraries.get(name))
        for word in ("true", "false")
    )
    assert one.library is not None
    assert other.library is not None
    first, second = unit_of(one.library), unit_of(other.library)
    assert first is not second
    assert first.includes["Shared"] is second.includes["Shared"]
    assert unit_of(one.library) is first
    assert unit_of(one.library, Mode.LOCATING) is not first


def test_a_retrieve_is_asked_of_the_data_once_a_session() -> None:
    at = world()
    asked_for: list[Wanted] = []
    retrieve = at.data.retrieve  # type: ignore[union-attr]
    at.data.retrieve = lambda wanted: asked_for.append(wanted) or retrieve(wanted)  # type: ignore
    session = asked(
        "define A: [Condition]\ndefine B: [Condition] C where exists [Condition]\ndefine D: A union B", at=at
    )
    assert len(session.evaluate("D")) == 2
    assert [each.resource_type for each in asked_for] == ["Condition"]
