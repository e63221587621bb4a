"""Secrets that work once: challenges of passkeys, and the link that makes the first administrator."""

from __future__ import annotations

import json
from typing import Any

from bedside.trust.accounts.secret import digest, new_secret
from bedside.trust.accounts.store import Store


def make(store: Store, purpose: str, detail: dict[str, Any], seconds: int) -> str:
    """A new secret for `purpose` that lasts `seconds` and carries `detail` (JSON)."""
    secret = new_secret()
    store.rows(
        "INSERT INTO once VALUES (?, ?, ?, ?)", (digest(secret), purpose, json.dumps(detail), store.now() + seconds)
    )
    return secret


def take(store: Store, purpose: str, secret: str) -> dict[str, Any] | None:
    """What a secret carries, if it is for `purpose` and in time; it is gone then, for everybody."""
    found = store.row(
        "DELETE FROM once WHERE digest = ? AND purpose = ? RETURNING detail, expires", (digest(secret), purpose)
    )
    if found is None or found[1] <= store.now():
        return None
    detail: dict[str, Any] = json.loads(found[0])
    return detail
