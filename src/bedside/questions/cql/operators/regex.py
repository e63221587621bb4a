"""Regular expressions in bounded time: for `Matches`, `ReplaceMatches` and `SplitOnMatches` (ELM 17.10, 17.13, 17.15).

A pattern comes with the question and the text from a patient's data; together they must not stop the machine. Python's
`re` goes back and forth and can take longer than anybody lives. So the cost that it may have is estimated first:

    no repetition within a repetition, and (length of text) ^ (repetitions + 1) is small      ->  `re`
    otherwise                                                      ->  all ways at once, in `automaton`, one pass
    otherwise, and with a back reference or look-around, which that cannot do                 ->  a clear error

The dialect is Perl's as far as `re` has it, the dot matches line breaks, and a match may be anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from bedside.questions.cql.operators.automaton import Automaton, Unsuitable
from bedside.questions.errors import EvaluationError

MAX_PATTERN = 2_000
"""Characters of a pattern."""

_AFFORDABLE = 4_000_000
"""Steps of `re`, at about 100 million a second."""

_FEW = 8
"""A repetition of so few turns that it counts as none."""

Group = tuple[int, int]
"""Where a group begins and ends; (-1, -1) when it has no part in the match."""

Match = tuple[Group, ...]
"""The match itself and its groups."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern with what is known of its cost."""

    text: str
    compiled: re.Pattern[str]
    repetitions: int
    nested: bool
    automaton: Automaton | None

    def matches(self, text: str) -> Iterator[Match]:
        """The matches one after the other, without overlap. Raises EvaluationError when it would take too long."""
        if self._affordable(len(text)):
            for match in self.compiled.finditer(text):
                yield match.regs
        elif self.automaton is None:
            raise EvaluationError(f"the regular expression {self.text!r} may take too long for a text of this length")
        else:
            yield from self.automaton.matches(text)

    def _affordable(self, length: int) -> bool:
        if self.nested:
            return length <= 12
        return bool((length + 1) ** (self.repetitions + 1) <= _AFFORDABLE)


@lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """The pattern of a text; EvaluationError when it is none, or too long."""
    if len(text) > MAX_PATTERN:
        raise EvaluationError(f"a regular expression has at most {MAX_PATTERN} characters")
    try:
        parsed = parser.parse(text, re.DOTALL)
        compiled = re.compile(text, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise EvaluationError(f"{text!r} is not a regular expression: {error}") from None
    repetitions, nested = _repetitions(parsed, within=False)
    try:
        automaton = Automaton.of(parsed)
    except Unsuitable:
        automaton = None
    return Pattern(text, compiled, repetitions, nested, automaton)


def _repetitions(items: Any, *, within: bool) -> tuple[int, bool]:
    """How many repetitions stand one after the other in a parsed pattern, and whether one stands within another."""
    count, nested = 0, False
    for code, argument in items:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            least, most, inner = argument
            many = most is codes.MAXREPEAT or most - least > _FEW
            some = most is codes.MAXREPEAT or most > 1
            inside, deeper = _repetitions(inner, within=within or some)
            count += many + inside
            nested |= deeper or (within and many)
        else:
            for inner in _parts(code, argument):
                inside, deeper = _repetitions(inner, within=within)
                count += inside
                nested |= deeper
    return count, nested


def _parts(code: Any, argument: Any) -> list[Any]:
    """The patterns within one item of a parsed pattern."""
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code is codes.ATOMIC_GROUP:
        return [argument]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [argument[1]]
    if code is codes.GROUPREF_EXISTS:
        return [each for each in argument[1:] if each is not None]
    return []


def search(regex: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text."""
    return next(pattern(regex).matches(text), None) is not None


def split(regex: str, text: str) -> list[str]:
    """What stands between the matches. A match of nothing at the beginning or end separates nothing."""
    parts, start = [], 0
    for (first, last), *_ in pattern(regex).matches(text):
        if first == last and (first == 0 or first == len(text)):
            continue
        parts.append(text[start:first])
        start = last
    return [*parts, text[start:]]


def replace(regex: str, text: str, by: str, limit: int) -> str:
    """Every match replaced. In `by`, `$1` and `${name}` are groups, and a backslash takes the next character as it is.

    Raises EvaluationError when there is no such group, and when the result has more characters than the limit.
    """
    compiled = pattern(regex)
    template = _template(compiled, by)
    parts, start, size = [], 0, 0
    for match in compiled.matches(text):
        first, last = match[0]
        parts.append(text[start:first])
        parts.append("".join(part if isinstance(part, str) else _group(text, match[part]) for part in template))
        size += len(parts[-1]) + len(parts[-2])
        if size > limit:
            raise EvaluationError(f"ReplaceMatches() makes more than {limit} characters")
        start = last
    return "".join((*parts, text[start:]))


def _group(text: str, group: Group) -> str:
    return text[group[0] : group[1]] if group[0] >= 0 else ""


_REFERENCE = re.compile(r"\\(.)|\$(\d{1,2})|\$\{(\w+)\}|\$|\\", re.DOTALL)


def _template(compiled: Pattern, by: str) -> list[str | int]:
    """The replacement as pieces of text and numbers of groups."""
    pieces: list[str | int] = []
    start = 0
    for match in _REFERENCE.finditer(by):
        pieces.append(by[start : match.start()])
        pieces.append(_reference(compiled, match))
        start = match.end()
    return [*pieces, by[start:]]


def _reference(compiled: Pattern, match: re.Match[str]) -> str | int:
    escaped, number, name = match.groups()
    if escaped is not None:
        return escaped
    if number is None and name is None:
        return match[0]
    known = compiled.compiled.groupindex
    group = int(number or name) if (number or name).isdecimal() else known.get(name, -1)
    if not 0 <= group <= compiled.compiled.groups:
        raise EvaluationError(f"the regular expression {compiled.text!r} has no group {number or name}")
    return group
