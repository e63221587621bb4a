"""The official FHIRPath tests for R4, and those of R5's file that need no resource of R5.

Every case passes, or is listed with its reason and does not pass.
"""

from __future__ import annotations

import pytest
from fhirpath_suite import NEWER_NOT_PASSED, Case, not_passed, read_cases, read_newer_cases, run
from suites import suite

CASES = read_cases(suite("fhirpath-r4") / "tests-fhir-r4.xml")
LISTED = not_passed()
NEWER, IN_NEWER_FILE = read_newer_cases(suite("fhirpath-r4") / "tests-fhir-r5.xml")
NEWER_LISTED = not_passed(NEWER_NOT_PASSED)


def test_suite_is_whole() -> None:
    assert len(CASES) == 935
    assert set(LISTED) <= {case.name for case in CASES}
    assert all(reason.strip() for reason in LISTED.values())


def test_newer_suite_is_whole() -> None:
    assert (IN_NEWER_FILE, len(NEWER)) == (1051, 1042)
    assert set(NEWER_LISTED) <= {case.name for case in NEWER}
    assert all(reason.strip() for reason in NEWER_LISTED.values())


@pytest.mark.parametrize("group", sorted({case.group for case in CASES}))
def test_group(group: str) -> None:
    wrong = [problem for case in CASES if case.group == group and (problem := _problem(case, LISTED))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("group", sorted({case.group for case in NEWER}))
def test_newer_group(group: str) -> None:
    wrong = [problem for case in NEWER if case.group == group and (problem := _problem(case, NEWER_LISTED))]
    assert not wrong, "\n".join(wrong)


def _problem(case: Case, listed: dict[str, str]) -> str | None:
    found = run(case)
    if case.name in listed:
        return None if found else f"{case.name} is listed as not passing and passes"
    return f"{case.name}: {case.expression!r} {found}" if found else None
