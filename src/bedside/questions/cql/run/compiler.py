"""Tree to closures: the table of builders, the slots of a frame, and what is computed only once.

A node becomes a closure `run(frame)`. A frame is a list made for one evaluation of a definition or one call of a
function: the `State` in slot 0, then operands, aliases, lets and items of loops, each in a slot of its own that is
fixed when the definition is compiled. So a name costs one index at run time.

A compiler works in one of three modes. Plain closures know nothing of the source text. When one fails, the library is
compiled once more `LOCATING`, where every closure tells an error its place, and run again. `OBSERVING` closures keep
what passed the queries (`evidence`). Both cost nothing as long as nobody asks.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeVar

from bedside.questions.cql import tree
from bedside.questions.cql.run.free import FreeNames
from bedside.questions.errors import NOWHERE, CheckError, QuestionError

if TYPE_CHECKING:
    from bedside.questions.cql.run.unit import Unit

Frame = list[Any]
Run = Callable[[Frame], Any]

N = TypeVar("N", bound=tree.Expression)
Build = Callable[["Compiler", N, "Scope"], Run]
BUILDERS: dict[type[tree.Expression], Build[Any]] = {}
"""How each node is compiled; the modules of this folder enter theirs with `builds`."""


class _Unset:
    """Stands in a slot or cache for what has not been computed yet; None is null."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = _Unset()


class Mode(Enum):
    PLAIN = auto()
    LOCATING = auto()
    OBSERVING = auto()


def builds(*nodes: type[N]) -> Callable[[Build[N]], Build[N]]:
    """Enter a builder for nodes of these classes."""

    def enter(build: Build[N]) -> Build[N]:
        BUILDERS.update(dict.fromkeys(nodes, build))
        return build

    return enter


class Layout:
    """How many slots the frame of one definition has."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 1

    def slot(self) -> int:
        self.size += 1
        return self.size - 1


class Scope:
    """What names mean at one place of a definition.

    `repeated`: the place may be run several times in a session. `emptied` are slots that the enclosing query sets to
    UNSET when it starts, for what it keeps while it runs.
    """

    __slots__ = ("emptied", "layout", "lets", "repeated", "slots")

    def __init__(
        self,
        layout: Layout,
        slots: dict[str, int],
        lets: dict[str, Run],
        *,
        repeated: bool,
        emptied: list[int] | None = None,
    ) -> None:
        self.layout = layout
        self.slots = slots
        self.lets = lets
        self.repeated = repeated
        self.emptied = [] if emptied is None else emptied

    def slot(self, name: str) -> int:
        """The slot of `alias X`, `operand X`, `this`, `index` or `total`."""
        try:
            return self.slots[name]
        except KeyError:
            raise CheckError(f"there is no {name} here") from None

    def binding(self, *names: str) -> Scope:
        """A scope inside a loop in which these names have new slots."""
        slots = dict(self.slots)
        for name in names:
            slots[name] = self.layout.slot()
        return Scope(self.layout, slots, self.lets, repeated=True, emptied=self.emptied)

    def of_query(self) -> Scope:
        """The scope of a query of its own."""
        return Scope(self.layout, self.slots, self.lets, repeated=self.repeated)

    def letting(self, name: str, run: Run) -> Scope:
        """A scope in which a `let` is computed by `run`."""
        return Scope(self.layout, self.slots, {**self.lets, name: run}, repeated=self.repeated, emptied=self.emptied)

    def once(self) -> Scope:
        """The same names, for what is run once."""
        return Scope(self.layout, self.slots, self.lets, repeated=False)


_CHEAP = (
    tree.Literal,
    tree.Null,
    tree.ExpressionRef,
    tree.ParameterRef,
    tree.CodeRef,
    tree.ConceptRef,
    tree.ValueSetRef,
    tree.CodeSystemRef,
    tree.Retrieve,
)
"""Nodes that cost no more than looking up a value that was kept."""


class Compiler:
    """Compiles one definition of a library, in the context that it is written for."""

    def __init__(self, unit: Unit, mode: Mode, define: str | None, context: str) -> None:
        self.unit = unit
        self.mode = mode
        self.define = define
        self.context = context
        self.free = FreeNames()

    def compile(self, node: tree.Expression, scope: Scope) -> Run:
        """The closure of a node and everything below it. Raises UnsupportedError for what cannot be run."""
        if scope.repeated and not isinstance(node, _CHEAP) and not self.free.of(node) and self.mode is Mode.PLAIN:
            return _kept(self._build(node, scope.once()))
        return self._build(node, scope)

    def _build(self, node: tree.Expression, scope: Scope) -> Run:
        try:
            run = BUILDERS[node.__class__](self, node, scope)
        except QuestionError as error:
            self.place(error, node)
            raise
        return self._located(run, node) if self.mode is Mode.LOCATING else run

    def place(self, error: QuestionError, node: tree.Expression) -> None:
        """Tell an error where it happened, unless it knows."""
        if error.span is NOWHERE and node.span is not NOWHERE:
            error.span, error.source = node.span, self.unit.library.source
        if error.library is None:
            error.library, error.define = self.unit.name, self.define

    def _located(self, run: Run, node: tree.Expression) -> Run:
        place = self.place

        def located(frame: Frame) -> Any:
            try:
                return run(frame)
            except QuestionError as error:
                place(error, node)
                raise

        return located


def _kept(run: Run) -> Run:
    """Compute once a session: the expression depends on nothing that changes within one."""
    key = object()

    def kept(frame: Frame) -> Any:
        results = frame[0].results
        value = results.get(key, UNSET)
        if value is UNSET:
            value = results[key] = run(frame)
        return value

    return kept
