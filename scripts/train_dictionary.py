"""Train the dictionary that resource bodies are compressed with, on the demo hospital (nobody in it is real).

    python scripts/train_dictionary.py 2     writes src/bedside/record/data/bodies-2.zdict

A dictionary in use may never change, for bodies on disk need it: give the next number, never one that was released.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import zstandard

from bedside.demo import generate
from bedside.fhir import json

SIZE = 112 * 1024
PATIENTS = 150
SAMPLES = 12_000
PER_TYPE = 1_200
TARGET = Path(__file__).parent.parent / "src/bedside/record/data"


def samples() -> list[bytes]:
    """Bodies as the record writes them, of every type, none too dominant."""
    chance = random.Random(1)
    by_type: dict[str, list[bytes]] = {}
    for block in generate(patients=PATIENTS, seed=4711):
        for resource in block:
            stamp = f"2026-1{chance.randrange(3)}-{chance.randrange(10, 30)}T1{chance.randrange(10)}:0"
            meta = {**resource.get("meta", {}), "versionId": "1", "lastUpdated": stamp}
            whole = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta}
            whole |= {key: value for key, value in resource.items() if key not in whole}
            by_type.setdefault(resource["resourceType"], []).append(json.encode(whole))
    chosen: list[bytes] = []
    for bodies in by_type.values():
        chosen += chance.sample(bodies, min(PER_TYPE, len(bodies)))
    return chance.sample(chosen, min(SAMPLES, len(chosen)))


def main() -> None:
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal() or not 0 < int(sys.argv[1]) < 256:
        sys.exit(__doc__)
    path = TARGET / f"bodies-{sys.argv[1]}.zdict"
    if path.exists():
        sys.exit(f"{path} exists; a dictionary is never changed")
    bodies = samples()
    trained = zstandard.train_dictionary(SIZE, [*bodies], level=3)
    TARGET.mkdir(exist_ok=True)
    path.write_bytes(trained.as_bytes())
    print(f"{path}: {len(trained)} bytes from {len(bodies)} bodies")


if __name__ == "__main__":
    main()
