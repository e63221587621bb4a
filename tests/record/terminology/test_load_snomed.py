"""SNOMED CT from RF2 files: what is in them answers, in every form in which they come, and broken ones are refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.fhir.outcome import FhirError
from bedside.record.model import Update
from bedside.record.record import Record, open_record
from bedside.record.terminology import State
from bedside.record.terminology.load.errors import BrokenRelease, UnknownRelease
from bedside.record.terminology.load.load import load_terminology
from bedside.record.terminology.load.reader import Wanted
from bedside.terms.concepts import Filter
from bedside.terms.errors import Unresolved
from bedside.terms.expand import Asked, expand
from bedside.terms.lookup import lookup, subsumes
from bedside.terms.packed import PackedSet
from bedside.terms.snomed import CORE_MODULE
from bedside.terms.systems import CodeSystem
from record.terminology.rf2_release import (
    ARM,
    BODY,
    BOTH,
    BRAND,
    BREAK,
    BROKEN_ARM,
    BROKEN_HAND,
    BRUISE,
    BRUISED_HAND,
    CHANGE,
    DOSE,
    DRUG,
    FINDING,
    HAND,
    LABEL,
    LEFT_ARM,
    LIST,
    MAP,
    OLD,
    ROOT,
    SITE,
    STRONG,
    WEAK,
    Release,
    concept_id,
    injuries,
)

SCT = "http://snomed.info/sct"
VERSION = f"{SCT}/{CORE_MODULE}/version/20240301"


def system_of(record: Record, version: str | None = None) -> CodeSystem:
    found = record.terminology.current().code_system(SCT, version)
    assert found is not None
    return found


def codes(state: State, url: str) -> set[str]:
    return {entry.code for entry in state.find(url).listed().members()}


@pytest.fixture(scope="module")
def loaded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snomed")
    load_terminology([injuries().zip(folder / "SnomedCT_Invented.zip")], str(folder / "record"))
    return folder / "record"


@pytest.fixture
def loaded(loaded_template: Path, tmp_path: Path) -> Record:
    shutil.copytree(loaded_template, tmp_path / "record")
    return open_record(tmp_path / "record")


def test_both_stores_and_both_packages(place: str, tmp_path: Path) -> None:
    """The same from a folder as from an archive, on SQLite and on PostgreSQL."""
    (report,) = load_terminology([injuries().folder(tmp_path / "rf2")], place)
    assert (report.kind, report.version, report.concepts, report.known) == ("snomed", VERSION, 26, False)
    assert report.languages == ("en", "nl")
    record = open_record(place)
    system = system_of(record)
    assert len(system) == 26
    assert system.subsumes(FINDING, BOTH) is True
    assert set(system.descendants(BODY)) == {ARM, LEFT_ARM, HAND}
    state = record.terminology.current()
    assert codes(state, f"{SCT}?fhir_vs=isa/{BROKEN_ARM}") == {BROKEN_ARM, BROKEN_HAND, BOTH}
    assert codes(state, f"{SCT}?fhir_vs=ecl/^ {LIST} MINUS {BROKEN_ARM}") == {BRUISED_HAND}
    found = record.search("CodeSystem", [("url", SCT), ("version", VERSION)]).matches
    assert len(found) == 1
    assert found[0].resource["content"] == "complete"  # so small a one is whole in its resource
    assert found[0].resource["count"] == 26
    record.close()
    (again,) = load_terminology([tmp_path / "rf2"], place)
    assert again.known
    assert load_terminology([tmp_path / "rf2"], place, again=True)[0].replaced


def test_lookup(loaded: Record) -> None:
    out = lookup(system_of(loaded), BROKEN_ARM, language="nl")
    told = {p["name"]: p for p in out["parameter"]}
    assert told["display"]["valueString"] == "Gebroken arm"
    assert told["version"]["valueString"] == VERSION
    properties = [
        (p["part"][0]["valueCode"], next(iter(value for name, value in p["part"][1].items() if name != "name")))
        for p in out["parameter"]
        if p["name"] == "property"
    ]
    for expected in (
        ("inactive", False),
        ("sufficientlyDefined", True),
        ("moduleId", CORE_MODULE),
        ("parent", FINDING),
        ("child", BROKEN_HAND),
        (SITE, ARM),
        (CHANGE, BREAK),
    ):
        assert expected in properties
    words = {p["part"][-1]["valueString"] for p in out["parameter"] if p["name"] == "designation"}
    assert words == {"Broken arm", "Broken arm (finding)", "Fractured arm", "Snapped arm", "Gebroken arm"}


@pytest.mark.parametrize(("language", "display"), [("en", "Broken arm"), ("en-GB", "Snapped arm"), ("nl", "Gebroken arm"), ("fr", "Broken arm")])  # fmt: skip
def test_displays_in_the_language_that_is_wanted(tmp_path: Path, language: str, display: str) -> None:
    """Both when it is asked for, and when the whole is loaded in it."""
    load_terminology([injuries().folder(tmp_path / "rf2")], str(tmp_path / "r"), wanted=Wanted(language))
    record = open_record(tmp_path / "r")
    found = system_of(record).find(BROKEN_ARM)
    assert found is not None
    assert found.display == ("Broken arm (finding)" if language == "fr" else display)
    shown = lookup(system_of(record), BROKEN_ARM, language=language)
    assert {"name": "display", "valueString": found.display} in shown["parameter"]
    record.close()


def test_subsumes(loaded: Record) -> None:
    system = system_of(loaded)
    assert subsumes(system, FINDING, BROKEN_HAND) == "subsumes"
    assert subsumes(system, BROKEN_HAND, FINDING) == "subsumed-by"
    assert subsumes(system, HAND, BROKEN_HAND) == "not-subsumed"
    assert subsumes(system, HAND, HAND) == "equivalent"
    assert system.subsumes(HAND, "73211009") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<< {FINDING} |Invented finding|", {FINDING, BROKEN_ARM, BRUISED_HAND, BROKEN_HAND, BOTH}),
        (f"<! {BODY}", {ARM, HAND}),
        (f">! {HAND}", {ARM, BODY}),
        (f">> {BOTH}", {BOTH, BROKEN_ARM, BRUISED_HAND, FINDING, ROOT}),
        (f"^ {LIST}", {BROKEN_ARM, BRUISED_HAND}),
        (f"^ {LIST} {{{{ C active = 0 }}}}", {OLD}),
        (f"< {FINDING}: {SITE} = << {ARM}", {BROKEN_ARM, BRUISED_HAND, BROKEN_HAND, BOTH}),
        (f"< {FINDING}: {{ {SITE} = {HAND}, {CHANGE} = {BREAK} }}", {BROKEN_HAND}),
        (f"< {FINDING}: {SITE} = {HAND}, {CHANGE} = {BREAK}", {BROKEN_HAND, BOTH}),
        (f"< {FINDING}: [2..2] {{ {SITE} = * }}", {BOTH}),
        (f"< {FINDING}: [0..0] {CHANGE} = {BRUISE}", {BROKEN_ARM, BROKEN_HAND}),
        (f"< {FINDING} . {SITE}", {ARM, HAND}),
        (f"*: R {SITE} = {BOTH}", {ARM, HAND}),
        (f"< {DRUG}: {DOSE} >= #500", {STRONG}),
        (f"< {DRUG}: {DOSE} < #500", {WEAK}),
        (f'< {DRUG}: {LABEL} = "strong"', {STRONG}),
        (f"< {DRUG}: {BRAND} = true", {WEAK}),
        (f'< {ROOT} {{{{ term = "arm brok" }}}}', {BROKEN_ARM, BOTH}),
        (f'< {ROOT} {{{{ term = wild:"*arm", language = nl }}}}', {BROKEN_ARM}),
        (f'< {ROOT} {{{{ term = "arm", type = fsn }}}}', {ARM, LEFT_ARM, BROKEN_ARM, BOTH}),
        (f'< {ROOT} {{{{ term = "arm", dialect = nl-nl (prefer) }}}}', {ARM, BROKEN_ARM}),
        (f'< {ROOT} {{{{ term = "arm", dialect = en-us (accept) }}}}', {BROKEN_ARM}),
        (f"< {FINDING} {{{{ C definitionStatus = primitive }}}}", set()),
        (f'< {DRUG} {{{{ C effectiveTime >= "20240101" }}}}', {STRONG, WEAK}),
        (f'< {DRUG} {{{{ C effectiveTime < "20240101" }}}}', set()),
        (f"{BROKEN_ARM} {{{{ + HISTORY-MIN }}}}", {BROKEN_ARM, OLD}),
        (f'^ {MAP} {{{{ M mapTarget = "S42" }}}}', {BROKEN_ARM}),
        (f'^ {MAP} {{{{ M mapTarget = "T42" }}}}', set()),
        (f"!!> (<< {ARM})", {ARM}),
    ],
)
def test_expression_constraints(loaded: Record, text: str, expected: set[str]) -> None:
    assert set(system_of(loaded).select(Filter("constraint", "=", text))) == expected
    assert codes(loaded.terminology.current(), f"{SCT}?fhir_vs=ecl/{text.replace('+', '%2B')}") == expected


def test_errors_of_a_constraint_reach_who_asked(loaded: Record) -> None:
    state = loaded.terminology.current()
    with pytest.raises(Unresolved, match="character 4: there is no concept"):
        state.find(f"{SCT}?fhir_vs=ecl/<< {concept_id(999)}").listed()
    with pytest.raises(Unresolved, match="no members"):
        state.find(f"{SCT}?fhir_vs=refset/{ARM}").listed()


def test_implicit_value_sets(loaded: Record) -> None:
    state = loaded.terminology.current()
    everything = state.members(f"{SCT}?fhir_vs")
    assert isinstance(everything, PackedSet)
    assert len(everything) == 26
    assert (SCT, OLD) in everything
    assert (SCT, "73211009") not in everything
    assert ("http://other.example", OLD) not in everything
    assert everything.has_code(ARM)
    assert {each["code"] for each in everything} == everything.codes()[SCT]
    assert codes(state, f"{SCT}?fhir_vs=refset/{LIST}") == {BROKEN_ARM, BRUISED_HAND}
    entry = state.members(f"{SCT}/{CORE_MODULE}?fhir_vs=isa/{ARM}").find(SCT, HAND)
    assert entry is not None
    assert (entry.display, entry.version) == ("Hand", VERSION)


def test_expand_with_text_pages_and_what_is_in_use(loaded: Record) -> None:
    kept = loaded.terminology.current().find(f"{SCT}?fhir_vs")

    def shown(**asked: object) -> tuple[int, list[str]]:
        found = expand(kept.resource, kept.listed(), kept.used, Asked(**asked))["expansion"]  # type: ignore[arg-type]
        return found["total"], [each["code"] for each in found.get("contains", ())]

    assert shown(filter="arm break") == (1, [OLD])
    assert shown(filter="frac ar") == (1, [BROKEN_ARM])
    assert shown(filter="broken bruised")[1] == [BOTH]
    assert shown(filter="arm", active_only=True)[0] == shown(filter="arm")[0] - 1
    total, first = shown(offset=0, count=5)
    assert (total, len(first)) == (26, 5)
    assert shown(offset=5, count=5)[1] == shown()[1][5:10]
    nested = expand(kept.resource, kept.listed(), kept.used, Asked(nested=True))["expansion"]["contains"]
    assert ROOT in [each["code"] for each in nested]


def test_composition_with_loaded_concepts(loaded: Record) -> None:
    """Sets of numbers, lists and other systems together."""
    isa = {"system": SCT, "filter": [{"property": "concept", "op": "is-a", "value": FINDING}]}
    other = {"system": "http://other.example", "concept": [{"code": "x"}]}
    for id_, compose in (
        ("a", {"include": [isa], "exclude": [{"system": SCT, "concept": [{"code": BOTH}]}]}),
        ("b", {"include": [isa, other]}),
        ("c", {"inactive": False, "include": [{"system": SCT, "valueSet": ["http://sets.example/a"]}]}),
    ):
        resource = {"resourceType": "ValueSet", "id": id_, "url": f"http://sets.example/{id_}", "status": "active", "compose": compose}  # fmt: skip
        loaded.write(Update("ValueSet", resource, id_))
    state = loaded.terminology.current()
    under = {FINDING, BROKEN_ARM, BRUISED_HAND, BROKEN_HAND, BOTH}
    assert codes(state, "http://sets.example/a") == under - {BOTH} == codes(state, "http://sets.example/c")
    assert codes(state, "http://sets.example/b") == under | {"x"}
    assert isinstance(state.members("http://sets.example/c"), PackedSet)
    assert state.member_of({"system": SCT, "code": BOTH}, "http://sets.example/a") is False


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter("concept", "descendent-of", ARM), {LEFT_ARM, HAND}),
        (Filter("concept", "generalizes", HAND), {HAND, ARM, BODY, ROOT}),
        (Filter("concept", "in", LIST), {BROKEN_ARM, BRUISED_HAND}),
        (Filter("concept", "=", ARM), {ARM}),
        (Filter("code", "regex", f"{ARM}|{HAND}"), {ARM, HAND}),
        (Filter("inactive", "=", "true"), {OLD}),
        (Filter(SITE, "=", ARM), {BROKEN_ARM, BOTH}),
        (Filter("parent", "=", ARM), {LEFT_ARM, HAND}),
        (Filter("display", "regex", "Br.*arm"), {BROKEN_ARM}),
        (Filter("sufficientlyDefined", "=", "true"), {BROKEN_ARM, BRUISED_HAND, BROKEN_HAND, BOTH}),
        (Filter(DOSE, "exists", "true"), {STRONG, WEAK}),
    ],
)
def test_filters(loaded: Record, wanted: Filter, expected: set[str]) -> None:
    chosen = system_of(loaded).select(wanted)
    assert set(chosen) == expected
    assert all(code in chosen for code in expected)
    assert "0" not in chosen


def test_questions_and_searches_use_it(loaded: Record) -> None:
    state = loaded.terminology.current()
    assert state.in_code_system(ARM, SCT) is True
    assert state.in_code_system("73211009", SCT) is False
    asked = state.for_questions()
    members = asked.value_set(f"{SCT}?fhir_vs=isa/{FINDING}")
    assert members is not None
    assert (SCT, BOTH) in members
    assert asked.subsumes(SCT, FINDING, BOTH)
    for id_, code in (("o1", BROKEN_HAND), ("o2", HAND)):
        coded = {"coding": [{"system": SCT, "code": code}]}
        condition = {"resourceType": "Condition", "id": id_, "code": coded, "subject": {"display": "nobody"}}
        loaded.write(Update("Condition", condition, id_))

    def found(name: str, value: str) -> list[str]:
        return [each.id for each in loaded.search("Condition", [(name, value)]).matches]

    assert found("code:below", f"{SCT}|{FINDING}") == ["o1"]
    assert found("code:above", f"{SCT}|{LEFT_ARM}") == []
    assert found("code:in", f"{SCT}?fhir_vs=ecl/<< {ARM}") == ["o2"]
    assert found("code:not-in", f"{SCT}?fhir_vs=ecl/<< {ARM}") == ["o1"]


def test_a_server_sees_what_another_process_loads(tmp_path: Path) -> None:
    record = open_record(tmp_path / "r")
    assert record.terminology.current().find(f"{SCT}?fhir_vs").listed  # known by name, without content
    with pytest.raises(Unresolved):
        record.terminology.current().find(f"{SCT}?fhir_vs").listed()
    load_terminology([injuries().folder(tmp_path / "rf2")], str(tmp_path / "r"))
    assert len(record.terminology.current().members(f"{SCT}?fhir_vs")) == 26
    newer = injuries()
    newer.date = "20240901"
    newer.concept(concept_id(100), "New finding", FINDING)
    load_terminology([newer.folder(tmp_path / "newer")], str(tmp_path / "r"))
    state = record.terminology.current()
    assert len(state.members(f"{SCT}?fhir_vs")) == 27
    assert len(state.members(f"{SCT}/{CORE_MODULE}/version/20240301?fhir_vs")) == 26
    record.close()


def test_full_release_holds_the_newest_of_each_row(tmp_path: Path) -> None:
    release = injuries()
    release.date = "20240901"
    old = release.relationships[0]
    release.relationships.append((old[0], "20240801", "0", *old[3:]))
    added = release.concepts[1]
    release.concepts.insert(0, (added[0], "20200131", "0", *added[3:]))
    release.folder(tmp_path / "rf2", "Full")
    load_terminology([tmp_path / "rf2"], str(tmp_path / "r"))
    record = open_record(tmp_path / "r")
    system = system_of(record)
    assert system.subsumes(ROOT, FINDING) is False  # the newest version of that relationship is inactive
    found = system.find(FINDING)
    assert found is not None
    assert not found.inactive
    record.close()


def test_an_extension_comes_with_what_it_extends(tmp_path: Path) -> None:
    module = concept_id(500)
    extension = Release("20240401")
    extension.concept(concept_id(501), "Finding of a country", FINDING, module=module)
    extension.dependencies.append(("d1", "20240401", "1", module, "900000000000534007", CORE_MODULE, "20240401", "20240301"))  # fmt: skip
    whole, part = injuries().folder(tmp_path / "a"), extension.folder(tmp_path / "b")
    with pytest.raises(BrokenRelease, match=f"names the concept {FINDING}, which is in none"):
        load_terminology([part], str(tmp_path / "r"))
    (report,) = load_terminology([part, whole], str(tmp_path / "r"))
    assert (report.concepts, report.version) == (27, f"{SCT}/{module}/version/20240401")


def _break(folder: Path, part: str, old: str, new: str) -> None:
    (path,) = [each for each in folder.rglob("*.txt") if part in each.name]
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        ("_Concept_", "moduleId", "module", "has no column moduleId"),
        ("_Concept_", ROOT, "12A", "has the id '12A'"),
        ("_Concept_", f"\t{CORE_MODULE}\t", "\t", r"line 2: 4 columns where 5 are named"),
        ("_Relationship_Snapshot_", f"\t{ROOT}\t", f"\t{concept_id(77)}\t", f"names the concept {concept_id(77)}"),
        ("_RelationshipConcrete", "#500.0", "500.0", "has the value '500.0'"),
        ("_Description_", f"\t{FINDING}\t", f"\t{concept_id(78)}\t", f"of the concept {concept_id(78)}"),
    ],
)
def test_broken_files_are_refused_with_a_reason(tmp_path: Path, part: str, old: str, new: str, words: str) -> None:
    folder = injuries().folder(tmp_path / "rf2")
    _break(folder, part, old, new)
    place = str(tmp_path / "r")
    with pytest.raises(BrokenRelease, match=words):
        load_terminology([folder], place)
    record = open_record(place)
    with pytest.raises(FhirError):
        record.terminology.current().find(f"{SCT}?fhir_vs").listed()
    record.close()


def test_a_circle_is_refused(tmp_path: Path) -> None:
    release = injuries()
    release.relationship(FINDING, "116680003", BROKEN_HAND)
    with pytest.raises(BrokenRelease, match="in a circle through"):
        load_terminology([release.folder(tmp_path / "rf2")], str(tmp_path / "r"))


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "notes.txt").write_text("nothing")
    injuries().folder(tmp_path / "delta", "Delta")
    for path, kind, words in (
        (tmp_path / "x.zip", BrokenRelease, "cannot be opened"),
        (tmp_path / "notes.txt", UnknownRelease, "no terminology that is known here"),
        (tmp_path / "delta", BrokenRelease, "changes only"),
    ):
        with pytest.raises(kind, match=words):
            load_terminology([path], str(tmp_path / "r"))


@pytest.fixture
def stop_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Ends the load, as a kill does, after so many steps have been kept."""
    from bedside.record.terminology.load import store

    whole = store.Tables._keep

    def stop(steps: int) -> None:
        left = [steps]

        def keep(self: store.Tables, *arguments: object, **named: object) -> None:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            whole(self, *arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(store.Tables, "_keep", keep)

    return stop


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_a_killed_load_goes_on(place: str, tmp_path: Path, stop_after: Callable[[int], None], steps: int) -> None:
    folder = injuries().folder(tmp_path / "rf2")
    stop_after(steps)
    with pytest.raises(KeyboardInterrupt):
        load_terminology([folder], place)
    record = open_record(place)
    with pytest.raises(Unresolved):
        record.terminology.current().find(f"{SCT}?fhir_vs").listed()
    stop_after(1000)
    (report,) = load_terminology([folder], place)
    assert report.resumed == (steps > 1)  # the first step is the dictionary, which counts for nothing
    assert len(record.terminology.current().members(f"{SCT}?fhir_vs")) == 26
    assert codes(record.terminology.current(), f"{SCT}?fhir_vs=isa/{ARM}") == {ARM, LEFT_ARM, HAND}
    rows = record.store.reader().rows("SELECT count(*), count(DISTINCT system) FROM concept")
    assert rows == [(26, 1)]
    assert record.store.reader().rows("SELECT count(*) FROM loaded") == [(0,)]
    record.close()


def test_what_a_killed_load_left_goes_with_the_next(tmp_path: Path, stop_after: Callable[[int], None]) -> None:
    """Even when that is of another version."""
    place = str(tmp_path / "r")
    stop_after(3)
    with pytest.raises(KeyboardInterrupt):
        load_terminology([injuries().folder(tmp_path / "rf2")], place)
    stop_after(1000)
    newer = injuries()
    newer.date = "20240901"
    load_terminology([newer.folder(tmp_path / "newer")], place)
    record = open_record(place)
    rows = record.store.reader().rows("SELECT state, count(*) FROM code_system GROUP BY state")
    assert rows == [("ready", 1)]
    for table in ("concept", "concept_word", "concept_column"):
        assert record.store.reader().rows(f"SELECT count(DISTINCT system) FROM {table}") == [(1,)]
    record.close()


def test_an_old_record_gets_the_tables(sqlite_place: str) -> None:
    """A record of the first schema is brought up to date when it is opened."""
    from bedside.record.record import open_store

    store = open_store(sqlite_place)
    session = store.writer()
    session.begin()
    for table in ("code_system", "concept", "concept_below", "concept_word", "concept_column"):
        session.run(f"DROP TABLE {table}")
    session.run("UPDATE alembic_version SET version_num='0001'")
    session.commit()
    store.close_session(session)
    store.close()
    store = open_store(sqlite_place)
    assert store.reader().rows("SELECT count(*) FROM concept") == [(0,)]
    assert store.reader().rows("SELECT count(*) FROM sqlite_master WHERE name='concept_by_code'") == [(1,)]
    store.close()
