"""The Prefer header (RFC 7240) with FHIR's preferences: what a client wants back, and how strict we should be."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple, cast

from bedside.fhir.outcome import Invalid

Return = Literal["minimal", "representation", "OperationOutcome"]
Handling = Literal["strict", "lenient"]

_RETURNS = {"minimal": "minimal", "representation": "representation", "operationoutcome": "OperationOutcome"}


class Preferences(NamedTuple):
    """What was asked for; None where the client said nothing (R4 http.html#ops, search.html#errors)."""

    returns: Return | None = None
    handling: Handling | None = None
    asynchronous: bool = False

    @property
    def strict(self) -> bool:
        return self.handling == "strict"


@lru_cache(256)
def parse_prefer(header: str) -> Preferences:
    """Read a Prefer header, several joined by commas.

    A preference that is not known here is passed over, as RFC 7240 says; a value that `return` or `handling` do not
    have raises Invalid, for it is a slip of the pen.
    """
    returns: str | None = None
    handling: str | None = None
    asynchronous = False
    for part in header.replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip().strip('"')
        match name.strip().lower():
            case "return" if returns is None:
                returns = _RETURNS.get(value.lower())
                if returns is None:
                    raise Invalid(f"Prefer: return={value} is none of minimal, representation, OperationOutcome.")
            case "handling" if handling is None:
                handling = value.lower()
                if handling not in ("strict", "lenient"):
                    raise Invalid(f"Prefer: handling={value} is neither strict nor lenient.")
            case "respond-async":
                asynchronous = True
    return Preferences(cast("Return | None", returns), cast("Handling | None", handling), asynchronous)
