"""What is wrong with a question, as issues of an OperationOutcome: the place, what was expected, what was meant."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.fhir.outcome import Issue, IssueCode, Severity, Unprocessable
from bedside.questions.errors import NOWHERE, ParseError, QuestionError, UnsupportedError


class NotTranslated(Unprocessable):
    """CQL that cannot be translated, with every problem of it. HTTP 422."""

    def __init__(self, problems: Iterable[QuestionError], path: str | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__([issue_of(each, path) for each in self.problems])


def issue_of(error: QuestionError, path: str | None = None, severity: Severity = "error") -> Issue:
    """One error as an issue. `path` is where in a resource the CQL stands."""
    code: IssueCode = "processing"
    if isinstance(error, UnsupportedError):
        code = "not-supported"
    elif isinstance(error, ParseError):
        code = "structure"
    return Issue(severity, code, path, problem_text(error))


def problem_text(error: QuestionError) -> str:
    """`Adults, line 3, column 8 (in "Is Adult"): ... expected ...; did you mean ...?`"""
    place = [error.library] if error.library else []
    if error.source and error.span is not NOWHERE:
        place.append(f"line {error.line}, column {error.column}")
    text = ", ".join(place)
    if error.define:
        text += f' (in "{error.define}")'
    text = f"{text}: {error.problem}" if text else error.problem
    if error.expected:
        text += f"; expected {error.expected}"
    if error.suggestion:
        text += f"; did you mean {error.suggestion}?"
    return text if text.endswith(("?", ".")) else f"{text}."
