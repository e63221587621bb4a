"""The types of CQL: named types of a model, lists, intervals, tuples and choices (CQL 1.5, "Type System").

Types are immutable and compare by what they are. `Any` is the supertype of all and the type of `null`. Which type may
stand where another is wanted is the business of `conversions`; here is what types are and how they are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataType:
    """Base of all types. `str()` gives the type as CQL writes it: `List<Interval<System.Integer>>`."""


@dataclass(frozen=True, slots=True)
class NamedType(DataType):
    """A type of a model: `System.Integer`, `FHIR.Observation`, `FHIR.Observation.Component`."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"


@dataclass(frozen=True, slots=True)
class ListType(DataType):
    element: DataType

    def __str__(self) -> str:
        return f"List<{self.element}>"


@dataclass(frozen=True, slots=True)
class IntervalType(DataType):
    point: DataType

    def __str__(self) -> str:
        return f"Interval<{self.point}>"


@dataclass(frozen=True, slots=True)
class TupleType(DataType):
    """Elements in the order of their names, so that two tuples with the same elements are one type."""

    elements: tuple[tuple[str, DataType], ...]

    @classmethod
    def of(cls, elements: Iterable[tuple[str, DataType]]) -> TupleType:
        return cls(tuple(sorted(elements, key=lambda each: each[0])))

    def __str__(self) -> str:
        return "Tuple{" + ", ".join(f"{name} {type_}" for name, type_ in self.elements) + "}"


@dataclass(frozen=True, slots=True)
class ChoiceType(DataType):
    """One of several types. Made by `choice`, which flattens nested choices, removes doubles and puts the
    alternatives in the order of their names, so that two choices of the same types are one type."""

    alternatives: tuple[DataType, ...]

    def __str__(self) -> str:
        return "Choice<" + ", ".join(map(str, self.alternatives)) + ">"


@dataclass(frozen=True, slots=True)
class TypeVariable(DataType):
    """A type to be found: `T` in the signature of a generic operator. Never the type of an expression."""

    name: str

    def __str__(self) -> str:
        return self.name


def system(name: str) -> NamedType:
    """A type of the System model."""
    return NamedType("System", name)


ANY = system("Any")
BOOLEAN = system("Boolean")
INTEGER = system("Integer")
LONG = system("Long")
DECIMAL = system("Decimal")
STRING = system("String")
DATE = system("Date")
DATETIME = system("DateTime")
TIME = system("Time")
QUANTITY = system("Quantity")
RATIO = system("Ratio")
CODE = system("Code")
CONCEPT = system("Concept")
VOCABULARY = system("Vocabulary")
CODE_SYSTEM = system("CodeSystem")
VALUE_SET = system("ValueSet")

SYSTEM_BASE: dict[NamedType, NamedType] = {
    **dict.fromkeys(
        (BOOLEAN, INTEGER, LONG, DECIMAL, STRING, DATE, DATETIME, TIME, QUANTITY, RATIO, CODE, CONCEPT, VOCABULARY), ANY
    ),
    CODE_SYSTEM: VOCABULARY,
    VALUE_SET: VOCABULARY,
}
"""Each System type with its supertype (CQL 1.5, appendix B)."""

SYSTEM_ELEMENTS: dict[NamedType, dict[str, DataType]] = {
    QUANTITY: {"value": DECIMAL, "unit": STRING},
    RATIO: {"numerator": QUANTITY, "denominator": QUANTITY},
    CODE: {"code": STRING, "system": STRING, "version": STRING, "display": STRING},
    CONCEPT: {"codes": ListType(CODE), "display": STRING},
    VOCABULARY: {"id": STRING, "version": STRING, "name": STRING},
    CODE_SYSTEM: {"id": STRING, "version": STRING, "name": STRING},
    VALUE_SET: {"id": STRING, "version": STRING, "name": STRING, "codesystems": ListType(CODE_SYSTEM)},
}
"""The elements of the System types that have any (CQL 1.5, appendix B)."""


def choice(alternatives: Iterable[DataType]) -> DataType:
    """The choice of these types; the type itself when there is only one. Nested choices are flattened."""
    flat: dict[DataType, None] = {}
    for each in alternatives:
        for one in each.alternatives if isinstance(each, ChoiceType) else (each,):
            flat[one] = None
    return next(iter(flat)) if len(flat) == 1 else ChoiceType(tuple(sorted(flat, key=str)))


def parse_type(text: str) -> DataType:
    """A type from the notation used in operator signatures: `List<T>`, `Interval<Integer>`, `FHIR.Patient`.

    A name of one capital letter is a type variable; a name without a namespace is of System.
    """
    found, rest = _parse(text.replace(" ", ""))
    if rest:
        raise ValueError(f"{text!r} is not a type")
    return found


def _parse(text: str) -> tuple[DataType, str]:
    end = 0
    while end < len(text) and (text[end].isalnum() or text[end] in "._"):
        end += 1
    name, rest = text[:end], text[end:]
    if rest.startswith("<"):
        inner: list[DataType] = []
        while not rest.startswith(">"):
            one, rest = _parse(rest[1:])
            inner.append(one)
        rest = rest[1:]
        match name:
            case "List":
                return ListType(inner[0]), rest
            case "Interval":
                return IntervalType(inner[0]), rest
            case "Choice":
                return choice(inner), rest
        raise ValueError(f"{name} takes no type")
    if len(name) == 1 and name.isupper():
        return TypeVariable(name), rest
    namespace, _, local = name.partition(".")
    return (NamedType(namespace, local) if local else system(name)), rest
