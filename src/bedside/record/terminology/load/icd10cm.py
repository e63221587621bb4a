"""ICD-10-CM as its owners release it: the order file (every code, fixed columns) and the tabular list (XML with
chapters, blocks and inclusion terms); one of them is enough
(https://www.cms.gov/medicare/coding-billing/icd-10-codes)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, ClassVar
from xml.etree import ElementTree

from bedside.record.terminology.load.build import About, Builder, first_text, flags_of
from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.files import File, Files
from bedside.record.terminology.load.reader import Wanted
from bedside.record.terminology.tables.bodies import Term

URL = "http://hl7.org/fhir/sid/icd-10-cm"
_ORDER = re.compile(r"icd10cm[-_]?order[-_](?:.*?)(20\d\d).*\.txt", re.I)
_TABULAR = re.compile(r"icd-?10-?cm[-_]tabular.*\.xml", re.I)
_LINE = re.compile(r"(\d{5}) ([A-Z]\d[0-9A-Z]{1,5}) {1,7}([01]) (.{0,60})(?: (.*))?")


class Icd10Cm:
    """One year's release."""

    KIND: ClassVar[str] = "icd10cm"

    def __init__(self, files: Files, wanted: Wanted) -> None:
        self._wanted = wanted
        self._order = next((file for file in files if _ORDER.fullmatch(file.base)), None)
        self._tabular = next((file for file in files if _TABULAR.fullmatch(file.base)), None)

    @staticmethod
    def fits(files: Files) -> bool:
        return any(_ORDER.fullmatch(file.base) or _TABULAR.fullmatch(file.base) for file in files)

    def about(self) -> About:
        return About(
            kind="icd10cm",
            url=URL,
            version=self._wanted.version or self._year(),
            name="ICD_10_CM",
            title="ICD-10-CM",
            publisher="U.S. National Center for Health Statistics",
            properties={"header": ("Boolean", "Not valid for claims: only a heading of longer codes")},
        )

    def _year(self) -> str:
        if self._order is not None and (match := _ORDER.fullmatch(self._order.base)):
            return match[1]
        assert self._tabular is not None
        with self._tabular.bytes() as raw:
            for _, element in _events(self._tabular, raw):
                if element.tag == "version" and element.text:
                    return element.text.strip()
        raise BrokenRelease(f"{self._tabular.name} does not say its version; name it by --version.")

    def _codes(self) -> Iterator[tuple[str, bool, str, str]]:
        """Code with its point, whether it is a heading, short and long description."""
        if self._order is None:
            return
        with self._order.text() as text:
            for number, line in enumerate(text, 1):
                line = line.rstrip("\r\n")
                if not line.strip():
                    continue
                match = _LINE.fullmatch(line)
                if match is None:
                    raise BrokenRelease(f"{self._order.name}, line {number}: this is no line of an order file.")
                short = match[4].strip()
                yield _pointed(match[2]), match[3] == "0", short, (match[5] or "").strip() or short

    def _tree(self) -> Iterator[tuple[str, str | None, str, str, list[str]]]:
        """Code, parent, kind, description and inclusion terms of everything in the tabular list."""
        if self._tabular is None:
            return
        with self._tabular.bytes() as raw:
            for _, element in _events(self._tabular, raw):
                if element.tag == "chapter":
                    name = f"Chapter {element.findtext('name', '').strip()}"
                    yield name, None, "chapter", element.findtext("desc", "").strip(), []
                    for section in element.findall("section"):
                        code = section.get("id", "")
                        yield code, name, "block", section.findtext("desc", "").strip(), []
                        for diagnosis in section.findall("diag"):
                            yield from _diagnoses(diagnosis, code, [])
                    element.clear()

    def concepts(self, into: Builder) -> None:
        for code, heading, *_ in self._codes():
            into.concept(code, flags_of(abstract=heading))
        for code, parent, kind, *_ in self._tree():
            place = into.concept(code, flags_of(abstract=kind in ("chapter", "block")))
            if parent is not None:
                into.parent(place, into.concept(parent))
        known = {code for code, *_ in self._tree()}
        for code, *_ in self._codes():
            if code in known:
                continue
            for length in range(len(code) - 1, 2, -1):
                above = into.find(code[:length].rstrip("."))
                if above is not None:
                    into.parent(into.concept(code), above)
                    break

    def details(self, into: Builder, folder: Path) -> None:
        for code, heading, short, long in self._codes():
            number = into.find(code)
            assert number is not None
            into.display(number, long)
            into.term(number, long, "en")
            if short != long:
                into.term(number, short, "en")
            into.value(number, "header", "Boolean", heading)
        for code, _, kind, text, inclusions in self._tree():
            number = into.find(code)
            assert number is not None
            into.display(number, text)
            into.value(number, "kind", "Code", kind)
            for each in inclusions:
                into.term(number, each, "en")

    def display(self, terms: Sequence[Term]) -> str:
        return first_text(terms)


def _pointed(code: str) -> str:
    return code if len(code) < 4 else f"{code[:3]}.{code[3:]}"


def _events(file: File, raw: IO[bytes]) -> Iterator[tuple[str, ElementTree.Element]]:
    try:
        yield from ElementTree.iterparse(raw, ("end",))
    except ElementTree.ParseError as error:
        line, column = error.position
        raise BrokenRelease(f"{file.name}, line {line}, column {column + 1}: {error}.") from None


def _diagnoses(
    element: ElementTree.Element, parent: str, seventh: list[tuple[str, str]]
) -> Iterator[tuple[str, str | None, str, str, list[str]]]:
    """A diagnosis and those below it. A code without any below takes the seventh characters that hold there, with X
    in the places between."""
    code = element.findtext("name", "").strip()
    text = element.findtext("desc", "").strip()
    inclusions = [(note.text or "").strip() for note in element.findall("inclusionTerm/note")]
    own = [(each.get("char", ""), (each.text or "").strip()) for each in element.findall("sevenChrDef/extension")]
    seventh = own or seventh
    yield code, parent, "category", text, [each for each in inclusions if each]
    inner = element.findall("diag")
    for each in inner:
        yield from _diagnoses(each, code, seventh)
    if not inner:
        for character, words in seventh:
            padded = code.replace(".", "").ljust(6, "X")
            yield _pointed(padded + character), code, "category", f"{text}, {words}", []
