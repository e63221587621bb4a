"""Lockout and rate limit: how often somebody may fail, by account and by address.

An attempt is counted before it is looked at, in one transaction: guesses that arrive together cannot slip past the
count. After `free` failures the subject is closed for a while that doubles with each further failure. A closed account
still opens with a passkey, so a stranger who fails on purpose keeps nobody with a passkey out.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from bedside.trust.accounts.errors import TooManyAttempts
from bedside.trust.accounts.store import Store


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; then closed for `first` seconds, doubling up to `longest`. Forgotten after `window`
    seconds without an attempt."""

    free: int
    first: int
    longest: int
    window: int


ACCOUNT = Limit(free=5, first=30, longest=3600, window=86_400)
ADDRESS = Limit(free=30, first=60, longest=3600, window=3600)


def account_key(name: str) -> str:
    """The subject of an account, whether it exists or not."""
    return f"account:{name}"


def address_key(address: str) -> str:
    """The subject of a network address; of IPv6 the network of 64 bits, all of which one machine has for itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return f"address:{parsed.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"


class Attempts:
    """The counters."""

    def __init__(self, store: Store, account: Limit = ACCOUNT, address: Limit = ADDRESS) -> None:
        self._store = store
        self._limits = {"account": account, "address": address}

    def begin(self, *subjects: str) -> None:
        """Count one attempt for each subject as if it failed. Raises TooManyAttempts if one is closed."""
        now = self._store.now()
        with self._store.transaction():
            found = {}
            for subject in subjects:
                row = self._store.row("SELECT failures, began, closed_until FROM attempt WHERE subject = ?", (subject,))
                limit = self._limits[subject.partition(":")[0]]
                if row is not None and row[2] > now:
                    raise TooManyAttempts(row[2] - now)
                # `began` moves with each attempt: what is forgotten is a subject that has been quiet.
                fresh = row is None or now - row[1] > limit.window
                found[subject] = (limit, 1 if fresh or row is None else row[0] + 1)
            for subject, (limit, failures) in found.items():
                over = failures - limit.free
                wait = min(limit.first << min(over - 1, 20), limit.longest) if over > 0 else 0
                self._store.rows(
                    "INSERT INTO attempt VALUES (?, ?, ?, ?) ON CONFLICT (subject) DO UPDATE SET"
                    " failures = excluded.failures, began = excluded.began, closed_until = excluded.closed_until",
                    (subject, failures, now, now + wait if wait else 0),
                )

    def succeeded(self, account: str, address: str) -> None:
        """The attempt was right: the account's count begins anew; the address gets back the one that was counted.

        An address is not forgiven more than that, or an attacker with one account of their own could reset it.
        """
        with self._store.transaction():
            self._store.rows("DELETE FROM attempt WHERE subject = ?", (account,))
            self._store.rows(
                "UPDATE attempt SET failures = failures - 1, closed_until = 0 WHERE subject = ? AND failures > 0",
                (address,),
            )

    def clean(self) -> None:
        """Forget subjects that have been quiet for the longest window."""
        longest = max(limit.window + limit.longest for limit in self._limits.values())
        self._store.rows("DELETE FROM attempt WHERE began < ?", (self._store.now() - longest,))
