"""Writes a conversion into the tree, with the nodes that ELM has for it.

Integer -> Decimal               ToDecimal(x)
FHIR.Coding -> Code              FHIRHelpers.ToCode(x)
List<A> -> List<B>               x X return all convert(X)
Interval<A> -> Interval<B>       Interval(convert(x.low), convert(x.high)) with x's closed flags
Choice<A, B> -> C                convert(x as A), or a case over all alternatives that become C
A -> Choice<...>, null -> A      x as ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from bedside.questions.cql import tree
from bedside.questions.cql.conversions import Conversion, conversion
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.resolution import Resolution, resolve
from bedside.questions.cql.types import BOOLEAN, DataType, IntervalType, ListType


def apply(how: Conversion, expression: tree.Expression, *, library: Callable[[str], str] = str) -> tree.Expression:
    """The expression of type `how.target` that a conversion makes of one of type `how.source` or a subtype.

    `library` gives the local alias of a library that a model names (`FHIRHelpers`).
    """
    return _Writer(library).write(how, expression)


class _Writer:
    def __init__(self, library: Callable[[str], str]) -> None:
        self.library = library

    def write(self, how: Conversion, x: tree.Expression) -> tree.Expression:
        match how.kind:
            case "exact" | "subtype":
                return x
            case "cast":
                return cast(x, how.target)
            case "operator":
                return operator(how.name, x, how.target, how.operand)
            case "function":
                library, _, name = how.name.rpartition(".")
                return tree.FunctionRef(
                    type=how.target,
                    span=x.span,
                    name=name,
                    operands=(x,),
                    signature=(how.operand,),
                    library=self.library(library),
                )
            case "list":
                return self._list(how, x)
            case "interval":
                return self._interval(how, x)
            case "from choice":
                return self._from_choice(how, x)
            case "to choice":
                return cast(self.write(how.inner[0], x), how.target)
            case "list promotion":
                item = self.write(how.inner[0], x)
                return operator("ToList", item, how.target, item.type)
            case "list demotion":
                assert isinstance(how.source, ListType)
                return self.write(how.inner[0], operator("SingletonFrom", x, how.source.element, x.type))
            case "interval promotion":
                return self._promoted(how, self.write(how.inner[0], x))
            case "interval demotion":
                assert isinstance(how.source, IntervalType)
                return self.write(how.inner[0], operator("PointFrom", x, how.source.point, x.type))

    def _list(self, how: Conversion, x: tree.Expression) -> tree.Expression:
        assert isinstance(how.source, ListType)
        item = tree.AliasRef(type=how.source.element, span=x.span, name="X")
        return tree.Query(
            type=how.target,
            span=x.span,
            sources=(tree.AliasedSource(alias="X", expression=x, is_list=True, span=x.span),),
            returns=tree.Return(expression=self.write(how.inner[0], item), distinct=False),
        )

    def _interval(self, how: Conversion, x: tree.Expression) -> tree.Expression:
        assert isinstance(how.source, IntervalType)
        if isinstance(x, tree.Interval):  # Of a literal the boundaries themselves are converted.
            if isinstance(x.low, tree.Null) and isinstance(x.high, tree.Null):
                return replace(x, type=how.target)  # `Interval[null, null]` has no points to convert.
            low, high = (self._point(each, how.inner[0].target) for each in (x.low, x.high))
            return tree.Interval(
                type=how.target,
                span=x.span,
                low=low,
                high=high,
                low_closed=x.low_closed,
                high_closed=x.high_closed,
                low_closed_expression=x.low_closed_expression,
                high_closed_expression=x.high_closed_expression,
            )

        def part(path: str, type_: DataType) -> tree.Expression:
            return tree.Property(type=type_, span=x.span, source=x, path=path)

        return tree.Interval(
            type=how.target,
            span=x.span,
            low=self.write(how.inner[0], part("low", how.source.point)),
            high=self.write(how.inner[0], part("high", how.source.point)),
            low_closed_expression=part("lowClosed", BOOLEAN),
            high_closed_expression=part("highClosed", BOOLEAN),
        )

    def _promoted(self, how: Conversion, point: tree.Expression) -> tree.Expression:
        """The interval of one point; of null there is none."""
        return tree.If(
            type=how.target,
            span=point.span,
            condition=operator("IsNull", point, BOOLEAN, point.type),
            then=tree.Null(type=how.target, span=point.span),
            otherwise=tree.Interval(type=how.target, span=point.span, low=point, high=point),
        )

    def _point(self, x: tree.Expression, target: DataType) -> tree.Expression:
        """A boundary may have a narrower type than the interval says, so its conversion is looked up anew."""
        found = conversion(x.type, target)
        return self.write(found, x) if found else x

    def _from_choice(self, how: Conversion, x: tree.Expression) -> tree.Expression:
        if len(how.inner) == 1:
            return self.write(how.inner[0], cast(x, how.inner[0].source))
        return tree.Case(
            type=how.target,
            span=x.span,
            comparand=None,
            items=tuple(self._alternatives(how, x)),
            otherwise=tree.Null(type=how.target, span=x.span),
        )

    def _alternatives(self, how: Conversion, x: tree.Expression) -> Iterator[tuple[tree.Expression, tree.Expression]]:
        for each in how.inner:
            yield (
                tree.Is(type=BOOLEAN, span=x.span, operand=x, is_type=each.source),
                self.write(each, cast(x, each.source)),
            )


def cast(x: tree.Expression, type_: DataType) -> tree.As:
    """`x as type`: null when the value is of another type."""
    return tree.As(type=type_, span=x.span, operand=x, as_type=type_)


def operator(name: str, x: tree.Expression, result: DataType, declared: DataType) -> tree.Operator:
    """An operator with one operand, with the overload that computes it: the one for `declared`, else a generic one."""
    overloads = OVERLOADS.get(name, ())
    found = next((each for each in overloads if each.operands == (declared,)), None)
    if found is None:
        resolved = resolve(overloads, (declared,))
        found = resolved.overload if isinstance(resolved, Resolution) else None
    return tree.Operator(type=result, span=x.span, name=name, operands=(x,), overload=found)
