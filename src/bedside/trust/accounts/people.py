"""Accounts: a name to sign in with, linked to the Practitioner, Patient or RelatedPerson that the person is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bedside.trust.accounts.errors import AccountProblem
from bedside.trust.accounts.secret import new_id
from bedside.trust.accounts.store import Row, Store

_NAME = re.compile(r"[\w.@+-]{2,100}")
_LINK = re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.\-]{1,64}")
_COLUMNS = "id, name, display, administrator, disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in."""

    id: str
    name: str
    display: str
    administrator: bool
    disabled: bool
    links: tuple[str, ...]
    """References into the record, as `Practitioner/123`; the first is who the person is when nothing else is chosen."""

    @property
    def person(self) -> str | None:
        """The first link; None for an account that is nobody in the record, such as a bare administrator."""
        return self.links[0] if self.links else None


def normal_name(name: str) -> str:
    """The one form of a sign-in name: NFKC, without case, without space around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class People:
    """The accounts of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(
        self,
        name: str,
        display: str,
        links: Sequence[str] = (),
        *,
        password_hash: str | None = None,
        administrator: bool = False,
    ) -> Account:
        """A new account. Raises AccountProblem for a name that is taken or malformed, or a link to no person."""
        with self._store.transaction():
            return self.insert(name, display, links, password_hash=password_hash, administrator=administrator)

    def insert(
        self, name: str, display: str, links: Sequence[str], *, password_hash: str | None, administrator: bool
    ) -> Account:
        """`create` within a transaction that the caller began."""
        name = normal_name(name)
        if not _NAME.fullmatch(name):
            raise AccountProblem("A sign-in name is 2 to 100 letters, digits, dots, @, +, - and underscores.")
        _check_links(links)
        account = new_id()
        if self._store.row("SELECT 1 FROM account WHERE name = ?", (name,)):
            raise AccountProblem("This sign-in name is taken.")
        self._store.rows(
            "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (account, name, display.strip() or name, password_hash, int(administrator), self._store.now()),
        )
        self._write_links(account, links)
        return Account(account, name, display.strip() or name, administrator, False, tuple(links))

    def link(self, account: str, links: Sequence[str]) -> None:
        """Replace an account's links, in order. Raises AccountProblem for what is no person."""
        _check_links(links)
        with self._store.transaction():
            self._store.rows("DELETE FROM account_link WHERE account = ?", (account,))
            self._write_links(account, links)

    def by_name(self, name: str) -> Account | None:
        """The account that signs in with a name, disabled or not."""
        return self._one(self._store.row(f"SELECT {_COLUMNS} FROM account WHERE name = ?", (normal_name(name),)))

    def by_id(self, account: str) -> Account | None:
        return self._one(self._store.row(f"SELECT {_COLUMNS} FROM account WHERE id = ?", (account,)))

    def of(self, reference: str) -> list[Account]:
        """The accounts linked to a person in the record."""
        rows = self._store.rows(
            f"SELECT {_COLUMNS} FROM account WHERE id IN (SELECT account FROM account_link WHERE reference = ?)"
            " ORDER BY name",
            (reference,),
        )
        return [account for row in rows if (account := self._one(row))]

    def password_hash(self, account: str) -> str | None:
        """The hash of an account's password; None where it has none, or there is no such account."""
        row = self._store.row("SELECT password FROM account WHERE id = ?", (account,))
        return row[0] if row else None

    def set_password_hash(self, account: str, kept: str | None, *, only_if: str | None = None) -> None:
        """Keep another hash. With `only_if`, only while the hash is still that one: a rehash must not undo a change."""
        if only_if is None:
            self._store.rows("UPDATE account SET password = ? WHERE id = ?", (kept, account))
        else:
            self._store.rows("UPDATE account SET password = ? WHERE id = ? AND password = ?", (kept, account, only_if))

    def disable(self, account: str) -> None:
        """Close an account: its sessions and everything it gave to apps end in the same moment."""
        now = self._store.now()
        with self._store.transaction():
            self._store.rows("UPDATE account SET disabled = ? WHERE id = ? AND disabled IS NULL", (now, account))
            self.end_everything(account, "account disabled")

    def enable(self, account: str) -> None:
        self._store.rows("UPDATE account SET disabled = NULL WHERE id = ?", (account,))

    def end_everything(self, account: str, why: str) -> None:
        """End all sessions of an account and revoke what it gave to apps: after a new password, or a suspicion."""
        now = self._store.now()
        self._store.rows("UPDATE session SET ended = ? WHERE account = ? AND ended IS NULL", (now, account))
        self._store.rows(
            "UPDATE authorization_given SET revoked = ?, revoked_why = ? WHERE account = ? AND revoked IS NULL",
            (now, why, account),
        )

    def any_administrator(self) -> bool:
        """Whether someone can administer this installation already."""
        return self._store.row("SELECT 1 FROM account WHERE administrator = 1 AND disabled IS NULL LIMIT 1") is not None

    def _write_links(self, account: str, links: Sequence[str]) -> None:
        for position, reference in enumerate(links):
            self._store.rows("INSERT INTO account_link VALUES (?, ?, ?)", (account, reference, position))

    def _one(self, row: Row | None) -> Account | None:
        if row is None:
            return None
        links = self._store.rows("SELECT reference FROM account_link WHERE account = ? ORDER BY position", (row[0],))
        return Account(row[0], row[1], row[2], bool(row[3]), row[4] is not None, tuple(link for (link,) in links))


def _check_links(links: Sequence[str]) -> None:
    for reference in links:
        if not _LINK.fullmatch(reference):
            raise AccountProblem("An account is linked to Practitioner, PractitionerRole, Patient or RelatedPerson.")
    if len(set(links)) != len(links):
        raise AccountProblem("An account is linked to a person once.")
