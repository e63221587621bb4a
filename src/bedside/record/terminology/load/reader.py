"""What each kind of release has in common: it is recognised by its files, and told to a builder in two passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from bedside.record.terminology.load.build import About, Builder
from bedside.record.terminology.load.files import Files
from bedside.record.terminology.tables.bodies import Term


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who loads has said. `language` is that of the displays, where a release has several."""

    language: str = "en"
    version: str | None = None
    url: str | None = None


class Reader(Protocol):
    """Reads one release."""

    KIND: ClassVar[str]

    def about(self) -> About:
        """What it is. Raises BrokenRelease where that cannot be told."""

    def concepts(self, into: Builder) -> None:
        """Every concept, and what it is directly below."""

    def details(self, into: Builder, folder: Path) -> None:
        """Everything else. `folder` is for temporary files."""

    def display(self, terms: Sequence[Term]) -> str:
        """The display of a concept among its terms."""


class Kind(Protocol):
    """A class of readers."""

    def __call__(self, files: Files, wanted: Wanted) -> Reader: ...

    @staticmethod
    def fits(files: Files) -> bool:
        """Whether these files are such a release."""
