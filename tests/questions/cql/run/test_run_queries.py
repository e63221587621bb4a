"""Queries: every clause, over literals and over resources."""

from __future__ import annotations

import pytest

from bedside.questions.cql.operators import equality
from bedside.questions.errors import EvaluationError
from questions.cql.run.asking import answer, asked, encounter, ids, patient, world


def test_where_keeps_what_is_true_and_neither_false_nor_null() -> None:
    assert answer("({ 1, null, 3, 4 }) X where X > 2") == [3, 4]


def test_a_query_over_null_is_null() -> None:
    assert answer("(null as List<Integer>) X where X > 2") is None
    assert answer("(null as Integer) X return if X is null then 'none' else 'some'") is None
    assert answer("from (null as List<Integer>) A, (null as Integer) B return 1") is None


def test_one_null_source_among_others_has_no_items() -> None:
    assert answer("from ({ 1 }) A, (null as List<Integer>) B return A") == []
    assert answer("from (null as Integer) A, ({ 1 }) B return B") == []
    assert answer("from (null as Integer) A, (1) B return B") is None


def test_return_gives_each_value_once_unless_all_are_asked_for() -> None:
    assert answer("({ 1, 2, 3 }) X return X div 2") == [0, 1]
    assert answer("({ 1, 2, 3 }) X return all X div 2") == [0, 1, 1]


def test_several_sources_are_combined_in_their_order() -> None:
    assert answer("from ({ 1, 2 }) A, ({ 'x', 'y' }) B return all ToString(A) + B") == ["1x", "1y", "2x", "2y"]
    assert answer("from ({ 1, 2 }) A, ({ 3 }) B") == [{"A": 1, "B": 3}, {"A": 2, "B": 3}]


def test_a_query_over_a_single_value_gives_a_single_value() -> None:
    assert answer("(5) X return X + 1") == 6
    assert answer("(5) X where X > 6") is None


def test_a_let_is_computed_when_it_is_asked_for_and_anew_for_each_item() -> None:
    assert answer("({ 1, 2 }) X let Y: X * 10, Z: Y + 1 return all Z") == [11, 21]
    # Where the condition does not need it, a let that would fail is never computed.
    failing = "singleton from ({ X, X + 1 })"
    assert answer(f"({{ 1, 2 }}) X let Y: {failing} where X > 5 or X = 1 return all X") == [1]
    with pytest.raises(EvaluationError):
        answer(f"({{ 1, 2 }}) X let Y: {failing} where Y > 5")


def test_with_and_without() -> None:
    assert answer("({ 1, 2, 3 }) X with ({ 2, 3, 3 }) Y such that X = Y") == [2, 3]
    assert answer("({ 1, 2, 3 }) X without ({ 2, 3 }) Y such that X = Y") == [1]
    assert answer("({ 1, 2, 3 }) X without (null as List<Integer>) Y such that X = Y") == [1, 2, 3]


def test_a_related_source_may_depend_on_the_item() -> None:
    assert answer("({ 1, 2, 3 }) X with ({ X * 2 }) Y such that Y > 3") == [2, 3]


@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("count", [3, 50])
def test_related_items_are_the_same_whether_tried_one_by_one_or_looked_up(count: int, without: bool) -> None:
    """From a number of related items on, equal strings are looked up. Null is equal to nothing."""
    related = ", ".join(["null", *(f"'{i}'" for i in range(0, count, 2))])
    mine = ", ".join(["null", *(f"'{i}'" for i in range(count))])
    word = "without" if without else "with"
    found = answer(f"({{ {mine} }}) X {word} ({{ {related} }}) Y such that Length(Y) > 0 and X = Y")
    expected = [None, *(str(i) for i in range(count))]
    assert found == [each for each in expected if (each is not None and int(each) % 2 == 0) is not without]


def test_items_are_looked_up_and_not_compared_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred encounters with a hundred references: a hundred and not ten thousand comparisons."""
    resources = [patient("1", "1960-06-05")]
    resources += [encounter(f"e{i}", "1", "2026-01-10T09:00:00Z", None) for i in range(100)]
    resources += [
        {
            "resourceType": "Procedure",
            "id": f"p{i}",
            "status": "completed",
            "subject": {"reference": "Patient/1"},
            "encounter": {"reference": f"Encounter/e{i}"},
        }
        for i in range(0, 100, 2)
    ]
    calls = []
    session = asked(
        "define function Same(a String, b String): a = b\n"
        "define Answer: [Encounter] E with [Procedure] P"
        " such that P.encounter.reference.value = 'Encounter/' + E.id.value and Same(E.id.value, E.id.value)",
        at=world(resources),
    )
    function = session._unit.functions["Same"][0]
    call = function.call
    monkeypatch.setattr(type(function), "call", lambda self, state, given: calls.append(1) or call(state, given))
    assert len(session.evaluate("Answer")) == 50
    assert len(calls) == 50


def test_aggregate_and_its_distinct() -> None:
    assert answer("({ 1, 2, 2 }) X aggregate T starting 10: T + X") == 15
    assert answer("({ 1, 2, 2 }) X aggregate distinct T starting 10: T + X") == 13
    assert answer("from ({ 1, 2 }) A, ({ 10, 20 }) B aggregate T starting 0: T + A * B") == 90
    assert answer("({ 1, 2, 3 }) X let Y: X * 2 where Y > 2 aggregate T starting 0: T + Y") == 10


def test_sort_by_items_elements_and_expressions_with_null_first() -> None:
    assert answer("({ 3, null, 1 }) X sort asc") == [None, 1, 3]
    assert answer("({ 3, null, 1 }) X sort desc") == [3, 1, None]
    rows = "({ Tuple { a: 1, b: 'x' }, Tuple { a: 0, b: 'y' }, Tuple { a: 1, b: 'a' } }) X"
    assert [each["b"] for each in answer(f"{rows} sort by a desc, b")] == ["a", "x", "y"]
    assert [each["b"] for each in answer(f"{rows} return all X sort by a, b desc")] == ["y", "x", "a"]


def test_sort_of_resources_by_an_expression_keeps_equals_in_their_order() -> None:
    assert ids(answer("[Encounter] E sort by start of period")) == ["e2", "e1", "e3"]
    assert ids(answer("[Encounter] E sort by status.value")) == ["e1", "e2", "e3"]


def test_what_fhirpath_calls_become() -> None:
    assert answer("({ 1, 2, 3 }).where($this > 1)") == [2, 3]
    assert answer("({ 1, 2, 3 }).select($this + $index)") == [1, 3, 5]
    assert answer("({ 1, 2, 3 }).aggregate($this + $total, 10)") == 16
    assert [each.value for each in answer("Patient.name.where(family = 'Byron').given")] == ["Ada"]


def test_equal_items_of_a_return_are_found_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pieces of resources with the same content are one; telling so does not compare all with all."""
    calls = []
    equal = equality.equal
    monkeypatch.setattr(equality, "equal", lambda a, b: calls.append(1) or equal(a, b))
    resources = [patient("1", "1960-06-05"), *(encounter(f"e{i}", "1", "2026-01-10", None) for i in range(200))]
    assert len(answer("[Encounter] E return E.period", at=world(resources))) == 1
    assert len(calls) < 1000


def test_a_definition_of_many_combinations_is_stopped() -> None:
    many = "expand { Interval[1, 1200] }"
    with pytest.raises(EvaluationError, match="more than 1000000 items"):
        answer(f"from ({many}) A, ({many}) B return all A")
