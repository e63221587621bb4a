"""Passkeys (Web Authentication, level 2): registering one, signing in with one, and noticing a copied one.

The browser's part is `navigator.credentials`; what it sends comes here as JSON. Every challenge is made here, works
once, and is bound to what it was made for. User verification (fingerprint, face or PIN) is required, so a passkey is
two factors at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bedside.trust.accounts import once
from bedside.trust.accounts.errors import SignInRefused
from bedside.trust.accounts.people import Account
from bedside.trust.accounts.store import Store

_SECONDS = 300
_REFUSED = "The passkey was not accepted. Try again, or sign in another way."


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered passkey, as its owner sees it. Times in seconds since 1970, UTC."""

    id: str
    label: str
    created: int
    used: int | None
    suspended: bool


class Passkeys:
    """The passkeys of a store, for one site: `host` is its name (the relying party id), `origin` its address."""

    def __init__(self, store: Store, *, host: str, origin: str, service: str = "Bedside") -> None:
        self._store = store
        self._host = host
        self._origin = origin
        self._service = service

    def registration(self, account: Account) -> tuple[str, dict[str, Any]]:
        """Begin to register: a secret to hand back, and the options for `navigator.credentials.create`."""
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=self._service,
            user_id=account.id.encode(),
            user_name=account.name,
            user_display_name=account.display,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.id)) for key in self.of(account.id)
            ],
        )
        detail = {"challenge": bytes_to_base64url(options.challenge), "account": account.id}
        return once.make(self._store, "passkey-register", detail, _SECONDS), json.loads(options_to_json(options))

    def register(self, account: str, secret: str, credential: dict[str, Any], label: str) -> Passkey:
        """Check what the authenticator made and keep its public key. Raises SignInRefused for anything unexpected."""
        begun = once.take(self._store, "passkey-register", secret)
        if begun is None or begun["account"] != account:
            raise SignInRefused(_REFUSED)
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(begun["challenge"]),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise SignInRefused(_REFUSED) from error
        name = bytes_to_base64url(verified.credential_id)
        kept = self._store.rows(
            "INSERT INTO passkey VALUES (?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT (id) DO NOTHING RETURNING created",
            (
                *(name, account, bytes_to_base64url(verified.credential_public_key), verified.sign_count),
                *(label.strip()[:100] or "Passkey", self._store.now()),
            ),
        )
        if not kept:
            raise SignInRefused(_REFUSED)
        return Passkey(name, label.strip()[:100] or "Passkey", kept[0][0], None, False)

    def authentication(self) -> tuple[str, dict[str, Any]]:
        """Begin to sign in: a secret to hand back, and the options for `navigator.credentials.get`.

        They name no account: the passkey says whose it is, and nobody learns who has one.
        """
        options = generate_authentication_options(
            rp_id=self._host, user_verification=UserVerificationRequirement.REQUIRED
        )
        detail = {"challenge": bytes_to_base64url(options.challenge)}
        return once.make(self._store, "passkey-sign-in", detail, _SECONDS), json.loads(options_to_json(options))

    def authenticate(self, secret: str, credential: dict[str, Any]) -> str:
        """The account whose passkey answered the challenge. Raises SignInRefused.

        A counter that does not rise tells of a copied authenticator: the passkey is suspended (level 2, section 6.1.1).
        """
        begun = once.take(self._store, "passkey-sign-in", secret)
        name = credential.get("id") if isinstance(credential, dict) else None
        if begun is None or not isinstance(name, str):
            raise SignInRefused(_REFUSED)
        row = self._store.row(
            "SELECT p.account, p.public_key FROM passkey p JOIN account a ON a.id = p.account"
            " WHERE p.id = ? AND p.suspended IS NULL AND a.disabled IS NULL",
            (name,),
        )
        if row is None:
            raise SignInRefused(_REFUSED)
        account, public_key = row
        try:
            # The library is not shown our counter: it would refuse without telling that this was the reason.
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(begun["challenge"]),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(public_key),
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise SignInRefused(_REFUSED) from error
        handle = (credential.get("response") or {}).get("userHandle")
        if handle and base64url_to_bytes(handle) != account.encode():
            raise SignInRefused(_REFUSED)
        now, shown = self._store.now(), verified.new_sign_count
        risen = self._store.rows(
            "UPDATE passkey SET counter = ?, used = ? WHERE id = ?"
            " AND (counter < ? OR (counter = 0 AND ? = 0)) RETURNING 1",
            (shown, now, name, shown, shown),
        )
        if not risen:
            self._store.rows("UPDATE passkey SET suspended = ? WHERE id = ?", (now, name))
            raise SignInRefused(_REFUSED)
        return str(account)

    def of(self, account: str) -> list[Passkey]:
        """The passkeys of an account, oldest first."""
        rows = self._store.rows(
            "SELECT id, label, created, used, suspended FROM passkey WHERE account = ? ORDER BY created, id", (account,)
        )
        return [Passkey(row[0], row[1], row[2], row[3], row[4] is not None) for row in rows]

    def remove(self, account: str, passkey: str) -> None:
        self._store.rows("DELETE FROM passkey WHERE id = ? AND account = ?", (passkey, account))
