"""Types as ELM names them: `{urn:hl7-org:elm-types:r1}Integer`, and specifiers for those without a name."""

from __future__ import annotations

from typing import Any

from bedside.questions.cql import models
from bedside.questions.cql.types import ChoiceType, DataType, IntervalType, ListType, NamedType, TupleType

SYSTEM_URI = "urn:hl7-org:elm-types:r1"


def model_uri(name: str) -> str:
    """The namespace of a model's types: that of the model whose instances it speaks of (QICore's are FHIR's)."""
    model = models.load(name)
    return model.target_url or model.url


def qualified(type_: NamedType) -> str:
    """`{http://hl7.org/fhir}Encounter`; a profile goes by the name of its resource."""
    if type_.namespace == "System":
        return f"{{{SYSTEM_URI}}}{type_.name}"
    model = models.load(type_.namespace)
    try:
        target = model.info(type_).target
    except KeyError:  # A type of FHIR that a mapping passes through and the model does not list.
        target = None
    return f"{{{model_uri(type_.namespace)}}}{target or type_.name}"


def specifier(type_: DataType) -> dict[str, Any]:
    """A type as a TypeSpecifier."""
    match type_:
        case NamedType():
            return {"type": "NamedTypeSpecifier", "name": qualified(type_)}
        case ListType(element):
            return {"type": "ListTypeSpecifier", "elementType": specifier(element)}
        case IntervalType(point):
            return {"type": "IntervalTypeSpecifier", "pointType": specifier(point)}
        case TupleType(elements):
            return {
                "type": "TupleTypeSpecifier",
                "element": [{"name": name, "elementType": specifier(of)} for name, of in elements],
            }
        case ChoiceType(alternatives):
            return {"type": "ChoiceTypeSpecifier", "choice": [specifier(each) for each in alternatives]}
    raise TypeError(f"{type_} is the type of no expression")


def typed(prefix: str, type_: DataType) -> dict[str, Any]:
    """`{prefix}Type` or `{prefix}TypeName` for a type with a name, `{prefix}TypeSpecifier` for any other."""
    if isinstance(type_, NamedType):
        return {f"{prefix}TypeName" if prefix == "result" else f"{prefix}Type": qualified(type_)}
    return {f"{prefix}TypeSpecifier": specifier(type_)}
