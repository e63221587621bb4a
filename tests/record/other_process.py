"""Another process that writes to a record. Run as a program: what to do, the record's place, and a count."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from bedside.fhir.outcome import FhirError
from bedside.record.model import Create, Delete, Settings
from bedside.record.record import Record, open_record
from record.samples import identified, observation, patient, put


def start(what: str, place: str, count: int) -> subprocess.Popen[str]:
    """Begin; `finish` waits for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "record.other_process", what, place, str(count)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(*processes: subprocess.Popen[str]) -> None:
    """Wait until all have opened the record, then let them begin together."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> list[str]:
    """The lines it printed. Fails unless it ended well."""
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.splitlines()


def _mixed(record: Record, count: int) -> None:
    """Creates, updates, deletes and transactions in several threads; some of them are refused."""

    def work(seed: int) -> None:
        choose = random.Random(seed)
        mine = [f"p{seed}-{n}" for n in range(5)]
        for n in range(count):
            writes = [
                put(patient(str(n), id=choose.choice(mine))),
                Create(observation(f"Patient/{choose.choice(mine)}", n)),
                Delete("Patient", choose.choice(mine)),
            ]
            try:
                if n % 5 == 0:
                    record.write(Create(patient("t")), Create(observation("Patient/never")), transaction=True)
                elif n % 7 == 0:
                    record.write(put(patient(str(n), id=mine[0])), Create(observation(f"Patient/{mine[0]}")))
                else:
                    record.write(writes[n % 3])
            except FhirError:
                pass

    _in_threads([lambda seed=seed: work(seed) for seed in random.sample(range(1 << 20), 4)])  # type: ignore[misc]


def _same_conditions(record: Record, count: int) -> None:
    """Every thread creates the same resources, unless they exist."""

    def work() -> None:
        for n in range(count):
            outcome = record.write(Create(identified(str(n)), if_none_exist=f"identifier=http://example.org/mrn|{n}"))
            sys.stdout.write(f"{outcome[0].effect.value} {n}\n")

    _in_threads([work] * 8)


def _in_threads(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    _, what, place, count = sys.argv
    opened = open_record(place, Settings())
    print("ready", flush=True)
    sys.stdin.readline()
    {"mixed": _mixed, "same": _same_conditions}[what](opened, int(count))
    opened.close()
