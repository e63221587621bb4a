"""A small SNOMED CT release of invented concepts, written as RF2 files. Their identifiers are made up, with right check
digits; only the identifiers that the format itself needs are those of SNOMED CT."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bedside.terms.snomed import (
    ACCEPTABLE,
    CORE_MODULE,
    DEFINED_STATUS,
    FULLY_SPECIFIED,
    IS_A,
    PREFERRED,
    PRIMITIVE_STATUS,
    SYNONYM,
    with_check_digit,
)

US, GB, DUTCH = "900000000000509007", "900000000000508004", "31000146106"
INFERRED = "900000000000011006"
DATE = "20240301"


def concept_id(number: int) -> str:
    """The identifier of the n-th invented concept."""
    return with_check_digit(f"{70_000_000 + number}00")


@dataclass
class Release:
    """Rows by file; `write` makes files of them."""

    date: str = DATE
    concepts: list[Sequence[str]] = field(default_factory=list)
    descriptions: list[Sequence[str]] = field(default_factory=list)
    definitions: list[Sequence[str]] = field(default_factory=list)
    relationships: list[Sequence[str]] = field(default_factory=list)
    concrete: list[Sequence[str]] = field(default_factory=list)
    languages: list[Sequence[str]] = field(default_factory=list)
    simple: list[Sequence[str]] = field(default_factory=list)
    associations: list[Sequence[str]] = field(default_factory=list)
    maps: list[Sequence[str]] = field(default_factory=list)
    dependencies: list[Sequence[str]] = field(default_factory=list)
    _next: int = 0

    def _key(self, partition: str) -> str:
        self._next += 1
        return with_check_digit(f"{90_000_000 + self._next}{partition}")

    def _uuid(self) -> str:
        self._next += 1
        return f"00000000-0000-5000-8000-{self._next:012}"

    def concept(
        self,
        code: str,
        name: str,
        *parents: str,
        defined: bool = False,
        active: bool = True,
        module: str = CORE_MODULE,
        synonyms: Iterable[str] = (),
        british: str | None = None,
        dutch: str | None = None,
        tag: str = "finding",
    ) -> str:
        """A concept with its names and what it is directly below; its code."""
        status = DEFINED_STATUS if defined else PRIMITIVE_STATUS
        self.concepts.append((code, self.date, str(int(active)), module, status))
        self.description(code, f"{name} ({tag})", FULLY_SPECIFIED, US, GB)
        self.description(code, name, SYNONYM, US, *(() if british else (GB,)))
        for each in synonyms:
            self.description(code, each, SYNONYM, accept=(US, GB))
        if british:
            self.description(code, british, SYNONYM, GB)
        if dutch:
            self.description(code, dutch, SYNONYM, DUTCH, language="nl")
        for parent in parents:
            self.relationship(code, IS_A, parent)
        return code

    def description(
        self, code: str, text: str, kind: str, *preferred: str, accept: Iterable[str] = (), language: str = "en"
    ) -> None:
        key = self._key("01")
        self.descriptions.append((key, self.date, "1", CORE_MODULE, code, language, kind, text, "900000000000448009"))
        for how, refsets in ((PREFERRED, preferred), (ACCEPTABLE, accept)):
            for refset in refsets:
                self.languages.append((self._uuid(), self.date, "1", CORE_MODULE, refset, key, how))

    def relationship(self, source: str, kind: str, target: str, group: int = 0, active: bool = True) -> None:
        self.relationships.append(
            (self._key("02"), self.date, str(int(active)), CORE_MODULE, source, target, str(group), kind, INFERRED, "900000000000451002")
        )  # fmt: skip

    def value(self, source: str, kind: str, value: str, group: int = 0) -> None:
        """A concrete value: `#5`, `"text"` or `true`."""
        self.concrete.append(
            (self._key("02"), self.date, "1", CORE_MODULE, source, value, str(group), kind, INFERRED, "900000000000451002")
        )  # fmt: skip

    def member(self, refset: str, code: str, active: bool = True) -> None:
        self.simple.append((self._uuid(), self.date, str(int(active)), CORE_MODULE, refset, code))

    def association(self, refset: str, code: str, target: str) -> None:
        self.associations.append((self._uuid(), self.date, "1", CORE_MODULE, refset, code, target))

    def map(self, refset: str, code: str, target: str) -> None:
        self.maps.append((self._uuid(), self.date, "1", CORE_MODULE, refset, code, target))

    def files(self, kind: str = "Snapshot") -> dict[str, str]:
        """Name -> content of every file."""
        rel = "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId"
        desc = "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId"
        ref = "id effectiveTime active moduleId refsetId referencedComponentId"
        where = f"SnomedCT_Invented/{kind}"
        terms, refsets = f"{where}/Terminology", f"{where}/Refset"
        tables = {
            f"{terms}/sct2_Concept_{kind}_INT_{self.date}.txt": ("id effectiveTime active moduleId definitionStatusId", self.concepts),
            f"{terms}/sct2_Description_{kind}-en_INT_{self.date}.txt": (desc, self.descriptions),
            f"{terms}/sct2_TextDefinition_{kind}-en_INT_{self.date}.txt": (desc, self.definitions),
            f"{terms}/sct2_Relationship_{kind}_INT_{self.date}.txt": (rel, self.relationships),
            f"{terms}/sct2_RelationshipConcreteValues_{kind}_INT_{self.date}.txt": (rel.replace("destinationId", "value"), self.concrete),
            f"{refsets}/Language/der2_cRefset_Language{kind}-en_INT_{self.date}.txt": (f"{ref} acceptabilityId", self.languages),
            f"{refsets}/Content/der2_Refset_Simple{kind}_INT_{self.date}.txt": (ref, self.simple),
            f"{refsets}/Content/der2_cRefset_Association{kind}_INT_{self.date}.txt": (f"{ref} targetComponentId", self.associations),
            f"{refsets}/Map/der2_sRefset_SimpleMap{kind}_INT_{self.date}.txt": (f"{ref} mapTarget", self.maps),
            f"{refsets}/Metadata/der2_ssRefset_ModuleDependency{kind}_INT_{self.date}.txt": (f"{ref} sourceEffectiveTime targetEffectiveTime", self.dependencies),
        }  # fmt: skip
        return {
            name: "\r\n".join("\t".join(row) for row in [head.split(" "), *rows]) + "\r\n"
            for name, (head, rows) in tables.items()
        }

    def folder(self, path: Path, kind: str = "Snapshot") -> Path:
        """The release as a folder."""
        for name, text in self.files(kind).items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text, encoding="utf-8", newline="")
        return path

    def zip(self, path: Path, kind: str = "Snapshot") -> Path:
        """The release as an archive."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in self.files(kind).items():
                archive.writestr(name, text)
        return path


(ROOT, FINDING, BODY, ARM, LEFT_ARM, HAND, MORPHOLOGY, BREAK, BRUISE, BROKEN_ARM, BRUISED_HAND, BROKEN_HAND, ATTRIBUTE,
 SITE, CHANGE, DOSE, DRUG, STRONG, WEAK, OLD, LIST, SAME, LABEL, BRAND, MAP, BOTH) = (concept_id(n) for n in range(26))  # fmt: skip


def injuries() -> Release:
    """Some two dozen invented concepts with everything that the format can say."""
    r = Release()
    r.concept(ROOT, "Everything invented", tag="root")
    r.concept(FINDING, "Invented finding", ROOT)
    r.concept(BODY, "Part of the body", ROOT, tag="body structure")
    r.concept(ARM, "Arm", BODY, tag="body structure", dutch="Arm van het lichaam")
    r.concept(LEFT_ARM, "Left arm", ARM, tag="body structure")
    r.concept(HAND, "Hand", ARM, BODY, tag="body structure")
    r.concept(MORPHOLOGY, "Change of form", ROOT, tag="morphology")
    r.concept(BREAK, "Break", MORPHOLOGY, tag="morphology")
    r.concept(BRUISE, "Bruise", MORPHOLOGY, tag="morphology")
    r.concept(
        BROKEN_ARM,
        "Broken arm",
        FINDING,
        defined=True,
        synonyms=["Fractured arm"],
        british="Snapped arm",
        dutch="Gebroken arm",
    )
    r.concept(BRUISED_HAND, "Bruised hand", FINDING, defined=True)
    r.concept(BROKEN_HAND, "Broken hand", BROKEN_ARM, defined=True)
    r.concept(BOTH, "Broken arm with bruised hand", BROKEN_ARM, BRUISED_HAND, defined=True)
    r.concept(ATTRIBUTE, "Invented attribute", ROOT, tag="attribute")
    r.concept(SITE, "Site", ATTRIBUTE, tag="attribute")
    r.concept(CHANGE, "Form", ATTRIBUTE, tag="attribute")
    r.concept(DOSE, "Strength", ATTRIBUTE, tag="attribute")
    r.concept(LABEL, "Label", ATTRIBUTE, tag="attribute")
    r.concept(BRAND, "Has a brand", ATTRIBUTE, tag="attribute")
    r.concept(DRUG, "Invented drug", ROOT, tag="product")
    r.concept(STRONG, "Strong drug", DRUG, tag="product")
    r.concept(WEAK, "Weak drug", DRUG, tag="product")
    r.concept(LIST, "Invented reference set", ROOT, tag="foundation metadata concept")
    r.concept(MAP, "Invented map", ROOT, tag="foundation metadata concept")
    r.concept(SAME, "Invented association", ROOT, tag="foundation metadata concept")
    r.concept(OLD, "Arm break, old name", active=False)
    for code, site, change in (
        (BROKEN_ARM, ARM, BREAK),
        (BRUISED_HAND, HAND, BRUISE),
        (BROKEN_HAND, HAND, BREAK),
        (BOTH, ARM, BREAK),
    ):
        r.relationship(code, SITE, site, 1)
        r.relationship(code, CHANGE, change, 1)
    r.relationship(BOTH, SITE, HAND, 2)
    r.relationship(BOTH, CHANGE, BRUISE, 2)
    r.relationship(BRUISED_HAND, SITE, ARM, 3, active=False)
    r.value(STRONG, DOSE, "#500.0")
    r.value(WEAK, DOSE, "#5")
    r.value(STRONG, LABEL, '"Very strong"')
    r.value(WEAK, BRAND, "true")
    for code in (BROKEN_ARM, BRUISED_HAND, OLD):
        r.member(LIST, code)
    r.member(LIST, BROKEN_HAND, active=False)
    r.map(MAP, BROKEN_ARM, "S42.3")
    r.association("900000000000527005", OLD, BROKEN_ARM)
    return r
