"""One evaluation of a library against a world: for one patient, or without one for everything there is.

    session = compile_library(library).session(world, context_id="7", parameters={"Measurement Period": year_2026})
    session.evaluate("Initial Population")      # True
    session.evidence("Initial Population")      # [Evidence(Encounter/12 ...), ...]

A session keeps what it has computed, so that definitions which others build on are computed once. It is not meant for
several threads at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bedside.questions.cql.run.casts import tester
from bedside.questions.cql.run.compiler import Mode
from bedside.questions.cql.run.evidence import Evidence, distinct_evidence, observed_define
from bedside.questions.cql.run.state import UNFILTERED, Effort, State
from bedside.questions.cql.run.unit import Define, Function, Parameter, Unit, unit_of
from bedside.questions.cql.types import DECIMAL, LONG, DataType
from bedside.questions.cql.values import Interval, Long, Uncertainty
from bedside.questions.cql.world import World
from bedside.questions.errors import NOWHERE, EvaluationError, QuestionError, did_you_mean
from bedside.questions.values import DateTime

PYTHON_FRAMES = 6_000
"""So deep may Python call itself. Closures of definitions that build on each other go deeper than its usual 1,000."""


class Session:
    """Evaluates the definitions of one library in one context. Made by `Program.session`."""

    def __init__(
        self,
        unit: Unit,
        world: World,
        *,
        context_type: str = "Patient",
        context_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        offset: int | None = None,
        limit: float | None = None,
    ) -> None:
        self._unit = unit
        self._world = world
        self._given = dict(parameters or {})
        self.state = State(world, context_type=context_type, context_id=context_id, offset=offset, limit=limit)
        if context_id is not None and context_type != UNFILTERED:
            self.state.unfiltered = self.state.of_context(UNFILTERED, None)
            self.state.unfiltered.unfiltered = self.state.unfiltered
        self._set_parameters(self.state, unit)
        if sys.getrecursionlimit() < PYTHON_FRAMES:
            sys.setrecursionlimit(PYTHON_FRAMES)

    def _set_parameters(self, state: State, unit: Unit) -> None:
        state.parameters = _parameters(unit, self._given, state.offset)
        state.unfiltered.parameters = state.parameters

    def for_context(self, context_id: str, context_type: str | None = None) -> Session:
        """A session for another patient (or whatever the context is), with the same clock and parameters.

        What does not depend on the patient is not computed again.
        """
        other = object.__new__(Session)
        other._unit, other._world, other._given = self._unit, self._world, self._given
        other.state = self.state.of_context(context_type or self.state.context_type, context_id)
        other.state.effort = Effort(self.state.effort.limit)
        if self.state.unfiltered is self.state:
            other.state.unfiltered = other.state.of_context(UNFILTERED, None)
            other.state.unfiltered.unfiltered = other.state.unfiltered
        return other

    @property
    def results(self) -> dict[str, Any]:
        """The values of this library's definitions that have been computed, by name."""
        known, everywhere = self.state.results, self.state.unfiltered.results
        return {
            name: (known if define in known else everywhere)[define]
            for name, define in self._unit.defines.items()
            if define in known or define in everywhere
        }

    def evaluate(self, name: str) -> Any:
        """The value of a definition.

        Raises EvaluationError, with library, definition, line and column, when the data does not fit or there is no
        such definition; UnsupportedError when the world lacks what it needs.
        """
        define = _define(self._unit, name)
        state = self._state_of(define, self.state)
        if state.context_type == UNFILTERED != define.context:
            members = [self.for_context(each.context_id or "", define.context) for each in self._all(define)]
            return [each.evaluate(name) for each in members]
        return self._run(
            lambda: define.value(state), lambda unit, again: _value(unit, name, self._state_of(define, again))
        )

    def evaluate_all(self) -> dict[str, Any]:
        """The values of all public definitions that are of this session's context or of none, in their order."""
        return {
            name: self.evaluate(name)
            for name, each in self._unit.defines.items()
            if each.tree.public and self._is_of_context(each)
        }

    def call(self, name: str, arguments: Sequence[Any]) -> Any:
        """The value of a function for these arguments. The overload is found by their number and types.

        Raises EvaluationError when no overload takes them.
        """
        given = list(arguments)
        function = _overload(self._unit, name, given)
        place = self._unit.functions[name].index(function)
        return self._run(
            lambda: function.call(self.state, given),
            lambda unit, again: unit.functions[name][place].call(again, given),
        )

    def evidence(self, name: str) -> list[Evidence]:
        """The resources that made a definition true, or that are in its list; empty when it is false, null or empty.

        The definition is evaluated once more, with closures that keep track.
        """
        unit, state = unit_of(self._unit.library, Mode.OBSERVING), self._again()
        self._set_parameters(state, unit)
        define = _define(unit, name)
        state = self._state_of(define, state)
        self._run(lambda: observed_define(state, define), lambda unit, again: _value(unit, name, again))
        return distinct_evidence(state.trails[define])

    def _is_of_context(self, define: Define) -> bool:
        """Without an id a session is of no context in particular."""
        return define.context in (UNFILTERED, self.state.context_type) or self.state.context_id is None

    def _state_of(self, define: Define, state: State) -> State:
        if define.context == UNFILTERED:
            return state.unfiltered
        if not self._is_of_context(define):
            error = EvaluationError(
                f"{define.tree.name} is of the context {define.context}, and this session of {state.context_type}"
            )
            error.span, error.source = define.tree.span, define.unit.library.source
            error.library, error.define = define.unit.name, define.tree.name
            raise error
        return state

    def _all(self, define: Define) -> list[State]:
        """The states of all members of a definition's context."""
        return self.state.everybody(define.context)

    def _again(self) -> State:
        """A state like that of this session in which nothing is known but what has been retrieved."""
        state = self.state.of_context(self.state.context_type, self.state.context_id)
        state.retrieved = self.state.retrieved
        if self.state.unfiltered is self.state:
            state.unfiltered = state
        else:
            state.unfiltered = self.state.of_context(UNFILTERED, None)
            state.unfiltered.unfiltered = state.unfiltered
            state.unfiltered.retrieved = self.state.unfiltered.retrieved
        return state

    def _run(self, run: Callable[[], Any], again: Callable[[Unit, State], Any]) -> Any:
        """Run something; when it fails, run it once more with closures that know their places."""
        self.state.effort.restart()
        try:
            return _certain(run())
        except QuestionError as error:
            if error.span is not NOWHERE and error.library is not None:
                raise
            raise self._located(error, again) from None
        except RecursionError:
            raise self._nested() from None

    def _located(self, error: QuestionError, again: Callable[[Unit, State], Any]) -> QuestionError:
        """The same error with its place. Messages were sent the first time and are not sent again."""
        unit, state = unit_of(self._unit.library, Mode.LOCATING), self._again()
        state.world = state.unfiltered.world = replace(self._world, message=_silent)
        self._set_parameters(state, unit)
        state.effort.restart()
        try:
            again(unit, state)
        except QuestionError as located:
            return located
        except RecursionError:
            pass
        error.source, error.library = self._unit.library.source, self._unit.name
        return error

    def _nested(self) -> EvaluationError:
        error = EvaluationError("the question is nested too deeply", source=self._unit.library.source)
        error.library = self._unit.name
        return error


def _certain(value: Any) -> Any:
    """A number known only to lie between two is, as an answer, the interval of them (CQL 1.5, "Uncertainty")."""
    if value.__class__ is Uncertainty:
        return Interval(value.low, value.high, point="Integer")
    return value


def _silent(severity: str, code: str, text: str) -> None:
    return None


def _value(unit: Unit, name: str, state: State) -> Any:
    return unit.defines[name].value(state)


def _define(unit: Unit, name: str) -> Define:
    found = unit.defines.get(name)
    if found is None:
        error = EvaluationError(f"there is no definition {name}", suggestion=did_you_mean(name, unit.defines))
        error.source, error.library = unit.library.source, unit.name
        raise error
    return found


def _overload(unit: Unit, name: str, arguments: list[Any]) -> Function:
    overloads = unit.functions.get(name, [])
    for each in overloads:
        types = [type_ for _, type_ in each.tree.operands]
        if len(types) == len(arguments) and all(
            value is None or tester(type_)(value) for type_, value in zip(types, arguments, strict=True)
        ):
            return each
    problem = (
        f"no function {name} takes these {len(arguments)} arguments" if overloads else f"there is no function {name}"
    )
    error = EvaluationError(problem, suggestion=None if overloads else did_you_mean(name, unit.functions))
    error.source, error.library = unit.library.source, unit.name
    raise error


def _parameters(unit: Unit, given: Mapping[str, Any], offset: int) -> dict[Parameter, Any]:
    """The given values by parameter. A name is `Measurement Period`, or `Library.Measurement Period` for one library.

    A plain name reaches the parameter of that name in every library, for libraries that are included share it.
    """
    found: dict[Parameter, Any] = {}
    names = set()
    for each in unit.all_units():
        for name, parameter in each.parameters.items():
            qualified = f"{each.name}.{name}"
            for key in (qualified, name):
                if key in given:
                    names.add(key)
                    found[parameter] = _checked(given[key], parameter, offset)
                    break
    for name in given:
        if name not in names and not any(f"{each.name}.{name}" in names for each in unit.all_units()):
            error = EvaluationError(f"there is no parameter {name}", suggestion=did_you_mean(name, unit.parameters))
            error.source, error.library = unit.library.source, unit.name
            raise error
    return found


def _checked(value: Any, parameter: Parameter, offset: int) -> Any:
    """The value in the form that the parameter has; EvaluationError when it is of another type."""
    if value is None:
        return None
    type_ = parameter.tree.type
    value = _adapted(value, type_, offset)
    if not tester(type_)(value):
        error = EvaluationError(f"the parameter {parameter.tree.name} is a {type_}", expected=f"a {type_}")
        error.span, error.source = parameter.tree.span, parameter.unit.library.source
        error.library = parameter.unit.name
        raise error
    return value


def _adapted(value: Any, type_: DataType, offset: int) -> Any:
    """Numbers widened as CQL would, and the session's offset for a DateTime that has none."""
    if value.__class__ is DateTime and value.offset is None:
        return replace(value, offset=offset)
    if value.__class__ is Interval:
        return replace(value, low=_adapted(value.low, type_, offset), high=_adapted(value.high, type_, offset))
    if value.__class__ is list:
        return [_adapted(each, type_, offset) for each in value]
    if type_ == LONG and value.__class__ is int:
        return Long(value)
    if type_ == DECIMAL and value.__class__ is int:
        return Decimal(value)
    return value
