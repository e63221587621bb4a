"""Terms: names, calls, steps, parentheses; selectors of intervals, tuples, lists, instances, codes and concepts.

A selector writes a value by its parts (CQL 1.5.3, 03 "Constructing Values"); the grammar calls all of these `term`.
"""

from __future__ import annotations

from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.types import Types
from bedside.questions.cql.parser.words import MEMBERS, REFERENCES, TYPE_NAMES
from bedside.questions.cql.syntax import NamedTypeSpecifier
from bedside.questions.errors import Span, did_you_mean
from bedside.questions.tree import Current, FunctionRef, IdentifierRef, Indexer, Iteration, Node, Property, Total

_VARIABLES: dict[str, type[Node]] = {"$this": Current, "$index": Iteration, "$total": Total}


class Terms(Types):
    """Terms and the steps that may follow them. `start` is the position of the first token of what stands before."""

    closed = (-1, -1)
    """First token of the parentheses closed last, and the position behind them."""

    def reference_term(self) -> Node:
        """A name, or a call of a function by its name."""
        position = self.position
        token = self.tokens[position]
        if self.keys[position + 1] == "(":
            self.position = position + 2
            return FunctionRef(token.text, self.arguments(), span=self.span_from(token.start))
        self.position = position + 1
        return IdentifierRef(token.text, span=Span(token.start, token.end))

    def arguments(self) -> tuple[Node, ...]:
        """The arguments of a call, behind its opening parenthesis."""
        if self.take(")"):
            return ()
        operands = [self.expression(0)]
        while self.take(","):
            operands.append(self.expression(0))
        self.need(")", "among the arguments of a call")
        return tuple(operands)

    def step(self, left: Node, start: int) -> Node:
        """`.name` or `.name(arguments)` behind a term."""
        position = self.position + 1
        key = self.keys[position]
        following = self.keys[position + 1] if key in MEMBERS else ""
        if following == "(":
            name = self.tokens[position].text
            self.position = position + 2
            operands = self.arguments()
            return FunctionRef(name, operands, left, span=self.span_from(self.tokens[start].start))
        self.position = position
        if key in REFERENCES or (following == "{" and key in TYPE_NAMES):
            self.position = position + 1
            token = self.tokens[position]
            return Property(left, token.text, span=Span(self.tokens[start].start, token.end))
        self.reference("after a dot")
        raise AssertionError("a name after a dot was not seen")

    def index(self, left: Node, start: int) -> Node:
        """`[index]` behind a term."""
        opening = self.position
        self.position += 1
        index = self.expression(0)
        if not self.take("]"):
            error = self.unexpected("in brackets after a complete index", "']'")
            # `exsts [Encounter: ...]`: with its operator misspelt, a retrieve looks like an index.
            error.suggestion = did_you_mean(self.tokens[opening - 1].text, words.RESERVED)
            if error.suggestion is not None:
                error.span, error.problem = (
                    self.tokens[opening - 1].span,
                    f"{self.tokens[opening - 1]} cannot stand here",
                )
            raise error
        return Indexer(left, index, span=self.span_from(self.tokens[start].start))

    def path(self, left: Node, start: int) -> list[str] | None:
        """The names of `a.b.c` when what stands before is nothing but names with dots between them."""
        names: list[str] = []
        while isinstance(left, Property):
            names.append(left.path)
            left = left.source
        if not isinstance(left, IdentifierRef) or self.position - start != 2 * len(names) + 1:
            return None  # parentheses and the like need further tokens
        names.append(left.name)
        return names[::-1]

    def instance(self, left: Node, start: int) -> Node:
        """`Type { element: value }`, at the brace."""
        names = self.path(left, start)
        if names is None:
            raise self.unexpected("after a complete expression", "an operator or the end")
        namespace = names.pop(0) if len(names) > 1 else None
        specifier = NamedTypeSpecifier(".".join(names), namespace, span=self.span_from(self.tokens[start].start))
        elements = self.elements("an instance")
        return syntax.InstanceSelector(specifier, elements, span=self.span_from(self.tokens[start].start))

    def elements(self, of: str) -> tuple[tuple[str, Node], ...]:
        """`{ name: value, ... }`, or `{ : }` when there are none."""
        self.need("{", f"where the elements of {of} begin")
        if self.take(":"):
            self.need("}", f"after ':' in {of} without elements")
            return ()
        elements = self.listed(self._element)
        self.need("}", f"among the elements of {of}")
        return elements

    def _element(self) -> tuple[str, Node]:
        name = self.reference("where an element is named")
        self.need(":", "after the name of an element")
        return name, self.expression(0)

    def variable(self) -> Node:
        token = self.peek
        variable = _VARIABLES.get(token.text)
        if variable is None:
            raise self.error(f"there is no variable {token.text}", expected="$this, $index or $total")
        self.position += 1
        return variable(span=token.span)

    def external(self) -> Node:
        """`%name`."""
        start = self.advance().start
        name = self.string("after '%'") if self.key == words.STRING else self.reference("after '%'")
        return syntax.ExternalConstant(name, span=self.span_from(start))

    def parentheses(self) -> Node:
        opening = self.position
        self.position += 1
        inner = self.expression(0)
        self.need(")", "in parentheses after a complete expression")
        self.closed = (opening, self.position)
        return inner

    def interval(self) -> Node:
        """`Interval[low, high)`."""
        start = self.advance().start
        opening = self.take_one(("[", "("))
        if opening is None:
            raise self.unexpected("after 'Interval'", "'[' or '('")
        low = self.expression(0)
        self.need(",", "between the boundaries of an interval")
        high = self.expression(0)
        closing = self.take_one(("]", ")"))
        if closing is None:
            raise self.unexpected("after the boundaries of an interval", "']' or ')'")
        return syntax.IntervalSelector(low, high, opening == "[", closing == "]", span=self.span_from(start))

    def tuple_(self) -> Node:
        start = self.advance().start
        return syntax.TupleSelector(self.elements("a tuple"), span=self.span_from(start))

    def braces(self) -> Node:
        """`{ name: value }` is a tuple, as is `{ : }`; everything else in braces is a list."""
        following = self.keys[self.position + 1]
        if following == ":" or (following in REFERENCES and self.keys[self.position + 2] == ":"):
            start = self.peek.start
            return syntax.TupleSelector(self.elements("a tuple"), span=self.span_from(start))
        return self._list(self.peek.start, None)

    def list_(self) -> Node:
        """`List { ... }` and `List<Type> { ... }`."""
        start = self.advance().start
        element_type = None
        if self.take("<"):
            element_type = self.type_specifier()
            self.need(">", "at the end of the type of a list")
        return self._list(start, element_type)

    def _list(self, start: int, element_type: Node | None) -> Node:
        self.need("{", "where a list begins")
        elements: tuple[Node, ...] = ()
        if self.key != "}":
            elements = self.listed(self._item)
        self.need("}", "among the elements of a list")
        return syntax.ListSelector(elements, element_type, span=self.span_from(start))

    def _item(self) -> Node:
        return self.expression(0)

    def code(self) -> Node:
        """`Code 'id' from system display 'text'`, or `Code` as the type of an instance."""
        if self.keys[self.position + 1] == "{":
            return self.reference_term()
        return self._code_selector()

    def _code_selector(self) -> syntax.CodeSelector:
        start = self.peek.start
        self.need("Code", "where a code is selected")
        code = self.string("after 'Code'")
        self.need("from", "after the identifier of a code")
        system = self.qualified_name("after 'from'")
        display = self.display()
        return syntax.CodeSelector(code, system, display, span=self.span_from(start))

    def concept(self) -> Node:
        """`Concept { Code ..., ... } display 'text'`, or `Concept` as the type of an instance."""
        position = self.position
        if self.keys[position + 1] == "{" and self.keys[position + 2] != "Code":
            return self.reference_term()
        start = self.advance().start
        self.need("{", "after 'Concept'")
        codes = self.listed(self._code_selector)
        self.need("}", "among the codes of a concept")
        return syntax.ConceptSelector(codes, self.display(), span=self.span_from(start))

    def display(self) -> str | None:
        return self.string("after 'display'") if self.take("display") else None
