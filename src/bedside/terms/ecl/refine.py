"""Refinements of an expression constraint: attributes, groups of attributes, cardinalities (ECL 2.2, 6.2 to 6.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import compress, repeat

from bedside.terms.ecl.errors import EclUnsupported
from bedside.terms.ecl.filtering import number_test, search_test
from bedside.terms.ecl.ontology import Ontology, Rows
from bedside.terms.ecl.syntax import Attribute, Group, Refinement, Search, Several, Sub
from bedside.terms.selection import Selection

Key = tuple[int, int, int]
"""A role group: the concept, its number, and for the group 0, of which each relationship is a group of its own, a
number of the relationship."""


class Refiner:
    """Finds what a refinement leaves of a focus. `sub` evaluates sub-expressions."""

    def __init__(self, ontology: Ontology, sub: Callable[[Sub], Selection]) -> None:
        self._ontology = ontology
        self._sub = sub
        self._remembered: dict[Sub, Selection] = {}

    def concepts(self, node: Refinement, focus: Selection) -> Selection:
        """Those of a focus that fulfil a refinement."""
        match node:
            case Several(operator, parts):
                found = self.concepts(parts[0], focus)
                for part in parts[1:]:
                    other = self.concepts(part, found if operator == "AND" else focus)
                    found = found & other if operator == "AND" else found | other
                return found
            case Group(attributes, _, least, most):
                groups = self._groups(attributes, focus)
                return self._counted(Counter(key[0] for key in groups), least, most, focus)
            case Attribute():
                return self._attribute(node, focus)

    def values(self, names: Selection, sources: Selection) -> Selection:
        """The concepts that attributes of some concepts have as values (dotted expressions, ECL 6.5)."""
        found: list[int] = []
        for _, rows in self._rows(names):
            if rows.values is None:
                found += compress(rows.targets, map(sources.mask.__getitem__, rows.sources))
        return Selection.of(self._ontology.size, found)

    def _evaluated(self, node: Sub) -> Selection:
        found = self._remembered.get(node)
        if found is None:
            found = self._remembered[node] = self._sub(node)
        return found

    def _rows(self, names: Selection) -> Iterator[tuple[int, Rows]]:
        """Each kind of rows of the attributes that are meant, with a number of its own."""
        place = 0
        for code in sorted(self._ontology.attribute_types()):
            number = self._ontology.number(code)
            if number is not None and number in names:
                for rows in self._ontology.attribute(code):
                    yield number * 2 + place % 2, rows
                    place += 1
                place = 0

    def _counted(self, counts: Counter[int], least: int, most: int, focus: Selection) -> Selection:
        """Those with a count within a cardinality."""
        size = self._ontology.size
        if least == 0:
            return focus - Selection.of(size, (number for number, count in counts.items() if count > most))
        return Selection.of(size, (number for number, count in counts.items() if least <= count <= most)) & focus

    def _attribute(self, node: Attribute, focus: Selection) -> Selection:
        counts: Counter[int] = Counter()
        if node.reverse:
            for _, rows in self._rows(self._evaluated(node.name)):
                counts.update(self._reversed(node, rows, focus))
        else:
            for _, rows in self._rows(self._evaluated(node.name)):
                counts.update(compress(rows.sources, self._matching(node, rows, focus)))
        return self._counted(counts, node.least, node.most, focus)

    def _reversed(self, node: Attribute, rows: Rows, focus: Selection) -> Iterable[int]:
        """`R a = v`: the concepts that a concept of v has as the value of a."""
        if not isinstance(node.value, Sub):
            raise EclUnsupported("a reversed attribute (R) is compared with concepts", node.at)
        if rows.values is not None:
            return ()
        sources = self._mask(node)
        chosen = map(int.__and__, map(sources.__getitem__, rows.sources), map(focus.mask.__getitem__, rows.targets))
        return compress(rows.targets, chosen)

    def _mask(self, node: Attribute) -> bytes:
        """The concepts that a value may be; with != those that it may not be are left out."""
        assert isinstance(node.value, Sub)
        found = self._evaluated(node.value)
        return (self._ontology.everything - found if node.operator == "!=" else found).mask

    def _matching(self, node: Attribute, rows: Rows, focus: Selection) -> Iterator[int]:
        """For each row whether its concept is of the focus and its value as wanted."""
        value = node.value
        if isinstance(value, Sub):
            wanted = self._mask(node) if rows.values is None else b""
        else:
            wanted = b"" if rows.values is None else _literals(node, rows)
        if not wanted:
            return repeat(0, 0)
        return map(int.__and__, map(focus.mask.__getitem__, rows.sources), map(wanted.__getitem__, rows.targets))

    # --- role groups

    def _groups(self, node: Refinement, focus: Selection) -> set[Key]:
        """The role groups that fulfil what is in braces."""
        match node:
            case Several(operator, parts):
                found = self._groups(parts[0], focus)
                for part in parts[1:]:
                    other = self._groups(part, focus)
                    found = found & other if operator == "AND" else found | other
                return found
            case Group(_, at, _, _):
                raise EclUnsupported("a group stands in no other group", at)
            case Attribute():
                if node.reverse:
                    raise EclUnsupported("a reversed attribute (R) stands in no group", node.at)
                return self._groups_of(node, focus)

    def _groups_of(self, node: Attribute, focus: Selection) -> set[Key]:
        counts: Counter[Key] = Counter()
        for kind, rows in self._rows(self._evaluated(node.name)):
            counts.update(compress(_keys(kind, rows), self._matching(node, rows, focus)))
        if node.least > 0:
            return {key for key, count in counts.items() if node.least <= count <= node.most}
        too_many = {key for key, count in counts.items() if count > node.most}
        return self._all_groups(focus) - too_many

    def _all_groups(self, focus: Selection) -> set[Key]:
        found: set[Key] = set()
        for kind, rows in self._rows(self._ontology.everything):
            found.update(compress(_keys(kind, rows), map(focus.mask.__getitem__, rows.sources)))
        return found


def _keys(kind: int, rows: Rows) -> Iterator[Key]:
    """The role group of each row."""
    for place, source in enumerate(rows.sources):
        group = rows.groups[place] if rows.groups else 0
        yield (source, group, 0) if group else (source, kind + 1, place + 1)


def _literals(node: Attribute, rows: Rows) -> bytes:
    """Which of the values of rows are as wanted; empty when they are of another type."""
    values = rows.values or []
    match node.value:
        case bool(truth):
            if rows.type != "Boolean":
                return b""
            wanted = "true" if truth == (node.operator == "=") else "false"
            return bytes(value == wanted for value in values)
        case Decimal() as number:
            if rows.type != "Decimal":
                return b""
            holds = number_test(node.operator, number)
            return bytes(holds(Decimal(value)) for value in values)
        case Search() as search:
            if rows.type != "String":
                return b""
            is_like = search_test(search)
            return bytes(is_like(value) == (node.operator == "=") for value in values)
    return b""
