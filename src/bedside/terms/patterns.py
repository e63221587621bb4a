"""Regular expressions that come with definitions, and so from anybody: compiled only where they end in time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from bedside.terms.errors import Unresolved

_LONGEST = 1000
_MANY = 16
"""A repetition of more than these is as bad as one without end."""


@lru_cache(256)
def compiled(text: str) -> re.Pattern[str]:
    """The pattern of a filter `regex`, to be matched with the whole of a value.

    Raises Unresolved for what is no regular expression, and for repetitions within repetitions (`(a+)+`), whose time
    may double with each character.
    """
    if len(text) > _LONGEST:
        raise Unresolved("The regular expression of a filter is too long.")
    try:
        pattern = re.compile(text)
        parsed = _parser.parse(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise Unresolved(f"{text!r} is not a regular expression: {error}.") from None
    if _nests(parsed, within=False):
        raise Unresolved(f"{text!r} repeats what repeats, which may take for ever; write it without.")
    return pattern


def _nests(parts: Iterable[Any], *, within: bool) -> bool:
    """Whether an open repetition holds another, or a choice between things that may be alike."""
    for name, argument in parts:
        kind = str(name)
        if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, inside = argument
            open_ended = most > _MANY
            if open_ended and within:
                return True
            if _nests(inside, within=within or open_ended):
                return True
        elif kind == "BRANCH":
            if within or any(_nests(branch, within=within) for branch in argument[1]):
                return True
        elif kind in ("SUBPATTERN", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT"):
            inside = argument[-1] if isinstance(argument, tuple) else argument
            if _nests(inside, within=within):
                return True
    return False
