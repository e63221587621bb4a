"""The definitions of one library: typed when they are first needed, in whatever order they refer to one another.

A definition with an error is remembered as failed: who refers to it fails silently. One that refers to itself, however
far around, is an error at the place where the circle closes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bedside.questions import tree as shared
from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import convert, specifiers
from bedside.questions.cql.typer.calls import choose
from bedside.questions.cql.typer.core import Silenced, Typer, quoted, unknown
from bedside.questions.cql.types import CODE, CODE_SYSTEM, CONCEPT, VALUE_SET, DataType, ListType
from bedside.questions.errors import CheckError, Span, UnsupportedError

UNFILTERED = ("Unfiltered", "Population")
"""Two names of the context without a patient; the second is the older one."""


@dataclass(slots=True)
class Expression:
    """An expression of this library: as written, and its state."""

    name: str
    context: str
    node: syntax.ExpressionDefinition | None
    done: tree.ExpressionDef | None = None
    busy: bool = False
    failed: bool = False


@dataclass(slots=True)
class Function:
    """One overload of a function of this library."""

    node: syntax.FunctionDefinition
    context: str
    operands: tuple[tuple[str, DataType], ...]
    result: DataType | None = None
    done: tree.FunctionDef | None = None
    busy: bool = False
    failed: bool = False

    @property
    def signature(self) -> tuple[DataType, ...]:
        return tuple(type_ for _, type_ in self.operands)


Named = tree.ParameterDef | tree.CodeSystemDef | tree.ValueSetDef | tree.CodeDef | tree.ConceptDef


@dataclass(slots=True)
class Definitions:
    """What the library defines and includes. `helpers` is the alias of the library of conversions, if there is one."""

    includes: dict[str, tree.Library] = field(default_factory=dict)
    implicit: set[str] = field(default_factory=set)
    """Aliases that nobody wrote; they cannot be spoken of."""
    broken: set[str] = field(default_factory=set)
    """Aliases of libraries that are not there or have errors, told already."""
    named: dict[str, Named | None] = field(default_factory=dict)
    """Parameters and terminology; None for one with an error."""
    expressions: dict[str, Expression] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    load_whole: Callable[[str], tree.Library | None] = lambda alias: None
    """For an include that is known only in part (FHIRHelpers): the whole of it."""

    # Names.

    def names(self) -> list[str]:
        return [*self.named, *self.expressions]

    def library_named(self, typer: Typer, node: shared.Node) -> str | None:
        """The alias of an included library, if that is what a node is."""
        if not isinstance(node, shared.IdentifierRef) or node.name not in (self.includes.keys() | self.broken):
            return None
        if node.name in self.implicit or typer.find(node.name) is not None:
            return None
        if node.name in self.broken:
            raise Silenced
        return node.name

    def reference(self, typer: Typer, name: str, span: Span) -> tree.Expression | None:
        """What a name stands for among this library's definitions; None for nothing."""
        if name in self.named:
            found = self.named[name]
            if found is None:
                raise Silenced
            return _reference(found, None, span)
        if name not in self.expressions:
            return None
        definition = self.expression(typer, self.expressions[name], span)
        type_ = _seen_from(typer.context, definition)
        return tree.ExpressionRef(type=type_, name=name, span=span)

    def reference_in(self, library: str, name: str, span: Span) -> tree.Expression:
        """`library.name`: only what is public."""
        of = self.includes[library]
        kinds: tuple[Any, ...] = (of.expressions, of.parameters, of.code_systems, of.value_sets, of.codes, of.concepts)
        for kind in kinds:
            found = kind.get(name)
            if found is None:
                continue
            if not found.public:
                raise CheckError(f"{quoted(name)} is private to the library {of.name}", span=span)
            if isinstance(found, tree.ExpressionDef):
                return tree.ExpressionRef(type=found.expression.type, name=name, library=library, span=span)
            return _reference(found, library, span)
        known = [each for kind in kinds for each, found in kind.items() if found.public]
        error = unknown(f"definition in the library {library} called", name, known, span)
        if name in of.functions:
            error.expected = f"{library}.{quoted(name)}(...): it is a function"
        raise error

    def code_system(self, node: syntax.QualifiedName) -> tree.CodeSystemDef:
        """The code system that a code is from."""
        found = self._terminology(node, "code system")
        if isinstance(found, tree.CodeSystemDef):
            return found
        raise CheckError(f"{node.name!r} is not a code system", span=node.span, expected="a code system")

    def code(self, node: syntax.QualifiedName) -> tree.CodeDef:
        found = self._terminology(node, "code")
        if isinstance(found, tree.CodeDef):
            return found
        raise CheckError(f"{node.name!r} is not a code", span=node.span, expected="a code")

    def _terminology(self, node: syntax.QualifiedName, what: str) -> Any:
        if node.library is None:
            if node.name in self.named:
                if self.named[node.name] is None:
                    raise Silenced
                return self.named[node.name]
            raise unknown(what, node.name, self.named, node.span)
        if node.library in self.broken:
            raise Silenced
        of = self.includes.get(node.library)
        if of is None:
            raise unknown("library", node.library, self.includes, node.span)
        known = {**of.code_systems, **of.codes}
        if node.name not in known:
            raise unknown(f"{what} in the library {node.library} called", node.name, known, node.span)
        return known[node.name]

    # Expressions.

    def expression(self, typer: Typer, state: Expression, span: Span) -> tree.ExpressionDef:
        """The typed definition. Raises Silenced when it has an error, CheckError when it is being typed just now."""
        if state.done is not None:
            return state.done
        if state.failed:
            raise Silenced
        if state.busy:
            raise CheckError(f"the definition {quoted(state.name)} refers to itself", span=span)
        assert state.node is not None
        state.busy = True
        try:
            with _Fresh(typer, state.context, state.name):
                expression = typer.type(state.node.expression)
        except Silenced:
            state.failed = True
            raise
        finally:
            state.busy = False
        state.done = tree.ExpressionDef(
            name=state.name,
            public=state.node.public,
            context=state.context,
            expression=expression,
            span=state.node.span,
        )
        return state.done

    # Functions.

    def has_function(self, name: str) -> bool:
        return name in self.functions

    def function_names(self) -> list[str]:
        return list(self.functions)

    def has_fluent(self, name: str) -> bool:
        if any(each.node.fluent for each in self.functions.get(name, ())):
            return True
        return any(each.fluent for of in self.includes.values() for each in of.functions.get(name, ()))

    def fluent_names(self) -> list[str]:
        own = [name for name, each in self.functions.items() if any(one.node.fluent for one in each)]
        theirs = [
            name
            for of in self.includes.values()
            for name, each in of.functions.items()
            if any(one.fluent and one.public for one in each)
        ]
        return own + theirs

    def call_own(
        self, typer: Typer, name: str, operands: Sequence[tree.Expression], span: Span, *, attempt: bool = False
    ) -> tree.Expression | None:
        """A call of this library's function. With `attempt` None when no overload fits."""
        return self._call_own(typer, name, self.functions.get(name, []), operands, span, attempt)

    def _call_own(
        self,
        typer: Typer,
        name: str,
        candidates: Sequence[Function],
        operands: Sequence[tree.Expression],
        span: Span,
        attempt: bool,
    ) -> tree.Expression | None:
        chosen = choose(typer, name, [each.signature for each in candidates], operands, span, attempt=attempt)
        if chosen is None:
            return None
        place, converted = chosen
        function = candidates[place]
        result = self.result(typer, function, span)
        return tree.FunctionRef(
            type=result, name=name, operands=converted, signature=function.signature, library=None, span=span
        )

    def call_in(
        self, typer: Typer, library: str, name: str, operands: Sequence[tree.Expression], span: Span
    ) -> tree.Expression:
        """`library.f(x)`."""
        of = self.includes[library]
        if name not in of.functions:
            of = self.load_whole(library) or of
        candidates = [each for each in of.functions.get(name, ()) if each.public]
        if not candidates:
            known = [each for each, found in of.functions.items() if any(one.public for one in found)]
            error = unknown(f"function in the library {library} called", name, known, span)
            if name in of.expressions:
                error.expected = f"{library}.{quoted(name)} without parentheses: it is a definition"
            raise error
        found = self._call_theirs(typer, library, name, candidates, operands, span, attempt=False)
        assert found is not None
        return found

    def _call_theirs(
        self,
        typer: Typer,
        library: str,
        name: str,
        candidates: Sequence[tree.FunctionDef],
        operands: Sequence[tree.Expression],
        span: Span,
        *,
        attempt: bool,
    ) -> tree.Expression | None:
        signatures = [tuple(type_ for _, type_ in each.operands) for each in candidates]
        chosen = choose(typer, name, signatures, operands, span, attempt=attempt)
        if chosen is None:
            return None
        place, converted = chosen
        function = candidates[place]
        return tree.FunctionRef(
            type=function.result,
            name=name,
            operands=converted,
            signature=signatures[place],
            library=library,
            span=span,
        )

    def call_fluent(
        self, typer: Typer, name: str, operands: Sequence[tree.Expression], span: Span, *, attempt: bool = False
    ) -> tree.Expression | None:
        """A fluent function of this library, else of the included ones in their order; the first that fits counts."""
        own = [each for each in self.functions.get(name, ()) if each.node.fluent]
        theirs = {
            library: [each for each in of.functions.get(name, ()) if each.fluent and each.public]
            for library, of in self.includes.items()
        }
        theirs = {library: found for library, found in theirs.items() if found}
        places = [*([None] if own else []), *theirs]
        for place in places:
            last = place == places[-1] and not attempt
            if place is None:
                found = self._call_own(typer, name, own, operands, span, attempt=not last)
            else:
                found = self._call_theirs(typer, place, name, theirs[place], operands, span, attempt=not last)
            if found is not None:
                return found
        return None

    def result(self, typer: Typer, function: Function, span: Span) -> DataType:
        """The type that a function gives. A function that calls itself must say it with `returns`."""
        if function.result is not None:
            return function.result
        if function.failed:
            raise Silenced
        if function.busy:
            raise CheckError(
                f"the function {quoted(function.node.name)} calls itself",
                span=span,
                expected="a function that says its type: returns ...",
            )
        return self.function(typer, function).result

    def function(self, typer: Typer, function: Function) -> tree.FunctionDef:
        """The typed definition of a function. Raises Silenced when it has an error."""
        if function.done is not None:
            return function.done
        if function.failed:
            raise Silenced
        node = function.node
        function.busy = True
        try:
            with _Fresh(typer, function.context, node.name):
                expression, result = self._body(typer, function)
        except Silenced:
            function.failed = True
            raise
        finally:
            function.busy = False
        function.result = result
        function.done = tree.FunctionDef(
            name=node.name,
            public=node.public,
            context=function.context,
            operands=function.operands,
            result=result,
            expression=expression,
            fluent=node.fluent,
            span=node.span,
        )
        return function.done

    def _body(self, typer: Typer, function: Function) -> tuple[tree.Expression | None, DataType]:
        from bedside.questions.cql.typer.core import Scope

        node = function.node
        declared = None
        if node.returns is not None:
            found = node.returns
            declared = typer.attempt(lambda: specifiers.read(typer, found))
            if declared is None:
                raise Silenced
            function.result = declared
        if node.expression is None:
            if declared is None:
                typer.report(
                    CheckError(
                        f"the external function {quoted(node.name)} does not say its type",
                        span=node.span,
                        expected="returns ...",
                    )
                )
                raise Silenced
            return None, declared
        names: dict[str, tree.Expression] = {
            name: tree.OperandRef(type=type_, name=name) for name, type_ in function.operands
        }
        with typer.inside(Scope(names=names)):
            expression = typer.type(node.expression)
        if declared is None:
            return expression, expression.type
        try:
            return convert.to(typer, expression, declared), declared
        except CheckError as error:
            typer.report(error, node.expression.span)
            raise Silenced from None


def external(name: str, span: Span) -> UnsupportedError:
    return UnsupportedError(f"the function {quoted(name)} is external, and nothing provides it", span=span)


def _reference(found: Named, library: str | None, span: Span) -> tree.Expression:
    match found:
        case tree.ParameterDef():
            return tree.ParameterRef(type=found.type, name=found.name, library=library, span=span)
        case tree.CodeSystemDef():
            return tree.CodeSystemRef(type=CODE_SYSTEM, name=found.name, library=library, span=span)
        case tree.ValueSetDef():
            return tree.ValueSetRef(type=VALUE_SET, name=found.name, library=library, span=span)
        case tree.CodeDef():
            return tree.CodeRef(type=CODE, name=found.name, library=library, span=span)
    return tree.ConceptRef(type=CONCEPT, name=found.name, library=library, span=span)


def _seen_from(context: str, definition: tree.ExpressionDef) -> DataType:
    """Seen from the unfiltered context a definition of one patient is the list of those of all patients (CQL 1.5,
    developers guide, "Context Evaluation").
    """
    type_ = definition.expression.type
    if context in UNFILTERED and definition.context not in UNFILTERED and not isinstance(type_, ListType):
        return ListType(type_)
    return type_


class _Fresh:
    """No scopes of whoever needed the definition, and its own context."""

    def __init__(self, typer: Typer, context: str, define: str) -> None:
        self.typer, self.context, self.define = typer, context, define

    def __enter__(self) -> None:
        typer = self.typer
        self.kept = typer.scopes, typer.context, typer.define
        typer.scopes, typer.context, typer.define = [], self.context, self.define

    def __exit__(self, *_: object) -> None:
        self.typer.scopes, self.typer.context, self.typer.define = self.kept
