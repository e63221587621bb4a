"""What questions need to know about types: which there are, what is in them, which System value each stands for.

`Type` objects are interned: one object a type for the life of the process, compared by identity. Two namespaces are
known, `System` (FHIRPath N1, 5.9.1) and `FHIR`, which is read from `bedside.fhir.definitions` as it is needed. Other
models (QICore, US Core) can stand beside them: they are only asked for `Type` objects by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Literal

from bedside.fhir import definitions
from bedside.questions.values import Date, DateTime, Quantity, Time

Kind = Literal["resource", "complex", "primitive", "backbone", "system", "information"]

UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Member:
    """One element of a type. `choices` are its names in JSON with the type that each says it has."""

    name: str
    many: bool
    choices: tuple[tuple[str, Type], ...]

    @property
    def types(self) -> tuple[Type, ...]:
        return tuple(type_ for _, type_ in self.choices)


class Type:
    """A type of one of the models. `convert` makes a System value of the JSON of a primitive or a Quantity."""

    def __init__(
        self,
        namespace: str,
        name: str,
        kind: Kind,
        base: Type | None,
        convert: Callable[[Any], Any] | None = None,
        members: Callable[[], dict[str, Member]] = dict,
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.kind = kind
        self.base = base
        self.convert = convert
        self.plain = kind == "primitive" and convert is None
        """True for a primitive whose JSON value already is the System value."""
        self.is_primitive = kind == "primitive"
        self.is_any_resource = namespace == "FHIR" and name in ("Resource", "DomainResource")
        """True for Resource and DomainResource: what is there says its type itself, in `resourceType`."""
        self.ancestors: frozenset[Type] = frozenset({self}) | (base.ancestors if base else frozenset())
        """The type itself and all that it specialises."""
        self._read_members = members

    @cached_property
    def members(self) -> dict[str, Member]:
        """Elements by FHIRPath name, inherited ones included: a choice is under `value`, not `valueQuantity`."""
        return self._read_members()

    @cached_property
    def properties(self) -> dict[str, tuple[Member, Type]]:
        """Elements by JSON name."""
        return {json: (member, type_) for member in self.members.values() for json, type_ in member.choices}

    def __repr__(self) -> str:
        return f"{self.namespace}.{self.name}"


def quantity_from_fhir(value: Any) -> Quantity | None:
    """The System.Quantity of a FHIR Quantity, Age, Duration, ...; None when it has no single value.

    A quantity with a comparator ("< 5 mg") stands for a range and has none
    (https://hl7.org/fhir/R4/fhirpath.html, "Use of FHIR Quantity").
    """
    number = value.get("value")
    if number is None or isinstance(number, str | bool) or "comparator" in value:
        return None
    unit = value.get("code") if value.get("system") == UCUM else value.get("unit") or value.get("code")
    return Quantity(Decimal(number), unit or "1")


_CONVERSIONS: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "boolean": ("Boolean", None),
    "integer": ("Integer", None),
    "positiveInt": ("Integer", None),
    "unsignedInt": ("Integer", None),
    "decimal": ("Decimal", Decimal),
    "date": ("Date", Date.parse),
    "dateTime": ("DateTime", DateTime.parse),
    "instant": ("DateTime", DateTime.parse),
    "time": ("Time", Time.parse),
}
"""FHIR primitive -> System type and conversion; every primitive that is not here is a String in JSON."""


class SystemModel:
    """The types of the language itself."""

    namespace = "System"

    def __init__(self) -> None:
        any_type = Type("System", "Any", "system", None)
        names = ("Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity")
        self.types = {name: Type("System", name, "system", any_type) for name in names}
        self.types["Any"] = any_type
        text = self.types["String"]
        about = {name: Member(name, False, ((name, text),)) for name in ("namespace", "name", "baseType")}
        for name in ("SimpleTypeInfo", "ClassInfo"):
            self.types[name] = Type("System", name, "information", any_type, members=lambda: about)
        self.types["Quantity"]._read_members = lambda: {
            "value": Member("value", False, (("value", self.types["Decimal"]),)),
            "unit": Member("unit", False, (("unit", text),)),
        }

    def find(self, name: str) -> Type | None:
        return self.types.get(name)

    def __getitem__(self, name: str) -> Type:
        return self.types[name]


class FhirModel:
    """The types of R4, backbones included (`Observation.component`)."""

    namespace = "FHIR"

    def __init__(self, system: SystemModel) -> None:
        self._system = system
        self._types: dict[str, Type | None] = {}

    def find(self, name: str) -> Type | None:
        """The type of that name, or None when R4 has none."""
        try:
            return self._types[name]
        except KeyError:
            return self._types.setdefault(name, self._read(name))

    def __getitem__(self, name: str) -> Type:
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def _read(self, name: str) -> Type | None:
        try:
            definition = definitions.type_definition(name)
        except KeyError:
            return None
        base = self.find(definition.base) if definition.base else None
        convert: Callable[[Any], Any] | None = None
        if definition.kind == "primitive":
            convert = _CONVERSIONS.get(name, ("String", None))[1]
        elif definitions.is_subtype(name, "Quantity"):
            convert = quantity_from_fhir
        return Type("FHIR", name, definition.kind, base, convert, lambda: self._members(definition))

    def _members(self, definition: definitions.TypeDef) -> dict[str, Member]:
        members = {
            element.name: Member(
                element.name, element.many, tuple((json, self[type_]) for json, type_ in element.json_names.items())
            )
            for element in definition.elements.values()
        }
        if definition.kind == "primitive":
            members["value"] = Member("value", False, (("value", self.system_type(definition.name)),))
        return members

    def system_type(self, primitive: str) -> Type:
        """The System type that a FHIR primitive converts to."""
        return self._system[_CONVERSIONS.get(primitive, ("String", None))[0]]

    def of_resource(self, resource: Mapping[str, Any]) -> Type:
        """The type that a resource says it has; `Resource` when it says none that R4 knows."""
        name = resource.get("resourceType")
        found = self.find(name) if isinstance(name, str) else None
        return found if found is not None and found.kind == "resource" else self["Resource"]


SYSTEM = SystemModel()
FHIR = FhirModel(SYSTEM)

TYPE_OF_VALUE: dict[type, Type] = {
    bool: SYSTEM["Boolean"],
    int: SYSTEM["Integer"],
    Decimal: SYSTEM["Decimal"],
    str: SYSTEM["String"],
    Date: SYSTEM["Date"],
    DateTime: SYSTEM["DateTime"],
    Time: SYSTEM["Time"],
    Quantity: SYSTEM["Quantity"],
}


@cache
def find_types(name: str, namespace: str | None = None) -> frozenset[Type] | None:
    """The types that a type specifier may mean, or None when there is no such name.

    Without a namespace a name means the type of either (FHIRPath N1, 5.9.1): `Quantity` is FHIR.Quantity and
    System.Quantity. A name qualified with the wrong one of the two (`System.Patient`) names no type: the empty set.
    """
    found = {model.namespace: model.find(name) for model in (SYSTEM, FHIR)}
    if not any(found.values()):
        return None
    if namespace is None:
        return frozenset(type_ for type_ in found.values() if type_)
    if namespace not in found:
        return None
    type_ = found[namespace]
    return frozenset({type_}) if type_ else frozenset()


def all_type_names() -> list[str]:
    """Every name that may stand after `is` and `as`, for suggestions."""
    return [*SYSTEM.types, *definitions.type_names()]
