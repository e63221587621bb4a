"""Signing in: the ways that prove who someone is, each ending in a new session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bedside.trust.accounts import once, passwords
from bedside.trust.accounts.attempts import Attempts, account_key, address_key
from bedside.trust.accounts.errors import SignInRefused
from bedside.trust.accounts.passkeys import Passkeys
from bedside.trust.accounts.passwords import Passwords
from bedside.trust.accounts.people import Account, People, normal_name
from bedside.trust.accounts.sessions import Session, Sessions
from bedside.trust.accounts.store import Store

_FIRST = "first-administrator"
_FIRST_SECONDS = 24 * 3600
_REFUSED = "Name or password is not right."


class SignIn:
    """Everything about who is who, over one store. Every method may take tens of milliseconds: call it in a thread."""

    def __init__(
        self,
        store: Store,
        *,
        passkeys: Passkeys,
        passwords: Passwords | None = None,
        sessions: Sessions | None = None,
        attempts: Attempts | None = None,
        known_password: Callable[[str], bool] | None = None,
    ) -> None:
        self.store = store
        self.people = People(store)
        self.passkeys = passkeys
        self.passwords = passwords or Passwords()
        self.sessions = sessions or Sessions(store)
        self.attempts = attempts or Attempts(store)
        self._known_password = known_password

    def with_password(self, name: str, password: str, *, address: str, instead_of: str | None = None) -> Session:
        """A new session. Raises SignInRefused, in the same words and time for a wrong name, a wrong password and a
        disabled account, and TooManyAttempts. `instead_of` is the secret of the browser's session before."""
        name = normal_name(name)[:200]
        subjects = account_key(name), address_key(address)
        self.attempts.begin(*subjects)
        account = self.people.by_name(name)
        kept = self.people.password_hash(account.id) if account else None
        right = self.passwords.verify(kept, password)
        if not right or account is None or account.disabled or kept is None:
            raise SignInRefused(_REFUSED)
        self.attempts.succeeded(*subjects)
        if self.passwords.outdated(kept):
            self.people.set_password_hash(account.id, self.passwords.hash(password), only_if=kept)
        return self.sessions.begin(account.id, "password", instead_of=instead_of)

    def with_passkey(
        self, secret: str, credential: dict[str, Any], *, address: str, instead_of: str | None = None
    ) -> Session:
        """A new session. Raises SignInRefused, and TooManyAttempts for an address that failed too often."""
        subject = address_key(address)
        self.attempts.begin(subject)
        account = self.passkeys.authenticate(secret, credential)
        self.attempts.succeeded("", subject)
        return self.sessions.begin(account, "passkey", instead_of=instead_of)

    def create(
        self, name: str, display: str, password: str | None, links: Sequence[str] = (), *, administrator: bool = False
    ) -> Account:
        """A new account. Raises WeakPassword and AccountProblem."""
        kept = None
        if password is not None:
            passwords.examine(password, (name, display), self._known_password)
            kept = self.passwords.hash(password)
        return self.people.create(name, display, links, password_hash=kept, administrator=administrator)

    def change_password(self, account: str, old: str, new: str, *, address: str) -> None:
        """Another password; all sessions end and all apps lose what they were given. Raises SignInRefused,
        TooManyAttempts and WeakPassword."""
        found = self.people.by_id(account)
        if found is None:
            raise SignInRefused(_REFUSED)
        subjects = account_key(found.name), address_key(address)
        self.attempts.begin(*subjects)
        if not self.passwords.verify(self.people.password_hash(account), old):
            raise SignInRefused(_REFUSED)
        self.attempts.succeeded(*subjects)
        passwords.examine(new, (found.name, found.display), self._known_password)
        kept = self.passwords.hash(new)
        with self.store.transaction():
            self.people.set_password_hash(account, kept)
            self.people.end_everything(account, "new password")

    def first_start(self) -> str | None:
        """The secret of the link that makes the first administrator; None when there is one already.

        It works once and for a day. Each start makes another and the ones before stop working.
        """
        if self.people.any_administrator():
            return None
        self.store.rows("DELETE FROM once WHERE purpose = ?", (_FIRST,))
        return once.make(self.store, _FIRST, {}, _FIRST_SECONDS)

    def become_administrator(self, secret: str, name: str, display: str, password: str, *, address: str) -> Session:
        """Make the first administrator with the link, and sign them in. Raises SignInRefused for a link that was used,
        is past or never was; WeakPassword and AccountProblem leave the link as it is."""
        self.attempts.begin(address_key(address))
        passwords.examine(password, (name, display), self._known_password)
        kept = self.passwords.hash(password)
        with self.store.transaction():
            if once.take(self.store, _FIRST, secret) is None or self.people.any_administrator():
                raise SignInRefused("This link was used already, or is too old. Restart the server for another.")
            account = self.people.insert(name, display, (), password_hash=kept, administrator=True)
        self.attempts.succeeded("", address_key(address))
        return self.sessions.begin(account.id, "link")
