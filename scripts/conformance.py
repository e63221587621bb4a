"""Counts of the official test suites, written into docs/conformance.md.

    python scripts/conformance.py fhirpath     # the FHIRPath section
    python scripts/conformance.py              # every section
    python scripts/conformance.py --check      # exit with 1 when the file is not up to date

The suites are read where the tests read them: `$BEDSIDE_SUITES`, or `../shared/data` beside the project.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "conformance.md"
SUITES = Path(os.environ.get("BEDSIDE_SUITES", ROOT.parent / "shared" / "data"))
HEADING = """# Conformance

What the official test suites say. Each section is written by the command that it names.
"""


def fhirpath() -> str:
    """The official FHIRPath tests for R4: counts by group, and each case that does not pass."""
    sys.path.insert(0, str(ROOT / "tests" / "questions"))
    suite = import_module("fhirpath_suite")
    cases = suite.read_cases(SUITES / "fhirpath-r4" / "tests-fhir-r4.xml")
    results = {case.name: suite.run(case) for case in cases}
    failed = [case for case in cases if results[case.name]]
    reasons = suite.not_passed()
    unexplained = [case.name for case in failed if case.name not in reasons]
    if unexplained:
        raise SystemExit(f"these cases fail and are not listed with a reason: {', '.join(unexplained)}")
    groups = {case.group for case in cases}
    refused = sum(case.invalid is not None for case in cases)
    lines = [
        "## FHIRPath",
        "",
        f"HL7's FHIRPath tests for R4: **{len(cases) - len(failed)} of {len(cases)}** cases pass "
        f"({len(groups)} groups; {refused} of the cases are expressions that must be refused). Every case that has an "
        "input is also checked statically, in strict mode, before it runs. By "
        "`python scripts/conformance.py fhirpath`; the same cases run in `tests/questions/test_fhirpath_suite.py`.",
        "",
    ]
    if failed:
        lines += ["| case that does not pass | expression | why |", "|---|---|---|"]
        lines += [f"| {c.name} | `{_cell(c.expression)}` | {_cell(reasons[c.name])} |" for c in failed]
    return "\n".join(lines).rstrip() + "\n"


def cql() -> str:
    """HL7's cql-tests: counts by file, and each case that does not pass."""
    sys.path.insert(0, str(ROOT / "tests"))
    suite = import_module("questions.cql.cql_suite")
    cases = suite.read_cases(SUITES / "cql-tests" / "tests" / "cql")
    failed = [case for case in cases if suite.run(case)]
    reasons = suite.not_passed()
    unexplained = [case.name for case in failed if case.name not in reasons]
    if unexplained:
        raise SystemExit(f"these cases fail and are not listed with a reason: {', '.join(unexplained)}")
    files = {case.file for case in cases}
    refused = sum(case.invalid for case in cases)
    lines = [
        "## CQL",
        "",
        f"HL7's cql-tests: **{len(cases) - len(failed)} of {len(cases)}** cases pass ({len(files)} files; {refused} of "
        "the cases must be refused). By `python scripts/conformance.py cql`; the same cases run in "
        "`tests/questions/cql/test_cql_suite.py`.",
        "",
    ]
    if failed:
        lines += ["| case that does not pass | expression | why |", "|---|---|---|"]
        lines += [f"| {c.name} | `{_cell(c.expression)}` | {_cell(reasons[c.name])} |" for c in failed]
    return "\n".join(lines).rstrip() + "\n"


def measures() -> str:
    """The cases of the eCQM measures: how many have all their populations as expected."""
    sys.path.insert(0, str(ROOT / "tests"))
    found = import_module("questions.cql.measures").Measures(SUITES / "measures")
    lines = [
        "## Measures",
        "",
        "Patients of five eCQMs (QI-Core 6, FHIR R4), each with the report that its measure's authors expect. A case "
        "passes when every population has its count. By `python scripts/conformance.py measures`; the same cases run "
        "in `tests/questions/cql/test_measures.py`.",
        "",
        "| measure | cases that pass | of | populations |",
        "|---|---|---|---|",
    ]
    for name in found.names:
        cases = list(found.cases(name))
        passed = sum(case.expected() == case.counted(case.session()) for case in cases)
        populations = sum(len(group) for case in cases for group in case.expected())
        lines.append(f"| {name} | **{passed}** | {len(cases)} | {populations} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip()).replace("|", "\\|")


SECTIONS: dict[str, Callable[[], str]] = {"fhirpath": fhirpath, "cql": cql, "measures": measures}


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
        after = with_section(after, name, SECTIONS[name]())
    if arguments.check:
        return int(after != before)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(after)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
