"""Measure/$collect-data and Measure/$submit-data (R4 measure-operation-collect-data.html, -submit-data.html): the data
behind a measure, handed to whoever computes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from bedside.api.bundles import instant
from bedside.api.messages import Reply, Request
from bedside.api.questions import data
from bedside.api.questions.inputs import Inputs
from bedside.api.questions.measure import measure_of, since
from bedside.api.questions.period import Period
from bedside.api.questions.questions import Questions
from bedside.api.questions.requirements import requirements
from bedside.api.questions.saving import examine
from bedside.fhir import dates, definitions
from bedside.fhir.outcome import Invalid, Issue, operation_outcome
from bedside.fhir.references import references
from bedside.questions.cql.world import Data, Wanted
from bedside.record.model import Create, Update, Write

Json = dict[str, Any]

COLLECT = ("measure", "periodStart", "periodEnd", "subject", "lastReceivedOn", *data.PARAMETERS)


def collect(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/Measure/[id]/$collect-data, or of the type with `measure`: a MeasureReport of the type
    data-collection, and every resource of the subject that the measure may look at.

    What is wanted is what `$data-requirements` says, whatever its date; with it comes what it refers to and is nobody's
    own (practitioners, organisations, medications).
    """
    inputs = Inputs(request, COLLECT)
    definition = measure_of(questions, request, inputs)
    period = Period(inputs, data.zone())
    subject = data.subject_of(inputs.required("subject"))
    if subject is None or subject[0] != "Patient":
        raise Invalid("Data are collected of one Patient: say which by subject, such as Patient/1.", code="value")
    with data.open_world(questions.record, inputs, request.base) as asked:
        asked.require("/".join(subject))
        assert asked.world.data is not None
        shelf = questions.libraries.current(asked.record_data.session)
        wanted = dict.fromkeys(expression for expression, _ in definition.expressions())
        needed = requirements(shelf.by_canonical(definition.library), shelf, list(wanted))
        found: dict[str, Json] = {}
        for requirement in needed.get("dataRequirement", ()):
            for resource in _retrieved(asked.world.data, requirement, subject[1]):
                found.setdefault(_reference(resource), resource)
        for resource in list(found.values()):
            for other in _referred(asked.world.data, resource):
                found.setdefault(_reference(other), other)
        earliest = since(inputs)
        kept = [each for each in found.values() if earliest is None or _updated(each) >= earliest]
        report: Json = {
            "resourceType": "MeasureReport",
            "id": str(uuid4()),
            "status": "complete",
            "type": "data-collection",
            "measure": definition.canonical,
            "subject": {"reference": "/".join(subject)},
            "date": instant(data.clock(inputs)),
            "period": dict(period.texts),
        }
        if kept:
            report["evaluatedResource"] = [{"reference": _reference(each)} for each in kept]
        parameters: list[Json] = [{"name": "measureReport", "resource": report}]
        parameters += [{"name": "resource", "resource": each} for each in kept]
        return Reply(200, {"resourceType": "Parameters", "parameter": parameters})


def _retrieved(source: Data, requirement: Json, patient: str) -> Iterator[Json]:
    """The patient's resources that a requirement is about. Types that are nobody's own are not swept up."""
    name = requirement["type"]
    filters = requirement.get("codeFilter", [{}])
    codes = filters[0].get("code")
    wanted = Wanted(
        name,
        "Patient",
        patient,
        code_path=filters[0].get("path") if codes or "valueSet" in filters[0] else None,
        codes=frozenset((each.get("system"), each["code"]) for each in codes) if codes else None,
        value_set=filters[0].get("valueSet"),
    )
    if _is_owned(name) or wanted.code_path is not None:
        yield from source.retrieve(wanted)


def _is_owned(name: str) -> bool:
    return name == "Patient" or name in definitions.compartment("Patient")


def _referred(source: Data, resource: Json) -> Iterator[Json]:
    for link in references(resource):
        text = link.text
        if text is not None and not _is_owned(text.partition("/")[0]):
            found = source.resolve(text)
            if found is not None:
                yield found


def _reference(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource.get('id', '')}"


def _updated(resource: Json) -> int:
    text = resource.get("meta", {}).get("lastUpdated")
    return dates.MAX if text is None else dates.interval(text)[0]


def submit(questions: Questions, request: Request) -> Reply:
    """POST [base]/Measure/[id]/$submit-data: the MeasureReport and its resources are kept, all of them or none.

    Resources with an id replace what is at it; references among them are to what they name.
    """
    inputs = Inputs(request, ("measureReport", "resource"))
    if request.id:
        questions.stored("Measure", request.id)
    report = inputs.resource("measureReport", "MeasureReport")
    if report is None:
        raise Invalid("The parameter measureReport is missing.", code="required")
    resources = [report]
    for each in inputs.all("resource"):
        resource = each.get("resource")
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise Invalid("The parameter resource must be a resource.", code="value")
        resources.append(resource)
    writes: list[Write] = [
        Update(each["resourceType"], each, id=each["id"]) if isinstance(each.get("id"), str) else Create(each)
        for each in resources
    ]
    examine(questions, writes)
    outcomes = questions.record.write(*writes, transaction=True)
    kept = ", ".join(outcome.stored.reference for outcome in outcomes if outcome.stored is not None)
    return Reply(200, operation_outcome([Issue("information", "informational", None, f"Kept: {kept}.")]))
