"""Text to tokens, for FHIRPath and CQL alike.

Words are not sorted into keywords and names here: `contains`, `in`, `as` and `is` are operators in one place and
element names in another, and only the parser knows in which place it is.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from bedside.questions.errors import ParseError, Span

MAX_LENGTH = 200_000
"""Longest source text that is read, in characters. The longest expression of R4 has some 2,000."""


class Kind(Enum):
    """What a token is. DELIMITED is a name in backticks, QUOTED one in double quotes (CQL), both without them."""

    NAME = auto()
    DELIMITED = auto()
    QUOTED = auto()
    STRING = auto()
    NUMBER = auto()
    DATE = auto()
    DATETIME = auto()
    TIME = auto()
    VARIABLE = auto()
    SYMBOL = auto()
    END = auto()


class Token(NamedTuple):
    """One token; `text` is the value for names and strings (escapes resolved), else the text as written."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def __str__(self) -> str:
        match self.kind:
            case Kind.END:
                return "the end"
            case Kind.STRING:
                return f"the string '{self.text}'"
            case Kind.DELIMITED:
                return f"`{self.text}`"
            case _:
                return f"'{self.text}'"


_TOKEN = re.compile(
    r"""
      (?P<space>    [ \t\r\n]+ | //[^\r\n]* | /\*(?:[^*]|\*(?!/))*+\*/ )
    | (?P<NAME>     [A-Za-z_][A-Za-z0-9_]* )
    | (?P<NUMBER>   [0-9]+(?:\.[0-9]+)? )
    | (?P<TIME>     @T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)? )
    | (?P<DATETIME> @[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?T
                    (?:[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)? )
    | (?P<DATE>     @[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)? )
    | (?P<STRING>   '(?:[^'\\]|\\.)*+' )
    | (?P<DELIMITED> `(?:[^`\\]|\\.)*+` )
    | (?P<QUOTED>   "(?:[^"\\]|\\.)*+" )
    | (?P<VARIABLE> \$[A-Za-z]+ )
    | (?P<SYMBOL>   <= | >= | != | !~ | /(?!\*) | [-+*&|<>=~().,\[\]{}%] )
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROL = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_UNFINISHED = {
    "'": "this string has no closing quote",
    "`": "this name has no closing backtick",
    '"': "this name has no closing double quote",
    "/": "this comment is not closed",
    "@": "this is not a date, a dateTime or a time",
    "$": "a variable is $this, $index or $total",
    "!": "'!' stands only in != and !~",
}


def unescape(text: str) -> str:
    """Resolve the escapes of a string or delimited name (FHIRPath N1, 4.1.2).

    A backslash before a character that needs none is dropped.
    """
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_unescape_one, text)
    # Characters beyond U+FFFF are written as two escapes, which are one character only together.
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def _unescape_one(match: re.Match[str]) -> str:
    code, char = match.groups()
    return chr(int(code, 16)) if code else _CONTROL.get(char, char)


def tokenize(source: str) -> list[Token]:
    """All tokens of a text, ending with one of kind END.

    Raises ParseError at the first character that starts no token.
    """
    if len(source) > MAX_LENGTH:
        raise ParseError(f"the text has {len(source)} characters; at most {MAX_LENGTH} are read", source=source)
    tokens: list[Token] = []
    position, end = 0, len(source)
    match_at = _TOKEN.match
    kinds = Kind.__members__
    while position < end:
        match = match_at(source, position)
        if match is None:
            char = source[position]
            problem = _UNFINISHED.get(char, f"the character {char!r} has no meaning here")
            raise ParseError(problem, source=source, span=Span(position, position + 1))
        start, position = position, match.end()
        name = match.lastgroup
        assert name is not None
        if name == "space":
            continue
        kind = kinds[name]
        text = match.group()
        if kind in (Kind.STRING, Kind.DELIMITED, Kind.QUOTED):
            try:
                text = unescape(text[1:-1])
            except UnicodeDecodeError:
                problem = "an escape stands for half a character"
                raise ParseError(problem, source=source, span=Span(start, position)) from None
        tokens.append(Token(kind, text, start, position))
    tokens.append(Token(Kind.END, "", end, end))
    return tokens
