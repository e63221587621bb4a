"""children, descendants, type, trace, now, today, timeOfDay (FHIRPath N1, 5.8, 5.9 and 6.3)."""

from __future__ import annotations

from decimal import Decimal

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, function, many, one
from bedside.questions.compiler import Compiler
from bedside.questions.data import Collection, DataNode, Item, bounded, children_of, plain, system_value, type_of
from bedside.questions.errors import EvaluationError
from bedside.questions.model import SYSTEM
from bedside.questions.values import Date, DateTime, Time


@function("children", yields_many=True)
def _children(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)
    return Code(Kind.MANY, lambda this, frame: [child for item in given(this, frame) for child in children_of(item)])


@function("descendants", yields_many=True)
def _descendants(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Children, their children and so on, level by level; equal ones all stay."""
    given = many(source)

    def run(this: Item | None, frame: Frame) -> Collection:
        found: Collection = []
        level = given(this, frame)
        while level:
            level = [child for item in level for child in children_of(item)]
            found += level
            bounded(found, "descendants()")
        return found

    return Code(Kind.MANY, run)


@function("type", result="TypeInfo", yields_many=True)
def _type(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)

    def describe(item: Item) -> DataNode:
        type_ = type_of(item)
        about = {"namespace": type_.namespace, "name": type_.name}
        if type_.base is not None:
            about["baseType"] = repr(type_.base)
        return DataNode(about, SYSTEM["SimpleTypeInfo" if type_.namespace == "System" else "ClassInfo"])

    return Code(Kind.MANY, lambda this, frame: [describe(item) for item in given(this, frame)])


@function("trace", 1, 2, result="same", each=(1,), yields_many=True)
def _trace(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Hands the items, or what the projection makes of them, to the environment and changes nothing."""
    given, name = many(source), one(compiler.compile(call.operand[0]))
    projection = many(compiler.compile(call.operand[1])) if len(call.operand) > 1 else None

    def run(this: Item | None, frame: Frame) -> Collection:
        items = given(this, frame)
        sink = frame.environment.trace
        if sink is not None:
            shown = [each for item in items for each in projection(item, frame)] if projection else items
            sink(str(system_value(name(this, frame))), [plain(item) for item in shown])
        return items

    return Code(Kind.MANY, run)


@function("now", result="DateTime")
def _now(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    def run(this: Item | None, frame: Frame) -> DateTime:
        now = frame.now()
        offset = now.utcoffset()
        if offset is None:
            raise EvaluationError("the environment's clock has no zone")
        second = Decimal(now.second) + Decimal(now.microsecond // 1000).scaleb(-3)
        minutes = int(offset.total_seconds()) // 60
        return DateTime(now.year, now.month, now.day, now.hour, now.minute, second, minutes)

    return Code(Kind.ONE, run)


@function("today", result="Date")
def _today(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    def run(this: Item | None, frame: Frame) -> Date:
        now = frame.now()
        return Date(now.year, now.month, now.day)

    return Code(Kind.ONE, run)


@function("timeOfDay", result="Time")
def _time_of_day(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    def run(this: Item | None, frame: Frame) -> Time:
        now = frame.now()
        return Time(now.hour, now.minute, Decimal(now.second) + Decimal(now.microsecond // 1000).scaleb(-3))

    return Code(Kind.ONE, run)
