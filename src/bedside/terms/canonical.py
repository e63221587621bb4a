"""Canonical URLs and versions: `url|version`, and which version is the newest
(https://hl7.org/fhir/R4/references.html#canonical)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
Key = tuple[tuple[int, int, str], ...]

_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)")
_PIECE = re.compile(r"(\d+)|([^\W\d_]+)|-")
_PRE, _END, _WORD, _NUMBER = range(4)


def split(canonical: str) -> tuple[str, str | None]:
    """URL and version of a canonical; the version is None when it has none. A fragment belongs to the URL.

    >>> split("http://example.org/vs|1.2"), split("http://example.org/vs")
    (('http://example.org/vs', '1.2'), ('http://example.org/vs', None))
    """
    url, mark, version = canonical.partition("|")
    return (url, version or None) if mark else (url, None)


def joined(url: str, version: str | None) -> str:
    """`url|version`, or the URL alone."""
    return url if version is None else f"{url}|{version}"


@lru_cache(4096)
def version_key(version: str | None) -> Key:
    """Sorts versions from old to new: semantic versions with pre-releases, dates, and SNOMED CT's version URIs.

    Numbers are compared as numbers, words as words; "1.0.0-beta" comes before "1.0.0", no version before all.

    >>> sorted(["1.10.0", "1.9", "1.10.0-rc.1", "2024-03-01", "20240301"], key=version_key)
    ['1.9', '1.10.0-rc.1', '1.10.0', '2024-03-01', '20240301']
    """
    if version is None:
        return ()
    text = _DATE.sub(lambda m: ".".join(part for part in m.groups() if part), version.partition("+")[0])
    found: list[tuple[int, int, str]] = []
    after_number = False
    for match in _PIECE.finditer(text):
        number, word = match[1], match[2]
        if number is not None:
            found.append((_NUMBER, int(number), ""))
        elif word is not None:
            found.append((_WORD, 0, word.lower()))
        elif after_number:
            found.append((_PRE, 0, ""))
        after_number = number is not None
    return (*found, (_END, 0, ""))


def choose(candidates: Iterable[T], wanted: str | None, version_of: Callable[[T], str | None]) -> T | None:
    """The candidate with the version that is wanted, or the newest when none is; None when there is none.

    An edition of SNOMED CT without a date (`http://snomed.info/sct/[module]`) stands for its newest version
    (R4 snomedct.html#version). Of equals the first is taken.
    """
    found = list(candidates)
    if wanted is not None:
        exact = [each for each in found if version_of(each) == wanted]
        edition = f"{wanted}/version/"
        found = exact or [each for each in found if (version_of(each) or "").startswith(edition)]
    return max(found, key=lambda each: version_key(version_of(each)), default=None)
