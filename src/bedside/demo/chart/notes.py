"""Words in a chart: letters in Dutch, discharge letters as Compositions, notes of doctors, messages.

Letters are written when the whole life is known, so that they name the diagnoses, the medication and the last
results of their own moment.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1
from html import escape

from bedside.demo.catalog.labs import ANALYTES
from bedside.demo.catalog.problems import PROBLEMS
from bedside.demo.chart.core import Problem, Visit, reference
from bedside.demo.chart.medication import Medication, dutch_dose
from bedside.demo.chart.results import Results
from bedside.demo.clock import DAY, HOUR, dutch_date, iso
from bedside.demo.codes import Json, coding, concept, hl7, local, loinc
from bedside.demo.hospital.departments import DEPARTMENTS
from bedside.demo.hospital.model import ORGANIZATION
from bedside.demo.hospital.region import Partner

_TYPES = {
    "letter": loinc("11488-4", "Consult note"),
    "discharge": loinc("18842-5", "Discharge summary"),
    "operation": loinc("11504-8", "Surgical operation note"),
    "progress": loinc("11506-3", "Progress note"),
    "referral": loinc("57133-1", "Referral note"),
}
_CATEGORY = [concept("Clinical note", local("documents", "clinical-note", "Clinical note"))]
_FORMAT = coding(
    "http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem",
    "urn:ihe:iti:xds:2017:mimeTypeSufficient",
    "mimeType Sufficient",
)
_CONFIDENTIAL = [hl7("v3-Confidentiality", "R", "restricted")]
_FLAGS = {"H": " (verhoogd)", "L": " (verlaagd)", "HH": " (sterk verhoogd)", "LL": " (sterk verlaagd)"}
_DUTCH = {
    "hb": "Hb", "ht": "Ht", "leuko": "leukocyten", "plt": "trombocyten", "neut": "neutrofielen", "lymph": "lymfocyten",
    "crea": "kreatinine", "urea": "ureum", "na": "natrium", "k": "kalium", "ca": "calcium", "phos": "fosfaat",
    "mg": "magnesium", "alb": "albumine", "bili": "bilirubine", "alp": "alkalische fosfatase", "chol": "cholesterol",
    "hdl": "HDL-cholesterol", "ldl": "LDL-cholesterol", "tg": "triglyceriden", "ft4": "vrij T4", "ferritin": "ferritine",
    "iron": "ijzer", "vitd": "vitamine D", "esr": "BSE", "urate": "urinezuur", "lactate": "lactaat", "hco3": "bicarbonaat",
    "uacr": "albumine/kreatinine in urine", "pct": "procalcitonine", "troponin": "troponine T", "tacrolimus": "tacrolimusspiegel",
}  # fmt: skip
"""What letters call a result, where Dutch differs from the words on a screen."""


class Notes(Results, Medication):
    """The part of a chart that holds text."""

    def _dutch_problems(self, moment: int) -> list[str]:
        return [
            f"{dutch_date(p.onset)[3:]} {PROBLEMS[p.key].dutch}"
            + (" (hersteld)" if p.resolved and p.resolved <= moment else "")
            for p in sorted(self.problems, key=lambda p: p.onset)
            if p.onset <= moment
        ]

    def _medication_lines(self, moment: int) -> list[str]:
        return [
            f"{t.drug.name}, {dutch_dose(t.words, t.drug.route, t.frequency)}"
            for t in self.therapies
            if t.active(moment) and not t.inpatient and t.frequency != "once"
        ]

    def _results_lines(self, moment: int) -> list[str]:
        return [
            f"{_DUTCH.get(key, ANALYTES[key].words)}: {value}{_FLAGS.get(flag, '')}"
            for key, (value, flag, when) in self.latest.items()
            if key in ANALYTES and moment - 45 * DAY < when <= moment
        ][:14]

    def letter(
        self, moment: int, visit: Visit, story: str, plan: str = "", *, kind: str = "letter", language: str = "nl"
    ) -> None:
        """A letter to the general practitioner: the course gives what happened and what the plan is."""
        if moment <= self.end:
            self.later(moment, lambda: self._letter(moment, visit, story, plan, kind, language))

    def _letter(self, moment: int, visit: Visit, story: str, plan: str, kind: str, language: str) -> None:
        department = DEPARTMENTS[visit.department]
        gp = self.hospital.practice(self.person.town.name, self.person.town.country, self.person.number)
        person = self.person
        if language == "en":
            head = (
                "Dear colleague,",
                f"Re: {person.name.full}, born {dutch_date(person.birth)}",
                "History",
                "Medication",
                "Results",
                "Plan",
                "With kind regards,",
            )
            opening = (
                f"The patient was seen at our department of {department.name.lower()} on {dutch_date(visit.start)}."
            )
        else:
            head = (
                "Geachte collega,",
                f"Betreft: {person.name.full}, geboren {dutch_date(person.birth)}",
                "Voorgeschiedenis",
                "Medicatie",
                "Uitslagen",
                "Beleid",
                "Met collegiale groet,",
            )
            opening = f"Bovengenoemde patiënt zagen wij op {dutch_date(visit.start)} bij {department.dutch}."
        parts = [
            f"UMC Scheldemond, {department.dutch}",
            f"Aan: {gp.doctor.display}, {gp.name}" if language == "nl" else "To whom it may concern",
            f"Datum: {dutch_date(moment)}",
            "",
            head[1],
            "",
            head[0],
            "",
            opening,
            story,
            "",
        ]
        for title, lines in (
            (head[2], self._dutch_problems(moment)),
            (head[3], self._medication_lines(moment)),
            (head[4], self._results_lines(moment)),
        ):
            if lines:
                parts += [title, *(f"- {line}" for line in lines), ""]
        if plan:
            parts += [head[5], plan, ""]
        parts += [head[6], "", visit.doctor.display, department.dutch]
        self.document(
            kind,
            moment,
            "\n".join(parts),
            visit,
            language=language,
            title=f"{department.name}: {_TYPES[kind]['text'].lower()}",
        )

    def document(
        self, kind: str, moment: int, text: str, visit: Visit | None, *, language: str = "nl", title: str = ""
    ) -> Json:
        """A DocumentReference with its text inside (base64, as the specification wants it)."""
        raw = text.encode()
        found = self.new("DocumentReference", "doc")
        found["status"] = "current"
        found["docStatus"] = "final"
        found["type"] = _TYPES[kind]
        found["category"] = _CATEGORY
        found["subject"] = self.subject
        found["date"] = iso(moment)
        if visit is not None:
            found["author"] = [visit.doctor.reference]
            if visit.department == "psychiatry":
                found["securityLabel"] = _CONFIDENTIAL
        found["custodian"] = ORGANIZATION
        found["content"] = [
            {
                "attachment": {
                    "contentType": "text/plain;charset=utf-8",
                    "language": language,
                    "data": b64encode(raw).decode(),
                    "size": len(raw),
                    "hash": b64encode(sha1(raw, usedforsecurity=False).digest()).decode(),
                    "title": title or str(_TYPES[kind]["text"]),
                    "creation": iso(moment),
                },
                "format": _FORMAT,
            }
        ]
        if visit is not None:
            found["context"] = {
                "encounter": [visit.ref],
                "period": {"start": iso(visit.start), "end": iso(min(visit.end, self.end))},
            }
        return found

    def imported(self, moment: int, target: Json, partner: Partner) -> None:
        """Where something came from: a Provenance for what a partner hospital sent."""
        if moment > self.end:
            return
        found = self.new("Provenance", "prov")
        found["target"] = [reference(target)]
        found["occurredDateTime"] = iso(moment)
        found["recorded"] = iso(min(self.end, moment + HOUR))
        found["activity"] = hl7("v3-DataOperation", "CREATE", "create")
        found["agent"] = [
            {
                "type": hl7("provenance-participant-type", "author", "Author"),
                "who": {"reference": f"Organization/org-{partner.key}", "display": partner.name},
            }
        ]

    def referral(self, moment: int, partner: Partner, story: str) -> None:
        """A letter from a partner hospital, with its provenance."""
        if not self.person.birth < moment <= self.end:
            return
        text = (
            f"{partner.name}, {partner.city}\n\nDatum: {dutch_date(moment)}\n"
            f"Betreft: {self.person.name.full}, geboren {dutch_date(self.person.birth)}\n\n"
            f"Geachte collega,\n\n{story}\n\nMet vriendelijke groet,\n{partner.name}\n"
        )
        letter = self.document("referral", moment, text, None, title=f"Referral from {partner.name}")
        self.imported(moment, letter, partner)

    def note(self, moment: int, summary: str, visit: Visit, problem: Problem | None = None) -> Json | None:
        """A doctor's judgement during a stay: a ClinicalImpression."""
        if moment > self.end:
            return None
        found = self.new("ClinicalImpression", "imp")
        found["status"] = "completed"
        found["subject"] = self.subject
        found["encounter"] = visit.ref
        found["effectiveDateTime"] = iso(moment)
        found["date"] = iso(moment)
        found["assessor"] = visit.doctor.reference
        if problem is not None and problem.ref:
            found["problem"] = [problem.ref]
        found["summary"] = summary
        return found

    def discharge(self, stay: Visit | None, story: str, plan: str) -> None:
        """The discharge letter of a finished stay: a Composition with its sections, and the letter as text."""
        if stay is None or stay.open or stay.end > self.end:
            return
        moment = stay.end
        self.later(moment, lambda: self._discharge(moment, stay, story, plan))

    def _discharge(self, moment: int, stay: Visit, story: str, plan: str) -> None:
        problems = [p for p in self.problems if p.ref and p.onset <= moment]
        medication = [t for t in self.therapies if t.active(moment) and not t.inpatient]
        results = self._results_lines(moment)
        found = self.new("Composition", "comp")
        found["status"] = "final"
        found["type"] = _TYPES["discharge"]
        found["subject"] = self.subject
        found["encounter"] = stay.ref
        found["date"] = iso(moment)
        found["author"] = [stay.doctor.reference]
        found["title"] = f"Ontslagbrief {DEPARTMENTS[stay.department].dutch}"
        found["confidentiality"] = "R" if stay.department == "psychiatry" else "N"
        found["attester"] = [{"mode": "professional", "time": iso(moment), "party": stay.doctor.reference}]
        found["custodian"] = ORGANIZATION
        sections = [
            _section("Beloop", "8648-8", "Hospital course Narrative", [story]),
            _section(
                "Diagnosen",
                "11450-4",
                "Problem list - Reported",
                self._dutch_problems(moment),
                [p.ref for p in problems],
            ),
            _section(
                "Medicatie bij ontslag",
                "10183-2",
                "Hospital discharge medications Narrative",
                self._medication_lines(moment),
                [t.ref for t in medication],
            ),
            _section("Uitslagen", "30954-2", "Relevant diagnostic tests/laboratory data Narrative", results),
            _section("Beleid", "18776-5", "Plan of care note", [plan]),
        ]
        found["section"] = [section for section in sections if section is not None]
        found["text"] = {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><h1>{escape(found["title"])}</h1>'
            f"<p>{escape(story)}</p><p>{escape(plan)}</p></div>",
        }
        self._letter(moment, stay, story, plan, "discharge", "nl")

    def message(self, moment: int, text: str, *, from_patient: bool, department: str) -> None:
        """A message through the portal, from the patient or to the patient."""
        if not self.person.birth < moment <= self.end:
            return
        found = self.new("Communication", "msg")
        found["status"] = "completed"
        found["category"] = [
            hl7(
                "communication-category",
                "instruction" if not from_patient else "notification",
                "Instruction" if not from_patient else "Notification",
            )
        ]
        found["subject"] = self.subject
        doctor = self.hospital.doctor(department, self.person.number).reference
        found["sent"] = iso(moment)
        if not from_patient:
            found["received"] = iso(min(self.until, moment + 5 * HOUR))
        found["recipient"] = [doctor if from_patient else self.subject]
        found["sender"] = self.subject if from_patient else doctor
        found["payload"] = [{"contentString": text}]


def _section(title: str, code: str, display: str, lines: list[str], entries: list[Json] | None = None) -> Json | None:
    if not lines:
        return None
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    section: Json = {
        "title": title,
        "code": loinc(code, display),
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>'},
    }
    if entries:
        section["entry"] = entries
    return section
