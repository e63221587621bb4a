"""The answer to an expression constraint (ECL 2.2): who fulfils it, as a selection of numbers."""

from __future__ import annotations

from itertools import compress

from bedside.terms.ecl.errors import EclError
from bedside.terms.ecl.filtering import concept_test, description_test, member_mask
from bedside.terms.ecl.ontology import Ontology
from bedside.terms.ecl.refine import Refiner
from bedside.terms.ecl.syntax import Anything, Compound, Concept, Dotted, Expression, Filter, History, Refined, Sub
from bedside.terms.selection import Selection
from bedside.terms.snomed import (
    ALTERNATIVE,
    MOVED_TO,
    PARTIALLY,
    POSSIBLY_EQUIVALENT,
    POSSIBLY_REPLACED,
    REPLACED_BY,
    SAME_AS,
    WAS_A,
)

_PROFILES = {
    "MIN": (SAME_AS,),
    "MOD": (SAME_AS, REPLACED_BY, WAS_A, PARTIALLY),
    "MAX": (SAME_AS, REPLACED_BY, WAS_A, PARTIALLY, POSSIBLY_EQUIVALENT, POSSIBLY_REPLACED, ALTERNATIVE, MOVED_TO),
}
_TARGET = "targetComponentId"


def evaluate(expression: Expression, ontology: Ontology) -> Selection:
    """All concepts that fulfil a constraint.

    The substrate are the active concepts; a filter `{{ C active = ... }}` widens it to all for its focus, and a history
    supplement adds inactive ones. Raises EclError for a concept or reference set that is not here.
    """
    return Evaluator(ontology).expression(expression)


class Evaluator:
    """One evaluation."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._refiner = Refiner(ontology, self.sub)

    def expression(self, node: Expression, substrate: Selection | None = None) -> Selection:
        match node:
            case Sub():
                return self.sub(node, substrate)
            case Compound(operator, parts):
                found = self.sub(parts[0], substrate)
                for part in parts[1:]:
                    other = self.sub(part, substrate)
                    if operator == "AND":
                        found = found & other
                    else:
                        found = found | other if operator == "OR" else found - other
                return found
            case Refined(base, refinement):
                focus = self.sub(base, substrate)
                return focus & self._refiner.concepts(refinement, focus)
            case Dotted(base, names):
                found = self.sub(base, substrate)
                for name in names:
                    found = self._refiner.values(self.sub(name), found)
                return found

    def sub(self, node: Sub, substrate: Selection | None = None) -> Selection:
        """A focus, what stands before it, and its filters, in this order."""
        ontology = self.ontology
        within = substrate or ontology.active
        if any(test.name == "active" for each in node.filters if each.kind == "C" for test in each.tests):
            within = ontology.everything
        found = self._focus(node, within)
        if node.member:
            found = self._members(node, found)
        if node.operator is not None:
            found = self._related(node.operator, found)
        found = found & within
        for each in node.filters:
            if each.kind == "C":
                for test in each.tests:
                    found = found & concept_test(ontology, test, self.sub)
            elif each.kind == "D":
                words, holds = description_test(each, self._codes)
                found = ontology.described(found, words, holds)
        return found if node.history is None else found | self._history(node.history, found)

    def _focus(self, node: Sub, within: Selection) -> Selection:
        match node.focus:
            case Anything():
                return within
            case Concept(code, at):
                number = self.ontology.number(code)
                if number is None:
                    raise EclError(f"there is no concept {code} in this edition", at)
                return Selection.of(self.ontology.size, [number])
            case other:
                return self.expression(other, within)

    def _related(self, operator: str, of: Selection) -> Selection:
        ontology = self.ontology
        match operator:
            case "<":
                return ontology.descendants(of)
            case "<<":
                return ontology.descendants(of) | of
            case "<!":
                return ontology.children(of)
            case "<<!":
                return ontology.children(of) | of
            case ">":
                return ontology.ancestors(of)
            case ">>":
                return ontology.ancestors(of) | of
            case ">!":
                return ontology.parents(of)
            case ">>!":
                return ontology.parents(of) | of
            case "!!>":
                return of - ontology.descendants(of)
            case _:  # !!<
                return of - ontology.ancestors(of)

    def _codes(self, node: Sub) -> frozenset[str]:
        """An expression as codes, where filters compare texts."""
        return frozenset(self.ontology.codes(self.sub(node, self.ontology.everything)))

    # --- reference sets

    def _members(self, node: Sub, refsets: Selection) -> Selection:
        """memberOf, with the filters of member rows."""
        ontology = self.ontology
        if isinstance(node.focus, Anything):
            wanted = list(ontology.refsets())
        else:
            wanted = ontology.codes(refsets)
        filters = [each for each in node.filters if each.kind == "M"]
        numbers: list[int] = []
        for code in wanted:
            numbers += self._of_refset(code, filters, node)
        return Selection.of(ontology.size, numbers)

    def _of_refset(self, code: str, filters: list[Filter], node: Sub) -> list[int]:
        rows = self.ontology.refset(code)
        if rows is None:
            return []
        mask = b"\1" * len(rows.members)
        for each in filters:
            for test in each.tests:
                own = member_mask(rows, test, self._codes)
                mask = bytes(map(int.__and__, mask, own))
        field = None if node.fields is None else node.fields[0]
        if field in (None, "referencedComponentId"):
            return list(compress(rows.members, mask))
        if field not in rows.fields:
            raise EclError(f"the reference set {code} has no field {field}", node.at)
        places, values = rows.fields[field]
        chosen = {values[place] for place in compress(places, mask)}
        return [number for value in chosen if (number := self.ontology.number(value)) is not None]

    def _history(self, history: History, found: Selection) -> Selection:
        """Inactive concepts that an association leads from to one that was found (ECL 6.11, history supplements)."""
        ontology = self.ontology
        if history.refsets is not None:
            wanted = ontology.codes(self.expression(history.refsets))
        else:
            wanted = list(_PROFILES[history.profile])
        codes = frozenset(ontology.codes(found))
        numbers: list[int] = []
        for code in wanted:
            rows = ontology.refset(code)
            if rows is not None and _TARGET in rows.fields:
                places, values = rows.fields[_TARGET]
                mask = bytes(value in codes for value in values)
                numbers += compress(rows.members, map(mask.__getitem__, places))
        return Selection.of(ontology.size, numbers)
