"""The libraries of the record: found by canonical URL or by name and version, translated and compiled once.

What was worked out holds until a Library changes, which the newest version of that type in the change feed tells;
translations themselves are kept by their content, so that after a change only what changed is translated again.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.fhir.outcome import Invalid, NotFound, Unprocessable
from bedside.questions.cql.run.program import Program, compile_library
from bedside.questions.cql.typer import Translation, translate
from bedside.questions.errors import did_you_mean
from bedside.record.model import Stored
from bedside.record.problems import NotTranslated
from bedside.record.record import Record
from bedside.record.session import Session

Json = dict[str, Any]

CQL = "text/cql"
ELM = "application/elm+json"


@dataclass(frozen=True, slots=True)
class Logic:
    """A Library whose CQL is ready to run."""

    resource: Json
    source: str
    translation: Translation
    program: Program

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        library = self.program.library
        return library.name or str(self.resource.get("name") or self.resource.get("id") or "the library")


class Shelf:
    """The libraries as one state of the record has them, and before them those that a request brings along."""

    def __init__(self, find: Callable[[str, str], list[Json]], given: Sequence[Json] = ()) -> None:
        """`find` gives the current Libraries whose `url` or `name` is a text, the latest written first."""
        self._find = find
        self._given = list(given)
        self._lock = threading.RLock()
        self._sources: dict[tuple[str, str | None], str | None] = {}
        self._logic: dict[tuple[str, str | None], Logic] = {}

    def with_libraries(self, given: Iterable[Json]) -> Shelf:
        """These libraries, and `given` in front of them; itself when there are none."""
        more = list(given)
        return Shelf(self._find, [*more, *self._given]) if more else self

    def source(self, name: str, version: str | None) -> str | None:
        """The CQL of an included library, None when there is none of that name and version.

        Where the version is not there, the newest of the same major version takes its place, about which the
        translation warns: shared libraries are revised more often than what includes them.
        """
        key = (name, version)
        if key not in self._sources:
            found = self.resource(name, version) or _compatible(self._candidates("name", name), version)
            self._sources[key] = None if found is None else cql_of(found)
        return self._sources[key]

    def resource(self, name: str, version: str | None) -> Json | None:
        """The Library of a name and version, None when there is none."""
        return _chosen(self._candidates("name", name), version)

    def find(self, canonical: str) -> Json | None:
        """The Library with a canonical URL, perhaps with `|version`; None when there is none."""
        url, _, version = canonical.partition("|")
        return _chosen(self._candidates("url", url), version or None)

    def by_canonical(self, canonical: str) -> Logic:
        """The library with a canonical URL, perhaps with `|version`. Raises NotFound, and Unprocessable for one that
        cannot be translated."""
        url, _, version = canonical.partition("|")
        with self._lock:
            key = (url, version or None)
            if key not in self._logic:
                found = self.find(canonical)
                if found is None:
                    raise NotFound(f"There is no Library with the canonical URL {canonical}.")
                self._logic[key] = self.logic(found)
            return self._logic[key]

    def stored(self, stored: Stored) -> Logic:
        """A Library of the record, as it was read."""
        key = (stored.reference, str(stored.version))
        with self._lock:
            if key not in self._logic:
                self._logic[key] = self.logic(stored.resource)
            return self._logic[key]

    def logic(self, resource: Json) -> Logic:
        """A Library resource, translated and compiled. Raises Unprocessable with every problem of its CQL."""
        source = cql_of(resource)
        if source is None:
            name = resource.get("name") or resource.get("id") or "this Library"
            raise Unprocessable(f"{name} has no content of the type {CQL}, so there is nothing to evaluate.")
        return self.compiled(source, resource)

    def compiled(self, source: str, resource: Json) -> Logic:
        """A source text, translated and compiled. Raises Unprocessable with every problem of it."""
        translation = translate(source, libraries=self.source)
        if translation.library is None:
            raise NotTranslated(translation.problems)
        return Logic(resource, source, translation, compile_library(translation.library))

    def _candidates(self, key: str, text: str) -> list[Json]:
        given = [each for each in self._given if each.get(key) == text]
        return given or self._find(key, text)


class Libraries:
    """The shelf of a record, always the current one."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._mark = -1
        self._shelf = Shelf(self._find)

    def current(self, session: Session | None = None) -> Shelf:
        """The libraries as `session` sees them, by default the reading connection of this thread."""
        session = session or self._record.store.reader()
        number = self._record.registry.type_number("Library")
        mark = session.rows(f"SELECT coalesce(max(seq), 0) FROM version WHERE type={number}")[0][0]
        with self._lock:
            if mark != self._mark:
                self._shelf, self._mark = Shelf(self._find), mark
            return self._shelf

    def _find(self, key: str, text: str) -> list[Json]:
        parameter = {"name": "name:exact", "url": "url"}[key]
        escaped = re.sub(r"([\\,$|])", r"\\\1", text)
        found = self._record.search("Library", [(parameter, escaped), ("_count", "50")]).matches
        return [each.resource for each in sorted(found, key=lambda each: -each.seq)]


def _chosen(found: Sequence[Json], version: str | None) -> Json | None:
    """The library of a version; without one an active one before others, then the highest version, then the latest."""
    if version is not None:
        return next((each for each in found if each.get("version") == version), None)
    best = sorted(found, key=lambda each: (each.get("status") == "active", _version_key(each)), reverse=True)
    return best[0] if best else None


def _compatible(found: Sequence[Json], version: str | None) -> Json | None:
    """The newest library whose major version is that of the wanted one."""
    major = (version or "").partition(".")[0]
    return _chosen([each for each in found if str(each.get("version", "")).partition(".")[0] == major], None)


def _version_key(resource: Json) -> list[tuple[int, int, str]]:
    """Versions in their order: numbers as numbers, so that 0.10 comes after 0.9."""
    parts = re.findall(r"\d+|[A-Za-z]+", str(resource.get("version", "")))
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def cql_of(resource: Json) -> str | None:
    """The CQL in a Library; None when there is none. Raises Invalid for content that cannot be read."""
    for number, attachment in enumerate(resource.get("content", ())):
        if str(attachment.get("contentType", "")).partition(";")[0].strip() != CQL:
            continue
        data = attachment.get("data")
        if data is None:
            raise Invalid(
                "The CQL of a Library must be in its content; links to it are not followed.",
                code="not-supported",
                path=f"Library.content[{number}]",
            )
        try:
            return base64.b64decode(data, validate=True).decode()
        except (binascii.Error, ValueError):
            raise Invalid(
                "The content is not base64 of UTF-8.", code="value", path=f"Library.content[{number}].data"
            ) from None
    return None


def unknown_expression(logic: Logic, name: str) -> str:
    """A sentence for a definition that a library does not have."""
    near = did_you_mean(name, logic.program.library.expressions)
    return f"{logic.name} has no definition {name!r}.{f' Did you mean {near!r}?' if near else ''}"


__all__ = ["CQL", "ELM", "Libraries", "Logic", "Shelf", "cql_of", "unknown_expression"]
