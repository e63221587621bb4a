"""Evaluates FHIRPath with our engine or with fhirpathpy. `fhirpath_worker.mjs` does the same with fhirpath.js.

    python fhirpath_worker.py bedside|fhirpathpy CASES.json

CASES.json has `resources` and `cases`, each case with an `expression` and the numbers of its resources. Requests:
`{"do": "check"}` compiles every expression and evaluates it once; answers with the number of items found in all its
resources, or null where the engine fails. `{"do": "time", "cases": [...], "seconds": s}` answers with microseconds
an evaluation of each of the cases, measured for at least s seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Evaluate = Callable[[Any], Any]


def bedside() -> tuple[Callable[[bytes], Any], Callable[[str], Evaluate]]:
    """Our engine: its reader and its compiler."""
    from bedside.fhir.json import decode
    from bedside.questions.expression import compile

    def compiled(expression: str) -> Evaluate:
        return compile(expression, as_filters=True).evaluate

    return decode, compiled


def fhirpathpy() -> tuple[Callable[[bytes], Any], Callable[[str], Evaluate]]:
    """fhirpathpy with its R4 model."""
    from fhirpathpy import compile  # type: ignore[import-not-found]
    from fhirpathpy.models import models  # type: ignore[import-not-found]

    return json.loads, lambda expression: compile(expression, models["r4"])


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # Some engines print what trace() is given.
    read, compiled = {"bedside": bedside, "fhirpathpy": fhirpathpy}[sys.argv[1]]()
    work = read(Path(sys.argv[2]).read_bytes())
    resources, cases = work["resources"], work["cases"]
    ready: dict[int, Evaluate] = {}
    answer: list[Any]
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "check":
            answer = [check(compiled, case, resources, ready, number) for number, case in enumerate(cases)]
        else:
            answer = [
                timed(ready[number], [resources[each] for each in cases[number]["resources"]], request["seconds"])
                for number in request["cases"]
            ]
        print(json.dumps(answer), file=answers, flush=True)


def check(
    compiled: Callable[[str], Evaluate], case: Any, resources: list[Any], ready: dict[int, Evaluate], number: int
) -> int | None:
    """How many items there are; None when the engine cannot do it."""
    try:
        evaluate = ready[number] = compiled(case["expression"])
        return sum(len(evaluate(resources[each])) for each in case["resources"])
    except Exception:
        return None


def timed(evaluate: Evaluate, resources: list[Any], seconds: float) -> float:
    """Microseconds an evaluation: passes over the resources until the time is up."""
    clock = time.perf_counter
    count = 0
    start = clock()
    while True:
        for resource in resources:
            evaluate(resource)
        count += len(resources)
        spent = clock() - start
        if spent >= seconds:
            return spent / count * 1e6


if __name__ == "__main__":
    main()
