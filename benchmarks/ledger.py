"""What a crash test remembers of its writes, and whether the record agrees with it afterwards.

Every client writes down what it is about to do before it sends it, and what was acknowledged when it was. A write
without an answer may have happened or not: both are right, as long as a transaction happened as a whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.wire import Connection, Response

#: `system` of the identifiers that tell one write from another.
SYSTEM = "urn:bedside:bench:crash"
#: How a resource that is not there is written down: deleted, or never created.
ABSENT = None


@dataclass
class Resource:
    """One resource of ours: the numbers that it may hold now. After an acknowledged write that is one."""

    path: str
    allowed: set[int | None]


@dataclass
class Transaction:
    """Some resources that come into being together, and an account that is set to `number` with them."""

    number: int
    parts: list[str]
    account: str
    acknowledged: bool = False


@dataclass
class Ledger:
    """All that the clients of one round did."""

    resources: dict[str, Resource] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    #: Identifier of each create -> the path that was acknowledged, or None while there is no answer.
    creates: dict[str, str | None] = field(default_factory=dict)
    acknowledged: int = 0
    unanswered: int = 0
    #: Answers that no client should get from a healthy server.
    surprises: list[str] = field(default_factory=list)

    def expect(self, path: str, *numbers: int | None) -> None:
        """The resource at `path` now holds one of these."""
        self.resources[path] = Resource(path, set(numbers))


@dataclass
class Findings:
    """What was found after a crash; `lost`, `halves` and `wrong` are sentences, empty when all is well."""

    checked: int = 0
    lost: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Take in what another check found."""
        self.checked += other.checked
        self.lost += other.lost
        self.halves += other.halves
        self.wrong += other.wrong


def observation(number: int, identifier: str, patient: str, path_id: str | None = None) -> dict[str, Any]:
    """A small resource that holds `number` and can be found by `identifier`."""
    body: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "identifier": [{"system": SYSTEM, "value": identifier}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": patient},
        "effectiveDateTime": "2026-11-22T10:00:00Z",
        "valueInteger": number,
    }
    return {**body, "id": path_id} if path_id else body


async def _number(connection: Connection, path: str) -> int | None:
    answer = await connection.request("GET", f"/fhir/{path}")
    if answer.status in (404, 410):
        return ABSENT
    if answer.status != 200:
        raise OSError(f"GET {path}: {answer.status} {answer.body[:300]!r}")
    return int(answer.json()["valueInteger"])


async def _in_parallel(
    port: int, items: Iterable[Any], check: Callable[[Connection, Any], Awaitable[None]], connections: int = 16
) -> None:
    waiting = iter(items)

    async def work() -> None:
        connection = Connection("127.0.0.1", port)
        try:
            for item in waiting:
                await check(connection, item)
        finally:
            connection.close()

    await asyncio.gather(*(work() for _ in range(connections)))


async def verify(port: int, ledger: Ledger, most_searches: int = 60) -> Findings:
    """Read back everything in the ledger. Raises `OSError` when the server does not answer."""
    findings = Findings()
    await _in_parallel(port, list(ledger.resources.values()), lambda c, item: _resource(c, item, findings))
    await _in_parallel(port, ledger.transactions, lambda c, item: _transaction(c, item, ledger, findings))
    open_ones = [name for name, path in ledger.creates.items() if path is None]
    settled = [name for name, path in ledger.creates.items() if path is not None]
    step = max(1, len(settled) // most_searches)
    await _in_parallel(port, open_ones + settled[::step], lambda c, item: _identifier(c, item, ledger, findings))
    return findings


async def _resource(connection: Connection, resource: Resource, findings: Findings) -> None:
    found = await _number(connection, resource.path)
    findings.checked += 1
    if found not in resource.allowed:
        wanted = " or ".join(
            "absent" if n is ABSENT else str(n) for n in sorted(resource.allowed, key=lambda n: n or 0)
        )
        held = "is absent" if found is ABSENT else f"holds {found}"
        findings.lost.append(f"{resource.path} {held}, acknowledged was {wanted}")


async def _transaction(connection: Connection, transaction: Transaction, ledger: Ledger, findings: Findings) -> None:
    last = max(t.number for t in ledger.transactions if t.account == transaction.account)
    for attempt in range(3):
        numbers = [await _number(connection, part) for part in transaction.parts]
        present = [number for number in numbers if number is not ABSENT]
        account = await _number(connection, transaction.account)
        whole = len(present) in (0, len(numbers)) and set(present) <= {transaction.number}
        there = len(present) == len(numbers)
        # The account tells the latest transaction that happened; only the last one can be in doubt.
        agrees = (account == transaction.number) == there if transaction.number == last else there
        if whole and agrees and (there or not transaction.acknowledged):
            break
        if transaction.acknowledged or attempt == 2:
            what = f"transaction {transaction.number}: parts hold {numbers}, its account {account}"
            (findings.lost if transaction.acknowledged and not present else findings.halves).append(what)
            break
        await asyncio.sleep(0.5)  # PostgreSQL may still be finishing what its dead client asked for
    findings.checked += 1


async def _identifier(connection: Connection, identifier: str, ledger: Ledger, findings: Findings) -> None:
    answer = await connection.request("GET", f"/fhir/Observation?identifier={SYSTEM}|{identifier}&_count=5")
    if answer.status != 200:
        raise OSError(f"search for {identifier}: {answer.status} {answer.body[:300]!r}")
    found = [entry["resource"]["id"] for entry in answer.json().get("entry", [])]
    findings.checked += 1
    path = ledger.creates[identifier]
    if path is None:
        if len(found) > 1:
            findings.wrong.append(f"one create without an answer made {len(found)} resources ({identifier})")
        return
    allowed = ledger.resources[path].allowed
    expected = {0 if n is ABSENT else 1 for n in allowed}
    if len(found) not in expected or (found and f"Observation/{found[0]}" != path):
        findings.wrong.append(f"a search for {identifier} finds {found}, expected {path} ({allowed})")


def identity(answer: Response) -> str:
    """The id that a create was given."""
    location = answer.headers.get("location", "")
    return location.split("/Observation/")[1].split("/")[0] if location else str(answer.json()["id"])
