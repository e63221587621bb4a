"""The definitions of one library: typed when they are first needed, in whatever order they refer to one another.

A definition with an error is remembered as failed: who refers to it fails silently. One that refers to itself, however
far around, is an error at the place where the circle closes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bedside.questions import tree as shared
from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer.core import Fresh, Silenced, Typer, quoted, unknown
from bedside.questions.cql.typer.overloads import Functions
from bedside.questions.cql.types import CODE, CODE_SYSTEM, CONCEPT, VALUE_SET, DataType, ListType
from bedside.questions.errors import CheckError, Span

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


Named = tree.ParameterDef | tree.CodeSystemDef | tree.ValueSetDef | tree.CodeDef | tree.ConceptDef


@dataclass(slots=True)
class Definitions(Functions):
    """What the library defines and includes."""

    implicit: set[str] = field(default_factory=set)
    """Aliases that nobody wrote; they cannot be spoken of."""
    broken: set[str] = field(default_factory=set)
    """Aliases of libraries that are not there or have errors, told already."""
    named: dict[str, Named | None] = field(default_factory=dict)
    """Parameters and terminology; None for one with an error."""
    expressions: dict[str, Expression] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    """The definitions that are being typed, each because the one before it refers to it."""

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
            circle = " -> ".join(map(quoted, [*self.open[self.open.index(state.name) :], state.name]))
            raise CheckError(f"the definition {quoted(state.name)} refers to itself: {circle}", span=span)
        assert state.node is not None
        state.busy = True
        self.open.append(state.name)
        try:
            with Fresh(typer, state.context, state.name):
                expression = typer.type(state.node.expression)
        except Silenced:
            state.failed = True
            raise
        finally:
            state.busy = False
            self.open.pop()
        state.done = tree.ExpressionDef(
            name=state.name,
            public=state.node.public,
            context=state.context,
            expression=expression,
            span=state.node.span,
        )
        return state.done


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
