"""Passwords: which are taken, and how they are kept.

Rules after NIST SP 800-63B-4, section 3.1.1: at least 15 characters, because a password may be the only factor; long
ones and every character welcome; compared in one Unicode form; nothing about digits and capitals; refused where it is
what guessers try first. Kept with Argon2id with the memory-constrained parameters that RFC 9106, section 4, recommends.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from bedside.trust.accounts.errors import WeakPassword

MINIMUM = 15
MAXIMUM = 256
_FEWEST_DIFFERENT = 5
_AT_ONCE = 2  # each takes 64 MiB and a core: a flood of sign-ins must not take the machine
_SERVICE = ("bedside", "password", "passwort", "wachtwoord", "hospital")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)


def normal(password: str) -> str:
    """The form that is hashed: NFKC, so that one password typed on two keyboards is one password."""
    return unicodedata.normalize("NFKC", password)


def examine(password: str, about: Iterable[str] = (), known: Callable[[str], bool] | None = None) -> None:
    """Raise WeakPassword if `password` must not be taken.

    `about` are words that belong to the person (account and display name). `known` tells whether a hospital's own list
    of breached passwords has it; it gets the normal form.
    """
    form = normal(password)
    if len(form) < MINIMUM:
        raise WeakPassword(
            f"A password needs at least {MINIMUM} characters. A few words in a row are easy to remember."
        )
    if len(form) > MAXIMUM:
        raise WeakPassword(f"A password may have at most {MAXIMUM} characters.")
    rest = form.casefold()
    if len(set(rest)) < _FEWEST_DIFFERENT:
        raise WeakPassword("This password repeats a few characters.")
    words = [word for text in about for word in text.casefold().replace("-", " ").replace(".", " ").split()]
    for word in sorted({*words, *_SERVICE}, key=len, reverse=True):
        if len(word) > 3:
            rest = rest.replace(word, "")
    rest = _without_rows(rest)
    if len(rest) < MINIMUM // 2:
        raise WeakPassword("This password is mostly a name, a usual word or keys in a row.")
    if known is not None and known(form):
        raise WeakPassword("This password is on a list of stolen passwords.")


def _without_rows(text: str) -> str:
    """`text` without runs of five or more keys or letters in a row, forwards or backwards."""
    kept, start = [], 0
    while start < len(text):
        length = 1
        while start + length < len(text) and any(
            text[start : start + length + 1] in row or text[start : start + length + 1] in row[::-1] for row in _ROWS
        ):
            length += 1
        if length < 5:
            kept.append(text[start : start + length])
        start += length
    return "".join(kept)


class Passwords:
    """Hashing. The parameters stand in every hash, so that they may be raised later (`outdated`)."""

    def __init__(self, *, passes: int = 3, kibibytes: int = 65_536, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes)
        self._places = threading.Semaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The Argon2id hash of a password, with its salt and parameters, as text."""
        with self._places:
            return self._hasher.hash(normal(password)[: MAXIMUM + 1])

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one of the hash. With None, for no such account, it takes as long and says no."""
        with self._places:
            try:
                # One longer than any that was taken cannot match; it is cut so that it costs no more than others.
                self._hasher.verify(kept or self._nobody, normal(password[: 4 * MAXIMUM])[: MAXIMUM + 1])
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False
            return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)
