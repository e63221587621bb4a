"""Examinations in a chart: imaging, pathology, cultures, genetics, function tests, and procedures."""

from __future__ import annotations

from bedside.demo.catalog.actions import (
    ACTION_CONCEPTS,
    ACTIONS,
    ANTIBIOGRAMS,
    CULTURES,
    IMAGING,
    IMAGING_CONCEPTS,
    MODALITIES,
    ORGANISMS,
    SUSCEPTIBILITY,
)
from bedside.demo.catalog.labs import SPECIMENS
from bedside.demo.chart.core import Core, Problem, Visit, reference
from bedside.demo.chart.results import CATEGORIES, INTERPRETATIONS
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR, at, day_of, iso
from bedside.demo.codes import BASE, DICOM, LOINC, SNOMED, TAG, Json, coding, concept, hl7, loinc
from bedside.demo.hospital.model import department_reference

_RAD = [hl7("v2-0074", "RAD", "Radiology")]
_PATHOLOGY = [hl7("v2-0074", "SP", "Surgical Pathology")]
_MICRO = [hl7("v2-0074", "MB", "Microbiology")]
_GENETICS = [hl7("v2-0074", "GE", "Genetics")]
_CARDIO = [hl7("v2-0074", "EC", "Electrocardiac (e.g., EKG,  EEC, Holter)")]
_PATHOLOGY_REPORT = loinc("11526-1", "Pathology study")
_CULTURE_NONE = concept("No growth", coding(SNOMED, "264868006", "No growth"))
_IMAGING_ORDER = [concept("Imaging", coding(SNOMED, "363679005", "Imaging"))]


class Diagnostics(Core):
    """The part of a chart that holds examinations other than numbers, and procedures."""

    def _report(
        self, kind: list[Json], code: Json, moment: int, ready: int, department: str, visit: Visit | None
    ) -> Json:
        report = self.new("DiagnosticReport", "rep")
        report["status"] = "final"
        report["category"] = kind
        report["code"] = code
        report["subject"] = self.subject
        if visit is not None:
            report["encounter"] = visit.ref
        report["effectiveDateTime"] = iso(moment)
        report["issued"] = iso(ready)
        report["performer"] = [department_reference(department)]
        reader = self.hospital.doctor(department, moment // DAY)
        report["resultsInterpreter"] = [reader.reference]
        return report

    def _order(self, code: Json, moment: int, visit: Visit | None, *, done: bool, why: str, department: str) -> Json:
        order = self.new("ServiceRequest", "req")
        order["status"] = "completed" if done else "active"
        order["intent"] = "order"
        order["category"] = _IMAGING_ORDER
        order["code"] = code
        order["subject"] = self.subject
        if visit is not None:
            order["encounter"] = visit.ref
        order["occurrenceDateTime"] = iso(moment)
        asked = min(moment - HOUR, visit.start + 10 * MINUTE) if visit is not None else moment - DAY
        order["authoredOn"] = iso(min(asked, self.end - HOUR))
        if visit is not None:
            order["requester"] = visit.doctor.reference
        order["performer"] = [department_reference(department)]
        if why:
            order["reasonCode"] = [{"text": why}]
        return order

    # Imaging

    def imaging(
        self,
        key: str,
        moment: int,
        conclusion: str = "",
        *,
        visit: Visit | None = None,
        why: str = "",
        hours: float = 3,
    ) -> Json | None:
        """Makes pictures: order, study and report; without `conclusion` the report is normal.

        Not yet made at the end of the record: an open order for somebody who is alive.
        """
        item = IMAGING[key]
        code = IMAGING_CONCEPTS[key]
        department = "cardiology" if item.modality == "XA" or key == "echo" else "radiology"
        if moment > self.end:
            if not self.dead and moment < self.until + 40 * DAY and (visit is None or visit.start <= self.until):
                self._order(code, moment, visit, done=False, why=why, department=department)
            return None
        if moment < self.person.birth:
            return None
        order = self._order(code, moment, visit, done=True, why=why, department=department)
        study = self.new("ImagingStudy", "img")
        stamp = f"2.25.{self.person.number}{moment}{len(self.out):05d}"
        study["identifier"] = [{"system": "urn:dicom:uid", "value": f"urn:oid:{stamp}"}]
        study["status"] = "available"
        study["modality"] = [coding(DICOM, item.modality, MODALITIES[item.modality])]
        study["subject"] = self.subject
        if visit is not None:
            study["encounter"] = visit.ref
        study["started"] = iso(moment)
        study["basedOn"] = [reference(order)]
        study["endpoint"] = [{"reference": "Endpoint/endpoint-images"}]
        study["numberOfSeries"] = 1
        study["numberOfInstances"] = item.images
        study["procedureCode"] = [code]
        study["description"] = item.display
        study["series"] = [
            {
                "uid": f"{stamp}.1",
                "number": 1,
                "modality": coding(DICOM, item.modality, MODALITIES[item.modality]),
                "numberOfInstances": item.images,
                "bodySite": coding(SNOMED, *item.part),
                "started": iso(moment),
            }
        ]
        ready = moment + int(hours * HOUR)
        if ready > self.end:
            return study
        report = self._report(_RAD, code, moment, ready, department, visit)
        report["basedOn"] = [reference(order)]
        report["imagingStudy"] = [reference(study)]
        report["conclusion"] = conclusion or item.normal
        return report

    # Pathology, microbiology, genetics, function

    def pathology(
        self,
        moment: int,
        conclusion: str,
        *,
        visit: Visit | None = None,
        problem: Problem | None = None,
        days: float = 4,
        site: str = "",
        specimen: str = "tissue",
    ) -> Json | None:
        """Sends tissue to pathology; the report comes after some days."""
        ready = moment + int(days * DAY)
        if ready > self.end or moment < self.person.birth:
            return None
        tissue = self.new("Specimen", "spec")
        tissue["identifier"] = [
            {"system": f"{BASE}/id/pathology", "value": f"T{day_of(moment)}-{self.person.number}-{len(self.out)}"}
        ]
        tissue["status"] = "available"
        code, display = SPECIMENS[specimen]
        tissue["type"] = concept(display, coding(SNOMED, code, display))
        tissue["subject"] = self.subject
        tissue["collection"] = {"collectedDateTime": iso(moment)}
        if site:
            tissue["collection"]["bodySite"] = {"text": site}
        report = self._report(_PATHOLOGY, _PATHOLOGY_REPORT, moment, ready, "pathology", visit)
        report["specimen"] = [reference(tissue)]
        report["conclusion"] = conclusion
        if problem is not None:
            report["conclusionCode"] = [problem.resource["code"]]
        return report

    def culture(
        self, kind: str, moment: int, organism: str = "", *, visit: Visit | None = None, resistant: str = ""
    ) -> None:
        """Takes a culture (`actions.CULTURES`); bacteria after two days, with what they are sensitive to.

        `resistant` names an antibiotic to which the isolate is certainly resistant.
        """
        ready = moment + (2 if organism else 5) * DAY - self.rng.randrange(1, 5) * HOUR
        if moment > self.end or moment < self.person.birth:
            return
        code, display, material = CULTURES[kind]
        specimen = self.new("Specimen", "spec")
        specimen["status"] = "available"
        specimen["type"] = concept(
            SPECIMENS[material][1], coding(SNOMED, SPECIMENS[material][0], SPECIMENS[material][1])
        )
        specimen["subject"] = self.subject
        specimen["collection"] = {"collectedDateTime": iso(moment)}
        final = ready <= self.end
        report = self._report(_MICRO, loinc(code, display), moment, min(ready, self.end), "microbiology", visit)
        report["specimen"] = [reference(specimen)]
        if not final:
            report["status"] = "registered" if self.end - moment < DAY else "preliminary"
            report["conclusion"] = "Culture in progress, no growth so far."
            return
        found = self._culture_result(kind, moment, ready, organism, specimen, visit)
        report["result"] = [reference(found)]
        if not organism:
            report["conclusion"] = "No growth after 5 days."
            return
        report["conclusion"] = f"{ORGANISMS[organism][1]}; see susceptibility."
        for drug, share in ANTIBIOGRAMS[organism]:
            sensitive = drug != resistant and self.rng.random() < share
            test: Json = {"resourceType": "Observation", "id": self.key("obs"), "meta": TAG}
            test.update(
                status="final",
                category=CATEGORIES["laboratory"],
                code=concept(SUSCEPTIBILITY[drug][1], coding(LOINC, *SUSCEPTIBILITY[drug])),
                subject=self.subject,
                effectiveDateTime=iso(moment),
                issued=iso(ready),
                valueCodeableConcept=INTERPRETATIONS["S" if sensitive else "R"][0],
                interpretation=INTERPRETATIONS["S" if sensitive else "R"],
                specimen=reference(specimen),
                derivedFrom=[reference(found)],
            )
            if visit is not None:
                test["encounter"] = visit.ref
            self.out.append(test)
            report["result"].append(reference(test))

    def _culture_result(
        self, kind: str, moment: int, ready: int, organism: str, specimen: Json, visit: Visit | None
    ) -> Json:
        found = self.new("Observation", "obs")
        found["status"] = "final"
        found["category"] = CATEGORIES["laboratory"]
        found["code"] = loinc(CULTURES[kind][0], CULTURES[kind][1])
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
        found["effectiveDateTime"] = iso(moment)
        found["issued"] = iso(ready)
        found["performer"] = [department_reference("microbiology")]
        found["valueCodeableConcept"] = (
            concept(ORGANISMS[organism][1], coding(SNOMED, *ORGANISMS[organism])) if organism else _CULTURE_NONE
        )
        found["interpretation"] = INTERPRETATIONS["POS" if organism else "NEG"]
        found["specimen"] = reference(specimen)
        return found

    def genetics(
        self, moment: int, gene: tuple[str, str], change: str, conclusion: str, *, visit: Visit | None = None
    ) -> None:
        """A variant in a gene (HGNC id and symbol; HGVS c. notation), as LOINC's genetic variant assessment."""
        ready = moment + 45 * DAY
        if ready > self.end:
            return
        found = self.new("Observation", "obs")
        found["status"] = "final"
        found["category"] = CATEGORIES["laboratory"]
        found["code"] = loinc("69548-6", "Genetic variant assessment")
        found["subject"] = self.subject
        found["effectiveDateTime"] = iso(moment)
        found["issued"] = iso(ready)
        found["performer"] = [department_reference("genetics")]
        found["valueCodeableConcept"] = concept("Present", coding(LOINC, "LA9633-4", "Present"))
        found["component"] = [
            {
                "code": loinc("48018-6", "Gene studied [ID]"),
                "valueCodeableConcept": concept(gene[1], coding("http://www.genenames.org/geneId", gene[0], gene[1])),
            },
            {"code": loinc("48004-6", "DNA change (c.HGVS)"), "valueCodeableConcept": {"text": change}},
            {
                "code": loinc("53037-8", "Genetic variation clinical significance [Imp]"),
                "valueCodeableConcept": concept("Pathogenic", coding(LOINC, "LA6668-3", "Pathogenic")),
            },
        ]
        report = self._report(_GENETICS, loinc("51969-4", "Genetic analysis report"), moment, ready, "genetics", visit)
        report["result"] = [reference(found)]
        report["conclusion"] = conclusion

    def ecg(self, moment: int, conclusion: str, visit: Visit | None = None) -> None:
        """An electrocardiogram, as a report with its conclusion."""
        if not self.person.birth <= moment <= self.end - HOUR:
            return
        report = self._report(_CARDIO, loinc("11524-6", "EKG study"), moment, moment + HOUR, "cardiology", visit)
        report["conclusion"] = conclusion

    # Procedures

    def procedure(
        self,
        key: str,
        moment: int,
        *,
        visit: Visit | None = None,
        problem: Problem | None = None,
        department: str = "",
        outcome: str = "",
        note: str = "",
        minutes: int = 0,
    ) -> Json | None:
        """Something done to the patient (key of `actions.ACTIONS`), by the department of the visit or another."""
        item = ACTIONS[key]
        length = minutes or item.minutes or 30
        if moment + length * MINUTE > self.end or moment < self.person.birth:
            return None
        found = self.new("Procedure", "proc")
        found["status"] = "completed"
        found["code"] = ACTION_CONCEPTS[key]
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
        found["performedPeriod"] = {"start": iso(moment), "end": iso(moment + length * MINUTE)}
        who = department or (visit.department if visit is not None else "")
        if who:
            doctor = self.hospital.doctor(who, self.person.number)
            found["performer"] = [{"actor": doctor.reference, "onBehalfOf": department_reference(who)}]
        if problem is not None and problem.ref:
            found["reasonReference"] = [problem.ref]
        if outcome:
            found["outcome"] = {"text": outcome}
        if note:
            found["note"] = [{"text": note}]
        return found

    def implant(self, kind: str, name: str, moment: int, procedure: Json | None) -> Json | None:
        """A Device that stays in the body, linked to the procedure that put it there."""
        if procedure is None:
            return None
        device = self.new("Device", "dev")
        device["udiCarrier"] = [{"deviceIdentifier": f"(01)0000000{self.person.number:07d}"}]
        device["status"] = "inactive" if self.dead else "active"
        device["manufacturer"] = "Fictional Implants BV"
        device["manufactureDate"] = iso(moment - YEAR // 2)
        device["lotNumber"] = f"L{day_of(moment)}"
        device["serialNumber"] = f"S{self.person.number:06d}{len(self.out):04d}"
        device["deviceName"] = [{"name": name, "type": "user-friendly-name"}]
        device["type"] = {"text": kind}
        device["patient"] = self.subject
        procedure["focalDevice"] = [{"manipulated": reference(device)}]
        return device

    def morning(self, moment: int, hour: int = 9, minute: int = 0) -> int:
        """That hour of the day of a moment."""
        return at(day_of(moment), hour, minute)
