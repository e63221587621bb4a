"""Care around the patient: problems, episodes, plans, goals, teams, flags, tasks, forms, vaccinations."""

from __future__ import annotations

from bedside.demo.catalog.problems import CONCEPTS
from bedside.demo.catalog.scores import ANSWERS, PHQ9, VACCINES
from bedside.demo.chart.core import Core, Problem, Visit, decimal, reference
from bedside.demo.clock import DAY, iso, iso_date
from bedside.demo.codes import (
    ATC,
    LOINC,
    SNOMED,
    Json,
    coding,
    concept,
    hl7,
    local,
    loinc,
    quantity,
)
from bedside.demo.hospital.forms import FORMS, form_url
from bedside.demo.hospital.model import ORGANIZATION, department_reference
from bedside.demo.hospital.staff import FUNCTIONS, Employee

_CLINICAL = {
    key: hl7("condition-clinical", key, display)
    for key, display in (("active", "Active"), ("resolved", "Resolved"), ("remission", "Remission"))
}
_CONFIRMED = hl7("condition-ver-status", "confirmed", "Confirmed")
_PROBLEM_LIST = [hl7("condition-category", "problem-list-item", "Problem List Item")]
_ENCOUNTER_DIAGNOSIS = [hl7("condition-category", "encounter-diagnosis", "Encounter Diagnosis")]
_SEVERITY = {
    "mild": concept("Mild", coding(SNOMED, "255604002", "Mild")),
    "moderate": concept("Moderate", coding(SNOMED, "6736007", "Moderate")),
    "severe": concept("Severe", coding(SNOMED, "24484000", "Severe")),
}
_FLAG_KINDS = {
    "falls": ("safety", "Safety", "Risk of falling"),
    "isolation": ("safety", "Safety", "Contact isolation"),
    "protective": ("safety", "Safety", "Protective isolation"),
    "delirium": ("safety", "Safety", "Risk of delirium"),
    "pressure": ("clinical", "Clinical", "Risk of pressure ulcers"),
    "anticoagulant": ("drug", "Drug", "Uses an anticoagulant"),
    "allergy": ("drug", "Drug", "Serious allergy"),
    "no-resuscitation": ("advance-directive", "Advance Directive", "Do not resuscitate"),
    "interpreter": ("admin", "Administrative", "Needs an interpreter"),
}
FLAGS: dict[str, tuple[list[Json], Json]] = {
    key: ([hl7("flag-category", code, display)], concept(words, local("flags", key, words)))
    for key, (code, display, words) in _FLAG_KINDS.items()
}
_GOAL_STATUS = {
    key: hl7("goal-achievement", key, display)
    for key, display in (
        ("in-progress", "In Progress"),
        ("achieved", "Achieved"),
        ("not-achieved", "Not Achieved"),
        ("improving", "Improving"),
    )
}
_SITE = concept("Left upper arm", coding(SNOMED, "368208006", "Left upper arm structure"))


class Care(Core):
    """The part of a chart that holds problems and what is arranged around them."""

    # Problems

    def problem(
        self,
        key: str,
        onset: int,
        *,
        visit: Visit | None = None,
        resolved: int | None = None,
        severity: str = "",
        note: str = "",
        stage: str = "",
        listed: bool = True,
        remembered: bool = False,
    ) -> Problem:
        """Puts a diagnosis in the chart (key of `problems.PROBLEMS`), or finds the one that is there.

        `remembered`: its onset is known by month only. One that would begin after the end is not written.
        """
        for known in self.problems:
            if known.key == key and (known.resolved is None or known.resolved > onset):
                return known
        if onset > self.end or onset < self.person.birth:
            return Problem(key, {}, onset, {"code": CONCEPTS[key]}, resolved)
        found = self.new("Condition", "con")
        over = resolved is not None and resolved <= self.end
        found["clinicalStatus"] = _CLINICAL["resolved" if over else "active"]
        found["verificationStatus"] = _CONFIRMED
        found["category"] = _PROBLEM_LIST if listed else _ENCOUNTER_DIAGNOSIS
        if severity:
            found["severity"] = _SEVERITY[severity]
        found["code"] = CONCEPTS[key]
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
            found["recorder"] = visit.doctor.reference
        found["onsetDateTime"] = iso_date(onset)[:7] if remembered else iso_date(onset)
        if over and resolved is not None:
            found["abatementDateTime"] = iso_date(resolved)
        found["recordedDate"] = iso(min(self.end, max(onset, visit.start if visit is not None else onset)))
        if stage:
            found["stage"] = [{"summary": {"text": stage}}]
        if note:
            found["note"] = [{"text": note}]
        problem = Problem(key, reference(found), onset, found, resolved if over else None)
        self.problems.append(problem)
        return problem

    def resolve(self, problem: Problem, moment: int) -> None:
        """A problem is over."""
        if problem.ref and problem.resolved is None and moment <= self.end:
            problem.resolved = moment
            problem.resource["clinicalStatus"] = _CLINICAL["resolved"]
            problem.resource["abatementDateTime"] = iso_date(max(moment, problem.onset))

    def episode(self, department: str, problem: Problem, start: int, end: int | None = None) -> None:
        """An EpisodeOfCare: the time in which a department is responsible for a problem."""
        if not problem.ref or start > self.end:
            return
        found = self.new("EpisodeOfCare", "epi")
        over = self.dead or (end is not None and end <= self.end)
        found["status"] = "finished" if over else "active"
        found["type"] = [{"text": "Specialist care"}]
        found["diagnosis"] = [{"condition": problem.ref, "rank": 1}]
        found["patient"] = self.subject
        found["managingOrganization"] = department_reference(department)
        found["period"] = {"start": iso(max(start, self.person.birth))}
        if over:
            found["period"]["end"] = iso(min(end or self.end, self.end))
        found["careManager"] = self.hospital.doctor(department, self.person.number).reference

    # Plans

    def team(self, name: str, members: list[Employee], start: int, problem: Problem | None = None) -> Json | None:
        """A CareTeam for this patient, with the patient in it."""
        if start > self.end:
            return None
        found = self.new("CareTeam", "team")
        found["status"] = "inactive" if self.dead else "active"
        found["name"] = name
        found["subject"] = self.subject
        found["period"] = {"start": iso(start)} if not self.dead else {"start": iso(start), "end": iso(self.end)}
        found["participant"] = [{"role": [{"text": "Patient"}], "member": self.subject}] + [
            {"role": [FUNCTIONS[person.kind]], "member": person.reference} for person in members
        ]
        if problem is not None and problem.ref:
            found["reasonReference"] = [problem.ref]
        found["managingOrganization"] = [ORGANIZATION]
        return found

    def goal(
        self,
        words: str,
        start: int,
        *,
        problem: Problem | None = None,
        measure: Json | None = None,
        target: Json | None = None,
        status: str = "in-progress",
        months: int = 12,
    ) -> Json | None:
        """A Goal in the patient's words, with a target where it can be measured."""
        if start > self.end:
            return None
        found = self.new("Goal", "goal")
        found["lifecycleStatus"] = "completed" if status == "achieved" else "cancelled" if self.dead else "active"
        found["achievementStatus"] = _GOAL_STATUS[status]
        found["description"] = {"text": words}
        found["subject"] = self.subject
        found["startDate"] = iso_date(start)
        if measure is not None and target is not None:
            found["target"] = [
                {"measure": measure, "detailQuantity": target, "dueDate": iso_date(start + months * 30 * DAY)}
            ]
        if problem is not None and problem.ref:
            found["addresses"] = [problem.ref]
        return found

    def plan(
        self,
        title: str,
        start: int,
        activities: list[str],
        *,
        problem: Problem | None = None,
        goals: list[Json | None] | None = None,
        team: Json | None = None,
        visit: Visit | None = None,
        end: int | None = None,
    ) -> Json | None:
        """A CarePlan with what is agreed, in plain words."""
        if start > self.end:
            return None
        found = self.new("CarePlan", "plan")
        over = self.dead or (end is not None and end <= self.end)
        found["status"] = "completed" if over else "active"
        found["intent"] = "plan"
        found["title"] = title
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
            found["author"] = visit.doctor.reference
        found["period"] = {"start": iso(start)}
        if over:
            found["period"]["end"] = iso(min(self.end, end or self.end))
        found["created"] = iso(start)
        if team is not None:
            found["careTeam"] = [reference(team)]
        if problem is not None and problem.ref:
            found["addresses"] = [problem.ref]
        wanted = [reference(goal) for goal in goals or [] if goal is not None]
        if wanted:
            found["goal"] = wanted
        found["activity"] = [
            {
                "detail": {
                    "status": "completed" if over else "in-progress",
                    "description": words,
                    "doNotPerform": False,
                }
            }
            for words in activities
        ]
        return found

    # Signals

    def flag(self, key: str, start: int, end: int | None = None, visit: Visit | None = None, words: str = "") -> None:
        """Something that everybody must see (key of `FLAGS`)."""
        if start > self.end:
            return
        category, code = FLAGS[key]
        found = self.new("Flag", "flag")
        over = self.dead or (end is not None and end <= self.end)
        found["status"] = "inactive" if over else "active"
        found["category"] = category
        found["code"] = {**code, "text": words} if words else code
        found["subject"] = self.subject
        found["period"] = {"start": iso(start)}
        if over:
            found["period"]["end"] = iso(min(self.end, end or self.end))
        if visit is not None:
            found["encounter"] = visit.ref

    def task(
        self, words: str, made: int, due: int, owner: Employee, *, visit: Visit | None = None, focus: Json | None = None
    ) -> None:
        """Something that somebody must do: done when it was due before today, open otherwise."""
        if made > self.end:
            return
        found = self.new("Task", "task")
        done = due < self.until - DAY or self.dead
        found["status"] = "completed" if done else "requested"
        found["intent"] = "order"
        found["priority"] = "routine"
        found["description"] = words
        if focus is not None:
            found["focus"] = reference(focus)
        found["for"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
        found["authoredOn"] = iso(made)
        found["lastModified"] = iso(min(self.end, max(made, due)) if done else made)
        found["owner"] = owner.reference
        found["restriction"] = {"period": {"end": iso(min(due, self.end) if self.dead else due)}}

    # Forms

    def answer(self, form: str, moment: int, answers: dict[str, bool | int | str], visit: Visit | None = None) -> None:
        """A filled in form of the hospital (`forms.FORMS`)."""
        if not self.person.birth < moment <= self.end:
            return
        found = self.new("QuestionnaireResponse", "form")
        found["questionnaire"] = form_url(form)
        found["status"] = "completed"
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
        found["authored"] = iso(moment)
        found["source"] = self.subject
        kinds = {"boolean": "valueBoolean", "integer": "valueInteger", "string": "valueString"}
        found["item"] = [
            {"linkId": link, "text": text, "answer": [{kinds[kind]: answers[link]}]}
            for link, text, kind in FORMS[form][1]
            if link in answers
        ]

    def phq9(self, moment: int, total: int, visit: Visit | None = None) -> None:
        """A filled in PHQ-9 whose nine answers add up to `total` (0 to 27)."""
        if not self.person.birth < moment <= self.end:
            return
        total = max(0, min(27, total))
        points = [total // 9 + (1 if i < total % 9 else 0) for i in range(9)]
        found = self.new("QuestionnaireResponse", "form")
        found["questionnaire"] = form_url("phq-9")
        found["status"] = "completed"
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
        found["authored"] = iso(moment)
        found["source"] = self.subject
        items: list[Json] = [
            {"linkId": code, "text": english, "answer": [{"valueCoding": coding(LOINC, *ANSWERS[value])}]}
            for (code, english, _dutch), value in zip(PHQ9, points, strict=True)
        ]
        items.append({"linkId": "44261-6", "text": "Total score", "answer": [{"valueInteger": total}]})
        found["item"] = items

    # Vaccinations

    def vaccinate(self, key: str, moment: int, dose: int = 0, *, here: bool = False) -> None:
        """A vaccination (key of `scores.VACCINES`); most are given elsewhere and reported."""
        if not self.person.birth <= moment <= self.end:
            return
        found = self.new("Immunization", "vac")
        found["status"] = "completed"
        code, display = VACCINES[key]
        found["vaccineCode"] = concept(key.upper() if len(key) < 5 else key.capitalize(), coding(ATC, code, display))
        found["patient"] = self.subject
        found["occurrenceDateTime"] = iso_date(moment)
        found["primarySource"] = here
        if not here:
            found["reportOrigin"] = hl7("immunization-origin", "record", "Other Record")
        found["lotNumber"] = f"V{moment // DAY % 9973:04d}"
        found["site"] = _SITE
        if dose:
            found["protocolApplied"] = [{"doseNumberPositiveInt": dose}]

    def limit(self, code: str, display: str, value: float, unit: str, ucum: str, digits: int = 0) -> tuple[Json, Json]:
        """Measure and target of a goal."""
        return loinc(code, display), quantity(decimal(value, digits), unit, ucum)
