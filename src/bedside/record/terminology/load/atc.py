"""ATC: the table that is commonly passed on (CSV, TSV or with semicolons; a code and a name, perhaps doses), and the
XML rows that the WHO Collaborating Centre sells. A ClaML of it is read by claml.py.

Levels are told by the length of a code.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from bedside.record.terminology.load.build import About, Builder, first_text
from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.files import File, Files
from bedside.record.terminology.load.reader import Wanted
from bedside.record.terminology.tables.bodies import Term

URL = "http://www.whocc.no/atc"
_CODE = re.compile(r"[A-Z](?:\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?)?")
_LEVELS = (1, 3, 4, 5, 7)
_HEADS = {
    "code": ("atccode", "atc", "code", "atckode"),
    "name": ("atcname", "atclevelname", "name", "atclabel", "bezeichnung", "substance", "substancename", "description"),
    "ddd": ("ddd", "dddvalue"),
    "unit": ("u", "uom", "unit", "unittype", "dddunit"),
    "route": ("admr", "admroute", "admcode", "route"),
    "note": ("note", "comment", "dddcomment"),
}


class Atc:
    """One year's index."""

    KIND: ClassVar[str] = "atc"

    def __init__(self, files: Files, wanted: Wanted) -> None:
        self._wanted = wanted
        self._files = files
        self._tables = [(file, delimiter) for file in files if (delimiter := _delimiter(file)) is not None]
        self._rows_xml = [file for file in files if _has_rows(file)]

    @staticmethod
    def fits(files: Files) -> bool:
        return any(_delimiter(file) is not None or _has_rows(file) for file in files)

    def about(self) -> About:
        years = (re.search(r"(?<!\d)(20\d\d)(?!\d{4})", text) for text in self._names())
        version = self._wanted.version or next((match[1] for match in years if match), None)
        if version is None:
            raise BrokenRelease(
                "The year of this ATC cannot be told from the names of its files; name it by --version."
            )
        return About(
            kind="atc",
            url=self._wanted.url or URL,
            version=version,
            name="ATC",
            title="Anatomical Therapeutic Chemical classification (ATC)",
            publisher="WHO Collaborating Centre for Drug Statistics Methodology",
            language=self._wanted.language,
            properties={
                "level": ("Integer", "1 (anatomical main group) to 5 (substance)"),
                "DDD": ("String", "Defined daily dose: amount, unit, route"),
            },
        )

    def _names(self) -> list[str]:
        return [path.name for path in self._files.paths] + [file.name for file in self._files]

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Code, name, daily dose, note."""
        for file, delimiter in self._tables:
            for number, row in enumerate(file.table(delimiter), 2):
                cells = {_plain(name): value.strip() for name, value in row.items()}
                code, name, amount, unit, route, note = (_cell(cells, each) for each in _HEADS)
                yield _checked(code, file, number), name, _dose(amount, unit, route), note
        for file in self._rows_xml:
            with file.bytes() as raw:
                try:
                    for _, element in ElementTree.iterparse(raw, ("end",)):
                        if element.tag.endswith("row"):
                            cells = {_plain(name): value.strip() for name, value in element.attrib.items()}
                            code, name, amount, unit, route, note = (_cell(cells, each) for each in _HEADS)
                            yield _checked(code, file, 0), name, _dose(amount, unit, route), note
                            element.clear()
                except ElementTree.ParseError as error:
                    raise BrokenRelease(f"{file.name}, line {error.position[0]}: {error}.") from None

    def concepts(self, into: Builder) -> None:
        for code, *_ in self._rows():
            into.concept(code)
        for code in list(into.codes):
            for length in reversed([each for each in _LEVELS if each < len(code)]):
                above = into.find(code[:length])
                if above is not None:
                    place = into.find(code)
                    assert place is not None
                    into.parent(place, above)
                    break

    def details(self, into: Builder, folder: Path) -> None:
        named: set[str] = set()
        doses: set[tuple[str, str]] = set()
        for code, name, dose, note in self._rows():
            number = into.find(code)
            assert number is not None
            if code not in named:
                into.value(number, "level", "Integer", _LEVELS.index(len(code)) + 1)
                named.add(code)
                if note:
                    into.value(number, "note", "String", note)
            if name:
                into.display(number, name)
            if dose and (code, dose) not in doses:
                doses.add((code, dose))
                into.value(number, "DDD", "String", dose)

    def display(self, terms: Sequence[Term]) -> str:
        return first_text(terms)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _cell(cells: dict[str, str], kind: str) -> str:
    for name in _HEADS[kind]:
        if cells.get(name):
            return cells[name]
    return ""


def _checked(code: str, file: File, line: int) -> str:
    code = code.replace(" ", "").upper()
    if _CODE.fullmatch(code) is None:
        where = f"{file.name}, line {line}" if line else file.name
        raise BrokenRelease(f"{where}: {code!r} is no code of ATC.")
    return code


def _dose(amount: str, unit: str, route: str) -> str:
    if amount in ("", "NA"):
        return ""
    return " ".join(each for each in (amount, unit, route) if each and each != "NA")


def _delimiter(file: File) -> str | None:
    """What stands between the cells of a table of ATC; None for any other file."""
    if not file.base.lower().endswith((".csv", ".tsv", ".txt")):
        return None
    first = file.first_line()
    for delimiter in ("\t", ";", ","):
        try:
            heads = [_plain(cell) for cell in next(csv.reader([first], delimiter=delimiter), [])]
        except csv.Error:
            continue
        codes = ("atccode", "atc", "atckode", *(("code",) if "atc" in file.base.lower() else ()))
        has_code = any(head in codes for head in heads)
        if len(heads) > 1 and has_code and any(head in _HEADS["name"] for head in heads):
            return delimiter
    return None


def _has_rows(file: File) -> bool:
    if not file.base.lower().endswith(".xml"):
        return False
    try:
        with file.text() as text:
            return "ATCCode" in text.read(8192)
    except BrokenRelease:
        return False
