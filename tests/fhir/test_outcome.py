"""Errors become OperationOutcomes that are themselves valid resources."""

from __future__ import annotations

from typing import get_args

import pytest

from bedside.fhir import outcome
from bedside.fhir.check import check
from bedside.fhir.definitions import codes
from bedside.fhir.outcome import FhirError, Issue, IssueCode, operation_outcome


def every_error(base: type[FhirError] = FhirError) -> list[type[FhirError]]:
    # Other rooms have errors of their own, with arguments of their own.
    own = [sub for sub in base.__subclasses__() if sub.__module__ == base.__module__]
    return [base, *(e for sub in own for e in every_error(sub))]


@pytest.mark.parametrize("error", every_error())
def test_every_error_becomes_a_valid_outcome(error: type[FhirError]) -> None:
    raised = error("it does not work", path="Patient.name[0]")
    found = raised.outcome()
    assert check(found, expect_type="OperationOutcome") == []
    assert found["issue"] == [
        {"severity": "error", "code": error.code, "diagnostics": "it does not work", "expression": ["Patient.name[0]"]}
    ]
    assert 400 <= raised.status < 600
    assert str(raised) == "it does not work"


def test_issue_codes_are_those_of_the_code_system() -> None:
    allowed = (codes("http://hl7.org/fhir/ValueSet/issue-type") or {})["http://hl7.org/fhir/issue-type"]
    assert set(get_args(IssueCode)) <= set(allowed)


def test_all_issues_are_told() -> None:
    issues = [Issue("error", "required", "Patient.name", "a"), Issue("warning", "value", None, "b")]
    found = outcome.Unprocessable(issues)
    assert found.issues == issues
    assert [i["severity"] for i in found.outcome()["issue"]] == ["error", "warning"]
    assert "expression" not in found.outcome()["issue"][1]


def test_no_issue_is_all_right() -> None:
    assert check(operation_outcome([])) == []
    assert operation_outcome([])["issue"][0]["severity"] == "information"
