"""The typer's frame: what it knows of one library, its scopes, and how an error is told without stopping.

Every kind of node has one function, entered with `@types(NodeClass)`, that gives its typed expression. A function that
finds something wrong raises a `CheckError`; `Typer.type` writes it down and raises `Silenced`, which ends only as much
as depends on the faulty part. So that all errors come in one go, whoever has several parts types them with
`Typer.all`, which tries each of them before it gives up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from bedside.questions.cql import tree
from bedside.questions.cql.types import DataType
from bedside.questions.errors import NOWHERE, CheckError, QuestionError, Span, did_you_mean
from bedside.questions.tree import Node

if TYPE_CHECKING:
    from bedside.questions.cql.models import Model
    from bedside.questions.cql.typer.definitions import Definitions


class Silenced(Exception):
    """The part cannot be typed, and why has been told already."""


MAX_DEPTH = 1000
"""Nodes above one another, including those of definitions that are typed on the way."""

Handler = Callable[["Typer", Any], tree.Expression]
HANDLERS: dict[type[Node], Handler] = {}
Function = TypeVar("Function", bound=Handler)
P = ParamSpec("P")
R = TypeVar("R")


def types(*nodes: type[Node]) -> Callable[[Function], Function]:
    """Enter a function as the one that types these kinds of nodes."""

    def enter(function: Function) -> Function:
        for node in nodes:
            HANDLERS[node] = function
        return function

    return enter


@dataclass(slots=True)
class Scope:
    """Names of an enclosing construct, and what they stand for.

    `names` are aliases, lets and operands. `this`, `index` and `total` are set in the arguments of `.where()` and its
    like. `item` is set in `sort by`: there a bare name is an element of it. `barrier`: names outside are not seen.
    """

    names: dict[str, tree.Expression] = field(default_factory=dict)
    this: DataType | None = None
    index: bool = False
    total: DataType | None = None
    item: tree.Expression | None = None
    barrier: bool = False


class Typer:
    """Types the expressions of one library. The definitions themselves are kept by `Definitions`."""

    def __init__(
        self, source: str, *, models: Mapping[str, Model], definitions: Definitions, name: str | None = None
    ) -> None:
        self.source = source
        self.name = name
        self.models = models
        self.definitions = definitions
        self.problems: list[QuestionError] = []
        self.warnings: list[QuestionError] = []
        self.scopes: list[Scope] = []
        self.context = "Patient"
        self.depth = 0
        self.define: str | None = None
        self.models_missing = False
        """A model is not there, which has been told: types that nobody knows may be of it."""
        self.suggestions: dict[tuple[str, str], str | None] = {}

    # Typing.

    def type(self, node: Node) -> tree.Expression:
        """The typed expression of a node. Raises Silenced when it has none."""
        handler = HANDLERS.get(type(node))
        if self.depth >= MAX_DEPTH:
            self.report(CheckError("this is nested too deeply, with the definitions that it refers to", span=node.span))
            raise Silenced
        self.depth += 1
        try:
            if handler is None:
                raise CheckError(f"{type(node).__name__} cannot stand here", span=node.span)
            return handler(self, node)
        except QuestionError as error:
            self.report(error, node.span)
            raise Silenced from None
        finally:
            self.depth -= 1

    def all(self, nodes: Iterable[Node]) -> tuple[tree.Expression, ...]:
        """The typed expressions of several nodes; errors of all of them are told."""
        done: list[tree.Expression] = []
        failed = False
        for node in nodes:
            try:
                done.append(self.type(node))
            except Silenced:
                failed = True
        if failed:
            raise Silenced
        return tuple(done)

    def attempt(self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R | None:
        """The outcome of some work, None when it failed (and has told why)."""
        try:
            return work(*args, **named)
        except Silenced:
            return None
        except QuestionError as error:
            self.report(error)
            return None

    # Telling.

    def report(self, error: QuestionError, span: Span = NOWHERE) -> None:
        self.problems.append(self.placed(error, span))

    def warn(self, problem: str, span: Span) -> None:
        self.warnings.append(self.placed(CheckError(problem, span=span), span))

    def placed(self, error: QuestionError, span: Span) -> QuestionError:
        """The error with its place, source and library filled in where they were open."""
        if error.span == NOWHERE:
            error.span = span
        error.source = error.source or self.source
        error.library = error.library or self.name
        error.define = error.define or self.define
        return error

    def nearest(self, kind: str, name: str, known: Callable[[], Iterable[str]]) -> str | None:
        """The known name that a misspelt one may mean. Remembered, for a name may be misspelt throughout."""
        key = (kind, name)
        if key not in self.suggestions:
            found = did_you_mean(name, set(known()))
            self.suggestions[key] = quoted(found) if found else None
        return self.suggestions[key]

    # Scopes.

    def inside(self, scope: Scope) -> Inside:
        """`with typer.inside(Scope(...)):`"""
        return Inside(self, scope)

    def visible(self) -> list[Scope]:
        """The scopes that are seen from here, innermost first."""
        seen: list[Scope] = []
        for scope in reversed(self.scopes):
            seen.append(scope)
            if scope.barrier:
                break
        return seen

    def find(self, name: str) -> tree.Expression | None:
        """What an alias, let or operand stands for."""
        for scope in self.visible():
            if name in scope.names:
                return scope.names[name]
        return None


class Inside:
    __slots__ = ("scope", "typer")

    def __init__(self, typer: Typer, scope: Scope) -> None:
        self.typer = typer
        self.scope = scope

    def __enter__(self) -> Scope:
        self.typer.scopes.append(self.scope)
        return self.scope

    def __exit__(self, *_: object) -> None:
        self.typer.scopes.pop()


class Fresh:
    """No scopes of whoever needed the definition, and its own context."""

    def __init__(self, typer: Typer, context: str, define: str) -> None:
        self.typer, self.context, self.define = typer, context, define

    def __enter__(self) -> None:
        typer = self.typer
        self.kept = typer.scopes, typer.context, typer.define
        typer.scopes, typer.context, typer.define = [], self.context, self.define

    def __exit__(self, *_: object) -> None:
        self.typer.scopes, self.typer.context, self.typer.define = self.kept


def unknown(what: str, name: str, known: Iterable[str], span: Span) -> CheckError:
    """The error of a name that nothing has, with the nearest that something has."""
    found = did_you_mean(name, set(known))
    return CheckError(f"there is no {what} {name!r}", span=span, suggestion=quoted(found) if found else None)


def shown(type_: DataType) -> str:
    """A type as an author would write it: System's without the name of the model."""
    return str(type_).replace("System.", "")


def name_span(source: str, span: Span, name: str) -> Span:
    """Where the name at the end of a step stands, quoted or not; the whole step where that cannot be told."""
    for written in (name, f'"{name}"', f"`{name}`"):
        if source.endswith(written, span.start, span.end):
            return Span(span.end - len(written), span.end)
    return span


def quoted(name: str) -> str:
    """A name as CQL writes it."""
    return name if name.isidentifier() else f'"{name}"'


def listed(words: Sequence[str], conjunction: str = "or") -> str:
    """`a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
