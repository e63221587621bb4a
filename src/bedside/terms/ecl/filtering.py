"""What the filters of an expression constraint hold of a concept, a description, a member (ECL 2.2, 6.8 to 6.10)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from itertools import compress
from typing import Any

from bedside.terms.ecl.errors import EclError
from bedside.terms.ecl.ontology import Description, MemberRows, Ontology
from bedside.terms.ecl.syntax import Dialect, Filter, Search, Sub, Test
from bedside.terms.selection import Selection
from bedside.terms.sets import plain

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Codes = Callable[[Sub], frozenset[str]]
Holds = Callable[[Description], bool]


def number_test(comparison: str, wanted: Decimal) -> Callable[[Decimal], bool]:
    """Compares a number with the one that is wanted."""
    compared = _COMPARED[comparison]
    return lambda found: compared(found, wanted)


def search_test(search: Search) -> Callable[[str], bool]:
    """Whether one of several search terms matches a text (ECL 6.8, term filter).

    `match`: each word begins a word of the text, in any order. `wild`: the whole text, `*` standing for anything. Case
    and accents do not count.
    """
    tests = [_words_test(text) if how == "match" else _wild_test(text) for how, text in search.terms]
    return lambda text: any(test(text) for test in tests)


def _words_test(wanted: str) -> Callable[[str], bool]:
    words = [f" {word}" for word in plain(wanted).split()]

    def holds(text: str) -> bool:
        line = plain(text)
        return all(word in line for word in words)

    return holds


def _wild_test(wanted: str) -> Callable[[str], bool]:
    """In time that grows with the text alone: each piece is looked for where it first can be."""
    first, *rest = re.split(r"\*+", _folded(wanted))
    if not rest:
        return lambda text: _folded(text) == first
    *middle, last = rest

    def holds(text: str) -> bool:
        text = _folded(text)
        if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return holds


def _folded(text: str) -> str:
    """A text without case and accents, punctuation kept."""
    import unicodedata

    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold()


def description_test(wanted: Filter, codes: Codes) -> tuple[list[list[str]] | None, Holds]:
    """The conditions of one filter, all of the same description; and lists of words one of which it must have."""
    tests = [_of_description(test, codes) for test in wanted.tests]
    words: list[list[str]] | None = None
    for test in wanted.tests:
        if isinstance(test.value, Search) and test.operator == "=" and words is None:
            terms = test.value.terms
            if all(how == "match" for how, _ in terms):
                words = [plain(text).split() for _, text in terms]
    return words, lambda description: all(test(description) for test in tests)


def _of_description(test: Test, codes: Codes) -> Holds:
    positive = test.operator != "!="
    match test.name, test.value:
        case "term", Search() as search:
            is_like = search_test(search)
            return lambda d: is_like(d.text) == positive
        case "language", tuple(words):
            return lambda d: (d.language.lower() in words) == positive
        case "type", tuple(types):
            return lambda d: (d.type in types) == positive
        case "typeid", value:
            wanted = _codes_of(value, codes)
            return lambda d: (d.type in wanted) == positive
        case "moduleid", value:
            wanted = _codes_of(value, codes)
            return lambda d: (d.module in wanted) == positive
        case "effectivetime", value:
            holds = _times(test)
            return lambda d: holds(d.time)
        case (("dialect" | "dialectid"), tuple(dialects)):
            accepted = frozenset(
                how + each.refset for each in dialects if isinstance(each, Dialect) for how in each.how or ("P", "A")
            )
            return lambda d: (not accepted.isdisjoint(d.accept)) == positive
    active = test.value is True  # inactive descriptions are not kept: the parser has refused what asks for them
    return lambda d: active == positive


def _codes_of(value: object, codes: Codes) -> frozenset[str]:
    if isinstance(value, Sub):
        return codes(value)
    assert isinstance(value, tuple)
    return frozenset(value)


def _times(test: Test) -> Callable[[str], bool]:
    """Days as texts of eight digits, which sort as they follow one another."""
    assert isinstance(test.value, tuple)
    compared = _COMPARED[test.operator]
    days = [str(day) for day in test.value]
    if test.operator == "!=":
        return lambda time: time not in days
    return lambda time: any(compared(time, day) for day in days)


def concept_test(ontology: Ontology, test: Test, evaluate: Callable[[Sub], Selection]) -> Selection:
    """The concepts that fulfil one condition of a concept filter (ECL 6.9)."""
    everything = ontology.everything
    positive = test.operator != "!="
    match test.name:
        case "active":
            found = ontology.active if test.value is True else everything - ontology.active
            return found if positive else everything - found
        case "definitionstatus" | "definitionstatusid":
            from bedside.terms.snomed import DEFINED_STATUS, PRIMITIVE_STATUS

            wanted = _codes_of(test.value, lambda node: frozenset(ontology.codes(evaluate(node))))
            found = Selection.none(ontology.size)
            if DEFINED_STATUS in wanted:
                found = found | ontology.defined
            if PRIMITIVE_STATUS in wanted:
                found = found | (everything - ontology.defined)
            return found if positive else everything - found
        case "moduleid":
            wanted = _codes_of(test.value, lambda node: frozenset(ontology.codes(evaluate(node))))
            return _stated(ontology, "moduleId", lambda module: (module in wanted) == positive)
        case _:  # effectivetime
            return _stated(ontology, "effectiveTime", _times(test))


def _stated(ontology: Ontology, name: str, holds: Callable[[str], bool]) -> Selection:
    rows = ontology.stated(name)
    if rows is None or rows.values is None:
        return Selection.none(ontology.size)
    mask = bytes(holds(value) for value in rows.values)
    return Selection.of(ontology.size, compress(rows.sources, map(mask.__getitem__, rows.targets)))


def member_mask(rows: MemberRows, test: Test, codes: Codes) -> Sequence[int]:
    """For each row of a reference set whether it fulfils one condition of a member filter (ECL 6.10)."""
    name = {"moduleid": "moduleId", "effectivetime": "effectiveTime"}.get(test.name.lower(), test.name)
    positive = test.operator != "!="
    if name.lower() == "active":
        return (b"\1" if positive else b"\0") * len(rows.members)
    if name not in rows.fields:
        known = ", ".join(sorted(rows.fields)) or "no further fields"
        raise EclError(f"this reference set has no field {name}; it has {known}", test.at)
    places, values = rows.fields[name]
    holds: Callable[[str], bool]
    if name == "effectiveTime":
        holds = _times(test)
    else:
        match test.value:
            case bool(truth):
                holds = _truth_test(truth == positive)
            case Decimal() as number:
                holds = _decimal_test(test.operator, number)
            case Search() as search:
                is_like = search_test(search)
                holds = lambda value: is_like(value) == positive  # noqa: E731
            case value:
                wanted = _codes_of(value, codes)
                holds = lambda value: (value in wanted) == positive  # noqa: E731
    mask = bytes(holds(value) for value in values)
    return bytes(map(mask.__getitem__, places))


def _truth_test(wanted: bool) -> Callable[[str], bool]:
    texts = ("1", "true") if wanted else ("0", "false")
    return lambda value: value.lower() in texts


def _decimal_test(comparison: str, wanted: Decimal) -> Callable[[str], bool]:
    holds = number_test(comparison, wanted)

    def test(value: str) -> bool:
        try:
            return holds(Decimal(value))
        except InvalidOperation:
            return False

    return test
