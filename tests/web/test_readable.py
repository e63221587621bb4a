"""Resources in words."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from bedside.web.readable import labels, tree
from bedside.web.readable.shapes import (
    Between,
    Coded,
    During,
    Exact,
    Field,
    Group,
    Link,
    Measure,
    Missing,
    Prose,
    Table,
    Text,
    When,
)
from bedside.web.readable.title import title
from bedside.web.readable.values import Values
from web.samples import ANNA, HOSPITAL, INTERPRETATION, PRESSURE, WICKED_LETTER, locale, observation

VALUES = Values(locale(), lambda name, id_: "De Vries, Anna" if (name, id_) == ("Patient", "anna") else None)
DUTCH = Values(locale("nl"))


def fields(resource: dict[str, Any], values: Values = VALUES) -> dict[str, Field]:
    return {field.name: field for field in tree.fields(values, resource)}


def shown(type_name: str, found: Any) -> Any:
    return VALUES.value(type_name, found)


# --- names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("birthDate", "birth date"),
        ("MedicationRequest", "medication request"),
        ("instantiatesUri", "instantiates uri"),
        ("carrierAIDC", "carrier AIDC"),
        ("SPARQLQuery", "SPARQL query"),
        ("code", "code"),
    ],
)
def test_names_are_split_at_capitals(name: str, words: str) -> None:
    assert labels.split(name) == words


def test_types_have_plurals() -> None:
    words = locale().words
    assert labels.type_name(words, "FamilyMemberHistory", 2) == "Family member histories"
    assert labels.type_name(words, "EpisodeOfCare", 2) == "Episodes of care"
    assert labels.type_name(words, "Observation", 1) == "Observation"
    assert labels.type_name(locale("nl").words, "Patient", 3) == "Patiënten"
    assert labels.type_name(locale("fr").words, "Patient", 0) == "Patient"


def test_labels_that_are_left_in_english_are_marked_as_english() -> None:
    in_dutch = fields({"resourceType": "Patient", "birthDate": "1951", "extension": []}, DUTCH)
    assert in_dutch["birthDate"].label == "Geboortedatum"
    assert not in_dutch["birthDate"].foreign
    odd = fields({"resourceType": "SubstancePolymer", "modification": ["x"]}, DUTCH)
    assert odd["modification"].label == "Modification"
    assert odd["modification"].foreign


# --- values


@pytest.mark.parametrize(
    ("type_name", "found", "expected"),
    [
        ("code", "entered-in-error", Text("entered in error")),
        ("boolean", True, Text("yes")),
        ("integer", 1200, Measure("1200", "")),
        ("decimal", Decimal("7.20"), Measure("7.20", "")),
        ("uri", "urn:oid:1.2", Exact("urn:oid:1.2")),
        ("string", "a\nb", Prose("a\nb")),
        ("base64Binary", "QUJD" * 1000, Text("3 kB")),
        ("Quantity", {"value": Decimal("5.60"), "comparator": "<=", "unit": "mmol/L"}, Measure("≤ 5.60", "mmol/L")),
        ("Quantity", {"value": 3, "code": "1", "unit": "1"}, Measure("3", "")),
        ("Age", {"value": 75, "unit": "years"}, Measure("75", "years")),
        ("Money", {"value": Decimal("9.50"), "currency": "EUR"}, Measure("9.50", "EUR")),
        ("Range", {"low": {"value": 3}, "high": {"value": 5}}, Between(Measure("3", ""), Measure("5", ""), "–")),
        ("Ratio", {"numerator": {"value": 1}}, Between(Measure("1", ""), None, ":")),
        ("HumanName", {"prefix": ["Dr"], "given": ["Anna"], "family": "de Vries"}, Text("Dr Anna de Vries")),
        ("HumanName", {"text": "Anna"}, Text("Anna")),
        ("Address", {"line": ["Markt 1"], "postalCode": "9000", "city": "Gent"}, Text("Markt 1, 9000 Gent")),
        ("ContactPoint", {"value": "0123", "system": "phone", "use": "home"}, Text("0123 (phone, home)")),
        ("Identifier", {"value": "12"}, Text("12")),
        ("Reference", {"reference": "Patient/anna"}, Link("De Vries, Anna", "/record/Patient/anna", "Patient")),
        ("Reference", {"reference": "Patient/x", "display": "Eva"}, Link("Eva", "/record/Patient/x", "Patient")),
        ("Reference", {"reference": "Patient/x"}, Link("Patient/x", "/record/Patient/x", "Patient")),
        ("Reference", {"reference": "Patient/x/_history/3"}, Link("Patient/x", "/record/Patient/x/3", "Patient")),
        ("Reference", {"reference": "https://x.example/Patient/1"}, Link("https://x.example/Patient/1", None)),
        ("Reference", {"reference": "javascript:alert(1)"}, Link("javascript:alert(1)", None)),
        ("Reference", {"reference": "#med"}, Text("inside this resource: med")),
        ("Reference", {"display": "Somebody"}, Link("Somebody", None)),
        ("Attachment", {"contentType": "image/png", "title": "Scan", "size": 12345}, Text("Scan (image/png, 12 kB)")),
        ("Attachment", {"contentType": "a/b", "url": "Binary/b1"}, Link("Attachment", "/record/Binary/b1", "a/b")),
        ("Quantity", {}, None),
        ("CodeableConcept", {}, None),
        ("Period", {}, None),
        ("HumanName", "not a name", Text("not a name")),
    ],
)  # fmt: skip
def test_each_data_type_has_a_shape(type_name: str, found: Any, expected: Any) -> None:
    assert shown(type_name, found) == expected


def test_a_code_shows_its_words_with_all_codings_behind() -> None:
    coding = {"system": "http://loinc.org", "code": "2823-3", "display": "Potassium [Moles/volume]"}
    concept = shown("CodeableConcept", {"coding": [coding, {"code": "K"}], "text": "Potassium"})
    assert isinstance(concept, Coded)
    assert concept.text == "Potassium"
    assert [(c.code, c.system) for c in concept.codes] == [("2823-3", "LOINC"), ("K", "")]
    assert shown("CodeableConcept", {"coding": [coding]}).text == "Potassium [Moles/volume]"
    assert shown("Coding", {"code": "in-progress"}).text == "in progress"
    assert shown("Coding", {"code": "LL", "system": INTERPRETATION}).text == "critically low"
    assert shown("Coding", {"code": "LL", "system": "http://elsewhere.example"}).text == "LL"


def test_plain_text_in_an_attachment_is_shown_and_other_content_is_not() -> None:
    data = base64.b64encode(b"Dear colleague,\nall is well.").decode()
    letter = shown("Attachment", {"contentType": "text/plain; charset=utf-8", "data": data})
    assert letter == Prose("Dear colleague,\nall is well.")
    assert isinstance(shown("Attachment", {"contentType": "text/html", "data": data}), Text)
    assert isinstance(shown("Attachment", {"contentType": "text/plain; charset=nonsense", "data": data}), Text)


def test_a_period_may_be_open() -> None:
    period = shown("Period", {"start": "2021-05"})
    assert isinstance(period, During)
    assert period.start is not None
    assert period.start.text == "May 2021"
    assert period.end is None


# --- whole resources


def test_every_element_is_there_in_the_order_of_the_specification() -> None:
    names = [field.name for field in tree.fields(VALUES, ANNA)]
    assert names == ["identifier", "name", "gender", "birthDate", "contact"]
    contact = fields(ANNA)["contact"].values[0]
    assert isinstance(contact, Group)
    assert [field.name for field in contact.fields] == ["relationship", "name"]


def test_an_abnormal_value_carries_its_flag_and_its_digits() -> None:
    value = fields(observation("x", "Potassium", "2823-3", "5.60", "mmol/L", "H"))["value"].values[0]
    assert isinstance(value, Measure)
    assert value.number == "5.60"
    assert value.flag is not None
    assert (value.flag.arrow, value.flag.word) == ("↑", "high")


def test_repeated_groups_of_the_same_few_elements_are_a_table() -> None:
    (table,) = fields(PRESSURE)["component"].values
    assert isinstance(table, Table)
    assert [column.name for column in table.columns] == ["code", "value", "interpretation"]
    assert [column.numbers for column in table.columns] == [False, True, False]
    assert table.rows[0][2] is None
    value = table.rows[1][1]
    assert isinstance(value, Measure)
    assert value.number == "165"
    assert value.flag is not None


def test_questions_and_answers_are_a_table() -> None:
    form = {
        "resourceType": "QuestionnaireResponse",
        "item": [
            {"linkId": "1", "text": "Do you sleep well?", "answer": [{"valueBoolean": True}]},
            {"linkId": "2", "text": "Pain, 0 to 10", "answer": [{"valueInteger": 7}]},
        ],
    }
    (table,) = fields(form)["item"].values
    assert isinstance(table, Table)
    assert [column.name for column in table.columns] == ["linkId", "text", "answer"]
    assert [row[2] for row in table.rows] == [Text("yes"), Measure("7", "")]


def test_a_period_is_from_to_and_the_period_of_a_dosage_is_not() -> None:
    assert fields({"resourceType": "Encounter", "period": {"start": "2026"}})["period"].label == "From – to"
    timing = {"resourceType": "ServiceRequest", "occurrenceTiming": {"repeat": {"frequency": 1, "period": 8}}}
    occurrence = fields(timing)["occurrence"].values[0]
    assert isinstance(occurrence, Group)
    repeat = occurrence.fields[0].values[0]
    assert isinstance(repeat, Group)
    assert [field.label for field in repeat.fields] == ["Frequency", "Period"]


def test_an_absent_value_says_why() -> None:
    resource = {
        "resourceType": "Patient",
        "_birthDate": {
            "extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "asked-declined"}
            ]
        },
    }
    assert fields(resource)["birthDate"].values == (Missing("asked declined"),)


def test_extensions_come_last_under_the_last_part_of_their_address() -> None:
    resource = {
        "resourceType": "Patient",
        "extension": [
            {"url": "https://example.org/birth-place", "valueAddress": {"city": "Gent"}},
            {"url": "https://example.org/nested", "extension": [{"url": "inner", "valueCode": "x"}]},
        ],
        "gender": "female",
    }
    found = tree.fields(VALUES, resource)
    assert [field.label for field in found] == ["Gender", "Birth place", "Nested"]
    assert found[1].source == "https://example.org/birth-place"
    assert isinstance(found[2].values[0], Group)


def test_contained_resources_are_shown_with_their_type() -> None:
    resource = {
        "resourceType": "MedicationRequest",
        "contained": [{"resourceType": "Medication", "id": "med", "code": {"text": "furosemide 40 mg"}}],
        "medicationReference": {"reference": "#med"},
    }
    contained = fields(resource)["contained"].values[0]
    assert isinstance(contained, Group)
    assert contained.title == "Medication med"


def test_sections_of_a_letter_are_shown_without_anything_that_could_act() -> None:
    (section,) = fields(WICKED_LETTER)["section"].values
    assert isinstance(section, Group)
    prose = next(field for field in section.fields if field.name == "text").values[0]
    assert section.title
    assert prose == Prose("<div><p>Weight <b>down</b> 1.2 kg.</p>here</div>", markup=True)


def test_what_r4_does_not_know_is_shown_too() -> None:
    found = fields({"resourceType": "Patient", "shoeSize": 41, "strange": {"a": 1}})
    assert found["shoeSize"].values == (Measure("41", ""),)
    assert found["strange"].values == (Exact("…"),)


def test_a_resource_that_is_wrong_in_every_element_does_not_break_the_page() -> None:
    for name in ("Patient", "Observation", "MedicationRequest", "Encounter", "Composition"):
        for wrong in ("text", 1, True, [], {}, [[]], [{}], [None], {"coding": "x"}, [{"coding": [1]}], None):
            keys = ("name", "code", "subject", "value", "valueQuantity", "component", "status", "contact", "telecom")
            resource: dict[str, Any] = {"resourceType": name, "id": "x", **dict.fromkeys(keys, wrong)}
            resource |= dict.fromkeys(("identifier", "birthDate", "period", "extension", "interpretation"), wrong)
            tree.fields(VALUES, resource)
            title(VALUES, resource)


# --- titles


def line(resource: dict[str, Any], values: Values = VALUES) -> tuple[str, Any, str | None]:
    found = title(values, resource)
    return found.text, found.value, found.when.text if found.when else None


def test_titles_of_the_sample_hospital() -> None:
    by_id = {resource["id"]: title(VALUES, resource) for resource in HOSPITAL}
    assert by_id["anna"].text == "De Vries, Anna"
    gender, birth, number = by_id["anna"].details
    assert gender == Text("female")
    assert isinstance(birth, When)
    assert (birth.moment.text, birth.note) == ("12 Mar 1951", "(75)")
    assert number == Text("4711-0815")
    assert by_id["diabetes"].text == "Diabetes type 2"
    assert by_id["diabetes"].status == Text("active")
    assert by_id["letter"].text == "Discharge letter cardiology"
    potassium = by_id["potassium"]
    assert isinstance(potassium.value, Measure)
    assert (potassium.value.number, potassium.value.unit) == ("5.60", "mmol/L")
    assert potassium.about == Link("De Vries, Anna", "/record/Patient/anna", "Patient")


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"low": {"value": Decimal("3.50")}, "high": {"value": Decimal("5.0")}}, "3.50–5.0"),
        ({"low": {"value": 90}}, "≥ 90"),
        ({"high": {"value": 5}}, "≤ 5"),
        ({"text": "negative"}, ""),
    ],
)
def test_the_reference_range_stands_beside_the_value(limits: dict[str, Any], text: str) -> None:
    resource = observation("x", "Potassium", "2823-3", "5.60", "mmol/L", None, referenceRange=[limits])
    assert title(VALUES, resource).normal == text


def test_only_what_is_not_active_is_said() -> None:
    assert title(VALUES, {**ANNA, "active": True}).status is None
    assert title(VALUES, {**ANNA, "active": False}).status == Text("inactive")


def test_blood_pressure_is_systolic_over_diastolic_whatever_the_order() -> None:
    _, value, _ = line(PRESSURE)
    assert isinstance(value, Between)
    assert value.low is not None
    assert value.high is not None
    assert (value.low.number, value.sign, value.high.number, value.high.unit) == ("165", "/", "80", "mmHg")
    assert value.low.flag is not None
    assert value.high.flag is None


def test_two_other_components_are_not_read_as_a_blood_pressure() -> None:
    other = {**PRESSURE, "component": [{**c, "code": {"text": "something"}} for c in PRESSURE["component"]]}
    assert line(other)[1] is None


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        ({"resourceType": "Encounter", "class": {"code": "AMB", "display": "ambulatory"}}, "Ambulatory"),
        ({"resourceType": "Practitioner", "name": [{"family": "Jansen", "prefix": ["Dr"]}]}, "Dr Jansen"),
        ({"resourceType": "PractitionerRole", "practitioner": {"display": "Dr Jansen"}}, "Dr Jansen"),
        ({"resourceType": "Patient", "name": [{"family": "Old", "use": "old"}, {"family": "new", "given": ["A", "B"]}]},
         "New, A B"),
        ({"resourceType": "Patient", "id": "x"}, "Patient x"),
        ({"resourceType": "Device", "deviceName": [{"name": "Pump", "type": "user-friendly-name"}]}, "Pump"),
        ({"resourceType": "Goal", "description": {"text": "x" * 400}}, "X" + "x" * 139 + " …"),
        ({"resourceType": "QuestionnaireResponse", "questionnaire": "https://x.example/Questionnaire/distress-score|2"},
         "Distress score"),
        ({"resourceType": "Binary", "contentType": "application/pdf", "id": "b"}, "application/pdf"),
    ],
)  # fmt: skip
def test_titles_of_other_types(resource: dict[str, Any], text: str) -> None:
    assert title(VALUES, resource).text == text


def test_titles_in_dutch() -> None:
    found = title(DUTCH, observation("x", "Kalium", "2823-3", "5.60", "mmol/L", "H"))
    assert found.kind == "Waarneming"
    assert isinstance(found.value, Measure)
    assert found.value.number == "5,60"
    assert found.value.flag is not None
    assert found.value.flag.word == "hoog"
