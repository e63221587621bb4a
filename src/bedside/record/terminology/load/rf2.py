"""SNOMED CT as its owners release it: Release Format 2, snapshot or full (https://docs.snomed.org, Release File
Specification). Each row has an id and a time; the newest of an id is what holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar
from zlib import crc32

from bedside.record.terminology.load.build import About, Builder
from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.files import File, Files
from bedside.record.terminology.load.reader import Wanted
from bedside.record.terminology.load.spool import Spool, folder
from bedside.record.terminology.tables.bodies import DEFINED, INACTIVE, Term
from bedside.terms.implicit import SNOMED
from bedside.terms.snomed import (
    CORE_MODULE,
    DEFINED_STATUS,
    DEFINITION,
    DIALECTS,
    FULLY_SPECIFIED,
    IS_A,
    PREFERRED,
    SYNONYM,
    preferences,
)

_NAME = re.compile(
    r"x?(sct2|der2)_([A-Za-z]+)_(.*?)(Snapshot|Full|Delta)(?:-([A-Za-z-]+))?_([A-Za-z]+\d*)_(\d{8})\.txt"
)
_BUCKETS = 64
_STATED, _ADDITIONAL = "900000000000010007", "900000000000227009"
_STANDARD = ("id", "effectiveTime", "active", "moduleId", "refsetId", "referencedComponentId")
_PASSED_OVER = ("OWL", "Language", "MRCM", "RefsetDescriptor", "DescriptionType")
"""Reference sets of other things than concepts, or that only modellers need."""


class Rf2:
    """One edition: the files of one or several packages together."""

    KIND: ClassVar[str] = "snomed"

    def __init__(self, files: Files, wanted: Wanted) -> None:
        self._wanted = wanted
        found = [(match, file) for file in files if (match := _NAME.fullmatch(file.base))]
        kinds = {match[4] for match, _ in found if match[2] == "Concept"}
        if not kinds & {"Snapshot", "Full"}:
            raise BrokenRelease("This package of SNOMED CT has changes only (Delta); load its Snapshot or Full files.")
        kind = "Snapshot" if "Snapshot" in kinds else "Full"
        self._files = [(match, file) for match, file in found if match[4] == kind]
        self._once = kind == "Snapshot" and len(files.paths) == 1
        if not self._of("sct2", "Relationship"):
            raise BrokenRelease(f"This package of SNOMED CT has no relationships (sct2_Relationship_{kind}_...).")
        self._refsets: dict[str, str] = dict(DIALECTS)
        self._preferences = preferences(wanted.language)

    @staticmethod
    def fits(files: Files) -> bool:
        return any((match := _NAME.fullmatch(file.base)) and match[2] == "Concept" for file in files)

    def _of(self, prefix: str, kind: str) -> list[File]:
        return [file for match, file in self._files if match[1] == prefix and match[2] == kind]

    def about(self) -> About:
        version = self._wanted.version or f"{SNOMED}/{self._edition}/version/{self._date}"
        return About(
            kind="snomed",
            url=SNOMED,
            version=version,
            name="SNOMED_CT",
            title="SNOMED CT",
            publisher="SNOMED International",
            copyright="SNOMED CT is used under licence of SNOMED International.",
            language=self._wanted.language,
            value_set=f"{SNOMED}?fhir_vs",
            properties={
                "moduleId": ("Code", "The module that the concept is maintained in"),
                "effectiveTime": ("String", "When this version of the concept took effect (YYYYMMDD)"),
            },
            refsets=self._refsets,
        )

    @cached_property
    def _date(self) -> str:
        return max(match[7] for match, _ in self._files if match[2] == "Concept")

    @cached_property
    def _edition(self) -> str:
        """The module that depends on others and that no other depends on."""
        depends: set[str] = set()
        needed: set[str] = set()
        for file in self._named("der2", "ModuleDependency"):
            for _, _, active, module, _, other in self._newest([file], _STANDARD):
                if active == "1":
                    depends.add(module)
                    needed.add(other)
        tops = depends - needed
        if not tops:
            return CORE_MODULE
        if len(tops) == 1:
            return tops.pop()
        told = ", ".join(sorted(tops))
        raise BrokenRelease(
            f"These files hold several editions of SNOMED CT (modules {told}); load one, or name its version"
            f" (--version {SNOMED}/[module]/version/[date])."
        )

    def _named(self, prefix: str, part: str) -> list[File]:
        """Files of reference sets by what their name contains."""
        return [file for match, file in self._files if match[1] == prefix and part in match[3]]

    def _newest(self, files: Sequence[File], columns: Sequence[str]) -> Iterator[list[str]]:
        """Rows of files; of those with one id the one that took effect last. The first two columns are id and time."""
        if self._once:
            for file in files:
                yield from file.tabbed(columns)
            return
        with folder() as place:
            spool = Spool(Path(place), "newest", _BUCKETS)
            for file in files:
                for row in file.tabbed(columns):
                    spool.add(crc32(row[0].encode()) % _BUCKETS, tuple(row))
            for bucket in range(_BUCKETS):
                found: dict[str, list[str]] = {}
                for each in spool.rows(bucket):
                    before = found.get(each[0])
                    if before is None or before[1] <= each[1]:
                        found[each[0]] = list(each)
                yield from found.values()

    # --- first pass

    def concepts(self, into: Builder) -> None:
        self._facts: list[tuple[str, str]] = []
        seen: dict[tuple[str, str], tuple[str, str]] = {}
        columns = ("id", "effectiveTime", "active", "moduleId", "definitionStatusId")
        for code, time, active, module, status in self._newest(self._of("sct2", "Concept"), columns):
            if not (code.isdecimal() and 6 <= len(code) <= 18):
                raise BrokenRelease(f"A concept of these files has the id {code!r}, which is none of SNOMED CT.")
            into.concept(code, (0 if active == "1" else INACTIVE) | (DEFINED if status == DEFINED_STATUS else 0))
            self._facts.append(seen.setdefault((module, time), (module, time)))
        for source, target, kind, _ in self._relationships():
            if kind == IS_A:
                into.parent(self._place(into, source), self._place(into, target))

    def _place(self, into: Builder, code: str) -> int:
        place = into.find(code)
        if place is None:
            raise BrokenRelease(
                f"A relationship names the concept {code}, which is in none of these files. An extension is loaded"
                " together with the International Edition that it depends on."
            )
        return place

    def _relationships(self) -> Iterator[tuple[str, str, str, str]]:
        """Active inferred ones: source, target, type, group."""
        columns = ("id", "effectiveTime", "active", "sourceId", "destinationId", "relationshipGroup", "typeId",
                   "characteristicTypeId")  # fmt: skip
        for _, _, active, source, target, group, kind, of in self._newest(self._of("sct2", "Relationship"), columns):
            if active == "1" and of not in (_STATED, _ADDITIONAL):
                yield source, target, kind, group

    # --- second pass

    def details(self, into: Builder, folder: Path) -> None:
        columns = ("id", "effectiveTime")
        for (code, _), (module, time) in zip(
            self._newest(self._of("sct2", "Concept"), columns), self._facts, strict=True
        ):
            number = self._place(into, code)
            into.value(number, "moduleId", "Code", module)
            into.value(number, "effectiveTime", "String", time)
        self._facts.clear()
        for source, target, kind, group in self._relationships():
            if kind != IS_A:
                into.relation(self._place(into, source), kind, self._place(into, target), _group(group))
        self._concrete(into)
        self._names(into, folder)
        self._lists(into)

    def _concrete(self, into: Builder) -> None:
        columns = ("id", "effectiveTime", "active", "sourceId", "value", "relationshipGroup", "typeId",
                   "characteristicTypeId")  # fmt: skip
        files = self._of("sct2", "RelationshipConcreteValues")
        for key, _, active, source, value, group, kind, of in self._newest(files, columns):
            if active != "1" or of == _STATED:
                continue
            number = self._place(into, source)
            if value.startswith("#"):
                into.value(number, kind, "Decimal", value[1:], _group(group))
            elif len(value) > 1 and value[0] == value[-1] == '"':
                into.value(number, kind, "String", value[1:-1], _group(group))
            elif value.lower() in ("true", "false"):
                into.value(number, kind, "Boolean", value.lower() == "true", _group(group))
            else:
                raise BrokenRelease(f"The relationship {key} has the value {value!r}: no number, text or truth value.")

    def _names(self, into: Builder, folder: Path) -> None:
        """Descriptions and where they are preferred or acceptable, brought together by description."""
        spool = Spool(folder, "names", _BUCKETS)
        columns = ("id", "effectiveTime", "active", "refsetId", "referencedComponentId", "acceptabilityId")
        for _, _, active, refset, description, how in self._newest(self._named("der2", "Language"), columns):
            if active == "1":
                letter = "P" if how == PREFERRED else "A"
                spool.add(crc32(description.encode()) % _BUCKETS, (description, letter + refset))
        named = ("id", "effectiveTime", "active", "moduleId", "conceptId", "languageCode", "typeId", "term")
        files = self._of("sct2", "Description") + self._of("sct2", "TextDefinition")
        for key, time, active, *rest in self._newest(files, named):
            if active == "1":
                spool.add(crc32(key.encode()) % _BUCKETS, (key, time, *rest))
        languages: dict[str, Counter[str]] = {}
        for bucket in range(_BUCKETS):
            accepted: dict[str, list[str]] = {}
            for row in spool.rows(bucket):
                if len(row) == 2:
                    accepted.setdefault(row[0], []).append(row[1])
                    continue
                key, time, module, concept, language, kind, text = row
                number = into.find(concept)
                if number is None:
                    raise BrokenRelease(f"The description {key} is of the concept {concept}, which is in no file.")
                accept = accepted.get(key, ())
                for each in accept:
                    if each[1:] not in self._refsets:
                        languages.setdefault(each[1:], Counter())[language] += 1
                into.term(number, text, language, f"{SNOMED}|{kind}", module, time, accept)
                if kind == DEFINITION and language == self._wanted.language.partition("-")[0]:
                    into.definition(number, text)
        for refset, found in languages.items():
            self._refsets[refset] = found.most_common(1)[0][0]

    def _lists(self, into: Builder) -> None:
        for match, file in self._files:
            if match[1] != "der2" or any(part in match[3] for part in _PASSED_OVER):
                continue
            head = file.first_line().split("\t")
            if head[: len(_STANDARD)] != list(_STANDARD):
                raise BrokenRelease(f"{file.name} is no reference set: its first columns are {', '.join(head[:6])}.")
            more = head[len(_STANDARD) :]
            for _, time, active, module, refset, component, *cells in self._newest([file], head):
                number = into.find(component) if active == "1" else None
                if number is not None:
                    row = dict(zip(more, cells, strict=True))
                    into.member(refset, number, row | {"moduleId": module, "effectiveTime": time})

    def display(self, terms: Sequence[Term]) -> str:
        """The preferred synonym in the language wanted, else the fully specified name, else any."""
        synonym, named = f"{SNOMED}|{SYNONYM}", f"{SNOMED}|{FULLY_SPECIFIED}"
        for refset in self._preferences:
            for term in terms:
                if term.use == synonym and f"P{refset}" in term.accept:
                    return term.text
        own = self._wanted.language.partition("-")[0]
        for term in terms:
            if term.language == own and term.use == synonym and any(each[0] == "P" for each in term.accept):
                return term.text
        for language in (own, None):
            for term in terms:
                if term.use == named and language in (None, term.language):
                    return term.text
        return terms[0].text if terms else ""


def _group(text: str) -> int:
    if not text.isdecimal():
        raise BrokenRelease(f"A relationship has the group {text!r}, which is no number.")
    return int(text)
