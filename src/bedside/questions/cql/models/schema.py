"""How model information is kept in the package data: one file a model, one line a type.

`scripts/compile_models.py` writes it, `bedside.questions.cql.models` reads it. The first line is the `Header`, under an
empty name; each other line is a `TypeRecord` under the type's name, read when the type is first asked for. Types are
written as CQL writes them: `FHIR.Identifier`, `List<FHIR.Identifier>`, `Choice<System.String, System.Boolean>`.
"""

from __future__ import annotations

from functools import cache

import msgspec

from bedside.questions.cql.types import DataType, IntervalType, ListType, NamedType, choice


class ContextRecord(msgspec.Struct, frozen=True, array_like=True):
    name: str
    type: str
    key_element: str
    birth_date_element: str | None = None


class ConversionRecord(msgspec.Struct, frozen=True, array_like=True):
    """One function and result; `sources` are all types that it converts from."""

    function: str
    to: str
    sources: tuple[str, ...]


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    version: str
    url: str
    target_url: str | None = None
    patient_class: str | None = None
    birth_date_element: str | None = None
    required: tuple[tuple[str, str], ...] = ()
    contexts: tuple[ContextRecord, ...] = ()
    conversions: tuple[ConversionRecord, ...] = ()
    labels: dict[str, str] = {}
    """Label -> name of the type, where the two differ."""


class ElementRecord(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    name: str
    type: str
    target: str | None = None


class TypeRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    base: str
    fhir_type: str | None = None
    identifier: str | None = None
    label: str | None = None
    retrievable: bool = False
    primary_code_path: str | None = None
    target: str | None = None
    elements: tuple[ElementRecord, ...] = ()
    relationships: tuple[tuple[str, str], ...] = ()


# Made at import: threads that first build a decoder for a Struct together can end the process.
records = msgspec.json.Decoder(dict[str, msgspec.Raw])
header = msgspec.json.Decoder(Header)
type_record = msgspec.json.Decoder(TypeRecord)


@cache
def read_type(text: str) -> DataType:
    """A type from its notation. Names may have spaces (`QICore.Ordinal Value`), so `parse_type` cannot read them."""
    if text.startswith("List<"):
        return ListType(read_type(text[5:-1]))
    if text.startswith("Interval<"):
        return IntervalType(read_type(text[9:-1]))
    if text.startswith("Choice<"):  # Of names and intervals only, so that every comma parts two alternatives.
        return choice(read_type(each) for each in text[7:-1].split(", "))
    namespace, _, name = text.partition(".")
    return NamedType(namespace, name)
