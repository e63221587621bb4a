"""$expand: a value set written out (https://hl7.org/fhir/R4/valueset-operation-expand.html). No I/O."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.terms.compose import Used
from bedside.terms.designations import language_matches, shown
from bedside.terms.errors import NotEnumerable
from bedside.terms.members import Entry
from bedside.terms.sets import ListedSet
from bedside.terms.systems import CodeSystem, Resource

MOST_SHOWN = 50_000
"""So many codes may one answer have; more must be asked for page by page."""

_KEPT = ("resourceType", "id", "url", "identifier", "version", "name", "title", "status", "experimental", "date",
         "publisher", "jurisdiction", "copyright", "immutable")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants of an expansion. `offset` and `count` are codes; `count` 0 asks for the total only."""

    filter: str | None = None
    offset: int = 0
    count: int | None = None
    include_designations: bool = False
    designation: tuple[str, ...] = ()
    """Languages, or `system|code` of uses: the designations to be given, all when empty."""
    include_definition: bool = False
    active_only: bool = False
    nested: bool = False
    """Members under their parents, as the code system has them. Then there are no pages (R4, `offset`)."""
    for_user_interface: bool = False
    """Leave out abstract concepts (`excludeNotForUI`)."""
    display_language: str | None = None
    most: int = MOST_SHOWN


def expand(
    resource: Resource, members: ListedSet, used: Used, asked: Asked, echo: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The ValueSet with its expansion. `echo` are the request's parameters, to be repeated in the expansion.

    Raises NotEnumerable (`too-costly`) when more than `asked.most` codes would have to be shown at once.
    """
    found = members.chosen(asked.filter, asked.active_only, asked.for_user_interface)
    total = len(found)
    paged = not asked.nested
    if paged:
        found = found[asked.offset :] if asked.count is None else found[asked.offset : asked.offset + asked.count]
    if len(found) > asked.most:
        raise NotEnumerable(
            f"The expansion has {total:,} codes; ask for up to {asked.most:,} at a time by `offset` and `count`."
        )
    found = list(found)
    contains = [_contains(entry, asked) for entry in found]
    if asked.nested:
        contains = _nested(found, contains, used)
    parameters = [*echo, *_about(members, used)]
    expansion: dict[str, Any] = {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "total": total,
    }
    if paged and (asked.offset or asked.count is not None):
        expansion["offset"] = asked.offset
    if parameters:
        expansion["parameter"] = parameters
    if contains:
        expansion["contains"] = contains
    kept = (*_KEPT, "compose") if asked.include_definition else _KEPT
    out = {name: resource[name] for name in kept if name in resource}
    out.setdefault("resourceType", "ValueSet")
    out.setdefault("status", "active")
    return {**out, "expansion": expansion}


def _contains(entry: Entry, asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if entry.system is not None:
        found["system"] = entry.system
    if entry.abstract:
        found["abstract"] = True
    if entry.inactive:
        found["inactive"] = True
    if entry.version is not None:
        found["version"] = entry.version
    found["code"] = entry.code
    display = entry.display
    if asked.display_language:  # only then are the designations of a loaded system read
        display = shown(display, entry.designations, asked.display_language)
    if display is not None:
        found["display"] = display
    if asked.include_designations or asked.designation:
        designations = [dict(each) for each in entry.designations if _wanted(each, asked.designation)]
        if designations:
            found["designation"] = designations
    return found


def _wanted(designation: Mapping[str, Any], tokens: tuple[str, ...]) -> bool:
    if not tokens:
        return True
    use = designation.get("use", {})
    for token in tokens:
        system, mark, code = token.partition("|")
        if mark and system == "urn:ietf:bcp:47":
            if language_matches(designation.get("language"), code):
                return True
        elif mark:
            if use.get("system") == system and use.get("code") == code:
                return True
        elif language_matches(designation.get("language"), token):
            return True
    return False


def _nested(entries: list[Entry], contains: list[dict[str, Any]], used: Used) -> list[dict[str, Any]]:
    """The same, each below its nearest ancestors that are members too. One with several parents is there once."""
    systems: dict[str | None, CodeSystem] = {system.url: system for system in used.systems.values()}
    by_code = {(entry.system, entry.code): own for entry, own in zip(entries, contains, strict=True)}
    placed: dict[tuple[str | None, str], tuple[str | None, str] | None] = {}
    top = []
    for entry, own in zip(entries, contains, strict=True):
        key = (entry.system, entry.code)
        above = _nearest(systems.get(entry.system), entry, by_code)
        if above is None or _leads_to(placed, above, key):
            placed[key] = None
            top.append(own)
        else:
            placed[key] = above
            by_code[above].setdefault("contains", []).append(own)
    return top


def _nearest(
    system: CodeSystem | None, entry: Entry, members: Mapping[tuple[str | None, str], Any]
) -> tuple[str | None, str] | None:
    if system is None:
        return None
    seen, waiting = {entry.code}, [entry.code]
    for code in waiting:
        concept = system.find(code)
        for parent in () if concept is None else concept.parents:
            if (entry.system, parent) in members and parent != entry.code:
                return entry.system, parent
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return None


def _leads_to(
    placed: Mapping[tuple[str | None, str], tuple[str | None, str] | None],
    start: tuple[str | None, str],
    key: tuple[str | None, str],
) -> bool:
    """Whether a place is already below a member, as where parents make a circle."""
    at: tuple[str | None, str] | None = start
    while at is not None:
        if at == key:
            return True
        at = placed.get(at)
    return False


def _about(members: ListedSet, used: Used) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"name": "used-codesystem", "valueUri": each} for each in used.systems]
    found += [{"name": "used-valueset", "valueUri": each} for each in used.value_sets]
    found += [{"name": "version", "valueUri": each} for each in used.systems if "|" in each]
    # R4 has no element that says "this is not all"; expansions of the field carry it so.
    return found + [{"name": "limitedExpansion", "valueBoolean": True} for _ in members.partial[:1]]
