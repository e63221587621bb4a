"""TerminologyCapabilities: what this server knows of codes (https://hl7.org/fhir/R4/terminologycapabilities.html)."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from bedside.api.terminology.value_sets import EXPAND
from bedside.record.model import Resource
from bedside.record.record import Record
from bedside.terms import r4
from bedside.terms.grammars import GRAMMARS


def statement(record: Record, started: str) -> Resource:
    """The statement, made from the record as it is now: every code system with content here."""
    return {
        "version": version("bedside"),
        "name": "BedsideTerminology",
        "title": "Bedside: terminology",
        "status": "active",
        "date": started,
        "kind": "instance",
        "software": {"name": "Bedside", "version": version("bedside")},
        "lockedDate": False,
        "codeSystem": _systems(record),
        "expansion": {
            "hierarchical": True,
            "paging": True,
            "incomplete": True,
            "parameter": [{"name": name} for name in sorted(EXPAND)],
            "textFilter": "Every word begins a word of a code, display or designation; case and accents do not count.",
        },
        "codeSearch": "all",
        "validateCode": {"translations": True},
        "translation": {"needsMap": True},
        "closure": {"translation": False},
    }


def _systems(record: Record) -> list[dict[str, Any]]:
    versions: dict[str, dict[str | None, None]] = {}
    for url in r4.urls("CodeSystem"):
        found = r4.definition("CodeSystem", url) or {}
        if found.get("content") in ("complete", "fragment", "example"):
            versions.setdefault(url, {})[found.get("version")] = None
    for url in (*GRAMMARS, "urn:iso:std:iso:3166", "urn:iso:std:iso:4217", "https://www.iana.org/time-zones"):
        versions[url] = {None: None}
    for resource in record.terminology.current().code_system_resources():
        if resource.get("url") and resource.get("content") in ("complete", "fragment", "example"):
            versions.setdefault(resource["url"], {})[resource.get("version")] = None
    for system in record.terminology.current().loaded():
        versions.setdefault(system.url, {})[system.version] = None
    return [
        {"uri": url, **_versions([each for each in known if each is not None])}
        for url, known in sorted(versions.items())
    ]


def _versions(known: list[str]) -> dict[str, Any]:
    return {"version": [{"code": each} for each in known]} if known else {}
