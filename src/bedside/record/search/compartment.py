"""Compartments: all that belongs to one patient, encounter, device, practitioner or related person
(https://hl7.org/fhir/R4/compartmentdefinition.html)."""

from __future__ import annotations

from functools import cache

from bedside.fhir import definitions
from bedside.record.parameters import Parameter, Registry
from bedside.record.search.filters.reference import target_types
from bedside.record.search.model import Member


@cache
def types_of(name: str) -> tuple[str, ...]:
    """The types that can be in a compartment, with the one that gives it its name; KeyError for no compartment."""
    return tuple(sorted({name, *definitions.compartment(name)}))


def parameters_of(registry: Registry, name: str, type_name: str) -> tuple[Parameter, ...]:
    """The reference parameters by which a type belongs to the compartment of a `name`."""
    codes = definitions.compartment(name).get(type_name, ())
    found = [registry.get(type_name, code) for code in codes]
    return tuple(p for p in found if p is not None and p.type == "reference" and name in target_types(p))


def membership(registry: Registry, compartment: tuple[str, str], type_name: str) -> Member:
    """The filter that keeps resources of a type to the compartment of one resource, itself included."""
    name = compartment[0]
    return Member(parameters_of(registry, name, type_name), compartment, type_name == name)
