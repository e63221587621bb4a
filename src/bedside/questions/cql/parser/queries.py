"""Retrieves and queries: `[Type: codes] A with ... such that ... where ... return ... sort by ...`.

CQL 1.5.3, 02 "Queries".
"""

from __future__ import annotations

from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.operators import TERM, Operators
from bedside.questions.cql.parser.words import NAMES, REFERENCES
from bedside.questions.tree import IdentifierRef, Node, Property

_DISTINCT = {"all": False, "distinct": True}
_DIRECTIONS = {"asc": False, "ascending": False, "desc": True, "descending": True}
_COMPARATORS = frozenset({"in", "=", "~"})
_LONGEST_PATH = 200
"""How many names are looked at ahead, so that looking ahead costs little whatever is there."""

_NO_TERMS = frozenset({"[", "from", "not", "exists", "cast"})


class Queries(Operators):
    """What is asked of data: retrieves, and queries over any sources."""

    def retrieve(self) -> Node:
        """`[context -> Type: path comparator terminology]`."""
        start = self.advance().start
        context = self._context()
        of_type = self.named_type("where the type of a retrieve is named")
        code_path = comparator = terminology = None
        if self.take(":"):
            length = self._code_path_length()
            if length:
                code_path = self._code_path(length)
                comparator = self.advance().text
            terminology = self.expression(0)
        self.need("]", "in a retrieve")
        return syntax.Retrieve(of_type, context, code_path, comparator, terminology, span=self.span_from(start))

    def _context(self) -> Node | None:
        """The names before `->`, if there is one."""
        at = self._path_end(self.position)
        if at is None or self.keys[at] != "->":
            return None
        start = self.peek.start
        node: Node = IdentifierRef(self.reference("before '->'"), span=self.span_from(start))
        while self.take("."):
            node = Property(node, self.reference("before '->'"), span=self.span_from(start))
        self.position += 1
        return node

    def _path_end(self, at: int) -> int | None:
        """Position behind names with dots between them, or None where there are none."""
        keys = self.keys
        for _ in range(_LONGEST_PATH):
            if keys[at] not in REFERENCES:
                break
            at += 1
            if keys[at] != ".":
                return at
            at += 1
        return None

    def _code_path_length(self) -> int:
        """Number of tokens of a path of codes, 0 when what follows the colon is the terminology itself."""
        keys, at = self.keys, self.position
        while keys[at] in REFERENCES:
            at += 1
            while keys[at] == "[" and keys[at + 1] in (words.STRING, words.NUMBER) and keys[at + 2] == "]":
                at += 3
            if keys[at] in _COMPARATORS:
                membership = keys[at] == "in" and keys[at + 1] in words.PRECISIONS and keys[at + 2] == "of"
                return 0 if membership else at - self.position
            if keys[at] != ".":
                return 0
            at += 1
        return 0

    def _code_path(self, length: int) -> str:
        """The path as text; a string in brackets keeps its quotes."""
        parts = []
        for token, key in zip(self.tokens[self.position :][:length], self.keys[self.position :][:length], strict=True):
            parts.append(repr(token.text) if key == words.STRING else token.text)
        self.position += length
        return "".join(parts)

    def query_from(self) -> Node:
        """A query that begins with `from`."""
        start = self.advance().start
        return self._query([self.aliased_source()], start, from_keyword=True)

    def query(self, left: Node, start: int) -> Node:
        """A query without `from`: at the alias behind its first source."""
        offset = self.tokens[start].start
        if not self._can_be_source(left, start):
            problem = f"{self.peek} cannot follow a complete expression"
            expected = "an operator or the end (what is queried is a name, a retrieve or in parentheses)"
            error = self.unexpected("after a complete expression", expected, words.KEYWORDS)
            if error.suggestion is None:
                error.problem = problem
            raise error
        alias = self.advance()
        source = syntax.AliasedSource(left, alias.text, span=self.span_from(offset))
        return self._query([source], offset, from_keyword=False)

    def _can_be_source(self, left: Node, start: int) -> bool:
        if isinstance(left, syntax.Retrieve) or self.closed == (start, self.position):
            return True
        return self.path(left, start) is not None

    def aliased_source(self) -> syntax.AliasedSource:
        """`source alias`, where the source is a retrieve, a name, or an expression in parentheses."""
        start = self.peek.start
        source: Node
        match self.key:
            case "[":
                source = self.retrieve()
            case "(":
                source = self.parentheses()
            case _:
                source = IdentifierRef(self.reference("where a query has its source"), span=self.span_from(start))
                while self.take("."):
                    source = Property(source, self.reference("after a dot"), span=self.span_from(start))
        alias = self.name("where a source of a query needs an alias")
        return syntax.AliasedSource(source, alias, span=self.span_from(start))

    def _source_follows(self) -> bool:
        """Whether a further source comes behind the comma, rather than the next argument or element."""
        at = self.position + 1
        if self.keys[at] in ("[", "("):
            closing = self.matching(at)
            return closing is not None and self.keys[closing + 1] == words.NAME
        end = self._path_end(at)
        return end is not None and self.keys[end] == words.NAME

    def _query(self, sources: list[syntax.AliasedSource], start: int, *, from_keyword: bool) -> Node:
        while self.key == "," and self._source_follows():
            self.position += 1
            sources.append(self.aliased_source())
        lets = self._lets() if self.take("let") else ()
        relationships: list[syntax.Relationship] = []
        while self.key in ("with", "without"):
            relationships.append(self._relationship())
        where = self.expression(0) if self.take("where") else None
        returns = aggregate = None
        if self.key == "return":
            returns = self._returns()
        elif self.key == "aggregate":
            aggregate = self._aggregate()
        sort = self._sort() if self.take("sort") else ()
        return syntax.Query(
            tuple(sources),
            lets,
            tuple(relationships),
            where,
            returns,
            aggregate,
            sort,
            from_keyword,
            span=self.span_from(start),
        )

    def _lets(self) -> tuple[syntax.Let, ...]:
        lets = [self._let()]
        while self.key == "," and self.keys[self.position + 1] in NAMES and self.keys[self.position + 2] == ":":
            self.position += 1
            lets.append(self._let())
        return tuple(lets)

    def _let(self) -> syntax.Let:
        start = self.peek.start
        name = self.name("after 'let'")
        self.need(":", "after the name of a 'let'")
        return syntax.Let(name, self.expression(0), span=self.span_from(start))

    def _relationship(self) -> syntax.Relationship:
        token = self.advance()
        source = self.aliased_source()
        self.need_pair("such", f"after the source of '{token.text}'")
        such_that = self.expression(0)
        return syntax.Relationship(source, such_that, token.text == "without", span=self.span_from(token.start))

    def _returns(self) -> syntax.Return:
        start = self.advance().start
        distinct = self._distinct()
        return syntax.Return(self.expression(0), distinct, span=self.span_from(start))

    def _distinct(self) -> bool | None:
        word = self.take_one(_DISTINCT)
        return None if word is None else _DISTINCT[word]

    def _aggregate(self) -> syntax.Aggregate:
        start = self.advance().start
        distinct = self._distinct()
        name = self.name("after 'aggregate'")
        starting = self._starting() if self.take("starting") else None
        self.need(":", "before the expression of 'aggregate'")
        expression = self.expression(0)
        return syntax.Aggregate(name, expression, starting, distinct, span=self.span_from(start))

    def _starting(self) -> Node:
        """A string, a number, a quantity, or anything in parentheses."""
        match self.key:
            case words.STRING:
                return self.text()
            case words.NUMBER:
                token = self.peek
                following = self.keys[self.position + 1]
                if following in words.QUANTITY_UNITS:
                    return self.quantity()
                self.position += 1
                return self.plain_number(token)
            case "(":
                return self.parentheses()
        raise self.unexpected("after 'starting'", "a number, a string, a quantity or an expression in parentheses")

    def _sort(self) -> tuple[syntax.SortBy, ...]:
        token = self.peek
        direction = self.take_one(_DIRECTIONS)
        if direction is not None:
            return (syntax.SortBy(None, _DIRECTIONS[direction], span=token.span),)
        if not self.take("by"):
            raise self.unexpected("after 'sort'", "'by', 'asc' or 'desc'", ("by", *_DIRECTIONS))
        items = [self._sort_item()]
        while self.key == "," and self._sort_item_follows():
            self.position += 1
            items.append(self._sort_item())
        return tuple(items)

    def _sort_item(self) -> syntax.SortBy:
        start = self.peek.start
        expression = self.expression(TERM)
        direction = self.take_one(_DIRECTIONS)
        descending = direction is not None and _DIRECTIONS[direction]
        return syntax.SortBy(expression, descending, span=self.span_from(start))

    def _sort_item_follows(self) -> bool:
        """Whether another item comes behind the comma, rather than the next argument or element."""
        key = self.keys[self.position + 1]
        if key in NAMES and self.keys[self.position + 2] == ":":
            return False
        return key not in _NO_TERMS and not self._source_follows()
