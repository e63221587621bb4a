"""What holds for all expressions and values: printing, logic, time, and no text that makes the reader fall over."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.questions import temporal, tree, units
from bedside.questions.check import check_types
from bedside.questions.code import FUNCTIONS
from bedside.questions.errors import QuestionError
from bedside.questions.expression import compile
from bedside.questions.parser import parse
from bedside.questions.printer import show
from bedside.questions.values import CALENDAR_UNITS, Date, DateTime, Quantity, Time, type_name

TRUTHS = {"true": True, "false": False, "{}": None}
PATIENT = {
    "resourceType": "Patient",
    "id": "one",
    "active": True,
    "birthDate": "1974-12-25",
    "_birthDate": {"extension": [{"url": "http://example.org/t", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
    "name": [{"use": "official", "family": "Chalmers", "given": ["Peter", None], "_given": [None, {"id": "g"}]}],
    "multipleBirthInteger": 2,
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Ward"}],
    "managingOrganization": {"reference": "#o"},
}

# Trees ---------------------------------------------------------------------------------------------------------------

names = st.sampled_from(["name", "given", "Patient", "contains", "is", "div", "true", "a b", "it's`", "day", "\\", "ä"])
words = st.sampled_from(["name", "given", "Patient", "family", "active", "birthDate", "extension"])
decimals = st.decimals(min_value=0, max_value=10**12, places=3, allow_nan=False)
dates = st.dates().map(lambda d: Date(d.year, d.month, d.day))
partial_dates = st.one_of(dates, dates.map(lambda d: Date(d.year, d.month)), dates.map(lambda d: Date(d.year)))
seconds = st.decimals(min_value=0, max_value=Decimal("59.999"), places=3)
times = st.builds(Time, st.integers(0, 23), st.integers(0, 59), seconds)
offsets = st.sampled_from([None, 0, 60, -300, 330, 840, -720])
datetimes = st.builds(
    lambda date, time, offset: DateTime(date.year, date.month, date.day, time.hour, time.minute, time.second, offset),
    dates,
    times,
    offsets,
)
quantities = st.one_of(
    st.builds(Quantity, decimals, st.sampled_from(["mg", "g", "cm", "1", "wk", "it's"])),
    st.builds(Quantity, decimals, st.sampled_from(CALENDAR_UNITS), st.just(True)),
)
values = st.one_of(
    st.booleans(), st.integers(0, 2**31 - 1), decimals, st.text(max_size=8), partial_dates, times, datetimes, quantities
)


def literals() -> st.SearchStrategy[tree.Node]:
    return values.map(lambda value: tree.Literal(value, type_name(value) or ""))


def calls(name: str, inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    """Calls of a function with as many arguments as it takes."""
    least, most = FUNCTIONS[name].least, min(FUNCTIONS[name].most, 3)
    arguments = st.lists(inner, min_size=least, max_size=most).map(tuple)
    return st.builds(tree.FunctionRef, st.just(name), arguments, st.none() | inner)


def trees(identifiers: st.SearchStrategy[str]) -> st.SearchStrategy[tree.Node]:
    leaves = st.one_of(
        literals(),
        identifiers.map(tree.IdentifierRef),
        identifiers.map(tree.ParameterRef),
        st.sampled_from([tree.Null(), tree.Current(), tree.Iteration(), tree.Total()]),
    )
    specifiers = st.builds(tree.NamedTypeSpecifier, identifiers, st.none() | identifiers)

    def grow(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
        binary = st.sampled_from(list(tree.BINARY_OPERATORS.values()))
        return st.one_of(
            st.builds(lambda node, left, right: node(left, right), binary, inner, inner),
            st.builds(lambda node, operand: node(operand), st.sampled_from([tree.Negate, tree.Positive]), inner),
            st.builds(tree.Property, inner, identifiers),
            st.builds(tree.Indexer, inner, inner),
            st.builds(tree.Is, inner, specifiers),
            st.builds(tree.As, inner, specifiers),
            st.builds(tree.FunctionRef, identifiers, st.lists(inner, max_size=3).map(tuple), st.none() | inner),
            st.sampled_from(sorted(FUNCTIONS)).flatmap(lambda name: calls(name, inner)),
        )

    return st.recursive(leaves, grow, max_leaves=12)


@given(trees(names))
def test_printing_then_parsing_gives_the_tree_back(node: tree.Node) -> None:
    text = show(node)
    assert parse(text) == node
    assert show(parse(text)) == text


# Fuzzing -------------------------------------------------------------------------------------------------------------

_FRAGMENTS = r"""
    a name . ( ) [ ] { } 'x' " ` @2015 @T10 @2015-01-01T10:00Z 1 1.5 + - * / | & = != ~ !~ < >= and or is as in div
    contains mod xor implies true $this $index % , // /* */ \u00 \ day 'mg' 0 # ! €
"""
fragments = st.sampled_from([*_FRAGMENTS.split(), "\n"])


def failure(action: Callable[[], object], text: str) -> QuestionError | None:
    """The error of an action, after a look at whether it says what and where; None when it succeeds."""
    found = None
    try:
        action()
    except QuestionError as error:
        found = error
    if found is not None:
        assert found.source == text
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert found.problem
        assert found.line >= 1
        assert found.column >= 1
    return found


def only_located_errors(text: str) -> None:
    failure(lambda: parse(text), text)


@given(st.text(max_size=60))
def test_any_text_parses_or_fails_with_a_place(text: str) -> None:
    only_located_errors(text)


@given(st.lists(fragments, max_size=25).map(" ".join))
def test_any_mixture_of_tokens_parses_or_fails_with_a_place(text: str) -> None:
    only_located_errors(text)


@settings(max_examples=400, deadline=None)
@given(trees(words))
def test_any_tree_evaluates_or_fails_with_a_place(node: tree.Node) -> None:
    """Whatever is asked: an answer, or an error that says where; never a crash. The static check too."""
    text = show(node)
    check_types(text, "Patient")
    error = failure(lambda: compile(text).evaluate(PATIENT), text)
    assert error is None or text[error.span.start : error.span.end]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["given", "family", "use", "period", "start", "extension", "url", "value", "_given", "coding"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*PATIENT, "_birthDate", "telecom", "contact"]), json_values, max_size=6),
    st.sampled_from(
        [
            "name.given | name.family",
            "descendants().count()",
            "birthDate.extension('u').value + 1 day",
            "birthDate < today() and active",
            "name.where(use = 'official').given.first() & 'x'",
            "contained.descendants().ofType(Quantity).value > 5",
            "name ~ name",
            "name.period.start.toString()",
            "multipleBirth + 1",
            "name.select(given.join(','))",
        ]
    ),
)
def test_data_of_any_shape_gives_an_answer_or_an_error(data: dict[str, Any], text: str) -> None:
    failure(lambda: compile(text).evaluate({**data, "resourceType": "Patient"}), text)


# Three-valued logic --------------------------------------------------------------------------------------------------


def value_of(text: str) -> bool | None:
    return compile(text).test(None)


def test_laws_of_three_valued_logic() -> None:
    for a in TRUTHS:
        assert value_of(f"({a}).not().not()") == TRUTHS[a]
        assert value_of(f"{a} and true") == TRUTHS[a]
        assert value_of(f"{a} or false") == TRUTHS[a]
        assert value_of(f"{a} and false") is False
        assert value_of(f"{a} or true") is True
        for b in TRUTHS:
            assert value_of(f"{a} and {b}") == value_of(f"{b} and {a}")
            assert value_of(f"{a} or {b}") == value_of(f"{b} or {a}")
            assert value_of(f"{a} xor {b}") == value_of(f"{b} xor {a}")
            assert value_of(f"({a} and {b}).not()") == value_of(f"({a}).not() or ({b}).not()")
            assert value_of(f"({a} or {b}).not()") == value_of(f"({a}).not() and ({b}).not()")
            assert value_of(f"{a} implies {b}") == value_of(f"({a}).not() or {b}")
            assert value_of(f"{a} xor {b}") == value_of(f"({a} or {b}) and ({a} and {b}).not()")
            for c in TRUTHS:
                assert value_of(f"{a} and ({b} or {c})") == value_of(f"({a} and {b}) or ({a} and {c})")
                assert value_of(f"{a} or ({b} and {c})") == value_of(f"({a} or {b}) and ({a} or {c})")


# Time ----------------------------------------------------------------------------------------------------------------


@given(st.one_of(partial_dates, datetimes), st.one_of(partial_dates, datetimes))
def test_comparison_is_antisymmetric_and_agrees_with_the_sort_key(left: Any, right: Any) -> None:
    order = temporal.compare(left, right)
    backwards = temporal.compare(right, left)
    assert order == (None if backwards is None else -backwards)
    assert temporal.compare(left, left) == 0
    if order == 0 and temporal.precision_parts(left) == temporal.precision_parts(right):
        assert temporal.equivalent(left, right)


@given(datetimes)
def test_what_is_cut_to_a_coarser_precision_cannot_be_told_apart(value: DateTime) -> None:
    day = Date(value.year, value.month, value.day)
    if value.offset is None:
        assert temporal.compare(value, day) is None
    assert temporal.compare(day, Date(value.year)) is None


@given(st.one_of(dates, datetimes), st.integers(-400, 400), st.sampled_from(["week", "day", "hour", "minute"]))
def test_adding_and_taking_away_a_fixed_duration_comes_back(value: Any, amount: int, unit: str) -> None:
    there = temporal.add(value, Quantity(Decimal(amount), unit, calendar=True))
    if there is None:
        return
    back = temporal.add(there, Quantity(Decimal(amount), unit, calendar=True), -1)
    assert back == value
    assert type(there) is type(value)
    if amount and not (isinstance(value, Date) and unit in ("hour", "minute")):
        assert temporal.compare(there, value) == (1 if amount > 0 else -1)


@given(st.one_of(partial_dates, datetimes), st.integers(-50, 50))
def test_adding_years_keeps_the_precision(value: Any, amount: int) -> None:
    moved = temporal.add(value, Quantity(Decimal(amount), "year", calendar=True))
    if moved is not None:
        assert temporal.precision_parts(moved) == temporal.precision_parts(value)
        assert not isinstance(moved, Time)
        assert moved.year == value.year + amount


@given(st.one_of(partial_dates, times, datetimes))
def test_text_of_a_time_reads_as_the_same_time(value: Any) -> None:
    assert type(value).parse(str(value)) == value


@given(decimals, st.sampled_from(["mg", "g", "kg"]), decimals, st.sampled_from(["mg", "g", "kg"]))
def test_quantities_compare_like_their_values_in_one_unit(a: Decimal, unit: str, b: Decimal, other: str) -> None:
    factor = {"mg": 1, "g": 1000, "kg": 1_000_000}
    left, right = a * factor[unit], b * factor[other]
    one, two = Quantity(a, unit), Quantity(b, other)
    assert units.compare(one, two, units.UCUM_UNITS) == (left > right) - (left < right)
    assert (units.key(one, units.UCUM_UNITS) == units.key(two, units.UCUM_UNITS)) == (left == right)
