"""CQL text to a tree of `syntax` nodes: `parse_library` for libraries, `parse_expression` for single expressions.

The parser is FHIRPath's, extended class by class in the order in which the constructs build on each other: `cursor`,
`literals`, `types`, `terms`, `timing`, `operators`, `queries`, `expressions`, `library`. Reading takes time in
proportion to the text, whatever is in it.
"""

from __future__ import annotations

from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.expressions import Expressions
from bedside.questions.cql.parser.library import LibraryParser
from bedside.questions.cql.syntax import LibraryDefinition
from bedside.questions.errors import ParseError
from bedside.questions.tree import Node

__all__ = ["parse_expression", "parse_library"]


def parse_library(source: str) -> tuple[LibraryDefinition, list[ParseError]]:
    """The library as it is written, with all that is wrong with its syntax, in the order of the text.

    Never raises for a bad text: a definition with an error is left out, the others are there
    (CQL 1.5.3, 02 "Libraries").
    """
    parser = LibraryParser(source)
    return parser.library(), parser.errors


def parse_expression(source: str) -> Node:
    """The tree of one expression, which is the whole text.

    Raises ParseError with the place, what stood there and what was expected (CQL 1.5.3, appendix I).
    """
    parser = Expressions(source)
    node = parser.expression(0)
    if parser.key != words.END:
        raise parser.unexpected("after a complete expression", "an operator or the end", words.KEYWORDS)
    return node
