"""Libraries: definitions one after the other, and how to go on behind one that is wrong (CQL 1.5.3, 02 "Libraries").

A library is read to its end whatever is in it. What is wrong with one definition is told once, and reading goes on at
the next one, so that an author sees all errors at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.comments import comment_in
from bedside.questions.cql.parser.expressions import Expressions
from bedside.questions.cql.parser.words import NAMES, TYPE_NAMES
from bedside.questions.cql.syntax import LibraryDefinition, QualifiedName
from bedside.questions.errors import NOWHERE, ParseError, did_you_mean
from bedside.questions.lexer import MAX_ERRORS, Kind
from bedside.questions.tree import Node

_ACCESS = {"public": True, "private": False}
_MODIFIERS = ("parameter", "codesystem", "valueset", "code", "concept")
_LISTS = {
    "using": "usings",
    "include": "includes",
    "parameter": "parameters",
    "codesystem": "code_systems",
    "valueset": "value_sets",
    "code": "codes",
    "concept": "concepts",
    "define": "statements",
    "context": "statements",
}
"""The words with which definitions begin, and the lists into which these go."""

_LONGEST_WORD, _MAX_DOUBTS = 15, 1000
_LINE_END = re.compile(r"[\r\n]")
_STATEMENTS = frozenset({"define", "context"})
_WHAT_COMES = "a definition: 'define', 'context', 'parameter', 'using', 'include' or the like"


class LibraryParser(Expressions):
    """A whole library. `errors` gathers all that is wrong with it."""

    def __init__(self, source: str) -> None:
        self.errors: list[ParseError] = []
        try:
            super().__init__(source, self.errors)
        except ParseError as error:
            if not self.errors:
                self.errors.append(error)
            super().__init__("")
        self.lexical = tuple(sorted(error.span.start for error in self.errors))
        self.doubts = 0
        self.lists: dict[str, list[Node]] = {name: [] for name in _LISTS.values()}

    def library(self) -> LibraryDefinition:
        """Read everything; the definitions that are right are in what is given back.

        With `MAX_ERRORS` errors reading ends: such a text is hardly a library.
        """
        name = version = None
        start = self.peek.start
        comment = self.comment()
        if self.key == "library":
            name, version = self._attempt(self._heading) or (None, None)
        else:
            comment = ""
        while self.key != words.END and len(self.errors) < MAX_ERRORS:
            self._definition()
        self.errors.sort(key=lambda error: error.span)
        parts = {name: tuple(items) for name, items in self.lists.items()}
        span = self.span_from(start) if self.position else NOWHERE
        return LibraryDefinition(name=name, version=version, comment=comment, span=span, **parts)  # type: ignore[arg-type]

    def _definition(self) -> None:
        """Read the next definition into its list, or tell what is wrong with it and go to the one after it."""
        start = self.position
        for repair in (True, True, False):
            self.position, self.depth, self.high = start, 0, 0
            try:
                kind, node = self._read(self.comment())
                self._end_of_definition()
            except ParseError as error:
                if repair and self._repair(error):
                    continue
                self._recover(start)
                if self.peek.start < error.span.start and self.key != words.END:
                    # The word that begins the next definition was taken for a name.
                    error = self.error(f"the definition before {self.peek} ends too early")
                self._report(error, start)
            else:
                self.lists[_LISTS[kind]].append(node)
            return

    def _report(self, error: ParseError, start: int) -> None:
        """Keep an error, unless a character that starts no token has been told of in the same definition."""
        first, last = self.tokens[start].start, self.tokens[self.position].start
        if not any(first <= place < last for place in self.lexical):
            self.errors.append(error)

    def _repair(self, error: ParseError) -> bool:
        """Take a misspelt word at the beginning of a line for the definition that was meant, and read once more."""
        if error.suggestion not in _LISTS:
            return False
        for at in (self.position, self.position - 1):
            if at >= 0 and self.tokens[at].start == error.span.start and self._first_of_line(at):
                self.keys[at] = error.suggestion
                self.errors.append(error)
                return True
        return False

    def _recover(self, start: int) -> None:
        """Go to where the next definition begins, looking from behind the word that began the last one."""
        at = start + 1
        while at < len(self.tokens) - 1 and not self._begins_definition(at):
            at += 1
        self.position = min(at, len(self.tokens) - 1)

    def _begins_definition(self, at: int) -> bool:
        """Whether a definition begins at a token, as far as can be told when what is before it is wrong.

        All these words but `define` are common names, so they count only at the beginning of a line.
        """
        keys = self.keys
        first = self._first_of_line(at)
        if keys[at] in _ACCESS and first and keys[at + 1] in _MODIFIERS:
            return True
        if keys[at] not in _LISTS:
            return first and keys[at] == words.NAME and keys[at + 1] == words.NAME and self._is_misspelt(at)
        if keys[at] == "define":
            return first or keys[at + 2] == ":" or keys[at + 1] in ("function", "fluent")
        return first and keys[at + 1] in NAMES and (at == 0 or keys[at - 1] not in _ACCESS)

    def _is_misspelt(self, at: int) -> bool:
        """Whether a word looks like one that begins definitions. Asked a thousand times at most, for it takes long."""
        token = self.tokens[at]
        if token.kind is not Kind.NAME or len(token.text) > _LONGEST_WORD or self.doubts >= _MAX_DOUBTS:
            return False
        self.doubts += 1
        return did_you_mean(token.text, _LISTS) is not None

    def _first_of_line(self, at: int) -> bool:
        return at == 0 or _LINE_END.search(self.source, self.tokens[at - 1].end, self.tokens[at].start) is not None

    def _end_of_definition(self) -> None:
        if self.key not in _LISTS and self.key not in _ACCESS and self.key not in ("library", words.END):
            raise self.unexpected("after a complete definition", "an operator or the next definition", words.KEYWORDS)

    def _read(self, comment: str) -> tuple[str, Node]:
        """One definition and the word that says what it defines."""
        start = self.peek.start
        access = self.take_one(_ACCESS)
        kind = self.key
        if kind not in _LISTS:
            if kind == "library":
                raise self.error("'library' stands only once, at the beginning of a library")
            raise self.unexpected("where a definition begins", _WHAT_COMES, (*_LISTS, *_ACCESS))
        if access is not None and kind not in _MODIFIERS:
            expected = f"'define {access}'" if kind == "define" else None
            raise self.error(f"'{access}' cannot stand before '{kind}'", expected=expected)
        if kind not in _STATEMENTS and self.lists["statements"]:
            self.errors.append(self.error(f"'{kind}' stands before every context, expression and function"))
        self.position += 1
        node = _READERS[kind](self)
        span = self.span_from(start)
        if isinstance(node, syntax.Definition):
            public = node.public if access is None else _ACCESS[access]
            return kind, replace(node, span=span, comment=comment, public=public)
        return kind, replace(node, span=span)

    def _heading(self) -> tuple[str, str | None]:
        self.need("library", "at the beginning of a library")
        return self._dotted("after 'library'"), self._version()

    def _attempt(self, read: Callable[[], tuple[str, str | None]]) -> tuple[str, str | None] | None:
        """What `read` reads, or None when it is wrong, which is told."""
        start = self.position
        try:
            found = read()
            self._end_of_definition()
        except ParseError as error:
            self._recover(start)
            self._report(error, start)
            return None
        return found

    def _dotted(self, where: str) -> str:
        """A name with its qualifiers, as one text."""
        parts = [self.name(where)]
        while self.take("."):
            parts.append(self.name("after a dot"))
        return ".".join(parts)

    def _version(self) -> str | None:
        return self.string("after 'version'") if self.take("version") else None

    def _called(self) -> str | None:
        return self.name("after 'called'") if self.take("called") else None

    def _using(self) -> Node:
        return syntax.UsingDefinition(self._dotted("after 'using'"), self._version(), self._called())

    def _include(self) -> Node:
        return syntax.IncludeDefinition(self._dotted("after 'include'"), self._version(), self._called())

    def _defined_name(self, of: str) -> str:
        name = self.name(f"as the name of a {of}")
        self.need(":", f"after the name of a {of}")
        return name

    def _parameter(self) -> Node:
        name = self.name("after 'parameter'")
        type_ = default = None
        if self.key != "default" and (self.key in _TYPE_BEGINNINGS) and not self._begins_definition(self.position):
            type_ = self.type_specifier()
        if self.take("default"):
            default = self.expression(0)
        return syntax.ParameterDefinition(name=name, type=type_, default=default)

    def _code_system(self) -> Node:
        name = self._defined_name("code system")
        return syntax.CodeSystemDefinition(name=name, id=self.string("as an identifier"), version=self._version())

    def _value_set(self) -> Node:
        name = self._defined_name("value set")
        id_, version = self.string("as an identifier"), self._version()
        systems: tuple[QualifiedName, ...] = ()
        if self.take("codesystems"):
            self.need("{", "after 'codesystems'")
            systems = self.listed(self._qualified)
            self.need("}", "among the code systems of a value set")
        return syntax.ValueSetDefinition(name=name, id=id_, version=version, code_systems=systems)

    def _qualified(self) -> QualifiedName:
        return self.qualified_name("where something is referred to by name")

    def _code(self) -> Node:
        name = self._defined_name("code")
        id_ = self.string("as an identifier")
        self.need("from", "after the identifier of a code")
        return syntax.CodeDefinition(name=name, id=id_, code_system=self._qualified(), display=self.display())

    def _concept(self) -> Node:
        name = self._defined_name("concept")
        self.need("{", "where the codes of a concept begin")
        codes = self.listed(self._qualified)
        self.need("}", "among the codes of a concept")
        return syntax.ConceptDefinition(name=name, codes=codes, display=self.display())

    def _context_definition(self) -> Node:
        context = self.qualified_name("after 'context'")
        return syntax.ContextDefinition(context.name, context.library)

    def _define(self) -> Node:
        access = self.take_one(_ACCESS)
        public = True if access is None else _ACCESS[access]
        fluent = self.take("fluent")
        if fluent and self.key != "function":
            raise self.unexpected("after 'fluent'", "'function'", {"function"})
        if self.take("function"):
            return self._function(public, fluent)
        name = self.name("as the name of an expression")
        self.need(":", "after the name of an expression")
        return syntax.ExpressionDefinition(name=name, public=public, expression=self.expression(0))

    def _function(self, public: bool, fluent: bool) -> Node:
        name = self.function_name("as the name of a function")
        self.need("(", "after the name of a function")
        operands: tuple[tuple[str, Node], ...] = ()
        if self.key != ")":
            operands = self.listed(self.typed_name)
        self.need(")", "after the operands of a function")
        returns = self.type_specifier() if self.take("returns") else None
        self.need(":", "before the body of a function")
        expression = None if self.take("external") else self.expression(0)
        return syntax.FunctionDefinition(
            name=name, public=public, operands=operands, expression=expression, returns=returns, fluent=fluent
        )

    def comment(self) -> str:
        """The comments between the token before and the next one."""
        before = self.tokens[self.position - 1].end if self.position else 0
        return comment_in(self.source[before : self.peek.start], first=self.position == 0)


_TYPE_BEGINNINGS = words.REFERENCES | TYPE_NAMES | {"List", "Interval", "Tuple", "Choice"}

_READERS: dict[str, Callable[[LibraryParser], Node]] = {
    "using": LibraryParser._using,
    "include": LibraryParser._include,
    "parameter": LibraryParser._parameter,
    "codesystem": LibraryParser._code_system,
    "valueset": LibraryParser._value_set,
    "code": LibraryParser._code,
    "concept": LibraryParser._concept,
    "define": LibraryParser._define,
    "context": LibraryParser._context_definition,
}
