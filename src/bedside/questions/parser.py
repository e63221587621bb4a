"""Tokens to tree: a Pratt parser. `parse("Patient.name.given")` is the way in.

The table of operators and their precedence is in `tree`; here is how terms begin (`_prefix`) and what may follow them
(`expression`). CQL shares most of this grammar and extends the same class (FHIRPath N1, appendix "Grammar").
"""

from __future__ import annotations

from decimal import Decimal

from bedside.questions import tree
from bedside.questions.errors import ParseError, Span
from bedside.questions.lexer import Kind, Token, tokenize
from bedside.questions.tree import Node
from bedside.questions.values import CALENDAR_WORDS, Date, DateTime, Quantity, SystemValue, Time, type_name

MAX_DEPTH = 100
"""How deeply parentheses, calls and signs may be nested."""

MAX_HEIGHT = 250
"""How many nodes the tree may be high; a chain of operators or steps adds one for each."""

INTEGER_MAX = 2**31 - 1

_TERM = "a name, a literal, a sign or '('"
_INFIX_WORDS = frozenset(symbol for symbol in tree.BINARY_OPERATORS if symbol.isalpha()) | {"is", "as"}
_WORDS_AS_NAMES = frozenset({"as", "contains", "in", "is"})
RESERVED = frozenset({"true", "false"}) | _INFIX_WORDS - _WORDS_AS_NAMES

_VARIABLES: dict[str, type[Node]] = {"$this": tree.Current, "$index": tree.Iteration, "$total": tree.Total}


def parse(source: str) -> Node:
    """The tree of one FHIRPath expression.

    Raises ParseError with the place, what stood there and what was expected instead.
    """
    parser = Parser(source)
    node = parser.expression(0)
    token = parser.peek
    if token.kind is not Kind.END:
        raise parser.error(f"{token} cannot follow a complete expression", expected="an operator or the end")
    levels, lowest = tree.height(node)
    if levels > MAX_HEIGHT:
        problem = f"the expression is {levels} levels high; at most {MAX_HEIGHT} are allowed"
        raise ParseError(problem, source=source, span=lowest.span)
    return node


class Parser:
    """A cursor over the tokens of one source text, with one method for each kind of construct."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.position = 0
        self.depth = 0

    @property
    def peek(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.tokens[self.position]
        if token.kind is not Kind.END:
            self.position += 1
        return token

    def at(self, symbol: str) -> bool:
        token = self.tokens[self.position]
        return token.kind is Kind.SYMBOL and token.text == symbol

    def accept(self, symbol: str) -> bool:
        if self.at(symbol):
            self.position += 1
            return True
        return False

    def require(self, symbol: str, after: str) -> Token:
        if not self.at(symbol):
            raise self.error(f"{self.peek} cannot stand {after}", expected=f"'{symbol}'")
        return self.advance()

    def error(self, problem: str, *, expected: str | None = None, token: Token | None = None) -> ParseError:
        """A ParseError at a token, by default the next one, for the caller to raise."""
        token = token or self.peek
        return ParseError(problem, source=self.source, span=token.span, expected=expected)

    def span_from(self, start: int) -> Span:
        return Span(start, self.tokens[self.position - 1].end)

    def expression(self, minimum: int) -> Node:
        """A term and all operators after it that bind more tightly than `minimum`."""
        if self.depth >= MAX_DEPTH:
            raise self.error(f"the expression is nested more than {MAX_DEPTH} levels deep")
        self.depth += 1
        start = self.peek.start
        left = self._prefix()
        while True:
            token = self.peek
            if token.kind is Kind.SYMBOL and token.text in (".", "["):
                left = self._step(left, start)
            elif token.text in ("is", "as") and token.kind is Kind.NAME:
                if minimum >= tree.TYPE_PRECEDENCE:
                    break
                left = self._type_test(left, start)
            elif operator := self._operator(token):
                if minimum >= operator.precedence:
                    break
                self.advance()
                right = self.expression(operator.precedence)
                left = operator(left, right, span=self.span_from(start))
            else:
                break
        self.depth -= 1
        return left

    def _operator(self, token: Token) -> type[tree.BinaryExpression] | None:
        if token.kind is Kind.SYMBOL or (token.kind is Kind.NAME and token.text in _INFIX_WORDS):
            return tree.BINARY_OPERATORS.get(token.text)
        return None

    def _prefix(self) -> Node:
        token = self.peek
        match token.kind:
            case Kind.NAME if token.text in ("true", "false"):
                self.advance()
                return tree.Literal(token.text == "true", "Boolean", span=token.span)
            case Kind.NAME | Kind.DELIMITED | Kind.VARIABLE:
                return self._invocation(None, token.start)
            case Kind.STRING:
                self.advance()
                return tree.Literal(token.text, "String", span=token.span)
            case Kind.NUMBER:
                return self._number()
            case Kind.DATE | Kind.DATETIME | Kind.TIME:
                return self._temporal()
            case Kind.SYMBOL if token.text in ("+", "-"):
                self.advance()
                operand = self.expression(tree.SIGN_PRECEDENCE)
                sign = tree.Negate if token.text == "-" else tree.Positive
                return sign(operand, span=self.span_from(token.start))
            case Kind.SYMBOL if token.text == "(":
                self.advance()
                inner = self.expression(0)
                self.require(")", "in parentheses after a complete expression")
                return inner
            case Kind.SYMBOL if token.text == "{":
                self.advance()
                self.require("}", "between braces, which only write the empty collection")
                return tree.Null(span=self.span_from(token.start))
            case Kind.SYMBOL if token.text == "%":
                return self._external_constant()
            case Kind.QUOTED:
                raise self.error(
                    f'the name "{token.text}" is in double quotes', expected=f"`{token.text}` in backticks"
                )
            case Kind.END:
                raise self.error("the expression ends too early", expected=_TERM)
            case _:
                raise self.error(f"{token} cannot begin an expression", expected=_TERM)

    def _step(self, left: Node, start: int) -> Node:
        if self.advance().text == ".":
            return self._invocation(left, start)
        index = self.expression(0)
        self.require("]", "in brackets after a complete index")
        return tree.Indexer(left, index, span=self.span_from(start))

    def _invocation(self, source: Node | None, start: int) -> Node:
        """A name, a call or a `$` variable: what may begin a path or follow a dot."""
        token = self.peek
        if token.kind is Kind.VARIABLE:
            variable = _VARIABLES.get(token.text)
            if variable is None:
                raise self.error(f"there is no variable {token.text}", expected="$this, $index or $total")
            if source is not None:
                raise self.error(f"{token.text} cannot follow a dot", expected="a name")
            self.advance()
            return variable(span=token.span)
        name = self._name("here") if source is None else self._name("after a dot", after_dot=True)
        if self.at("("):
            operand = self._arguments()
            return tree.FunctionRef(name, operand, source, span=self.span_from(start))
        if source is None:
            return tree.IdentifierRef(name, span=token.span)
        return tree.Property(source, name, span=self.span_from(start))

    def _name(self, where: str, *, after_dot: bool = False) -> str:
        """A name. After a dot no operator can stand, so its word is a name there (`text.div`); N1 wants backticks."""
        token = self.peek
        operator = token.kind is Kind.NAME and token.text in RESERVED
        if operator and not (after_dot and token.text in _INFIX_WORDS):
            problem = f"'{token.text}' is a word of the language and no name {where}"
            raise self.error(problem, expected=f"`{token.text}` in backticks")
        if token.kind not in (Kind.NAME, Kind.DELIMITED):
            raise self.error(f"{token} cannot stand {where}", expected="a name")
        self.advance()
        return token.text

    def _arguments(self) -> tuple[Node, ...]:
        self.advance()
        if self.accept(")"):
            return ()
        operand = [self.expression(0)]
        while self.accept(","):
            operand.append(self.expression(0))
        self.require(")", "among the arguments of a call")
        return tuple(operand)

    def _type_test(self, left: Node, start: int) -> Node:
        word = self.advance().text
        specifier = self._type_specifier()
        if word == "is":
            return tree.Is(left, specifier, span=self.span_from(start))
        return tree.As(left, specifier, span=self.span_from(start))

    def _type_specifier(self) -> tree.NamedTypeSpecifier:
        start = self.peek.start
        name = self._name("where a type is named")
        namespace = None
        # The grammar allows any number of qualifiers, but no model has types with more than one.
        if self.accept("."):
            namespace, name = name, self._name("after a dot")
            if self.at("."):
                raise self.error(
                    "the name of a type has at most two parts", expected="parentheses around the type test"
                )
        return tree.NamedTypeSpecifier(name, namespace, span=self.span_from(start))

    def _external_constant(self) -> Node:
        start = self.advance().start
        token = self.peek
        if token.kind is Kind.STRING:
            self.advance()
            return tree.ParameterRef(token.text, span=self.span_from(start))
        return tree.ParameterRef(self._name("after '%'"), span=self.span_from(start))

    def _number(self) -> Node:
        token = self.advance()
        unit = self.peek
        if unit.kind is Kind.STRING:
            self.advance()
            return self._literal(Quantity(Decimal(token.text), unit.text), token.start)
        if unit.kind is Kind.NAME and unit.text in CALENDAR_WORDS:
            self.advance()
            return self._literal(Quantity(Decimal(token.text), CALENDAR_WORDS[unit.text], calendar=True), token.start)
        if "." in token.text:
            return self._literal(Decimal(token.text), token.start)
        # int() of a very long text is refused by Python, and slow below that.
        if len(token.text.lstrip("0")) > 10 or int(token.text) > INTEGER_MAX:
            raise self.error(
                f"{token.text} is greater than the greatest Integer, {INTEGER_MAX}",
                expected=f"a Decimal such as {token.text}.0",
                token=token,
            )
        return self._literal(int(token.text), token.start)

    def _temporal(self) -> Node:
        token = self.advance()
        text = token.text[1:]
        try:
            if token.kind is Kind.TIME:
                return self._literal(Time.parse(text[1:]), token.start)
            if token.kind is Kind.DATE:
                return self._literal(Date.parse(text), token.start)
            return self._literal(DateTime.parse(text.removesuffix("T")), token.start)
        except ValueError as error:
            raise self.error(str(error), token=token) from None

    def _literal(self, value: SystemValue, start: int) -> tree.Literal:
        name = type_name(value)
        assert name is not None
        return tree.Literal(value, name, span=self.span_from(start))
