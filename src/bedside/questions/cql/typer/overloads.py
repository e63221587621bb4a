"""Functions of a library and of those it includes: which overload a call means, and what type it gives.

A function's body is typed when its type is first needed. So one that calls itself must say its type with `returns`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import convert, specifiers
from bedside.questions.cql.typer.calls import choose
from bedside.questions.cql.typer.core import Fresh, Scope, Silenced, Typer, quoted, unknown
from bedside.questions.cql.types import DataType
from bedside.questions.errors import CheckError, Span


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
    known: bool = True
    """Whether the types of all operands are known."""

    @property
    def signature(self) -> tuple[DataType, ...]:
        return tuple(type_ for _, type_ in self.operands)


@dataclass(slots=True)
class Functions:
    """The functions that can be called. `includes` are the included libraries by their local names."""

    includes: dict[str, tree.Library] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    load_whole: Callable[[str], tree.Library | None] = lambda alias: None
    """For an include that is known only in part (FHIRHelpers): the whole of it."""

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
        if any(
            each.failed and each.done is None and len(each.operands) < len(each.node.operands) for each in candidates
        ):
            raise Silenced
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
            with Fresh(typer, function.context, node.name):
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
        node = function.node
        declared = None
        if node.returns is not None:
            declared = typer.attempt(specifiers.read, typer, node.returns)
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
