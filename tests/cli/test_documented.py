"""What a person can type or set is written down, and what is written down can be typed or set."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import typer

from bedside.api.settings import ApiSettings
from bedside.cli.environment import OTHERS, PREFIX, variables
from bedside.cli.main import app
from bedside.record.model import Settings

ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
SETTINGS = DOCS["settings.md"]
GROUP = typer.main.get_command(app)
COMMANDS = dict(GROUP.commands)  # type: ignore[attr-defined]


def row(name: str) -> str:
    """The line of a table in docs/settings.md that begins with this name."""
    found = [line for line in SETTINGS.splitlines() if line.startswith(f"| `{name}` |")]
    assert len(found) == 1, f"docs/settings.md has {len(found)} rows for {name}"
    return found[0]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_command_and_its_options(command: str) -> None:
    described = row(f"bedside {command}")
    for parameter in COMMANDS[command].params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert f"`{option}`" in described, f"{option} of bedside {command} is not documented"
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    for option in re.findall(r"`(--[a-z-]+)`", described):
        assert option in options, f"bedside {command} has no {option}"


def test_no_command_is_invented() -> None:
    for name, text in DOCS.items():
        for command in re.findall(r"(?:\$ |`|^)bedside ([a-z]+)", text, re.MULTILINE):
            assert command in COMMANDS, f"{name} tells of bedside {command}"


@pytest.mark.parametrize("variable", sorted(variables()))
def test_setting(variable: str) -> None:
    default = row(variable).split("|")[2].strip()
    fields = {PREFIX + f.name.upper(): f for kind in (Settings, ApiSettings) for f in dataclasses.fields(kind)}
    value = fields[variable].default
    if isinstance(value, bool):
        assert default == str(value).lower()
    elif isinstance(value, int | str):
        assert default == str(value)
    else:
        assert default  # None and the empty tuple stand for what the row says in words


def test_no_setting_is_invented() -> None:
    known = variables().keys() | OTHERS
    for name, text in DOCS.items():
        for variable in re.findall(r"\bBEDSIDE_[A-Z_]*[A-Z]", text):
            assert variable in known, f"{name} tells of {variable}"


def test_other_variables_are_told() -> None:
    everywhere = "".join(DOCS.values()) + (ROOT / "CONTRIBUTING.md").read_text()
    for variable in OTHERS:
        assert variable in everywhere
