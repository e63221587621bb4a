"""Which `as` ends a `cast`, and which `and` the first operand of a `between`, where operators of these names stand too.

In `cast x as A as B` the grammar lets the operand go on as far as it can while every `cast` still finds its `as`: the
second `as` is that of the cast. The same holds for `between` when its first operand contains a word whose own operand
has no end (`between distinct a and b and c`). Deciding it needs a look ahead over the whole expression, so it is done
for all of the text at once, and only for texts with such words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bedside.questions.cql.parser.words import CLAUSES, NAME, PLURAL_PRECISIONS

CAST_AS, BETWEEN_AND = "as of cast", "and of between"
"""Keys of the words that end a `cast` and a `between`, in place of `as` and `and`."""

_ENDLESS = frozenset({"if", "distinct", "flatten", "expand", "collapse"})
_WANTED = _ENDLESS | {"cast", "as", "between", "and"}
_OPENING = {"(": ")", "[": ")", "{": ")", "if": "else", "case": "end", "convert": "to"}
_CLOSING = {">": ">", ")": ")", "]": ")", "}": ")", "else": "else", "end": "end", "to": "to"}
_GENERIC = frozenset({"List", "Interval", "Choice"})
_MODIFIERS = frozenset({"public", "private", "fluent", "function"})
_SEPARATING = frozenset({"then", "when", "else"})
_LOOSELY = CLAUSES | {",", "such"}
_ALL = _WANTED | _OPENING.keys() | _CLOSING.keys() | _GENERIC | _SEPARATING | _LOOSELY | {"define"}
_NO_TERM = frozenset({"[", "from", "not", "exists", "cast", *PLURAL_PRECISIONS})


@dataclass(slots=True)
class _Part:
    """A stretch of text without what brackets and their like enclose in it: the positions of the words that matter."""

    words: list[int] = field(default_factory=list)
    owed: int = 0
    """How many casts have found no `as` yet."""


def mark_closing(keys: list[str]) -> None:
    """Replace the keys of the words that end a `cast` or a `between`."""
    casts = "cast" in keys
    betweens = "between" in keys and not _ENDLESS.isdisjoint(keys)
    if not (casts or betweens):
        return
    for part in _parts(keys):
        if casts:
            _mark_casts(keys, part.words)
        if betweens:
            _mark_betweens(keys, part.words)


def _parts(keys: list[str]) -> list[_Part]:
    current = _Part()
    parts = [current]
    stack: list[tuple[str, _Part]] = []

    def opened(closing: str) -> _Part:
        stack.append((closing, current))
        parts.append(_Part())
        return parts[-1]

    for at, key in enumerate(keys):
        if key not in _ALL:
            continue
        if key in _WANTED and not (key == "as" and (keys[at - 1] == "same" or keys[at - 2] == "same")):
            current.words.append(at)
            if key == "cast":
                current.owed += 1
            elif key == "as" and current.owed:
                current.owed -= 1
        if key in _OPENING:
            current = opened(_OPENING[key])
        elif key in _GENERIC:
            if keys[at + 1] == "<":
                current = opened(">")
        elif key in _CLOSING and _closes(keys, at, stack):
            current = stack.pop()[1]
        elif key == "define" and (keys[at + 1] == NAME or keys[at + 1] in _MODIFIERS):
            stack.clear()
            current = _Part()
            parts.append(current)
        elif key in _SEPARATING or (key in _LOOSELY and not current.owed and keys[at - 1] != "."):
            # In a later source or clause a cast can still find its `as`, when its operand is a query.
            current = _Part()
            parts.append(current)
    return parts


def _closes(keys: list[str], at: int, stack: list[tuple[str, _Part]]) -> bool:
    """Whether a word or bracket ends what was opened last. `end` may also be a name or begin `end of`."""
    if not stack or stack[-1][0] != _CLOSING[keys[at]]:
        return False
    return keys[at] != "end" or (keys[at + 1] != "of" and keys[at - 1] != ".")


def _mark_casts(keys: list[str], part: list[int]) -> None:
    """`as` is an operator as long as enough of them remain for all casts that are open and that come."""
    left = sum(keys[at] == "as" for at in part)
    coming = sum(keys[at] == "cast" for at in part)
    open_ = 0
    for at in part:
        if keys[at] == "cast":
            coming -= 1
            open_ += 1
        elif keys[at] == "as":
            left -= 1
            if open_ and left - coming < open_:
                keys[at] = CAST_AS
                open_ -= 1


def _mark_betweens(keys: list[str], part: list[int]) -> None:
    """`and` is an operator where an endless word is open, as long as enough of them remain; else it ends `between`."""
    left = sum(_can_end_between(keys, at) for at in part)
    coming = sum(keys[at] == "between" for at in part)
    open_ = endless = 0  # how many are open; in how many of them, outermost first, an endless word stands
    for at in part:
        key = keys[at]
        if key == "between":
            coming -= 1
            open_ += 1
        elif key in _ENDLESS:
            endless = open_
        elif _can_end_between(keys, at):
            left -= 1
            if open_ and (endless < open_ or left - coming < open_):
                keys[at] = BETWEEN_AND
                open_ -= 1
                endless = min(endless, open_)


def _can_end_between(keys: list[str], at: int) -> bool:
    """Whether a word is `and` with something behind it that can begin a term, as the second operand must."""
    if keys[at] != "and" or keys[at + 1] in _NO_TERM:
        return False
    return keys[at + 1] not in ("duration", "difference") or keys[min(at + 4, len(keys) - 1)] != "between"
