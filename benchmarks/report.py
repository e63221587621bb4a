"""Named sections of docs/performance.md, each replaced as a whole by the command that measures it.

A section stands between two marker comments. Writing it again replaces what is between them and nothing else, so
that the file may be edited by hand around the sections and reports are idempotent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import machine

PERFORMANCE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

_HEADING = """# Performance

Every section below is written by the command that it names; none is typed by hand.
"""


class Skipped(Exception):
    """What a benchmark needs is not here; the message says what."""


@dataclass(frozen=True)
class Section:
    """What one benchmark found: a table, notes, and what fell short of its target (empty: all is well)."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    failures: Sequence[str] = field(default_factory=list)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table. Raises `ValueError` for a row of another length than the heading."""
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row of {len(row)} cells under {len(columns)} columns")
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def render(section: Section, command: str, where: str | None = None) -> str:
    """The section as Markdown between its markers. `where` is the line about the machine."""
    parts = [f"## {section.title}", where or machine.describe(), f"```\n{command}\n```"]
    parts.append(table(section.columns, section.rows))
    notes = [*section.notes, *(f"**Short of its target:** {failure}" for failure in section.failures)]
    if notes:
        parts.append("\n".join(f"- {note}" for note in notes))
    body = "\n\n".join(parts) + "\n"
    return f"<!-- section: {section.name} -->\n{body}<!-- end: {section.name} -->\n"


def write_section(section: Section, command: str, path: Path = PERFORMANCE, where: str | None = None) -> None:
    """Put the section into the file at `path`, in place of its former self or at the end. Creates the file."""
    text = path.read_text(encoding="utf-8") if path.exists() else _HEADING
    block = render(section, command, where)
    start, end = f"<!-- section: {section.name} -->\n", f"<!-- end: {section.name} -->\n"
    before, found, rest = text.partition(start)
    if found:
        _, closed, after = rest.partition(end)
        if not closed:
            raise ValueError(f"{path} opens the section {section.name!r} and never ends it")
        text = before + block + after
    else:
        text = text.rstrip("\n") + "\n\n" + block
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
