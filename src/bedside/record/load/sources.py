"""Finding what there is to load: files in folders and archives, cut into parts of some megabytes.

Compressed files and archives are read as streams. A part is known by its source and its number, and the cut is the
same on every run, so that a load that was killed goes on at the first part that was not committed.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

PART_BYTES = 8_000_000
"""A part is one commit: a larger one writes each page of the indexes less often."""
_READ = 1 << 16

_OPENERS = (".gz", ".bz2", ".xz")
_EXPANSION = 10  # what compressed JSON grows to, roughly; only the size of parts depends on it
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_LINES = (".ndjson", ".jsonl")
_BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a source: `files` to be read by whoever loads the part, `documents` that came out of an archive as
    (name, JSON text), or `lines`, a run of NDJSON that starts at `line`."""

    source: str
    number: int
    files: tuple[Path, ...] = ()
    documents: tuple[tuple[str, bytes], ...] = ()
    lines: bytes = b""
    line: int = 1


@dataclass(frozen=True, slots=True)
class Broken:
    """A source that could not be read to its end, with a sentence on why."""

    source: str
    reason: str


def parts(paths: Iterable[Path]) -> Iterator[Part | Broken]:
    """Everything under these paths, in the order of names."""
    for path in paths:
        if path.is_dir():
            yield from _directory(path)
        else:
            yield from _file(path)


def _directory(folder: Path) -> Iterator[Part | Broken]:
    """The JSON files of a folder go in parts of several; larger things each by themselves."""
    small: list[Path] = []
    number, size = 0, 0
    key = _key(folder)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
        if _kind(path.name) != "document":
            if _kind(path.name) is not None:
                yield from _file(path)
            continue
        small.append(path)
        size += path.stat().st_size * (_EXPANSION if path.suffix.lower() in _OPENERS else 1)
        if size >= PART_BYTES:
            yield Part(key, number, tuple(small))
            small, size, number = [], 0, number + 1
    if small:
        yield Part(key, number, tuple(small))


def _kind(name: str) -> str | None:
    """What a name promises: an archive, lines, a document, or None for what is passed over."""
    name = name.lower()
    if name.endswith((".zip", *_TAR)):
        return "archive"
    bare = name.removesuffix(next((s for s in _OPENERS if name.endswith(s)), ""))
    if bare.endswith(_LINES):
        return "lines"
    return "document" if bare.endswith((".json", ".bundle")) else None


def _key(path: Path) -> str:
    """What a source is known by: where it is, and, for a file, its size and time, so that a new export is new."""
    path = path.resolve()
    if path.is_dir():
        return str(path)
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def _open(path: Path | IO[bytes], name: str) -> IO[bytes]:
    """A file or a stream, decompressed as its name says."""
    if name.endswith(".gz"):
        return cast(IO[bytes], gzip.open(path, "rb"))
    if name.endswith(".bz2"):
        return bz2.open(path, "rb")
    if name.endswith(".xz"):
        return lzma.open(path, "rb")
    return path.open("rb") if isinstance(path, Path) else path


def documents(part: Part) -> Iterator[tuple[str, bytes] | Broken]:
    """The whole JSON texts of a part, with their names."""
    yield from part.documents
    for path in part.files:
        try:
            with _open(path, path.name.lower()) as stream:
                yield str(path), stream.read()
        except _BROKEN as error:
            yield Broken(str(path), _why(error, whole=True))


def _file(path: Path) -> Iterator[Part | Broken]:
    kind = _kind(path.name)
    try:
        if kind == "archive":
            yield from _archive(path)
        elif kind == "lines":
            with _open(path, path.name.lower()) as stream:
                yield from _lines(stream, _key(path), str(path))
        elif kind == "document":
            yield Part(_key(path), 0, (path,))
        else:
            yield Broken(str(path), "its name does not say that it is JSON, NDJSON or an archive of those")
    except _BROKEN as error:
        yield Broken(str(path), _why(error))


def _why(error: BaseException, *, whole: bool = False) -> str:
    if whole and isinstance(error, EOFError):
        return "it is cut short; nothing of it was loaded"
    if isinstance(error, EOFError) or ("end" in str(error).lower() and not isinstance(error, OSError)):
        return "it is cut short; what came before the cut was loaded"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return f"it cannot be read ({error})"


def _lines(stream: IO[bytes], key: str, name: str) -> Iterator[Part]:
    """Runs of whole lines, cut at the same places on every run. When the stream breaks off, the whole lines that came
    before are given first; a last line without its newline is a line only at a proper end."""
    number, line = 0, 1
    waiting = bytearray()

    def cut(end: int) -> Part:
        nonlocal number, line
        part = Part(key, number, lines=bytes(waiting[:end]), line=line)
        number, line = number + 1, line + part.lines.count(b"\n")
        del waiting[:end]
        return part

    broken: BaseException | None = None
    while True:
        try:
            # Small reads: a truncated stream gives what it has before it complains.
            block = stream.read1(_READ)  # type: ignore[attr-defined]
        except _BROKEN as error:
            broken = error
            break
        if not block:
            break
        waiting += block
        while len(waiting) >= PART_BYTES:
            end = waiting.rfind(b"\n", 0, PART_BYTES) + 1 or waiting.find(b"\n", PART_BYTES) + 1
            if not end:
                break
            yield cut(end)
    end = waiting.rfind(b"\n") + 1 if broken is not None else len(waiting)
    if waiting[:end].strip():
        yield cut(end)
    if broken is not None:
        raise broken


def _archive(path: Path) -> Iterator[Part | Broken]:
    """Members of a zip or tar file in their order, small documents joined; archives inside are not opened."""
    key = _key(path)
    small: list[tuple[str, bytes]] = []
    number, size = 0, 0
    broken: Broken | None = None
    try:
        for member, stream in _members(path):
            name = f"{path}!{member}"
            kind = _kind(member)
            opened = _open(stream, member.lower())
            if kind == "lines":
                yield from _lines(opened, f"{key}!{member}", name)
            elif kind == "document":
                data = opened.read()
                small.append((name, data))
                size += len(data)
                if size >= PART_BYTES:
                    yield Part(key, number, documents=tuple(small))
                    small, size, number = [], 0, number + 1
    except _BROKEN as error:
        broken = Broken(str(path), _why(error))
    if small:
        yield Part(key, number, documents=tuple(small))
    if broken is not None:
        yield broken


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    with archive.open(info) as stream:
                        yield info.filename, stream
        return
    with tarfile.open(path, "r|*") as tar:
        for entry in tar:
            if entry.isfile():
                found = tar.extractfile(entry)
                yield entry.name, found if found is not None else io.BytesIO()
