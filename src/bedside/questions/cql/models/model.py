"""One model: its types, their elements, its conversions and contexts (CQL 1.5, developers guide, "Model Information").

A type's record is decoded when the type is first asked for; what has been read is kept for the life of the process.
Objects are immutable and may be shared between threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from bedside.questions.cql.models.schema import Header, TypeRecord, read_type, type_record
from bedside.questions.cql.types import (
    ANY,
    SYSTEM_BASE,
    SYSTEM_ELEMENTS,
    DataType,
    NamedType,
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a class. `target` is the expression that gives it from FHIR (`%value.value`); None: as it is."""

    name: str
    type: DataType
    target: str | None = None


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """What a model says of one of its types.

    `kind` is `simple` for a System type without elements, else `class`. `base` is the supertype, a choice for one type
    of QICore, None for System.Any alone. `elements` are the type's own; `Model.elements` has the inherited ones, too.
    `identifier` is the canonical URL of the profile, `target` the resource that a profile is of where its name differs.
    `fhir_type` is the R4 type of the JSON behind an instance, by the name that `bedside.questions.model` knows it under
    (`Observation`, `Observation.component`, `code`); None for what is a System value.
    `relationships` are pairs of a context and the element that leads to it (`Patient`, `subject`).
    """

    type: NamedType
    base: DataType | None
    kind: Literal["simple", "class"]
    elements: Mapping[str, Element]
    identifier: str | None = None
    label: str | None = None
    retrievable: bool = False
    primary_code_path: str | None = None
    target: str | None = None
    fhir_type: str | None = None
    relationships: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Conversion:
    """An implicit conversion that the model offers: `function` is `FHIRHelpers.ToCode`."""

    source: DataType
    target: DataType
    function: str


@dataclass(frozen=True, slots=True)
class Context:
    """A context that a library may state: `key_element` identifies an instance, `birth_date_element` gives the age."""

    name: str
    type: NamedType
    key_element: str
    birth_date_element: str | None = None


class Model:
    """A model such as FHIR 4.0.1. Types are found by name, by qualified name and by label."""

    def __init__(self, header: Header, records: Mapping[str, msgspec.Raw]) -> None:
        self.name = header.name
        self.version = header.version
        self.url = header.url
        self.target_url = header.target_url
        """Where instances come from when the model is a view of another one: QICore's are FHIR's."""
        self.patient_class = NamedType(header.name, header.patient_class) if header.patient_class else None
        self.birth_date_element = header.birth_date_element
        """The path from the patient to the birth date: `birthDate.value` in FHIR, `birthDate` in QICore."""
        self.required = header.required
        """Name and version of the models that this one speaks of."""
        self.contexts: Mapping[str, Context] = {
            each.name: Context(each.name, self._named(each.type), each.key_element, each.birth_date_element)
            for each in header.contexts
        }
        self.conversions: tuple[Conversion, ...] = tuple(
            Conversion(read_type(source), read_type(each.to), each.function)
            for each in header.conversions
            for source in each.sources
        )
        self._labels = header.labels
        self._records = records
        self._infos: dict[str, TypeInfo] = {}
        self._elements: dict[str, Mapping[str, Element]] = {}

    def __repr__(self) -> str:
        return f"{self.name} {self.version}"

    @staticmethod
    def _named(text: str) -> NamedType:
        namespace, _, name = text.partition(".")
        return NamedType(namespace, name)

    def find_type(self, name: str) -> NamedType | None:
        """The type of a name (`Encounter`), a qualified name (`QICore.Encounter`) or a label (`QICore Encounter`).

        A label goes first, as in the reference translator. None when the model has no such type.
        """
        found = self._labels.get(name, name)
        if found not in self._records:
            found = found.removeprefix(self.name + ".")
            if found not in self._records:
                return None
        return NamedType(self.name, found)

    @property
    def type_names(self) -> Iterable[str]:
        """The names of all types, in alphabetical order; with `labels` what a misspelt name is compared with."""
        return self._records.keys()

    @property
    def labels(self) -> Mapping[str, str]:
        """Label -> name of the type, where the two differ."""
        return self._labels

    @property
    def retrievable(self) -> Iterable[str]:
        """The names of the types that `[...]` can ask for."""
        return (name for name in self._records if self.info(NamedType(self.name, name)).retrievable)

    def info(self, type_: NamedType) -> TypeInfo:
        """What the model says of a type of its own; KeyError for any other."""
        try:
            return self._infos[type_.name]
        except KeyError:
            if type_.namespace != self.name:
                raise
            found = self._infos[type_.name] = self._read(type_.name)
            return found

    def _read(self, name: str) -> TypeInfo:
        record: TypeRecord = type_record.decode(self._records[name])
        return TypeInfo(
            type=NamedType(self.name, name),
            base=read_type(record.base),
            kind="class",
            elements={e.name: Element(e.name, read_type(e.type), e.target) for e in record.elements},
            identifier=record.identifier,
            label=record.label,
            retrievable=record.retrievable,
            primary_code_path=record.primary_code_path,
            target=record.target,
            fhir_type=record.fhir_type,
            relationships=record.relationships,
        )

    def elements(self, type_: NamedType) -> Mapping[str, Element]:
        """All elements of a type, inherited ones first; those of a supertype in another model (System) included."""
        found = self._elements.get(type_.name)
        if found is None:
            info = self.info(type_)
            base = info.base
            inherited: Mapping[str, Element] = {}
            if isinstance(base, NamedType):
                inherited = (self if base.namespace == self.name else SYSTEM).elements(base)
            found = self._elements[type_.name] = {**inherited, **info.elements}
        return found

    def element(self, type_: NamedType, path: str) -> Element | None:
        """The element of a type by its name, inherited or not; None when there is none."""
        return self.elements(type_).get(path)

    def fhir_type(self, type_: NamedType) -> str | None:
        """The R4 type of the JSON behind an instance of a type; see `TypeInfo.fhir_type`."""
        return self.info(type_).fhir_type


class _SystemModel(Model):
    """The System model (CQL 1.5, appendix B), which is part of the language and needs no data."""

    def __init__(self) -> None:
        super().__init__(Header(name="System", version="1.0.0", url="urn:hl7-org:elm-types:r1"), {})
        types: dict[NamedType, NamedType | None] = {ANY: None, **SYSTEM_BASE}
        self._records = {type_.name: msgspec.Raw() for type_ in types}
        self._infos = {
            type_.name: TypeInfo(
                type=type_,
                base=base,
                kind="class" if type_ in SYSTEM_ELEMENTS else "simple",
                elements={name: Element(name, of) for name, of in SYSTEM_ELEMENTS.get(type_, {}).items()},
            )
            for type_, base in types.items()
        }


SYSTEM = _SystemModel()
