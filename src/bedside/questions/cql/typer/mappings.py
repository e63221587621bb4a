"""Elements that a model reads from FHIR by an expression, such as `FHIRHelpers.ToConcept(%value)`, written out.

The notation (CQL 1.5, developers guide, "Model Information", `target`): `%value` is the element as FHIR has it,
`%parent` what has the element. A step may carry tests in brackets (`extension[url='...']`, each a path and a text);
`Library.Function(...)` calls a conversion; `Type:expression;Type:expression` gives a choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from msgspec.structs import replace

from bedside.questions.cql import tree
from bedside.questions.cql.models import SYSTEM
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.types import (
    ANY,
    BOOLEAN,
    CODE,
    CONCEPT,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    QUANTITY,
    RATIO,
    STRING,
    TIME,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    choice,
)
from bedside.questions.errors import Span

THIS = "$this"
HELPERS = "FHIRHelpers"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    tests: tuple[tuple[tuple[str, ...], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One alternative: the type it is for (None when there is only one), its conversion, and the path from the root."""

    type: str | None
    function: str | None
    root: str
    steps: tuple[Step, ...]


_STEP = re.compile(r"\.([\w-]+)(?:\[x\])?(?:\[([^\]]*)\])?")
_TEST = re.compile(r"([\w.]+)='([^']*)'")


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Target, ...]:
    """The alternatives of a target. Raises ValueError for what is not in the notation."""
    return tuple(_parse(each) for each in text.split(";") if each)


def _parse(text: str) -> Target:
    match = re.fullmatch(r"(?:(System\.\w+):)?(?:FHIRHelpers\.(\w+)\()?%(value|parent)(.*?)\)?", text)
    if match is None:
        raise ValueError(f"{text!r} is not a target")
    type_, function, root, rest = match.groups()
    steps: list[Step] = []
    place = 0
    while place < len(rest):
        found = _STEP.match(rest, place)
        if found is None:
            raise ValueError(f"{text!r} is not a target: {rest[place:]!r}")
        tests = tuple((tuple(path.split(".")), value) for path, value in _TEST.findall(found[2] or ""))
        steps.append(Step(found[1], tests))
        place = found.end()
    return Target(type_, function, root, tuple(steps))


FHIR_OF_SYSTEM: dict[DataType, str] = {
    BOOLEAN: "boolean",
    INTEGER: "integer",
    DECIMAL: "decimal",
    STRING: "string",
    DATE: "date",
    DATETIME: "dateTime",
    TIME: "time",
    CODE: "Coding",
    CONCEPT: "CodeableConcept",
    QUANTITY: "Quantity",
    RATIO: "Ratio",
    IntervalType(DATETIME): "Period",
    IntervalType(QUANTITY): "Range",
}
LISTS = frozenset(
    ("extension", "modifierExtension", "coding", "category", "telecom", "address", "item", "answer", "condition")
)
FHIR_TYPES = {"extension": "Extension", "modifierExtension": "Extension", "coding": "Coding", "url": "uri"}
FHIR_TYPES |= {"category": "CodeableConcept", "system": "uri", "code": "code"}


def expand(
    source: tree.Expression, name: str, type_: DataType, target: str, owner: str | None, span: Span
) -> tree.Expression:
    """The element `name` of `source` as its target reads it. `owner` is the FHIR type of the source's JSON."""
    targets = parse(target)
    if len(targets) == 1:
        return _read(source, name, type_, targets[0], owner, span)
    items: list[tuple[tree.Expression, tree.Expression]] = []
    for each in sorted(targets, key=lambda one: one.root == "value"):
        # What only an extension says goes before the element itself, which is there without a value.
        of = SYSTEM.find_type((each.type or "").removeprefix("System.")) or ANY
        value = _read(source, name, of, each, owner, span)
        items.append((_not_null(value, span), value))
    return tree.Case(
        type=type_, comparand=None, items=tuple(items), otherwise=tree.Null(type=type_, span=span), span=span
    )


def alternative(value: tree.Expression, type_: DataType) -> tree.Expression | None:
    """Of an element that a target gives in several types, the one of this type; None for anything else."""
    if not isinstance(value, tree.Case) or value.comparand is not None or not isinstance(value.otherwise, tree.Null):
        return None
    for when, then in value.items:
        if not isinstance(when, tree.Operator) or not isinstance(when.operands[0], tree.Operator):
            return None
        if when.operands[0].operands[0] is not then:
            return None
        if then.type == type_:
            return then
    return None


def _not_null(value: tree.Expression, span: Span) -> tree.Expression:
    test = tree.Operator(type=BOOLEAN, name="IsNull", operands=(value,), overload=_overload("IsNull"), span=span)
    return tree.Operator(type=BOOLEAN, name="Not", operands=(test,), overload=_overload("Not"), span=span)


def _read(
    source: tree.Expression, name: str, type_: DataType, target: Target, owner: str | None, span: Span
) -> tree.Expression:
    item = type_.element if isinstance(type_, ListType) else type_
    steps = list(target.steps)
    value: tree.Expression
    if target.root == "value":
        value = tree.Property(type=_fhir(type_), source=source, path=name, span=span)
    else:
        if owner is not None and steps and not steps[0].tests and _is_owner(owner, steps[0].name):
            steps.pop(0)  # The path is told from the resource, but the source is already the component.
        value = source
    many = isinstance(value.type, ListType)
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        of: DataType = item if last and target.function is None else _step_type(step.name)
        value, many = _step(value, step, of, many, span)
    if many and not isinstance(type_, ListType):
        value = _single(value, span)
        many = False
    if target.function is None:
        return value
    return _convert(value, target.function, item, span) if not many else _convert_each(value, target, item, span)


def _is_owner(owner: str, step: str) -> bool:
    last = owner.rsplit(".", 1)[-1]
    return last == step or last[:1].lower() + last[1:] == step


def _step_type(name: str) -> DataType:
    return NamedType("FHIR", FHIR_TYPES.get(name, "Element"))


def _fhir(type_: DataType) -> DataType:
    """The FHIR type that a System type is read from, as far as it matters: primitives by their values."""
    if isinstance(type_, ListType):
        return ListType(_fhir(type_.element))
    if hasattr(type_, "alternatives"):
        return choice(_fhir(each) for each in type_.alternatives)
    if isinstance(type_, NamedType) and type_.namespace not in ("System", "FHIR"):
        return NamedType("FHIR", "code") if type_.name[:1].isupper() else NamedType("FHIR", type_.name)
    found = FHIR_OF_SYSTEM.get(type_)
    return type_ if found is None else NamedType("FHIR", found)


def _step(value: tree.Expression, step: Step, of: DataType, many: bool, span: Span) -> tuple[tree.Expression, bool]:
    """One step of the path, and whether there may be many of what it gives."""
    is_list = step.name in LISTS
    if not many:
        value = tree.Property(type=ListType(of) if is_list else of, source=value, path=step.name, span=span)
    else:
        value = _each(value, step.name, ListType(of) if is_list else of, span)
        if is_list:
            value = tree.Operator(
                type=ListType(of), name="Flatten", operands=(value,), overload=_overload("Flatten"), span=span
            )
    many = many or is_list
    if step.tests:
        this = tree.AliasRef(type=_item(value), name=THIS, span=span)
        condition: tree.Expression | None = None
        for path, text in step.tests:
            test = _test(this, path, text, span)
            condition = (
                test
                if condition is None
                else tree.Operator(
                    type=BOOLEAN, name="And", operands=(condition, test), overload=_overload("And"), span=span
                )
            )
        value = tree.Query(
            type=value.type,
            sources=(tree.AliasedSource(alias=THIS, expression=value, is_list=True, span=span),),
            where=condition,
            span=span,
        )
    return value, many


def _test(this: tree.Expression, path: tuple[str, ...], text: str, span: Span) -> tree.Expression:
    """`url='...'`; through a list (`coding.system`) it is enough that one item passes."""
    first, *rest = path
    one = tree.Property(type=_step_type(first), source=this, path=first, span=span)
    if rest:
        items = tree.Property(type=ListType(_step_type(first)), source=this, path=first, span=span)
        inner = tree.AliasRef(type=_step_type(first), name=f"${first}", span=span)
        query = tree.Query(
            type=items.type,
            sources=(tree.AliasedSource(alias=f"${first}", expression=items, is_list=True, span=span),),
            where=_test(inner, tuple(rest), text, span),
            span=span,
        )
        return tree.Operator(type=BOOLEAN, name="Exists", operands=(query,), overload=_overload("Exists"), span=span)
    value = tree.FunctionRef(
        type=STRING, name="ToString", operands=(one,), signature=(one.type,), library=HELPERS, span=span
    )
    wanted = tree.Literal(type=STRING, value=text, span=span)
    return tree.Operator(
        type=BOOLEAN, name="Equal", operands=(value, wanted), overload=_overload("Equal", STRING), span=span
    )


def _item(value: tree.Expression) -> DataType:
    return value.type.element if isinstance(value.type, ListType) else value.type


def _each(source: tree.Expression, path: str, type_: DataType, span: Span) -> tree.Query:
    """`source $this return all $this.path`; a query of this form goes on by a step in its `return`."""
    if isinstance(source, tree.Query) and source.sources[0].alias == THIS:
        item = tree.AliasRef(type=_item(source), name=THIS, span=span)
        before = item if source.returns is None else source.returns.expression
        one = tree.Property(type=type_, source=before, path=path, span=span)
        return replace(source, type=ListType(type_), returns=tree.Return(expression=one, distinct=False))
    this = tree.AliasRef(type=_item(source), name=THIS, span=span)
    return _return_all(source, tree.Property(type=type_, source=this, path=path, span=span), span)


def _return_all(source: tree.Expression, one: tree.Expression, span: Span) -> tree.Query:
    """`source $this return all one`."""
    return tree.Query(
        type=ListType(one.type),
        sources=(tree.AliasedSource(alias=THIS, expression=source, is_list=True, span=span),),
        returns=tree.Return(expression=one, distinct=False),
        span=span,
    )


def _single(value: tree.Expression, span: Span) -> tree.Operator:
    return tree.Operator(
        type=_item(value), name="SingletonFrom", operands=(value,), overload=_overload("SingletonFrom"), span=span
    )


def _convert(value: tree.Expression, function: str, type_: DataType, span: Span) -> tree.FunctionRef:
    return tree.FunctionRef(
        type=type_, name=function, operands=(value,), signature=(value.type,), library=HELPERS, span=span
    )


def _convert_each(value: tree.Expression, target: Target, type_: DataType, span: Span) -> tree.Query:
    this = tree.AliasRef(type=_item(value), name=THIS, span=span)
    return _return_all(value, _convert(this, target.function or "", type_, span), span)


def _overload(name: str, *operands: DataType) -> tree.Overload | None:
    """The overload of an operator that a mapping needs: the one with these operands, else the last, generic one."""
    found = OVERLOADS.get(name) or []
    for each in found:
        if operands and all(one == operands[0] for one in each.operands):
            return each
    return found[-1] if found else None
