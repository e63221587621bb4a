"""Random small editions, and what expression constraints mean in them, told a second time: naive, over Python sets."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bedside.terms.ecl import Description
from bedside.terms.ecl import syntax as s
from bedside.terms.selection import Selection
from bedside.terms.snomed import with_check_digit


def code(number: int) -> str:
    """The identifier of a concept of the world."""
    return with_check_digit(f"{100_000 + number}00")


@dataclass(frozen=True)
class Rows:
    sources: array[int]
    targets: array[int]
    groups: array[int]
    type: str
    values: list[str] | None


@dataclass(frozen=True)
class Members:
    members: array[int]
    fields: dict[str, tuple[array[int], list[str]]]


@dataclass(frozen=True)
class World:
    """`edges`: (child, parent); `relations`: (source, type, target, group); `numbers`: (source, type, value, group);
    `lists`: reference set -> members; `terms`: concept -> texts. All concepts by number."""

    size: int
    inactive: frozenset[int]
    primitive: frozenset[int]
    edges: frozenset[tuple[int, int]]
    relations: tuple[tuple[int, int, int, int], ...]
    numbers: tuple[tuple[int, int, int, int], ...]
    lists: dict[int, tuple[int, ...]]
    terms: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def below(self, one: int) -> set[int]:
        found: set[int] = set()
        waiting = [one]
        while waiting:
            at = waiting.pop()
            for child, parent in self.edges:
                if parent == at and child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    def above(self, one: int) -> set[int]:
        return {other for other in range(self.size) if one in self.below(other)}


class WorldOntology:
    """A world as the evaluator asks it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.size = world.size
        self._number = {code(n): n for n in range(world.size)}

    def _set(self, numbers: Iterable[int]) -> Selection:
        return Selection.of(self.size, numbers)

    @property
    def everything(self) -> Selection:
        return Selection.everything(self.size)

    @property
    def active(self) -> Selection:
        return self.everything - self._set(self.world.inactive)

    @property
    def defined(self) -> Selection:
        return self.everything - self._set(self.world.primitive)

    def number(self, wanted: str) -> int | None:
        return self._number.get(wanted)

    def codes(self, numbers: Iterable[int]) -> list[str]:
        return [code(n) for n in numbers]

    def children(self, of: Selection) -> Selection:
        return self._set(child for child, parent in self.world.edges if parent in of)

    def parents(self, of: Selection) -> Selection:
        return self._set(parent for child, parent in self.world.edges if child in of)

    def descendants(self, of: Selection) -> Selection:
        return self._set(n for one in of for n in self.world.below(one))

    def ancestors(self, of: Selection) -> Selection:
        return self._set(n for one in of for n in self.world.above(one))

    def attribute_types(self) -> Iterable[str]:
        return {code(kind) for _, kind, _, _ in (*self.world.relations, *self.world.numbers)}

    def attribute(self, wanted: str) -> Sequence[Rows]:
        number = self._number[wanted]
        found = []
        own = [each for each in self.world.relations if each[1] == number]
        if own:
            found.append(Rows(*(array("I", (row[at] for row in own)) for at in (0, 2, 3)), "Code", None))  # type: ignore[arg-type]
        own = [each for each in self.world.numbers if each[1] == number]
        if own:
            values = sorted({str(row[2]) for row in own})
            targets = array("I", (values.index(str(row[2])) for row in own))
            found.append(
                Rows(array("I", (r[0] for r in own)), targets, array("I", (r[3] for r in own)), "Decimal", values)
            )
        return found

    def stated(self, name: str) -> None:
        return None

    def refsets(self) -> Iterable[str]:
        return [code(each) for each in self.world.lists]

    def refset(self, wanted: str) -> Members | None:
        number = self._number.get(wanted)
        members = None if number is None else self.world.lists.get(number)
        return None if members is None else Members(array("I", members), {})

    def described(
        self, among: Selection, words: Sequence[Sequence[str]] | None, holds: Callable[[Description], bool]
    ) -> Selection:
        texts = self.world.terms
        return self._set(
            n for n in among if any(holds(Description(text, "en", "", "", "", ())) for text in texts.get(n, ()))
        )


def oracle(world: World, node: s.Expression) -> set[int]:
    """Who fulfils a constraint, told as simply as possible."""
    active = set(range(world.size)) - world.inactive
    match node:
        case s.Compound(operator, parts):
            found = oracle(world, parts[0])
            for part in parts[1:]:
                other = oracle(world, part)
                found = found & other if operator == "AND" else found | other if operator == "OR" else found - other
            return found
        case s.Dotted(base, names):
            found = oracle(world, base)
            for name in names:
                kinds = oracle(world, name)
                found = {t for source, kind, t, _ in world.relations if source in found and kind in kinds}
            return found
        case s.Refined(base, refinement):
            return {one for one in oracle(world, base) if _fulfils(world, one, refinement)}
    assert isinstance(node, s.Sub)
    match node.focus:
        case s.Anything():
            found = set(active)
        case s.Concept(wanted, _):
            found = {next(n for n in range(world.size) if code(n) == wanted)}
        case inner:
            found = oracle(world, inner)
    if node.member:
        lists = world.lists if isinstance(node.focus, s.Anything) else found
        found = {n for each in lists for n in world.lists.get(each, ())}
    below = {n for one in found for n in world.below(one)}
    above = {n for one in found for n in world.above(one)}
    children = {child for child, parent in world.edges if parent in found}
    parents = {parent for child, parent in world.edges if child in found}
    match node.operator:
        case "<":
            found = below
        case "<<":
            found = below | found
        case ">":
            found = above
        case ">>":
            found = above | found
        case "<!":
            found = children
        case "<<!":
            found = children | found
        case ">!":
            found = parents
        case ">>!":
            found = parents | found
        case "!!>":
            found = found - below
        case "!!<":
            found = found - above
    found = found & active
    for each in node.filters:
        for test in each.tests:
            if test.name == "definitionstatus":
                wants_defined = test.value == ("900000000000073002",)
                found = {n for n in found if (n not in world.primitive) == (wants_defined == (test.operator == "="))}
            elif test.name == "term":
                assert isinstance(test.value, s.Search)
                found = {n for n in found if _has_term(world, n, test.value)}
    return found


def _has_term(world: World, one: int, search: s.Search) -> bool:
    (_, wanted) = search.terms[0]
    return any(
        all(any(word.startswith(w) for word in text.split()) for w in wanted.split())
        for text in world.terms.get(one, ())
    )


def _fulfils(world: World, one: int, node: s.Refinement) -> bool:
    match node:
        case s.Several(operator, parts):
            return (all if operator == "AND" else any)(_fulfils(world, one, part) for part in parts)
        case s.Group(attributes, _, least, most):
            return least <= sum(_group_fulfils(world, group, attributes) for group in _groups(world, one)) <= most
        case s.Attribute():
            if node.reverse:
                assert isinstance(node.value, s.Sub)
                sources = oracle(world, node.value)
                if node.operator == "!=":
                    sources = set(range(world.size)) - sources
                kinds = oracle(world, node.name)
                count = sum(t == one and k in kinds and source in sources for source, k, t, _ in world.relations)
            else:
                count = _count(world, [row for group in _groups(world, one) for row in group], node)
            return node.least <= count <= node.most


Row = tuple[int, int | Decimal, bool]


def _groups(world: World, one: int) -> list[list[Row]]:
    """The role groups of a concept: rows of type, value, and whether that is a number."""
    groups: dict[object, list[Row]] = {}
    rows = [(k, t, g, False) for source, k, t, g in world.relations if source == one]
    numbers = [(k, Decimal(v), g, True) for source, k, v, g in world.numbers if source == one]
    for place, (kind, value, group, is_number) in enumerate([*rows, *numbers]):
        groups.setdefault(group or ("alone", place), []).append((kind, value, is_number))
    return list(groups.values())


def _group_fulfils(world: World, group: list[Row], node: s.Refinement) -> bool:
    match node:
        case s.Several(operator, parts):
            return (all if operator == "AND" else any)(_group_fulfils(world, group, part) for part in parts)
        case s.Attribute():
            return node.least <= _count(world, group, node) <= node.most
    raise AssertionError(node)


def _count(world: World, rows: list[Row], node: s.Attribute) -> int:
    kinds = oracle(world, node.name)
    counts: Counter[bool] = Counter()
    for kind, value, is_number in rows:
        if kind not in kinds or is_number != isinstance(node.value, Decimal):
            continue
        if isinstance(node.value, Decimal):
            assert isinstance(value, Decimal)
            wanted = node.value
            counts[
                {"=": value == wanted, "!=": value != wanted, "<": value < wanted, "<=": value <= wanted,
                 ">": value > wanted, ">=": value >= wanted}[node.operator]
            ] += 1  # fmt: skip
        else:
            assert isinstance(node.value, s.Sub)
            counts[(value in oracle(world, node.value)) == (node.operator == "=")] += 1
    return counts[True]
