"""The R4 definitions: what types, elements, search parameters, compartments and invariants there are.

Everything comes from the compiled package data (see `scripts/compile_r4.py`) and is loaded when it is first
asked for (`scripts/time_fhir.py` measures it): types one by one, search parameters and codes all at once. Results
are cached and immutable; treat the dictionaries as read-only.

How to walk a path with static types:

    >>> component = type_definition("Observation").elements["component"]
    >>> component.types
    ('Observation.component',)
    >>> value = type_definition("Observation.component").elements["value"]
    >>> value.json_names["valueQuantity"]
    'Quantity'
    >>> type_definition("Observation.component").elements["referenceRange"].types
    ('Observation.referenceRange',)
    >>> is_subtype("Age", "Quantity"), is_subtype("Patient", "DomainResource")
    (True, True)

Type names are those of the specification (`Patient`, `HumanName`, `dateTime`), plus the path for a backbone
(`Observation.component`, `Timing.repeat`), whose base is `BackboneElement` or `Element`. An element of type
`Resource` (`contained`, `Bundle.entry.resource`) holds any resource; look at its `resourceType`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from bedside.fhir.schema import (
    Binding,
    Conformance,
    Element,
    Invariant,
    Kind,
    Operation,
    SearchComponent,
    SearchParameter,
    TypeRecord,
)

__all__ = [
    "FHIR_VERSION",
    "Binding",
    "Element",
    "Invariant",
    "Operation",
    "SearchComponent",
    "SearchParameter",
    "TypeDef",
    "codes",
    "compartment",
    "compartments",
    "element_codes",
    "has_shadow",
    "invariants",
    "is_primitive_type",
    "is_resource_type",
    "is_subtype",
    "operations",
    "primitive_types",
    "resource_types",
    "search_parameter",
    "search_parameters",
    "search_parameters_for",
    "type_definition",
    "type_names",
]

FHIR_VERSION = "4.0.1"
_NO_SHADOW = {"Element.id", "Resource.id", "Extension.url"}
_DATA = Path(__file__).parent / "data"


class TypeDef(msgspec.Struct, frozen=True):
    """A type with all its elements, inherited ones first, in the order of the specification."""

    name: str
    """`Patient`, `HumanName`, `dateTime`, or `Observation.component` for a backbone."""
    kind: Kind
    base: str | None
    """The type it specialises; None for `Element` and `Resource`."""
    abstract: bool
    elements: dict[str, Element]
    """By FHIRPath name: a choice element is under `value`. A primitive has `id` and `extension` only."""
    properties: dict[str, tuple[Element, str]]
    """By JSON name, with the type that the name says: `valueQuantity` -> (element `value`, `Quantity`).

    The shadow property of a primitive (`_birthDate`) is not listed: it belongs to the name without underscore.
    """
    regex: str | None = None
    """For a primitive, the pattern that a whole value must match, as the specification gives it."""


class _Head(msgspec.Struct, frozen=True):
    kind: Kind
    abstract: bool = False


_head = msgspec.json.Decoder(_Head)  # here, for the reason that schema.py gives at its end


@cache
def _raw_types() -> dict[str, msgspec.Raw]:
    return msgspec.json.decode((_DATA / "types.json").read_bytes(), type=dict[str, msgspec.Raw])


@cache
def _heads() -> dict[str, _Head]:
    return {name: _head.decode(raw) for name, raw in _raw_types().items()}


@cache
def type_names() -> tuple[str, ...]:
    """All type names but those of backbones: resources, complex and primitive types, abstract ones too."""
    return tuple(_heads())


@cache
def resource_types() -> tuple[str, ...]:
    """The names of the 146 concrete resource types, in alphabetical order."""
    return tuple(n for n, h in _heads().items() if h.kind == "resource" and not h.abstract)


@cache
def primitive_types() -> tuple[str, ...]:
    """The names of the 20 primitive types, `xhtml` included."""
    return tuple(n for n, h in _heads().items() if h.kind == "primitive")


@cache
def _primitive_type_set() -> frozenset[str]:
    return frozenset(primitive_types())


@cache
def _resource_type_set() -> frozenset[str]:
    return frozenset(resource_types())


def is_primitive_type(name: str) -> bool:
    """True for the name of a primitive type: `dateTime`, `xhtml`."""
    return name in _primitive_type_set()


def is_resource_type(name: str) -> bool:
    """True for the name of a concrete resource type: `Patient`, not `DomainResource`."""
    return name in _resource_type_set()


@cache
def _type_family(head: str) -> dict[str, TypeDef]:
    """One structure with its backbones, by type name."""
    record = msgspec.json.decode(_raw_types()[head], type=TypeRecord)
    family: dict[str, TypeDef] = {}
    for part in record.parts:
        elements = dict(type_definition(part.base).elements) if part.base else {}
        elements.update((e.name, e) for e in part.elements)
        family[part.name] = TypeDef(
            name=part.name,
            kind=record.kind if part.name == head else "backbone",
            base=part.base,
            abstract=record.abstract and part.name == head,
            elements=elements,
            properties={j: (e, t) for e in elements.values() for j, t in e.json_names.items()},
            regex=record.regex,
        )
    return family


@cache
def type_definition(name: str) -> TypeDef:
    """The definition of a resource, data type or backbone (`Observation.component`).

    Raises KeyError when R4 has no type of that name.
    """
    return _type_family(name.split(".", 1)[0])[name]


@cache
def is_subtype(name: str, ancestor: str) -> bool:
    """True when `name` is `ancestor` or specialises it, at any depth; False for a name R4 does not have.

    `Age` is a `Quantity`, `code` is a `string`, `Patient` is a `DomainResource` and a `Resource`,
    `Observation.component` is a `BackboneElement` and an `Element`.
    """
    current: str | None = name
    while current is not None:
        if current == ancestor:
            return True
        try:
            current = type_definition(current).base
        except KeyError:
            return False
    return False


def has_shadow(element: Element, type_name: str) -> bool:
    """True when a property of this type may have a shadow with an id and extensions (`_birthDate`).

    All primitives may, but ids, `Extension.url` and narrative, which are XML attributes or XHTML
    (https://hl7.org/fhir/R4/json.html#primitive).
    """
    return is_primitive_type(type_name) and type_name != "xhtml" and element.path not in _NO_SHADOW


@cache
def _all_codes() -> dict[str, dict[str, tuple[str, ...]]]:
    return msgspec.json.decode((_DATA / "codes.json").read_bytes(), type=dict[str, dict[str, tuple[str, ...]]])


def codes(value_set: str) -> dict[str, tuple[str, ...]] | None:
    """The codes of a value set with a required binding, by code system.

    None when the definitions do not enumerate it: MIME types, currencies, UCUM units and one LOINC answer list
    are open here, and value sets without a required binding are not in this data at all.
    """
    return _all_codes().get(value_set)


@cache
def element_codes(element: Element) -> frozenset[str] | None:
    """The codes allowed by an element's required binding; None when it has none or the set is open."""
    if element.binding is None or element.binding.strength != "required":
        return None
    found = codes(element.binding.value_set)
    return frozenset(c for group in found.values() for c in group) if found else None


@cache
def _all_invariants() -> dict[str, tuple[Invariant, ...]]:
    return msgspec.json.decode((_DATA / "invariants.json").read_bytes(), type=dict[str, tuple[Invariant, ...]])


@cache
def invariants(name: str) -> tuple[Invariant, ...]:
    """The invariants of a type and of the types it specialises, the most general first.

    `Invariant.path` is the element that the expression is evaluated on: the type itself or something inside
    it. Invariants of the data types that its elements have are found under those types.
    """
    base = type_definition(name).base
    return (invariants(base) if base else ()) + _all_invariants().get(name, ())


@cache
def _search_by_url() -> dict[str, SearchParameter]:
    return msgspec.json.decode((_DATA / "search.json").read_bytes(), type=dict[str, SearchParameter])


@cache
def search_parameters() -> tuple[SearchParameter, ...]:
    """The 1,387 search parameters of R4 that have a base, by URL (three mere examples are left out)."""
    return tuple(_search_by_url().values())


def search_parameter(url: str) -> SearchParameter:
    """The search parameter with this canonical URL; KeyError when R4 has none."""
    return _search_by_url()[url]


@cache
def _search_by_base() -> dict[str, dict[str, SearchParameter]]:
    found: dict[str, dict[str, SearchParameter]] = {}
    for parameter in search_parameters():
        for base in parameter.base:
            found.setdefault(base, {})[parameter.code] = parameter
    return found


@cache
def search_parameters_for(name: str) -> dict[str, SearchParameter]:
    """Code -> search parameter for a type, with those of `Resource` and `DomainResource` that it inherits."""
    base = type_definition(name).base
    inherited = search_parameters_for(base) if base else {}
    return {**inherited, **_search_by_base().get(name, {})}


@cache
def _conformance() -> Conformance:
    raw: Any = msgspec.json.decode((_DATA / "conformance.json").read_bytes())
    return msgspec.convert(raw, Conformance)


def compartments() -> tuple[str, ...]:
    """The names of the compartments: Device, Encounter, Patient, Practitioner, RelatedPerson."""
    return tuple(_conformance().compartments)


def compartment(name: str) -> dict[str, tuple[str, ...]]:
    """Resource type -> codes of the search parameters through which it belongs to a compartment.

    A type that is missing is never in the compartment. The resource that gives the compartment its name always
    is (https://hl7.org/fhir/R4/compartmentdefinition.html). KeyError when R4 has no such compartment.
    """
    return _conformance().compartments[name]


def operations() -> tuple[Operation, ...]:
    """The operations that R4 defines, with where each may be called."""
    return _conformance().operations
