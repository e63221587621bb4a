"""Type specifiers: `Integer`, `FHIR.Patient`, `List<T>`, `Interval<T>`, `Tuple { name T }`, `Choice<T, U>`.

CQL 1.5.3, appendix I.
"""

from __future__ import annotations

from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.literals import Literals
from bedside.questions.cql.syntax import NamedTypeSpecifier
from bedside.questions.parser import MAX_DEPTH
from bedside.questions.tree import Node

_GENERIC = frozenset({"List", "Interval", "Tuple", "Choice"})


class Types(Literals):
    """Types where they are named: behind `is`, `as` and `to`, and in definitions."""

    def type_specifier(self) -> Node:
        """Any type. Its nesting is bounded like that of expressions."""
        key = self.key
        if key not in _GENERIC:
            return self.named_type("where a type is named")
        if self.depth >= MAX_DEPTH:
            raise self.error(f"the type is nested more than {MAX_DEPTH} levels deep")
        self.depth += 1
        start = self.advance().start
        node: Node
        if key == "Tuple":
            self.need("{", "after 'Tuple' as a type")
            elements = self.listed(self.typed_name)
            self.need("}", "among the elements of a tuple type")
            node = syntax.TupleTypeSpecifier(elements, span=self.span_from(start))
        else:
            self.need("<", f"after '{key}' as a type")
            alternatives = self.listed(self.type_specifier) if key == "Choice" else (self.type_specifier(),)
            self.need(">", f"at the end of the {key} type")
            span = self.span_from(start)
            match key:
                case "List":
                    node = syntax.ListTypeSpecifier(alternatives[0], span=span)
                case "Interval":
                    node = syntax.IntervalTypeSpecifier(alternatives[0], span=span)
                case _:
                    node = syntax.ChoiceTypeSpecifier(alternatives, span=span)
        self.depth -= 1
        return node

    def typed_name(self) -> tuple[str, Node]:
        """An operand of a function or an element of a tuple type: a name and its type."""
        return self.reference("where an element or operand is named"), self.type_specifier()

    def named_type(self, where: str) -> NamedTypeSpecifier:
        """A type by its name. The first of several parts is the model, the others together are the type's name.

        A part with parentheses behind it is no part, but the call of a function (`convert x to Code.f()`).
        """
        start = self.peek.start
        parts = [self.type_name(where)]
        while self.key == "." and self.keys[self.position - 1] in words.NAMES and self.keys[self.position + 2] != "(":
            self.position += 1
            parts.append(self.type_name("after a dot"))
        namespace = parts.pop(0) if len(parts) > 1 else None
        return NamedTypeSpecifier(".".join(parts), namespace, span=self.span_from(start))
