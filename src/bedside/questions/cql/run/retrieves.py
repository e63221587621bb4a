"""Retrieves: what is asked of the data, once a session for the same request (CQL 1.5, author's guide, "Retrieve").

Codes go down to whoever has the data: a value set by its canonical URL, codes as keys. A date goes down, too, where the
query around the retrieve says that an element must lie in an interval that does not depend on the resource; that only
narrows what is read, for the query tests its condition itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.run.compiler import UNSET, Compiler, Frame, Mode, Run, Scope, builds
from bedside.questions.cql.run.evidence import observed_retrieve
from bedside.questions.cql.run.fhirhelpers import to_value
from bedside.questions.cql.run.profiles import Fits, profile_test
from bedside.questions.cql.run.pushdown import date_range
from bedside.questions.cql.run.state import UNFILTERED, State
from bedside.questions.cql.values import Code, CodeSystem, Concept, ValueSet
from bedside.questions.cql.world import CodeKey, Wanted
from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError, UnsupportedError
from bedside.questions.model import FHIR


@builds(tree.Retrieve)
def _retrieve(compiler: Compiler, node: tree.Retrieve, scope: Scope) -> Run:
    dates = None if node.date_range is None else compiler.compile(node.date_range, scope)
    return retrieve(compiler, node, scope, node.date_property, dates)


def retrieve(compiler: Compiler, node: tree.Retrieve, scope: Scope, date_path: str | None, dates: Run | None) -> Run:
    """The resources of a retrieve, bounded in time by `dates`, which gives an interval, where it is not None."""
    if FHIR.find(node.resource_type) is None:
        raise UnsupportedError(f"{node.resource_type} is no resource of R4")
    codes = None if node.codes is None else compiler.compile(node.codes, scope)
    fits = profile_test(node)
    context = None if node.context is None else compiler.compile(node.context, scope)

    def observe(read: Run) -> Run:
        return observed_retrieve(compiler, node, read) if compiler.mode is Mode.OBSERVING else read

    def read(frame: Frame) -> list[DataNode]:
        state = frame[0]
        wanted: dict[str, Any] = {"profile": node.template}
        if context is not None:
            about = context(frame)
            if about.__class__ is not DataNode:
                return []
            wanted |= {"context_type": about.type.name, "context_id": about.value.get("id")}
        elif state.context_type != UNFILTERED:
            wanted |= {"context_type": state.context_type, "context_id": state.context_id}
        among = None
        if codes is not None:
            among = codes(frame)
            if among is None:
                return []
            wanted |= {"code_path": node.code_property, **_codes(state, among)}
        if dates is not None:
            wanted |= {"date_path": date_path, "date_range": date_range(dates(frame))}
        found = _answer(state, Wanted(node.resource_type, **wanted), fits)
        return _in_system(state, found, node.code_property, among) if among.__class__ is CodeSystem else found

    # When nothing that it asks for changes within a session, one look finds what was read before.
    parts = (node.context, node.codes, node.date_range)
    if not any(each is not None and compiler.free.of(each) for each in parts):
        return observe(_remembering(read))
    return observe(read)


def _remembering(read: Run) -> Run:
    key = object()

    def remembering(frame: Frame) -> list[DataNode]:
        results = frame[0].results
        found = results.get(key, UNSET)
        if found is UNSET:
            found = results[key] = read(frame)
        return found  # type: ignore[no-any-return]

    return remembering


def _answer(state: State, wanted: Wanted, fits: Fits | None) -> list[DataNode]:
    found = state.retrieved.get(wanted)
    if found is None:
        if state.world.data is None:
            raise UnsupportedError("there is no data here to retrieve from")
        type_ = FHIR[wanted.resource_type]
        resources = state.world.data.retrieve(wanted)
        found = [DataNode(each, type_) for each in resources if fits is None or fits(each)]
        state.retrieved[wanted] = found
    return found


def _codes(state: State, among: Any) -> dict[str, Any]:
    """What is asked of the codes. Raises EvaluationError for what is no code."""
    if among.__class__ is ValueSet:
        canonical = among.id if among.version is None else f"{among.id}|{among.version}"
        if not among.code_systems:
            return {"value_set": canonical}
        return {"codes": _expanded(state, canonical, among)}
    if among.__class__ is CodeSystem:
        return {}
    return {"codes": frozenset(_keys(state, among if among.__class__ is list else [among]))}


def _expanded(state: State, canonical: str, value_set: ValueSet) -> frozenset[CodeKey]:
    """The codes of a value set whose definition pins the versions of code systems."""
    if state.world.terminology is None:
        raise UnsupportedError("there is no terminology here to ask for value sets")
    systems = [each.id if each.version is None else f"{each.id}|{each.version}" for each in value_set.code_systems]
    members = state.world.terminology.value_set(canonical, systems)
    if members is None:
        raise EvaluationError(f"there is no value set {canonical}")
    return frozenset((each.get("system"), each["code"]) for each in members)


def _keys(state: State, among: Iterable[Any]) -> Iterable[CodeKey]:
    for each in among:
        value = to_value(state, each) if each.__class__ is DataNode else each
        if value.__class__ is Code:
            yield value.system, value.code
        elif value.__class__ is Concept:
            yield from ((code.system, code.code) for code in value.codes)
        elif value.__class__ is str:
            yield None, value
        elif value is not None:
            raise EvaluationError("a retrieve can only ask for codes", expected="codes, concepts or a value set")


def _in_system(state: State, found: list[DataNode], path: str | None, system: CodeSystem) -> list[DataNode]:
    """Those with a code of a code system, as far as the terminology knows its codes."""

    def belongs(each: Any) -> bool:
        held = each.value.get(path)
        concepts = held if held.__class__ is list else [held]
        for concept in concepts:
            for coding in concept.get("coding", (concept,)) if concept.__class__ is dict else ():
                if coding.get("system") == system.id and coding.get("code") is not None:
                    terminology = state.world.terminology
                    if terminology is None or terminology.in_code_system(coding["code"], system.id) is not False:
                        return True
        return False

    return [each for each in found if belongs(each)]
