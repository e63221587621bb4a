"""RxNorm as the National Library of Medicine releases it: Rich Release Format, columns between bars
(https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html; R4 rxnorm.html for what FHIR makes of it)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from bedside.record.terminology.load.build import About, Builder, first_text, flags_of
from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.files import File, Files
from bedside.record.terminology.load.reader import Wanted
from bedside.record.terminology.tables.bodies import Term
from bedside.terms.implicit import RXNORM

_DATE = re.compile(r"rxnorm_(?:full|prescribe|weekly)[a-z_]*(\d{8})", re.IGNORECASE)
_NAMES = frozenset(("PSN", "SY", "TMSY", "ET"))
"""Types of names beside the one that tells what kind of thing a concept is."""
_OBSOLETE = frozenset("OE")


class RxNorm:
    """One release; only what is of RxNorm itself (SAB RXNORM), not of its sources."""

    KIND: ClassVar[str] = "rxnorm"

    def __init__(self, files: Files, wanted: Wanted) -> None:
        self._files = files
        self._wanted = wanted
        found = self._file("RXNCONSO.RRF")
        assert found is not None
        self._names = found

    @staticmethod
    def fits(files: Files) -> bool:
        return files.named("RXNCONSO.RRF") is not None

    def _file(self, base: str) -> File | None:
        """A release has the whole under rrf/ and a part of it under prescribe/rrf/; the whole is meant."""
        found = [file for file in self._files if file.base.upper() == base]
        return min(found, key=lambda file: len(file.name), default=None)

    def about(self) -> About:
        return About(
            kind="rxnorm",
            url=RXNORM,
            version=self._wanted.version or self._version(),
            name="RxNorm",
            title="RxNorm",
            publisher="U.S. National Library of Medicine",
            hierarchy="is-a",
            value_set=f"{RXNORM}/vs",
            properties={
                "TTY": ("Code", "What kind of thing it is: IN, SCD, SBD, ..."),
                "STY": ("Code", "Semantic type"),
                "SAB": ("Code", "Where the concept is from"),
            },
        )

    def _version(self) -> str:
        for text in [path.name for path in self._files.paths] + [file.name for file in self._files]:
            if match := _DATE.search(text):
                return match[1]
        sources = self._file("RXNSAB.RRF")
        for row in () if sources is None else _rows(sources, 24):
            # RSAB and SVER: "RXNORM", "20AA_240304F"
            if row[3] == "RXNORM" and (match := re.search(r"_(\d\d)(\d\d)(\d\d)", row[6])):
                return f"{match[2]}{match[3]}20{match[1]}"
        raise BrokenRelease("The version of this RxNorm cannot be told from its files; name it by --version MMDDYYYY.")

    def _own(self) -> Iterator[list[str]]:
        for row in _rows(self._names, 18):
            if row[11] == "RXNORM":
                yield row

    def concepts(self, into: Builder) -> None:
        live: dict[str, bool] = {}
        for row in self._own():
            live[row[0]] = live.get(row[0], False) or row[16] not in _OBSOLETE
        for code, is_live in live.items():
            into.concept(code, flags_of(inactive=not is_live))
        if not live:
            raise BrokenRelease(f"{self._names.name} has no concept of RxNorm (SAB RXNORM).")
        for source, kind, target in self._relations():
            if kind == "isa":
                child, parent = into.find(source), into.find(target)
                if child is not None and parent is not None:
                    into.parent(child, parent)

    def _relations(self) -> Iterator[tuple[str, str, str]]:
        """Source, name and target. A row tells what its second concept is to its first."""
        file = self._file("RXNREL.RRF")
        for row in () if file is None else _rows(file, 16):
            if row[10] == "RXNORM" and row[2] == row[6] == "CUI" and row[7]:
                yield row[4], row[7], row[0]

    def details(self, into: Builder, folder: Path) -> None:
        for row in self._own():
            number = into.find(row[0])
            assert number is not None
            kind = row[12]
            into.term(number, row[14], "en", f"{RXNORM}|{kind}")
            if kind not in _NAMES:
                into.value(number, "TTY", "Code", kind)
                into.display(number, row[14])
        for source, kind, target in self._relations():
            first, second = into.find(source), into.find(target)
            if first is not None and second is not None and kind != "isa":
                into.relation(first, kind, second)
        attributes = self._file("RXNSAT.RRF")
        for row in () if attributes is None else _rows(attributes, 13):
            number = into.find(row[0])
            if number is not None and row[9] == "RXNORM" and row[10]:
                into.value(number, row[8], "String", row[10])
        types = self._file("RXNSTY.RRF")
        for row in () if types is None else _rows(types, 6):
            number = into.find(row[0])
            if number is not None:
                into.value(number, "STY", "Code", row[1])

    def display(self, terms: Sequence[Term]) -> str:
        return first_text(terms)


def _rows(file: File, width: int) -> Iterator[list[str]]:
    """The cells of every line. Raises BrokenRelease with the line for one that is too short."""
    with file.text() as text:
        for number, line in enumerate(text, 1):
            cells = line.rstrip("\r\n").split("|")
            if len(cells) < width:
                if cells == [""]:
                    continue
                raise BrokenRelease(f"{file.name}, line {number}: {len(cells)} columns where {width} are needed.")
            yield cells
