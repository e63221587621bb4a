"""Where the parser is in a CQL text: tokens, their keys, names, and errors that say what was expected.

The key of a token is what the parser decides by: the text of a keyword or a symbol, or one of the marks in `words` for
everything else. So a decision is one look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.closing import mark_closing
from bedside.questions.cql.parser.words import END, KEYWORDS, MEMBERS, NAME, NAMES, PAIRS, REFERENCES, TYPE_NAMES
from bedside.questions.cql.syntax import QualifiedName
from bedside.questions.errors import ParseError, Span, did_you_mean
from bedside.questions.lexer import Kind, Token, tokenize
from bedside.questions.parser import Parser

MAX_LENGTH = 2_000_000
"""Longest library that is read, in characters. The longest of those published have some 100,000."""

_MARKS = {
    Kind.STRING: words.STRING,
    Kind.NUMBER: words.NUMBER,
    Kind.LONG: words.LONG,
    Kind.DATE: words.TEMPORAL,
    Kind.DATETIME: words.TEMPORAL,
    Kind.TIME: words.TEMPORAL,
    Kind.VARIABLE: words.VARIABLE,
    Kind.END: END,
}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")

Item = TypeVar("Item")


def keys_of(tokens: list[Token]) -> list[str]:
    """The key of each token."""
    word = {each: each for each in (*KEYWORDS, *PAIRS)}.get
    name, symbol = Kind.NAME, Kind.SYMBOL
    keys = [
        word(text, NAME) if kind is name else text if kind is symbol else _MARKS.get(kind, NAME)
        for kind, text, _, _ in tokens
    ]
    for first in PAIRS:
        if first in keys:
            _drop_lone(keys, tokens, first)
    if "properly" in keys:
        for at, key in enumerate(keys):
            if key == "properly" and keys[at + 1] == "between":
                keys[at] = words.PROPERLY_BETWEEN
    keys += (END, END)  # so that two keys ahead can always be looked at
    mark_closing(keys)
    return keys


def _drop_lone(keys: list[str], tokens: list[Token], first: str) -> None:
    """The first word of a pair is a plain name where the second does not follow."""
    for at, key in enumerate(keys):
        if key == first:
            following = tokens[at + 1]
            if following.kind is not Kind.NAME or following.text != PAIRS[first]:
                keys[at] = NAME


class Cursor(Parser):
    """FHIRPath's cursor over the tokens of one text, with the keys of the tokens beside them."""

    def __init__(self, source: str, errors: list[ParseError] | None = None) -> None:
        self.source = source
        self.tokens = tokenize(source, limit=MAX_LENGTH, errors=errors)
        self.keys = keys_of(self.tokens)
        self.position = 0
        self.depth = 0
        self.high = 0
        self._matches: dict[int, int] | None = None

    @property
    def key(self) -> str:
        return self.keys[self.position]

    def take(self, key: str) -> bool:
        """Pass over the next token if it is this keyword or symbol."""
        if self.keys[self.position] == key:
            self.position += 1
            return True
        return False

    def take_one(self, choices: Collection[str]) -> str | None:
        """Pass over the next token if it is one of these keywords, and say which."""
        key = self.keys[self.position]
        if key in choices:
            self.position += 1
            return key
        return None

    def need(self, key: str, where: str) -> None:
        """Pass over this keyword or symbol, which must come next."""
        if self.keys[self.position] != key:
            raise self.unexpected(where, f"'{key}'", {key})
        self.position += 1

    def need_pair(self, first: str, where: str) -> None:
        """Pass over a keyword of two words."""
        second = PAIRS[first]
        if self.keys[self.position] != first:
            raise self.unexpected(where, f"'{first} {second}'", {first})
        self.position += 2

    def unexpected(self, where: str, expected: str, candidates: Collection[str] = ()) -> ParseError:
        """An error at the next token, which `cannot stand` where it does; `candidates` may have been misspelt there.

        A misspelt keyword is often read as a name before it is noticed, so the token before is looked at as well.
        """
        token = self.peek
        problem = "the text ends too early" if token.kind is Kind.END else f"{token} cannot stand {where}"
        if self.key in words.CLAUSES:
            expected += ", or the clauses of a query in their order: let, with, where, return or aggregate, sort"
        error = self.error(problem, expected=expected)
        for at in (self.position, self.position - 1):
            if at >= 0 and self.tokens[at].kind is Kind.NAME and self.keys[at] in NAMES:
                meant = did_you_mean(self.tokens[at].text, candidates)
                if meant is not None:
                    error.span, error.suggestion = self.tokens[at].span, meant
                    if at < self.position:
                        error.problem = f"{self.tokens[at]} cannot stand here"
                    break
        return error

    def name(self, where: str) -> str:
        """An identifier that is no keyword (`identifier`)."""
        return self._named(NAMES, where)

    def reference(self, where: str) -> str:
        """An identifier, or a keyword that can be one (`referentialIdentifier`)."""
        return self._named(REFERENCES, where)

    def type_name(self, where: str) -> str:
        """A name of a type (`referentialOrTypeNameIdentifier`)."""
        return self._named(REFERENCES | TYPE_NAMES, where)

    def function_name(self, where: str) -> str:
        """A name of a function, which any keyword can be (`identifierOrFunctionIdentifier`)."""
        return self._named(MEMBERS, where)

    def _named(self, allowed: frozenset[str], where: str) -> str:
        if self.keys[self.position] not in allowed:
            token = self.peek
            if token.kind is Kind.NAME and self.keys[self.position] == token.text:
                problem = f"'{token.text}' is a word of the language and no name {where}"
                raise self.error(problem, expected=f'"{token.text}" in double quotes')
            raise self.unexpected(where, "a name")
        token = self.tokens[self.position]
        self.position += 1
        return token.text

    def string(self, where: str) -> str:
        if self.keys[self.position] != words.STRING:
            raise self.unexpected(where, "a string in single quotes")
        self.position += 1
        return self.tokens[self.position - 1].text

    def qualified_name(self, where: str) -> QualifiedName:
        """`name` or `Library.name`."""
        start = self.peek.start
        name = self.name(where)
        library = None
        if self.key == "." and self.keys[self.position + 2] != "(":
            self.position += 1
            library, name = name, self.name("after a dot")
        return QualifiedName(name, library, span=self.span_from(start))

    def listed(self, item: Callable[[], Item]) -> tuple[Item, ...]:
        """One or more items with commas between them."""
        items = [item()]
        while self.take(","):
            items.append(item())
        return tuple(items)

    def span_from(self, start: int) -> Span:
        return Span(start, self.tokens[self.position - 1].end)

    def matching(self, opening: int) -> int | None:
        """Position of the bracket that closes the one at a position; an interval may begin with one kind and end with
        another. All are found at once when the first is asked for."""
        if self._matches is None:
            self._matches = {}
            stack: list[int] = []
            for at, key in enumerate(self.keys):
                if key in _OPENING:
                    stack.append(at)
                elif key in _CLOSING and stack:
                    self._matches[stack.pop()] = at
        return self._matches.get(opening)
