"""The words of the Expression Constraint Language (ECL 2.2, https://docs.snomed.org, brief and long syntax)."""

from __future__ import annotations

import re
from typing import NamedTuple

from bedside.terms.ecl.errors import EclError

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|/\*.*?\*/)
    |(?P<term>\|[^|]*\|)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<number>\#[+-]?\d+(?:\.\d+)?)
    |(?P<identifier>[A-Za-z][\w-]*\#[\w.-]+)
    |(?P<word>[A-Za-z][\w-]*)
    |(?P<digits>\d+)
    |(?P<symbol>!!>|!!<|<<!|>>!|<<|>>|<=|>=|<!|>!|!=|<|>|\.\.|\{\{|\}\}|[\^*()\[\]{}:,.=+])""",
    re.VERBOSE | re.DOTALL,
)
_LONGEST = 20_000

OPERATORS = {
    "descendantof": "<",
    "descendantorselfof": "<<",
    "childof": "<!",
    "childorselfof": "<<!",
    "ancestorof": ">",
    "ancestororselfof": ">>",
    "parentof": ">!",
    "parentorselfof": ">>!",
    "memberof": "^",
    "top": "!!>",
    "bottom": "!!<",
}
"""The operators of the long syntax."""


class Token(NamedTuple):
    """`kind` is the name of a group of the pattern above, or `end`."""

    kind: str
    text: str
    at: int


def tokens(source: str) -> list[Token]:
    """All tokens, with one of kind `end` behind them. Raises EclError for what is none."""
    if len(source) > _LONGEST:
        raise EclError(f"it has more than {_LONGEST:,} characters", _LONGEST)
    found = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            what = {'"': "a text is not closed", "|": "a term is not closed"}.get(source[at])
            raise EclError(what or f"{source[at]!r} means nothing here", at)
        kind = match.lastgroup or ""
        text = match[0]
        if kind == "word" and text.lower() in OPERATORS:
            kind, text = "symbol", OPERATORS[text.lower()]
        if kind != "space":
            found.append(Token(kind, text, at))
        at = match.end()
    found.append(Token("end", "", at))
    return found
