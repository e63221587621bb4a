"""Conversions between types: which there are, that they obey the laws of an order, and what they write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.questions.cql import conversions, models, tree
from bedside.questions.cql.conversions import (
    Allowed,
    ancestry,
    common_type,
    conversion,
    is_compatible,
    is_subtype,
)
from bedside.questions.cql.converted import apply
from bedside.questions.cql.types import (
    ANY,
    BOOLEAN,
    DECIMAL,
    INTEGER,
    QUANTITY,
    STRING,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
    choice,
    parse_type,
    system,
)

SYSTEM = [system(name) for name in models.SYSTEM.type_names]
NAMED = [
    *SYSTEM,
    *(parse_type("FHIR." + name) for name in ("id", "string", "Age", "Quantity", "code", "Patient", "DomainResource")),
    *(parse_type("FHIR." + name) for name in ("ObservationStatus", "Period", "Coding", "CodeableConcept", "dateTime")),
    *(parse_type("QICore." + name) for name in ("EncounterStatus", "Encounter", "NotDoneReason", "abatement")),
]


def composed(inner: st.SearchStrategy[DataType]) -> st.SearchStrategy[DataType]:
    return st.one_of(
        inner.map(ListType),
        inner.map(IntervalType),
        st.lists(inner, min_size=1, max_size=4).map(choice),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(lambda d: TupleType.of(d.items())),
    )


TYPES = st.recursive(st.sampled_from(NAMED), composed, max_leaves=4)


def t(text: str) -> DataType:
    return parse_type(text)


@given(TYPES, TYPES, TYPES)
def test_subtyping_is_a_partial_order_with_any_on_top(a: DataType, b: DataType, c: DataType) -> None:
    assert is_subtype(a, a)
    assert is_subtype(a, ANY)
    if is_subtype(a, b) and is_subtype(b, c):
        assert is_subtype(a, c)
    if is_subtype(a, b) and is_subtype(b, a):
        assert a == b


@given(st.lists(st.sampled_from(NAMED), min_size=3, max_size=3))
def test_ancestors_are_the_supertypes(types: list[DataType]) -> None:
    for a in types:
        assert ancestry(a)[0] == a
        assert ancestry(a)[-1] == ANY
        assert all(is_subtype(a, above) for above in ancestry(a))


@given(TYPES, TYPES)
def test_a_conversion_is_there_whenever_a_cast_would_do_and_says_what_it_costs(a: DataType, b: DataType) -> None:
    found = conversion(a, b)
    if a == b:
        assert found is not None
        assert (found.kind, found.cost) == ("exact", 0)
    elif is_subtype(a, b):
        assert found is not None
        assert (found.kind, found.cost) == ("subtype", 1)
    elif is_compatible(a, b):
        assert found is not None
        assert found.needed
        assert found.cost == 2
    elif found is not None:
        assert found.needed
        assert found.cost >= 3
        assert is_subtype(found.target, b)
        assert all(each.cost < found.cost for each in found.inner)


@given(st.lists(TYPES, min_size=1, max_size=4))
def test_a_common_type_is_an_upper_bound(types: list[DataType]) -> None:
    for or_choice in (True, False):
        common = common_type(types, or_choice=or_choice)
        for each in types:
            assert conversion(each, common) is not None
    assert common_type(types[:1]) == types[0]
    assert common_type([*types, ANY]) == common_type(types)


@given(st.lists(TYPES, min_size=1, max_size=4))
def test_a_common_type_does_not_depend_on_doubles(types: list[DataType]) -> None:
    assert common_type([*types, *types]) == common_type(types)


@given(TYPES, TYPES)
def test_what_is_written_has_the_type_that_was_wanted(a: DataType, b: DataType) -> None:
    source = tree.ParameterRef(type=a, name="p")
    for allowed in (Allowed(), Allowed(True, True, True, True)):
        found = conversion(a, b, allowed)
        if found is not None:
            made = apply(found, source)
            assert is_subtype(made.type, b)
            assert (made is source) == (not found.needed)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("FHIR.Age", "FHIR.Quantity"),
        ("FHIR.code", "FHIR.string"),
        ("FHIR.Patient", "FHIR.Resource"),
        ("QICore.EncounterStatus", "String"),
        ("QICore.Observation.Component.systolic", "QICore.Element"),
        ("ValueSet", "Vocabulary"),
        ("List<FHIR.id>", "List<FHIR.string>"),
        ("Interval<Integer>", "Interval<Any>"),
    ],
)
def test_subtypes(a: str, b: str) -> None:
    assert is_subtype(t(a), t(b))
    assert not is_subtype(t(b), t(a))


def test_tuples_vary_with_each_element() -> None:
    one = TupleType.of([("a", INTEGER), ("b", STRING)])
    assert is_subtype(one, TupleType.of([("b", STRING), ("a", ANY)]))
    assert not is_subtype(one, TupleType.of([("a", INTEGER)]))
    assert is_compatible(TupleType.of([("a", ANY)]), TupleType.of([("a", INTEGER)]))


# Each of these was seen to be what the reference translator writes (cql 5.3.0, list promotion and demotion disabled).
SAME_AS_THE_REFERENCE = [
    ("Integer", "Long", "ToLong(p)"),
    ("Integer", "Decimal", "ToDecimal(p)"),
    ("Integer", "Quantity", "ToQuantity(p)"),
    ("Long", "Decimal", "ToDecimal(p)"),
    ("Decimal", "Quantity", "ToQuantity(p)"),
    ("Date", "DateTime", "ToDateTime(p)"),
    ("Code", "Concept", "ToConcept(p)"),
    ("ValueSet", "List<Code>", "ExpandValueSet(p)"),
    ("ValueSet", "Vocabulary", "p"),
    ("List<Integer>", "List<Any>", "p"),
    ("List<Any>", "List<Integer>", "(p X return all (X as System.Integer))"),
    ("Any", "Interval<Integer>", "(p as Interval<System.Integer>)"),
    (
        "Interval<Integer>",
        "Interval<Decimal>",
        "Interval(ToDecimal(p.low), ToDecimal(p.high), p.lowClosed, p.highClosed)",
    ),
    ("Choice<Integer,String>", "Integer", "(p as System.Integer)"),
    ("Choice<Integer,String>", "Long", "ToLong((p as System.Integer))"),
    ("Choice<Integer,Decimal>", "Decimal", "(p as System.Decimal)"),
    ("Integer", "Choice<Integer,String>", "(p as Choice<System.Integer, System.String>)"),
    ("Choice<Integer,String,Date>", "Choice<Integer,String>", "(p as Choice<System.Integer, System.String>)"),
    (
        "Choice<FHIR.dateTime,FHIR.Period,FHIR.instant>",
        "DateTime",
        "case when p is FHIR.dateTime then FHIRHelpers.ToDateTime((p as FHIR.dateTime))"
        " when p is FHIR.instant then FHIRHelpers.ToDateTime((p as FHIR.instant)) else null",
    ),
    ("Choice<FHIR.dateTime,FHIR.Period>", "Interval<DateTime>", "FHIRHelpers.ToInterval((p as FHIR.Period))"),
    ("List<FHIR.Coding>", "List<Code>", "(p X return all FHIRHelpers.ToCode(X))"),
    ("List<List<Integer>>", "List<List<Decimal>>", "(p X return all (X X return all ToDecimal(X)))"),
    ("List<Integer>", "List<Choice<Integer,String>>", "(p X return all (X as Choice<System.Integer, System.String>))"),
    ("FHIR.ObservationStatus", "String", "FHIRHelpers.ToString(p)"),
    ("FHIR.id", "String", "FHIRHelpers.ToString(p)"),
    ("FHIR.Quantity", "Quantity", "FHIRHelpers.ToQuantity(p)"),
]


def written(x: tree.Expression) -> str:
    match x:
        case tree.ParameterRef(name=name) | tree.AliasRef(name=name):
            return name
        case tree.Null():
            return "null"
        case tree.Literal(value=value):
            return str(value)
        case tree.Operator(name=name, operands=operands):
            return f"{name}({', '.join(map(written, operands))})"
        case tree.FunctionRef(name=name, operands=operands, library=library):
            return f"{library}.{name}({', '.join(map(written, operands))})"
        case tree.As(operand=operand, as_type=as_type):
            return f"({written(operand)} as {as_type})"
        case tree.Is(operand=operand, is_type=is_type):
            return f"{written(operand)} is {is_type}"
        case tree.Property(source=source, path=path):
            return f"{written(source)}.{path}"
        case tree.Query(sources=(source,), returns=tree.Return(expression=expression, distinct=False)):
            return f"({written(source.expression)} {source.alias} return all {written(expression)})"
        case tree.Interval():
            closed = [each for each in (x.low_closed_expression, x.high_closed_expression) if each is not None]
            return f"Interval({', '.join(map(written, (x.low, x.high, *closed)))})"
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            return f"if {written(condition)} then {written(then)} else {written(otherwise)}"
        case tree.Case(comparand=None, items=items, otherwise=otherwise):
            cases = " ".join(f"when {written(when)} then {written(then)}" for when, then in items)
            return f"case {cases} else {written(otherwise)}"
    raise AssertionError(x)


@pytest.mark.parametrize(("a", "b", "text"), SAME_AS_THE_REFERENCE)
def test_conversions_are_written_as_the_reference_does(a: str, b: str, text: str) -> None:
    found = conversion(t(a), t(b))
    assert found is not None
    assert written(apply(found, tree.ParameterRef(type=t(a), name="p"))) == text


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("String", "Integer"),
        ("Decimal", "Integer"),
        ("DateTime", "Date"),
        ("Long", "Quantity"),
        ("Concept", "Code"),
        ("Vocabulary", "ValueSet"),
        ("ValueSet", "CodeSystem"),
        ("List<ValueSet>", "List<Code>"),
        ("Integer", "List<Integer>"),
        ("List<Integer>", "Integer"),
        ("Integer", "Interval<Integer>"),
        ("Interval<Integer>", "Integer"),
        ("FHIR.integer", "Decimal"),
        ("FHIR.date", "DateTime"),
        ("FHIR.DomainResource", "FHIR.Patient"),
        ("FHIR.Patient", "QICore.Patient"),
        ("Choice<String,Boolean>", "Integer"),
    ],
)
def test_there_is_no_implicit_conversion(a: str, b: str) -> None:
    assert conversion(t(a), t(b)) is None


@pytest.mark.parametrize(
    ("a", "b", "allowed", "text"),
    [
        ("Integer", "List<Decimal>", Allowed(list_promotion=True), "ToList(ToDecimal(p))"),
        ("List<Integer>", "Decimal", Allowed(list_demotion=True), "ToDecimal(SingletonFrom(p))"),
        (
            "Integer",
            "Interval<Integer>",
            Allowed(interval_promotion=True),
            "if IsNull(p) then null else Interval(p, p)",
        ),
        ("Interval<Integer>", "Decimal", Allowed(interval_demotion=True), "ToDecimal(PointFrom(p))"),
    ],
)
def test_promotion_and_demotion_where_they_are_allowed(a: str, b: str, allowed: Allowed, text: str) -> None:
    assert conversion(t(a), t(b)) is None
    found = conversion(t(a), t(b), allowed)
    assert found is not None
    assert written(apply(found, tree.ParameterRef(type=t(a), name="p"))) == text


def test_costs_rise_in_the_order_of_precedence() -> None:
    order = [
        ("Integer", "Integer"),
        ("Integer", "Any"),
        ("Integer", "Choice<Integer,String>"),
        ("Choice<Integer,String>", "Choice<Integer,String,Date>"),
        ("Choice<Integer,String,Date>", "Choice<Integer,String>"),
        ("Integer", "Decimal"),
        ("Integer", "Quantity"),
        ("List<Integer>", "List<Decimal>"),
    ]
    costs = [found.cost for a, b in order if (found := conversion(t(a), t(b)))]
    assert costs == [0, 1, 2, 2, 3, 4, 5, 8]


def test_a_function_is_named_by_the_type_it_is_declared_for_and_by_the_local_alias() -> None:
    found = conversion(t("FHIR.id"), STRING)
    assert found is not None
    made = apply(found, tree.ParameterRef(type=t("FHIR.id"), name="p"), library={"FHIRHelpers": "FH"}.__getitem__)
    assert isinstance(made, tree.FunctionRef)
    assert (made.library, made.name, made.signature) == ("FH", "ToString", (NamedType("FHIR", "string"),))


def test_of_a_literal_interval_the_boundaries_are_converted() -> None:
    low = tree.Literal(type=INTEGER, value=1)
    interval = tree.Interval(type=IntervalType(INTEGER), low=low, high=tree.Null(), high_closed=False)
    found = conversion(interval.type, IntervalType(DECIMAL))
    assert found is not None
    made = apply(found, interval)
    assert isinstance(made, tree.Interval)
    assert written(made) == "Interval(ToDecimal(1), (null as System.Decimal))"
    assert (made.low_closed, made.high_closed) == (True, False)


@pytest.mark.parametrize(
    ("types", "common"),
    [
        (["Integer", "Decimal"], "Decimal"),
        (["Decimal", "Integer", "Quantity"], "Quantity"),
        (["Integer", "Long", "Any"], "Long"),
        (["Integer", "String"], "Choice<Integer,String>"),
        (["Integer", "String", "Decimal"], "Choice<Integer,String,Decimal>"),
        (["Choice<Integer,String>", "Integer"], "Choice<Integer,String>"),
        (["FHIR.id", "FHIR.string"], "FHIR.string"),
        (["FHIR.ObservationStatus", "String"], "String"),
        (["FHIR.Patient", "FHIR.Observation"], "Choice<FHIR.Patient,FHIR.Observation>"),
        (["List<Integer>", "List<Decimal>"], "List<Decimal>"),
        (["List<Any>", "List<Integer>"], "List<Any>"),
        (["Code", "Concept"], "Concept"),
        (["Any", "Any"], "Any"),
        ([], "Any"),
    ],
)
def test_common_types(types: list[str], common: str) -> None:
    assert common_type(map(t, types)) == t(common)


def test_common_supertypes() -> None:
    patient, observation = t("FHIR.Patient"), t("FHIR.Observation")
    assert common_type([patient, observation], or_choice=False) == t("FHIR.DomainResource")
    assert common_type([INTEGER, STRING], or_choice=False) == ANY
    assert conversions.common_supertype([t("FHIR.Age"), t("FHIR.Duration")]) == t("FHIR.Quantity")


def test_a_type_whose_base_is_a_choice() -> None:
    abatement = t("QICore.abatement")
    assert isinstance(ancestry(abatement)[1], ChoiceType)
    assert is_subtype(abatement, t("Choice<Date,Quantity,Boolean>"))
    assert conversion(abatement, QUANTITY) is None
    assert not is_subtype(abatement, BOOLEAN)
