"""FHIR's JSON, exactly: numbers keep their written precision and objects their order.

A decimal becomes a Decimal that remembers its digits (7.20 is not 7.2), an integer becomes an int, nothing
becomes a float (https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/datatypes.html#decimal).
Of a property that is written twice the last one is taken, as RFC 8259 lets a reader do: the decoder is in C
and does not report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from bedside.fhir.outcome import Invalid

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_canonical = msgspec.json.Encoder(decimal_format="number", order="deterministic")

_NEWLINE = b"\n"
_POSITION = re.compile(r" \(byte (\d+)\)$")


def _problem(error: Exception, data: bytes | str) -> Invalid:
    """The decoder's complaint in a sentence that says where and why."""
    raw = data if isinstance(data, bytes) else data.encode(errors="replace")
    text = str(error)
    offset: int | None = None
    if isinstance(error, RecursionError):
        return Invalid("The JSON is nested too deeply to be a resource.", code="too-long")
    if isinstance(error, UnicodeError):
        text = "a string in it is not UTF-8"
    elif isinstance(error, ArithmeticError):
        text = "the exponent of a number in it is out of range"
    elif match := _POSITION.search(text):
        text, offset = text[: match.start()].removeprefix("JSON is malformed: "), int(match[1])
    else:
        text = "it ends too early, or inside a character escape"
    where = "" if offset is None else f" at byte {offset} (line {raw.count(_NEWLINE, 0, offset) + 1})"
    return Invalid(f"This is not valid JSON{where}: {text}.", code="structure")


def decode(data: bytes | str) -> Any:
    """JSON text (UTF-8) to dict, list, str, int, Decimal, bool or None.

    Raises `Invalid` (HTTP 400) with the byte offset and line of the first fault, also for nesting so deep that
    it would exhaust the stack and for bytes that are not UTF-8.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ArithmeticError, ValueError) as error:
        raise _problem(error, data) from None


def decode_object(data: bytes | str) -> dict[str, Any]:
    """Like `decode`, for text that must be one JSON object; `Invalid` when it is something else."""
    found = decode(data)
    if not isinstance(found, dict):
        raise Invalid("A resource is a JSON object; this is not one.", code="structure")
    return found


def decode_lines(data: bytes) -> Iterator[Any]:
    """The values of newline-delimited JSON (application/fhir+ndjson); blank lines are skipped.

    Raises `Invalid` at the first line that is not JSON, when the iteration reaches it.
    """
    start, size = 0, len(data)
    while start < size:
        end = data.find(b"\n", start)
        end = size if end < 0 else end
        line = data[start:end].strip()
        if line:
            yield decode(line)
        start = end + 1


def encode(value: Any) -> bytes:
    """The value as compact UTF-8 JSON; a Decimal is written with the digits it has.

    Raises `Invalid` when the value is nested too deeply.
    """
    try:
        return _encoder.encode(value)
    except RecursionError as error:
        raise _problem(error, b"") from None


def encode_canonical(value: Any) -> bytes:
    """Like `encode`, with the keys of every object sorted: equal values give equal bytes, and 7.2 is not 7.20."""
    return _canonical.encode(value)


def encode_pretty(value: Any) -> bytes:
    """The value as JSON for people: two spaces of indentation (`_pretty=true`)."""
    return msgspec.json.format(encode(value), indent=2)
