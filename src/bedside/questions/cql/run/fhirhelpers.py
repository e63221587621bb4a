"""The conversions of the FHIRHelpers library, from FHIR's types to those of CQL, computed without running the library.

The functions have the semantics of FHIRHelpers 4.4.000 (https://hl7.org/fhir/us/cql, "FHIRHelpers"): an open start for
a period without one, comparators only in `ToInterval`, UCUM's units of time as calendar durations. A function that is
not here is run from the library's own text.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from bedside.questions.cql import tree
from bedside.questions.cql.operators.intervals import make
from bedside.questions.cql.run.primitives import KEPT, read_datetime, system_value
from bedside.questions.cql.run.properties import of_value, plain_text, step_of
from bedside.questions.cql.run.state import State
from bedside.questions.cql.types import ListType
from bedside.questions.cql.values import Code, Concept, Interval, Ratio, ValueSet
from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError, UnsupportedError
from bedside.questions.model import FHIR, UCUM, Type
from bedside.questions.values import CALENDAR_WORDS, Quantity

if TYPE_CHECKING:
    from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope

NAME = "FHIRHelpers"
CALENDAR = "http://hl7.org/fhirpath/CodeSystem/calendar-units"

Native = Callable[..., Any]
NATIVES: dict[tuple[str, int], Native] = {}
"""Name and number of operands -> function of the state and the operands, none of which is None."""


Body = TypeVar("Body", bound=Native)


def entered(name: str, operands: int = 1) -> Callable[[Body], Body]:
    def enter(body: Body) -> Body:
        NATIVES[name, operands] = body
        return body

    return enter


def native(compiler: Compiler, node: tree.FunctionRef, scope: Scope) -> Run | None:
    """The closure of a call of FHIRHelpers, None when the call is of something else."""
    if node.library is None or not compiler.unit.is_helpers(node.library):
        return None
    body = NATIVES.get((node.name, len(node.operands)))
    if body is None:
        if node.name in _REFUSED:
            raise UnsupportedError(f"{NAME}.{node.name} cannot be answered here")
        return None
    first = node.operands[0]
    if body is to_system and isinstance(first, tree.Property) and not isinstance(first.source.type, ListType):
        return plain_text(compiler, first, scope, _primitive)
    operands = [compiler.compile(each, scope) for each in node.operands]
    if len(operands) == 1:
        (operand,) = operands

        def run(frame: Frame) -> Any:
            value = operand(frame)
            if value is None:
                return None
            try:
                return body(frame[0], value)
            except (AttributeError, TypeError):
                raise _misshapen(value) from None

        return run

    def run_several(frame: Frame) -> Any:
        values = [each(frame) for each in operands]
        return None if None in values else body(frame[0], *values)

    return run_several


def _misshapen(value: Any) -> EvaluationError:
    """The error for a piece of a resource that has not the form of its type: a list or text in place of an object."""
    name = value.type.name if value.__class__ is DataNode else type(value).__name__
    return EvaluationError(f"a {name} in the data does not have the form of a {name}")


_REFUSED = frozenset({"elementDefinition", "slice", "checkModifiers", "conformsTo", "htmlChecks", "ofType", "is", "as"})


def _primitive(value: Any, offset: int) -> Any:
    return of_value(value, "value", offset)


def to_system(state: State, value: Any) -> Any:
    """The value of a primitive. A System value is its own."""
    if value.__class__ is not DataNode:
        return value
    if value.type.is_primitive:
        return system_value(value, state.offset)
    return of_value(value, "value", state.offset)


for _name in ("ToString", "ToBoolean", "ToDate", "ToDateTime", "ToTime", "ToInteger", "ToDecimal", "getValue"):
    NATIVES[_name, 1] = to_system


@entered("hasValue")
def has_value(state: State, value: Any) -> bool:
    """Whether it is a primitive with a value, and not only with extensions."""
    return value.__class__ is not DataNode or (value.type.is_primitive and value.value is not None)


@entered("ToCalendarUnit")
def to_calendar_unit(state: State, unit: str) -> str:
    """The calendar duration of a UCUM unit of time; other units as they are."""
    return _CALENDAR_OF_UCUM.get(unit, unit)


_CALENDAR_OF_UCUM = {
    "ms": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
}


@entered("ToQuantity")
def to_quantity(state: State, value: Any) -> Quantity | None:
    """A quantity; EvaluationError for one with a comparator, or with a unit that is neither UCUM nor calendar."""
    if value.__class__ is not DataNode:
        return value  # type: ignore[no-any-return]
    held = value.value
    if held.get("value") is None:
        return None
    if held.get("comparator") is not None:
        raise EvaluationError("a quantity with a comparator is no single value", expected="an interval (ToInterval)")
    return ignoring_comparator(state, value)


@entered("ToQuantityIgnoringComparator")
def ignoring_comparator(state: State, value: Any) -> Quantity | None:
    """A quantity, its comparator left aside."""
    held = value.value
    number = held.get("value")
    if number is None:
        return None
    if held.get("system") not in (None, UCUM, CALENDAR):
        raise EvaluationError("the unit of a quantity is neither of UCUM nor a calendar duration")
    if number.__class__ is not Decimal and number.__class__ is not int:
        raise EvaluationError("a Quantity in the data does not have the form of a Quantity")
    return make_quantity(Decimal(number), held.get("code") or held.get("unit") or "1")


def make_quantity(number: Decimal, unit: str) -> Quantity:
    """A quantity in this unit, with UCUM's units of time read as calendar durations."""
    word = CALENDAR_WORDS.get(_CALENDAR_OF_UCUM.get(unit, unit))
    return Quantity(number, unit) if word is None else Quantity(number, word, True)


@entered("ToRatio")
def to_ratio(state: State, value: Any) -> Ratio | None:
    if value.__class__ is not DataNode:
        return value  # type: ignore[no-any-return]
    return Ratio(_part(state, value, "numerator"), _part(state, value, "denominator"))  # type: ignore[arg-type]


def _part(state: State, value: DataNode, name: str) -> Quantity | None:
    held = value.value.get(name)
    return None if held is None else to_quantity(state, DataNode(held, FHIR["Quantity"]))


@entered("ToInterval")
def to_interval(state: State, value: Any) -> Interval | None:
    """A Period, a Range, or a Quantity with its comparator, as an interval."""
    if value.__class__ is not DataNode:
        return value  # type: ignore[no-any-return]
    name = value.type.name
    if name == "Period":
        held = value.value
        return _period(held.get("start"), held.get("end"), "start" in held or "_start" in held, state.offset)
    if name == "Range":
        return make(_part(state, value, "low"), _part(state, value, "high"), True, True, "Quantity")
    comparator = value.value.get("comparator")
    number = ignoring_comparator(state, value)
    if comparator in ("<", "<="):
        return Interval(None, number, True, comparator == "<=", "Quantity")
    if comparator in (">", ">="):
        return Interval(number, None, comparator == ">=", True, "Quantity")
    if comparator is not None:
        number = to_quantity(state, value)
    return Interval(number, number, True, True, "Quantity")


@lru_cache(KEPT)
def _period(start: str | None, end: str | None, start_there: bool, offset: int) -> Interval:
    try:
        low = None if start is None else read_datetime(start, offset)
        high = None if end is None else read_datetime(end, offset)
    except (ValueError, TypeError):
        raise EvaluationError("a dateTime in the data does not have the form of a dateTime") from None
    return make(low, high, start_there, True, "DateTime")


@entered("ToCode")
def to_code(state: State, value: Any) -> Code:
    return value if value.__class__ is not DataNode else _code(value.value)


def _code(held: Any) -> Code:
    return Code(held.get("code"), held.get("system"), held.get("version"), held.get("display"))


@entered("ToConcept")
def to_concept(state: State, value: Any) -> Concept:
    if value.__class__ is not DataNode:
        return Concept((value,), value.display) if value.__class__ is Code else value
    held = value.value
    if value.type.name == "Coding":
        return Concept((_code(held),))
    return Concept(tuple([_code(each) for each in held.get("coding", ())]), held.get("text"))


@entered("ToValueSet")
def to_value_set(state: State, uri: Any) -> ValueSet | None:
    text = to_system(state, uri)
    return None if text is None else ValueSet(text)


_TO_VALUE: dict[str, Native] = {
    "CodeableConcept": to_concept,
    "Coding": to_code,
    "Range": to_interval,
    "Period": to_interval,
    "Ratio": to_ratio,
}


@entered("ToValue")
def to_value(state: State, value: Any) -> Any:
    """The CQL value of any FHIR type that has one; other types as they are."""
    if value.__class__ is not DataNode:
        return value
    type_: Type = value.type
    if type_.is_primitive:
        return system_value(value, state.offset)
    convert = _TO_VALUE.get(type_.name)
    if convert is not None:
        return convert(state, value)
    return to_quantity(state, value) if FHIR["Quantity"] in type_.ancestors else value


# The functions that the FHIR binding of FHIRPath adds, which FHIRHelpers declares as external.


@entered("resolve")
def resolve(state: State, reference: Any) -> DataNode | None:
    """The resource behind a Reference or the text of one; None when there is none."""
    text = reference
    if reference.__class__ is DataNode:
        text = reference.value.get("reference") if not reference.type.is_primitive else reference.value
    if text is None:
        return None
    if state.world.data is None:
        raise UnsupportedError("there is no data here to resolve references in")
    resource = state.world.data.resolve(text)
    return None if resource is None else DataNode(resource, FHIR.of_resource(resource))


@entered("reference")
def reference(state: State, value: Any) -> DataNode | None:
    """A Reference to a resource, or with this text."""
    text = value
    if value.__class__ is DataNode:
        held = value.value
        if value.type.is_primitive:
            text = held
        elif held.get("id") is None:
            return None
        else:
            text = f"{held['resourceType']}/{held['id']}"
    return DataNode({"reference": text}, FHIR["Reference"])


def _extensions(state: State, value: Any, url: str, path: str) -> list[DataNode]:
    if value.__class__ is not DataNode:
        return []
    return [each for each in step_of(value.type, path)(value) or () if each.value.get("url") == url]


@entered("extension", 2)
def extension(state: State, value: Any, url: str) -> list[DataNode]:
    """The extensions of an element or resource with this URL."""
    return _extensions(state, value, url, "extension")


@entered("modifierExtension", 2)
def modifier_extension(state: State, value: Any, url: str) -> list[DataNode]:
    """The modifier extensions with this URL."""
    return _extensions(state, value, url, "modifierExtension")


@entered("memberOf", 2)
def member_of(state: State, value: Any, value_set: str) -> bool:
    """Whether a code, Coding or any Coding of a CodeableConcept is in a value set."""
    if state.world.terminology is None:
        raise UnsupportedError("there is no terminology here to ask for value sets")
    members = state.world.terminology.value_set(value_set)
    if members is None:
        raise EvaluationError(f"there is no value set {value_set}")
    if value.__class__ is not DataNode or value.type.is_primitive:
        return members.has_code(to_system(state, value))
    codings = value.value.get("coding", ()) if value.type is FHIR["CodeableConcept"] else (value.value,)
    return any((each.get("system"), each.get("code")) in members for each in codings)


def _subsumes(state: State, general: Any, special: Any) -> bool:
    if state.world.terminology is None:
        raise UnsupportedError("there is no terminology here to ask for hierarchies")
    for one in general.value.get("coding", (general.value,)):
        for other in special.value.get("coding", (special.value,)):
            if one.get("system") is not None and one.get("system") == other.get("system"):
                if one.get("code") == other.get("code"):
                    return True
                if state.world.terminology.subsumes(one["system"], one.get("code"), other.get("code")):
                    return True
    return False


@entered("subsumes", 2)
def subsumes(state: State, value: Any, other: Any) -> bool:
    """Whether a coding is the other or an ancestor of it."""
    return _subsumes(state, value, other)


@entered("subsumedBy", 2)
def subsumed_by(state: State, value: Any, other: Any) -> bool:
    """Whether a coding is the other or a descendant of it."""
    return _subsumes(state, other, value)
