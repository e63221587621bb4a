"""Reading the Expression Constraint Language: recursive descent, a method for each rule of its grammar (ECL 2.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal, NoReturn, TypeVar

from bedside.terms.ecl.errors import EclError, EclUnsupported
from bedside.terms.ecl.filters import FilterParser
from bedside.terms.ecl.lexer import Token, tokens
from bedside.terms.ecl.syntax import (
    MANY,
    Anything,
    Attribute,
    Compound,
    Concept,
    Dotted,
    Expression,
    Group,
    Refined,
    Refinement,
    Search,
    Several,
    Sub,
)
from bedside.terms.snomed import is_identifier

T = TypeVar("T")

_CONSTRAINTS = frozenset(("<", "<<", "<!", "<<!", ">", ">>", ">!", ">>!", "!!>", "!!<"))
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_DEEPEST = 60


def parse(source: str) -> Expression:
    """The tree of an expression constraint. Raises EclError with the position, for all that is not one."""
    parser = Parser(tokens(source))
    found = parser.expression()
    parser.expect_end()
    return found


class Parser(FilterParser):
    """One reading."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    # --- tokens

    @property
    def token(self) -> Token:
        return self._tokens[self._next]

    @property
    def after(self) -> Token:
        """The token behind the next one."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token

    def at_symbol(self, *texts: str) -> bool:
        return self.token.kind == "symbol" and self.token.text in texts

    def at_word(self, *texts: str) -> bool:
        return self.token.kind == "word" and self.token.text.upper() in texts

    def accept(self, text: str) -> bool:
        if self.at_symbol(text):
            self._next += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.fail(f"expected {text!r}")

    def expect_end(self) -> None:
        if self.token.kind != "end":
            if self.at_word("AND", "OR", "MINUS") or self.at_symbol(","):
                self.fail("AND, OR and MINUS are mixed; say by brackets which comes first")
            self.fail("expected the end")

    def fail(self, what: str) -> NoReturn:
        token = self.token
        seen = "the end" if token.kind == "end" else repr(token.text)
        raise EclError(f"{what}, found {seen}", token.at)

    def attempt(self, read: Callable[[], T]) -> T | EclError:
        """What a method reads, or why it cannot, with nothing read."""
        start, depth = self._next, self._depth
        try:
            return read()
        except EclUnsupported:
            raise
        except EclError as error:
            self._next, self._depth = start, depth
            return error

    # --- expressions

    def expression(self) -> Expression:
        """expressionConstraint: refined, compound, dotted, or a single sub-expression."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise EclError(f"brackets are nested more than {_DEEPEST} deep", self.token.at)
        base = self.sub()
        found: Expression = base
        if self.accept(":"):
            found = Refined(base, self.refinement(self.refinement_part))
        elif self.at_symbol("."):
            names = []
            while self.accept("."):
                names.append(self.sub())
            found = Dotted(base, tuple(names))
        elif (operator := self._junction()) is not None:
            parts = [base]
            while self._junction() == operator:
                self.take()
                parts.append(self.sub())
                if operator == "MINUS":
                    break
            if self._junction() is not None:
                self.fail("AND, OR and MINUS are mixed or repeated; say by brackets which comes first")
            found = Compound(operator, tuple(parts))
        self._depth -= 1
        return found

    def _junction(self) -> Literal["AND", "OR", "MINUS"] | None:
        if self.at_symbol(",") or self.at_word("AND"):
            return "AND"
        if self.at_word("OR"):
            return "OR"
        return "MINUS" if self.at_word("MINUS") else None

    def sub(self) -> Sub:
        """subExpressionConstraint."""
        start = self.token.at
        operator = self.take().text if self.at_symbol(*_CONSTRAINTS) else None
        member, fields = self._member()
        focus: Concept | Anything | Expression
        if self.at_symbol("("):
            self.take()
            focus = self.expression()
            self.expect(")")
        elif self.at_symbol("*"):
            focus = Anything(self.take().at)
        else:
            focus = self.concept()
        filters, history = self.filters(member)
        return Sub(focus, start, operator, member, fields, filters, history)

    def _member(self) -> tuple[bool, tuple[str, ...] | None]:
        if not self.accept("^"):
            return False, None
        if not self.accept("["):
            return True, None
        if self.accept("*"):
            raise EclUnsupported("all fields of member rows (^ [*]) are not given here; name one", self.token.at)
        names = [self._field()]
        while self.accept(","):
            names.append(self._field())
        self.expect("]")
        if len(names) > 1:
            raise EclUnsupported("several fields of member rows are not given here; name one", self.token.at)
        return True, tuple(names)

    def _field(self) -> str:
        if self.token.kind != "word":
            self.fail("expected the name of a field of a reference set")
        return self.take().text

    def concept(self) -> Concept:
        """eclConceptReference: a code, and perhaps a term, which is passed over."""
        token = self.token
        if token.kind == "identifier" or (token.kind == "text" and "#" in token.text):
            raise EclUnsupported(f"alternate identifiers such as {token.text} are not known here", token.at)
        if token.kind != "digits":
            self.fail("expected a concept, * or a bracket")
        if not is_identifier(token.text):
            raise EclError(f"{token.text} is no identifier of SNOMED CT: its check digit is wrong", token.at)
        self.take()
        if self.token.kind == "term":
            self.take()
        return Concept(token.text, token.at)

    # --- refinements

    def refinement(self, part: Callable[[], Refinement]) -> Refinement:
        """Parts joined by AND (or a comma) or by OR, not by both."""
        first = part()
        operator = self._junction()
        if operator is None:
            return first
        if operator == "MINUS":
            self.fail("MINUS stands between expressions, not between attributes")
        parts = [first]
        while self._junction() == operator:
            self.take()
            parts.append(part())
        if self._junction() is not None:
            self.fail("AND and OR are mixed; say by brackets which comes first")
        return Several(operator, tuple(parts))

    def refinement_part(self) -> Refinement:
        """subRefinement: an attribute, a group of them, or a refinement in brackets."""
        return self._part(self.refinement_part, groups=True)

    def attribute_part(self) -> Refinement:
        """subAttributeSet, within a group."""
        return self._part(self.attribute_part, groups=False)

    def _part(self, inner: Callable[[], Refinement], *, groups: bool) -> Refinement:
        start = self.token.at
        if self.at_symbol("("):
            # An attribute's name may be in brackets, and so may a refinement: only what follows tells them apart.
            found = self.attempt(self._attribute_alone)
            if isinstance(found, Attribute):
                return found
            self.take()
            nested = self.attempt(lambda: self._bracketed(inner))
            if isinstance(nested, EclError):
                raise max(found, nested, key=lambda error: error.position)
            return nested
        least, most = self._cardinality()
        if groups and self.accept("{"):
            attributes = self.refinement(self.attribute_part)
            self.expect("}")
            return Group(attributes, start, least, most)
        return self._attribute(start, least, most)

    def _bracketed(self, inner: Callable[[], Refinement]) -> Refinement:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise EclError(f"brackets are nested more than {_DEEPEST} deep", self.token.at)
        found = self.refinement(inner)
        self.expect(")")
        self._depth -= 1
        return found

    def _cardinality(self) -> tuple[int, int]:
        if not self.accept("["):
            return 1, MANY
        at = self.token.at
        if self.token.kind != "digits":
            self.fail("expected the least number of a cardinality")
        least = int(self.take().text[:18])
        self.expect("..")
        if self.accept("*"):
            most = MANY
        elif self.token.kind == "digits":
            most = int(self.take().text[:18])
        else:
            self.fail("expected the greatest number of a cardinality, or *")
        self.expect("]")
        if least > most:
            raise EclError(f"the cardinality [{least}..{most}] can never be", at)
        return least, most

    def _attribute_alone(self) -> Attribute:
        return self._attribute(self.token.at, 1, MANY)

    def _attribute(self, start: int, least: int, most: int) -> Attribute:
        reverse = False
        if self.at_word("R", "REVERSEOF"):
            self.take()
            reverse = True
        name = self.sub()
        if not self.at_symbol(*_COMPARISONS):
            self.fail("expected a comparison (=, !=, <, <=, >, >=) behind the attribute")
        operator = self.take().text
        return Attribute(name, operator, self._value(operator), start, least, most, reverse)

    def _value(self, operator: str) -> Sub | Decimal | Search | bool:
        token = self.token
        if token.kind == "number":
            return Decimal(self.take().text[1:])
        if operator not in ("=", "!="):
            self.fail("expected a number such as #5")
        if token.kind == "word" and token.text.lower() in ("true", "false"):
            return self.take().text.lower() == "true"
        if self.at_search():
            return self.search()
        return self.sub()
