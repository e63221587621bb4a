"""One library made ready to run: its definitions, functions and parameters, each compiled when it is first needed.

Units hold no state of any evaluation. One library included by many is one unit; they may be used by several threads.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.run import fhirhelpers
from bedside.questions.cql.run.compiler import UNSET, Compiler, Layout, Mode, Run, Scope
from bedside.questions.cql.run.state import MAX_CALLS, State
from bedside.questions.cql.types import DataType
from bedside.questions.errors import CheckError, EvaluationError, UnsupportedError, did_you_mean

KEPT = 512
"""How many compiled libraries are kept."""


class Define:
    """A definition. Its value is computed once for each state that asks for it."""

    __slots__ = ("_template", "context", "run", "tree", "unit")

    def __init__(self, unit: Unit, definition: tree.ExpressionDef) -> None:
        self.unit = unit
        self.tree = definition
        self.context = definition.context
        self.run: Run | None = None
        self._template: list[Any] = []

    def value(self, state: State) -> Any:
        """The value in this state; computed when it is first asked for."""
        results = state.results
        value = results.get(self, UNSET)
        if value is UNSET:
            run = self.run or self._compile()
            frame = self._template.copy()
            frame[0] = state
            value = results[self] = run(frame)
        return value

    def _compile(self) -> Run:
        layout = Layout()
        scope = Scope(layout, {}, {}, repeated=False)
        run = self.unit.compiler(self.tree.name, self.context).compile(self.tree.expression, scope)
        self._template = [None] * layout.size
        self.run = run
        return run


class Function:
    """One overload of a function."""

    __slots__ = ("_padding", "run", "tree", "unit")

    def __init__(self, unit: Unit, definition: tree.FunctionDef) -> None:
        self.unit = unit
        self.tree = definition
        self.run: Run | None = None
        self._padding: list[Any] = []

    def compiled(self) -> Run:
        """The body. Raises UnsupportedError for an external function."""
        if self.run is not None:
            return self.run
        if self.tree.expression is None:
            raise UnsupportedError(f"{self.unit.name}.{self.tree.name} is external, and nothing here provides it")
        layout = Layout()
        slots = {f"operand {name}": layout.slot() for name, _ in self.tree.operands}
        scope = Scope(layout, slots, {}, repeated=True)
        run = self.unit.compiler(self.tree.name, self.tree.context).compile(self.tree.expression, scope)
        self._padding = [None] * (layout.size - 1 - len(slots))
        self.run = run
        return run

    def call(self, state: State, arguments: list[Any]) -> Any:
        """Call it. Raises EvaluationError for calls that are nested without end."""
        run = self.run or self.compiled()
        effort = state.effort
        effort.calls += 1
        if effort.calls > MAX_CALLS:
            raise EvaluationError(f"functions call each other more than {MAX_CALLS} deep")
        effort.spend(1)
        value = run([state, *arguments, *self._padding])
        effort.calls -= 1
        return value

    def calling(self, operands: list[Run]) -> Run:
        """A closure that calls it with these operands."""
        call = self.call
        if len(operands) == 1:
            (only,) = operands
            return lambda frame: call(frame[0], [only(frame)])
        return lambda frame: call(frame[0], [each(frame) for each in operands])


class Parameter:
    """A parameter: what was given for it, else its default."""

    __slots__ = ("_default", "tree", "unit")

    def __init__(self, unit: Unit, definition: tree.ParameterDef) -> None:
        self.unit = unit
        self.tree = definition
        self._default: Run | None = None

    def value(self, state: State) -> Any:
        """The value in this state; null when nothing was given and there is no default."""
        value = state.parameters.get(self, UNSET)
        if value is not UNSET:
            return value
        value = state.results.get(self, UNSET)
        if value is UNSET:
            value = state.results[self] = self._evaluated(state)
        return value

    def _evaluated(self, state: State) -> Any:
        if self.tree.default is None:
            return None
        layout = Layout()
        scope = Scope(layout, {}, {}, repeated=False)
        run = self.unit.compiler(self.tree.name, "Unfiltered").compile(self.tree.default, scope)
        return run([state, *[None] * (layout.size - 1)])


class Unit:
    """A library in one mode of compiling."""

    def __init__(self, library: tree.Library, mode: Mode) -> None:
        self.library = library
        self.mode = mode
        self.name = library.name
        self.defines = {name: Define(self, each) for name, each in library.expressions.items()}
        self.functions = {
            name: [Function(self, each) for each in overloads] for name, overloads in library.functions.items()
        }
        self.parameters = {name: Parameter(self, each) for name, each in library.parameters.items()}
        self.includes = {alias: unit_of(each, mode) for alias, each in library.includes.items()}

    def compiler(self, define: str | None, context: str) -> Compiler:
        """A compiler for one definition."""
        return Compiler(self, self.mode, define, context)

    def included(self, alias: str | None) -> Unit:
        """The unit that an alias names; this one for None."""
        if alias is None:
            return self
        found = self.includes.get(alias)
        if found is None:
            suggestion = did_you_mean(alias, self.includes)
            raise CheckError(f"{self.name} includes no library called {alias}", suggestion=suggestion)
        return found

    def is_helpers(self, alias: str) -> bool:
        """Whether an alias names FHIRHelpers, which a library of a FHIR model has even if it does not include it."""
        found = self.includes.get(alias)
        return (alias if found is None else found.name) == fhirhelpers.NAME

    def function(self, name: str, signature: tuple[DataType, ...]) -> Function:
        """The overload with these operand types; of a function that has only one with so many operands, that one."""
        overloads = self.functions.get(name)
        if not overloads:
            raise CheckError(f"{self.name} has no function {name}", suggestion=did_you_mean(name, self.functions))
        for each in overloads:
            if tuple(type_ for _, type_ in each.tree.operands) == signature:
                return each
        fitting = [each for each in overloads if len(each.tree.operands) == len(signature)]
        if len(fitting) == 1:
            return fitting[0]
        shown = ", ".join(map(str, signature))
        raise CheckError(f"{self.name} has no function {name}({shown})")

    def all_units(self) -> list[Unit]:
        """This unit and all that it includes, each once."""
        found: dict[int, Unit] = {}
        waiting = [self]
        while waiting:
            unit = waiting.pop()
            if id(unit) not in found:
                found[id(unit)] = unit
                waiting += unit.includes.values()
        return list(found.values())


_units: OrderedDict[tuple[Any, Mode], Unit] = OrderedDict()
_lock = Lock()


def unit_of(library: tree.Library, mode: Mode = Mode.PLAIN) -> Unit:
    """The compiled library, from those that are kept if it is there: by its digest, without one by the object."""
    key = (library.digest or id(library), mode)
    with _lock:
        found = _units.get(key)
        if found is not None and (library.digest or found.library is library):
            _units.move_to_end(key)
            return found
    made = Unit(library, mode)
    with _lock:
        found = _units.setdefault(key, made)
        if not library.digest and found.library is not library:
            found = _units[key] = made
        while len(_units) > KEPT:
            _units.popitem(last=False)
    return found
