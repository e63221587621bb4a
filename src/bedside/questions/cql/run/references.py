"""References: to what encloses an expression, to definitions of this library and of those it includes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedside.questions.cql import tree
from bedside.questions.cql.run import fhirhelpers
from bedside.questions.cql.run.compiler import UNSET, Compiler, Frame, Mode, Run, Scope, builds
from bedside.questions.cql.run.evidence import observed_define
from bedside.questions.cql.run.state import UNFILTERED
from bedside.questions.cql.values import Code, CodeSystem, Concept, ValueSet
from bedside.questions.errors import CheckError, UnsupportedError, did_you_mean

if TYPE_CHECKING:
    from bedside.questions.cql.run.unit import Unit


@builds(tree.AliasRef)
def _alias(compiler: Compiler, node: tree.AliasRef, scope: Scope) -> Run:
    slot = scope.slot(f"alias {node.name}")
    return lambda frame: frame[slot]


@builds(tree.OperandRef)
def _operand(compiler: Compiler, node: tree.OperandRef, scope: Scope) -> Run:
    slot = scope.slot(f"operand {node.name}")
    return lambda frame: frame[slot]


@builds(tree.Current)
def _current(compiler: Compiler, node: tree.Current, scope: Scope) -> Run:
    slot = scope.slot("this")
    return lambda frame: frame[slot]


@builds(tree.Iteration)
def _iteration(compiler: Compiler, node: tree.Iteration, scope: Scope) -> Run:
    slot = scope.slot("index")
    return lambda frame: frame[slot]


@builds(tree.Total)
def _total(compiler: Compiler, node: tree.Total, scope: Scope) -> Run:
    slot = scope.slot("total")
    return lambda frame: frame[slot]


@builds(tree.QueryLetRef)
def _let(compiler: Compiler, node: tree.QueryLetRef, scope: Scope) -> Run:
    try:
        return scope.lets[node.name]
    except KeyError:
        raise CheckError(f"there is no {node.name} here") from None


@builds(tree.ExpressionRef)
def _expression(compiler: Compiler, node: tree.ExpressionRef, scope: Scope) -> Run:
    """The value of a definition, computed once for each context.

    From the Unfiltered context, a definition of another one gives the list of its values for everybody; from any other
    context an Unfiltered definition has its one value (CQL 1.5, author's guide, "Context").
    """
    unit = compiler.unit.included(node.library)
    define = unit.defines.get(node.name)
    if define is None:
        suggestion = did_you_mean(node.name, unit.defines)
        raise CheckError(f"{unit.name} has no definition {node.name}", suggestion=suggestion)
    if compiler.mode is Mode.OBSERVING and define.context == compiler.context:
        return lambda frame: observed_define(frame[0], define)
    if define.context == UNFILTERED and compiler.context != UNFILTERED:
        return lambda frame: define.value(frame[0].unfiltered)
    if define.context != UNFILTERED and compiler.context == UNFILTERED:
        context = define.context
        return lambda frame: [define.value(each) for each in frame[0].everybody(context)]
    if define.context != compiler.context:
        raise UnsupportedError(
            f"{node.name} is of the context {define.context} and cannot be asked of in the context {compiler.context}"
        )

    def run(frame: Frame) -> Any:
        state = frame[0]
        value = state.results.get(define, UNSET)
        return define.value(state) if value is UNSET else value

    return run


@builds(tree.FunctionRef)
def _function(compiler: Compiler, node: tree.FunctionRef, scope: Scope) -> Run:
    native = fhirhelpers.native(compiler, node, scope)
    if native is not None:
        return native
    function = compiler.unit.included(node.library).function(node.name, node.signature)
    return function.calling([compiler.compile(each, scope) for each in node.operands])


@builds(tree.ParameterRef)
def _parameter(compiler: Compiler, node: tree.ParameterRef, scope: Scope) -> Run:
    unit = compiler.unit.included(node.library)
    parameter = unit.parameters.get(node.name)
    if parameter is None:
        suggestion = did_you_mean(node.name, unit.parameters)
        raise CheckError(f"{unit.name} has no parameter {node.name}", suggestion=suggestion)
    return lambda frame: parameter.value(frame[0])


@builds(tree.CodeSystemRef)
def _code_system(compiler: Compiler, node: tree.CodeSystemRef, scope: Scope) -> Run:
    value = code_system(compiler.unit.included(node.library).library, node.name)
    return lambda frame: value


@builds(tree.ValueSetRef)
def _value_set(compiler: Compiler, node: tree.ValueSetRef, scope: Scope) -> Run:
    value = value_set(compiler, node)
    return lambda frame: value


@builds(tree.CodeRef)
def _code(compiler: Compiler, node: tree.CodeRef, scope: Scope) -> Run:
    value = _code_of(compiler.unit, node.library, node.name)
    return lambda frame: value


@builds(tree.ConceptRef)
def _concept(compiler: Compiler, node: tree.ConceptRef, scope: Scope) -> Run:
    unit = compiler.unit.included(node.library)
    definition = _found(unit.library.concepts, node.name, "concept", unit.name)
    codes = tuple(_code_of(unit, each.library, each.name) for each in definition.codes)
    value = Concept(codes, definition.display)
    return lambda frame: value


def value_set(compiler: Compiler, node: tree.ValueSetRef) -> ValueSet:
    """The value set that a reference names, with the versions of code systems that its definition pins."""
    unit = compiler.unit.included(node.library)
    definition = _found(unit.library.value_sets, node.name, "value set", unit.name)
    systems = tuple(code_system(unit.included(each.library).library, each.name) for each in definition.code_systems)
    return ValueSet(definition.id, definition.version, definition.name, systems)


def code_system(library: tree.Library, name: str) -> CodeSystem:
    """The code system that a library defines under this name."""
    definition = _found(library.code_systems, name, "code system", library.name)
    return CodeSystem(definition.id, definition.version, definition.name)


def _code_of(unit: Unit, alias: str | None, name: str) -> Code:
    unit = unit.included(alias)
    definition = _found(unit.library.codes, name, "code", unit.name)
    system = definition.code_system
    of_system = code_system(unit.included(system.library).library, system.name)
    return Code(definition.id, of_system.id, of_system.version, definition.display)


def _found(definitions: Any, name: str, what: str, library: str | None) -> Any:
    found = definitions.get(name)
    if found is None:
        raise CheckError(f"{library} has no {what} {name}", suggestion=did_you_mean(name, definitions))
    return found
