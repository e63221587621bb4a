"""People and places on one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.web.readable.labels import capitalise

Json = Mapping[str, Any]
_USES = ("official", "usual", "", "temp", "nickname", "anonymous", "maiden", "old")


def preferred(found: object) -> Json | None:
    """The name by which to call somebody who has several: the official one, and not one that is no longer used."""
    candidates = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    if isinstance(found, Mapping):
        candidates = [found]
    if not candidates:
        return None
    return min(candidates, key=lambda each: _rank(str(each.get("use", ""))))


def _rank(use: str) -> int:
    return _USES.index(use) if use in _USES else len(_USES)


def full_name(name: Json) -> str:
    """As one speaks of somebody: `Dr Anna de Vries`."""
    if name.get("text"):
        return str(name["text"])
    return _join(name, ("prefix", "given", "family", "suffix"))


def listed_name(name: Json) -> str:
    """As lists and banners have it, the family name first: `De Vries, Anna`."""
    family = str(name.get("family", ""))
    if not family:
        return full_name(name)
    given = _join(name, ("given",))
    return f"{capitalise(family)}, {given}" if given else capitalise(family)


def address(found: Json) -> str:
    """An Address on one line; its own text when it has one."""
    if found.get("text"):
        return ", ".join(str(found["text"]).splitlines())
    place = _join(found, ("postalCode", "city"))
    parts = [*_strings(found.get("line")), place, _join(found, ("district", "state")), str(found.get("country", ""))]
    return ", ".join(part for part in parts if part)


def _join(found: Json, keys: tuple[str, ...]) -> str:
    return " ".join(text for key in keys for text in _strings(found.get(key)))


def _strings(found: object) -> list[str]:
    values = found if isinstance(found, list) else [found]
    return [str(value) for value in values if isinstance(value, str) and value]
