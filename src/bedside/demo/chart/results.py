"""Measurements in a chart: laboratory orders with their results, vital signs, scores and nursing rounds."""

from __future__ import annotations

from functools import lru_cache

from bedside.demo.body.body import CATALOGUE, Snapshot
from bedside.demo.body.formulas import egfr, ldl
from bedside.demo.catalog.labs import ANALYTES, PANELS, SPECIMENS, Analyte
from bedside.demo.catalog.scores import SCORE_CONCEPTS, SCORES
from bedside.demo.catalog.vitals import BLOOD_PRESSURE, GCS_PARTS
from bedside.demo.chart.core import PAPERLESS, Core, Visit, decimal, reference
from bedside.demo.clock import HOUR, MINUTE, iso
from bedside.demo.codes import HL7, LOINC, SNOMED, TAG, Json, coding, concept, hl7, loinc, quantity
from bedside.demo.hospital.staff import Employee

CATEGORIES: dict[str, list[Json]] = {
    key: [hl7("observation-category", key, display)]
    for key, display in (
        ("laboratory", "Laboratory"),
        ("vital-signs", "Vital Signs"),
        ("survey", "Survey"),
        ("exam", "Exam"),
        ("procedure", "Procedure"),
        ("imaging", "Imaging"),
        ("social-history", "Social History"),
    )
}
_INTERPRETATION = HL7 + "v3-ObservationInterpretation"
INTERPRETATIONS: dict[str, list[Json]] = {
    code: [concept(display, coding(_INTERPRETATION, code, display))]
    for code, display in (
        ("N", "Normal"),
        ("L", "Low"),
        ("H", "High"),
        ("LL", "Critical low"),
        ("HH", "Critical high"),
        ("POS", "Positive"),
        ("NEG", "Negative"),
        ("S", "Susceptible"),
        ("R", "Resistant"),
    )
}
LABORATORY: Json = {"reference": "Organization/org-laboratory", "display": "Clinical chemistry laboratory"}
_LAB_CATEGORY = [hl7("v2-0074", "LAB", "Laboratory")]
_LAB_REPORT = loinc("11502-2", "Laboratory report")
_LAB_ORDER_CATEGORY = [concept("Laboratory procedure", coding(SNOMED, "108252007", "Laboratory procedure"))]
_CONCEPTS = {key: concept(a.words or a.display, coding(LOINC, a.code, a.display)) for key, a in CATALOGUE.items()}
_PANEL_NAMES = {
    "fbc": "Full blood count", "diff": "White cell differential", "counts": "Blood counts", "renal": "Kidney function",
    "lytes": "Sodium and potassium", "gas": "Arterial blood gas", "bone": "Bone profile", "liver": "Liver enzymes",
    "synthesis": "Liver function", "coag": "Coagulation", "lipids": "Lipids", "thyroid": "Thyroid function",
    "iron": "Iron status", "vitamins": "B12 and folate", "mineral": "Calcium, magnesium, phosphate",
    "rheuma": "Rheumatoid serology", "hiv": "HIV viral load and CD4 cells", "csf": "Cerebrospinal fluid",
}  # fmt: skip


def interpret(value: float, low: float | None, high: float | None, analyte: Analyte | None = None) -> str:
    """N, L, H, or LL and HH when the value is beyond a critical limit."""
    if low is not None and value < low:
        limit = None if analyte is None else analyte.critical[0]
        return "LL" if limit is not None and value < limit else "L"
    if high is not None and value > high:
        limit = None if analyte is None else analyte.critical[1]
        return "HH" if limit is not None and value > limit else "H"
    return "N"


@lru_cache(maxsize=4000)
def reference_range(low: float | None, high: float | None, unit: str, ucum: str, digits: int) -> list[Json]:
    """The referenceRange of an Observation."""
    limits: Json = {}
    words = []
    if low is not None:
        limits["low"] = quantity(decimal(low, digits), unit, ucum)
        words.append(f"{low:.{digits}f}")
    if high is not None:
        limits["high"] = quantity(decimal(high, digits), unit, ucum)
        words.append(f"{high:.{digits}f}")
    text = " to ".join(words) if len(words) == 2 else (f"from {words[0]}" if high is None else f"to {words[0]}")
    limits["text"] = f"{text} {unit}"
    return [limits]


class Results(Core):
    """The part of a chart that holds what was measured."""

    latest: dict[str, tuple[str, str, int]]
    """Of each measurement the last value in words, its interpretation and its moment (while writing)."""

    def _observation(self, key: str, category: str, moment: int, visit: Visit | None) -> Json:
        count = self._counts.get("obs", 0) + 1
        self._counts["obs"] = count
        found: Json = {
            "resourceType": "Observation",
            "id": f"obs-{self._tail}-{count:04d}",
            "meta": TAG,
            "status": "final",
            "category": CATEGORIES[category],
            "code": _CONCEPTS.get(key) or SCORE_CONCEPTS[key],
            "subject": self.subject,
        }
        if visit is not None:
            found["encounter"] = visit.ref
        found["effectiveDateTime"] = iso(moment)
        self.out.append(found)
        return found

    def _value(self, found: Json, analyte: Analyte, value: float, moment: int) -> None:
        """Puts value, interpretation and range into an Observation or a component of one."""
        digits = analyte.digits
        number = decimal(value, digits)
        shown = float(number)
        low, high = analyte.range_for(self.person.sex, self.age(moment))
        comparator = ""
        if analyte.key == "egfr" and shown > 90:
            number, shown, comparator = 90, 90.0, ">"
        elif analyte.key == "crp" and shown < 1:
            number, shown, comparator = 1, 1.0, "<"
        measured = {"value": number, "unit": analyte.unit, "system": "http://unitsofmeasure.org", "code": analyte.ucum}
        if comparator:
            measured["comparator"] = comparator
        found["valueQuantity"] = measured
        flag = "N"
        if low is not None or high is not None:
            flag = interpret(shown, low, high, analyte)
            found["interpretation"] = INTERPRETATIONS[flag]
            found["referenceRange"] = reference_range(low, high, analyte.unit, analyte.ucum, digits)
        self.latest[analyte.key] = (f"{comparator}{number} {analyte.unit}", flag, moment)

    # Laboratory

    def labs(
        self,
        moment: int,
        *panels: str,
        visit: Visit | None = None,
        asked_by: Employee | None = None,
        hours: float = 1.5,
    ) -> None:
        """Orders panels (keys of `labs.PANELS`); the results are there after `hours`."""
        if not self.person.birth <= moment <= self.end:
            return
        who = asked_by or (visit.doctor if visit is not None else None)
        self.later(moment, lambda: self._lab_order(moment, panels, visit, who, hours))

    def _lab_order(
        self, moment: int, panels: tuple[str, ...], visit: Visit | None, who: Employee | None, hours: float
    ) -> None:
        ready = moment + int(hours * HOUR)
        pending = ready > self.until
        keys = list(dict.fromkeys(key for panel in panels for key in PANELS[panel]))
        detailed = pending or moment > self.until - PAPERLESS // 2
        order = self._lab_request(moment, panels, visit, who, pending) if detailed else None
        specimen = self._specimen(moment, ANALYTES[keys[0]].specimen, order) if detailed else None
        report = self.new("DiagnosticReport", "rep")
        report["status"] = "registered" if pending else "final"
        report["category"] = _LAB_CATEGORY
        report["code"] = _LAB_REPORT
        report["subject"] = self.subject
        if visit is not None:
            report["encounter"] = visit.ref
        report["effectiveDateTime"] = iso(moment)
        report["performer"] = [LABORATORY]
        if order is not None and specimen is not None:
            report["basedOn"] = [reference(order)]
            report["specimen"] = [reference(specimen)]
        if pending:
            return
        report["issued"] = issued = iso(ready)
        report["result"] = results = []
        for key, value in self._measure(self.body.at(moment), keys):
            found = self._observation(key, "laboratory", moment, visit)
            found["issued"] = issued
            found["performer"] = [LABORATORY]
            self._value(found, ANALYTES[key], value, moment)
            if specimen is not None:
                found["specimen"] = reference(specimen)
            results.append({"reference": f"Observation/{found['id']}"})

    def _measure(self, state: Snapshot, keys: list[str]) -> list[tuple[str, float]]:
        """The values of an order; what is computed is computed from the printed values of the rest."""
        found: dict[str, float] = {}
        for key in keys:
            if key == "egfr":
                found[key] = egfr(round(found["crea"]), state.sex, state.age, state.true("height"))
            elif key == "ldl" and "chol" in found and "tg" not in found:
                found["tg"] = round(state.measure("tg"), 1)
                found[key] = ldl(round(found["chol"], 1), round(found["hdl"], 2), found["tg"])
            elif key not in found:
                found[key] = state.measure(key)
        return [(key, found[key]) for key in keys]

    def _lab_request(
        self, moment: int, panels: tuple[str, ...], visit: Visit | None, who: Employee | None, pending: bool
    ) -> Json:
        order = self.new("ServiceRequest", "req")
        order["status"] = "active" if pending else "completed"
        order["intent"] = "order"
        order["category"] = _LAB_ORDER_CATEGORY
        order["code"] = {"text": ", ".join(_PANEL_NAMES.get(p) or _CONCEPTS[p]["text"] for p in panels)}
        order["subject"] = self.subject
        if visit is not None:
            order["encounter"] = visit.ref
            if visit.kind == "emergency":
                order["priority"] = "urgent"
        order["authoredOn"] = iso(moment - 40 * MINUTE)
        if who is not None:
            order["requester"] = who.reference
        order["performer"] = [LABORATORY]
        return order

    def _specimen(self, moment: int, kind: str, order: Json | None) -> Json:
        specimen = self.new("Specimen", "spec")
        specimen["status"] = "available"
        code, display = SPECIMENS[kind]
        specimen["type"] = concept(display, coding(SNOMED, code, display))
        specimen["subject"] = self.subject
        specimen["receivedTime"] = iso(min(self.until, moment + 25 * MINUTE))
        if order is not None:
            specimen["request"] = [reference(order)]
        specimen["collection"] = {"collectedDateTime": iso(moment)}
        return specimen

    # Bedside

    def vitals(self, moment: int, *keys: str, visit: Visit | None = None, device: str = "") -> None:
        """Measures vital signs (keys of `vitals.VITALS`; `bp` is blood pressure with its two components)."""
        if self.person.birth <= moment <= self.end:
            self.later(moment, lambda: self._vitals(moment, keys, visit, device))

    def _vitals(self, moment: int, keys: tuple[str, ...], visit: Visit | None, device: str) -> None:
        state = self.body.at(moment)
        weight = -1.0
        for key in keys:
            if key == "bp":
                found = self._blood_pressure(state, moment, visit)
            elif key == "gcs":
                found = self._coma_score(state, moment, visit)
            else:
                value = state.measure(key)
                if key == "weight":
                    weight = value
                elif key == "bmi" and weight > 0:
                    value = weight / (round(state.true("height")) / 100) ** 2
                elif key == "pain":
                    value = max(0.0, min(10.0, value))
                elif key == "spo2":
                    value = min(100.0, value)
                found = self._observation(key, "vital-signs", moment, visit)
                self._value(found, CATALOGUE[key], value, moment)
            if device:
                found["device"] = {"reference": f"Device/{device}"}

    def _blood_pressure(self, state: Snapshot, moment: int, visit: Visit | None) -> Json:
        found = self._observation("bp", "vital-signs", moment, visit)
        parts = []
        shared = self.body.noise("bp")
        for key, weight in (("sbp", 1.0), ("dbp", 0.7)):
            analyte = CATALOGUE[key]
            part: Json = {"code": _CONCEPTS[key]}
            value = state.true(key) + analyte.cv * (weight * shared + 0.4 * self.body.noise(key))
            self._value(part, analyte, value, moment)
            parts.append(part)
        found["component"] = parts
        return found

    def _coma_score(self, state: Snapshot, moment: int, visit: Visit | None) -> Json:
        found = self._observation("gcs", "vital-signs", moment, visit)
        total = round(state.true("gcs"))
        self._value(found, CATALOGUE["gcs"], total, moment)
        left = total - 3
        parts = []
        for index, (code, display, most) in enumerate(GCS_PARTS):
            room = sum(m - 1 for _, _, m in GCS_PARTS[index + 1 :])
            points = max(left - room, round(left * (most - 1) / (room + most - 1)) if room else left)
            points = min(points, most - 1, left)
            left -= points
            parts.append(
                {
                    "code": loinc(code, display),
                    "valueQuantity": quantity(points + 1, "points", "{score}"),
                }
            )
        found["component"] = parts
        return found

    # Scores and findings

    def score(self, key: str, moment: int, value: float, visit: Visit | None = None) -> Json | None:
        """Records a score or finding (key of `scores.SCORES`) with a value that the course knows."""
        if not self.person.birth <= moment <= self.end:
            return None
        item = SCORES[key]
        found = self._observation(key, item.category, moment, visit)
        number = decimal(value, item.digits)
        found["valueQuantity"] = quantity(number, item.unit, item.ucum)
        if item.low is not None or item.high is not None:
            found["interpretation"] = INTERPRETATIONS[interpret(float(number), item.low, item.high)]
            found["referenceRange"] = reference_range(item.low, item.high, item.unit, item.ucum, item.digits)
        if visit is not None:
            found["performer"] = [visit.doctor.reference]
        return found

    def finding(
        self, moment: int, code: Json, value: Json, category: str = "exam", visit: Visit | None = None
    ) -> Json | None:
        """Records a finding whose value is a code."""
        if not self.person.birth <= moment <= self.end:
            return None
        found = self.new("Observation", "obs")
        found.update(status="final", category=CATEGORIES[category], code=code, subject=self.subject)
        if visit is not None:
            found["encounter"] = visit.ref
        found["effectiveDateTime"] = iso(moment)
        found["valueCodeableConcept"] = value
        return found


_CONCEPTS["bp"] = concept("Blood pressure", coding(LOINC, *BLOOD_PRESSURE))
