"""The first half of a launch: an app sends a browser to us, a person signs in and decides, the browser goes back.

What the app asked is kept here, not in the browser; the page has only a random name for it. Until the redirect URI is
known to be the app's own, an error is shown and nobody is sent anywhere (RFC 6749, section 4.1.2.1).
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from bedside.trust.accounts.people import Account
from bedside.trust.accounts.secret import digest, new_secret
from bedside.trust.accounts.sessions import Session
from bedside.trust.accounts.store import Store
from bedside.trust.smart import scopes
from bedside.trust.smart.clients import Client, Clients
from bedside.trust.smart.errors import OAuthError
from bedside.trust.smart.grants import Authorization, Grants
from bedside.trust.smart.scopes import Scopes

ASKING_SECONDS = 900
LAUNCH_SECONDS = 300
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


class Unsendable(OAuthError):
    """An error that must be shown here, because where the app wants it sent is not trusted."""


class Sendable(OAuthError):
    """An error that goes back to the app: `address` is its redirect URI with the error, `state` and `iss`."""

    def __init__(self, error: OAuthError, address: str) -> None:
        super().__init__(error.code, error.description)
        self.address = address


@dataclass(frozen=True, slots=True)
class Asking:
    """A request of an app that is in order."""

    client: str
    redirect_uri: str
    state: str
    challenge: str
    scope: str
    """What may be given at most: what the app asked, within what it was approved for."""
    nonce: str | None
    patient: str | None = None
    """From an EHR launch; otherwise the person chooses, where `launch/patient` was asked."""
    encounter: str | None = None
    context: dict[str, Any] | None = None
    launched_for: str | None = None
    """The account that launched the app; nobody else can go on with it."""

    @property
    def scopes(self) -> Scopes:
        return scopes.parse(self.scope)

    @property
    def needs_patient(self) -> bool:
        """Whether the person must say whose data, before scopes of the level patient mean anything."""
        return self.patient is None and "launch/patient" in self.scopes.words


class Authorize:
    """Requests for authorization. `base` is the FHIR base that `aud` must be; `issuer` names this server."""

    def __init__(self, store: Store, clients: Clients, grants: Grants, *, base: str, issuer: str) -> None:
        self._store = store
        self._clients = clients
        self._grants = grants
        self._base = base
        self._issuer = issuer

    def launch(
        self,
        account: str,
        client: str,
        *,
        patient: str | None = None,
        encounter: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> str:
        """The `launch` value with which our own pages start an app for a person: good once, for five minutes, for this
        person and this app."""  # fmt: skip
        for value in (patient, encounter):
            if value is not None and not _ID.fullmatch(value):
                raise ValueError("patient and encounter are ids of resources")
        secret = new_secret()
        detail = json.dumps({"patient": patient, "encounter": encounter, "context": context})
        self._store.rows(
            "INSERT INTO launch VALUES (?, ?, ?, ?, ?)",
            (digest(secret), account, client, detail, self._store.now() + LAUNCH_SECONDS),
        )
        return secret

    def begin(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Take an app's request; the answer names it. Raises Unsendable and Sendable."""
        asked = dict(pairs)
        client = self._clients.approved(asked.get("client_id", ""))
        if client is None or "authorization_code" not in client.grants:
            raise Unsendable("invalid_request", "This app is not known here, or not approved.")
        redirect_uri = asked.get("redirect_uri", "")
        once = sum(name in ("client_id", "redirect_uri") for name, _ in pairs) == 2
        # Character by character: every rule that makes two different addresses equal has been an attack.
        if not once or redirect_uri not in client.redirect_uris:
            raise Unsendable("invalid_redirect_uri", "This app asks to be answered at an address that is not its own.")
        try:
            asking = self._check(client, redirect_uri, asked, repeated=len(asked) != len(pairs))
        except OAuthError as error:
            raise self.refusal(error, redirect_uri, asked.get("state")) from None
        name = new_secret()
        self._store.rows(
            "INSERT INTO asking VALUES (?, ?, ?, NULL, NULL)",
            (digest(name), json.dumps(asdict(asking)), self._store.now() + ASKING_SECONDS),
        )
        return name

    def _check(self, client: Client, redirect_uri: str, asked: dict[str, str], *, repeated: bool) -> Asking:
        if repeated:
            raise OAuthError("invalid_request", "A parameter is there twice.")
        if "request" in asked:
            raise OAuthError("request_not_supported", "request is not supported.")
        if "request_uri" in asked:
            raise OAuthError("request_uri_not_supported", "request_uri is not supported.")
        if asked.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response_type is code.")
        if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
            raise OAuthError("invalid_request", "PKCE with S256 is required (RFC 7636).")
        if not asked.get("state"):
            raise OAuthError("invalid_request", "state is required.")
        # An app that was told a wrong FHIR server would hand our token to it.
        if asked.get("aud", "").rstrip("/") != self._base:
            raise OAuthError("invalid_request", "aud is the FHIR server's base URL.")
        if asked.get("prompt") == "none":
            raise OAuthError("login_required", "A person decides each time.")
        may = scopes.parse(client.scope)
        wanted = scopes.narrow(scopes.parse(asked.get("scope", "")), may).without("system")
        launch: dict[str, Any] = {}
        if "launch" in asked:
            if "launch" not in wanted.words:
                raise OAuthError("invalid_scope", "An app that is launched from here asks for the scope launch.")
            launch = self._take_launch(asked["launch"], client.id)
        elif "launch" in wanted.words:
            wanted = Scopes(wanted.resources, wanted.words - {"launch"})
        if not wanted.resources and "openid" not in wanted.words:
            raise OAuthError("invalid_scope", "Nothing of this scope can be given to this app.")
        return Asking(
            *(client.id, redirect_uri, asked["state"], asked["code_challenge"], str(wanted), asked.get("nonce")),
            *(launch.get("patient"), launch.get("encounter"), launch.get("context"), launch.get("account")),
        )

    def _take_launch(self, secret: str, client: str) -> dict[str, Any]:
        row = self._store.row(
            "DELETE FROM launch WHERE digest = ? AND client = ? RETURNING detail, account, expires",
            (digest(secret), client),
        )
        if row is None or row[2] <= self._store.now():
            raise OAuthError("invalid_request", "launch is not valid, or was used.")
        return {**json.loads(row[0]), "account": row[1]}

    def show(self, name: str, session: Session) -> tuple[Asking, Client, str]:
        """The request for the page that asks the person, bound to their session from now on, with a secret that the
        decision must bring along. Raises Unsendable."""
        asking, client, bound = self._find(name)
        if bound not in (None, session.id) or asking.launched_for not in (None, session.account):
            raise Unsendable("access_denied", "This request belongs to another person.")
        decision = new_secret()
        self._store.rows(
            "UPDATE asking SET session = ?, decision_digest = ? WHERE digest = ? AND (session IS NULL OR session = ?)",
            (session.id, digest(decision), digest(name), session.id),
        )
        return asking, client, decision

    def decide(
        self,
        name: str,
        decision: str,
        session: Session,
        account: Account,
        *,
        allow: bool,
        keep: Sequence[str] | None = None,
        patient: str | None = None,
    ) -> str:
        """Carry out what the person decided; the answer is the address that the browser goes to.

        `keep` are the scopes that the person left in (None: all). `patient` is whom they chose, which the caller has
        checked they may choose. Raises Unsendable when the decision is not for this session or not from its page.
        """  # fmt: skip
        asking, client, bound = self._find(name)
        row = self._store.row("SELECT decision_digest FROM asking WHERE digest = ?", (digest(name),))
        expected = row[0] if row and row[0] else digest(new_secret())
        if bound != session.id or not hmac.compare_digest(expected, digest(decision)):
            raise Unsendable("access_denied", "This decision was not made on our page. Nothing was given.")
        if not self._store.rows("DELETE FROM asking WHERE digest = ? RETURNING 1", (digest(name),)):
            raise Unsendable("invalid_request", "This was decided already.")
        if not allow:
            denied = OAuthError("access_denied", "The person said no.")
            return self.refusal(denied, asking.redirect_uri, asking.state).address
        given = asking.scopes
        if keep is not None:
            chosen = set(keep)
            kept = tuple(scope for scope in given.resources if str(scope) in chosen)
            given = Scopes(kept, frozenset(word for word in given.words if word in chosen))
        context = asking.patient or (patient if asking.needs_patient else None)
        if context is None:
            given = given.without("patient")
        if not given.resources and "openid" not in given.words:
            nothing = OAuthError("access_denied", "Nothing was given.")
            return self.refusal(nothing, asking.redirect_uri, asking.state).address
        code = self._grants.code(
            Authorization(
                *(client.id, account.id, account.person, str(given), context, asking.encounter, session.id),
                *(asking.nonce, session.began, session.methods, asking.context),
            ),
            redirect_uri=asking.redirect_uri,
            challenge=asking.challenge,
        )
        return _with(asking.redirect_uri, {"code": code, "state": asking.state, "iss": self._issuer})

    def refusal(self, error: OAuthError, redirect_uri: str, state: str | None) -> Sendable:
        """An error that goes back to the app, with `iss` so that it knows who answers (RFC 9207)."""
        fields = {**error.body(), "iss": self._issuer}
        if state is not None:
            fields["state"] = state
        return Sendable(error, _with(redirect_uri, fields))

    def _find(self, name: str) -> tuple[Asking, Client, str | None]:
        row = self._store.row("SELECT detail, expires, session FROM asking WHERE digest = ?", (digest(name),))
        if row is None or row[1] <= self._store.now():
            raise Unsendable("invalid_request", "This request is over. Start again in the app.")
        asking = Asking(**json.loads(row[0]))
        client = self._clients.approved(asking.client)
        if client is None:
            raise Unsendable("invalid_request", "This app is no longer approved.")
        return asking, client, row[2]


def _with(address: str, fields: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}"
