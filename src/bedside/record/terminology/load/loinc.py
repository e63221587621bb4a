"""LOINC as Regenstrief releases it: CSV tables (https://loinc.org/kb/users-guide, and R4 loinc.html for what FHIR makes
of them). Codes of observations are the concepts, and so are parts (LP) and answers (LA)."""

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
from bedside.terms.implicit import LOINC

_VERSION = re.compile(r"loinc[_-]?(?:complete[_-]?)?v?(\d\.\d{1,3})", re.IGNORECASE)
_VARIANT = re.compile(r"([a-z]{2})([A-Z]{2})\d+LinguisticVariant\.csv")
_AXES = {"COMPONENT": "COMPONENT", "PROPERTY": "PROPERTY", "TIME_ASPCT": "TIME", "SYSTEM": "SYSTEM",
         "SCALE_TYP": "SCALE", "METHOD_TYP": "METHOD"}  # fmt: skip
_PROPERTIES = ("COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP", "CLASS", "CLASSTYPE",
               "STATUS", "VersionLastChanged", "VersionFirstReleased", "ORDER_OBS", "UNITSREQUIRED",
               "EXAMPLE_UCUM_UNITS", "PanelType", "AskAtOrderEntry", "COMMON_TEST_RANK",
               "EXTERNAL_COPYRIGHT_NOTICE", "DefinitionDescription")  # fmt: skip
_USE = LOINC + "/designation|"
_PART_LINK = "LoincPartLink_Primary.csv", "LoincPartLink_Supplementary.csv"


class Loinc:
    """One release, with those accessory files that are there."""

    KIND: ClassVar[str] = "loinc"

    def __init__(self, files: Files, wanted: Wanted) -> None:
        self._files = files
        self._wanted = wanted
        found = files.named("Loinc.csv")
        assert found is not None
        self._main = found
        self._variants = [(match, file) for file in files if (match := _VARIANT.fullmatch(file.base))]

    @staticmethod
    def fits(files: Files) -> bool:
        found = files.named("Loinc.csv")
        return found is not None and "LOINC_NUM" in found.first_line()

    def about(self) -> About:
        return About(
            kind="loinc",
            url=LOINC,
            version=self._wanted.version or self._version(),
            name="LOINC",
            title="LOINC",
            publisher="Regenstrief Institute, Inc.",
            copyright="This content is from LOINC (http://loinc.org), copyright Regenstrief Institute, Inc. and the"
            " LOINC Committee, available at no cost under the licence at http://loinc.org/license.",
            language=self._language or "en",
            case_sensitive=False,
            value_set=f"{LOINC}/vs",
            properties={name: ("String", f"{name} of the LOINC table") for name in _PROPERTIES},
        )

    @property
    def _language(self) -> str | None:
        """The variant whose names are the displays; None for English."""
        tag = self._wanted.language.lower()
        tags = [f"{match[1]}-{match[2]}" for match, _ in self._variants]
        exact = [each for each in tags if each.lower() == tag]
        wider = [each for each in tags if each.lower().partition("-")[0] == tag]
        return next(iter([*exact, *wider]), None)

    def _version(self) -> str:
        for text in [path.name for path in self._files.paths] + [file.name for file in self._files]:
            if match := _VERSION.search(text):
                return match[1]
        changed = {row.get("VersionLastChanged", "") for row in self._main.table()}
        numbers = [text for text in changed if re.fullmatch(r"\d\.\d+\w?", text)]
        if not numbers:
            raise BrokenRelease("The version of this LOINC cannot be told from its files; name it by --version.")
        return max(numbers, key=lambda text: [int(part) for part in re.findall(r"\d+", text)])

    def _rows(self, base: str, *columns: str) -> Iterator[dict[str, str]]:
        """Rows of an accessory file, if it is there. Raises BrokenRelease for a missing column."""
        file = self._files.named(base)
        return iter(()) if file is None else _with(file, columns)

    def concepts(self, into: Builder) -> None:
        for row in _with(self._main, ("LOINC_NUM", "LONG_COMMON_NAME", "STATUS")):
            into.concept(row["LOINC_NUM"].upper(), flags_of(inactive=row["STATUS"] == "DEPRECATED"))
        for row in self._rows("Part.csv", "PartNumber", "Status"):
            into.concept(row["PartNumber"].upper(), flags_of(abstract=True, inactive=row["Status"] == "DEPRECATED"))
        for row in self._rows("AnswerList.csv", "AnswerStringId"):
            if row["AnswerStringId"]:
                into.concept(row["AnswerStringId"].upper())
        for row in self._hierarchy():
            child = into.concept(row["CODE"].upper(), flags_of(abstract=row["CODE"].upper().startswith("LP")))
            if row["IMMEDIATE_PARENT"]:
                parent = row["IMMEDIATE_PARENT"].upper()
                into.parent(child, into.concept(parent, flags_of(abstract=parent.startswith("LP"))))

    def _hierarchy(self) -> Iterator[dict[str, str]]:
        for name in ("ComponentHierarchyBySystem.csv", "MultiAxialHierarchy.csv"):
            if self._files.named(name) is not None:
                return self._rows(name, "CODE", "IMMEDIATE_PARENT", "CODE_TEXT")
        return iter(())

    def details(self, into: Builder, folder: Path) -> None:
        own = self._language
        for row in self._main.table():
            number = _number(into, row["LOINC_NUM"])
            into.term(number, row["LONG_COMMON_NAME"], "en", _USE + "LONG_COMMON_NAME")
            for name in ("SHORTNAME", "CONSUMER_NAME", "DisplayName"):
                if row.get(name):
                    into.term(number, row[name], "en", _USE + name)
            for name in _PROPERTIES:
                if row.get(name):
                    into.value(number, name, "String", row[name])
            notice = "3rdParty" if row.get("EXTERNAL_COPYRIGHT_NOTICE") else "LOINC"
            into.indexed(number, "COPYRIGHT", "String", notice)
        self._parts(into)
        self._answers(into)
        for row in self._hierarchy():
            if row["CODE"].upper().startswith("LP"):
                into.display(_number(into, row["CODE"]), row["CODE_TEXT"])
        for match, file in self._variants:
            tag = f"{match[1]}-{match[2]}"
            for row in _with(file, ("LOINC_NUM", "LONG_COMMON_NAME")):
                self._variant(into, row, tag, tag == own)

    def _variant(self, into: Builder, row: dict[str, str], tag: str, is_display: bool) -> None:
        number = into.find(row["LOINC_NUM"].upper())
        if number is None:
            return  # a variant may be older or newer than the table
        name = row["LONG_COMMON_NAME"] or row.get("LinguisticVariantDisplayName") or _made(row)
        if name:
            into.term(number, name, tag, _USE + "LONG_COMMON_NAME")
            if is_display:
                into.display(number, name)
        if row.get("SHORTNAME"):
            into.term(number, row["SHORTNAME"], tag, _USE + "SHORTNAME")

    def _parts(self, into: Builder) -> None:
        for row in self._rows("Part.csv", "PartNumber", "PartName"):
            number = _number(into, row["PartNumber"])
            into.term(number, row.get("PartDisplayName") or row["PartName"], "en", _USE + "PartDisplayName")
            if row.get("PartTypeName"):
                into.value(number, "PartTypeName", "String", row["PartTypeName"])
        for name in _PART_LINK:
            for row in self._rows(name, "LoincNumber", "PartNumber", "PartTypeName"):
                found = into.find(row["LoincNumber"].upper())
                code = row.get("Property", "").rpartition("/")[2] or row["PartTypeName"]
                if found is not None:
                    into.indexed(found, code, "String", row["PartNumber"].upper())

    def _answers(self, into: Builder) -> None:
        order: dict[str, list[tuple[int, int]]] = {}
        for place, row in enumerate(self._rows("AnswerList.csv", "AnswerListId", "AnswerStringId", "DisplayText")):
            if row["AnswerStringId"]:
                number = _number(into, row["AnswerStringId"])
                into.display(number, row["DisplayText"])
                sequence = row.get("SequenceNumber", "")
                at = int(sequence) if sequence.isdecimal() else place
                order.setdefault(row["AnswerListId"].upper(), []).append((at, number))
        for code, members in order.items():
            for _, number in sorted(members):
                into.member(code, number)
        for row in self._rows("LoincAnswerListLink.csv", "LoincNumber", "AnswerListId"):
            found = into.find(row["LoincNumber"].upper())
            if found is not None:
                into.value(found, "answer-list", "Code", row["AnswerListId"].upper())
        for row in self._rows("GroupLoincTerms.csv", "GroupId", "LoincNumber"):
            found = into.find(row["LoincNumber"].upper())
            if found is not None:
                into.member(row["GroupId"].upper(), found)

    def display(self, terms: Sequence[Term]) -> str:
        return first_text(terms)


def _with(file: File, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    for number, row in enumerate(file.table()):
        if not number:
            missing = [column for column in columns if column not in row]
            if missing:
                raise BrokenRelease(f"{file.name} has no column {', '.join(missing)}.")
        yield row


def _number(into: Builder, code: str) -> int:
    found = into.find(code.upper())
    if found is None:
        raise BrokenRelease(f"{code} is named in the files of this LOINC and is no code of it.")
    return found


def _made(row: dict[str, str]) -> str:
    """The name of a variant that translates the axes only."""
    return ":".join(row.get(axis, "") for axis in _AXES).rstrip(":")
