"""Reports replace their own section of docs/performance.md and leave everything else alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks.machine import describe
from benchmarks.naive import load
from benchmarks.report import Section, write_section

from benchmarks import report, run


def _section(name: str, value: str) -> Section:
    return Section(name, name.title(), ("what", "how much"), [("a|b", value)], ["One.", "Two."], ["slow"])


def test_a_section_is_written_replaced_and_stable(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "performance.md"
    write_section(_section("read", "1"), "bench read", path, "here")
    write_section(_section("load", "2"), "bench load", path, "here")
    path.write_text(path.read_text() + "\nWritten by hand.\n")
    before = path.read_text()
    write_section(_section("read", "1"), "bench read", path, "here")
    assert path.read_text() == before
    write_section(_section("read", "3"), "bench read", path, "here")
    assert path.read_text() == before.replace("| a\\|b | 1 |", "| a\\|b | 3 |")
    assert before.index("## Read") < before.index("## Load") < before.index("Written by hand.")
    assert "- One.\n- Two.\n- **Short of its target:** slow\n" in before
    assert "```\nbench load\n```" in before


def test_a_damaged_file_is_not_made_worse(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text("<!-- section: read -->\nno end\n")
    with pytest.raises(ValueError, match="never ends"):
        write_section(_section("read", "1"), "bench read", path)
    assert path.read_text() == "<!-- section: read -->\nno end\n"


def test_tables_are_rectangular() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells under 2 columns"):
        report.table(("a", "b"), [("1",)])


def test_the_machine_is_described() -> None:
    assert re.match(r"\d{4}-\d\d-\d\d, \d+ cores? \(.+\), \d+ GB memory, \w+ .+, Python 3\.", describe())


@pytest.mark.parametrize("name", [*run.BENCHMARKS, "all"])
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run.main([name, "--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Example: python -m benchmarks.run {name}" in shown
    assert "--write" in shown


def test_the_examples_parse() -> None:
    for module in run.BENCHMARKS.values():
        words = module.EXAMPLE.removeprefix("python -m benchmarks.run ").split()
        assert run.BENCHMARKS[run.parser().parse_args(words).name] is module


def test_the_naive_loader_loads(tmp_path: Path) -> None:
    resource = '{"resource":{"resourceType":"Patient","name":[{"family":"A","given":["B"]}]}}'
    file = tmp_path / "one.json"
    file.write_text('{"entry":[' + ",".join([resource] * 250) + "]}")
    number, seconds = load([file, file], tmp_path / "naive.db", 420)
    assert number == 420
    assert seconds > 0
