"""The official FHIRPath tests for R4: every case passes, or is listed with its reason and does not pass."""

from __future__ import annotations

import pytest
from fhirpath_suite import Case, not_passed, read_cases, run
from suites import suite

CASES = read_cases(suite("fhirpath-r4") / "tests-fhir-r4.xml")
LISTED = not_passed()


def test_suite_is_whole() -> None:
    assert len(CASES) == 935
    assert set(LISTED) <= {case.name for case in CASES}
    assert all(reason.strip() for reason in LISTED.values())


@pytest.mark.parametrize("group", sorted({case.group for case in CASES}))
def test_group(group: str) -> None:
    wrong = [problem for case in CASES if case.group == group and (problem := _problem(case))]
    assert not wrong, "\n".join(wrong)


def _problem(case: Case) -> str | None:
    found = run(case)
    if case.name in LISTED:
        return None if found else f"{case.name} is listed as not passing and passes"
    return f"{case.name}: {case.expression!r} {found}" if found else None
