"""Functions of the language, called by name (CQL 1.5, 09-b). Most are operators of the same name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bedside.questions import tree as shared
from bedside.questions.cql import tree
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.typer import convert
from bedside.questions.cql.typer.calls import call, negated
from bedside.questions.cql.typer.core import Typer
from bedside.questions.cql.typer.membership import except_, in_, included_in, includes, intersect, union
from bedside.questions.cql.typer.operators import expand_or_collapse
from bedside.questions.cql.typer.properties import element
from bedside.questions.cql.types import INTEGER, ListType
from bedside.questions.errors import CheckError, Span

Operands = tuple[tree.Expression, ...]
Builtin = Callable[[Typer, shared.FunctionRef, Operands], tree.Expression]
FUNCTIONS: dict[str, Builtin] = {}

SAME_NAME = (
    *("AllTrue", "AnyTrue", "Avg", "Count", "GeometricMean", "Max", "Median", "Min", "Mode", "PopulationStdDev"),
    *("PopulationVariance", "Product", "StdDev", "Sum", "Variance"),
    *("Abs", "Ceiling", "Exp", "Floor", "HighBoundary", "Ln", "Log", "LowBoundary", "Power", "Precision"),
    *("Predecessor", "Round", "Successor", "Truncate", "Add", "Subtract", "Multiply", "Divide", "TruncatedDivide"),
    *("Modulo", "Negate", "And", "Or", "Xor", "Implies", "Not", "IsNull", "IsTrue", "IsFalse", "Equal"),
    *("Equivalent", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"),
    *("ConvertQuantity", "CanConvertQuantity", "ToBoolean", "ToConcept", "ToDate", "ToDateTime", "ToDecimal"),
    *("ToInteger", "ToLong", "ToList", "ToChars", "ToQuantity", "ToRatio", "ToString", "ToTime"),
    *("ConvertsToBoolean", "ConvertsToDate", "ConvertsToDateTime", "ConvertsToDecimal", "ConvertsToInteger"),
    *("ConvertsToLong", "ConvertsToQuantity", "ConvertsToRatio", "ConvertsToString", "ConvertsToTime"),
    *("DateTime", "Date", "Time", "Now", "Today", "TimeOfDay", "DateFrom", "TimeFrom", "TimezoneOffsetFrom"),
    *("First", "Last", "IndexOf", "Indexer", "Distinct", "Flatten", "SingletonFrom", "Slice", "Length"),
    *("Combine", "Concatenate", "EndsWith", "LastPositionOf", "Lower", "Matches", "PositionOf", "ReplaceMatches"),
    *("Split", "SplitOnMatches", "StartsWith", "Substring", "Upper"),
    *("Start", "End", "Width", "Size", "PointFrom", "Before", "After", "SameAs", "SameOrBefore", "SameOrAfter"),
    *("Meets", "MeetsBefore", "MeetsAfter", "Overlaps", "OverlapsBefore", "OverlapsAfter", "Starts", "Ends"),
    *("ProperContains", "ProperIn", "ProperIncludes", "ProperIncludedIn"),
    *("Subsumes", "SubsumedBy", "ExpandValueSet", "AnyInValueSet", "InValueSet", "AnyInCodeSystem", "InCodeSystem"),
    *("Message", "Children", "Descendents"),
)


def same_name(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    return call(typer, node.name, operands, node.span)


FUNCTIONS.update(dict.fromkeys(SAME_NAME, same_name))


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    def enter(function: Builtin) -> Builtin:
        FUNCTIONS.update(dict.fromkeys(names, function))
        return function

    return enter


def expect(node: shared.FunctionRef, operands: Sequence[object], *counts: int) -> None:
    """CheckError unless there are as many operands as the function takes."""
    if len(operands) not in counts:
        wanted = " or ".join(map(str, counts)) + (" operand" if counts == (1,) else " operands")
        raise CheckError(f"{node.name} was given {len(operands)} operands", span=node.span, expected=wanted)


@builtin("Coalesce")
def coalesce(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    """The first that is not null, of two or more values or of one list (CQL 1.5, 09-b, "Coalesce")."""
    if not operands:
        expect(node, operands, 1, 2)
    return coalesced(typer, operands, node.span)


def coalesced(typer: Typer, operands: Operands, span: Span) -> tree.Expression:
    found = OVERLOADS.get("Coalesce") or []
    if len(operands) == 1 and isinstance(operands[0].type, ListType):
        return call(typer, "Coalesce", operands, span)
    type_ = convert.narrow(typer, [each.type for each in operands])
    overload = next((each for each in found if not isinstance(each.operands[0], ListType)), None)
    return tree.Operator(
        type=type_,
        name="Coalesce",
        operands=tuple(convert.to(typer, each, type_) for each in operands),
        overload=overload,
        span=span,
    )


@builtin("Exists")
def exists(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    expect(node, operands, 1)
    return call(typer, "Exists", (convert.listed(typer, operands[0]),), node.span)


@builtin("Tail", "Skip", "Take")
def slice_(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    """Slice with its bounds: Tail from 1, Skip from n, Take up to n (CQL 1.5, 09-b, "Skip", "Tail", "Take").

    A negative bound counts from the end, but skipping or taking a negative number leaves nothing: where the number may
    be negative, the bounds are chosen when it is known.
    """
    expect(node, operands, 1 if node.name == "Tail" else 2)
    none = tree.Null(type=INTEGER, span=node.span)
    zero = tree.Literal(type=INTEGER, value=0, span=node.span)
    bounds: Operands
    match node.name:
        case "Tail":
            bounds = (tree.Literal(type=INTEGER, value=1, span=node.span), none)
        case "Skip" if _counts(operands[1]):
            bounds = (operands[1], none)
        case "Skip":
            negative = call(typer, "Less", (operands[1], zero), node.span)
            bounds = (operands[1], _chosen(negative, zero, none, node.span))
        case _ if _counts(operands[1]):
            bounds = (zero, coalesced(typer, (operands[1], zero), node.span))
        case _:
            positive = call(typer, "Greater", (operands[1], zero), node.span)
            bounds = (zero, _chosen(positive, operands[1], zero, node.span))
    return call(typer, "Slice", (operands[0], *bounds), node.span)


def _counts(number: tree.Expression) -> bool:
    """Whether a number is known not to be negative."""
    return isinstance(number, tree.Null) or (
        isinstance(number, tree.Literal) and isinstance(number.value, int) and number.value >= 0
    )


def _chosen(condition: tree.Expression, then: tree.Expression, otherwise: tree.Expression, span: Span) -> tree.If:
    return tree.If(type=INTEGER, condition=condition, then=then, otherwise=otherwise, span=span)


@builtin("In", "Contains", "Includes", "IncludedIn", "Union", "Intersect", "Except")
def by_operands(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    """What is written between its operands elsewhere."""
    expect(node, operands, 2)
    left, right = operands
    if node.name == "Contains":
        return call(typer, "Contains", operands, node.span)
    check = {"In": in_, "Includes": includes, "IncludedIn": included_in, "Union": union, "Intersect": intersect}
    return check.get(node.name, except_)(typer, left, right, node.span)


@builtin("NotEqual", "NotEquivalent")
def unequal(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    return negated(typer, call(typer, node.name.removeprefix("Not"), operands, node.span))


@builtin("Expand", "Collapse")
def expand(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
    expect(node, operands, 1, 2)
    per = operands[1] if len(operands) == 2 else None
    return expand_or_collapse(typer, node.name, operands[0], per, node.span)


AGES = ("Year", "Month", "Week", "Day", "Hour", "Minute", "Second")


def _age(precision: str) -> None:
    """AgeInYears and its kin: CalculateAge of the patient's birth date (CQL 1.5, 09-b, "Clinical Operators")."""
    plural = precision + "s"

    @builtin(f"AgeIn{plural}", f"AgeIn{plural}At")
    def age(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
        at = node.name.endswith("At")
        expect(node, operands, 1 if at else 0)
        birth = birth_date(typer, node)
        return call(typer, "CalculateAgeAt" if at else "CalculateAge", (birth, *operands), node.span, precision)

    @builtin(f"CalculateAgeIn{plural}", f"CalculateAgeIn{plural}At")
    def calculate(typer: Typer, node: shared.FunctionRef, operands: Operands) -> tree.Expression:
        at = node.name.endswith("At")
        expect(node, operands, 2 if at else 1)
        return call(typer, "CalculateAgeAt" if at else "CalculateAge", operands, node.span, precision)


for _precision in AGES:
    _age(_precision)


def birth_date(typer: Typer, node: shared.FunctionRef) -> tree.Expression:
    """The birth date of the patient in context, by the path that the model says."""
    for model in typer.models.values():
        if model.patient_class is not None and model.birth_date_element is not None:
            break
    else:
        raise CheckError(f"{node.name} needs a model with patients", span=node.span, expected="using FHIR")
    if typer.context != "Patient":
        raise CheckError(
            f"{node.name} is asked of a patient, but the context is {typer.context}",
            span=node.span,
            expected="context Patient",
        )
    value: tree.Expression = tree.ExpressionRef(type=model.patient_class, name="Patient", span=node.span)
    for name in model.birth_date_element.split("."):
        found = element(typer, value, name, node.span)
        if found is None:
            raise CheckError(f"the model {model.name} has no birth date", span=node.span)
        value = found
    return value
