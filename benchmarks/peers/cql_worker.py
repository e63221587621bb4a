"""Evaluates the measures of the suites for one patient after the other with our engine.

    python cql_worker.py MEASURES_FOLDER TESTS_FOLDER

Requests: `{"do": "check"}` answers, by measure, with the number of members that each expression has for each patient.
`{"do": "time", "measure": name, "expressions": [...]}` answers with milliseconds for each patient, from the parsed
bundle to the values of all expressions. `cql_worker.mjs` does the same with cql-execution.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    sys.path[:0] = [sys.argv[2]]
    from questions.cql.measures import Measures  # type: ignore[import-not-found]

    measures = Measures(Path(sys.argv[1]))
    cases = {name: list(measures.cases(name)) for name in measures.names}
    for line in sys.stdin:
        request = json.loads(line)
        wanted = request["expressions"]
        found: list[Any] = []
        for case in cases[request["measure"]]:
            start = time.perf_counter()
            session = case.session()
            values = [session.evaluate(each) for each in wanted]
            spent = (time.perf_counter() - start) * 1000
            found.append(spent if request["do"] == "time" else [members(each) for each in values])
        print(json.dumps(found), flush=True)


def members(value: Any) -> int:
    """How many members a population has: 1 for true, the length of a list."""
    return len(value) if isinstance(value, list) else int(value is True)


if __name__ == "__main__":
    main()
