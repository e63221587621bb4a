"""Strings (CQL 1.5.3, appendix B, "String Operators"; ELM 17).

Positions count characters from 0. A null operand makes the result null, except where it says otherwise. Regular
expressions match anywhere in the string (`regex`). The list operators of the same names (`Length`, `Indexer`) are in
`list`.
"""

from __future__ import annotations

from bedside.questions.cql.operators import regex
from bedside.questions.cql.operators.registry import operator
from bedside.questions.data import MAX_TEXT, bounded


@operator("Concatenate", "(String, String) String", clause="17.2")
def concatenate(left: str, right: str) -> str:
    """`+`. For `&`, to which null is the empty string, the typer puts a Coalesce around the operands, as ELM has it."""
    return bounded(left + right, "Concatenate()")


@operator("Combine", "(List<String>) String", clause="17.1")
def combine(source: list[str | None]) -> str | None:
    """All strings one after the other; nulls are left out. Null for an empty list."""
    return _joined(source, "")


@operator("Combine", "(List<String>, String) String", clause="17.1", nulls=True)
def combine_with(source: list[str | None] | None, separator: str | None) -> str | None:
    """With the separator between them; a null one is none. Null for null and for an empty list."""
    return None if source is None else _joined(source, separator or "")


def _joined(source: list[str | None], separator: str) -> str | None:
    parts = [each for each in source if each is not None]
    return bounded(separator.join(parts), "Combine()") if parts else None


@operator("Split", "(String, String) List<String>", clause="17.14", nulls=True)
def split(text: str | None, separator: str | None) -> list[str] | None:
    """What stands between the separators; with a null or empty one the whole. Null for null."""
    if text is None:
        return None
    return text.split(separator) if separator else [text]


@operator("SplitOnMatches", "(String, String) List<String>", clause="17.15", nulls=True)
def split_on_matches(text: str | None, pattern: str | None) -> list[str] | None:
    """What stands between the matches; with a null pattern the whole. Null for null."""
    if text is None:
        return None
    return regex.split(pattern, text) if pattern else [text]


@operator("Length", "(String) Integer", clause="17.8")
def length(operand: str) -> int:
    return len(operand)


@operator("Upper", "(String) String", clause="17.18")
def upper(operand: str) -> str:
    return operand.upper()


@operator("Lower", "(String) String", clause="17.9")
def lower(operand: str) -> str:
    return operand.lower()


@operator("Indexer", "(String, Integer) String", clause="17.6")
def indexer(text: str, index: int) -> str | None:
    """One character; null when there is none at that place."""
    return text[index] if 0 <= index < len(text) else None


@operator("PositionOf", "(String, String) Integer", clause="17.12")
def position_of(pattern: str, text: str) -> int:
    """Where the pattern, which is no regular expression, first stands in the text; -1 when nowhere."""
    return text.find(pattern)


@operator("LastPositionOf", "(String, String) Integer", clause="17.7")
def last_position_of(pattern: str, text: str) -> int:
    """Where the pattern last stands in the text; -1 when nowhere."""
    return text.rfind(pattern)


@operator("Substring", "(String, Integer) String", clause="17.17")
def substring(text: str, start: int) -> str | None:
    """From the start on. Null when that is outside the string; the start of an empty string is inside."""
    return _substring(text, start, None)


@operator("Substring", "(String, Integer, Integer) String", clause="17.17", nulls=True)
def substring_of(text: str | None, start: int | None, length: int | None) -> str | None:
    """So many characters, or what there is of them; a null length takes all. Null when text or start is."""
    return None if text is None or start is None else _substring(text, start, length)


def _substring(text: str, start: int, length: int | None) -> str | None:
    if start < 0 or (start >= len(text) and (start > 0 or text)):
        return None
    return text[start:] if length is None else text[start : start + max(length, 0)]


@operator("StartsWith", "(String, String) Boolean", clause="17.16")
def starts_with(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


@operator("EndsWith", "(String, String) Boolean", clause="17.3")
def ends_with(text: str, suffix: str) -> bool:
    return text.endswith(suffix)


@operator("Matches", "(String, String) Boolean", clause="17.10")
def matches(text: str, pattern: str) -> bool:
    """Whether the regular expression matches anywhere; with `^` and `$` around it, the whole string.

    EvaluationError for what is no regular expression, and when it would take too long.
    """
    return regex.search(pattern, text)


@operator("ReplaceMatches", "(String, String, String) String", clause="17.13")
def replace_matches(text: str, pattern: str, substitution: str) -> str:
    """Every match replaced; `$1` stands for a group, `\\$` for the sign. EvaluationError as for `Matches`."""
    return regex.replace(pattern, text, substitution, MAX_TEXT)
