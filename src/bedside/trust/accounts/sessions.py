"""Sessions, kept on the server. A browser holds a random id that changes; the table holds its digest.

A session is made only by signing in and always with a new id, so an id that an attacker planted beforehand is worth
nothing (session fixation). The id changes again every few minutes. Requests that were under way with the one before
are still answered for a moment; who shows it later has an old copy, and the session ends for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bedside.trust.accounts.secret import digest, new_id, new_secret
from bedside.trust.accounts.store import Store

Method = Literal["password", "passkey", "link", "provider"]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds. `idle`: without a request; `absolute`: since sign-in; `rotate`: age at which the id changes; `grace`:
    how long the id before is still good."""

    idle: int = 30 * 60
    absolute: int = 12 * 3600
    rotate: int = 10 * 60
    grace: int = 30


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    id: str
    """Names the session in other tables and in the audit trail; it is no secret and opens nothing."""
    account: str
    methods: tuple[str, ...]
    """How the person proved who they are, in order."""
    began: int
    """When they signed in: seconds since 1970, UTC. It becomes `auth_time` of OpenID Connect."""
    fresh_secret: str | None = None
    """The browser's new id, to be sent to it; None when it keeps the one it has."""


class Sessions:
    """The sessions of a store."""

    def __init__(self, store: Store, lifetimes: Lifetimes | None = None) -> None:
        self._store = store
        self._lifetimes = lifetimes or Lifetimes()

    def begin(self, account: str, method: Method, *, instead_of: str | None = None) -> Session:
        """A new session of an account; the one whose secret is `instead_of`, if any, ends."""
        now, secret, session = self._store.now(), new_secret(), new_id()
        if instead_of is not None:
            self.end(instead_of)
        self._store.rows(
            "INSERT INTO session VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, NULL)",
            (session, account, digest(secret), now, now, now, now + self._lifetimes.absolute, method),
        )
        return Session(session, account, (method,), now, secret)

    def find(self, secret: str) -> Session | None:
        """The session of a secret, if it goes on; the request counts as activity.

        When the id is due to change, the answer carries the new one, to one of the requests that ask together.
        """
        now, hashed = self._store.now(), digest(secret)
        row = self._store.row(
            "SELECT s.id, s.account, s.methods, s.began, s.digest, s.rotated, s.seen FROM session s"
            " JOIN account a ON a.id = s.account WHERE (s.digest = ? OR s.previous = ?)"
            " AND s.ended IS NULL AND s.expires > ? AND s.seen > ? AND a.disabled IS NULL",
            (hashed, hashed, now, now - self._lifetimes.idle),
        )
        if row is None:
            return None
        session, account, methods, began, current, rotated, seen = row
        if current != hashed:
            if now - rotated > self._lifetimes.grace:
                self._store.rows("UPDATE session SET ended = ? WHERE id = ?", (now, session))
                return None
            return Session(session, account, tuple(methods.split()), began)
        fresh = None
        if now - rotated >= self._lifetimes.rotate:
            fresh = self._rotate(session, hashed)
        elif now - seen >= 30:  # a write for each request would be a commit for each request
            self._store.rows("UPDATE session SET seen = ? WHERE id = ?", (now, session))
        return Session(session, account, tuple(methods.split()), began, fresh)

    def step_up(self, secret: str, method: Method) -> Session | None:
        """The person proved who they are in another way too: same session, new id. None if the session is over."""
        found = self.find(secret)
        if found is None:
            return None
        methods = tuple(dict.fromkeys((*found.methods, method)))
        self._store.rows("UPDATE session SET methods = ? WHERE id = ?", (" ".join(methods), found.id))
        fresh = found.fresh_secret or self._rotate(found.id, digest(secret))
        # The id from before the step must not gain what the step gives.
        self._store.rows("UPDATE session SET previous = NULL WHERE id = ?", (found.id,))
        return Session(found.id, found.account, methods, found.began, fresh)

    def end(self, secret: str) -> None:
        """Sign out. What apps were given for as long as the person is online ends with it."""
        hashed = digest(secret)
        self._store.rows(
            "UPDATE session SET ended = ? WHERE (digest = ? OR previous = ?) AND ended IS NULL",
            (self._store.now(), hashed, hashed),
        )

    def _rotate(self, session: str, hashed: str) -> str | None:
        secret, now = new_secret(), self._store.now()
        changed = self._store.rows(
            "UPDATE session SET digest = ?, previous = ?, rotated = ?, seen = ?"
            " WHERE id = ? AND digest = ? RETURNING 1",
            (digest(secret), hashed, now, now, session, hashed),
        )
        return secret if changed else None
