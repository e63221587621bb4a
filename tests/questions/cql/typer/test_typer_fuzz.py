"""Whatever is written, the typer gives a library or located errors; it neither fails nor hangs."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.questions.cql.typer import Kept, translate

translate("define E: 1")  # Raises Python's limit of recursion, which hypothesis would warn of.
SOURCES = [path.read_text() for path in sorted(Path(__file__).parents[1].joinpath("libraries").glob("*.cql"))]
TOKEN = re.compile(r"\s+|/\*.*?\*/|\"[^\"]*\"|'[^']*'|\w+|[^\s\w]", re.DOTALL)
TOKENS = [TOKEN.findall(each) for each in SOURCES]
WORDS = sorted({each for tokens in TOKENS for each in tokens if not each.isspace() and not each.startswith("/*")})


@st.composite
def sources(draw: st.DrawFn) -> str:
    """One of our libraries with a few tokens taken away, put in or exchanged."""
    tokens = list(draw(st.sampled_from(TOKENS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(("drop", "put", "change", "swap"))):
            case "drop":
                tokens[place] = " "
            case "put":
                tokens.insert(place, f" {draw(st.sampled_from(WORDS))} ")
            case "change":
                tokens[place] = draw(st.sampled_from(WORDS))
            case _:
                other = draw(st.integers(0, len(tokens) - 1))
                tokens[place], tokens[other] = tokens[other], tokens[place]
    return "".join(tokens)


@given(sources())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_a_library_or_located_errors(source: str) -> None:
    found = translate(source, cache=Kept())
    assert (found.library is None) == bool(found.problems)
    for problem in (*found.problems, *found.warnings):
        assert 0 <= problem.span.start <= problem.span.end <= len(problem.source)
        assert str(problem).startswith(f"line {problem.line}")


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_words_give_a_library_or_located_errors(words: list[str]) -> None:
    found = translate("using FHIR version '4.0.1'\ncontext Patient\ndefine E: " + " ".join(words), cache=Kept())
    assert (found.library is None) == bool(found.problems)
