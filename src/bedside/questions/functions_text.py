"""Strings (FHIRPath N1, 5.6; encode to unescape, trim, split, join and matchesFull: FHIRPath 3.0).

Regular expressions are Perl's as far as Python's `re` has them, with the dot matching line breaks too. `matches` looks
for the pattern anywhere, `matchesFull` wants the whole string. A pattern that is none is an error.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from functools import lru_cache

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, expecting, function, many, one, scalar
from bedside.questions.compiler import Compiler
from bedside.questions.data import MAX_TEXT, Item, bounded
from bedside.questions.errors import EvaluationError

_TEXT = ("String",)
_INTEGER = ("Integer",)


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """The compiled regular expression; EvaluationError when it is none."""
    try:
        return re.compile(text, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise EvaluationError(f"{text!r} is not a regular expression: {error}") from None


@scalar("indexOf", _TEXT, (_TEXT,), result="Integer")
def index_of(text: str, part: str) -> int:
    return text.find(part)


@scalar("lastIndexOf", _TEXT, (_TEXT,), result="Integer")
def last_index_of(text: str, part: str) -> int:
    return text.rfind(part)


@scalar("substring", _TEXT, (_INTEGER, _INTEGER), result="String", optional=1)
def substring(text: str, start: int, length: int | None = None) -> str | None:
    """Empty when it starts outside the string; a length that is too great takes the rest."""
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + max(length, 0)]


@scalar("startsWith", _TEXT, (_TEXT,), result="Boolean")
def starts_with(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


@scalar("endsWith", _TEXT, (_TEXT,), result="Boolean")
def ends_with(text: str, suffix: str) -> bool:
    return text.endswith(suffix)


@scalar("contains", _TEXT, (_TEXT,), result="Boolean")
def contains(text: str, part: str) -> bool:
    return part in text


@scalar("upper", _TEXT, result="String")
def upper(text: str) -> str:
    return text.upper()


@scalar("lower", _TEXT, result="String")
def lower(text: str) -> str:
    return text.lower()


@scalar("trim", _TEXT, result="String")
def trim(text: str) -> str:
    return text.strip()


@scalar("length", _TEXT, result="Integer")
def length(text: str) -> int:
    return len(text)


@scalar("replace", _TEXT, (_TEXT, _TEXT), result="String")
def replace(text: str, part: str, by: str) -> str:
    """An empty part stands around every character: 'abc' becomes 'xaxbxcx'."""
    # Foreseen and not only noticed: the result could fill the memory.
    if len(text) + (text.count(part) if part else len(text) + 1) * len(by) > MAX_TEXT:
        raise EvaluationError(f"replace() makes more than {MAX_TEXT} characters")
    return text.replace(part, by)


@scalar("matches", _TEXT, (_TEXT,), result="Boolean")
def matches(text: str, regex: str) -> bool:
    return pattern(regex).search(text) is not None


@scalar("matchesFull", _TEXT, (_TEXT,), result="Boolean")
def matches_full(text: str, regex: str) -> bool:
    return pattern(regex).fullmatch(text) is not None


_GROUP = re.compile(r"\$(?:(\d{1,2})|\{(\w+)\})|(\\)")


@scalar("replaceMatches", _TEXT, (_TEXT, _TEXT), result="String")
def replace_matches(text: str, regex: str, by: str) -> str:
    """`$1` and `${name}` in the replacement are groups of the match. An empty pattern changes nothing."""
    if not regex:
        return text
    template = _GROUP.sub(lambda m: r"\\" if m[3] else rf"\g<{m[1] or m[2]}>", by)
    try:
        replaced = pattern(regex).sub(template, text)
    except (re.error, IndexError) as error:
        raise EvaluationError(f"{by!r} does not go with the pattern {regex!r}: {error}") from None
    return bounded(replaced, "replaceMatches()")


@function("toChars", accepts=_TEXT, result="String", yields_many=True)
def _to_chars(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, text = one(source), expecting(_TEXT, "toChars()")
    return Code(Kind.MANY, lambda this, frame: list(text(given(this, frame)) or ""))


@function("split", 1, accepts=_TEXT, result="String", yields_many=True)
def _split(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, separator = one(source), one(compiler.compile(call.operand[0]))
    text, between = expecting(_TEXT, "split()"), expecting(_TEXT, "argument 1 of split()")

    def run(this: Item | None, frame: Frame) -> list[str]:
        value, mark = text(given(this, frame)), between(separator(this, frame))
        if value is None or mark is None:
            return []
        return value.split(mark) if mark else list(value)

    return Code(Kind.MANY, run)


@function("join", 0, 1, accepts=_TEXT, result="String")
def _join(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)
    separator = one(compiler.compile(call.operand[0])) if call.operand else None
    text, between = expecting(_TEXT, "join()"), expecting(_TEXT, "argument 1 of join()")

    def run(this: Item | None, frame: Frame) -> str | None:
        mark = between(separator(this, frame)) if separator else ""
        parts = [text(item) for item in given(this, frame)]
        return None if mark is None or not parts else mark.join(part for part in parts if part is not None)

    return Code(Kind.ONE, run)


def _unknown(what: str, name: str, known: str) -> EvaluationError:
    return EvaluationError(f"there is no {what} {name!r}", expected=known)


@scalar("encode", _TEXT, (_TEXT,), result="String")
def encode(text: str, form: str) -> str:
    data = text.encode()
    match form:
        case "base64":
            return base64.b64encode(data).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(data).decode()
        case "hex":
            return data.hex()
    raise _unknown("encoding", form, "'base64', 'urlbase64' or 'hex'")


@scalar("decode", _TEXT, (_TEXT,), result="String")
def decode(text: str, form: str) -> str | None:
    """Empty for what is not encoded that way."""
    try:
        match form:
            case "base64":
                return base64.b64decode(text, validate=True).decode()
            case "urlbase64":
                return base64.b64decode(text, altchars=b"-_", validate=True).decode()
            case "hex":
                return bytes.fromhex(text).decode()
    except (binascii.Error, ValueError):
        return None
    raise _unknown("encoding", form, "'base64', 'urlbase64' or 'hex'")


@scalar("escape", _TEXT, (_TEXT,), result="String")
def escape(text: str, form: str) -> str:
    match form:
        case "html":
            return html.escape(text)
        case "json":
            return json.dumps(text, ensure_ascii=False)[1:-1]
    raise _unknown("way of escaping", form, "'html' or 'json'")


@scalar("unescape", _TEXT, (_TEXT,), result="String")
def unescape(text: str, form: str) -> str | None:
    """Empty for JSON escapes that are none."""
    match form:
        case "html":
            return html.unescape(text)
        case "json":
            try:
                return str(json.loads('"' + re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', text) + '"', strict=False))
            except ValueError:
                return None
    raise _unknown("way of escaping", form, "'html' or 'json'")
