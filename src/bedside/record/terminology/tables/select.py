"""The filters of a value set on a loaded system (https://hl7.org/fhir/R4/valueset.html#compositions), those that the
pages of R4 on SNOMED CT, LOINC and RxNorm define among them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import compress
from typing import TYPE_CHECKING

from bedside.record.terminology.tables.bodies import ABSTRACT, DEFINED, INACTIVE
from bedside.record.terminology.tables.tables import Property
from bedside.terms.concepts import Filter
from bedside.terms.errors import Unresolved
from bedside.terms.selection import Selection

if TYPE_CHECKING:
    from bedside.record.terminology.tables.system import LoadedSystem

_CODE = frozenset(("concept", "code"))
_LONGEST_PATTERN = 1000
_FLAGS = {"inactive": INACTIVE, "notSelectable": ABSTRACT, "abstract": ABSTRACT}


def select(system: LoadedSystem, wanted: Filter) -> Selection:
    """The concepts that fulfil one filter. Raises Unresolved for what is not known: an empty set would be an answer."""
    name, op, value = wanted
    if op in ("is-a", "descendent-of", "is-not-a", "generalizes"):
        if name not in _CODE:
            raise Unresolved(f"{op} asks about concepts, not about the property {name}.")
        return _hierarchy(system, op, value)
    if name == "constraint" and system.kind == "snomed":
        return _constraint(system, op, value)
    if name in _CODE:
        return _by_code(system, op, value)
    if name in ("parent", "child", "ancestor", "descendant"):
        return _related(system, name, op, value)
    if name in _FLAGS or (name == "sufficientlyDefined" and system.kind == "snomed"):
        return _by_flag(system, name, op, value)
    if name in ("LIST", "GROUP", "answers-for") and system.kind == "loinc":
        return _listed(system, name, op, value)
    if name == "expressions" and system.kind == "snomed":
        return system.tables.everything  # that post-coordination is wanted too adds no concept
    if name == "display":
        return _by_display(system, op, value)
    return _by_property(system, name, op, value)


def _number(system: LoadedSystem, code: str) -> int:
    row = system.row(code.strip())
    if row is None:
        raise Unresolved(f"{system.url} has no code {code!r}, which a filter starts from.")
    return row.number


def _hierarchy(system: LoadedSystem, op: str, code: str) -> Selection:
    tables = system.tables
    number = _number(system, code)
    own = Selection.of(tables.size, [number])
    if op == "generalizes":
        return own | Selection.of(tables.size, tables.ancestors(number))
    below = tables.below(number)
    if op == "descendent-of":
        return below
    return below | own if op == "is-a" else tables.everything - (below | own)


def _constraint(system: LoadedSystem, op: str, text: str) -> Selection:
    """R4 snomedct.html, `constraint = [expression constraint]`."""
    if op != "=":
        raise Unresolved(f"An expression constraint is given by `constraint =`, not by {op!r}.")
    from bedside.record.terminology.tables.ontology import TableOntology
    from bedside.terms import ecl

    return ecl.evaluate(ecl.parse(text), TableOntology(system))


def _by_code(system: LoadedSystem, op: str, value: str) -> Selection:
    tables = system.tables
    if op == "in" and system.kind == "snomed" and "," not in value:
        # R4 snomedct.html: `concept in [reference set]`.
        members = tables.members(value.strip())
        if members is not None:
            return Selection.of(tables.size, members.members) & tables.active
        raise Unresolved(f"The reference set {value} of SNOMED CT has no members here.")
    if op in ("=", "in", "not-in"):
        rows = [system.row(each.strip()) for each in ([value] if op == "=" else value.split(","))]
        found = Selection.of(tables.size, (row.number for row in rows if row is not None))
        return tables.everything - found if op == "not-in" else found
    if op == "regex":
        pattern = _compiled(value)
        codes = tables.codes(range(tables.size))
        return Selection(bytes(pattern.fullmatch(code) is not None for code in codes))
    raise _meaningless(system, op, "concept")


def _related(system: LoadedSystem, name: str, op: str, value: str) -> Selection:
    """Concepts with such a parent, child, ancestor or descendant (R4 loinc.html#properties for those of LOINC)."""
    tables = system.tables
    if op == "exists":
        if name in ("child", "descendant"):
            found = Selection(bytes(1 if tables.flags[n] & 8 else 0 for n in range(tables.size)))
        else:
            found = tables.children_of(tables.everything)
        return found if _truth(value) else tables.everything - found
    if op not in ("=", "in"):
        raise _meaningless(system, op, name)
    chosen = Selection.of(tables.size, (_number(system, each) for each in ([value] if op == "=" else value.split(","))))
    step: dict[str, Callable[[Selection], Selection]] = {
        "parent": tables.children_of,
        "child": tables.parents_of,
        "ancestor": tables.below_any,
        "descendant": tables.above_any,
    }
    return step[name](chosen)


def _by_flag(system: LoadedSystem, name: str, op: str, value: str) -> Selection:
    if op not in ("=", "in"):
        raise _meaningless(system, op, name)
    found = system.tables.having(_FLAGS.get(name, DEFINED))
    return found if _truth(value) else system.tables.everything - found


def _listed(system: LoadedSystem, name: str, op: str, value: str) -> Selection:
    """Answer lists and groups of LOINC. `answers-for` a code are those of the lists that it is linked to."""
    if op != "=":
        raise _meaningless(system, op, name)
    tables = system.tables
    lists = [value.upper()]
    if name == "answers-for":
        column = tables.property("answer-list")
        number = _number(system, value)
        pairs = [] if column is None else zip(column.sources, column.targets, strict=True)
        values = [] if column is None else column.values or []
        lists = [values[place] for source, place in pairs if source == number]
    found = [members for each in lists if (members := tables.members(each)) is not None]
    if not found:
        raise Unresolved(f"{system.url} has no list of answers or group {value!r} here.")
    return Selection.of(tables.size, (number for members in found for number in members.members))


def _by_display(system: LoadedSystem, op: str, value: str) -> Selection:
    tables = system.tables
    test = _text_test(system, "display", op, value)
    rows = (
        row
        for start in range(0, tables.size, 4096)
        for row in tables.rows(range(start, min(start + 4096, tables.size)))
    )
    return Selection.of(tables.size, (row.number for row in rows if test(row.display)))


def _by_property(system: LoadedSystem, name: str, op: str, value: str) -> Selection:
    tables = system.tables
    columns = [each for code in (name, f"{name}#") if (each := tables.property(code)) is not None]
    if not columns:
        if name in system.known_properties:
            return tables.everything if op == "not-in" else Selection.none(tables.size)
        raise Unresolved(f"{system.url} has no property {name!r} to filter by.")
    if op == "exists":
        found = Selection.of(tables.size, (number for column in columns for number in column.sources))
        return found if _truth(value) else tables.everything - found
    if system.kind == "rxnorm":
        value = value.replace("CUI:", "")  # R4 rxnorm.html writes so
    if op == "not-in":
        return tables.everything - _by_property(system, name, "in", value)
    found = Selection.none(tables.size)
    for column in columns:
        found = found | Selection.of(tables.size, _sources(system, column, name, op, value))
    return found


def _sources(system: LoadedSystem, column: Property, name: str, op: str, value: str) -> list[int]:
    tables = system.tables
    if column.values is not None:
        test = _text_test(system, name, op, value)
        wanted = bytes(1 if test(each) else 0 for each in column.values)
        return list(compress(column.sources, map(wanted.__getitem__, column.targets)))
    if op in ("=", "in"):
        rows = [system.row(each.strip()) for each in ([value] if op == "=" else value.split(","))]
        mask = Selection.of(tables.size, (row.number for row in rows if row is not None)).mask
    else:
        test = _text_test(system, name, op, value)
        numbers = sorted(set(column.targets))
        chosen = [n for n, code in zip(numbers, tables.codes(numbers), strict=True) if test(code)]
        mask = Selection.of(tables.size, chosen).mask
    return list(compress(column.sources, map(mask.__getitem__, column.targets)))


def _text_test(system: LoadedSystem, name: str, op: str, value: str) -> Callable[[str], bool]:
    folded = (lambda text: text) if system.case_sensitive else str.casefold
    match op:
        case "=":
            exact = folded(value)
            return lambda text: folded(text) == exact
        case "in":
            several = frozenset(folded(part.strip()) for part in value.split(","))
            return lambda text: folded(text) in several
        case "regex":
            pattern = _compiled(value)
            return lambda text: pattern.fullmatch(text) is not None
    raise _meaningless(system, op, name)


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise Unresolved(f"This filter takes true or false, not {value!r}.")
    return value == "true"


def _compiled(text: str) -> re.Pattern[str]:
    if len(text) > _LONGEST_PATTERN:
        raise Unresolved("The regular expression of a filter is too long.")
    try:
        return re.compile(text)
    except re.error as error:
        raise Unresolved(f"{text!r} is not a regular expression: {error}.") from None


def _meaningless(system: LoadedSystem, op: str, name: str) -> Unresolved:
    return Unresolved(f"{system.url} cannot be filtered by {name} {op}.")
