"""Counts of the official test suites, written into docs/conformance.md.

    python scripts/conformance.py fhirpath     # the FHIRPath section
    python scripts/conformance.py              # every section
    python scripts/conformance.py --check      # exit with 1 when the file is not up to date

The suites are read where the tests read them: `$BEDSIDE_SUITES`, or `../shared/data` beside the project.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "conformance.md"
SUITES = Path(os.environ.get("BEDSIDE_SUITES", ROOT.parent / "shared" / "data"))
HEADING = """# Conformance

What the official test suites say. Each section is written by the command that it names.
"""


class Unavailable(Exception):
    """What a section compares with is not here; the message says what. The section stays as it is."""


def fhirpath() -> str:
    """The official FHIRPath tests for R4: counts, and each case that does not pass."""
    suite = _tests("questions", "fhirpath_suite")
    cases = suite.read_cases(SUITES / "fhirpath-r4" / "tests-fhir-r4.xml")
    failed = _failed(cases, suite.run, suite.not_passed())
    groups = {case.group for case in cases}
    refused = sum(case.invalid is not None for case in cases)
    lines = [
        "## FHIRPath",
        "",
        f"HL7's FHIRPath tests for R4: **{len(cases) - len(failed)} of {len(cases)}** cases pass "
        f"({len(groups)} groups; {refused} of the cases are expressions that must be refused). Every case that has an "
        "input is also checked statically, in strict mode, before it runs. By "
        "`python scripts/conformance.py fhirpath`; the same cases run in `tests/questions/test_fhirpath_suite.py`.",
    ]
    return _section(lines, failed)


def fhirpath_r5() -> str:
    """The official FHIRPath tests for R5, as far as they need no resource of R5."""
    suite = _tests("questions", "fhirpath_suite")
    cases, in_file = suite.read_newer_cases(SUITES / "fhirpath-r4" / "tests-fhir-r5.xml")
    failed = _failed(cases, suite.run, suite.not_passed(suite.NEWER_NOT_PASSED))
    lines = [
        "## FHIRPath, the tests for R5",
        "",
        f"Of the {in_file:,} cases of HL7's FHIRPath tests for R5, {len(cases):,} need no resource of R5: they have no "
        "input, or one that R4's tests have too. Read with the types of R4, "
        f"**{len(cases) - len(failed):,} of {len(cases):,}** pass. By `python scripts/conformance.py fhirpath-r5`; the "
        "same cases run in `tests/questions/test_fhirpath_suite.py`.",
    ]
    return _section(lines, failed)


def cql() -> str:
    """HL7's cql-tests: counts by file, and each case that does not pass."""
    suite = _tests("", "questions.cql.cql_suite")
    cases = suite.read_cases(SUITES / "cql-tests" / "tests" / "cql")
    failed = _failed(cases, suite.run, suite.not_passed())
    wrong = Counter(case.file for case, _ in failed)
    refused = Counter(case.file for case in cases if case.invalid)
    lines = [
        "## CQL",
        "",
        f"HL7's cql-tests: **{len(cases) - len(failed):,} of {len(cases):,}** cases pass. By "
        "`python scripts/conformance.py cql`; the same cases run in `tests/questions/cql/test_cql_suite.py`.",
        "",
        "| file | cases that pass | of | must be refused |",
        "|---|---|---|---|",
    ]
    for file, count in sorted(Counter(case.file for case in cases).items()):
        lines.append(f"| {file} | {count - wrong[file]} | {count} | {refused[file] or ''} |")
    return _section(lines, failed)


def measures() -> str:
    """The cases of the eCQM measures: how many have all their populations as expected."""
    found = _tests("", "questions.cql.measures").Measures(SUITES / "measures")
    rows, totals = [], [0, 0, 0, 0]
    for name in found.names:
        cases = [(case.expected(), case.counted(case.session())) for case in found.cases(name)]
        passed = sum(expected == counted for expected, counted in cases)
        pairs = [
            (count, group.get(code))
            for expected, counted in cases
            for one, group in zip(expected, counted, strict=True)
            for code, count in one.items()
        ]
        same = sum(expected == counted for expected, counted in pairs)
        row = (passed, len(cases), same, len(pairs))
        totals = [one + other for one, other in zip(totals, row, strict=True)]
        rows.append(f"| {name} | {' | '.join(f'{each:,}' for each in row)} |")
    lines = [
        "## Measures",
        "",
        f"Patients of {len(found.names)} eCQMs (QI-Core 6, FHIR R4), each with the report that its measure's authors "
        f"expect: **{totals[0]} of {totals[1]}** have every population as expected. By "
        "`python scripts/conformance.py measures`; the same cases run in `tests/questions/cql/test_measures.py`, and "
        "over HTTP, with measures and patients loaded as a user would, in `tests/api/questions`.",
        "",
        "| measure | cases that pass | of | populations as expected | of |",
        "|---|---|---|---|---|",
        *rows,
        f"| **all** | {' | '.join(f'**{each:,}**' for each in totals)} |",
    ]
    return "\n".join(lines) + "\n"


def elm() -> str:
    """Our ELM of the measures' libraries beside that of the reference translator, definition by definition."""
    reference = _tests("", "questions.cql.elm_reference")
    listed = reference.differences()
    rows, totals, why = [], [0, 0, 0], []
    with tempfile.TemporaryDirectory() as scratch:
        try:
            folder = reference.reference_folder(lambda: Path(scratch))
        except pytest.skip.Exception as reason:
            raise Unavailable(str(reason)) from None
        for path in sorted(reference.SOURCES.glob("*.cql")):
            theirs = reference.statements(json.loads((folder / f"{path.stem}.json").read_bytes()))
            ours = reference.statements(reference.ours(path.stem))
            row = [len(theirs), 0, 0]
            for key, their in theirs.items():
                our = ours[key]
                row[1] += reference.type_of(their) in (None, reference.type_of(our))
                nodes = [list(reference.outline(reference.formed(each.get("expression")))) for each in (their, our)]
                if nodes[0] == nodes[1]:
                    row[2] += 1
                else:
                    why.append(f"| {path.stem} | {key[0]} | {_cell(listed[path.stem][key[0]])} |")
            rows.append(f"| {path.stem} | {' | '.join(map(str, row))} |")
            totals = [one + other for one, other in zip(totals, row, strict=True)]
    lines = [
        "## ELM",
        "",
        "The typed tree of the measures' libraries, written as ELM, beside what the reference translator "
        "(npm @cqframework/cql) makes of the same text. Compared are the result type of every definition and its "
        "nodes: what each is, its names, values and precision, and what is below it. "
        f"**{totals[2]:,} of {totals[0]:,}** definitions have the same nodes and **{totals[1]:,}** the same result "
        "type. By `python scripts/conformance.py elm`; the same comparison runs in `tests/questions/cql/test_elm.py`.",
        "",
        "| library | definitions | same result type | same nodes |",
        "|---|---|---|---|",
        *rows,
        f"| **all** | {' | '.join(f'**{each:,}**' for each in totals)} |",
        "",
        "| library | definition with other nodes | why |",
        "|---|---|---|",
        *why,
        "",
        "Before they are compared both sides are rid of what differs in form only:",
        "",
        *(f"- {_cell((rewrite.__doc__ or '').replace(chr(10), ' '))}" for rewrite in reference.REWRITES),
    ]
    return "\n".join(lines) + "\n"


def _tests(folder: str, module: str) -> Any:
    """A module of the tests, which read and run the suites."""
    path = str(ROOT / "tests" / folder)
    if path not in sys.path:
        sys.path.insert(0, path)
    return import_module(module)


def _failed(cases: list[Any], run: Callable[[Any], str | None], reasons: dict[str, str]) -> list[tuple[Any, str]]:
    """The cases that do not pass, with their reasons. One without a reason ends the run."""
    failed = [case for case in cases if run(case)]
    unexplained = [case.name for case in failed if case.name not in reasons]
    if unexplained:
        raise SystemExit(f"these cases fail and are not listed with a reason: {', '.join(unexplained)}")
    return [(case, reasons[case.name]) for case in failed]


def _section(lines: list[str], failed: list[tuple[Any, str]]) -> str:
    if failed:
        lines += ["", "| case that does not pass | expression | why |", "|---|---|---|"]
        lines += [f"| {case.name} | `{_cell(case.expression)}` | {_cell(reason)} |" for case, reason in failed]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip()).replace("|", "\\|")


SECTIONS: dict[str, Callable[[], str]] = {
    "fhirpath": fhirpath,
    "fhirpath-r5": fhirpath_r5,
    "cql": cql,
    "measures": measures,
    "elm": elm,
}


def with_section(report: str, name: str, text: str) -> str:
    """The report with one section replaced, or added at the end."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    block = f"{begin}{text}{end}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(report):
        return pattern.sub(lambda _: block, report)
    return f"{report.rstrip()}\n\n{block}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Count the official test suites into docs/conformance.md.")
    parser.add_argument(
        "section", nargs="*", choices=[*SECTIONS, []], help="the sections to write; all when none is named"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file would change")
    arguments = parser.parse_args()
    before = REPORT.read_text() if REPORT.exists() else HEADING
    after = before
    for name in arguments.section or SECTIONS:
        try:
            after = with_section(after, name, SECTIONS[name]())
        except Unavailable as reason:
            print(f"{name} is left as it is: {reason}", file=sys.stderr)
    if arguments.check:
        return int(after != before)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(after)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
