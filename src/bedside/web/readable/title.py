"""The line by which a person recognises a resource: what it is, its value, when, in what state, and about whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.fhir import definitions
from bedside.web.locale import Moment
from bedside.web.readable import labels, names, ranges
from bedside.web.readable.parts import Json, first, objects
from bedside.web.readable.shapes import Between, Coded, Exact, Link, Measure, Text, Title, Value, When
from bedside.web.readable.values import Values

_PEOPLE = frozenset(("Patient", "Person", "RelatedPerson"))

# Elements that name a resource, best first, where the usual ones below would choose badly.
_NAMED: dict[str, tuple[str, ...]] = {
    "Appointment": ("description", "serviceType", "appointmentType", "reasonCode"),
    "Binary": ("contentType",),
    "CarePlan": ("title", "category", "description"),
    "CareTeam": ("name", "category", "reasonCode"),
    "Claim": ("type",),
    "Communication": ("topic", "category", "reasonCode"),
    "Composition": ("title", "type"),
    "Consent": ("category", "scope"),
    "Coverage": ("type", "payor"),
    "Device": ("deviceName", "type"),
    "DocumentReference": ("description", "type"),
    "Encounter": ("type", "reasonCode", "serviceType", "class"),
    "EpisodeOfCare": ("type",),
    "ExplanationOfBenefit": ("type",),
    "Flag": ("code", "category"),
    "Goal": ("description",),
    "ImagingStudy": ("description", "procedureCode", "modality"),
    "List": ("title", "code"),
    "PractitionerRole": ("specialty", "code"),
    "Provenance": ("activity", "policy"),
    "QuestionnaireResponse": ("questionnaire",),
    "Schedule": ("serviceType", "specialty", "comment"),
    "ServiceRequest": ("code", "orderDetail", "category"),
    "Slot": ("serviceType", "specialty", "comment"),
    "Specimen": ("type",),
    "Task": ("description", "code"),
}
_NAMES = (
    *("name", "title", "code", "medicationCodeableConcept", "medicationReference", "vaccineCode"),
    *("deviceName", "description", "type", "category", "kind", "class", "url", "identifier"),
)
_STATUS = ("clinicalStatus", "status", "verificationStatus")
_ABOUT = ("subject", "patient", "beneficiary", "for", "individual")
_WHEN = (
    *("effectiveDateTime", "effectivePeriod", "effectiveInstant", "performedDateTime", "performedPeriod"),
    *("occurrenceDateTime", "occurrencePeriod", "onsetDateTime", "onsetPeriod", "period", "servicedPeriod"),
    *("started", "start", "whenHandedOver", "whenPrepared", "sent", "authoredOn", "authored", "date", "recorded"),
    *("recordedDate", "billablePeriod", "dateTime", "created", "issued", "timestamp", "startDate", "collection"),
)
_VALUES = (
    *("valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean", "valueInteger", "valueRange"),
    *("valueRatio", "valueTime", "valueDateTime", "valuePeriod", "total", "doseQuantity", "quantity"),
)
_LONGEST = 140
_AS_WRITTEN = frozenset(("name", "title", "contentType", "url", "identifier", "questionnaire"))
# LOINC and SNOMED CT.
_PRESSURES = {"8480-6": "systolic", "271649006": "systolic", "8462-4": "diastolic", "271650006": "diastolic"}


def title(values: Values, resource: Json) -> Title:
    """The title line of a resource. A resource without any words of its own is called by its type and id."""
    name = str(resource.get("resourceType", ""))
    kind = labels.type_name(values.words, name)
    return Title(
        type=name,
        kind=kind,
        text=name_of(values, resource) or f"{kind} {resource.get('id', '')}".strip(),
        value=_value(values, resource),
        normal=_normal(values, resource),
        when=None if name in _PEOPLE else _when(values, resource),
        status=_status(values, resource),
        about=_about(values, resource),
        details=tuple(_details(values, resource)),
    )


def name_of(values: Values, resource: Json) -> str:
    """What a person would call the resource; empty when nothing in it says so."""
    name = str(resource.get("resourceType", ""))
    for key in _NAMED.get(name, _NAMES):
        content = resource.get(key)
        if content is None:
            continue
        words = _words(values, name, key, content)
        if words:
            words = labels.capitalise(words) if words[0].islower() and key not in _AS_WRITTEN else words
            return words if len(words) <= _LONGEST else words[:_LONGEST].rsplit(" ", 1)[0] + " …"
    if name == "PractitionerRole" or name in _NAMED:
        return next((w for key in ("practitioner", *_NAMES) if (w := _words(values, name, key, resource.get(key)))), "")
    return ""


def _words(values: Values, name: str, key: str, content: Any) -> str:
    if content is None:
        return ""
    if key == "name" and not isinstance(content, str):
        chosen = names.preferred(content)
        if chosen is None:
            return ""
        return names.listed_name(chosen) if name in _PEOPLE else names.full_name(chosen)
    if key == "deviceName" and isinstance(first(content), Mapping):
        return str(first(content).get("name", ""))
    properties = definitions.type_definition(name).properties
    if key not in properties:
        return ""
    shape = values.value(properties[key][1], first(content))
    text = " ".join(str(getattr(shape, "text", "")).split())
    if isinstance(shape, Exact) and "/" in text:
        # An address: its last part says most.
        return labels.capitalise(labels.split(text.partition("|")[0].rstrip("/").rsplit("/", 1)[-1]).replace("-", " "))
    return text


def _value(values: Values, resource: Json) -> Value | None:
    """The value, the first thing that one looks for: with its flag, and blood pressure as 120/80."""
    name = str(resource.get("resourceType", ""))
    properties = definitions.type_definition(name).properties if definitions.is_resource_type(name) else {}
    flag = ranges.flag(values.words, resource)
    for key in _VALUES:
        if key in resource and key in properties:
            shape = values.value(properties[key][1], first(resource[key]), flag=flag)
            if shape is not None and getattr(shape, "text", "") != name_of(values, resource):
                return _short(shape)
    return _blood_pressure(values, resource) if name == "Observation" else None


def _normal(values: Values, resource: Json) -> str:
    """What is normal for the value of an Observation, without its unit; empty when there is no one range."""
    limits = ranges.normal_range(resource) if "valueQuantity" in resource else None
    if limits is None:
        return ""
    low, high = (
        shape.number if isinstance(limit, Mapping) and (shape := values.quantity(limit)) else ""
        for limit in (limits.get("low"), limits.get("high"))
    )
    if low and high:
        return f"{low}–{high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def _blood_pressure(values: Values, resource: Json) -> Value | None:
    """Systolic over diastolic, as in `120/80 mmHg`; None when this is something else."""
    found: dict[str, Measure] = {}
    for part in objects(resource.get("component")):
        quantity, code = part.get("valueQuantity"), part.get("code")
        if isinstance(quantity, Mapping) and isinstance(code, Mapping):
            for coding in objects(code.get("coding")):
                which = _PRESSURES.get(str(coding.get("code")))
                shape = values.quantity(quantity, flag=ranges.flag(values.words, part)) if which else None
                if which and shape:
                    found[which] = shape
    high, low = found.get("systolic"), found.get("diastolic")
    if high is None or low is None or high.unit != low.unit:
        return None
    return Between(Measure(high.number, "", None, high.flag), low, "/")


def _short(shape: Value) -> Value:
    """A value for a line: the first words of a long text."""
    if isinstance(shape, Text | Coded) and len(shape.text) > 60:
        return Text(shape.text[:60].rsplit(" ", 1)[0] + " …")
    if shape.kind == "prose":
        return _short(Text(" ".join(getattr(shape, "text", "").split())))
    return shape


def _when(values: Values, resource: Json) -> Moment | None:
    for key in _WHEN:
        content = resource.get(key)
        if isinstance(content, Mapping):
            content = content.get("start") or content.get("collectedDateTime") or content.get("end")
        if isinstance(content, str):
            return values.locale.moment(content)
    return None


def _status(values: Values, resource: Json) -> Text | None:
    for key in _STATUS:
        content = resource.get(key)
        if isinstance(content, str):
            return Text(*labels.code_words(values.words, content))
        if isinstance(content, Mapping):
            coding = first(content.get("coding"))
            if isinstance(coding, Mapping) and coding.get("code"):
                return Text(*labels.code_words(values.words, str(coding["code"])))
    # That somebody or something is active goes without saying.
    return Text(*labels.code_words(values.words, "inactive")) if resource.get("active") is False else None


def _about(values: Values, resource: Json) -> Link | None:
    for key in _ABOUT:
        content = first(resource.get(key))
        if isinstance(content, Mapping) and "reference" in content:
            shape = values.reference(content)
            return shape if isinstance(shape, Link) else None
    return None


def _details(values: Values, resource: Json) -> Iterator[Text | When]:
    """What else belongs on the line, by type."""
    locale = values.locale
    match resource.get("resourceType"):
        case "Patient" | "Person" | "RelatedPerson":
            if gender := resource.get("gender"):
                yield Text(*labels.code_words(values.words, str(gender)))
            if birth := resource.get("birthDate"):
                died = resource.get("deceasedDateTime")
                years = locale.age(str(birth), died if isinstance(died, str) else None)
                yield When(locale.moment(str(birth)), "" if years is None else f"({years})")
                if isinstance(died, str):
                    yield Text(locale.words.gettext("died %(date)s") % {"date": locale.moment(died).text})
            identifier = first(resource.get("identifier"))
            if isinstance(identifier, Mapping) and identifier.get("value"):
                yield Text(str(identifier["value"]))
        case "MedicationRequest" | "MedicationStatement" | "MedicationDispense":
            dosage = first(resource.get("dosageInstruction") or resource.get("dosage"))
            if isinstance(dosage, Mapping) and dosage.get("text"):
                yield Text(str(dosage["text"]))
        case "Organization" | "Location" | "Practitioner":
            place = first(resource.get("address"))
            if isinstance(place, Mapping) and place.get("city"):
                yield Text(str(place["city"]))
