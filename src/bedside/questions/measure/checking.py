"""Whether a measure and its library fit: every criterion names something, and what it gives can be counted."""

from __future__ import annotations

from bedside.fhir.outcome import Issue
from bedside.questions.cql import tree
from bedside.questions.cql.types import ANY, BOOLEAN, ChoiceType, DataType, ListType
from bedside.questions.errors import did_you_mean
from bedside.questions.measure import definition as d


def check_against(definition: d.Definition, library: tree.Library) -> list[Issue]:
    """Everything by which a measure does not fit its library, each with its place; empty when it fits."""
    found = []
    for expression, path in definition.expressions():
        if expression and expression not in library.expressions and expression not in library.functions:
            names = [*library.expressions, *library.functions]
            near = did_you_mean(expression, names)
            hint = f" Did you mean {near!r}?" if near else ""
            sentence = f"{library.name} has no definition {expression!r}.{hint}"
            found.append(Issue("error", "not-found", path, sentence))
    for number, group in enumerate(definition.groups):
        for at, population in enumerate(group.populations):
            path = f"Measure.group[{number}].population[{at}].criteria"
            found += _check_population(population, group, library, path)
    return found


def _check_population(population: d.Population, group: d.Group, library: tree.Library, path: str) -> list[Issue]:
    name = population.expression
    if population.code == "measure-observation":
        overloads = library.functions.get(name, ())
        if overloads and all(len(each.operands) > 1 for each in overloads):
            sentence = f"{name!r} observes one item, and takes {len(overloads[0].operands)} operands."
            return [Issue("error", "business-rule", path, sentence)]
        return []
    known = library.expressions.get(name)
    if known is None:
        if name in library.functions:
            sentence = f"{name!r} is a function; the criterion of a population is a definition."
            return [Issue("error", "business-rule", path, sentence)]
        return []
    type_ = known.expression.type
    if group.basis == d.BOOLEAN:
        if not _may_be(type_, boolean=True):
            sentence = f"{name!r} gives {type_}; where subjects are counted it must be true or false."
            return [Issue("error", "business-rule", path, sentence)]
    elif not _may_be(type_, boolean=False):
        sentence = f"{name!r} gives {type_}; where {group.basis} is counted it must be a list of them."
        return [Issue("error", "business-rule", path, sentence)]
    return []


def _may_be(type_: DataType, *, boolean: bool) -> bool:
    if type_ == ANY:
        return True
    if isinstance(type_, ChoiceType):
        return any(_may_be(each, boolean=boolean) for each in type_.alternatives)
    if boolean:
        return type_ == BOOLEAN or str(type_) == "FHIR.boolean"
    return isinstance(type_, ListType)
