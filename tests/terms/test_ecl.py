"""The Expression Constraint Language: against a naive reading of its meaning, and what it says of bad text."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.terms import ecl
from bedside.terms.ecl import EclError, EclUnsupported
from bedside.terms.ecl import syntax as s
from bedside.terms.snomed import is_identifier, with_check_digit
from terms.ecl_world import World, WorldOntology, code, oracle

SIZE, TYPES, LISTS = 12, (1, 2, 3), (4, 5)
WORDS = ("arm", "armour", "break", "heart", "hand")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    number = st.integers(0, SIZE - 1)
    edges = draw(st.frozensets(st.tuples(number, number).filter(lambda e: e[0] > e[1]), max_size=20))
    inactive = draw(st.frozensets(st.integers(6, SIZE - 1), max_size=3))
    edges = frozenset((c, p) for c, p in edges if c not in inactive and p not in inactive)
    active = number.filter(lambda n: n not in inactive)
    rows = st.tuples(active, st.sampled_from(TYPES), active, st.integers(0, 2))
    numbers = st.tuples(active, st.sampled_from(TYPES), st.integers(0, 3), st.integers(0, 2))
    return World(
        SIZE,
        inactive,
        draw(st.frozensets(number)),
        edges,
        tuple(draw(st.lists(rows, max_size=12))),
        tuple(draw(st.lists(numbers, max_size=4))),
        {each: tuple(draw(st.lists(number, max_size=5))) for each in LISTS},
        {
            n: tuple(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)) for _ in range(1))
            for n in range(SIZE)
        },
    )


OPERATORS = ("", "<", "<<", "<!", "<<!", ">", ">>", ">!", ">>!", "!!>", "!!<")
FOCI = st.one_of(st.integers(0, SIZE - 1).map(code), st.just("*"))


@st.composite
def subs(draw: st.DrawFn, depth: int = 2) -> str:
    focus = f"({draw(expressions(depth - 1))})" if depth and draw(st.integers(0, 3)) == 0 else draw(FOCI)
    member = "^ " if draw(st.integers(0, 5)) == 0 else ""
    if member:
        focus = draw(st.sampled_from([*map(code, LISTS), "*"]))
    text = f"{draw(st.sampled_from(OPERATORS))} {member}{focus}"
    filtered = draw(st.integers(0, 8))
    if filtered == 0:
        comparison, status = draw(st.sampled_from(("=", "!="))), draw(st.sampled_from(("primitive", "defined")))
        text += f" {{{{ C definitionStatus {comparison} {status} }}}}"
    elif filtered == 1:
        text += f' {{{{ term = "{draw(st.sampled_from(("arm", "a", "hand br", "heart")))}" }}}}'
    return text


@st.composite
def attributes(draw: st.DrawFn, depth: int, *, grouped: bool = False) -> str:
    name = draw(
        st.one_of(st.sampled_from(TYPES).map(code), st.just("*"), st.integers(0, 3).map(lambda n: f"<< {code(n)}"))
    )
    low = draw(st.integers(0, 2))
    cardinality = draw(st.sampled_from(("", "", f"[{low}..*] ", f"[{low}..{low + 1}] ", "[0..0] ")))
    if draw(st.integers(0, 4)) == 0:
        value = f"{draw(st.sampled_from(('=', '!=', '<', '<=', '>', '>=')))} #{draw(st.integers(0, 3))}"
        return f"{cardinality}{name} {value}"
    reverse = "R " if not grouped and draw(st.integers(0, 5)) == 0 else ""
    return f"{cardinality}{reverse}{name} {draw(st.sampled_from(('=', '!=')))} {draw(subs(depth))}"


@st.composite
def refinements(draw: st.DrawFn, depth: int) -> str:
    def part() -> str:
        kind = draw(st.integers(0, 3))
        if kind == 0:
            inner = [draw(attributes(0, grouped=True)) for _ in range(draw(st.integers(1, 2)))]
            low = draw(st.integers(0, 2))
            cardinality = draw(st.sampled_from(("", f"[{low}..{low + 1}] ", "[0..0] ")))
            return cardinality + "{ " + draw(st.sampled_from((", ", " OR "))).join(inner) + " }"
        if kind == 1 and depth:
            return f"({draw(refinements(depth - 1))})"
        return draw(attributes(min(depth, 1)))

    return draw(st.sampled_from((", ", " AND ", " OR "))).join(part() for _ in range(draw(st.integers(1, 3))))


def expressions(depth: int = 2) -> st.SearchStrategy[str]:
    one = subs(depth)
    joined = st.tuples(st.sampled_from((" AND ", " OR ", ", ")), st.lists(one, min_size=2, max_size=3)).map(
        lambda pair: pair[0].join(pair[1])
    )
    return st.one_of(
        one,
        joined,
        st.tuples(one, one).map(" MINUS ".join),
        st.tuples(one, st.sampled_from(TYPES).map(code)).map(" . ".join),
        st.tuples(one, refinements(max(depth - 1, 0))).map(" : ".join),
    )


@settings(max_examples=400, deadline=None)
@given(worlds(), expressions())
def test_evaluation_is_what_the_oracle_says(world: World, text: str) -> None:
    tree = ecl.parse(text)
    assert set(ecl.evaluate(tree, WorldOntology(world))) == oracle(world, tree)


def _alone(*relations: tuple[int, int, int, int]) -> WorldOntology:
    """An edition in which nothing is above anything, with these relationships: source, type, target, group."""
    return WorldOntology(World(SIZE, frozenset(), frozenset(), frozenset(), relations, (), {}))


@pytest.mark.parametrize(
    ("refinement", "holds"),
    [
        ("{ %1 = %8, %2 = %9 }", False),
        ("{ %1 = %8 }, { %2 = %9 }", True),
        ("%1 = %8, %2 = %9", True),
        ("{ %1 = %8, * = %8 }", True),  # one relationship fulfils both
        ("[2..2] { * = * }", True),
        ("[1..1] { * = * }", False),
        ("[3..*] { * = * }", False),
        ("{ [2..2] * = * }", False),
        ("{ %1 = *, [0..0] %2 = * }", True),
    ],
)
def test_each_relationship_outside_groups_is_a_group_of_its_own(refinement: str, holds: bool) -> None:
    for number in (1, 2, 8, 9):
        refinement = refinement.replace(f"%{number}", code(number))
    outside = _alone((0, 1, 8, 0), (0, 2, 9, 0))
    assert list(ecl.evaluate(ecl.parse(f"{code(0)}: {refinement}"), outside)) == ([0] if holds else [])


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='<>!^*()[]{}:,.=+#"|0123456789 ANDORMINUSRC-termwild/', max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    with suppress(EclError):
        ecl.parse(text)
        return
    with pytest.raises(EclError) as caught:
        ecl.parse(text)
    assert 0 <= caught.value.position <= len(text)


A, B, C = code(1), code(2), code(3)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "expected a concept"),
        (f"<< {A} AND", len(f"<< {A} AND"), "expected a concept"),
        (f"{A} AND {B} OR {C}", len(f"{A} AND {B} "), "brackets"),
        (f"{A} MINUS {B} MINUS {C}", len(f"{A} MINUS {B} "), "repeated"),
        (f"{A}: {B} {C}", len(f"{A}: {B} "), "comparison"),
        (f"{A}: {B} = {C} AND {B} = {C} OR {B} = {C}", len(f"{A}: {B} = {C} AND {B} = {C} "), "brackets"),
        (f"{A}: [2..1] {B} = {C}", len(f"{A}: [") , "never"),
        (f"{A} {{{{ term = \"heart }}}}", len(f"{A} {{{{ term = "), "not closed"),
        (f"{A} |a term", len(f"{A} "), "not closed"),
        ("< 12345678", 2, "check digit"),
        (f"{A} {{{{ C colour = 1 }}}}", len(f"{A} {{{{ C "), "not filtered by colour"),
        (f"{A} {{{{ M mapTarget = \"x\" }}}}", len(f"{A} "), "reference set"),
        (f"{A} {{{{ dialect = klingon }}}}", len(f"{A} {{{{ dialect = "), "not known"),
        ("(" * 100, 60, "nested"),
    ],
)  # fmt: skip
def test_errors_tell_where(text: str, position: int, words: str) -> None:
    with pytest.raises(EclError, match=words) as caught:
        ecl.parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("LOINC#54486-6", "alternate identifiers"),
        (f"^ [*] {A}", "fields"),
        (f"{A} {{{{ D active = 0 }}}}", "inactive descriptions"),
        (f"{A} {{{{ D id = 12345 }}}}", "identifiers"),
        (f"^ {A} {{{{ M active = false }}}}", "inactive members"),
    ],
)
def test_what_is_not_done_is_named(text: str, words: str) -> None:
    with pytest.raises(EclUnsupported, match=words):
        ecl.parse(text)


def test_brief_and_long_syntax_are_one() -> None:
    for brief, long in (("<<", "descendantOrSelfOf"), ("<!", "childOf"), (">>!", "parentOrSelfOf"), ("^", "memberOf")):
        short, full = ecl.parse(f"{brief} {A}"), ecl.parse(f"{long} {A}")
        assert isinstance(short, s.Sub)
        assert isinstance(full, s.Sub)
        assert (short.operator, short.member) == (full.operator, full.member)


def test_comments_and_terms_say_nothing() -> None:
    tree = ecl.parse(f"/* all of it */ < {A} |Clinical (finding)|: {B} |site| = #7.50")
    assert isinstance(tree, s.Refined)
    assert isinstance(tree.refinement, s.Attribute)
    assert tree.refinement.value == Decimal("7.50")


@given(st.integers(10_000, 10**17 - 1))
def test_check_digits(number: int) -> None:
    found = with_check_digit(str(number))
    assert is_identifier(found)
    wrong = found[:-1] + str((int(found[-1]) + 1) % 10)
    assert not is_identifier(wrong)
    swapped = found[:-2] + found[-1] + found[-2]
    assert found[-1] == found[-2] or not is_identifier(swapped)
