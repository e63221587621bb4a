"""Calls: of the library's own functions, of included libraries, of system functions by name, and with a dot of methods
and fluent functions (CQL 1.5, developers guide, "Function Resolution" and "Fluent Functions").
"""

from __future__ import annotations

from bedside.questions import tree as shared
from bedside.questions.cql import tree
from bedside.questions.cql.typer import methods, system_functions
from bedside.questions.cql.typer.core import Typer, types
from bedside.questions.errors import CheckError, did_you_mean


@types(shared.FunctionRef)
def function(typer: Typer, node: shared.FunctionRef) -> tree.Expression:
    if node.source is None:
        return plain(typer, node)
    library = typer.definitions.library_named(typer, node.source)
    if library is not None:
        return typer.definitions.call_in(typer, library, node.name, typer.all(node.operand), node.span)
    return method(typer, node)


def plain(typer: Typer, node: shared.FunctionRef) -> tree.Expression:
    """`f(x)`: the library's own function of this name that takes such operands, else the system's."""
    builtin = system_functions.FUNCTIONS.get(node.name)
    own = typer.definitions.has_function(node.name)
    if not own and builtin is None:
        raise _no_function(typer, node)
    operands = typer.all(node.operand)
    if own:
        found = typer.definitions.call_own(typer, node.name, operands, node.span, attempt=builtin is not None)
        if found is not None:
            return found
    assert builtin is not None
    return builtin(typer, node, operands)


def method(typer: Typer, node: shared.FunctionRef) -> tree.Expression:
    """`x.f(y)`: a fluent function of this or an included library that takes such operands, else a method."""
    assert node.source is not None
    source = typer.type(node.source)
    builtin = methods.METHODS.get(node.name)
    fluent = typer.definitions.has_fluent(node.name)
    if fluent and builtin is None:
        operands = (source, *typer.all(node.operand))
        found = typer.definitions.call_fluent(typer, node.name, operands, node.span)
        assert found is not None
        return found
    if fluent:
        before = len(typer.problems)
        try:
            operands = (source, *typer.all(node.operand))
            found = typer.definitions.call_fluent(typer, node.name, operands, node.span, attempt=True)
        except Exception:  # The arguments of a method may speak of $this, which a function's cannot.
            found = None
        if found is not None:
            return found
        del typer.problems[before:]
    if builtin is not None:
        return builtin(typer, node, source)
    system = system_functions.FUNCTIONS.get(node.name)
    if system is not None:
        return system(typer, node, (source, *typer.all(node.operand)))
    known = [*methods.METHODS, *typer.definitions.fluent_names(), *system_functions.FUNCTIONS]
    error = CheckError(
        f"there is no method or fluent function {node.name!r}",
        span=node.span,
        suggestion=did_you_mean(node.name, known),
    )
    if typer.definitions.has_function(node.name):
        error.expected = f"define fluent function {node.name}, or a call {node.name}(...)"
    raise error


def _no_function(typer: Typer, node: shared.FunctionRef) -> CheckError:
    known = [*system_functions.FUNCTIONS, *typer.definitions.function_names()]
    error = CheckError(f"there is no function {node.name!r}", span=node.span, suggestion=did_you_mean(node.name, known))
    if typer.definitions.has_fluent(node.name):
        error.expected = f"a call with a dot: x.{node.name}(...)"
    elif typer.definitions.reference(typer, node.name, node.span) is not None:
        error.expected = f"{node.name} without parentheses: it is a definition"
    return error
