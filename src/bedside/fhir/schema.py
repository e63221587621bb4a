"""The shape of the compiled R4 definitions: what `scripts/compile_r4.py` writes and `definitions` reads.

Each class is one kind of line in the package data. They are immutable, so that every caller may share them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["resource", "complex", "primitive", "backbone"]
Strength = Literal["required", "extensible", "preferred", "example"]
SearchType = Literal["number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"]


class Binding(msgspec.Struct, frozen=True, omit_defaults=True):
    """The value set that a coded element is bound to (ElementDefinition.binding)."""

    value_set: str
    """Canonical URL without version, as in `http://hl7.org/fhir/ValueSet/observation-status`."""
    strength: Strength = "required"


class Element(msgspec.Struct, frozen=True, omit_defaults=True):
    """One element of a type, after content references are resolved.

    A choice element such as `Observation.value[x]` is one Element with the name `value` and several types; in
    JSON it appears as `valueQuantity`, `valueString` and so on (`json_names`). An element with a backbone has
    one type, whose name is its path: `Observation.component`. `Observation.component.referenceRange`, which the
    specification writes as a content reference, has the type `Observation.referenceRange`.
    """

    name: str
    """As FHIRPath writes it: `status`, `value` (never `value[x]`)."""
    path: str
    """Where it was declared, without `[x]`: `Observation.value`; for an inherited element `Resource.id`."""
    types: tuple[str, ...]
    """Type names: `code`, `Quantity`, `Observation.component`, `Resource`; never empty."""
    min: int = 0
    max: int | None = 1
    """The upper cardinality: 0, 1, or None for `*`."""
    choice: bool = False
    targets: tuple[str, ...] = ()
    """Resource types that a Reference here may point to; empty when any may be."""
    canonical_targets: tuple[str, ...] = ()
    """Resource types that a canonical here may name; empty when any may be."""
    binding: Binding | None = None
    summary: bool = False
    """Part of `_summary=true` (ElementDefinition.isSummary)."""
    modifier: bool = False
    """Changes the meaning of what holds it (ElementDefinition.isModifier)."""
    simple_quantity: bool = False
    """A Quantity here must be a SimpleQuantity: no comparator."""

    @property
    def many(self) -> bool:
        """True when JSON writes an array here."""
        return self.max is None

    @property
    def json_names(self) -> dict[str, str]:
        """JSON property name -> type name: `{"valueQuantity": "Quantity", ...}` or `{"status": "code"}`."""
        if not self.choice:
            return {self.name: self.types[0]}
        return {self.name + t[0].upper() + t[1:]: t for t in self.types}


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """The elements that one structure declares itself: a type's own, or those of one of its backbones."""

    name: str
    """`Observation`, or `Observation.component` for a backbone."""
    base: str | None
    elements: tuple[Element, ...] = ()


class TypeRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One StructureDefinition: the type itself as the first part, then its backbones."""

    kind: Kind
    parts: tuple[Part, ...]
    abstract: bool = False
    regex: str | None = None


class Invariant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A constraint that a FHIRPath expression states (ElementDefinition.constraint)."""

    key: str
    path: str
    """The element that the expression is evaluated on: `Observation`, `Observation.referenceRange`."""
    expression: str
    severity: Literal["error", "warning"] = "error"


class SearchComponent(msgspec.Struct, frozen=True):
    """One half of a composite search parameter."""

    definition: str
    """Canonical URL of the parameter that says how this half is searched."""
    expression: str
    """FHIRPath, relative to what the composite's own expression yields."""


class SearchParameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One SearchParameter of R4 (https://hl7.org/fhir/R4/searchparameter.html)."""

    url: str
    name: str
    code: str
    """What a client writes in the URL: `birthdate`."""
    type: SearchType
    base: tuple[str, ...]
    """Types it is defined on; `Resource` and `DomainResource` mean every type below them."""
    expression: str | None = None
    """FHIRPath; None where the specification gives none (`_text`, `_content`, `_query`, `_filter`, `age`)."""
    target: tuple[str, ...] = ()
    """For a reference parameter, the resource types it may lead to."""
    component: tuple[SearchComponent, ...] = ()
    multiple_or: bool = True
    multiple_and: bool = True
    comparator: tuple[str, ...] = ()
    """Prefixes that the definition lists; empty when it lists none, which forbids none."""
    modifier: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    usage: Literal["normal", "phonetic", "nearby"] = "normal"
    """SearchParameter.xpathUsage: how the value is compared."""


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One OperationDefinition: where `$code` may be called."""

    code: str
    url: str
    resource: tuple[str, ...]
    system: bool = False
    type: bool = False
    instance: bool = False
    query: bool = False
    """True for a named query (`_query=code`) rather than an operation."""


class Conformance(msgspec.Struct, frozen=True):
    """Everything but types and codes that the package data holds in one small file."""

    compartments: dict[str, dict[str, tuple[str, ...]]]
    """Compartment (`Patient`) -> resource type -> codes of the search parameters that lead into it."""
    operations: tuple[Operation, ...]


# msgspec learns a Struct when it first decodes one, and the process dies when two threads do so at the same time. While
# a module is imported there is only one.
for _struct in (TypeRecord, Invariant, SearchParameter, Conformance):
    msgspec.json.Decoder(_struct)
