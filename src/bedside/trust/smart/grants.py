"""What apps hold: authorization codes, access tokens and refresh tokens, and what they stand for.

Tokens are random and say nothing themselves (docs/decisions/, opaque tokens). Everything an app holds hangs on one
authorization: revoke that, and codes and tokens die in the same commit. Whatever may be used once is used up by one
statement that finds it unused, so of two that come together one loses.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from bedside.trust.accounts.secret import digest, new_id, new_secret
from bedside.trust.accounts.store import Row, Store
from bedside.trust.smart import scopes
from bedside.trust.smart.errors import BadToken, OAuthError
from bedside.trust.smart.scopes import Allowance, Interaction, Scopes

CODE_SECONDS = 60
ACCESS_SECONDS = 3600
BACKEND_SECONDS = 300
"""SMART App Launch 2.2, "Backend Services": access tokens for at most five minutes."""
REFRESH_SECONDS = 90 * 86_400
_ABSOLUTE_SECONDS = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Authorization:
    """What somebody gave an app: the same for all tokens that come of it."""

    client: str
    account: str | None
    """None for a backend service."""
    actor: str | None
    """Reference to the person (`Practitioner/1`) who is signed in; None for a backend service."""
    scope: str
    patient: str | None = None
    """Id of the Patient in context; scopes of the level patient mean this one."""
    encounter: str | None = None
    session: str | None = None
    """The session it was given in; with `online_access` refreshing ends when the session ends."""
    nonce: str | None = None
    auth_time: int | None = None
    methods: tuple[str, ...] = ()
    context: dict[str, Any] | None = None
    """More of the launch context, such as intent and need_patient_banner, handed to the app as it is."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid access token allows; the answer of `verify`."""

    client: str
    actor: str | None
    scopes: Scopes
    patient: str | None
    encounter: str | None
    account: str | None
    authorization: str
    """Names the authorization in the audit trail; no secret."""
    issued: int
    expires: int
    """Seconds since 1970, UTC."""


def scope_allows(
    grant: Grant, kind: str, interaction: Interaction, parameters: tuple[tuple[str, str], ...] = ()
) -> Allowance:
    """In which ways a grant's scopes allow an interaction with resources of type `kind`; falsy: not at all.

    It narrows only. Whether the person may see a resource at all is the policy's to say.
    """
    granted = grant.scopes if grant.patient else grant.scopes.without("patient")
    return scopes.allows(granted, kind, interaction, parameters)


@dataclass(frozen=True, slots=True)
class Issued:
    """New tokens, with what the app is to be told beside them."""

    authorization: Authorization
    access: str
    access_seconds: int
    refresh: str | None
    scope: str


class Grants:
    """Codes and tokens of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def code(self, given: Authorization, *, redirect_uri: str, challenge: str) -> str:
        """A code for what was given, for one minute, to be redeemed with this redirect URI and this PKCE challenge."""
        now, code = self._store.now(), new_secret()
        with self._store.transaction():
            authorization = self._give(given)
            self._store.rows(
                "INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (digest(code), authorization, given.client, redirect_uri, challenge, now + CODE_SECONDS),
            )
        return code

    def redeem(self, code: str, *, client: str, redirect_uri: str, challenge: str) -> Issued:
        """Tokens for a code. Raises OAuthError (invalid_grant).

        `challenge` is the S256 of the verifier that the client showed. A code that comes twice, from another client,
        with another redirect URI or another verifier was stolen on its way: everything that came of it is revoked
        (RFC 6749, section 4.1.2; RFC 9700, section 4.5).
        """
        now, hashed = self._store.now(), digest(code)
        used = self._store.row(
            "UPDATE code SET used = ? WHERE digest = ? AND used IS NULL"
            " RETURNING authorization_id, client, redirect_uri, challenge, expires",
            (now, hashed),
        )
        if used is None:
            before = self._store.row("SELECT authorization_id FROM code WHERE digest = ?", (hashed,))
            if before is not None:
                self.revoke_authorization(before[0], "code used twice")
            raise OAuthError("invalid_grant", "The code is not valid.")
        authorization, of_client, of_uri, of_challenge, expires = used
        if (of_client, of_uri, of_challenge) != (client, redirect_uri, challenge):
            self.revoke_authorization(authorization, "code presented by another")
            raise OAuthError("invalid_grant", "The code is not valid.")
        if expires <= now:
            raise OAuthError("invalid_grant", "The code is not valid.")
        given = self._living(authorization)
        return self._issue(authorization, given, given.scope)

    def refresh(self, token: str, *, client: str, scope: str | None) -> Issued:
        """New tokens for a refresh token, which is used up. Raises OAuthError (invalid_grant, invalid_scope).

        One that comes twice has two holders, and nobody can tell which is the app: both lose everything
        (RFC 9700, section 4.14.2). `scope` may ask for less, for this access token only.
        """
        now, hashed = self._store.now(), digest(token)
        row = self._store.row(
            "SELECT t.authorization_id, a.client, t.used FROM token t JOIN authorization_given a"
            " ON a.id = t.authorization_id WHERE t.digest = ? AND t.kind = 'refresh'",
            (hashed,),
        )
        if row is None:
            raise OAuthError("invalid_grant", "The refresh token is not valid.")
        authorization, of_client, used_before = row
        if of_client != client or used_before is not None:
            self.revoke_authorization(authorization, "refresh token used twice or by another")
            raise OAuthError("invalid_grant", "The refresh token is not valid.")
        given = self._living(authorization)
        granted = scopes.parse(given.scope)
        if scope is not None and not scopes.within(scopes.parse(scope), granted):
            raise OAuthError("invalid_scope", "More than was granted.")
        used = self._store.row(
            "UPDATE token SET used = ? WHERE digest = ? AND used IS NULL AND revoked IS NULL RETURNING expires",
            (now, hashed),
        )
        if used is None:
            self.revoke_authorization(authorization, "refresh token used twice")
        if used is None or used[0] <= now:
            raise OAuthError("invalid_grant", "The refresh token is not valid.")
        return self._issue(authorization, given, given.scope if scope is None else str(scopes.parse(scope)))

    def backend(self, client: str, scope: str) -> Issued:
        """An access token of a backend service, for five minutes, without a refresh token."""
        given = Authorization(client, None, None, scope)
        with self._store.transaction():
            authorization = self._give(given)
        return self._issue(authorization, given, scope, seconds=BACKEND_SECONDS)

    def verify(self, token: str) -> Grant:
        """What an access token allows now. Raises BadToken if it is past, revoked, or never was one."""
        row = self._store.row(
            "SELECT t.scope, t.issued, t.expires, a.id, a.client, a.detail FROM token t JOIN authorization_given a"
            " ON a.id = t.authorization_id LEFT JOIN account p ON p.id = a.account"
            " WHERE t.digest = ? AND t.kind = 'access' AND t.revoked IS NULL AND t.expires > ?"
            " AND a.revoked IS NULL AND p.disabled IS NULL",
            (digest(token), self._store.now()),
        )
        if row is None:
            raise BadToken
        scope, issued, expires, authorization, client, detail = row
        given = _authorization(detail)
        return Grant(
            *(client, given.actor, scopes.parse(scope), given.patient, given.encounter, given.account),
            *(authorization, issued, expires),
        )

    def refreshable(self, token: str) -> tuple[str, str, int] | None:
        """Client, scope and end of a refresh token that would be taken; None for any other."""
        row = self._store.row(
            "SELECT a.client, t.scope, t.expires FROM token t JOIN authorization_given a ON a.id = t.authorization_id"
            " WHERE t.digest = ? AND t.kind = 'refresh' AND t.used IS NULL AND t.revoked IS NULL AND t.expires > ?"
            " AND a.revoked IS NULL",
            (digest(token), self._store.now()),
        )
        return None if row is None else (row[0], row[1], row[2])

    def revoke(self, token: str, *, client: str) -> None:
        """An app gives a token back (RFC 7009): an access token alone, a refresh token with all that came of the same
        authorization. Tokens of other apps stay as they are, and nothing tells that they exist."""
        row = self._store.row(
            "SELECT t.kind, a.id FROM token t JOIN authorization_given a ON a.id = t.authorization_id"
            " WHERE t.digest = ? AND a.client = ?",
            (digest(token), client),
        )
        if row is None:
            return
        if row[0] == "refresh":
            self.revoke_authorization(row[1], "given back")
        else:
            self._store.rows("UPDATE token SET revoked = ? WHERE digest = ?", (self._store.now(), digest(token)))

    def revoke_authorization(self, authorization: str, why: str) -> None:
        """End everything that came of one authorization."""
        self._store.rows(
            "UPDATE authorization_given SET revoked = ?, revoked_why = ? WHERE id = ? AND revoked IS NULL",
            (self._store.now(), why, authorization),
        )

    def of_account(self, account: str) -> list[tuple[str, Authorization, int]]:
        """What a person gave to apps and has not taken back: id, what, and when (seconds since 1970, UTC)."""
        rows = self._store.rows(
            "SELECT id, detail, created FROM authorization_given WHERE account = ? AND revoked IS NULL AND expires > ?"
            " ORDER BY created DESC",
            (account, self._store.now()),
        )
        return [(row[0], _authorization(row[1]), row[2]) for row in rows]

    def _give(self, given: Authorization) -> str:
        now, name = self._store.now(), new_id()
        self._store.rows(
            "INSERT INTO authorization_given VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            (
                *(name, given.client, given.account, given.session, json.dumps(asdict(given))),
                *(now, now + (_ABSOLUTE_SECONDS if given.account else BACKEND_SECONDS)),
            ),
        )
        return name

    def _living(self, authorization: str) -> Authorization:
        row: Row | None = self._store.row(
            "SELECT a.detail, s.ended, s.expires FROM authorization_given a LEFT JOIN account p ON p.id = a.account"
            " LEFT JOIN session s ON s.id = a.session"
            " WHERE a.id = ? AND a.revoked IS NULL AND a.expires > ? AND p.disabled IS NULL",
            (authorization, self._store.now()),
        )
        if row is None:
            raise OAuthError("invalid_grant", "What was granted has ended.")
        given = _authorization(row[0])
        online = "offline_access" not in given.scope.split()
        if online and given.account and (row[2] is None or row[1] is not None or row[2] <= self._store.now()):
            raise OAuthError("invalid_grant", "The person has signed out.")
        return given

    def _issue(self, authorization: str, given: Authorization, scope: str, *, seconds: int = ACCESS_SECONDS) -> Issued:
        now, access = self._store.now(), new_secret()
        refresh = new_secret() if scopes.parse(given.scope).words & scopes.REFRESH else None
        with self._store.transaction():
            row = "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)"
            self._store.rows(row, (digest(access), "access", authorization, scope, now, now + seconds))
            if refresh is not None:
                until = now + REFRESH_SECONDS
                self._store.rows(row, (digest(refresh), "refresh", authorization, given.scope, now, until))
        return Issued(given, access, seconds, refresh, scope)


def _authorization(detail: str) -> Authorization:
    found = json.loads(detail)
    return Authorization(**{**found, "methods": tuple(found["methods"])})
