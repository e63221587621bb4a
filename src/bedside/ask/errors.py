"""What can go wrong when a record is asked from Python, as exceptions that say it to a person."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.questions.errors import NOWHERE, QuestionError


class AskError(Exception):
    """Base of the errors of this room; the message is a sentence for whoever asked."""


class NoRecord(AskError):
    """There is no record at the place that was named."""


class NoSubject(AskError):
    """The patient who was named is not in the record, or none was named where one is needed."""


class MissingPackage(AskError, ImportError):
    """A package that is optional is needed for this, and it is not installed."""


class BadQuestion(AskError):
    """A question that cannot be translated: `problems` has every error of it, each with its place.

    As text: one after the other, with the line of the source and a caret under the place.
    """

    def __init__(self, problems: Iterable[QuestionError], name: str) -> None:
        self.problems = tuple(problems)
        self.name = name
        super().__init__("\n".join(told(each, name) for each in self.problems))


def told(error: QuestionError, name: str = "") -> str:
    """An error of a question over several lines: where, what, what was expected or meant, the line and a caret.

        diabetes.cql, line 9, column 14: FHIR.Condition has no element onst; did you mean onset?
            where C.onst before Today()
                  ^^^^^^

    `name` is what the author calls the source; an error of another library is told by that library's name.
    """
    located = bool(error.source) and error.span is not NOWHERE
    place = [name] if name else []
    if located:
        place.append(f"line {error.line}, column {error.column}")
    text = ", ".join(place)
    text = f"{text}: {error.problem}" if text else error.problem
    if error.expected:
        text += f"; expected {error.expected}"
    if error.suggestion:
        text += f"; did you mean {error.suggestion}?"
    if not located:
        return text
    line, caret = error.excerpt().split("\n")
    indent = len(line) - len(line.lstrip())
    column = error.column - 1
    # A line may be long, or begin far to the right; what matters is around the caret.
    cut = min(indent, column)
    if column - cut > 90:
        cut = column - 40
    return f"{text}\n    {line[cut : cut + 110].rstrip()}\n    {caret[cut : cut + 110].rstrip()}"


__all__ = ["AskError", "BadQuestion", "MissingPackage", "NoRecord", "NoSubject", "told"]
