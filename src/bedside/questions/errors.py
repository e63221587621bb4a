"""What can be wrong with a question, always with the place where it is wrong.

Every error keeps the source text and a span of it; line and column (both from 1) are computed when asked for,
so that the happy path pays nothing for them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open range of character offsets in the source text."""

    start: int
    end: int


NOWHERE = Span(0, 0)


def line_and_column(source: str, offset: int) -> tuple[int, int]:
    """Line and column of a character offset, both counted from 1."""
    before = source[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None when nothing is close."""
    choices = sorted(known)
    by_folded = {choice.lower(): choice for choice in reversed(choices)}
    close = difflib.get_close_matches(name.lower(), list(by_folded), n=1, cutoff=0.7)
    return by_folded[close[0]] if close else None


class QuestionError(Exception):
    """Base of all errors of this room.

    `problem` is one sentence without its place; `expected` says what would have been right, where that is known;
    `suggestion` is a name that the author may have meant. For CQL, `library` is the library that `source` is of, and
    `define` the definition, both where they are known.
    """

    kind = "error"

    def __init__(
        self,
        problem: str,
        *,
        source: str = "",
        span: Span = NOWHERE,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.source = source
        self.span = span
        self.expected = expected
        self.suggestion = suggestion
        self.library: str | None = None
        self.define: str | None = None

    @property
    def line(self) -> int:
        return line_and_column(self.source, self.span.start)[0]

    @property
    def column(self) -> int:
        return line_and_column(self.source, self.span.start)[1]

    def __str__(self) -> str:
        text = f"line {self.line}, column {self.column}: {self.problem}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.suggestion:
            text += f"; did you mean {self.suggestion}?"
        return text

    def excerpt(self) -> str:
        """The line of the source with a caret under the place, for a terminal."""
        line, column = line_and_column(self.source, self.span.start)
        lines = self.source.split("\n")
        shown = lines[line - 1] if line <= len(lines) else ""
        width = max(1, min(self.span.end - self.span.start, len(shown) - column + 1))
        return f"{shown}\n{' ' * (column - 1)}{'^' * width}"


class ParseError(QuestionError):
    """The text is not an expression of the language."""

    kind = "syntax"


class CheckError(QuestionError):
    """The expression cannot be right for the types it is asked of: an unknown element, function or operand type."""

    kind = "semantic"


class EvaluationError(QuestionError):
    """The data at hand makes the expression fail: several items where one is needed, operands that do not fit."""

    kind = "execution"


class UnsupportedError(EvaluationError):
    """The expression needs something that this environment does not offer. Named, and never a silent empty answer."""

    kind = "unsupported"
