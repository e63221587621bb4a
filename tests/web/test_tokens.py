"""The design tokens keep what look and law ask for: contrast, and steps of four."""

from __future__ import annotations

import re
from importlib import resources
from itertools import product

import pytest

from bedside.web import assets, design

DAY, NIGHT = 0, 1

# (foreground, backgrounds): words need 4.5 to 1, lines that matter 3 to 1 (WCAG 2.2 1.4.3 and 1.4.11).
WORDS = [
    ("ink", ("paper", "card", "accent-wash", "attention-wash", "danger-wash", "good-wash")),
    ("soft", ("paper", "card", "attention-wash")),
    ("accent", ("paper", "card", "accent-wash", "attention-wash")),
    ("attention", ("paper", "card", "attention-wash")),
    ("danger", ("paper", "card", "danger-wash")),
    ("good", ("paper", "card", "good-wash")),
    ("written", ("paper", "card")),
    ("on-accent", ("accent",)),
    ("paper", ("attention",)),
]
LINES = [("edge", ("paper", "card")), ("accent", ("paper", "card"))]


def sheet(name: str) -> str:
    return (resources.files("bedside.web") / "assets" / name).read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pairs(table: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, str, int]]:
    return [(front, back, time) for front, backs in table for back, time in product(backs, (DAY, NIGHT))]


@pytest.mark.parametrize(("front", "back", "time"), pairs(WORDS))
def test_words_can_be_read_by_day_and_by_night(front: str, back: str, time: int) -> None:
    tokens = design.tokens()
    assert contrast(tokens[front][time], tokens[back][time]) >= 4.5


@pytest.mark.parametrize(("front", "back", "time"), pairs(LINES))
def test_lines_that_matter_can_be_seen(front: str, back: str, time: int) -> None:
    tokens = design.tokens()
    assert contrast(tokens[front][time], tokens[back][time]) >= 3


def test_every_colour_has_a_night_side_and_a_meaning() -> None:
    meanings = {name for name, _ in design.MEANINGS}
    assert set(design.tokens()) == meanings | {"on-accent"}
    assert [name for name, (day, night) in design.tokens().items() if day == night] == []


def test_colours_come_from_tokens_only() -> None:
    for name in assets.SHEET[1:]:
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", sheet(name)) == [], name


def test_every_token_that_is_used_is_defined_and_every_one_defined_is_used() -> None:
    everything = "\n".join(sheet(name) for name in assets.SHEET)
    defined = set(re.findall(r"^\s+--([a-z0-9-]+):", everything, re.MULTILINE))
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", everything))
    assert used <= defined
    assert defined - used - {"s16", "quick", "danger-wash", "good"} == set()


@pytest.mark.parametrize("name", assets.SHEET)
def test_rules_are_not_inside_other_rules(name: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet(name), flags=re.DOTALL)
    opened: list[str] = []
    for head, brace in re.findall(r"([^{}]*)([{}])", text):
        if brace == "{":
            assert all(each.startswith("@") for each in opened), f"{head.strip()} inside {opened}"
            opened.append(head.strip())
        else:
            opened.pop()
    assert opened == []


def test_spaces_are_steps_of_four_pixels() -> None:
    for step, size in re.findall(r"--s(\d+): ([0-9.]+)rem", sheet("tokens.css")):
        assert float(size) * 16 == int(step) * 4


def test_type_is_14_on_20_in_clinic_and_17_on_27_for_patients() -> None:
    tokens = sheet("tokens.css")
    clinic, patients = tokens.split(".for-patients")
    assert re.search(r"--text: 0\.875rem;\n\s+--line: 1\.25rem;", clinic)
    assert re.search(r"--text: 1\.0625rem;\n\s+--line: 1\.6875rem;", patients)
