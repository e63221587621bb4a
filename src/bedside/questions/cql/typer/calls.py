"""Calls of operators and functions: the overload is chosen by the operands' types, and these are converted to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

from bedside.questions.cql import tree
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.resolution import Ambiguous, Resolution, operator, resolve
from bedside.questions.cql.typer import convert
from bedside.questions.cql.typer.core import Typer, listed, shown
from bedside.questions.cql.types import ANY, BOOLEAN, DataType, IntervalType, ListType
from bedside.questions.errors import NOWHERE, CheckError, QuestionError, Span, UnsupportedError

MOST_SHOWN = 6
"""Signatures that an error tells."""


@overload
def call(
    typer: Typer,
    name: str,
    operands: Sequence[tree.Expression],
    span: Span,
    precision: str | None = ...,
    *,
    attempt: Literal[False] = ...,
) -> tree.Expression: ...
@overload
def call(
    typer: Typer,
    name: str,
    operands: Sequence[tree.Expression],
    span: Span,
    precision: str | None = ...,
    *,
    attempt: bool,
) -> tree.Expression | None: ...
def call(
    typer: Typer,
    name: str,
    operands: Sequence[tree.Expression],
    span: Span,
    precision: str | None = None,
    *,
    attempt: bool = False,
) -> tree.Expression | None:
    """An operator of ELM applied to operands. CheckError when no overload fits, or with `attempt` None."""
    types = tuple(each.type for each in operands)
    found = operator(name, types)
    if isinstance(found, Ambiguous) and all(map(_only_nulls, types)):
        found = found.candidates[0]
    if not isinstance(found, Resolution):
        if attempt:
            return None
        raise unfit(name, types, [each.operands for each in OVERLOADS.get(name, ())], found, span)
    if precision is not None and not found.overload.precision:
        raise CheckError(f"{name} of {_shown(types)} has no precision", span=span)
    return tree.Operator(
        type=found.result,
        name=name,
        operands=tuple(convert.by(how, each) for how, each in zip(found.conversions, operands, strict=True)),
        overload=found.overload,
        precision=precision,
        span=span,
    )


def _only_nulls(type_: DataType) -> bool:
    """A type that says nothing of its values: whatever is chosen makes the same of them."""
    match type_:
        case IntervalType(point=inner) | ListType(element=inner):
            return _only_nulls(inner)
    return type_ == ANY


def unconverted(
    name: str, operands: Sequence[tree.Expression], types: Sequence[DataType], result: DataType, span: Span
) -> tree.Expression:
    """An operator whose operands are taken as of these types, of which they are."""
    found = operator(name, tuple(types))
    if not isinstance(found, Resolution):
        raise unfit(name, types, [each.operands for each in OVERLOADS.get(name, ())], found, span)
    return tree.Operator(type=result, name=name, operands=tuple(operands), overload=found.overload, span=span)


def negated(typer: Typer, operand: tree.Expression, span: Span = NOWHERE) -> tree.Expression:
    return call(typer, "Not", (convert.to(typer, operand, BOOLEAN),), operand.span if span == NOWHERE else span)


@dataclass(frozen=True, slots=True)
class _Candidate:
    operands: tuple[DataType, ...]
    place: int
    result: DataType = ANY


def choose(
    typer: Typer,
    name: str,
    signatures: Sequence[tuple[DataType, ...]],
    operands: Sequence[tree.Expression],
    span: Span,
    *,
    attempt: bool = False,
) -> tuple[int, tuple[tree.Expression, ...]] | None:
    """Which of a function's overloads is meant, and the operands converted for it; with `attempt` None for none."""
    types = tuple(each.type for each in operands)
    found = resolve([_Candidate(each, place) for place, each in enumerate(signatures)], types)
    if not isinstance(found, Resolution):
        if attempt and found is None:
            return None
        raise unfit(name, types, signatures, found, span)
    converted = tuple(convert.by(how, each) for how, each in zip(found.conversions, operands, strict=True))
    return found.overload.place, converted


def unfit(
    name: str,
    types: Sequence[DataType],
    signatures: Sequence[tuple[DataType, ...]],
    found: object,
    span: Span,
) -> QuestionError:
    """Why there is no call of `name` with operands of these types."""
    if not signatures:
        return UnsupportedError(f"{name} is not supported", span=span)
    if isinstance(found, Ambiguous):
        choices = [f"{name}{_shown(each.operands)}" for each in found.candidates]
        return CheckError(
            f"{name}{_shown(types)} is ambiguous",
            span=span,
            expected=f"a cast that decides between {listed(choices, 'and')}",
        )
    choices = [_shown(each) for each in dict.fromkeys(signatures)]
    rest = len(choices) - MOST_SHOWN
    choices = choices[:MOST_SHOWN] + ([f"{rest} more"] if rest > 0 else [])
    return CheckError(f"{name} cannot take {_shown(types)}", span=span, expected=listed(choices))


def _shown(types: Sequence[DataType]) -> str:
    return f"({', '.join(map(shown, types))})"
