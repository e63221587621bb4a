"""Measure/$evaluate-measure (R4 measure-operation-evaluate-measure.html) and Measure/$evaluate (DEQM, evaluate)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import islice
from uuid import uuid4

from bedside.api.messages import Reply, Request
from bedside.api.questions import data
from bedside.api.questions.data import Asked
from bedside.api.questions.inputs import Inputs, Json, instant_of
from bedside.api.questions.measures import (
    Ready,
    about,
    by_canonical,
    individual_report,
    read_measure,
    ready,
    summary_report,
)
from bedside.api.questions.period import Period
from bedside.api.questions.questions import Questions
from bedside.fhir.outcome import Invalid, NotFound, TooCostly
from bedside.questions.measure.definition import Definition
from bedside.record.questions_subjects import count, everybody, members_of, patients_of

log = logging.getLogger("bedside.questions")

_COMMON = ("periodStart", "periodEnd", "reportType", "subject", "lastReceivedOn", "parameters", *data.PARAMETERS)
KNOWN = (*_COMMON, "measure", "practitioner", "additionalData", "reporter")
DEQM_KNOWN = (*_COMMON, "measureUrl", "subjectGroup", "reporter", "location", "excludeEvaluatedResources")
_DEQM_REFUSED = {
    "reporterResource": "give the reporter as a reference",
    "manifest": "versions are pinned in the libraries and canonicals themselves",
}
_TYPES = {
    "subject": "individual", "individual": "individual", "subject-list": "subject-list",
    "population": "summary", "summary": "summary",
}  # fmt: skip
_MOST_BUNDLES = 1000


def evaluate_measure(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/Measure/[id]/$evaluate-measure, or of the type with the parameter `measure`: a MeasureReport.

    `reportType` is subject, subject-list or population (the words of later guides will do, too); without it, it is
    subject when the subject is one patient.
    """
    inputs = Inputs(request, KNOWN)
    period = Period(inputs, data.zone())
    with data.open_world(
        questions.record, inputs, request.base, bundle=inputs.resource("additionalData", "Bundle")
    ) as asked:
        measure = ready(
            questions,
            questions.libraries.current(asked.record_data.session),
            measure_of(questions, request, inputs),
            period,
            inputs.parameters(),
        )
        people = _People(questions, asked, inputs)
        kind = _report_type(inputs, people)
        now = data.clock(inputs)
        reporter = inputs.text("reporter") or inputs.text("practitioner")
        reporter = reporter if reporter is None or "/" in reporter else f"Practitioner/{reporter}"
        if kind == "individual":
            subject = people.one()
            said = about(period, now, subject=f"Patient/{subject}", reporter=reporter)
            return Reply(200, individual_report(measure, asked, subject, said, since(inputs)))
        said = about(period, now, subject=people.group, reporter=reporter)
        return Reply(200, _summary(measure, asked, people, said, kind))


def evaluate(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/Measure/$evaluate: a Bundle for each subject, or one with the reports of all of them.

    A bundle has the reports first and then what they refer to as evaluated, unless `excludeEvaluatedResources`.
    """
    inputs = Inputs(request, DEQM_KNOWN, _DEQM_REFUSED)
    urls = inputs.texts("measureUrl")
    if not urls:
        raise Invalid("The parameter measureUrl is missing.", code="required")
    period = Period(inputs, data.zone())
    with data.open_world(questions.record, inputs, request.base) as asked:
        shelf = questions.libraries.current(asked.record_data.session)
        wanted = [ready(questions, shelf, by_canonical(questions, url), period, inputs.parameters()) for url in urls]
        people = _People(questions, asked, inputs)
        kind = _report_type(inputs, people)
        now, with_evaluated = data.clock(inputs), not inputs.boolean("excludeEvaluatedResources", False)
        reporter = inputs.text("reporter")
        bundles: list[Json] = []
        if kind == "individual":
            subjects = list(islice(people.ids(), _MOST_BUNDLES + 1))
            if len(subjects) > _MOST_BUNDLES:
                raise TooCostly(f"These are more than {_MOST_BUNDLES} subjects; ask for a summary, or for a group.")
            for subject in subjects:
                said = about(period, now, subject=f"Patient/{subject}", reporter=reporter)
                reports = [individual_report(each, asked, subject, said, since(inputs)) for each in wanted]
                bundles.append(_bundle(reports, asked if with_evaluated else None, request.base))
        else:
            said = about(period, now, subject=people.group, reporter=reporter)
            reports = [_summary(each, asked, people, said, kind) for each in wanted]
            bundles.append(_bundle(reports, None, request.base))
        found = [{"name": "return", "resource": each} for each in bundles]
        return Reply(200, {"resourceType": "Parameters", "parameter": found})


def measure_of(questions: Questions, request: Request, inputs: Inputs) -> Definition:
    """The measure that a request is about: by id, or by the parameter `measure`. Raises FhirError."""
    named = inputs.text("measure")
    if request.id:
        if named is not None:
            raise Invalid("The address says which measure is meant; the parameter measure does not go with it.")
        return read_measure(questions, questions.stored("Measure", request.id))
    if named is None:
        raise Invalid("Say by the parameter measure which measure is meant.", code="required")
    if "://" in named or named.startswith("urn:"):
        return by_canonical(questions, named)
    return read_measure(questions, questions.stored("Measure", named.removeprefix("Measure/")))


class _People:
    """Whom the request is about."""

    def __init__(self, questions: Questions, asked: Asked, inputs: Inputs) -> None:
        self._asked = asked
        self._session = asked.record_data.session
        self._registry = questions.record.registry
        self._given_group = inputs.resource("subjectGroup", "Group")
        self.subject = data.subject_of(inputs.text("subject"))
        self.practitioner = inputs.text("practitioner")
        if self.subject is not None and self._given_group is not None:
            raise Invalid("subject and subjectGroup exclude each other: give one of them.")
        if self.subject is not None:
            if self.subject[0] not in ("Patient", "Group"):
                raise Invalid(f"A measure is about a Patient or a Group, not about a {self.subject[0]}.", code="value")
            asked.require("/".join(self.subject))

    @property
    def group(self) -> str | None:
        """The reference of the group or patient that a summary is about."""
        return None if self.subject is None else "/".join(self.subject)

    def one(self) -> str:
        """The id of the one subject. Raises Invalid when there is none."""
        if self.subject is None or self.subject[0] != "Patient":
            raise Invalid("A report of one subject needs the parameter subject, such as Patient/1.", code="required")
        return self.subject[1]

    def ids(self) -> Iterable[str]:
        """The ids of all subjects: the one, those of the group or practitioner, else everybody's."""
        if self._given_group is not None:
            return members_of(self._asked.record_data, self._given_group)
        if self.subject is not None and self.subject[0] == "Group":
            assert self._asked.world.data is not None
            group = self._asked.world.data.resolve("/".join(self.subject))
            if group is None:
                raise NotFound(f"There is no {'/'.join(self.subject)}.")
            return members_of(self._asked.record_data, group)
        if self.subject is not None:
            return [self.subject[1]]
        if self.practitioner is not None:
            practitioner = self.practitioner if "/" in self.practitioner else f"Practitioner/{self.practitioner}"
            return patients_of(self._session, self._registry, practitioner)
        return everybody(self._session, self._registry)

    def total(self) -> int | None:
        """How many there are, where that is known at once."""
        if self.subject is None and self.practitioner is None and self._given_group is None:
            return count(self._session, self._registry)
        return None


def _report_type(inputs: Inputs, people: _People) -> str:
    said = inputs.text("reportType")
    if said is None:
        return "individual" if people.subject is not None and people.subject[0] == "Patient" else "summary"
    if said not in _TYPES:
        raise Invalid(f"reportType must be subject, subject-list or population, not {said!r}.", code="value")
    return _TYPES[said]


def _summary(measure: Ready, asked: Asked, people: _People, said: object, kind: str) -> Json:
    name = measure.definition.canonical

    def progress(done: int, total: int | None) -> None:
        log.info("%s: %s of %s subjects", name, f"{done:,}", "some" if total is None else f"{total:,}")

    return summary_report(
        measure,
        asked,
        people.ids(),
        said,  # type: ignore[arg-type]
        listed=kind == "subject-list",
        total=people.total(),
        on_progress=progress,
    )


def since(inputs: Inputs) -> int | None:
    """`lastReceivedOn` in microseconds: evidence that is older was received before."""
    said = inputs.moment("lastReceivedOn")
    return None if said is None else int(instant_of(said, data.zone()).timestamp() * 1_000_000)


def _bundle(reports: list[Json], asked: Asked | None, base: str) -> Json:
    entries = [{"fullUrl": f"urn:uuid:{uuid4()}", "resource": report} for report in reports]
    if asked is not None:
        assert asked.world.data is not None
        references = dict.fromkeys(
            each["reference"] for report in reports for each in report.get("evaluatedResource", ())
        )
        for reference in references:
            resource = asked.world.data.resolve(reference)
            if resource is not None:
                entries.append({"fullUrl": f"{base}/{reference}", "resource": resource})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
