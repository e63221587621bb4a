"""LOINC, RxNorm, ICD-10, ICD-10-CM and ATC from files of the shapes that they are released in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bedside.record.record import Record, open_record
from bedside.record.terminology import State
from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.load import Report, load_terminology
from bedside.record.terminology.load.reader import Wanted
from bedside.terms.concepts import Concept, Filter
from bedside.terms.errors import Unresolved
from bedside.terms.systems import CodeSystem
from record.terminology import releases

LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
GM, CM, ATC = (
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://www.whocc.no/atc",
)

Opened = tuple[Report, Record]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    records: list[Record] = []

    def open_it(path: Path, **wanted: str) -> Opened:
        (report,) = load_terminology([path], str(tmp_path / "record"), wanted=Wanted(**wanted))
        records.append(open_record(tmp_path / "record"))
        return report, records[-1]

    yield open_it
    for record in records:
        record.close()


def system_of(record: Record, url: str) -> CodeSystem:
    found = record.terminology.current().code_system(url)
    assert found is not None
    return found


def concept_of(record: Record, url: str, code: str) -> Concept:
    found = system_of(record, url).find(code)
    assert found is not None
    return found


def codes(state: State, url: str) -> list[str]:
    return [entry.code for entry in state.find(url).listed().members()]


def chosen(record: Record, url: str, name: str, op: str, value: str) -> set[str]:
    return set(system_of(record, url).select(Filter(name, op, value)))


def test_loinc(opened: Callable[..., Opened], tmp_path: Path) -> None:
    report, record = opened(releases.loinc(tmp_path))
    assert (report.kind, report.url, report.version, report.concepts) == ("loinc", LOINC, "9.87", 8)
    found = concept_of(record, LOINC, "90001-4")
    assert found.display == "Inventium [Moles/volume] in Blood"
    assert found.parents == ("LP90001-1",)
    assert {d["value"] for d in found.designations if d.get("language") == "de-DE"} == {"Inventium [Mol/Vol] im Blut"}
    assert concept_of(record, LOINC, "90002-2").inactive
    assert concept_of(record, LOINC, "lp90001-1").abstract  # LOINC ignores case
    assert concept_of(record, LOINC, "LP90009-4").display == "Invented chemistry"
    survey = {d["value"] for d in concept_of(record, LOINC, "90003-0").designations}
    assert "Wie erfunden:Befund:Zp:^Patient:Ord" in survey  # this variant translates the axes only
    state = record.terminology.current()
    assert set(codes(state, f"{LOINC}/vs/LL9001-5")) == {"LA90001-3", "LA90002-1"}
    assert set(codes(state, f"{LOINC}/vs/LP90009-4")) == {"LP90001-1", "90001-4", "90002-2"}
    assert set(codes(state, f"{LOINC}/vs/LG9001-7")) == {"90001-4", "90002-2"}
    with pytest.raises(Unresolved):
        codes(state, f"{LOINC}/vs/LL9009-8")
    members = state.members(f"{LOINC}/vs/LP90009-4")
    assert (LOINC, "lp90001-1") in members
    assert members.folds


@pytest.mark.parametrize(
    ("name", "op", "value", "expected"),
    [
        ("CLASS", "=", "CHEM", {"90001-4", "90002-2"}),
        ("STATUS", "=", "DEPRECATED", {"90002-2"}),
        ("COMPONENT", "=", "Inventium", {"90001-4", "90002-2"}),
        ("COMPONENT", "=", "LP90001-1", {"90001-4"}),
        ("parent", "=", "LP90001-1", {"90001-4", "90002-2"}),
        ("ancestor", "=", "LP90009-4", {"LP90001-1", "90001-4", "90002-2"}),
        ("COPYRIGHT", "=", "3rdParty", {"90003-0"}),
        ("answers-for", "=", "90003-0", {"LA90001-3", "LA90002-1"}),
        ("SYSTEM", "regex", "Bl.|Ser", {"90001-4", "90002-2"}),
        ("SCALE_TYP", "in", "Ord,Nom", {"90003-0"}),
        ("CLASS", "exists", "false", {"LP90001-1", "LP90002-9", "LP90009-4", "LA90001-3", "LA90002-1"}),
    ],
)
def test_filters_of_loinc(
    opened: Callable[..., Opened], tmp_path: Path, name: str, op: str, value: str, expected: set[str]
) -> None:
    _, record = opened(releases.loinc(tmp_path))
    assert chosen(record, LOINC, name, op, value) == expected


def test_loinc_in_a_language(opened: Callable[..., Opened], tmp_path: Path) -> None:
    _, record = opened(releases.loinc(tmp_path), language="de")
    assert concept_of(record, LOINC, "90001-4").display == "Inventium [Mol/Vol] im Blut"
    assert concept_of(record, LOINC, "90002-2").display == "Inventium [Moles/volume] in Serum"
    assert system_of(record, LOINC).language == "de-DE"


def test_rxnorm(opened: Callable[..., Opened], tmp_path: Path) -> None:
    report, record = opened(releases.rxnorm(tmp_path))
    assert (report.kind, report.version, report.concepts) == ("rxnorm", "03042024", 3)
    found = concept_of(record, RXNORM, "900002")
    assert found.display == "inventol 5 MG Oral Tablet"
    assert ("TTY", "SCD") in [(p.code, p.value) for p in found.properties]
    assert ("RXN_STRENGTH", "5 MG") in [(p.code, p.value) for p in found.properties]
    assert all(p.code != "SPL" for p in found.properties)
    assert system_of(record, RXNORM).find("900009") is None
    assert concept_of(record, RXNORM, "900003").inactive
    assert system_of(record, RXNORM).subsumes("900003", "900002")
    assert chosen(record, RXNORM, "TTY", "in", "IN,SCD") == {"900001", "900002"}
    assert chosen(record, RXNORM, "has_ingredient", "=", "CUI:900001") == {"900002"}
    assert set(codes(record.terminology.current(), f"{RXNORM}/vs")) == {"900001", "900002", "900003"}


def test_claml(opened: Callable[..., Opened], tmp_path: Path) -> None:
    report, record = opened(releases.claml(tmp_path))
    assert (report.kind, report.url, report.version, report.concepts) == ("icd10", GM, "2024", 7)
    found = concept_of(record, GM, "A90")
    assert found.display == "Rotes Fieber"
    assert "Purpurfieber" in [d["value"] for d in found.designations]
    assert concept_of(record, GM, "I").abstract
    assert concept_of(record, GM, "I").display == "Erfundenes"  # references are no part of the name
    assert not concept_of(record, GM, "A90.0").abstract
    made = concept_of(record, GM, "A91.1")
    assert (made.display, made.parents) == ("Blaues Fieber: mit Folgen", ("A91",))
    system = system_of(record, GM)
    assert set(system.descendants("A90-A99")) == {"A90", "A90.0", "A91", "A91.0", "A91.1"}
    assert chosen(record, GM, "kind", "=", "block") == {"A90-A99"}


def test_claml_of_an_unknown_classification(opened: Callable[..., Opened], tmp_path: Path) -> None:
    path = tmp_path / "own.xml"
    path.write_text(releases.CLAML.replace("ICD-10-GM", "Our own"))
    with pytest.raises(BrokenRelease, match="'Our own', whose address is not known here; name it by --url"):
        opened(path)
    report, _ = opened(path, url="http://hospital.example/own")
    assert (report.kind, report.url) == ("claml", "http://hospital.example/own")


@pytest.mark.parametrize(("order", "tabular", "count"), [(True, True, 8), (True, False, 3), (False, True, 8)])
def test_icd10cm(opened: Callable[..., Opened], tmp_path: Path, order: bool, tabular: bool, count: int) -> None:
    report, record = opened(releases.icd10cm(tmp_path, order=order, tabular=tabular))
    assert (report.kind, report.url, report.version) == ("icd10cm", CM, "2024")
    system = system_of(record, CM)
    assert system.find("A900") is None
    assert concept_of(record, CM, "A90.0").parents == ("A90",)
    seventh = concept_of(record, CM, "T90.XXXA")
    assert seventh.display == "Invented harm, initial encounter"
    assert concept_of(record, CM, "A90").abstract == order  # only the order file tells what is valid for claims
    if order:
        assert concept_of(record, CM, "A90.0").display == "Red invented fever of the skin"
    if tabular:
        assert "Fever of the page" in [d["value"] for d in concept_of(record, CM, "A90").designations]
        assert set(system.ancestors("A90.0")) == {"A90", "A90-A99", "Chapter 1"}
        assert seventh.parents == ("T90",)
        assert concept_of(record, CM, "T90.XXXD").display == "Invented harm, later"
    assert report.concepts == count


def test_atc(opened: Callable[..., Opened], tmp_path: Path) -> None:
    report, record = opened(releases.atc(tmp_path))
    assert (report.kind, report.url, report.version, report.concepts) == ("atc", ATC, "2024", 6)
    found = concept_of(record, ATC, "Z99AA01")
    assert (found.display, found.parents) == ("testol", ("Z99AA",))
    assert [p.value for p in found.properties if p.code == "DDD"] == ["5 mg O", "2,5 mg P"]
    assert set(system_of(record, ATC).descendants("Z99A")) == {"Z99AA", "Z99AA01", "Z99AA02"}
    assert chosen(record, ATC, "level", "=", "5") == {"Z99AA01", "Z99AA02"}


def test_atc_as_rows_of_xml(opened: Callable[..., Opened], tmp_path: Path) -> None:
    path = tmp_path / "ATC_2023.xml"
    path.write_text(releases.ATC_ROWS)
    report, record = opened(path)
    assert (report.version, report.concepts) == ("2023", 2)
    assert concept_of(record, ATC, "Z99").parents == ("Z",)


def _loinc_without_column(folder: Path) -> Path:
    path = releases.loinc(folder)
    table = path / "LoincTable/Loinc.csv"
    table.write_text(table.read_text().replace('"STATUS"', '"STATE"'))
    return path


def _loinc_cut(folder: Path) -> Path:
    path = releases.loinc(folder)
    table = path / "LoincTable/Loinc.csv"
    table.write_text(table.read_text().replace('"90003-0","How invented",', '"90003-0",'))
    return path


def _rxnorm_cut(folder: Path) -> Path:
    path = releases.rxnorm(folder)
    (path / "rrf/RXNCONSO.RRF").write_text(releases.RXNCONSO + "900004|ENG|||\n")
    return path


def _claml_cut(folder: Path) -> Path:
    path = releases.claml(folder) / "Klassifikationsdateien/icd10gm2024syst_claml.xml"
    path.write_text(releases.CLAML[:-60])
    return path


def _claml_orphan(folder: Path) -> Path:
    path = releases.claml(folder) / "Klassifikationsdateien/icd10gm2024syst_claml.xml"
    path.write_text(releases.CLAML.replace('<SuperClass code="A90"/>', '<SuperClass code="A99"/>'))
    return path


def _order_cut(folder: Path) -> Path:
    path = releases.icd10cm(folder) / "icd10cm-order-2024.txt"
    path.write_text(releases.ORDER + "\nnonsense")
    return path


def _atc_wrong(folder: Path) -> Path:
    path = releases.atc(folder)
    path.write_text(releases.ATC + "ZZ9;wrong;;;;\n")
    return path


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (_loinc_without_column, "Loinc.csv has no column STATUS"),
        (_loinc_cut, "Loinc.csv, line 4: 13 columns where 14 are named"),
        (_rxnorm_cut, "RXNCONSO.RRF, line 8: 5 columns where 18 are needed"),
        (_claml_cut, "claml.xml, line 2[0-9], column"),
        (_claml_orphan, "A90.0 is below A99, which is in no class"),
        (_order_cut, "icd10cm-order-2024.txt, line 4: this is no line"),
        (_atc_wrong, "ATC_2024.csv, line 9: 'ZZ9' is no code of ATC"),
    ],
)
def test_broken_files_are_refused_with_a_reason(tmp_path: Path, made: Callable[[Path], Path], words: str) -> None:
    with pytest.raises(BrokenRelease, match=words):
        load_terminology([made(tmp_path)], str(tmp_path / "record"))
