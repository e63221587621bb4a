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
"""Longest expression that is read, in characters. The longest of R4 has some 2,000."""

MAX_ERRORS = 50
"""How many errors of one text are told before reading it is given up."""


_SHOWN = 60
"""How much of a long token an error message shows."""


class Kind(Enum):
    """What a token is. DELIMITED is a name in backticks, QUOTED one in double quotes (CQL), both without them.

    LONG is an integer with an `L` behind it, which only CQL has.
    """

    NAME = auto()
    DELIMITED = auto()
    QUOTED = auto()
    STRING = auto()
    NUMBER = auto()
    LONG = auto()
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
        text = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN] + "..."
        match self.kind:
            case Kind.END:
                return "the end"
            case Kind.STRING:
                return f"the string '{text}'"
            case Kind.DELIMITED:
                return f"`{text}`"
            case Kind.QUOTED:
                return f'"{text}"'
            case _:
                return f"'{text}'"


_CLOCK = r"[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_DAY = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"

# What stands between tokens, then one token. Quotes and comments that are never closed run to the end of the text, so
# that no character is looked at twice; a character that starts no token is one by itself, so that none is passed over.
_TOKEN = re.compile(
    rf"""
    ( (?: [ \t\r\n]+ | //[^\r\n]* | /\*.*?(?:\*/|\Z) )*+ )
    ( [A-Za-z_][A-Za-z0-9_]*
    | <= | >= | != | !~ | ->
    | '(?:[^'\\]+|\\.?)*+'?
    | "(?:[^"\\]+|\\.?)*+"?
    | `(?:[^`\\]+|\\.?)*+`?
    | [0-9]+(?:\.[0-9]+|L)?
    | @T{_CLOCK}
    | @{_DAY}(?:T(?:{_CLOCK})?{_ZONE}?)?
    | \$[A-Za-z]+
    | . | \Z
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_GAP = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*+", re.DOTALL)
_CLOSED = {quote: re.compile(rf"{quote}(?:[^{quote}\\]+|\\.)*+{quote}", re.DOTALL) for quote in ("'", '"', "`")}

_LINE_END = re.compile(r"[\r\n]|\Z")
_QUOTED = {"'": Kind.STRING, '"': Kind.QUOTED, "`": Kind.DELIMITED}
_RIGHT_BEHIND = frozenset({Kind.NAME, Kind.NUMBER})
_FIRST: dict[str, Kind] = {
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", Kind.NAME),
    **dict.fromkeys("0123456789", Kind.NUMBER),
    **_QUOTED,
}
_SYMBOLS = frozenset("-+*/&|<>=~().,[]{}%^:") | {"<=", ">=", "!=", "!~", "->"}

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROL = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_PROBLEMS = {
    "'": "this string has no closing quote",
    "`": "this name has no closing backtick",
    '"': "this name has no closing double quote",
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


def tokenize(source: str, *, limit: int = MAX_LENGTH, errors: list[ParseError] | None = None) -> list[Token]:
    """All tokens of a text of at most `limit` characters, ending with one of kind END.

    Raises ParseError at the first character that starts no token. With `errors`, such errors are gathered there, and
    reading goes on behind the character, or on the next line where a quote is never closed.
    """
    if len(source) > limit:
        raise ParseError(f"the text has {len(source)} characters; at most {limit} are read", source=source)
    tokens: list[Token] = []
    position = 0
    while (rest := _read(source, position, tokens, errors)) is not None:
        position = rest
    return tokens


def _read(source: str, position: int, tokens: list[Token], errors: list[ParseError] | None) -> int | None:
    """Append the tokens from a position on. Gives the place to go on from after a quote that is never closed."""
    end = position
    gap_start = end
    first_token = len(tokens)
    append = tokens.append
    new = tuple.__new__
    first = _FIRST.get
    name_kind, symbol_kind, number_kind = Kind.NAME, Kind.SYMBOL, Kind.NUMBER
    for gap, text in _TOKEN.findall(source, position):
        gap_start = end
        start = end + len(gap)
        end = start + len(text)
        kind = first(text[:1])
        if kind is name_kind:
            append(new(Token, (name_kind, text, start, end)))
        elif text in _SYMBOLS:
            append(new(Token, (symbol_kind, text, start, end)))
        elif kind is number_kind:
            append(new(Token, (Kind.LONG if text[-1] == "L" else number_kind, text, start, end)))
        elif kind is not None:
            if end == len(source) and not _CLOSED[text[0]].fullmatch(text):
                return _unclosed(source, start, tokens, first_token, errors)
            try:
                value = unescape(text[1:-1])
            except UnicodeDecodeError:
                _problem("an escape stands for half a character", source, Span(start, end), errors)
                value = text[1:-1]
            append(new(Token, (kind, value, start, end)))
        elif len(text) > 1:
            kind = Kind.VARIABLE if text[0] == "$" else _temporal_kind(text)
            append(new(Token, (kind, text, start, end)))
        elif text:
            problem = _PROBLEMS.get(text, f"the character {text!r} has no meaning here")
            _problem(problem, source, Span(start, end), errors)
        else:
            break
    closed = _GAP.match(source, gap_start)
    assert closed is not None
    if closed.end() < end:
        place = closed.end()
        _problem("this comment is not closed", source, Span(place, place + 2), errors)
    append(Token(Kind.END, "", end, end))
    return None


def _unclosed(source: str, start: int, tokens: list[Token], first: int, errors: list[ParseError] | None) -> int:
    """Tell of a quote that is never closed, and give the place to go on from: the next line.

    Such a quote often takes the opening quote of a later string for its own closing one, and so on to the last quote of
    the text. A string over several lines with a word right behind it is where that began.
    """
    if errors is not None:
        for at in range(first, len(tokens) - 1):
            token, following = tokens[at], tokens[at + 1]
            if token.kind in _QUOTED.values() and token.end == following.start and following.kind in _RIGHT_BEHIND:
                line_end = _LINE_END.search(source, token.start)
                assert line_end is not None
                if line_end.start() < token.end:
                    start = token.start
                    del tokens[at:]
                    break
    _problem(_PROBLEMS[source[start]], source, Span(start, start + 1), errors)
    line_end = _LINE_END.search(source, start)
    assert line_end is not None
    return line_end.start()


def _temporal_kind(text: str) -> Kind:
    if text[1] == "T":
        return Kind.TIME
    return Kind.DATETIME if "T" in text else Kind.DATE


def _problem(problem: str, source: str, span: Span, errors: list[ParseError] | None) -> None:
    error = ParseError(problem, source=source, span=span)
    if errors is None or len(errors) >= MAX_ERRORS:
        raise error
    errors.append(error)
