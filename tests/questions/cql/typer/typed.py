"""Typing in tests: the type or the tree of one expression, and a short way of writing a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bedside.questions.cql import tree
from bedside.questions.cql.typer import Translation, translate
from bedside.questions.errors import QuestionError

HEADS = {
    "": "",
    "FHIR": "using FHIR version '4.0.1'\ncontext Patient\n",
    "QICore": "using QICore version '6.0.0'\ncontext Patient\n",
}


def library(source: str, libraries: Mapping[str, str] | None = None) -> tree.Library:
    """A library that must be right."""
    translation = translated(source, libraries)
    assert translation.library is not None, [str(each) for each in translation.problems]
    return translation.library


def translated(source: str, libraries: Mapping[str, str] | None = None) -> Translation:
    return translate(source, libraries=_given(libraries or {}))


def _given(libraries: Mapping[str, str]) -> Callable[[str, str | None], str | None]:
    return lambda name, version: libraries.get(name)


def problems(source: str, libraries: Mapping[str, str] | None = None) -> tuple[QuestionError, ...]:
    """What is wrong with a library; there must be something."""
    found = translated(source, libraries)
    assert found.library is None
    assert found.problems
    return found.problems


def expression(text: str, model: str = "", before: str = "") -> tree.Expression:
    return library(f"{HEADS[model]}{before}\ndefine E: {text}").expressions["E"].expression


def type_of(text: str, model: str = "", before: str = "") -> str:
    return str(expression(text, model, before).type).replace("System.", "")


def said(node: object) -> str:
    """A tree in one line: `And(In(x, [1, 2)), Not(IsNull(x)))`."""
    match node:
        case tree.Literal(value=value):
            return (
                repr(value) if isinstance(value, str) else str(value).lower() if value in (True, False) else str(value)
            )
        case tree.Null():
            return "null"
        case tree.Operator(name=name, operands=operands, precision=precision):
            of = f" of {precision}" if precision else ""
            return f"{name}{of}({', '.join(map(said, operands))})"
        case tree.Interval(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            return f"{'[' if low_closed else '('}{said(low)}, {said(high)}{']' if high_closed else ')'}"
        case tree.List(elements=elements):
            return "{" + ", ".join(map(said, elements)) + "}"
        case tree.Tuple(elements=pairs):
            return "{" + ", ".join(f"{name}: {said(each)}" for name, each in pairs) + "}"
        case tree.As(operand=operand, as_type=type_):
            return f"({said(operand)} as {str(type_).replace('System.', '')})"
        case tree.Is(operand=operand, is_type=type_):
            return f"({said(operand)} is {str(type_).replace('System.', '')})"
        case tree.Property(source=source, path=path):
            return f"{said(source)}.{path}"
        case tree.FunctionRef(name=name, operands=operands, library=alias):
            return f"{alias + '.' if alias else ''}{name}({', '.join(map(said, operands))})"
        case tree.Retrieve(data_type=type_, code_property=path, comparator=comparator, codes=codes):
            return f"[{type_.name}: {path} {comparator} {said(codes)}]" if codes is not None else f"[{type_.name}]"
        case tree.Query(sources=sources):
            return _query(node, ", ".join(f"{said(each.expression)} {each.alias}" for each in sources))
        case tree.Case(items=items, otherwise=otherwise):
            cases = " ".join(f"when {said(when)} then {said(then)}" for when, then in items)
            return f"case {cases} else {said(otherwise)}"
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            return f"if {said(condition)} then {said(then)} else {said(otherwise)}"
        case tree.Current():
            return "$this"
        case tree.Iteration():
            return "$index"
        case tree.Total():
            return "$total"
        case tree.Filter(source=source, condition=condition):
            return f"{said(source)}.where({said(condition)})"
        case tree.ForEach(source=source, element=element):
            return f"{said(source)}.select({said(element)})"
        case _:
            return str(getattr(node, "name", type(node).__name__))


def _query(node: tree.Query, sources: str) -> str:
    parts = [sources]
    parts += [f"let {name}: {said(each)}" for name, each in node.lets]
    parts += [
        f"{'without' if each.without else 'with'} {said(each.source.expression)} {each.source.alias} "
        f"such that {said(each.such_that)}"
        for each in node.relationships
    ]
    if node.where is not None:
        parts.append(f"where {said(node.where)}")
    if node.returns is not None:
        parts.append(f"return {'distinct' if node.returns.distinct else 'all'} {said(node.returns.expression)}")
    if node.aggregate is not None:
        starting = said(node.aggregate.starting)
        parts.append(f"aggregate {node.aggregate.name} starting {starting}: {said(node.aggregate.expression)}")
    if node.sort:
        keys = ("itself" if each.expression is None else said(each.expression) for each in node.sort)
        parts.append("sort by " + ", ".join(keys))
    return f"({' '.join(parts)})"
