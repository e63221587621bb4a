"""What a node of the tree is compiled to, and the table of functions.

A node becomes a closure `run(this, frame)`: `this` is the item that `$this` means (None when there is none), the
frame holds what stays the same during one evaluation. Closures come in three kinds, so that most of an expression
works on single values and never builds a list of one:

    MANY   returns a collection (a list)
    ONE    returns one item, or None for the empty collection
    TRUTH  returns True, False, or None for the empty collection

`many`, `one` and `truth` turn any kind into the one that is needed.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from bedside.questions.data import Collection, Item, system_value, type_of
from bedside.questions.environment import Environment
from bedside.questions.errors import EvaluationError
from bedside.questions.model import TYPE_OF_VALUE
from bedside.questions.tree import FunctionRef
from bedside.questions.units import Units

if TYPE_CHECKING:
    from bedside.questions.compiler import Compiler


class Frame(msgspec.Struct, eq=False, gc=False):
    """The state of one evaluation. `units` are those of the environment."""

    context: Item | None
    variables: Mapping[str, Any]
    environment: Environment
    units: Units
    index: int | None = None
    total: Collection | None = None
    instant: dt.datetime | None = None

    def now(self) -> dt.datetime:
        """The instant of this evaluation, the same however often it is asked for."""
        if self.instant is None:
            self.instant = self.environment.now()
        return self.instant


Run = Callable[[Item | None, Frame], Any]


def timed(run: Run) -> Run:
    """The source of a function that asks something of every item: it gives up when the time of the environment is over.

    What takes long without end nests such functions in each other, and so comes by here again and again.
    """

    def guarded(this: Item | None, frame: Frame) -> Any:
        until = frame.environment.until
        if until is not None and time.monotonic() > until:
            raise EvaluationError("the expression takes too long and is given up")
        return run(this, frame)

    return guarded


class Kind(Enum):
    MANY = auto()
    ONE = auto()
    TRUTH = auto()


class Code(NamedTuple):
    """A compiled node."""

    kind: Kind
    run: Run


def many(code: Code) -> Callable[[Item | None, Frame], Collection]:
    """The code as one that returns a collection."""
    run = code.run
    if code.kind is Kind.MANY:
        return run

    def as_many(this: Item | None, frame: Frame) -> Collection:
        item = run(this, frame)
        return [] if item is None else [item]

    return as_many


def one(code: Code) -> Run:
    """The code as one that returns an item or None; it raises EvaluationError when there are several (N1, 4.5)."""
    run = code.run
    if code.kind is not Kind.MANY:
        return run

    def as_one(this: Item | None, frame: Frame) -> Item | None:
        return single(run(this, frame))

    return as_one


def single(items: Collection) -> Item | None:
    """The only item, None for none; EvaluationError for several."""
    if not items:
        return None
    if len(items) > 1:
        raise EvaluationError(f"there are {len(items)} items", expected="a single item")
    return items[0]


def truth(code: Code) -> Callable[[Item | None, Frame], bool | None]:
    """The code as a truth value: a single item that is no Boolean counts as true (N1, 4.5)."""
    run = code.run
    if code.kind is Kind.TRUTH:
        return run
    if code.kind is Kind.ONE:
        return lambda this, frame: as_truth(run(this, frame))
    return lambda this, frame: as_truth(single(run(this, frame)))


def as_truth(item: Item | None) -> bool | None:
    """The truth value of a single item."""
    if item is None or item.__class__ is bool:
        return item
    value = system_value(item)
    return value if value is None or value.__class__ is bool else True


Build = Callable[["Compiler", FunctionRef, Code], Code]
"""Compiles a call, given the code of what stands before the dot (`$this` when nothing does)."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language, with what the type check needs to know of it.

    `accepts` are the System types that the input may have; empty when any will do. `result` is a System type, or one of
    "same" (type of the input), "first" or "last" (type of that argument), "any". `each` are the arguments that are
    evaluated once for every item of the input, with it as `$this`. `yields_many`: the result may have several items.
    """

    name: str
    least: int
    most: int
    build: Build
    accepts: tuple[str, ...] = ()
    result: str = "any"
    each: frozenset[int] = frozenset()
    yields_many: bool = False
    ordered_input: bool = False

    @property
    def arity(self) -> str:
        """How many arguments, in words."""
        if self.least == self.most:
            return "no arguments" if not self.most else f"{self.most} argument{'s' if self.most > 1 else ''}"
        return f"{self.least} to {self.most} arguments"


FUNCTIONS: dict[str, Function] = {}
"""Every function by name; filled by the modules `functions_*`."""


def function(
    name: str,
    least: int = 0,
    most: int | None = None,
    *,
    accepts: tuple[str, ...] = (),
    result: str = "any",
    each: tuple[int, ...] = (),
    yields_many: bool = False,
    ordered_input: bool = False,
) -> Callable[[Build], Build]:
    """Enter a builder into the table of functions; see `Function` for the meaning of the rest."""

    def enter(build: Build) -> Build:
        FUNCTIONS[name] = Function(
            name,
            least,
            least if most is None else most,
            build,
            accepts,
            result,
            frozenset(each),
            yields_many,
            ordered_input,
        )
        return build

    return enter


def scalar(
    name: str,
    accepts: tuple[str, ...],
    parameters: tuple[tuple[str, ...], ...] = (),
    *,
    result: str,
    optional: int = 0,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a plain Python function of System values: one item in, one item out.

    An empty input or argument makes the result empty (N1, 4.4), as does a returned None. Numbers convert from Integer
    to Decimal where only Decimal is accepted. `optional` is how many of the last parameters may be left out.
    """

    def enter(body: Callable[..., Any]) -> Callable[..., Any]:
        take = expecting(accepts, f"{name}()")
        takes = [expecting(parameter, f"argument {i} of {name}()") for i, parameter in enumerate(parameters, 1)]

        def build(compiler: Compiler, call: FunctionRef, source: Code) -> Code:
            given = one(source)
            arguments = [(one(compiler.compile(node)), each) for node, each in zip(call.operand, takes, strict=False)]

            def run_alone(this: Item | None, frame: Frame) -> Item | None:
                item = given(this, frame)
                value = None if item is None else take(item)
                return None if value is None else body(value)

            def run(this: Item | None, frame: Frame) -> Item | None:
                item = given(this, frame)
                value = None if item is None else take(item)
                values = []
                for argument, each in arguments:
                    item = argument(this, frame)
                    item = None if item is None else each(item)
                    if item is None:
                        return None
                    values.append(item)
                return None if value is None else body(value, *values)

            return Code(Kind.TRUTH if result == "Boolean" else Kind.ONE, run if arguments else run_alone)

        function(name, len(parameters) - optional, len(parameters), accepts=accepts, result=result)(build)
        return body

    return enter


def expecting(accepts: tuple[str, ...], what: str) -> Callable[[Item], Any]:
    """A conversion of an item to its System value that raises EvaluationError when it has none of the types."""
    allowed = frozenset(kind for kind, type_ in TYPE_OF_VALUE.items() if type_.name in accepts)
    widen = "Decimal" in accepts and "Integer" not in accepts
    wanted = " or ".join(accepts)

    def convert(item: Item) -> Any:
        value = system_value(item)
        if value.__class__ in allowed or value is None:
            return value
        if widen and value.__class__ is int:
            return Decimal(value)
        raise EvaluationError(f"{what} cannot work with a {type_of(item)!r}", expected=f"a {wanted}")

    return convert
