"""Why a definition is true: which resources passed the queries and retrieves that feed it.

Closures compiled in the mode `OBSERVING` leave a trail in the state. Whatever does not count in the end is taken off it
again: what was met on the way to an item that did not pass, on the side of an `or` that was not true, or below a `not`.
A definition that others ask for keeps its part of the trail with its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bedside.questions.cql import tree
from bedside.questions.data import DataNode

if TYPE_CHECKING:
    from bedside.questions.cql.run.compiler import Compiler, Frame, Run
    from bedside.questions.cql.run.state import State
    from bedside.questions.cql.run.unit import Define


@dataclass(frozen=True, slots=True)
class Evidence:
    """One resource that made a definition what it is.

    `define` and `library` name the definition whose query it passed, `retrieve` says what was asked of the data
    (`[Condition: code in "Diabetes"]`), where that is known. `because` are the resources that made this one pass: those
    of a `with` or of a query in its `where`.
    """

    resource: dict[str, Any]
    define: str | None
    library: str | None
    retrieve: str | None
    because: tuple[Evidence, ...] = ()

    @property
    def reference(self) -> str:
        """`Condition/1`; the type alone for a resource without id."""
        type_, id_ = self.resource.get("resourceType", ""), self.resource.get("id")
        return f"{type_}/{id_}" if id_ else str(type_)


def describe(node: tree.Retrieve) -> str:
    """A retrieve as CQL writes it, with the name of its value set or code."""
    name = node.data_type.name
    codes = node.codes
    match codes:  # A single code comes as a list of one, a concept as the list of its codes.
        case tree.List(elements=(inner,)) | tree.Operator(name="ToList", operands=(inner,)):
            codes = inner
        case tree.Property(source=inner):
            codes = inner
    match codes:
        case None:
            return f"[{name}]"
        case tree.ValueSetRef(name=of) | tree.CodeRef(name=of) | tree.ConceptRef(name=of) | tree.CodeSystemRef(name=of):
            return f'[{name}: {node.code_property} {node.comparator or "in"} "{of}"]'
    return f"[{name}: {node.code_property} {node.comparator or 'in'} ...]"


def observed_retrieve(compiler: Compiler, node: tree.Retrieve, read: Run) -> Run:
    """A retrieve that leaves its resources on the trail."""
    define, library, text = compiler.define, compiler.unit.name, describe(node)

    def run(frame: Frame) -> list[DataNode]:
        found: list[DataNode] = read(frame)
        frame[0].trail += [Evidence(each.value, define, library, text) for each in found]
        return found

    return run


def observed(
    compiler: Compiler, emit: Callable[[Frame, list[Any]], None], slots: list[int]
) -> Callable[[Frame, list[Any]], None]:
    """The end of a query's loops: what passes goes on the trail, with what made it pass; what does not, leaves none."""
    define, library = compiler.define, compiler.unit.name

    def run(frame: Frame, found: list[Any]) -> None:
        trail = frame[0].trail
        mark, before = len(trail), len(found)
        emit(frame, found)
        because = trail[mark:]
        del trail[mark:]
        if len(found) == before:
            return
        items = [frame[slot] for slot in slots]
        passed = {id(item.value) for item in items if item.__class__ is DataNode}
        frame[0].passed.append((passed, because, define, library))

    return run


def observed_query(run: Run) -> Run:
    """A whole query: of what its sources left on the trail, only what passed stays."""

    def query(frame: Frame) -> Any:
        state = frame[0]
        mark, outer = len(state.trail), state.passed
        state.passed = []
        try:
            value = run(frame)
            passed = state.passed
        finally:
            state.passed = outer
        of_sources = state.trail[mark:]
        del state.trail[mark:]
        state.trail += _remaining(of_sources, passed)
        return value

    return query


def _remaining(
    of_sources: list[Evidence], passed: Iterable[tuple[set[int], list[Evidence], str | None, str | None]]
) -> Iterable[Evidence]:
    by_resource: dict[int, list[Evidence]] = {}
    for each in of_sources:
        by_resource.setdefault(id(each.resource), []).append(each)
    for items, because, define, library in passed:
        known = [each for item in items for each in by_resource.get(item, ())]
        if not known:
            # What passed was no resource (a date, a tuple): the resources that it was made of stay as they are.
            yield from (of_sources if not items & by_resource.keys() else ())
            yield from because
        for each in known:
            own = tuple(because)
            if each.define == define and each.library == library:
                yield Evidence(each.resource, define, library, each.retrieve, (*each.because, *own))
            else:
                yield Evidence(each.resource, define, library, each.retrieve, (each, *own))


def observed_relationship(compiler: Compiler, items: Run, such_that: Run, slot: int, without: bool) -> Run:
    """A `with`: the first related item that fits is what made the item pass. Below a `without` nothing counts."""
    define, library = compiler.define, compiler.unit.name

    def run(frame: Frame) -> bool:
        trail = frame[0].trail
        mark = len(trail)
        related = items(frame)
        of_source = trail[mark:]
        del trail[mark:]
        for item in related:
            frame[slot] = item
            fits = such_that(frame) is True
            because = trail[mark:]
            del trail[mark:]
            if fits:
                if not without:
                    passed = {id(item.value)} if item.__class__ is DataNode else set()
                    trail += _remaining(of_source, [(passed, because, define, library)])
                return not without
        return without

    return run


def observed_operator(name: str, run: Run) -> Run:
    """An operator: `and` counts only when it is true, and what is negated does not count at all."""
    if name == "And":
        return settled(run, lambda value: value is True)
    if name in ("Not", "IsNull", "IsFalse", "Xor", "Implies"):
        return settled(run, lambda value: False)
    if name in ("First", "Last", "Indexer", "SingletonFrom"):
        return picked(run)
    return run


def picked(run: Run) -> Run:
    """An operator that takes one item of a list: of the resources in the list only that one counts."""

    def run_picked(frame: Frame) -> Any:
        trail = frame[0].trail
        mark = len(trail)
        value = run(frame)
        if value.__class__ is DataNode:
            chosen = [each for each in trail[mark:] if each.resource is value.value]
            if chosen:
                trail[mark:] = chosen
        return value

    return run_picked


def settled(run: Run, wanted: Callable[[Any], bool]) -> Run:
    """An expression whose trail counts only when its value is wanted."""

    def run_settled(frame: Frame) -> Any:
        trail = frame[0].trail
        mark = len(trail)
        value = run(frame)
        if not wanted(value):
            del trail[mark:]
        return value

    return run_settled


def is_true(value: Any) -> bool:
    return value is True


def observed_define(state: State, define: Define) -> Any:
    """The value of a definition; its part of the trail is kept and counts for all who ask for it."""
    known = state.trails.get(define)
    if known is None:
        mark = len(state.trail)
        value = define.value(state)
        counts = value is not None and value is not False and value != []
        known = state.trails[define] = state.trail[mark:] if counts else []
        del state.trail[mark:]
    else:
        value = define.value(state)
    state.trail += known
    return value


def distinct_evidence(trail: Iterable[Evidence]) -> list[Evidence]:
    """The trail without doubles: a resource that the same definition met twice in the same way is told once."""
    found: dict[tuple[int, str | None, str | None, str | None], Evidence] = {}
    for each in trail:
        found.setdefault((id(each.resource), each.library, each.define, each.retrieve), each)
    return list(found.values())
