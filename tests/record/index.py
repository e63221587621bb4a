"""Is the index what the resources say? Compares every index row with a fresh extraction, in words.

What the tables hold as numbers is turned back into words here, by other code than the one that wrote it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from bedside.fhir import json
from bedside.record import bodies
from bedside.record.layout import INDEX_TABLES
from bedside.record.record import Record
from bedside.record.rows import Rows

Words = dict[str, Counter[tuple[Any, ...]]]


def assert_consistent(record: Record) -> None:
    """Fail unless tables, versions and index of a record agree with each other in every row."""
    reader = record.store.reader()
    with reader.snapshot():
        resources = reader.rows("SELECT rid, type, id, seq, version, clock FROM resource")
        versions = reader.rows("SELECT seq, rid, version, type, updated, method, body FROM version ORDER BY seq")
        names = dict(reader.rows("SELECT id, text FROM name"))
        stored = {table: reader.rows(f"SELECT * FROM {table}") for table in INDEX_TABLES}
    names[0] = ""
    assert len(set(names.values())) == len(names), "a text has two numbers"
    newest = _check_versions(resources, versions, record)
    place = {rid: (record.registry.type_name(number), id_) for rid, number, id_, *_ in resources}
    fresh: Words = {table: Counter() for table in INDEX_TABLES}
    for rid, _, _, _, _, clock in resources:
        current = newest.get(rid)
        if current is None or current[6] is None:
            assert clock is None, "what is deleted or was never written must not be found"
            continue
        rows = record.extractor.rows(json.decode(bodies.decompress(current[6])))
        assert rows.clock == clock, "the clock is not that of the resource"
        _expect(rows, rid, fresh)
    found = {table: Counter(_in_words(table, row, names, place) for row in stored[table]) for table in INDEX_TABLES}
    for table in INDEX_TABLES:
        missing, extra = fresh[table] - found[table], found[table] - fresh[table]
        assert not missing, f"{table} lacks {list(missing)[:3]}"
        assert not extra, f"{table} has in excess {list(extra)[:3]}"


def _check_versions(resources: list[Any], versions: list[Any], record: Record) -> dict[int, Any]:
    """Versions of each resource are 1, 2, 3...; instants rise; bodies tell the same as the row. rid -> newest."""
    newest: dict[int, Any] = {}
    by_rid = {row[0]: row for row in resources}
    assert len({(row[1], row[2]) for row in resources}) == len(resources)
    last_updated = 0
    for row in versions:
        seq, rid, version, number, updated, method, body = row
        before = newest.get(rid)
        assert version == (before[2] if before else 0) + 1, "a version is missing"
        assert updated >= last_updated, "instants must not go back"
        assert (body is None) == (method == 3)
        assert number == by_rid[rid][1]
        if body is not None:
            resource = json.decode(bodies.decompress(body))
            assert resource["meta"]["versionId"] == str(version)
            assert (resource["resourceType"], resource["id"]) == (record.registry.type_name(number), by_rid[rid][2])
        newest[rid] = row
        last_updated = updated
    for rid, _, _, seq, version, _ in resources:
        current = newest.get(rid)
        assert (seq, version) == ((current[0], current[2]) if current else (None, 0)), "not the newest version"
    return newest


def _expect(rows: Rows, rid: int, into: Words) -> None:
    """The rows of one resource in words, each once."""
    clock = rows.clock
    into["token"].update({(rid, clock, *row) for row in rows.token})
    into["label"].update({(rid, *row) for row in rows.label})
    into["ref"].update({(rid, clock, *row) for row in rows.ref})
    into["uri"].update({(rid, clock, *row) for row in rows.uri})
    for table in ("string", "date", "number", "quantity", "composite", "position"):
        into[table].update({(rid, *row) for row in getattr(rows, table)})


def _in_words(table: str, row: tuple[Any, ...], name: dict[int, str], place: dict[int, Any]) -> tuple[Any, ...]:
    match table:
        case "token":
            tp, code, system, clock, rid = row
            return rid, clock, tp, code, name[system]
        case "label":
            tp, text, rid = row
            return rid, tp, name[text]
        case "ref":
            target, tp, clock, rid = row
            return rid, clock, tp, *place[target]
        case "uri":
            tp, value, clock, rid = row
            return rid, clock, tp, value
        case "string":
            tp, norm, rid, exact = row
            return rid, tp, norm, exact
        case "date" | "number":
            tp, low, high, rid = row
            return rid, tp, low, high
        case "quantity":
            tp, dimension, low, high, rid, system, code, unit = row
            return rid, tp, name[dimension], low, high, name[system], code, unit
        case "composite":
            tp, code, system, part, dimension, low, high, code2, system2, element, rid = row
            return rid, tp, code, name[system], part, name[dimension], low, high, code2, name[system2], element
        case "position":
            tp, latitude, longitude, rid = row
            return rid, tp, latitude, longitude
    raise KeyError(table)
