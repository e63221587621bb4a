"""The files that an export makes: NDJSON, one type in each, cut where they get large, and safe to go on with."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

MOST_LINES = 100_000
MOST_BYTES = 1 << 30
"""A file that has reached either is followed by another."""

Kind = Literal["output", "deleted", "error"]


class File(msgspec.Struct, omit_defaults=True):
    """One file: the first `size` bytes of it, which hold `count` lines."""

    type: str
    name: str
    count: int = 0
    size: int = 0
    kind: Kind = "output"


class Broken(Exception):
    """What was on disk is not what was written: a file is missing or too short."""


class Files:
    """The files of one export in one folder. What is not within the recorded sizes was never written."""

    def __init__(self, folder: Path, files: Iterable[File] = ()) -> None:
        """Go on with these files, or start with none. Raises Broken, and OSError."""
        self.folder = folder
        self.files = list(files)
        self._last: dict[tuple[Kind, str], File] = {}
        self._streams: dict[str, BinaryIO] = {}
        self._unsynced: set[str] = set()
        self._new = False
        for file in self.files:
            self._last[(file.kind, file.type)] = file
            self._check(file)

    def _check(self, file: File) -> None:
        try:
            size = (self.folder / file.name).stat().st_size
        except FileNotFoundError:
            raise Broken(file.name) from None
        if size < file.size:
            raise Broken(file.name)
        if size > file.size:
            # Lines that were written after the last progress was kept will be written again.
            os.truncate(self.folder / file.name, file.size)

    def write(self, kind: Kind, type_name: str, lines: Sequence[bytes]) -> None:
        """Append lines, none of which holds a line break."""
        start = 0
        while start < len(lines):
            file = self._room(kind, type_name)
            some = lines[start : start + MOST_LINES - file.count]
            block = b"\n".join(some) + b"\n"
            self._stream(file).write(block)
            self._unsynced.add(file.name)
            file.size += len(block)
            file.count += len(some)
            start += len(some)

    def _room(self, kind: Kind, type_name: str) -> File:
        """The file that takes the next line."""
        last = self._last.get((kind, type_name))
        if last is not None and last.count < MOST_LINES and last.size < MOST_BYTES:
            return last
        if last is not None and (stream := self._streams.pop(last.name, None)) is not None:
            self._sync(last.name, stream)
            stream.close()
        number = sum(file.kind == kind and file.type == type_name for file in self.files) + 1
        prefix = type_name if kind == "output" else kind
        file = File(type_name, f"{prefix}.{number}.ndjson", kind=kind)
        self.files.append(file)
        self._last[(kind, type_name)] = file
        (self.folder / file.name).write_bytes(b"")
        self._new = True
        return file

    def _stream(self, file: File) -> BinaryIO:
        stream = self._streams.get(file.name)
        if stream is None:
            stream = self._streams[file.name] = (self.folder / file.name).open("ab")
        return stream

    def sync(self) -> None:
        """Make everything written so far durable."""
        for name in sorted(self._unsynced):
            self._sync(name, self._streams[name])
        if self._new:
            sync_folder(self.folder)
            self._new = False

    def _sync(self, name: str, stream: BinaryIO) -> None:
        stream.flush()
        os.fsync(stream.fileno())
        self._unsynced.discard(name)

    def close(self) -> None:
        """Close all files. What was not synced may be lost."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._unsynced.clear()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # not a system on which folders can be opened
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, durably."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    sync_folder(path.parent)
