"""Questions over FHIR: CQL and measures that the record answers.

`operations` gives what the server offers; `examine` is asked before Libraries are saved.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.api.messages import Reply, Request
from bedside.api.operations import Level, Operation, Operations
from bedside.api.questions import cql, library, measure, requirements
from bedside.api.questions.questions import Questions, handler

__all__ = ["Questions", "operations"]

_BOTH: frozenset[Level] = frozenset(("type", "instance"))
ELM_DEFINITION = "https://bedside.example/OperationDefinition/Library-elm"


def operations(questions: Questions) -> Operations:
    """$cql, and the operations of Library and Measure."""

    def one(
        name: str,
        definition: str,
        function: Callable[[Questions, Request], Reply],
        levels: frozenset[Level],
        *types: str,
        methods: frozenset[str] = frozenset(("GET", "POST")),
    ) -> Operation:
        return Operation(name, definition, handler(questions, function), levels, types or None, methods)

    return Operations(
        [
            one("cql", cql.DEFINITION, cql.evaluate, frozenset(("system",))),
            one("evaluate", library.DEFINITION, library.evaluate, _BOTH, "Library"),
            one("elm", ELM_DEFINITION, library.elm, frozenset(("instance",)), "Library", methods=frozenset(("GET",))),
            one("data-requirements", requirements.LIBRARY_DEFINITION, requirements.of_library, _BOTH, "Library"),
            one("evaluate-measure", measure.DEFINITION, measure.evaluate_measure, _BOTH, "Measure"),
            one("evaluate", measure.DEQM_DEFINITION, measure.evaluate, frozenset(("type",)), "Measure"),
            one("data-requirements", requirements.MEASURE_DEFINITION, requirements.of_measure, _BOTH, "Measure"),
        ]
    )
