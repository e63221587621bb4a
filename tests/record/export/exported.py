"""Exports as tests want them: asked for in words, done in a folder, read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bedside.api.export import shaper
from bedside.fhir import json
from bedside.record.export import Export, Level, Progress, Request, Words, build, check
from bedside.record.model import Resource
from bedside.record.record import Record


def request(record: Record, level: Level = "system", *, lenient: bool = False, **words: Any) -> Request:
    """What these words ask for, checked as a kick-off is."""
    since = words.pop("since", None)
    group = words.pop("group", None)
    base = words.pop("base", "")
    if since is not None:
        words["since"] = [since]
    asked = build(record.registry, level, Words(**words), lenient=lenient, group=group, base=base)
    return check(record.store.reader(), record.registry, asked, lenient=lenient)


class Exported:
    """What an export left in its folder."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress

    def lines(self, kind: str = "output") -> list[Resource]:
        """Everything of one kind; fails when a file does not hold what the account says."""
        found = []
        for file in self.progress.files:
            content = (self.folder / file.name).read_bytes()
            assert len(content) == file.size, file
            resources = [json.decode(line) for line in content.splitlines()]
            assert content.endswith(b"\n")
            assert len(resources) == file.count, file
            assert {resource["resourceType"] for resource in resources} == {file.type}
            if file.kind == kind:
                found += resources
        return found

    def ids(self) -> set[str]:
        """`Type/id` of every resource; fails when one is there twice."""
        found = [f"{resource['resourceType']}/{resource['id']}" for resource in self.lines()]
        assert len(found) == len(set(found))
        return set(found)

    def deleted(self) -> list[str]:
        """What the deletions say, in their order."""
        bundles = self.lines("deleted")
        assert all(bundle["type"] == "transaction" for bundle in bundles)
        requests = [entry["request"] for bundle in bundles for entry in bundle["entry"]]
        assert all(each["method"] == "DELETE" for each in requests)
        return [each["url"] for each in requests]


def export(
    record: Record,
    folder: Path,
    level: Level = "system",
    *,
    alive: Callable[[], None] = lambda: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    **words: Any,
) -> Exported:
    """Do an export at once."""
    asked = request(record, level, **words)
    session, shape = record.store.reader(), shaper(asked)
    work = Export(session, record.extractor, asked, folder, shape=shape, alive=alive, on_progress=on_progress)
    return Exported(folder, work.run())
