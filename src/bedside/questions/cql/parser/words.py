"""The words of CQL: keywords, which of them may also be names, words of precision (CQL 1.5.3, appendix I).

A keyword is an operator where an operator can stand. Where a name can stand, most keywords are names all the same
(`start`, `code`, `contains`); the reserved ones (`and`, `day`, `exists`) are names only in quotes.
"""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text with spaces between them."""
    return frozenset(text.split())


NAME_KEYWORDS = word_set(
    """
    asc ascending by called code codesystem codesystems concept contains context date default define desc descending
    display div end ends except fluent function implies include includes intersect library meets mod overlaps parameter
    predecessor private public start starting starts successor time timezone timezoneoffset union using valueset version
    where width xor
    """
)
"""Keywords that are names wherever only a name can stand (`keywordIdentifier`)."""

RESERVED = word_set(
    """
    after aggregate all and as before between case cast Code collapse Concept convert day days difference distinct
    duration during else exists expand false flatten from hour hours if in Interval is let List maximum millisecond
    milliseconds minimum minute minutes month months not null occurs of or per point properly return same second seconds
    singleton sort then to true Tuple week weeks when with within without year years
    """
)
"""Keywords that are names only in quotes, or as functions after a dot."""

GRAMMAR_WORDS = frozenset({"Choice", "external", "returns"})
"""Words with a meaning that the list of keywords leaves out. The grammar takes them for no name either."""

KEYWORDS = NAME_KEYWORDS | RESERVED | GRAMMAR_WORDS

CLAUSES = frozenset({"let", "with", "without", "where", "return", "aggregate", "sort"})
"""Keywords that begin a clause of a query."""

PAIRS = {"on": "or", "included": "in", "less": "than", "more": "than", "such": "that"}
"""Words that are plain names, but begin a keyword of two words when the other one follows."""

PROPERLY_BETWEEN = "properly between"
"""Key of `properly` before `between`, where it binds more tightly than in a timing phrase."""

TYPE_NAMES = frozenset({"Code", "Concept", "date", "time"})
"""Keywords that name types (`typeNameIdentifier`)."""

_UNITS = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
PRECISIONS = {unit: unit.capitalize() for unit in _UNITS}
PLURAL_PRECISIONS = {unit + "s": unit.capitalize() for unit in _UNITS}
"""Words of precision with ELM's names of them."""

NAME, STRING, NUMBER, LONG, TEMPORAL, VARIABLE, END = "«name»", "«text»", "«number»", "«long»", "«@»", "«$»", "«end»"
"""Keys of tokens that are neither keywords nor symbols, spelt as no token can be."""

QUANTITY_UNITS = frozenset({STRING, *PRECISIONS, *PLURAL_PRECISIONS})
"""Keys of tokens that are the unit of a number before them."""

NAMES = frozenset({NAME, *PAIRS})
"""Keys of tokens that are an identifier without being a keyword."""

REFERENCES = NAMES | NAME_KEYWORDS
"""Keys of tokens that can refer to something (`referentialIdentifier`)."""

MEMBERS = REFERENCES | RESERVED
"""Keys of tokens that can be the name of a function after a dot or where it is defined (`functionIdentifier`)."""
