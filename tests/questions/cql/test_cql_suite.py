"""HL7's cql-tests: every case passes, or is listed with its reason and does not pass."""

from __future__ import annotations

import pytest

from questions.cql.cql_suite import Case, not_passed, read_cases, run
from questions.suites import suite

CASES = read_cases(suite("cql-tests") / "tests" / "cql")
LISTED = not_passed()


def test_suite_is_whole() -> None:
    assert len(CASES) == 1823
    assert sum(case.invalid for case in CASES) == 40
    assert set(LISTED) <= {case.name for case in CASES}
    assert all(reason.strip() for reason in LISTED.values())


@pytest.mark.parametrize("file", sorted({case.file for case in CASES}))
def test_file(file: str) -> None:
    wrong = [problem for case in CASES if case.file == file and (problem := _problem(case))]
    assert not wrong, "\n".join(wrong)


def _problem(case: Case) -> str | None:
    found = run(case)
    if case.name in LISTED:
        return None if found else f"{case.name} is listed as not passing and passes"
    return f"{case.name}: {case.expression!r} {found}" if found else None
