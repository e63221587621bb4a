"""`crash`: kill -9 at random moments under mixed writes, restart, and read back every acknowledged write.

Sixteen clients create, update and delete resources and post transactions, each as fast as it is answered. At a random
moment the server and its workers get SIGKILL. It is started again on the same store, which must open by itself, and
the ledger of the round is read back: every acknowledged write is there, no transaction is half there, searches find
what reads find. Now and then the restarted server is killed while it is still starting. At the end all rounds are
read back once more. `crash` is importable: `tests/record/test_crash.py` runs a few rounds of it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.ledger import ABSENT, Findings, Ledger, Transaction, identity, observation, verify
from benchmarks.report import Section
from benchmarks.server import WORK, Server, Store, fresh_store
from benchmarks.wire import Connection

HELP = "kill -9 at random moments under mixed writes from 16 clients, on both stores: nothing acknowledged is lost"
EXAMPLE = "python -m benchmarks.run crash --kills 20 --stores sqlite"

PATIENT = "Patient/crash"
#: Shares of the operations that a client chooses from.
MIX = {"create": 40, "update": 30, "delete": 10, "transaction": 20}


@dataclass
class Outcome:
    """What a run of kills found. `broken` are restarts that failed."""

    kills: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    findings: Findings = field(default_factory=Findings)
    surprises: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Everything that should not have happened, in words; empty when nothing was lost."""
        found = self.findings
        return [*found.lost, *found.halves, *found.wrong, *self.surprises, *self.broken]


class _Client:
    """One writer: it notes what may happen, asks for it, and notes what was acknowledged."""

    def __init__(self, name: str, port: int, ledger: Ledger, rng: random.Random) -> None:
        self.name = name
        self.ledger = ledger
        self.rng = rng
        self.connection = Connection("127.0.0.1", port)
        self.numbers = itertools.count(1)
        self.account = f"Observation/account-{name}"
        self.account_number: int | None = ABSENT
        #: Path and identifier of resources that are certainly there, and that no other client touches.
        self.own: list[tuple[str, str]] = []

    async def run(self, stopping: asyncio.Event) -> None:
        """Write until the server is gone or the round is over."""
        try:
            while not stopping.is_set():
                (kind,) = self.rng.choices(list(MIX), list(MIX.values()))
                await getattr(self, f"_{kind}")()
        except OSError:
            self.ledger.unanswered += 1
        finally:
            self.connection.close()

    def _take(self) -> tuple[str, str] | None:
        """One of the own resources, taken from the list until the next write to it is acknowledged."""
        return self.own.pop(self.rng.randrange(len(self.own))) if self.own else None

    def _keep(self, path: str, identifier: str) -> None:
        self.own.append((path, identifier))
        del self.own[:-20]

    async def _ask(self, method: str, path: str, body: object, *good: int) -> str | None:
        """The id of what was created, '' for other acknowledged writes, None for an answer that surprises."""
        answer = await self.connection.request(method, f"/fhir{path}", body)
        if answer.status in good:
            self.ledger.acknowledged += 1
            return identity(answer) if answer.status == 201 else ""
        self.ledger.surprises.append(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return None

    async def _create(self) -> None:
        number = next(self.numbers)
        identifier = f"{self.name}-{number}"
        self.ledger.creates[identifier] = None
        given = await self._ask("POST", "/Observation", observation(number, identifier, PATIENT), 201)
        if given:
            path = f"Observation/{given}"
            self.ledger.expect(path, number)
            self.ledger.creates[identifier] = path
            self._keep(path, identifier)

    async def _update(self) -> None:
        taken = self._take()
        if taken is None:
            return await self._create()
        path, identifier = taken
        (old,) = self.ledger.resources[path].allowed
        number = next(self.numbers)
        self.ledger.expect(path, old, number)
        body = observation(number, identifier, PATIENT, path.partition("/")[2])
        if await self._ask("PUT", f"/{path}", body, 200) is not None:
            self.ledger.expect(path, number)
            self._keep(path, identifier)
        return None

    async def _delete(self) -> None:
        taken = self._take()
        if taken is None:
            return await self._create()
        path, _ = taken
        (old,) = self.ledger.resources[path].allowed
        self.ledger.expect(path, old, ABSENT)
        if await self._ask("DELETE", f"/{path}", None, 200, 204) is not None:
            self.ledger.expect(path, ABSENT)
        return None

    async def _transaction(self) -> None:
        number = next(self.numbers)
        parts = [f"Observation/tx-{self.name}-{number}-{letter}" for letter in "abc"]
        transaction = Transaction(number, parts, self.account)
        self.ledger.transactions.append(transaction)
        for part in parts:
            self.ledger.expect(part, ABSENT, number)
        self.ledger.expect(self.account, self.account_number, number)
        entries = [
            {
                "resource": observation(number, path.partition("/")[2], PATIENT, path.partition("/")[2]),
                "request": {"method": "PUT", "url": path},
            }
            for path in [*parts, self.account]
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        if await self._ask("POST", "", bundle, 200) is not None:
            transaction.acknowledged = True
            self.account_number = number
            for part in [*parts, self.account]:
                self.ledger.expect(part, number)


async def _round(server: Server, name: str, clients: int, seconds: float, rng: random.Random) -> Ledger:
    """Let the clients write for so long, then kill the server under them."""
    ledger = Ledger()
    stopping = asyncio.Event()
    writers = [
        _Client(f"{name}-{number}", server.port, ledger, random.Random(rng.random())) for number in range(clients)
    ]
    tasks = [asyncio.create_task(writer.run(stopping)) for writer in writers]
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.kill)
    stopping.set()
    await asyncio.gather(*tasks)
    return ledger


def _restart(server: Server, outcome: Outcome, rng: random.Random) -> bool:
    """Start the killed server again, sometimes only to kill it while it starts. False when it does not open."""
    if rng.random() < 0.1:
        server.launch()
        time.sleep(rng.uniform(0.0, 0.5))
        server.kill()
        outcome.kills += 1
    try:
        outcome.restarts.append(server.start(timeout=60))
    except RuntimeError as error:
        outcome.broken.append(f"the store did not open after kill {outcome.kills}: {error}")
        return False
    return True


def crash(
    store: Store,
    *,
    kills: int = 5,
    clients: int = 16,
    longest: float = 1.0,
    workers: int = 1,
    seed: int = 615,
    command: Sequence[str] | None = None,
) -> Outcome:
    """Kill a server on `store` (fresh) `kills` times, each within `longest` seconds of the first write.

    `command` replaces `bedside serve`. Stops at the first restart that fails. Raises `RuntimeError` only when the
    first start fails; everything found later is in the outcome.
    """
    rng = random.Random(seed)
    outcome = Outcome()
    ledgers: list[Ledger] = []
    log = WORK / f"crash-{store.kind.lower()}.log"
    log.unlink(missing_ok=True)
    with Server(store, workers=workers, command=command, log=log) as server:
        api = server.api
        made = api.request("PUT", PATIENT, {"resourceType": "Patient", "id": "crash"})
        api.close()
        if made.status not in (200, 201):
            raise RuntimeError(f"PUT {PATIENT}: {made.status} {made.body[:300]!r}")
        while outcome.kills < kills:
            outcome.kills += 1
            seconds = rng.uniform(0.02, longest)
            ledger = asyncio.run(_round(server, f"r{len(ledgers)}", clients, seconds, rng))
            ledgers.append(ledger)
            if not _restart(server, outcome, rng):
                break
            _check(server, ledger, outcome)
        else:
            for ledger in ledgers[:-1]:  # the later crashes must not have harmed what was written before them
                _check(server, ledger, outcome, searches=1)
    for ledger in ledgers:
        outcome.acknowledged += ledger.acknowledged
        outcome.unanswered += ledger.unanswered
        outcome.surprises += ledger.surprises
    with contextlib.suppress(OSError):
        if not outcome.problems:
            log.unlink()
    return outcome


def _check(server: Server, ledger: Ledger, outcome: Outcome, searches: int = 60) -> None:
    try:
        outcome.findings.add(asyncio.run(verify(server.port, ledger, searches)))
    except OSError as error:
        outcome.broken.append(f"no answer while reading back after kill {outcome.kills}: {error}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--kills", type=int, default=200, help="kills on each store (default: 200)")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1, help="server processes (default: 1)")
    parser.add_argument("--longest", type=float, default=1.0, help="seconds of writing at most before a kill")
    parser.add_argument("--seed", type=int, default=615)
    parser.add_argument("--stores", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])


def run(options: argparse.Namespace) -> Section:
    """The long form, on each store."""
    rows, failures = [], []
    for kind in options.stores:
        with fresh_store(kind, WORK / f"crash-{kind}") as store:
            outcome = crash(
                store,
                kills=options.kills,
                clients=options.clients,
                longest=options.longest,
                workers=options.workers,
                seed=options.seed,
            )
        found = outcome.findings
        restart = statistics.median(outcome.restarts) if outcome.restarts else 0.0
        rows.append(
            (store.kind, f"{outcome.kills:,}", f"{outcome.acknowledged:,}", f"{outcome.unanswered:,}",
             f"{found.checked:,}", str(len(found.lost)), str(len(found.halves)), str(len(found.wrong)),
             str(len(outcome.broken)), f"{restart:.2f}")
        )  # fmt: skip
        failures += [f"{store.kind}: {problem}" for problem in outcome.problems[:10]]
    return Section(
        "crash",
        "Kill -9 under mixed writes",
        ("store", "kills", "acknowledged writes", "unanswered", "checks", "lost", "half transactions",
         "search disagrees", "failed restarts", "median restart (s)"),
        rows,
        [
            f"{options.clients} clients: {', '.join(f'{kind} {share} %' for kind, share in MIX.items())}; a "
            "transaction writes three new resources and one old one. One restart in ten is killed while it starts.",
            f"Random moments from seed {options.seed}, at most {options.longest:g} s after the first write.",
        ],
        failures,
    )  # fmt: skip
