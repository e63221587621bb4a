"""Codes in value sets and code systems, and codes above codes (CQL 1.5.3, appendix B, "Clinical Operators").

What is asked is answered by the world's terminology. Where there is none, or where it does not know a value set or code
system, the question fails by name: no answer is ever false because something is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Code, CodeSystem, Concept, ValueSet
from bedside.questions.cql.world import MemberSet, Terminology
from bedside.questions.errors import EvaluationError, UnsupportedError

if TYPE_CHECKING:
    from bedside.questions.cql.run.state import State


def canonical(vocabulary: ValueSet | CodeSystem) -> str:
    """`url` or `url|version`."""
    return vocabulary.id if vocabulary.version is None else f"{vocabulary.id}|{vocabulary.version}"


def members(state: State, value_set: ValueSet | None) -> MemberSet:
    """The expansion of a value set.

    Raises UnsupportedError where there is no terminology, EvaluationError for a value set that it does not know.
    """
    if value_set is None:
        raise EvaluationError("the value set is null", expected="a value set")
    terminology = _terminology(state, canonical(value_set))
    found = terminology.value_set(canonical(value_set), tuple(map(canonical, value_set.code_systems)))
    if found is None:
        raise EvaluationError(f"there is no value set {canonical(value_set)}")
    return found


def _terminology(state: State, wanted: str) -> Terminology:
    terminology = state.world.terminology
    if terminology is None:
        raise UnsupportedError(f"there is no terminology here to ask for {wanted}")
    return terminology


def _has_string(held: MemberSet, code: str, value_set: ValueSet | None) -> bool:
    try:
        return held.has_code(code)
    except LookupError:
        name = value_set.name or value_set.id if value_set else "the value set"
        raise EvaluationError(
            f"{name} has the code {code!r} in several code systems", expected="a code with its system"
        ) from None


@operator("InValueSet", "(Code, ValueSet) Boolean", clause="Clinical, In (Valueset)", nulls=True, state=True)
def code_in_value_set(state: State, code: Code | None, value_set: ValueSet | None) -> bool:
    """Whether a value set has the code, by code and system. False of null. For errors see `members`."""
    return code is not None and (code.system, code.code) in members(state, value_set)


@operator("InValueSet", "(Concept, ValueSet) Boolean", clause="Clinical, In (Valueset)", nulls=True, state=True)
def concept_in_value_set(state: State, concept: Concept | None, value_set: ValueSet | None) -> bool:
    """Whether a value set has any code of the concept. False of null. For errors see `members`."""
    if concept is None:
        return False
    held = members(state, value_set)
    return any((code.system, code.code) in held for code in concept.codes if code is not None)


@operator("InValueSet", "(String, ValueSet) Boolean", clause="Clinical, In (Valueset)", nulls=True, state=True)
def string_in_value_set(state: State, code: str | None, value_set: ValueSet | None) -> bool:
    """Whether a value set has the code, whatever its system. False of null. For errors see `members`.

    EvaluationError for a code that the value set has from several systems.
    """
    return code is not None and _has_string(members(state, value_set), code, value_set)


@operator(
    "AnyInValueSet",
    "(List<Code>, ValueSet) Boolean",
    "(List<Concept>, ValueSet) Boolean",
    "(List<String>, ValueSet) Boolean",
    clause="Clinical, In (Valueset)",
    nulls=True,
    state=True,
)
def any_in_value_set(
    state: State, codes: Iterable[Code | Concept | str | None] | None, value_set: ValueSet | None
) -> bool:
    """Whether a value set has any code of a list. False of null. For errors see `members`."""
    if codes is None:
        return False
    held = members(state, value_set)
    for each in codes:
        if isinstance(each, str):
            if _has_string(held, each, value_set):
                return True
        elif any((code.system, code.code) in held for code in _codes(each)):
            return True
    return False


def _codes(value: Code | Concept | None) -> Iterable[Code]:
    if value is None:
        return ()
    return (value,) if isinstance(value, Code) else (code for code in value.codes if code is not None)


def _system_has(state: State, code: str, system: CodeSystem) -> bool:
    found = _terminology(state, canonical(system)).in_code_system(code, canonical(system))
    if found is None:
        raise EvaluationError(f"there is no code system {canonical(system)}")
    return found


@operator(
    "InCodeSystem",
    "(Code, CodeSystem) Boolean",
    "(Concept, CodeSystem) Boolean",
    "(String, CodeSystem) Boolean",
    clause="Clinical, In (Codesystem)",
    nulls=True,
    state=True,
)
def in_code_system(state: State, code: Code | Concept | str | None, system: CodeSystem | None) -> bool:
    """Whether a code system has the code, or any code of the concept. False of null.

    A code of another system is not in it. Raises UnsupportedError where there is no terminology, EvaluationError for a
    code system that it does not know.
    """
    if code is None:
        return False
    if system is None:
        raise EvaluationError("the code system is null", expected="a code system")
    if isinstance(code, str):
        return _system_has(state, code, system)
    return any(each.system == system.id and _system_has(state, each.code, system) for each in _codes(code))


@operator(
    "AnyInCodeSystem",
    "(List<Code>, CodeSystem) Boolean",
    "(List<Concept>, CodeSystem) Boolean",
    "(List<String>, CodeSystem) Boolean",
    clause="Clinical, In (Codesystem)",
    nulls=True,
    state=True,
)
def any_in_code_system(
    state: State, codes: Iterable[Code | Concept | str | None] | None, system: CodeSystem | None
) -> bool:
    """Whether a code system has any code of a list. False of null. Errors as for `in_code_system`."""
    return codes is not None and any(in_code_system(state, each, system) for each in codes)


@operator("Subsumes", "(Code, Code) Boolean", clause="Clinical, Subsumes", state=True)
def subsumes(state: State, general: Code, special: Code) -> bool:
    """Whether the first code is the second or an ancestor of it; null when a side is null.

    Codes of different systems do not subsume each other. Raises UnsupportedError where there is no terminology,
    EvaluationError where it does not know the system or the codes.
    """
    if general.system != special.system or general.system is None:
        return False
    if general.code == special.code:
        return True
    found = _terminology(state, general.system).subsumes(general.system, general.code, special.code)
    if found is None:
        raise EvaluationError(f"it is not known which codes of {general.system} subsume others")
    return found


@operator("Subsumes", "(Concept, Concept) Boolean", clause="Clinical, Subsumes", state=True)
def concept_subsumes(state: State, general: Concept, special: Concept) -> bool:
    """Whether any code of the first concept subsumes any of the second. See `subsumes`."""
    return any(subsumes(state, one, other) for one in _codes(general) for other in _codes(special))


@operator("SubsumedBy", "(Code, Code) Boolean", clause="Clinical, SubsumedBy", state=True)
def subsumed_by(state: State, special: Code, general: Code) -> bool:
    """Whether the second code subsumes the first. See `subsumes`."""
    return subsumes(state, general, special)


@operator("SubsumedBy", "(Concept, Concept) Boolean", clause="Clinical, SubsumedBy", state=True)
def concept_subsumed_by(state: State, special: Concept, general: Concept) -> bool:
    """Whether any code of the second concept subsumes any of the first. See `subsumes`."""
    return concept_subsumes(state, general, special)


@operator("ExpandValueSet", "(ValueSet) List<Code>", clause="Clinical, ExpandValueSet", state=True)
def expand_value_set(state: State, value_set: ValueSet) -> list[Code]:
    """The codes of a value set; null of null. For errors see `members`."""
    return [
        Code(each["code"], each.get("system"), each.get("version"), each.get("display"))
        for each in members(state, value_set)
    ]
