"""What a search costs: walks that stop when the page is full, in the order of an index, with nothing to sort."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.record.model import Settings
from bedside.record.record import Record, open_record
from bedside.record.search import explain, parse

from .test_include import of, put, to

LOINC = "http://loinc.org"


@pytest.fixture(scope="module")
def busy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A record with 2,000 Observations of 20 codes on 40 patients."""
    record = open_record(tmp_path_factory.mktemp("busy"), Settings(check_structure=False, check_references=False))
    put(record, *[of("Patient", str(i), name=[{"family": f"Family{i:02}"}]) for i in range(40)])
    put(
        record,
        *[
            of(
                "Observation",
                str(i),
                status="final",
                code={"coding": [{"system": LOINC, "code": f"c{i % 20}"}]},
                subject=to(f"Patient/{i % 40}"),
                effectiveDateTime=f"20{10 + i % 10}-{1 + i % 12:02}-{1 + i % 28:02}T{i % 24:02}:00:00Z",
                valueQuantity={"value": i},
            )
            for i in range(2000)
        ],
    )
    yield record  # type: ignore[misc]
    record.close()


def page_plan(record: Record, name: str, *pairs: tuple[str, str]) -> tuple[str, str]:
    """The statement that finds the page, and SQLite's plan for it."""
    text = explain(record.store.reader(), record.registry, parse(record.registry, name, pairs, strict=True))
    blocks = [
        block for block in text.split("\nSELECT ") if "LIMIT 11\n" in block or block.rstrip().endswith("LIMIT 11")
    ]
    statement, *lines = blocks[-1].splitlines()
    return statement, "\n".join(line for line in lines if line.startswith("  | "))


@pytest.mark.parametrize(
    ("pairs", "driver"),
    [
        ([("code", f"{LOINC}|c1")], "token d"),
        ([("code", "c1")], "token d"),
        ([("code", f"{LOINC}|c1"), ("date", "ge2015-01-01"), ("_sort", "-date")], "token d"),
        ([("code", f"{LOINC}|c1"), ("date", "lt2015-01-01"), ("_sort", "date")], "token d"),
        ([("patient", "1")], "ref d"),
        ([("patient", "1"), ("status", "final")], "ref d"),
        ([("status", "final"), ("code", f"{LOINC}|c1")], "token d"),
        ([("date", "2015-03")], "resource d"),
        ([("status", "final")], "token d"),
        ([("_sort", "-_lastUpdated")], "version v"),
        ([("_sort", "code")], "token s"),
        ([("code:not", "c1")], "resource d"),
        ([("patient.family", "Family07")], "ref d"),
        ([("patient.family", "Family07"), ("code", "c7")], "ref d"),
    ],
)
def test_a_page_is_walked_in_the_order_of_an_index(busy: Record, pairs: list[tuple[str, str]], driver: str) -> None:
    statement, plan = page_plan(busy, "Observation", *pairs, ("_count", "10"))
    assert f"FROM {driver}" in statement or "FROM (SELECT v.seq" in statement, statement
    assert "TEMP B-TREE" not in plan or "LAST" in plan, plan
    assert "SCAN d" not in plan, plan


def test_the_rarest_condition_drives(busy: Record) -> None:
    statement, _ = page_plan(busy, "Observation", ("status", "final"), ("patient", "3"), ("_count", "10"))
    assert "FROM ref d" in statement
    statement, _ = page_plan(busy, "Observation", ("value-quantity", "7"), ("status", "final"), ("_count", "10"))
    assert "FROM quantity y" in statement


def test_few_statements_answer_a_search(busy: Record) -> None:
    """Each statement is a round trip on PostgreSQL."""

    def statements(*pairs: tuple[str, str]) -> int:
        text = explain(busy.store.reader(), busy.registry, parse(busy.registry, "Observation", pairs))
        return text.count(" rows in ")

    assert statements(("patient", "Patient/1")) == 3  # the patient, the page, the bodies
    assert statements(("patient", "1"), ("code", f"{LOINC}|c1"), ("_sort", "-date")) <= 5
    assert statements(("patient.family", "Family07")) <= 5
