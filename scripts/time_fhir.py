"""Time the fhir room on real resources: check, references, rewrite, JSON and dates, in microseconds per resource.

    python scripts/time_fhir.py PATH     # a folder of bundles or .ndjson files, or a tar archive of bundles
    python scripts/time_fhir.py PATH --patients 100

Each resource is decoded from its own bytes just before it is looked at, as a loader does, so that tables that
remember values and the processor's caches are as warm as they would be there, and no warmer.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from bedside.fhir import dates, json
from bedside.fhir.check import check
from bedside.fhir.quick import is_plain
from bedside.fhir.references import references, rewrite


def documents(path: Path) -> Iterator[Any]:
    """Bundles or single resources from a folder or an archive."""
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix == ".ndjson":
                yield from json.decode_lines(file.read_bytes())
            elif file.suffix == ".json":
                yield json.decode(file.read_bytes())
    else:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                handle = archive.extractfile(member) if member.name.endswith(".json") else None
                if handle is not None:
                    yield json.decode(handle.read())


def resources(path: Path, patients: int | None) -> Iterator[dict[str, Any]]:
    for document in islice(documents(path), patients):
        entries = document.get("entry") if document.get("resourceType") == "Bundle" else None
        yield from (entry["resource"] for entry in entries) if entries is not None else (document,)


def seconds(resource: dict[str, Any]) -> dict[str, float]:
    """How long each function takes on one resource."""
    spent: dict[str, float] = {}
    start = perf_counter()
    body = json.encode(resource)
    spent["encode"] = perf_counter() - start
    start = perf_counter()
    fresh = json.decode(body)
    spent["decode"] = perf_counter() - start
    for name, function in (("check", check), ("references", references), ("rewrite", _leave_all)):
        start = perf_counter()
        function(fresh)
        spent[name] = perf_counter() - start
    return spent


def _leave_all(resource: dict[str, Any]) -> None:
    rewrite(resource, lambda text, kind: None)


def time_dates() -> float:
    """Microseconds for one dateTime with an offset, of 20,000 different ones."""
    first = datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    values = [(first + timedelta(seconds=i * 40_009.007)).isoformat(timespec="milliseconds") for i in range(20_000)]
    for value in values[:5000]:
        dates.interval(value)
    start = perf_counter()
    for value in values:
        dates.interval(value)
    return (perf_counter() - start) / len(values) * 1e6


def time_definitions() -> float:
    """Milliseconds for reading every type, search parameter, code and invariant, in a process of its own."""
    program = (
        "from time import perf_counter as t; from bedside.fhir import definitions as d; s = t();"
        "[(d.search_parameters_for(n), d.invariants(n)) for n in d.resource_types()]; d.codes('');"
        "print((t() - s) * 1000)"
    )
    return float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--patients", type=int, help="only the first bundles")
    options = parser.parse_args()
    totals: dict[str, Counter[str]] = {}
    counts: Counter[str] = Counter()
    plain = invalid = 0
    for resource in resources(options.path, options.patients):
        name = str(resource.get("resourceType"))
        counts[name] += 1
        totals.setdefault(name, Counter()).update(seconds(resource))
        plain += is_plain(resource)
        invalid += bool(check(resource))
    everything = counts.total()
    columns = ("encode", "decode", "check", "references", "rewrite")
    print(f"{everything:,} resources, {everything - plain:,} need the thorough check, {invalid:,} are invalid\n")
    print(f"{'us per resource':24}{'count':>9}" + "".join(f"{c:>12}" for c in columns))
    for name, count in counts.most_common():
        print(f"{name:24}{count:9,}" + "".join(f"{totals[name][c] / count * 1e6:12.1f}" for c in columns))
    means = {c: sum(t[c] for t in totals.values()) / everything * 1e6 for c in columns}
    print(f"{'all':24}{everything:9,}" + "".join(f"{means[c]:12.1f}" for c in columns))
    print(f"\none dateTime: {time_dates():.2f} us; all definitions: {time_definitions():.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
