"""Tree to text: short, readable text that parses to the same tree.

Parentheses stand where the grammar asks for them: around an operand that binds less tightly than its place wants, and
around one that has no end of its own (`if`, `distinct`, a query) where what follows would be taken into it. So
`parse_expression(show(tree)) == tree` for every tree that the parser makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bedside.questions import tree
from bedside.questions.cql import syntax
from bedside.questions.cql.parser import words
from bedside.questions.cql.parser.expressions import BETWEEN, BINARY, MEMBERSHIP, QUERY, STEP, TYPE
from bedside.questions.cql.parser.operators import EXISTS, TERM, UNARY
from bedside.questions.cql.parser.timing import NOT_BEGINNING, TIMING
from bedside.questions.cql.spelling import (
    NO_NAMES,
    function_name,
    identifier,
    literal,
    name,
    qualified,
    quoted,
    shown,
    string,
    term_name,
    unit,
)
from bedside.questions.tree import BinaryExpression, Literal, Node
from bedside.questions.values import CALENDAR_WORDS, Quantity

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*", re.ASCII)

# What may follow an operand, and would be taken into one that has no end of its own.
OPERATOR, CLAUSE, COMMA, PER = 1, 2, 4, 8

_LEVELS: dict[type[Node], int] = {node: level for level, node in BINARY.values()}
_SYMBOLS: dict[type[Node], str] = {node: symbol for symbol, (_, node) in BINARY.items()}
_LEVELS.update(
    {
        syntax.Query: QUERY,
        syntax.Retrieve: QUERY,
        syntax.Cast: QUERY,
        syntax.PrecisionBetween: QUERY,
        syntax.Is: TYPE,
        syntax.As: TYPE,
        syntax.BooleanTest: TYPE,
        syntax.Between: BETWEEN,
        syntax.Timing: TIMING,
        syntax.Membership: MEMBERSHIP,
        tree.In: MEMBERSHIP,
        tree.Contains: MEMBERSHIP,
        tree.Negate: UNARY,
        tree.Positive: UNARY,
        # These end with the name of a type or a code system, which would take a dot behind it for its own.
        syntax.Convert: UNARY,
        syntax.Extent: UNARY,
        syntax.CodeSelector: UNARY,
    }
)
_ENDLESS = frozenset({"Distinct", "Flatten"})
_WORDS = {
    "Not": "not",
    "Exists": "exists",
    "Distinct": "distinct",
    "Flatten": "flatten",
    "Start": "start of",
    "End": "end of",
    "Width": "width of",
    "Successor": "successor of",
    "Predecessor": "predecessor of",
    "SingletonFrom": "singleton from",
    "PointFrom": "point from",
    "DateFrom": "date from",
    "TimeFrom": "time from",
    "TimezoneFrom": "timezone from",
    "TimezoneOffsetFrom": "timezoneoffset from",
}
_PHRASES = {"Includes": "includes", "IncludedIn": "during", "Meets": "meets", "Overlaps": "overlaps"}
_BOUNDARIES = {None: "", "Start": "start ", "End": "end "}
_LED = {None: "", "Start": "starts ", "End": "ends "}
_QUALIFIERS = {
    "OrMore": "{} or more ",
    "OrLess": "{} or less ",
    "LessThan": "less than {} ",
    "MoreThan": "more than {} ",
}
_TRUTH = {None: "null", True: "true", False: "false"}


def show(node: Node) -> str:
    """An expression or a type specifier as text. Raises TypeError for a node that is neither."""
    return _show(node, 0, 0)


def _show(node: Node, minimum: int, follow: int) -> str:
    """An operand, in parentheses if it binds less tightly than `minimum`, or if what follows would go into it.

    Chains of operators and steps go down on the left without recursion.
    """
    behind: list[str] = []
    while True:
        if _level(node) < minimum or _takes(node, follow):
            behind.append(f"({_show(node, 0, 0)})")
            break
        chain = _CHAINS.get(type(node))
        if chain is None and isinstance(node, BinaryExpression):
            chain = _binary
        step = None if chain is None else chain(node, follow)
        if step is None:
            behind.append(_begin(node, follow))
            break
        node, minimum, text = step
        behind.append(text)
        follow = OPERATOR
    return "".join(reversed(behind))


def _level(node: Node) -> int:
    if isinstance(node, syntax.Unary):
        if node.name in ("Not", "Exists"):
            return EXISTS
        return STEP if node.name in _ENDLESS else UNARY
    if isinstance(node, Literal):
        return UNARY if isinstance(node.value, int) and node.value < 0 else STEP
    return _LEVELS.get(type(node), STEP)


def _takes(node: Node, follow: int) -> bool:
    """Whether an operand would take into it some of what may follow."""
    match node:
        case syntax.If() | syntax.Cast():
            return bool(follow & OPERATOR)
        case syntax.Unary(name=name):
            return name in _ENDLESS and bool(follow & OPERATOR)
        case syntax.SetAggregate(per=per):
            return bool(follow & (OPERATOR | PER if per is None else OPERATOR))
        case syntax.Query(aggregate=aggregate, returns=returns, where=where, sort=sort, relationships=relationships):
            if follow & (OPERATOR | CLAUSE):
                return True
            closed = aggregate or returns or where or relationships
            return bool(follow & COMMA) and bool(sort or not closed)
    return False


# Steps and operators behind an operand: the operand, how tightly it must bind, and the text behind it.

Chain = tuple[Node, int, str]


def _binary(node: Any, follow: int) -> Chain:
    level = _level(node)
    return node.left, level, f" {_SYMBOLS[type(node)]} {_show(node.right, level + 1, follow)}"


def _member(node: Any, follow: int) -> Chain:
    word = "in" if isinstance(node, tree.In) or getattr(node, "name", "") == "In" else "contains"
    of = _of(getattr(node, "precision", None))
    return node.left, MEMBERSHIP, f" {word} {of}{_show(node.right, MEMBERSHIP + 1, follow)}"


def _call(node: tree.FunctionRef, follow: int) -> Chain | None:
    if node.source is None:
        return None
    return node.source, STEP, f".{function_name(node.name)}({_items(node.operand)})"


def _truth(node: syntax.BooleanTest, follow: int) -> Chain:
    return node.operand, TYPE, f" is {'not ' if node.negated else ''}{_TRUTH[node.value]}"


def _between(node: syntax.Between, follow: int) -> Chain:
    word = "properly between" if node.properly else "between"
    return node.operand, BETWEEN, f" {word} {_operands(node.low, node.high, follow)}"


def _timing(node: syntax.Timing, follow: int) -> Chain:
    right = _show(node.right, TIMING + 1, follow)
    first = _PLAIN.match(right)
    if node.right_boundary is not None and first is not None and first.group() in NOT_BEGINNING:
        right = f"({right})"
    if node.phrase in ("Starts", "Ends") and right[0].isdigit():
        right = f"({right})"
    return node.left, TIMING, f" {_phrase(node)}{_BOUNDARIES[node.right_boundary]}{right}"


def _phrase(node: syntax.Timing) -> str:
    led, properly, of = _LED[node.left_boundary], "properly " if node.properly else "", _of(node.precision)
    direction = node.direction.lower() if node.direction else ""
    match node.phrase:
        case "Concurrent":
            precision = f"{node.precision.lower()} " if node.precision else ""
            return f"{led}same {precision}{f'or {direction}' if direction else 'as'} "
        case "Includes" | "IncludedIn":
            return f"{led}{properly}{_PHRASES[node.phrase]} {of}"
        case "Within":
            assert node.offset is not None
            return f"{led}{properly}within {show(node.offset)} of "
        case "Meets" | "Overlaps":
            return f"{_PHRASES[node.phrase]} {direction + ' ' if direction else ''}{of}"
        case "Starts" | "Ends":
            return f"{node.phrase.lower()} {of}"
        case "BeforeOrAfter":
            offset = ""
            if node.offset is not None:
                template = _QUALIFIERS[node.offset_qualifier] if node.offset_qualifier else "{} "
                offset = template.format(show(node.offset))
            return f"{led}{offset}{'on or ' if node.inclusive else ''}{direction} {of}"
    raise TypeError(f"{node.phrase} is no timing phrase")


_CHAINS: dict[type[Node], Callable[[Any, int], Chain | None]] = {
    tree.In: _member,
    tree.Contains: _member,
    syntax.Membership: _member,
    tree.FunctionRef: _call,
    tree.Property: lambda node, follow: (node.source, STEP, f".{name(node.path)}"),
    tree.Indexer: lambda node, follow: (node.source, STEP, f"[{show(node.index)}]"),
    syntax.BooleanTest: _truth,
    syntax.Between: _between,
    syntax.Timing: _timing,
    syntax.Is: lambda node, follow: (node.operand, TYPE, f" is {show(node.is_type)}"),
    syntax.As: lambda node, follow: (node.operand, TYPE, f" as {show(node.as_type)}"),
}


def _operands(low: Node, high: Node, follow: int) -> str:
    return f"{_show(low, TERM, OPERATOR)} and {_show(high, TERM, follow)}"


def _of(precision: str | None) -> str:
    return f"{precision.lower()} of " if precision else ""


def _begin(node: Node, follow: int) -> str:
    """What stands by itself or begins with its own word."""
    match node:
        case tree.Null():
            return "null"
        case Literal(value=value):
            return literal(value)
        case tree.Current():
            return "$this"
        case tree.Iteration():
            return "$index"
        case tree.Total():
            return "$total"
        case tree.IdentifierRef(name=text):
            return term_name(text)
        case tree.FunctionRef(name=text, operand=operand):
            return f"{term_name(text)}({_items(operand)})"
        case syntax.ExternalConstant(name=text):
            return f"%{name(text)}"
        case tree.UnaryExpression(operand=each, symbol=symbol):
            return f"{symbol}{_show(each, UNARY, follow)}"
        case syntax.Unary():
            return _unary(node, follow)
        case syntax.If(condition=condition, then=then, otherwise=otherwise):
            return f"if {show(condition)} then {show(then)} else {_show(otherwise, 0, follow)}"
        case syntax.Case(comparand=comparand, items=items, otherwise=otherwise):
            head = "case" if comparand is None else f"case {show(comparand)}"
            whens = "".join(f" when {show(when)} then {show(then)}" for when, then in items)
            return f"{head}{whens} else {show(otherwise)} end"
        case syntax.Cast(operand=each, as_type=specifier):
            return f"cast {_show(each, TYPE + 1, OPERATOR)} as {show(specifier)}"
        case syntax.Convert(operand=each, to_type=to_type, unit=to_unit):
            spelt = unit(to_unit or "", calendar=to_unit in CALENDAR_WORDS) if to_type is None else show(to_type)
            return f"convert {show(each)} to {spelt}"
        case syntax.Extent(name=text, of_type=of_type):
            return f"{'minimum' if text == 'MinValue' else 'maximum'} {show(of_type)}"
        case syntax.PrecisionBetween(name=text, precision=precision, low=low, high=high):
            difference = "difference in " if text == "DifferenceBetween" else ""
            return f"{difference}{precision.lower()}s between {_operands(low, high, follow)}"
        case syntax.SetAggregate(name=text, operand=each, per=per):
            if per is None:
                return f"{text.lower()} {_show(each, 0, follow)}"
            return f"{text.lower()} {_show(each, 0, PER)} per {_per(per, follow)}"
        case syntax.Query():
            return _query(node, follow)
        case syntax.Retrieve():
            return _retrieve(node)
    return _selector(node)


def _unary(node: syntax.Unary, follow: int) -> str:
    match node.name:
        case "DateTimeComponentFrom":
            word = f"{(node.precision or '').lower()} from"
        case "DurationOf" | "DifferenceOf":
            word = f"{node.name.removesuffix('Of').lower()} in {(node.precision or '').lower()}s of"
        case _:
            word = _WORDS[node.name]
    minimum = EXISTS if node.name in ("Not", "Exists") else 0 if node.name in _ENDLESS else UNARY
    return f"{word} {_show(node.operand, minimum, follow)}"


def _per(per: Node, follow: int) -> str:
    value = per.value if isinstance(per, Literal) else None
    if isinstance(value, Quantity) and value.calendar and value.value == 1:
        return value.unit
    return _show(per, 0, follow)


def _selector(node: Node) -> str:
    """Values by their parts, and types."""
    match node:
        case syntax.IntervalSelector(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            opening, closing = "[" if low_closed else "(", "]" if high_closed else ")"
            return f"Interval{opening}{_show(low, 0, COMMA)}, {show(high)}{closing}"
        case syntax.TupleSelector(elements=elements):
            return f"Tuple {_elements(elements)}"
        case syntax.InstanceSelector(class_type=class_type, elements=elements):
            return f"{_type_name(class_type, term_name)} {_elements(elements)}"
        case syntax.ListSelector(elements=items, element_type=element_type):
            before = "" if element_type is None else f"List<{show(element_type)}> "
            return f"{before}{{{' ' if items else ''}{_items(items)}{' ' if items else ''}}}"
        case syntax.CodeSelector(code=code, system=system, display=display):
            return f"Code {string(code)} from {qualified(system)}{shown(display)}"
        case syntax.ConceptSelector(codes=codes, display=display):
            return f"Concept {{ {', '.join(map(_selector, codes))} }}{shown(display)}"
        case tree.NamedTypeSpecifier():
            return _type_name(node, name)
        case syntax.ListTypeSpecifier(element=element):
            return f"List<{show(element)}>"
        case syntax.IntervalTypeSpecifier(point=point):
            return f"Interval<{show(point)}>"
        case syntax.ChoiceTypeSpecifier(alternatives=alternatives):
            return f"Choice<{', '.join(map(show, alternatives))}>"
        case syntax.TupleTypeSpecifier(elements=typed):
            return f"Tuple {{ {', '.join(f'{name(text)} {show(each)}' for text, each in typed)} }}"
    raise TypeError(f"a {type(node).__name__} is no expression")


def _type_name(node: tree.NamedTypeSpecifier, first: Callable[[str], str]) -> str:
    last = node.name if node.name in words.TYPE_NAMES else (first if node.namespace is None else name)(node.name)
    return last if node.namespace is None else f"{identifier(node.namespace)}.{last}"


def _elements(elements: tuple[tuple[str, Node], ...]) -> str:
    if not elements:
        return "{ : }"
    last = len(elements) - 1
    parts = (f"{name(key)}: {_show(each, 0, COMMA if at < last else 0)}" for at, (key, each) in enumerate(elements))
    return f"{{ {', '.join(parts)} }}"


def _items(nodes: tuple[Node, ...]) -> str:
    last = len(nodes) - 1
    return ", ".join(_show(each, 0, COMMA if at < last else 0) for at, each in enumerate(nodes))


# Queries.


def _retrieve(node: syntax.Retrieve) -> str:
    text = "[" + (f"{show(node.context)} -> " if node.context is not None else "") + show(node.of_type)
    if node.terminology is None:
        return text + "]"
    if node.code_path is None:
        # What looks like a path of codes with a comparator would be read as one.
        return f"{text}: {_show(node.terminology, TERM, 0)}]"
    plain = _PLAIN_PATH.fullmatch(node.code_path) and all(each not in NO_NAMES for each in node.code_path.split("."))
    path = node.code_path if plain else quoted(node.code_path)
    return f"{text}: {path} {node.comparator} {show(node.terminology)}]"


def _query(node: syntax.Query, follow: int) -> str:
    """The clauses in their order; what each of them is followed by decides on its parentheses."""
    clauses: list[tuple[str, Node]] = []
    for at, let in enumerate(node.lets):
        clauses.append((f"{', ' if at else ' let '}{identifier(let.name)}: ", let.expression))
    for each in node.relationships:
        word = "without" if each.without else "with"
        clauses.append((f" {word} {_source(each.source)} such that ", each.such_that))
    if node.where is not None:
        clauses.append((" where ", node.where))
    if node.returns is not None:
        clauses.append((f" return {_distinct(node.returns.distinct)}", node.returns.expression))
    if node.aggregate is not None:
        clauses.append((_aggregate(node.aggregate), node.aggregate.expression))
    parts = ["from " if node.from_keyword else "", ", ".join(map(_source, node.sources))]
    last = len(clauses) - 1
    for at, (before, expression) in enumerate(clauses):
        text = _show(expression, 0, follow if at == last and not node.sort else CLAUSE | COMMA)
        if before == " return " and isinstance(expression, syntax.Unary) and expression.name == "Distinct":
            text = f"({text})"  # else it would be the word of the clause
        parts += (before, text)
    return "".join(parts) + _sort(node.sort, follow)


def _source(source: syntax.AliasedSource) -> str:
    inner = source.source
    while isinstance(inner, tree.Property):
        inner = inner.source
    plain = isinstance(inner, tree.IdentifierRef) or isinstance(source.source, syntax.Retrieve)
    text = show(source.source)
    return f"{text if plain else f'({text})'} {identifier(source.alias)}"


def _distinct(distinct: bool | None) -> str:
    return "" if distinct is None else "distinct " if distinct else "all "


def _aggregate(node: syntax.Aggregate) -> str:
    starting = ""
    if node.starting is not None:
        text = show(node.starting)
        simple = isinstance(node.starting, Literal) and node.starting.value_type in (
            *("Integer", "Decimal", "Quantity", "String"),
        )
        starting = f" starting {text if simple and not text.startswith('-') else f'({text})'}"
    return f" aggregate {_distinct(node.distinct)}{identifier(node.name)}{starting}: "


def _sort(items: tuple[syntax.SortBy, ...], follow: int) -> str:
    if not items:
        return ""
    if items[0].expression is None:
        return f" sort {'desc' if items[0].descending else 'asc'}"
    texts = []
    for at, item in enumerate(items):
        assert item.expression is not None
        ends = at == len(items) - 1 and not item.descending
        text = _show(item.expression, TERM, follow if ends else CLAUSE | COMMA)
        texts.append(f"{text} desc" if item.descending else text)
    return f" sort by {', '.join(texts)}"
