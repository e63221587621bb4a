"""What a value of each primitive type must look like in JSON, and how to say so when it does not.

The patterns are those of the definitions (https://hl7.org/fhir/R4/datatypes.html#primitive), with three
differences that the text of the specification asks for: dates must exist in the calendar, strings hold no
control characters but tab, line feed and carriage return and at most 1,048,576 characters, and base64 comes in
whole groups of four.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NamedTuple

from bedside.fhir import dates
from bedside.fhir.definitions import type_definition

MAX_STRING = 1_048_576
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BLANKS = re.compile(r"[ \t\r\n]+")
_BASE64 = re.compile(r"[0-9A-Za-z+/]+={0,2}")
_DIV = re.compile(r"\s*<div(?:\s[^>]*)?(?:/>|>.*</div>)\s*", re.DOTALL)
# Narrative may hold none of these (https://hl7.org/fhir/R4/narrative.html#xhtml).
_ACTIVE = re.compile(
    r"<(?:script|iframe|frame|frameset|object|embed|applet|form|base|link|head|body|meta)[\s/>]", re.IGNORECASE
)

Test = Callable[[Any], Any]


class Format(NamedTuple):
    """How one primitive type is written in JSON."""

    json: Literal["string", "number", "boolean"]
    test: Test
    """Takes a value of any class; truthy when it is a legal value of the type. Never raises."""
    hint: str
    """Completes "is not a ...": what to write instead."""
    repeats: bool
    """True when the same values recur in many resources, so that remembering them pays."""


def is_clean(text: str) -> bool:
    """True for a string that is not empty, not too long and free of control characters."""
    return 0 < len(text) <= MAX_STRING and not _CONTROL.search(text)


def _text(test: Callable[[str], Any] | None = None) -> Test:
    """A test for strings: clean, and whatever `test` says."""
    if test is None:
        return lambda value: value.__class__ is str and is_clean(value)
    return lambda value: value.__class__ is str and is_clean(value) and test(value)


def _pattern(name: str) -> Test:
    """The pattern of the definitions; ASCII, since XML Schema's `\\s` knows no other blanks."""
    return _text(re.compile(type_definition(name).regex or "", re.ASCII).fullmatch)


def _date(test: Callable[[str], bool]) -> Test:
    return lambda value: value.__class__ is str and test(value)


def _integer(low: int) -> Test:
    return lambda value: value.__class__ is int and low <= value <= 2_147_483_647


def _decimal(value: Any) -> bool:
    return value.__class__ is int or (value.__class__ is Decimal and value.is_finite())


def _base64(value: Any) -> bool:
    if value.__class__ is not str:
        return False
    if not _BASE64.fullmatch(value):  # perhaps because it is broken into lines
        value = _BLANKS.sub("", value)
    return len(value) % 4 == 0 and _BASE64.fullmatch(value) is not None


def _xhtml(value: Any) -> bool:
    if value.__class__ is not str or _CONTROL.search(value):
        return False
    return _DIV.fullmatch(value) is not None and not _ACTIVE.search(value)


@cache
def formats() -> dict[str, Format]:
    """Every primitive type of R4 with its format."""
    uri = "a URI without blanks"
    whole = "a whole number from {} to 2147483647"
    return {
        "base64Binary": Format("string", _base64, "base64 in groups of four characters", False),
        "boolean": Format("boolean", lambda v: v.__class__ is bool, "true or false", False),
        "canonical": Format("string", _pattern("canonical"), uri, True),
        "code": Format("string", _pattern("code"), "a code without blanks at its ends or doubled", True),
        "date": Format("string", _date(dates.is_date), "YYYY-MM-DD, YYYY-MM or YYYY", True),
        "dateTime": Format(
            "string",
            _date(dates.is_datetime),
            "YYYY-MM-DD, YYYY-MM, YYYY, or YYYY-MM-DDThh:mm:ss with a zone (Z or +hh:mm)",
            True,
        ),
        "decimal": Format("number", _decimal, "a number", False),
        "id": Format("string", _pattern("id"), "1 to 64 letters, digits, '-' or '.'", False),
        "instant": Format(
            "string",
            _date(dates.is_instant),
            "YYYY-MM-DDThh:mm:ss with a zone (Z or +hh:mm)",
            True,
        ),
        "integer": Format("number", _integer(-2_147_483_648), whole.format(-2147483648), False),
        "markdown": Format("string", _text(), "text", True),
        "oid": Format("string", _pattern("oid"), "an OID such as urn:oid:1.2.3", True),
        "positiveInt": Format("number", _integer(1), whole.format(1), False),
        "string": Format("string", _text(), "text", True),
        "time": Format("string", _date(dates.is_time), "hh:mm:ss without a zone", True),
        "unsignedInt": Format("number", _integer(0), whole.format(0), False),
        "uri": Format("string", _pattern("uri"), uri, True),
        "url": Format("string", _pattern("url"), uri, True),
        "uuid": Format("string", _pattern("uuid"), "a UUID such as urn:uuid: and 36 lower-case characters", True),
        "xhtml": Format("string", _xhtml, "XHTML: one <div> element without scripts, forms, frames or links", False),
    }


def complaint(name: str, value: Any) -> tuple[Literal["structure", "value", "too-long"], str]:
    """Why `value` is not a legal primitive of type `name`: an issue code, and the end of a sentence.

    The sentence begins with the element's name: "birthDate '12-03-1951' is not a date; write YYYY-MM-DD".
    """
    form = formats()[name]
    wanted = {"string": "a string", "number": "a number", "boolean": "true or false"}[form.json]
    right_class = {
        "string": isinstance(value, str),
        "number": isinstance(value, int | Decimal) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
    }[form.json]
    if not right_class:
        return "structure", f"must be {wanted} in JSON, not {json_kind(value)}"
    if value == "":
        return "value", "is empty; leave the element out instead"
    if isinstance(value, str) and len(value) > MAX_STRING and name != "base64Binary":
        return "too-long", f"has {len(value):,} characters; {MAX_STRING:,} are allowed"
    if isinstance(value, str) and _CONTROL.search(value):
        return "value", "contains a control character; only tab, line feed and carriage return may be used"
    article = "an" if name[0] in "aeiox" else "a"
    return "value", f"{quoted(value)} is not {article} {name}; write {form.hint}"


def json_kind(value: Any) -> str:
    """What JSON calls the value: an object, an array, a string ..."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float):
        return "a binary floating-point number"
    for kind, name in ((dict, "an object"), (list, "an array"), (str, "a string"), (int | Decimal, "a number")):
        if isinstance(value, kind):
            return name
    return type(value).__name__


def quoted(value: Any) -> str:
    """A value in a sentence, shortened."""
    text = str(value)
    return f"'{text[:60]}...'" if len(text) > 63 else f"'{text}'"
