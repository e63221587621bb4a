"""From the parameters of a request to a `Search` (https://hl7.org/fhir/R4/search.html)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from bedside.fhir import definitions
from bedside.fhir.outcome import FhirError, Invalid, NotSupported
from bedside.record.parameters import Parameter, Registry
from bedside.record.search.compartment import membership, types_of
from bedside.record.search.model import Filter, Has, Include, Leg, Match, Search, SortKey, Total
from bedside.record.search.path import Unknown, find, parse_filter

CURSOR = "_page"
"""The parameter by which a link to another page carries its position."""

_MOST_PARAMETERS = 100
_SHAPE = frozenset(("_format", "_pretty"))  # how the answer is written; not our business
_ONCE = frozenset(("_count", "_total", "_summary", "_contained", "_type", CURSOR))
_UNSORTABLE = frozenset(("composite", "special"))
_INCLUDES = ("_include", "_revinclude")
_CONTROLS = frozenset((*_ONCE, "_sort", "_elements", "_containedType", "_query", "_filter", *_INCLUDES))


@dataclass
class _Parser:
    registry: Registry
    types: tuple[str, ...]
    strict: bool
    default_count: int
    max_count: int
    whole_system: bool
    base: str | None
    filters: dict[str, list[Filter]] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    understood: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sort: list[SortKey] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    count: int | None = None
    total: Total | None = None
    summary: str | None = None
    cursor: str | None = None

    def refuse(self, error: FhirError) -> None:
        """A parameter that cannot be followed: an error where the client is strict, else a warning."""
        if self.strict:
            raise error
        self.warnings += [f"{issue.message} It was ignored." for issue in error.issues]

    def one(self, name: str, text: str) -> None:
        base = name.partition(":")[0]
        if name in _SHAPE:
            return
        if base not in _CONTROLS:
            self.filter(name, text)
            return
        try:
            if base in _ONCE and any(known == name for known, _ in self.understood):
                raise Invalid(f"{name} is given twice.", code="value")
            text = self.control(name, text)
        except FhirError as error:
            if name == CURSOR:
                raise
            self.refuse(error)
            return
        self.understood.append((name, text))

    def filter(self, name: str, text: str) -> None:
        found: list[tuple[str, Filter]] = []
        unknown: Unknown | None = None
        for each in self.types:
            try:
                found.append((each, parse_filter(self.registry, each, name, text, self.base)))
            except Unknown as error:
                unknown = unknown or error
        if unknown is not None:
            if len(self.types) > 1:
                unknown = Unknown(f"{name!r} is not a search parameter of every type that is searched here.")
            self.refuse(unknown)
            return
        for each, wanted in found:
            self.filters.setdefault(each, []).append(wanted)
        self.query.append((name, text))
        self.understood.append((name, text))

    def control(self, name: str, text: str) -> str:
        """One parameter about the result; gives the value as it was understood."""
        match name:
            case "_count":
                return self.read_count(text)
            case "_total":
                if text not in ("none", "estimate", "accurate"):
                    raise Invalid(f"_total={text}: write none, estimate or accurate.", code="value")
                self.total = cast("Total", text)
            case "_summary":
                if text not in ("true", "text", "data", "count", "false"):
                    raise Invalid(f"_summary={text}: write true, text, data, count or false.", code="value")
                self.summary = text
            case "_elements":
                names = [each.strip() for each in text.split(",") if each.strip()]
                if not names:
                    raise Invalid(
                        "_elements is empty: write names of elements, as in _elements=name,birthDate.", code="value"
                    )
                self.elements += names
            case "_sort":
                self.read_sort(text)
            case "_contained":
                if text != "false":
                    raise NotSupported(
                        f"_contained={text}: contained resources are found with what contains them only."
                    )
            case "_containedType":
                raise NotSupported("_containedType: contained resources are not searched on their own.")
            case "_query":
                raise NotSupported(f"_query={text}: there are no named queries here.")
            case "_filter":
                raise NotSupported("_filter is not supported; use search parameters, chains and _has.")
            case "_type":
                if not self.whole_system:
                    raise NotSupported("_type chooses among types only where several are searched.")
            case _ if name == CURSOR:
                self.cursor = text
            case _:
                self.read_include(name, text)
        return text

    def read_count(self, text: str) -> str:
        if not text.isascii() or not text.isdecimal() or len(text) > 12:
            raise Invalid(
                f"_count={text}: write a whole number of resources per page, 0 for the total only.", code="value"
            )
        self.count = min(int(text), self.max_count)
        return str(self.count)

    def read_sort(self, text: str) -> None:
        keys = []
        for each in text.split(","):
            code = each.strip()
            descending = code.startswith("-")
            code = code[descending:]
            found = []
            for type_name in self.types:
                parameter = find(self.registry, type_name, code)
                if parameter.type in _UNSORTABLE or parameter.code in ("_text", "_content"):
                    raise NotSupported(f"_sort={code}: a {parameter.type} parameter has no order.")
                found.append(parameter)
            keys.append(SortKey(code, descending, tuple(found)))
        self.sort += keys

    def read_include(self, name: str, text: str) -> None:
        base, _, modifier = name.partition(":")
        if base not in _INCLUDES or modifier not in ("", "iterate", "recurse"):
            raise NotSupported(f"{name}: the only modifier is :iterate.")
        self.includes.append(_read_include(self.registry, text, reverse=base == "_revinclude", iterate=modifier != ""))


def _read_include(registry: Registry, text: str, *, reverse: bool, iterate: bool) -> Include:
    """`*`, `Type:*`, `Type:parameter`, `Type:parameter:Target` (https://hl7.org/fhir/R4/search.html#revinclude)."""
    if text == "*":
        return Include(reverse, iterate, None, None, None)
    source, _, rest = text.partition(":")
    code, _, target = rest.partition(":")
    if not definitions.is_resource_type(source) or not code:
        raise Invalid(f"{text!r} cannot be included: write Type:parameter or Type:parameter:Target.", code="value")
    if target and not definitions.is_resource_type(target):
        raise Invalid(f"{text!r} cannot be included: {target!r} is not a resource type.", code="value")
    if code == "*":
        return Include(reverse, iterate, source, None, target or None)
    parameter = find(registry, source, code)
    if parameter.type != "reference":
        raise Invalid(
            f"{text!r} cannot be included: {source}.{code} is a {parameter.type}, not a reference.", code="value"
        )
    return Include(reverse, iterate, source, parameter, target or None)


def parse(
    registry: Registry,
    type_name: str | None,
    parameters: Sequence[tuple[str, str]],
    *,
    strict: bool = False,
    compartment: tuple[str, str] | None = None,
    default_count: int = 50,
    max_count: int = 1000,
    base: str | None = None,
) -> Search:
    """A search on one type, or (None) on those that `_type` names, or on all; perhaps within a compartment.

    `base` is this server's own address, with which references may begin. Pure: knows the registry and no database.
    Raises `Invalid` for values that cannot be read and modifiers that do not fit; what is unknown or not supported
    is an error too when `strict`, otherwise left out of `self_params` and told in `warnings`.
    """
    types = _types(type_name, parameters, compartment)
    if len(parameters) > _MOST_PARAMETERS:
        raise Invalid(f"A search may have up to {_MOST_PARAMETERS} parameters.", code="too-costly")
    parser = _Parser(registry, types, strict, default_count, max_count, type_name is None, base)
    # What belongs to a page comes last in every link, whatever the order it was asked in.
    for name, text in parameters:
        parser.one(name, text)
    if parser.summary == "count":
        parser.count = 0
    if parser.elements and parser.summary in ("true", "text", "data"):
        raise Invalid("_summary and _elements both choose what to leave out; give one of them.", code="value")
    legs = []
    for each in types:
        filters = tuple(parser.filters.get(each, ()))
        if compartment is not None:
            filters = (membership(registry, compartment, each), *filters)
        legs.append(Leg(each, filters))
    return Search(
        legs=tuple(legs),
        query=tuple(parser.query),
        sort=tuple(parser.sort),
        count=min(default_count, max_count) if parser.count is None else parser.count,
        total=parser.total,
        cursor=parser.cursor,
        includes=tuple(parser.includes),
        summary=parser.summary,
        elements=tuple(dict.fromkeys(parser.elements)),
        self_params=tuple(parser.understood),
        warnings=tuple(parser.warnings),
        needs_text=any(_needs_text(wanted) for leg in legs for wanted in leg.filters),
    )


def _types(
    type_name: str | None, parameters: Sequence[tuple[str, str]], compartment: tuple[str, str] | None
) -> tuple[str, ...]:
    if type_name is not None:
        if compartment is not None and type_name not in types_of(compartment[0]):
            raise Invalid(f"A {type_name} is never in the compartment of a {compartment[0]}.", code="not-found")
        return (type_name,)
    every = types_of(compartment[0]) if compartment is not None else definitions.resource_types()
    chosen = [name.strip() for key, text in parameters if key == "_type" for name in text.split(",")]
    for name in chosen:
        if not definitions.is_resource_type(name):
            raise Invalid(f"_type: {name!r} is not a resource type.", code="value")
    if not chosen:
        return every
    wanted = frozenset(chosen)
    return tuple(name for name in every if name in wanted)


def _needs_text(wanted: Filter) -> bool:
    match wanted:
        case Match(parameter=Parameter(code="_text" | "_content")):
            return True
        case Has(inner=inner):
            return _needs_text(inner)
        case _:
            return any(_needs_text(inner) for _, inner in getattr(wanted, "targets", ()))
