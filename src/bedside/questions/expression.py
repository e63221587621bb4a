"""The way in: `compile("Patient.name.given").evaluate(patient)`.

Compiling reads, checks names and builds the closures; the last thousands of expressions are kept, so that a caller may
compile wherever it is convenient. An `Expression` is immutable and may be shared between threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from bedside.fhir.definitions import type_names

# The families enter their operators and functions when they are imported.
from bedside.questions import (  # noqa: F401
    functions_boundary,
    functions_collection,
    functions_convert,
    functions_existence,
    functions_fhir,
    functions_math,
    functions_text,
    functions_tree,
    functions_variables,
    operators_arithmetic,
    operators_compare,
    operators_logic,
)
from bedside.questions.check import check_tree
from bedside.questions.code import Code, Frame, as_truth, many, single
from bedside.questions.compiler import Compiler, path_of
from bedside.questions.data import Collection, DataNode, Item, node_of
from bedside.questions.environment import NOTHING, Environment
from bedside.questions.errors import NOWHERE, CheckError, EvaluationError, QuestionError, Span, did_you_mean
from bedside.questions.functions_variables import scoped
from bedside.questions.model import FHIR, Type
from bedside.questions.parser import parse
from bedside.questions.path import Plan, make_plan, warming
from bedside.questions.path_source import generated, plainly
from bedside.questions.tree import IdentifierRef, Node, Property

NO_VARIABLES: Mapping[str, Any] = MappingProxyType({})


class Expression:
    """A compiled FHIRPath expression."""

    def __init__(self, source: str, tree: Node, *, context_type: str | None, as_filters: bool) -> None:
        self.source = source
        self.tree = tree
        self.context_type = context_type
        self._as_filters = as_filters
        self._run = many(self._compiled(locating=False))
        self._known: dict[str, tuple[Plan | None, Type]] = {}
        """By the name of each resource type that was met: the type, and how to walk the expression without making nodes
        where all of it is a path."""

    def _compiled(self, *, locating: bool) -> Code:
        return Compiler(self.source, as_filters=self._as_filters, locating=locating).compile(scoped(self.tree))

    @cached_property
    def _locating_run(self) -> Any:
        return many(self._compiled(locating=True))

    def nodes(
        self,
        context: Any,
        *,
        variables: Mapping[str, Any] = NO_VARIABLES,
        environment: Environment | None = None,
    ) -> Collection:
        """The result as items: `DataNode` for what comes from the resource, with its type, else System values.

        `context` is a resource (dict), a data type (dict, when the expression was compiled with its context_type), a
        `DataNode`, a plain value, or None for no input at all. `variables` are values for `%name`, without the percent
        sign; `resource` and `rootResource` are the context unless they are given there.

        Raises EvaluationError, with line and column, when the data does not fit the expression, and its subclass
        UnsupportedError when the environment lacks what a function needs.
        """
        return list(self._evaluated(context, variables, environment))

    def _evaluated(self, context: Any, variables: Mapping[str, Any], environment: Environment | None) -> Collection:
        if context.__class__ is not DataNode and context is not None:
            context = self._item(context)
        world = environment or NOTHING
        frame = Frame(context, variables, world, world.units)
        try:
            return self._run(context, frame)
        except EvaluationError as error:
            raise self._located(error, context, frame) from None
        except RecursionError:
            raise EvaluationError("the data is nested too deeply", source=self.source) from None

    def evaluate(
        self,
        context: Any,
        *,
        variables: Mapping[str, Any] = NO_VARIABLES,
        environment: Environment | None = None,
    ) -> list[Any]:
        """The result as plain values: JSON for what comes from the resource, System values otherwise. See `nodes`.

        A primitive that has extensions but no value is None in the list.
        """
        if context.__class__ is dict:
            try:
                plain, type_ = self._known[context["resourceType"]]
            except (KeyError, TypeError):
                plain, type_ = self._first_of_type(context)
            if plain is not None:
                found: list[Any] = []
                plain(context, None, found)
                return found
            context = DataNode(context, type_)
        items = self._evaluated(context, variables, environment)
        return [item.value if item.__class__ is DataNode else item for item in items]

    def test(
        self,
        context: Any,
        *,
        variables: Mapping[str, Any] = NO_VARIABLES,
        environment: Environment | None = None,
    ) -> bool | None:
        """The result as a truth value, None for the empty collection: for invariants and conditions (N1, 4.5)."""
        return as_truth(single(self._evaluated(context, variables, environment)))

    def _first_of_type(self, context: dict[str, Any]) -> tuple[Plan | None, Type]:
        """What `_known` has for the type of a resource from now on."""
        type_: Type = self._item(context).type
        if type_.kind != "resource":
            return None, type_
        plan = None
        if isinstance(self.tree, IdentifierRef | Property):
            start, path = path_of(self.tree)
            if start is None:
                plan = self._plain_plan(type_, path.steps_from(type_))
        self._known[type_.name] = plan, type_
        return plan, type_

    def _plain_plan(self, type_: Type, names: tuple[str, ...]) -> Plan:
        def warm() -> None:
            self._known[type_.name] = generated(type_, names, plain=True), type_

        return warming(plainly(make_plan(type_, names)), warm)

    def _item(self, context: Any) -> Item:
        try:
            return node_of(context, self.context_type)
        except EvaluationError as error:
            error.source = self.source
            raise

    def _located(self, error: EvaluationError, item: Item | None, frame: Frame) -> QuestionError:
        """The same error with its place, found by evaluating once more, without traces."""
        if error.span is not NOWHERE:
            return error
        environment = frame.environment
        again = Frame(item, frame.variables, _quiet(environment), frame.units, instant=frame.instant)
        try:
            self._locating_run(item, again)
        except QuestionError as located:
            return located
        except RecursionError:
            pass  # The plain closures need less of the stack. Better no place than another error.
        error.source = self.source
        return error

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<Expression {self.source}>"


def _quiet(environment: Environment) -> Environment:
    return Environment(
        environment.references,
        environment.terminology,
        environment.profiles,
        environment.units,
        environment.now,
        None,
        environment.until,
    )


@lru_cache(maxsize=8192)
def compile(
    expression: str,
    *,
    context_type: str | None = None,
    strict: bool = False,
    as_filters: bool = False,
) -> Expression:
    """Read, check and compile a FHIRPath expression (N1, with the functions of FHIR R4).

    `context_type` names the type that the expression will be asked of: a resource type, or a data type or backbone such
    as `HumanName` or `Observation.component`. With `strict` every step is checked against it before anything runs
    (`check_types`). `as_filters` lets `as` stand for `ofType` on several items, as R4's own invariants need it.

    Raises ParseError or CheckError, with line, column, what was expected and what may have been meant.
    """
    if context_type is not None and FHIR.find(context_type) is None:
        suggestion = did_you_mean(context_type, type_names())
        raise CheckError(f"R4 has no type {context_type}", source=expression, span=Span(0, 0), suggestion=suggestion)
    tree = parse(expression)
    if strict:
        if context_type is None:
            raise ValueError("strict needs a context_type to check against")
        errors = check_tree(tree, expression, context_type)
        if errors:
            raise errors[0]
    return Expression(expression, tree, context_type=context_type, as_filters=as_filters)
