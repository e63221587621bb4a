"""Signing keys: files outside the record and outside every database, which only their owner can read.

One file a key, a JSON Web Key with the time from which it signs. `rotate` adds a key; the one before still verifies
what it signed for as long as that may be valid, and is then removed. A new key is published for a while before it
signs, so that apps which keep our key set have it in time.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from bedside.trust.accounts.secret import new_id
from bedside.trust.accounts.store import Clock

ALGORITHM = "RS256"
"""What OpenID Connect Core 1.0, section 3.1.3.7, and SMART App Launch 2.2 ask every server to sign id tokens with."""
_BITS = 3072
_SUFFIX = ".jwk.json"
PUBLISHED_BEFORE = 3600
"""Seconds that a rotated-in key is in the key set before it signs."""
VERIFIES_AFTER = 86_400
"""Seconds that a key stays in the key set after another took over; longer than any token lives."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and when it begins to sign (seconds since 1970, UTC)."""

    key: RSAKey
    signs_from: int

    @property
    def kid(self) -> str:
        return str(self.key.kid)


class Keys:
    """The keys in a folder. Read again when a file comes or goes, so that `rotate` in one process reaches all."""

    def __init__(self, folder: Path, clock: Clock = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._seen: frozenset[str] = frozenset()
        self._keys: list[SigningKey] = []
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._load():
            self._make(int(clock()))

    def sign(self, claims: dict[str, Any], *, kind: str = "JWT") -> str:
        """A JSON Web Token over `claims` by the key that signs now; `kind` is its `typ`."""
        key = self.current()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": kind}, claims, key.key, [ALGORITHM])

    def current(self) -> SigningKey:
        """The key that signs now: the newest whose time has come."""
        now = int(self._clock())
        keys = self._load()
        begun = [key for key in keys if key.signs_from <= now]
        return begun[-1] if begun else keys[0]

    def public(self) -> dict[str, Any]:
        """The key set that is published (RFC 7517): what signs, will sign soon, and signed what may still be valid."""
        listed = []
        for key in self._load():
            public = key.key.as_dict(private=False)
            listed.append({**public, "use": "sig", "alg": ALGORITHM, "kid": key.kid})
        return {"keys": listed}

    def rotate(self, *, at_once: bool = False) -> str:
        """Add a key and remove those that are past; its kid. `at_once` is for a key that leaked: it replaces all."""
        now = int(self._clock())
        made = self._make(now if at_once else now + PUBLISHED_BEFORE)
        keys = self._load()
        past = {key.kid for key, after in pairwise(keys) if after.signs_from + VERIFIES_AFTER < now}
        for key in keys:
            if key.kid in past or (at_once and key.kid != made.kid):
                (self._folder / f"{key.kid}{_SUFFIX}").unlink(missing_ok=True)
        return made.kid

    def _make(self, signs_from: int) -> SigningKey:
        kid = new_id()
        key = RSAKey.generate_key(_BITS, {"kid": kid})
        text = json.dumps({"signs_from": signs_from, "key": key.as_dict(private=True)})
        part = self._folder / f"{kid}.part"
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._folder / f"{kid}{_SUFFIX}")
        self._load()
        return SigningKey(key, signs_from)

    def _load(self) -> list[SigningKey]:
        names = frozenset(name for name in os.listdir(self._folder) if name.endswith(_SUFFIX))
        if names != self._seen:
            keys = []
            for name in names:
                stored = json.loads((self._folder / name).read_text())
                keys.append(SigningKey(RSAKey.import_key(stored["key"]), stored["signs_from"]))
            self._keys = sorted(keys, key=lambda key: (key.signs_from, key.kid))
            self._seen = names
        return self._keys
