"""`load_terminology`: releases of code systems into the tables of a record, and a CodeSystem resource for each."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bedside.record.session import Store, WriteSession
from bedside.record.terminology.load import atc, claml, icd10cm, loinc, rf2, rxnorm
from bedside.record.terminology.load.build import About, Builder
from bedside.record.terminology.load.errors import UnknownRelease
from bedside.record.terminology.load.files import Files
from bedside.record.terminology.load.reader import Kind, Reader, Wanted
from bedside.record.terminology.load.spool import folder
from bedside.record.terminology.load.store import Tables, remove, systems

KINDS: tuple[Kind, ...] = (rf2.Rf2, loinc.Loinc, rxnorm.RxNorm, claml.Claml, icd10cm.Icd10Cm, atc.Atc)
"""The more telling their files, the earlier they are tried."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a load is: what is done now, how far, of how many."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Report:
    """The account of one release. `pairs` are those of a concept and one above it. Memory in megabytes, at the peak."""

    kind: str
    title: str
    url: str
    version: str | None
    concepts: int
    designations: int
    languages: tuple[str, ...]
    relationships: int
    pairs: int
    lists: int
    seconds: float
    memory: float
    known: bool = False
    """It was there already."""
    resumed: bool = False
    replaced: bool = False

    @property
    def rate(self) -> float:
        """Concepts a second."""
        return self.concepts / self.seconds if self.seconds else 0.0


OnProgress = Callable[[Progress], None]


def load_terminology(
    paths: Sequence[Path],
    place: str,
    *,
    wanted: Wanted | None = None,
    on_progress: OnProgress = lambda progress: None,
    again: bool = False,
) -> list[Report]:
    """Load releases (files, folders, zip archives) into the record at `place` (a directory or `postgresql://` address).

    All paths with SNOMED CT are one edition: an extension comes with the International Edition that it depends on. Any
    other path is a release of its own. One that is there already is passed over unless `again`; a killed load goes on
    where it was. Raises UnknownRelease and BrokenRelease (422) before anything answers differently.
    """
    from bedside.record.record import open_store

    found: list[Report] = []
    for group in _releases(paths):
        store = open_store(place)
        try:
            session = store.writer()
            try:
                run = _Run(store, session, on_progress)
                with _without_collector():
                    found.append(run.load(group, wanted or Wanted(), again, place))
            finally:
                store.close_session(session)
        finally:
            store.close()
    return found


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of rows that live on make the collector of cycles look at them again and again; they have none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _releases(paths: Sequence[Path]) -> Iterator[list[Path]]:
    snomed, others = [], []
    for path in paths:
        with Files([path]) as files:
            kind = _kind(files)
        if kind is rf2.Rf2:
            snomed.append(path)
        else:
            others.append([path])
    return iter([snomed, *others] if snomed else others)


def _kind(files: Files) -> Kind:
    for kind in KINDS:
        if kind.fits(files):
            return kind
    names = ", ".join(file.base for file in list(files)[:4]) or "nothing"
    raise UnknownRelease(
        f"{', '.join(path.name for path in files.paths)} is no terminology that is known here (it has {names})."
        " Known are SNOMED CT (RF2), LOINC, RxNorm (RRF), ICD-10 and others as ClaML, ICD-10-CM, and ATC."
    )


class _Run:
    def __init__(self, store: Store, session: WriteSession, on_progress: OnProgress) -> None:
        self._store = store
        self._session = session
        self._on_progress = on_progress
        self._read = 0
        self._total = 0
        self._stage = ""

    def load(self, paths: Sequence[Path], wanted: Wanted, again: bool, place: str) -> Report:
        began = time.monotonic()
        with Files(paths, self._on_bytes) as files, folder() as temporary:
            source = files.fingerprint()
            reader = _kind(files)(files, wanted)
            about = reader.about()
            same = [s for s in systems(self._store) if (s.url, s.version) == (about.url, about.version or "")]
            if not again and any(s.state == "ready" and s.source == source for s in same):
                return _report(about, None, began, known=True)
            builder = self._build(reader, files, Path(temporary))
            about.languages = [tag for tag in builder.languages if tag]
            tables = Tables(self._store, self._session, about, source)
            resumed = tables.resumed
            total = len(builder)
            tables.write(builder, reader.display, lambda done: self._on_progress(Progress("Writing", done, total)))
        detail = {
            "concepts": len(builder),
            "designations": builder.designations,
            "lists": len(list(builder.lists())),
            "types": builder.property_types(),
        }
        _describe(place, about, builder)
        for number in tables.finish(detail):
            remove(self._session, number)
        replaced = any(s.state == "ready" for s in same)
        return _report(about, builder, began, resumed=resumed, replaced=replaced)

    def _build(self, reader: Reader, files: Iterable[object], temporary: Path) -> Builder:
        self._total = sum(getattr(file, "size", 0) for file in files)
        builder = Builder(temporary)
        self._stage = "Reading concepts"
        reader.concepts(builder)
        builder.number()
        self._stage = "Reading names"
        reader.details(builder, temporary)
        return builder

    def _on_bytes(self, count: int) -> None:
        if self._stage:
            self._read += count
            self._on_progress(Progress(self._stage, min(self._read, self._total), self._total))


def _describe(place: str, about: About, builder: Builder) -> None:
    """The CodeSystem resource of a release, as searches and other servers see it."""
    from bedside.record.model import Update
    from bedside.record.record import open_record
    from bedside.record.terminology.load.described import described

    record = open_record(place)
    try:
        found = described(about, builder)
        record.write(Update("CodeSystem", found, found["id"]))
    finally:
        record.close()


def _report(
    about: About,
    builder: Builder | None,
    began: float,
    *,
    known: bool = False,
    resumed: bool = False,
    replaced: bool = False,
) -> Report:
    return Report(
        about.kind,
        about.title,
        about.url,
        about.version,
        0 if builder is None else len(builder),
        0 if builder is None else builder.designations,
        tuple(about.languages),
        0 if builder is None else builder.relationships(),
        0 if builder is None else builder.closure.pairs(),
        0 if builder is None else len(list(builder.lists())),
        time.monotonic() - began,
        _peak(),
        known,
        resumed,
        replaced,
    )


def _peak() -> float:
    """The most memory that this process has held, in megabytes."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1 << 20 if sys.platform == "darwin" else 1 << 10)
