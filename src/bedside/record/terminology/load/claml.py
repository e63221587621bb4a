"""Classifications in ClaML 2.0 (EN 14463), as WHO and national institutes release ICD-10, its modifications, OPS, ATC
and others: classes of chapters, blocks and categories, with modifiers that make codes of more characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal
from xml.etree import ElementTree

from bedside.record.terminology.load.build import About, Builder, first_text, flags_of
from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.files import File, Files
from bedside.record.terminology.load.reader import Wanted
from bedside.record.terminology.tables.bodies import Term

SYSTEMS = (
    (re.compile(r"icd-?10-?cm", re.I), "http://hl7.org/fhir/sid/icd-10-cm"),
    (re.compile(r"icd-?10-?gm", re.I), "http://fhir.de/CodeSystem/bfarm/icd-10-gm"),
    (re.compile(r"icd-?10-?nl", re.I), "http://hl7.org/fhir/sid/icd-10-nl"),
    (re.compile(r"icd-?10", re.I), "http://hl7.org/fhir/sid/icd-10"),
    (re.compile(r"icd-?9-?cm", re.I), "http://hl7.org/fhir/sid/icd-9-cm"),
    (re.compile(r"icd-?o", re.I), "http://terminology.hl7.org/CodeSystem/icd-o-3"),
    (re.compile(r"\bops\b", re.I), "http://fhir.de/CodeSystem/bfarm/ops"),
    (re.compile(r"atc-?gm|atc.*(amtlich|deutsch)", re.I), "http://fhir.de/CodeSystem/bfarm/atc"),
    (re.compile(r"\batc\b", re.I), "http://www.whocc.no/atc"),
    (re.compile(r"\bicf\b", re.I), "http://hl7.org/fhir/sid/icf"),
    (re.compile(r"\bicpc-?2\b", re.I), "http://hl7.org/fhir/sid/icpc-2"),
)
"""Titles of classifications and the systems that FHIR knows them by."""

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_CODES = frozenset(("chapter", "block", "group"))
_SHOWN = frozenset(("preferred", "preferredLong"))
_NAMES = {
    "preferred": "preferred",
    "preferredLong": "preferredLong",
    "inclusion": "inclusion",
    "preferredShort": "short",
}


@dataclass(slots=True)
class _Class:
    code: str
    kind: str
    parents: list[str]
    modifiers: list[tuple[str, frozenset[str] | None]]
    excluded: frozenset[str]
    rubrics: list[tuple[str, str, str]]
    """Kind, language, text."""
    meta: list[tuple[str, str]]


@dataclass(slots=True)
class _Modifier:
    classes: dict[str, str] = field(default_factory=dict)
    """Suffix -> label."""


class Claml:
    """One classification."""

    KIND: ClassVar[str] = "claml"

    def __init__(self, files: Files, wanted: Wanted) -> None:
        self._wanted = wanted
        found = [file for file in files if _is_claml(file)]
        self._file = max(found, key=lambda file: file.size)  # beside it there may be its changes alone
        self._modifiers: dict[str, _Modifier] = {}

    @staticmethod
    def fits(files: Files) -> bool:
        return any(_is_claml(file) for file in files)

    def about(self) -> About:
        title, name, version, language = "", "", None, "en"
        for event, element in self._events(("start", "end")):
            tag = _tag(element)
            if event == "start" and tag == "ClaML":
                language = element.get(_LANG) or language
            elif event == "start" and tag == "Title":
                name, version = element.get("name", ""), element.get("version")
                date = element.get("date")
                version = version or date
            elif event == "end" and tag == "Title":
                title = _text(element)
            elif tag in ("Class", "Modifier"):
                break
        url = self._wanted.url or next((url for p, url in SYSTEMS if p.search(name) or p.search(title)), None)
        if url is None:
            raise BrokenRelease(
                f"{self._file.name} is the classification {name or title!r}, whose address is not known here; name it"
                " by --url."
            )
        version = self._wanted.version or version
        kind = "atc" if "/atc" in url else "icd10" if "icd-10" in url else "claml"
        label = name or title or "Classification"
        return About(
            kind=kind,
            url=url,
            version=version,
            name=re.sub(r"\W+", "_", label).strip("_"),
            title=title or name,
            language=language,
            properties={"kind": ("Code", "chapter, block or category")},
        )

    def _events(self, events: Sequence[Literal["start", "end"]]) -> Iterator[tuple[str, ElementTree.Element]]:
        with self._file.bytes() as raw:
            try:
                yield from ElementTree.iterparse(raw, events)
            except ElementTree.ParseError as error:
                line, column = error.position
                raise BrokenRelease(f"{self._file.name}, line {line}, column {column + 1}: {error}.") from None

    def _classes(self) -> Iterator[_Class]:
        """Every class, as the file has them. Modifiers may come before or after: they are read by `concepts`."""
        root: ElementTree.Element | None = None
        for event, element in self._events(("start", "end")):
            if event == "start":
                root = element if root is None else root
                continue
            if _tag(element) == "Class":
                yield _class(element)
            if _tag(element) in ("Class", "ModifierClass", "Modifier") and root is not None:
                root.clear()

    def _read_modifiers(self) -> None:
        root: ElementTree.Element | None = None
        for event, element in self._events(("start", "end")):
            if event == "start":
                root = element if root is None else root
                continue
            if _tag(element) == "ModifierClass":
                found = self._modifiers.setdefault(element.get("modifier", ""), _Modifier())
                label = next((text for kind, _, text in _rubrics(element) if kind in _SHOWN), "")
                found.classes[element.get("code", "")] = label
            if _tag(element) in ("Class", "ModifierClass", "Modifier") and root is not None:
                root.clear()

    def concepts(self, into: Builder) -> None:
        self._read_modifiers()
        known: dict[str, _Class] = {}
        inner: set[str] = set()
        for each in self._classes():
            if not each.code:
                raise BrokenRelease(f"{self._file.name} has a class without a code.")
            into.concept(each.code, flags_of(abstract=each.kind in _NOT_CODES))
            inner.update(each.parents)
            each.rubrics = each.rubrics[:0]
            known[each.code] = each
        for each in known.values():
            place = into.concept(each.code)
            for parent in each.parents:
                above = into.find(parent)
                if above is None:
                    raise BrokenRelease(f"{each.code} is below {parent}, which is in no class of {self._file.name}.")
                into.parent(place, above)
        self._made: dict[str, list[tuple[str, str, str]]] = {}
        for each in known.values():
            if each.code not in inner and each.kind not in _NOT_CODES:
                made = list(self._modified(each, known))
                for code, base, _ in made:
                    into.parent(into.concept(code), into.concept(base))
                if made:
                    self._made[each.code] = made

    def _modified(self, leaf: _Class, known: dict[str, _Class]) -> Iterator[tuple[str, str, str]]:
        """Codes that modifiers make of one without subclasses: code, the code it is made of, label."""
        bases = [(leaf.code, "")]
        for name, allowed in self._applied(leaf, known):
            modifier = self._modifiers.get(name)
            if modifier is None:
                raise BrokenRelease(f"{leaf.code} is modified by {name}, which {self._file.name} does not define.")
            longer = []
            for base, said in bases:
                for suffix, label in modifier.classes.items():
                    if allowed is not None and suffix not in allowed:
                        continue
                    code = base + suffix
                    words = f"{said}, {label}" if said else label
                    if code not in known:
                        yield code, base, words
                    longer.append((code, words))
            bases = longer

    def _applied(self, leaf: _Class, known: dict[str, _Class]) -> list[tuple[str, frozenset[str] | None]]:
        """The modifiers of a class and of what it is below, the widest first."""
        found: list[tuple[str, frozenset[str] | None]] = []
        excluded: set[str] = set()
        at: _Class | None = leaf
        for _ in range(20):
            if at is None:
                break
            excluded |= at.excluded
            names = {name for name, _ in found}
            found = [(name, codes) for name, codes in at.modifiers if name not in names] + found
            at = known.get(at.parents[0]) if at.parents else None
        return [(name, codes) for name, codes in found if name not in excluded]

    def details(self, into: Builder, folder: Path) -> None:
        for each in self._classes():
            number = into.find(each.code)
            assert number is not None
            label = self._say(into, number, each)
            into.value(number, "kind", "Code", each.kind)
            for name, value in each.meta:
                into.value(number, name, "String", value)
            for code, _, words in self._made.get(each.code, ()):
                made = into.find(code)
                assert made is not None
                into.display(made, f"{label}: {words}")
                into.value(made, "kind", "Code", each.kind)

    def _say(self, into: Builder, number: int, each: _Class) -> str:
        shown = ""
        for kind, language, text in each.rubrics:
            if kind in _SHOWN and not shown:
                shown = text
                into.display(number, text)
            if kind in _NAMES:
                into.term(number, text, language)
            elif kind == "definition":
                into.definition(number, text)
        return shown

    def display(self, terms: Sequence[Term]) -> str:
        return first_text(terms)


def _is_claml(file: File) -> bool:
    if not file.base.lower().endswith((".xml", ".claml")):
        return False
    try:
        with file.text() as text:
            return "<ClaML" in text.read(4096)
    except BrokenRelease:
        return False


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _class(element: ElementTree.Element) -> _Class:
    parents, modifiers, excluded, meta = [], [], set(), []
    for each in element:
        match _tag(each):
            case "SuperClass":
                parents.append(each.get("code", ""))
            case "ModifiedBy":
                valid = frozenset(v.get("code", "") for v in each if _tag(v) == "ValidModifierClass")
                modifiers.append((each.get("code", ""), valid or None))
            case "ExcludeModifier":
                excluded.add(each.get("code", ""))
            case "Meta":
                meta.append((each.get("name", "meta"), each.get("value", "")))
    return _Class(
        element.get("code", ""),
        element.get("kind", ""),
        parents,
        modifiers,
        frozenset(excluded),
        list(_rubrics(element)),
        meta,
    )


def _rubrics(element: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    for rubric in element:
        if _tag(rubric) == "Rubric":
            for label in rubric:
                if _tag(label) == "Label":
                    yield rubric.get("kind", ""), label.get(_LANG, ""), _text(label)


def _text(element: ElementTree.Element) -> str:
    """What a label says. References to other codes are left out: they are no part of the name."""
    parts = [element.text or ""]
    for each in element:
        if _tag(each) != "Reference":
            parts.append(_text(each))
        parts.append(each.tail or "")
    return " ".join("".join(parts).split())
