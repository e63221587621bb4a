"""From source text to a typed library: includes, models, and every definition in its turn.

All errors of a library are told at once, those of the libraries it includes among them, each with its library's name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from bedside.questions.cql import operators, syntax, tree
from bedside.questions.cql.parser import parse_library
from bedside.questions.cql.typer import helpers
from bedside.questions.cql.typer.assembly import Assembly
from bedside.questions.cql.typer.cache import Kept, digest
from bedside.questions.errors import QuestionError

Sources = Callable[[str, str | None], str | None]
"""Name and version of a library -> its source, None for one that there is not."""

RECURSION_LIMIT = 12_000
"""Python frames that a deeply nested library may need; `core.MAX_DEPTH` ends it before."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of a source. `library` is None when there are problems; warnings do no harm."""

    library: tree.Library | None
    problems: tuple[QuestionError, ...] = ()
    warnings: tuple[QuestionError, ...] = ()


def no_libraries(name: str, version: str | None) -> str | None:
    return None


_KEPT: Kept[Translation] = Kept()


def translate(source: str, *, libraries: Sources = no_libraries, cache: Kept[Translation] | None = None) -> Translation:
    """Parse and type a library with all that it includes. Never raises for what is wrong with the text.

    `libraries` gives the sources of included libraries; translations are kept in `cache`, else for the process.
    """
    if sys.getrecursionlimit() < RECURSION_LIMIT:
        sys.setrecursionlimit(RECURSION_LIMIT)
    operators.load_all()
    return Translator(libraries, _KEPT if cache is None else cache).translate(source)


@dataclass(slots=True)
class Parsed:
    """A source as read, with the digest of it and of all that it includes."""

    source: str
    definition: syntax.LibraryDefinition
    errors: tuple[QuestionError, ...]
    digest: str = ""


@dataclass(slots=True)
class Translator:
    """One run: what it has read and what it is at, so that includes in a circle are found."""

    libraries: Sources
    cache: Kept[Translation]
    done: dict[tuple[str, str | None], Translation] = field(default_factory=dict)
    sources: dict[tuple[str, str | None], str | None] = field(default_factory=dict)
    parsed: dict[str, Parsed] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def translate(self, source: str) -> Translation:
        parsed = self.parse(source)
        key = self.digest(parsed, ())
        kept = self.cache.get(key)
        if kept is None:
            kept = Translation(*Assembly(self, parsed, key).translation())
            self.cache.put(key, kept)
        return kept

    def parse(self, source: str) -> Parsed:
        found = self.parsed.get(source)
        if found is None:
            definition, errors = parse_library(source)
            for error in errors:
                error.source = error.source or source
                error.library = error.library or definition.name
            found = self.parsed[source] = Parsed(source, definition, tuple(errors))
        return found

    def digest(self, parsed: Parsed, above: tuple[str, ...]) -> str:
        """The key of a source. What is included in a circle, or is not there, counts by its name."""
        if not parsed.digest:
            parts = []
            for each in parsed.definition.includes:
                text = self.source(each.name, each.version)
                if text is None or text in above:
                    parts.append(f"{each.name}|{each.version}")
                elif helpers.is_helpers(each.name):  # Read only when something unusual of it is called.
                    parts.append(digest(text))
                else:
                    parts.append(self.digest(self.parse(text), (*above, parsed.source)))
            found = digest(parsed.source, *parts)
            if above:
                return found
            parsed.digest = found
        return parsed.digest

    def source(self, name: str, version: str | None) -> str | None:
        key = (name, version)
        if key not in self.sources:
            found = self.libraries(name, version)
            if found is None and "." in name:  # A namespace, which whoever keeps the sources may not know.
                found = self.libraries(name.rpartition(".")[2], version)
            self.sources[key] = found
        return self.sources[key]

    def include(self, name: str, version: str | None) -> Translation | None:
        """An included library, None when there is no source of it."""
        key = (name, version)
        if key not in self.done:
            source = self.source(name, version)
            if source is None:
                return None
            self.open.append(name)
            try:
                self.done[key] = self.translate(source)
            finally:
                self.open.pop()
        return self.done[key]
