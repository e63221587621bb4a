"""A regular expression as an automaton that follows all ways at once: text times pattern is all the time it takes.

Made from what `re` has parsed, so that it reads a pattern as `re` does. The threads are kept in the order in which
`re` would try them, so that the match found is the same one, groups included (R. Pike's virtual machine, described in
R. Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]
from typing import Any

from bedside.questions.errors import EvaluationError

MAX_INSTRUCTIONS = 5_000
"""Of a program; a counted repetition is written out, so that it may become long."""

MAX_STEPS = 20_000_000
"""Of a run, some ten seconds; then it is given up with an error."""

Test = Callable[[str], bool]
"""Whether a character fits."""


class Unsuitable(Exception):
    """The pattern has something that an automaton cannot do: a back reference or a look-around."""


@dataclass(slots=True)
class _Step:
    """One instruction: `char` tests a character, `jump` goes on at all targets in order, `save` notes the place,
    `at` tests the place, `done` is a match.
    """

    kind: str
    test: Any = None
    targets: tuple[int, ...] = ()
    slot: int = 0


_CATEGORIES: dict[Any, Test] = {
    codes.CATEGORY_DIGIT: str.isdecimal,
    codes.CATEGORY_NOT_DIGIT: lambda char: not char.isdecimal(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    codes.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    codes.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}


class Automaton:
    """A program of steps with the number of its groups."""

    def __init__(self, flags: int, groups: int) -> None:
        self._flags = flags
        self._groups = groups
        self._steps: list[_Step] = []

    @classmethod
    def of(cls, parsed: Any) -> Automaton:
        """The automaton of a pattern that `re` has parsed. Raises Unsuitable."""
        made = cls(parsed.state.flags, parsed.state.groups)
        made._add(_Step("save", slot=0))
        made._sequence(parsed, made._flags)
        made._add(_Step("save", slot=1))
        made._add(_Step("done"))
        return made

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= MAX_INSTRUCTIONS:
            raise Unsuitable
        self._steps.append(step)
        return len(self._steps) - 1

    # Writing the program.

    def _sequence(self, items: Any, flags: int) -> None:
        for code, argument in items:
            self._item(code, argument, flags)

    def _item(self, code: Any, argument: Any, flags: int) -> None:
        if code is codes.SUBPATTERN:
            group, added, removed, inner = argument
            if group is not None:
                self._add(_Step("save", slot=2 * group))
            self._sequence(inner, (flags | added) & ~removed)
            if group is not None:
                self._add(_Step("save", slot=2 * group + 1))
        elif code is codes.BRANCH:
            self._branches(argument[1], flags)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            self._repeat(*argument, greedy=code is codes.MAX_REPEAT, flags=flags)
        elif code is codes.AT:
            self._add(_Step("at", test=_place(argument, flags)))
        else:
            self._add(_Step("char", test=_test(code, argument, flags)))

    def _branches(self, branches: list[Any], flags: int) -> None:
        fork = self._add(_Step("jump"))
        starts, ends = [], []
        for branch in branches:
            starts.append(len(self._steps))
            self._sequence(branch, flags)
            ends.append(self._add(_Step("jump")))
        self._steps[fork].targets = tuple(starts)
        for end in ends:
            self._steps[end].targets = (len(self._steps),)

    def _repeat(self, least: int, most: Any, inner: Any, *, greedy: bool, flags: int) -> None:
        for _ in range(least):
            self._sequence(inner, flags)
        if most is codes.MAXREPEAT:
            fork = self._add(_Step("jump"))
            self._sequence(inner, flags)
            self._add(_Step("jump", targets=(fork,)))
            self._fork(fork, greedy)
            return
        forks = []
        for _ in range(most - least):
            forks.append(self._add(_Step("jump")))
            self._sequence(inner, flags)
        for fork in forks:
            self._fork(fork, greedy)

    def _fork(self, fork: int, greedy: bool) -> None:
        inside, after = fork + 1, len(self._steps)
        self._steps[fork].targets = (inside, after) if greedy else (after, inside)

    # Running it.

    def matches(self, text: str) -> Iterator[tuple[tuple[int, int], ...]]:
        """The matches without overlap, each with its groups. Raises EvaluationError when it takes too many steps."""
        budget = [MAX_STEPS]
        start, empty_at = 0, -1
        while start <= len(text):
            found = self._first(text, start, empty_at, budget)
            if found is None:
                return
            yield tuple((found[i], found[i + 1]) for i in range(0, 2 * self._groups, 2))
            # As in `re`, after an empty match the next one may not be empty at the same place.
            start = found[1]
            empty_at = start if found[0] == start else -1

    def _first(self, text: str, start: int, empty_at: int, budget: list[int]) -> tuple[int, ...] | None:
        """The leftmost match from a place on; an empty match at `empty_at` does not count."""
        steps = self._steps
        threads: list[tuple[int, tuple[int, ...]]] = []
        found: tuple[int, ...] | None = None
        fresh = (-1,) * (2 * self._groups)
        for place in range(start, len(text) + 1):
            seen: set[int] = set()
            if found is None:
                # A new thread begins here, behind all that began before.
                ready = [*threads, (0, fresh)]
            elif threads:
                ready = threads
            else:
                break
            threads = []
            budget[0] -= len(ready) + 1
            for at, saved in ready:
                for step, groups in self._closure(at, saved, place, text, seen, budget):
                    if step < 0:
                        if groups[0] == groups[1] == empty_at:
                            continue
                        found = groups
                        break
                    if place < len(text) and steps[step].test(text[place]):
                        threads.append((step + 1, groups))
                else:
                    continue
                break  # what comes after a match is of less right
        return found

    def _closure(
        self, at: int, saved: tuple[int, ...], place: int, text: str, seen: set[int], budget: list[int]
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The steps with a character to be tested that are reached from one without reading any; -1 is a match."""
        waiting = [(at, saved)]
        while waiting:
            at, saved = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            budget[0] -= 1
            if budget[0] < 0:
                raise EvaluationError("the regular expression takes too long on this text")
            step = self._steps[at]
            if step.kind == "char":
                yield at, saved
            elif step.kind == "jump":
                waiting.extend((target, saved) for target in reversed(step.targets))
            elif step.kind == "save":
                waiting.append((at + 1, (*saved[: step.slot], place, *saved[step.slot + 1 :])))
            elif step.kind == "at":
                if step.test(text, place):
                    waiting.append((at + 1, saved))
            else:
                yield -1, saved


def _test(code: Any, argument: Any, flags: int) -> Test:
    """The test of one character. Raises Unsuitable for what is more than one."""
    test = _plain_test(code, argument)
    if not flags & re.IGNORECASE:
        return test
    return lambda char: test(char) or test(char.lower()) or test(char.upper())


def _plain_test(code: Any, argument: Any) -> Test:
    if code is codes.ANY:
        return lambda char: True  # single-line mode: line breaks too
    if code is codes.LITERAL:
        wanted = chr(argument)
        return lambda char: char == wanted
    if code is codes.NOT_LITERAL:
        unwanted = chr(argument)
        return lambda char: char != unwanted
    if code is codes.IN:
        return _set(argument)
    if code is codes.CATEGORY and argument in _CATEGORIES:
        return _CATEGORIES[argument]
    if code is codes.RANGE:
        low, high = map(chr, argument)
        return lambda char: low <= char <= high
    raise Unsuitable


def _set(items: list[Any]) -> Test:
    negated = bool(items) and items[0][0] is codes.NEGATE
    tests = [_plain_test(code, argument) for code, argument in items[negated:]]
    if negated:
        return lambda char: not any(test(char) for test in tests)
    return lambda char: any(test(char) for test in tests)


def _word_at(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isalnum() or text[place] == "_")


def _at_end(text: str, place: int) -> bool:
    return place == len(text) or (place == len(text) - 1 and text[place] == "\n")


_PLACES: dict[Any, Callable[[str, int], bool]] = {
    codes.AT_BEGINNING: lambda text, place: place == 0,
    codes.AT_BEGINNING_STRING: lambda text, place: place == 0,
    codes.AT_END: _at_end,
    codes.AT_END_STRING: lambda text, place: place == len(text),
    codes.AT_BOUNDARY: lambda text, place: _word_at(text, place - 1) != _word_at(text, place),
    codes.AT_NON_BOUNDARY: lambda text, place: _word_at(text, place - 1) == _word_at(text, place),
}


def _place(code: Any, flags: int) -> Callable[[str, int], bool]:
    if flags & re.MULTILINE and code is codes.AT_BEGINNING:
        return lambda text, place: place == 0 or text[place - 1] == "\n"
    if flags & re.MULTILINE and code is codes.AT_END:
        return lambda text, place: place == len(text) or text[place] == "\n"
    if code not in _PLACES:
        raise Unsuitable
    return _PLACES[code]
