"""$data-requirements of libraries and measures (R4 measure-operation-data-requirements.html, CRMI): what must be known
to answer, as a module definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bedside.api.messages import Reply, Request
from bedside.api.questions import library as library_operations
from bedside.api.questions.inputs import Inputs
from bedside.api.questions.measure import measure_of
from bedside.api.questions.questions import Questions
from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid
from bedside.questions.cql import tree
from bedside.questions.cql.to_fhir import CQL_TYPE
from bedside.questions.cql.types import ChoiceType, DataType, IntervalType, ListType, NamedType
from bedside.questions.cql.walk import libraries_of, nodes
from bedside.record.libraries import Logic, Shelf, unknown_expression

Json = dict[str, Any]

LIBRARY_TYPE = "http://terminology.hl7.org/CodeSystem/library-type"


def of_library(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/Library/[id]/$data-requirements, also of the type with `url`; `expression` names some."""
    inputs = Inputs(request, ("url", "library", "expression", "parameters"))
    shelf = questions.libraries.current()
    logic = library_operations.chosen(questions, request, inputs, shelf)
    return Reply(200, requirements(logic, shelf, inputs.texts("expression") or None))


def of_measure(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/Measure/[id]/$data-requirements: what the criteria of the measure need."""
    inputs = Inputs(request, ("measure", "periodStart", "periodEnd", "parameters"))
    definition = measure_of(questions, request, inputs)
    shelf = questions.libraries.current()
    logic = shelf.by_canonical(definition.library)
    wanted = dict.fromkeys(expression for expression, _ in definition.expressions())
    return Reply(200, requirements(logic, shelf, list(wanted)))


def requirements(logic: Logic, shelf: Shelf, names: list[str] | None) -> Json:
    """A Library of the type module-definition: parameters, data and artifacts that definitions need.

    `names` are definitions or functions of the library; None: all that are public. Raises Invalid for an unknown one.
    """
    library = logic.program.library
    wanted = names if names is not None else [name for name, each in library.expressions.items() if each.public]
    for name in wanted:
        if name not in library.expressions and name not in library.functions:
            raise Invalid(unknown_expression(logic, name), code="not-found")
    walk = _Walk()
    for name in wanted:
        walk.visit(library, name)
    found: Json = {
        "resourceType": "Library",
        "status": "active",
        "type": {"coding": [{"system": LIBRARY_TYPE, "code": "module-definition"}]},
    }
    artifacts = [*_libraries(logic, shelf), *walk.artifacts()]
    if artifacts:
        found["relatedArtifact"] = artifacts
    parameters = [_in(each) for each in walk.parameters.values()]
    parameters += [_out(library.expressions[name]) for name in wanted if name in library.expressions]
    if parameters:
        found["parameter"] = parameters
    data = list(walk.requirements.values())
    if data:
        found["dataRequirement"] = data
    return found


class _Walk:
    """Collects what the definitions use, through every library, each definition once."""

    def __init__(self) -> None:
        self.requirements: dict[str, Json] = {}
        self.parameters: dict[str, tree.ParameterDef] = {}
        self._value_sets: dict[str, None] = {}
        self._systems: dict[str, None] = {}
        self._seen: set[tuple[int, str]] = set()

    def artifacts(self) -> list[Json]:
        """The value sets and code systems, as dependencies."""
        return [{"type": "depends-on", "resource": canonical} for canonical in (*self._value_sets, *self._systems)]

    def visit(self, library: tree.Library, name: str) -> None:
        """A definition, or all overloads of a function."""
        if (id(library), name) in self._seen:
            return
        self._seen.add((id(library), name))
        known = library.expressions.get(name)
        bodies = (
            [known.expression] if known is not None else [each.expression for each in library.functions.get(name, ())]
        )
        for body in bodies:
            if body is not None:
                self._expression(library, body)

    def _expression(self, library: tree.Library, body: tree.Expression) -> None:
        for node in nodes(body):
            match node:
                case tree.Retrieve():
                    one = self._requirement(library, node)
                    self.requirements.setdefault(repr(one), one)
                case tree.ExpressionRef(name=name) | tree.FunctionRef(name=name):
                    other = _of(library, node.library)
                    if other is not None:
                        self.visit(other, name)
                case tree.ParameterRef(name=name):
                    other = _of(library, node.library)
                    if other is not None and name in other.parameters:
                        self.parameters.setdefault(name, other.parameters[name])
                case tree.ValueSetRef():
                    self._value_set(library, node)
                case tree.CodeRef() | tree.ConceptRef():
                    for code in _codes(library, node):
                        self._systems.setdefault(code["system"])
                case tree.CodeSystemRef(name=name):
                    other = _of(library, node.library)
                    if other is not None and name in other.code_systems:
                        system = other.code_systems[name]
                        self._systems.setdefault(_canonical(system.id, system.version))

    def _value_set(self, library: tree.Library, node: tree.ValueSetRef) -> str | None:
        other = _of(library, node.library)
        known = None if other is None else other.value_sets.get(node.name)
        if known is None:
            return None
        canonical = _canonical(known.id, known.version)
        self._value_sets.setdefault(canonical)
        return canonical

    def _requirement(self, library: tree.Library, node: tree.Retrieve) -> Json:
        """One retrieve (Using CQL with FHIR, "Parameters and Data Requirements")."""
        found: Json = {"type": node.resource_type}
        if node.template:
            found["profile"] = [node.template]
        if node.code_property and node.codes is not None:
            one: Json = {"path": node.code_property}
            for each in nodes(node.codes):
                if isinstance(each, tree.ValueSetRef):
                    canonical = self._value_set(library, each)
                    if canonical is not None:
                        one["valueSet"] = canonical
                elif isinstance(each, tree.CodeRef | tree.ConceptRef):
                    one.setdefault("code", []).extend(_codes(library, each))
            found["codeFilter"] = [one]
        if node.date_property:
            found["dateFilter"] = [{"path": node.date_property}]
        return found


def _of(library: tree.Library, alias: str | None) -> tree.Library | None:
    return library if alias is None else library.includes.get(alias)


def _codes(library: tree.Library, node: tree.CodeRef | tree.ConceptRef) -> list[Json]:
    other = _of(library, node.library)
    if other is None:
        return []
    if isinstance(node, tree.ConceptRef):
        concept = other.concepts.get(node.name)
        return [code for each in concept.codes for code in _codes(other, each)] if concept is not None else []
    known = other.codes.get(node.name)
    if known is None:
        return []
    home = _of(other, known.code_system.library)
    system = None if home is None else home.code_systems.get(known.code_system.name)
    found: Json = {"system": known.code_system.name if system is None else system.id, "code": known.id}
    return [found if known.display is None else {**found, "display": known.display}]


def _canonical(id_: str, version: str | None) -> str:
    return id_ if version is None else f"{id_}|{version}"


def _libraries(logic: Logic, shelf: Shelf) -> Iterable[Json]:
    """The included libraries, by canonical URL where the record has them."""
    for each in libraries_of(logic.program.library)[1:]:
        if each.name is not None:
            resource = shelf.resource(each.name, each.version)
            url = None if resource is None else resource.get("url")
            canonical = _canonical(str(url or f"Library/{each.name}"), each.version)
            yield {"type": "depends-on", "display": f"Library {each.name}", "resource": canonical}


def _in(parameter: tree.ParameterDef) -> Json:
    return {**_typed(parameter.type), "name": parameter.name, "use": "in", "min": 0, "max": "1"}


def _out(expression: tree.ExpressionDef) -> Json:
    type_ = expression.expression.type
    return {
        **_typed(type_),
        "name": expression.name,
        "use": "out",
        "min": 0,
        "max": "*" if isinstance(type_, ListType) else "1",
    }


_FHIR_TYPES: Mapping[str, str] = {
    "System.Boolean": "boolean", "System.Integer": "integer", "System.Long": "string", "System.Decimal": "decimal",
    "System.String": "string", "System.Date": "date", "System.DateTime": "dateTime", "System.Time": "time",
    "System.Quantity": "Quantity", "System.Ratio": "Ratio", "System.Code": "Coding",
    "System.Concept": "CodeableConcept", "System.ValueSet": "canonical", "System.CodeSystem": "canonical",
    "System.Vocabulary": "canonical",
}  # fmt: skip


def _typed(type_: DataType) -> Json:
    return {"extension": [{"url": CQL_TYPE, "valueString": str(type_)}], "type": _fhir_type(type_)}


def _fhir_type(type_: DataType) -> str:
    """The FHIR type that stands for a CQL type (Using CQL with FHIR, "FHIR Type Mapping")."""
    match type_:
        case ListType(element=element):
            return _fhir_type(element)
        case IntervalType(point=NamedType(name=name)):
            return "Period" if name in ("Date", "DateTime", "Time") else "Range"
        case NamedType():
            known = _FHIR_TYPES.get(str(type_))
            if known is not None:
                return known
            if type_.name in definitions.type_names():
                return type_.name
        case ChoiceType():
            return "Any"
    return "Any"
