"""`python -m bedside.demo`: generates a hospital, keeps nothing, and says what was in it."""

from __future__ import annotations

import argparse
import time
from collections import Counter

from bedside.demo.generate import UNTIL, generate


def main() -> None:
    """Prints what a hospital of so many patients holds, and how fast it was made (in processor time)."""
    parser = argparse.ArgumentParser(prog="python -m bedside.demo", description=__doc__)
    parser.add_argument("--patients", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="which hospital (default 1)")
    parser.add_argument("--until", default=UNTIL, help=f"end of the record (default {UNTIL})")
    options = parser.parse_args()
    kinds: Counter[str] = Counter()
    sizes: list[int] = []
    admitted = 0
    began = time.process_time()
    for block in generate(patients=options.patients, seed=options.seed, until=options.until):
        sizes.append(len(block))
        for resource in block:
            kinds[resource["resourceType"]] += 1
            admitted += resource["resourceType"] == "Encounter" and resource["status"] == "in-progress"
    seconds = time.process_time() - began
    total = sum(sizes)
    lives = sorted(sizes[1:-1]) or [0]
    print(f"{total:,} resources of {len(kinds)} types in {seconds:.1f} s: {total / seconds:,.0f} a second")
    print(f"the institution: {sizes[0]:,}")
    print(
        f"a patient: {sum(lives) / len(lives):.0f} on average, {lives[len(lives) // 2]} in the middle, {lives[-1]:,} at most"
    )
    print(f"in hospital now: {admitted}")
    for kind, count in kinds.most_common():
        print(f"{count:9,}  {kind}")


if __name__ == "__main__":
    main()
