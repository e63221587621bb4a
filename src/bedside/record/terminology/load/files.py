"""The files of a release, wherever they lie: in a folder, in a zip archive (or one in another), or alone."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from bedside.record.terminology.load.errors import BrokenRelease

_STEP = 1 << 20
csv.field_size_limit(1 << 24)

OnBytes = Callable[[int], None]


class File:
    """One file: `name` is its path within the release."""

    def __init__(self, name: str, size: int, opened: Callable[[], IO[bytes]], on_bytes: OnBytes) -> None:
        self.name = name
        self.size = size
        self._opened = opened
        self._on_bytes = on_bytes

    @property
    def base(self) -> str:
        """The name without its folders."""
        return PurePosixPath(self.name).name

    def _counted(self, raw: IO[bytes]) -> io.BufferedReader:
        return io.BufferedReader(_Counted(raw, self._on_bytes), _STEP)

    @contextmanager
    def text(self, encoding: str = "utf-8-sig") -> Iterator[IO[str]]:
        """The file as text, lines as they are. Raises BrokenRelease where it cannot be read."""
        try:
            with self._opened() as raw, io.TextIOWrapper(self._counted(raw), encoding, newline="") as text:
                yield text
        except UnicodeDecodeError as error:
            raise BrokenRelease(f"{self.name} is not UTF-8 text (byte {error.start} of a block).") from None
        except (OSError, EOFError, zipfile.BadZipFile) as error:
            raise BrokenRelease(f"{self.name} cannot be read: {error}.") from None

    @contextmanager
    def bytes(self) -> Iterator[IO[bytes]]:
        """The file as bytes."""
        try:
            with self._opened() as raw:
                yield self._counted(raw)
        except (OSError, EOFError, zipfile.BadZipFile) as error:
            raise BrokenRelease(f"{self.name} cannot be read: {error}.") from None

    def first_line(self) -> str:
        """The first line, to tell what kind of file it is; empty when it is no text."""
        try:
            with self._opened() as raw:
                return raw.readline(65_536).decode("utf-8-sig").rstrip("\r\n")
        except (UnicodeDecodeError, OSError, zipfile.BadZipFile):
            return ""

    def tabbed(self, columns: Sequence[str]) -> Iterator[list[str]]:
        """Rows of a tab-separated file without quotes whose first line names the columns (RF2).

        The rows have the columns asked for, in that order. Raises BrokenRelease with the line for a row that is short.
        """
        with self.text() as text:
            head = text.readline().rstrip("\r\n").split("\t")
            places = [self._place(head, column) for column in columns]
            width = len(head)
            for number, line in enumerate(text, 2):
                cells = line.rstrip("\r\n").split("\t")
                if len(cells) != width:
                    if len(cells) == 1 and not cells[0]:
                        continue
                    raise BrokenRelease(f"{self.name}, line {number}: {len(cells)} columns where {width} are named.")
                yield [cells[place] for place in places]

    def _place(self, head: Sequence[str], column: str) -> int:
        try:
            return head.index(column)
        except ValueError:
            raise BrokenRelease(f"{self.name} has no column {column}; it has {', '.join(head)[:200]}.") from None

    def table(self, delimiter: str = ",", *, encoding: str = "utf-8-sig") -> Iterator[dict[str, str]]:
        """Rows of a CSV file as dicts by the names in its first line. Raises BrokenRelease with the line."""
        with self.text(encoding) as text:
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            try:
                head = [cell.strip() for cell in next(rows, [])]
                for row in rows:
                    if len(row) != len(head):
                        if not any(row):
                            continue
                        raise BrokenRelease(
                            f"{self.name}, line {rows.line_num}: {len(row)} columns where {len(head)} are named."
                        )
                    yield dict(zip(head, row, strict=True))
            except csv.Error as error:
                raise BrokenRelease(f"{self.name}, line {rows.line_num}: {error}.") from None


class _Counted(io.RawIOBase):
    """Tells how many bytes have been read, now and then."""

    def __init__(self, raw: IO[bytes], on_bytes: OnBytes) -> None:
        self._raw = raw
        self._on_bytes = on_bytes
        self._waiting = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._waiting += len(data)
        if self._waiting >= _STEP or not data:
            self._on_bytes(self._waiting)
            self._waiting = 0
        return len(data)


class Files:
    """All files of a release. Raises BrokenRelease for what cannot be opened."""

    def __init__(self, paths: Sequence[Path], on_bytes: OnBytes = lambda count: None) -> None:
        self.paths = list(paths)
        self._on_bytes = on_bytes
        self._archives: list[zipfile.ZipFile] = []
        self._files: list[File] = []
        for path in paths:
            try:
                self._files += sorted(self._found(path), key=lambda file: file.name)
            except (OSError, zipfile.BadZipFile) as error:
                self.close()
                raise BrokenRelease(f"{path.name} cannot be opened: {error}.") from None

    def __iter__(self) -> Iterator[File]:
        return iter(self._files)

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for archive in self._archives:
            archive.close()

    def named(self, base: str) -> File | None:
        """The file with this name, in whatever folder and case; None when there is none."""
        return next((file for file in self._files if file.base.lower() == base.lower()), None)

    def fingerprint(self) -> str:
        """Tells one release from another: names, sizes and, of files on disk, times."""
        from hashlib import blake2b

        told = [f"{file.name}:{file.size}" for file in self._files]
        for path in self.paths:
            inside = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
            told += [str(each.stat().st_mtime_ns) for each in inside]
        return blake2b("\n".join(told).encode(), digest_size=16).hexdigest()

    def _found(self, path: Path) -> Iterator[File]:
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                if each.is_file():
                    if zipfile.is_zipfile(each):
                        yield from self._inside(each, each.relative_to(path).as_posix())
                    else:
                        yield self._on_disk(each, each.relative_to(path).as_posix())
        elif path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
            yield from self._inside(path, "")
        else:
            yield self._on_disk(path, path.name)

    def _on_disk(self, path: Path, name: str) -> File:
        return File(name, path.stat().st_size, lambda: path.open("rb"), self._on_bytes)

    def _inside(self, source: Path | IO[bytes], prefix: str) -> Iterator[File]:
        archive = zipfile.ZipFile(source)
        self._archives.append(archive)
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = f"{prefix}/{info.filename}" if prefix else info.filename
            if info.filename.lower().endswith(".zip") and not prefix.count(".zip"):
                yield from self._inside(archive.open(info), name)
            else:
                yield File(name, info.file_size, _opener(archive, info), self._on_bytes)


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)
