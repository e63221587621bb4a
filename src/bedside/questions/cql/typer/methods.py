"""Calls with a dot that FHIRPath gave to CQL: `.where()`, `.first()`, `.toString()` (CQL 1.5, developers guide,
"FHIRPath Function Translation" in appendix J).

A method of a list takes a single value as a list of it. Within an argument that is asked of each item, `$this` is the
item and a bare name may be an element of it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from bedside.questions import tree as shared
from bedside.questions.cql import tree
from bedside.questions.cql.typer import convert, specifiers, system_functions
from bedside.questions.cql.typer.calls import call, negated
from bedside.questions.cql.typer.conditionals import CONVERTIBLE, cast
from bedside.questions.cql.typer.core import Scope, Typer
from bedside.questions.cql.typer.membership import except_, in_, included_in, includes, intersect, union
from bedside.questions.cql.types import (
    BOOLEAN,
    DECIMAL,
    INTEGER,
    DataType,
    IntervalType,
    ListType,
    NamedType,
)
from bedside.questions.errors import CheckError, UnsupportedError

Method = Callable[[Typer, shared.FunctionRef, tree.Expression], tree.Expression]
METHODS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Method], Method]:
    def enter(function: Method) -> Method:
        METHODS.update(dict.fromkeys(names, function))
        return function

    return enter


def takes(node: shared.FunctionRef, *counts: int) -> None:
    if len(node.operand) not in counts:
        wanted = " or ".join(map(str, counts))
        raise CheckError(
            f".{node.name}() was given {len(node.operand)} arguments", span=node.span, expected=f"{wanted} of them"
        )


def each(
    typer: Typer, argument: shared.Node, source: tree.Expression, total: DataType | None = None
) -> tree.Expression:
    """An argument that is asked of every item of the source."""
    assert isinstance(source.type, ListType)
    with typer.inside(Scope(this=source.type.element, index=True, total=total)):
        return typer.type(argument)


def _filtered(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    source = convert.listed(typer, source)
    condition = convert.to(typer, each(typer, node.operand[0], source), BOOLEAN)
    return tree.Filter(type=source.type, source=source, condition=condition, span=node.span)


@method("where")
def where(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 1)
    return _filtered(typer, node, source)


def _projected(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    source = convert.listed(typer, source)
    element = each(typer, node.operand[0], source)
    return tree.ForEach(type=ListType(element.type), source=source, element=element, span=node.span)


@method("select")
def select(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    """What is null is left out, and lists become one list."""
    takes(node, 1)
    found = _projected(typer, node, source)
    assert isinstance(found.type, ListType)
    item = tree.Current(type=found.type.element, span=node.span)
    known = negated(typer, call(typer, "IsNull", (item,), node.span))
    kept = tree.Filter(type=found.type, source=found, condition=known, span=node.span)
    return call(typer, "Flatten", (kept,), node.span) if isinstance(found.type.element, ListType) else kept


@method("exists")
def exists(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0, 1)
    source = _filtered(typer, node, source) if node.operand else convert.listed(typer, source)
    return call(typer, "Exists", (source,), node.span)


@method("empty")
def empty(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    return negated(typer, call(typer, "Exists", (convert.listed(typer, source),), node.span))


@method("all")
def all_(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 1)
    found = convert.to(typer, _projected(typer, node, source), ListType(BOOLEAN))
    return call(typer, "AllTrue", (found,), node.span)


@method("allFalse", "anyFalse")
def falses(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    source = convert.to(typer, convert.listed(typer, source), ListType(BOOLEAN))
    item = negated(typer, tree.Current(type=BOOLEAN, span=node.span))
    turned = tree.ForEach(type=ListType(BOOLEAN), source=source, element=item, span=node.span)
    return call(typer, "AllTrue" if node.name == "allFalse" else "AnyTrue", (turned,), node.span)


@method("repeat")
def repeat(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 1)
    source = convert.listed(typer, source)
    element = each(typer, node.operand[0], source)
    item = element.type.element if isinstance(element.type, ListType) else element.type
    return tree.Repeat(type=ListType(item), source=source, element=element, span=node.span)


@method("aggregate")
def aggregate(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    """`.aggregate(expression, initial)`; `$total` has the type of `initial`, or of the expression without one."""
    takes(node, 1, 2)
    source = convert.listed(typer, source)
    initial = typer.type(node.operand[1]) if len(node.operand) == 2 else None
    assert isinstance(source.type, ListType)
    total = source.type.element if initial is None else initial.type
    iteration = each(typer, node.operand[0], source, total)
    if iteration.type != total:
        iteration = each(typer, node.operand[0], source, iteration.type)
        if initial is not None:
            initial = convert.to(typer, initial, iteration.type)
    return tree.AggregateOver(type=iteration.type, source=source, iteration=iteration, initial=initial, span=node.span)


def _type_argument(typer: Typer, node: shared.FunctionRef) -> NamedType:
    takes(node, 1)
    match node.operand[0]:
        case shared.IdentifierRef(name=name) as argument:
            written = shared.NamedTypeSpecifier(name, span=argument.span)
        case shared.Property(source=shared.IdentifierRef(name=namespace), path=name) as argument:
            written = shared.NamedTypeSpecifier(name, namespace, span=argument.span)
        case argument:
            raise CheckError(f".{node.name}() needs the name of a type", span=argument.span)
    return specifiers.named(typer, written)


@method("ofType")
def of_type(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    type_ = _type_argument(typer, node)
    source = convert.listed(typer, source)
    assert isinstance(source.type, ListType)
    item = tree.Current(type=source.type.element, span=node.span)
    test = tree.Is(type=BOOLEAN, operand=item, is_type=type_, span=node.span)
    kept = tree.Filter(type=source.type, source=source, condition=test, span=node.span)
    as_type = cast(typer, item, type_, node, strict=False)
    return tree.ForEach(type=ListType(type_), source=kept, element=as_type, span=node.span)


@method("is")
def is_(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    return tree.Is(type=BOOLEAN, operand=source, is_type=_type_argument(typer, node), span=node.span)


@method("as")
def as_(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    return cast(typer, source, _type_argument(typer, node), node, strict=False)


@method("not")
def not_(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    return negated(typer, source, node.span)


@method("hasValue")
def has_value(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    return negated(typer, call(typer, "IsNull", (source,), node.span))


@method("iif")
def iif(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 2, 3)
    condition, *rest = typer.all(node.operand)
    then, otherwise = rest if len(rest) == 2 else (rest[0], tree.Null(span=node.span))
    type_ = convert.common_or_choice(typer, (then.type, otherwise.type))
    return tree.If(
        type=type_,
        condition=convert.to(typer, condition, BOOLEAN),
        then=convert.to(typer, then, type_),
        otherwise=convert.to(typer, otherwise, type_),
        span=node.span,
    )


@method("isDistinct")
def is_distinct(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    source = convert.listed(typer, source)
    distinct = call(typer, "Distinct", (source,), node.span)
    counts = tuple(call(typer, "Count", (one,), node.span) for one in (source, distinct))
    return call(typer, "Equal", counts, node.span)


@method("combine")
def combine(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    """All items of both lists, doubles included; of a list of strings, with a separator or none, one string."""
    takes(node, 0, 1)
    operands = typer.all(node.operand)
    if not operands or not isinstance(operands[0].type, ListType):
        return call(typer, "Combine", (source, *operands), node.span)
    lists = (convert.listed(typer, source), convert.listed(typer, operands[0]))
    type_ = convert.common_or_choice(typer, [one.type for one in lists])
    both = tree.List(
        type=ListType(type_), elements=tuple(convert.to(typer, one, type_) for one in lists), span=node.span
    )
    return call(typer, "Flatten", (both,), node.span)


SETS = {"union": union, "intersect": intersect, "exclude": except_, "subsetOf": included_in, "supersetOf": includes}


@method(*SETS)
def set_(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 1)
    operand = typer.type(node.operand[0])
    if not isinstance(source.type, IntervalType):
        source, operand = convert.listed(typer, source), convert.listed(typer, operand)
    return SETS[node.name](typer, source, operand, node.span)


@method("contains")
def contains(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    """Of a string whether it has the other within it, else membership."""
    takes(node, 1)
    operand = typer.type(node.operand[0])
    if isinstance(source.type, (ListType, IntervalType)):
        return call(typer, "Contains", (source, operand), node.span)
    place = call(typer, "PositionOf", (operand, source), node.span)
    return call(typer, "GreaterOrEqual", (place, tree.Literal(type=INTEGER, value=0, span=node.span)), node.span)


@method("in", "memberOf")
def in_method(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 1)
    return in_(typer, source, typer.type(node.operand[0]), node.span)


@method("indexOf", "lastIndexOf")
def index_of(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 1)
    operand = typer.type(node.operand[0])
    if isinstance(source.type, ListType):
        return call(typer, "IndexOf", (source, operand), node.span)
    return call(typer, "PositionOf" if node.name == "indexOf" else "LastPositionOf", (operand, source), node.span)


@method("sqrt")
def sqrt(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    half = tree.Literal(type=DECIMAL, value=Decimal("0.5"), span=node.span)
    return call(typer, "Power", (convert.to(typer, source, DECIMAL), half), node.span)


@method("trace")
def trace(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    """The value itself; CQL has Message for the rest."""
    takes(node, 1, 2)
    return source


OPERATORS = {
    "count": "Count",
    "distinct": "Distinct",
    "first": "First",
    "last": "Last",
    "single": "SingletonFrom",
    "flatten": "Flatten",
    "allTrue": "AllTrue",
    "anyTrue": "AnyTrue",
}
"""Methods of lists that are the operator of another name."""


def _of_list(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    takes(node, 0)
    return call(typer, OPERATORS[node.name], (convert.listed(typer, source),), node.span)


METHODS.update(dict.fromkeys(OPERATORS, _of_list))

RENAMED = {
    "tail": "Tail",
    "skip": "Skip",
    "take": "Take",
    "startsWith": "StartsWith",
    "endsWith": "EndsWith",
    "matches": "Matches",
    "replaceMatches": "ReplaceMatches",
    "substring": "Substring",
    "length": "Length",
    "upper": "Upper",
    "lower": "Lower",
    "split": "Split",
    "toChars": "ToChars",
    "abs": "Abs",
    "ceiling": "Ceiling",
    "exp": "Exp",
    "floor": "Floor",
    "ln": "Ln",
    "log": "Log",
    "power": "Power",
    "round": "Round",
    "truncate": "Truncate",
    "subsumes": "Subsumes",
    "subsumedBy": "SubsumedBy",
    "children": "Children",
    "descendents": "Descendents",
    "descendants": "Descendents",
    **{f"to{name}": f"To{name}" for name in CONVERTIBLE},
    **{f"convertsTo{name}": f"ConvertsTo{name}" for name in CONVERTIBLE},
    "toConcept": "ToConcept",
}
"""Methods that are the function of another name with the source as its first operand."""


def _renamed(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    name = RENAMED[node.name]
    written = shared.FunctionRef(name, node.operand, None, span=node.span)
    return system_functions.FUNCTIONS[name](typer, written, (source, *typer.all(node.operand)))


METHODS.update(dict.fromkeys(RENAMED, _renamed))


@method("resolve", "conformsTo", "htmlChecks", "extension", "replace", "trim", "join", "encode", "decode")
def unsupported(typer: Typer, node: shared.FunctionRef, source: tree.Expression) -> tree.Expression:
    """Functions of FHIRPath that CQL does not take over. Fluent functions of these names go first."""
    raise UnsupportedError(f".{node.name}() is a function of FHIRPath that CQL does not have", span=node.span)
