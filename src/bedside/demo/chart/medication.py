"""Medication in a chart: prescriptions that act on the body, what the ward gives, and what people say they take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bedside.demo.body.effects import Effect
from bedside.demo.catalog.drugs import FORMULARY, FREQUENCIES, ROUTES, Drug
from bedside.demo.chart.core import Core, Problem, Visit, decimal, reference
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR, at, day_of, iso
from bedside.demo.codes import ATC, SNOMED, Json, coding, concept, hl7, quantity

ROUNDS_SINCE = YEAR
"""Administrations on the ward have been recorded electronically for so long."""
_COMMUNITY = [hl7("medicationrequest-category", "community", "Community")]
_INPATIENT = [hl7("medicationrequest-category", "inpatient", "Inpatient")]
_TITRATION = 21 * DAY
"""How long a drug takes to have its whole effect (fast ones less)."""
_FAST = frozenset({"coma", "pain", "hypoxia", "sugar", "k", "congestion"})


@dataclass(slots=True, eq=False)
class Therapy:
    """A drug that somebody takes from `start` to `end` (None: still)."""

    drug: Drug
    start: int
    end: int | None
    ref: Json
    resource: Json
    words: str
    """The dose in words: `40 mg by mouth once daily`."""
    frequency: str
    dose: Json | None
    inpatient: bool

    def active(self, moment: int) -> bool:
        """Whether it is taken at a moment."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def works(self, value: float, delay: int) -> Effect:
        """The effect on a latent quantity: grows over `delay` seconds, fades as fast after the end."""

        def effect(moment: int) -> float:
            if moment <= self.start:
                return 0.0
            share = min(1.0, (moment - self.start) / delay)
            if self.end is not None and moment > self.end:
                share *= max(0.0, 1 - (moment - self.end) / delay)
            return value * share

        return effect


_ROUTES_NL = {
    "po": "oraal", "iv": "intraveneus", "sc": "subcutaan", "im": "intramusculair", "sl": "onder de tong",
    "inh": "inhaleren", "nose": "in de neus", "top": "op de huid", "td": "pleister", "eye": "in het oog",
    "vitreous": "intravitreaal", "spinal": "spinaal", "trach": "endotracheaal",
}  # fmt: skip
_OFTEN_NL = {
    "1/d": "1 maal daags", "2/d": "2 maal daags", "3/d": "3 maal daags", "4/d": "4 maal daags", "1/w": "1 maal per week",
    "1/2w": "elke 2 weken", "1/3w": "elke 3 weken", "1/8w": "elke 8 weken", "1/12w": "elke 12 weken",
    "1/m": "1 maal per maand", "prn/d2": "zo nodig, maximaal 2 maal daags", "prn/d3": "zo nodig, maximaal 3 maal daags",
    "prn/d4": "zo nodig, maximaal 4 maal daags", "once": "eenmalig", "cont": "continu",
}  # fmt: skip


def dutch_dose(words: str, route: str, frequency: str) -> str:
    """The same dose as a Dutch letter has it: `40 mg oraal, 1 maal daags`."""
    plain, often = ROUTES[route][2], FREQUENCIES[frequency][3]
    amount = words.removesuffix(f" {plain}, {often}").replace("IU", "IE")
    return f"{amount} {_ROUTES_NL.get(route, plain)}, {_OFTEN_NL.get(frequency, often)}"


@lru_cache(maxsize=2000)
def _dosage(route: str, frequency: str, value: str, unit: str, form: str) -> tuple[str, Json]:
    """Words and Dosage of a prescription; shared between resources."""
    times, period, period_unit, often, _hours = FREQUENCIES[frequency]
    code, display, plain = ROUTES[route]
    shown = unit.replace("[iU]", "IU").replace("[MIU]", "million IU").replace("[drp]", "drop").strip("{}")
    shown = shown.replace("ug", "microgram") if unit.startswith("ug") else shown
    words = f"{value} {shown} {plain}, {often}"
    dosage: Json = {
        "text": words,
        "patientInstruction": dutch_dose(words, route, frequency),
        "route": concept(display, coding(SNOMED, code, display)),
    }
    if frequency != "cont":
        repeat: Json = {"frequency": times, "period": period, "periodUnit": period_unit}
        dosage["timing"] = {"repeat": {"count": 1} if frequency == "once" else repeat}
    if frequency.startswith("prn"):
        dosage["asNeededBoolean"] = True
    number = decimal(float(value), len(value.partition(".")[2]))
    if "/" in unit:
        dosage["doseAndRate"] = [{"rateQuantity": quantity(number, shown, unit)}]
    elif unit == "[MIU]":
        dosage["doseAndRate"] = [{"doseQuantity": quantity(int(number * 1_000_000), "IU", "[iU]")}]
    else:
        dosage["doseAndRate"] = [{"doseQuantity": quantity(number, shown, unit)}]
    return words, dosage


def _text(value: float) -> str:
    """A dose without needless zeros: 0.25, 2.5, 500."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _rounded(value: float) -> float:
    """A dose that can be given: two significant figures."""
    if value <= 0:
        return 0.1
    scale = 1.0
    while value * scale < 10:
        scale *= 10
    while value * scale >= 100:
        scale /= 10
    return round(value * scale) / scale


class Medication(Core):
    """The part of a chart that holds medication."""

    therapies: list[Therapy]
    pregnancies: list[tuple[int, int]]

    def allowed(self, drug: Drug, moment: int) -> Drug | None:
        """The drug itself, or what is given instead to this person at this moment, or None."""
        for _ in range(3):
            fits = drug.allergy not in self.person.allergies or not drug.allergy
            if fits and drug.min_gfr and self.body.at(moment).gfr < drug.min_gfr + 3:
                fits = False
            if fits and not drug.pregnancy and any(a <= moment <= b for a, b in self.pregnancies):
                fits = False
            if fits and drug.key in ("ciprofloxacin", "doxycycline") and self.age(moment) < 12:
                fits = False
            if fits:
                return drug
            if not drug.instead:
                return None
            drug = FORMULARY[drug.instead]
        return None

    def on(self, key: str, moment: int) -> Therapy | None:
        """The current prescription of a drug (by key) at a moment."""
        for therapy in self.therapies:
            if therapy.drug.key == key and therapy.active(moment):
                return therapy
        return None

    def prescribe(
        self,
        key: str,
        start: int,
        end: int | None = None,
        *,
        visit: Visit | None = None,
        problem: Problem | None = None,
        dose: float | None = None,
        frequency: str = "",
        inpatient: bool = False,
        effect: float = 1.0,
    ) -> Therapy | None:
        """Prescribes a drug of the formulary, or what suits the person instead.

        None when it may not be given, when the person takes it already, or outside the record. Children get a dose
        by weight. `effect` scales what it does to the body.
        """
        if not self.person.birth <= start <= self.end:
            return None
        drug = self.allowed(FORMULARY[key], start)
        if drug is None or any(t.drug.atc == drug.atc and t.active(start) for t in self.therapies):
            return None
        if self.age(start) < 16:
            if not drug.per_kg and drug.unit in ("mg", "g", "ug", "mL"):
                return None
            if drug.per_kg:
                dose = _rounded(min(drug.dose, drug.per_kg * self.body.at(start).true("weight")))
        amount = dose if dose is not None else drug.dose
        often = frequency or drug.frequency
        words, dosage = _dosage(drug.route, often, _text(amount), drug.unit, drug.form)
        found = self.new("MedicationRequest", "rx")
        found["status"] = "active"
        found["intent"] = "order"
        found["category"] = _INPATIENT if inpatient else _COMMUNITY
        if inpatient:
            found["medicationReference"] = {"reference": f"Medication/med-{drug.key}", "display": drug.name}
        else:
            found["medicationCodeableConcept"] = _coded(drug)
        found["subject"] = self.subject
        if visit is not None:
            found["encounter"] = visit.ref
            found["requester"] = visit.doctor.reference
        found["authoredOn"] = iso(start)
        if problem is not None and problem.ref:
            found["reasonReference"] = [problem.ref]
        found["dosageInstruction"] = [dosage]
        therapy = Therapy(
            drug, start, None, reference(found), found, words, often, dosage.get("doseAndRate", [None])[0], inpatient
        )
        self.therapies.append(therapy)
        for name, value in drug.effects.items():
            delay = HOUR * 6 if name in _FAST else _TITRATION
            self.body.push(name, therapy.works(value * effect, delay))
        if end is not None:
            self.stop(therapy, end)
        return therapy

    def stop(self, therapy: Therapy | None, moment: int, why: str = "") -> None:
        """Ends a prescription; one that would end at or after `until` is simply still active."""
        if therapy is None or moment > self.end or (moment == self.end and self.death is None):
            return
        therapy.end = max(moment, therapy.start + HOUR)
        therapy.resource["status"] = "stopped" if why else "completed"
        if why:
            therapy.resource["statusReason"] = {"text": why}
        supply = therapy.resource.setdefault("dispenseRequest", {})
        supply["validityPeriod"] = {"start": iso(therapy.start), "end": iso(therapy.end)}

    def change(
        self, therapy: Therapy | None, moment: int, dose: float, visit: Visit | None = None, effect: float = 0.3
    ) -> Therapy | None:
        """A new dose of the same drug: the old prescription ends, a new one refers to it."""
        if therapy is None or not therapy.active(moment) or moment > self.end:
            return therapy
        drug = therapy.drug
        self.stop(therapy, moment, "Dose changed")
        new = self.prescribe(drug.key, moment, visit=visit, dose=dose, frequency=therapy.frequency, effect=1 + effect)
        if new is not None:
            new.resource["priorPrescription"] = therapy.ref
        return new

    def finish_medication(self) -> None:
        """Ends all prescriptions at death."""
        if self.death is not None:
            for therapy in self.therapies:
                if therapy.end is None:
                    self.stop(therapy, self.death)

    # The ward

    def give(self, therapy: Therapy | None, stay: Visit | None) -> None:
        """Records what a ward gives of a prescription during a stay, at the hours of its frequency."""
        if therapy is None or stay is None or stay.end < self.until - ROUNDS_SINCE:
            return
        nurses = self.hospital.team("nurse", stay.ward)
        first = max(stay.start, therapy.start)
        last = min(stay.end, self.end, therapy.end if therapy.end is not None else self.end)
        hours = FREQUENCIES[therapy.frequency][4]
        step = {"1/w": 7, "1/2w": 14, "1/3w": 21, "1/m": 30, "1/8w": 56, "1/12w": 84}.get(therapy.frequency, 1)
        prn = therapy.frequency.startswith("prn")
        for day in range(day_of(first), day_of(last) + 1, step):
            for hour in hours:
                moment = at(day, hour, self.rng.randrange(0, 25))
                if not first <= moment <= last or (prn and self.rng.random() < 0.55):
                    continue
                self._administration(therapy, moment, stay, nurses[(day + hour) % len(nurses)].reference)
                if therapy.frequency == "once":
                    return
        if therapy.frequency == "once" and first <= last:
            self._administration(therapy, first, stay, nurses[0].reference)

    def _administration(self, therapy: Therapy, moment: int, stay: Visit, nurse: Json) -> None:
        found = self.new("MedicationAdministration", "adm")
        refused = self.rng.random() < 0.012
        found["status"] = "not-done" if refused else "completed"
        if refused:
            found["statusReason"] = [{"text": "Refused by the patient"}]
        found["medicationReference"] = {
            "reference": f"Medication/med-{therapy.drug.key}",
            "display": therapy.drug.name,
        }
        found["subject"] = self.subject
        found["context"] = stay.ref
        if therapy.frequency == "cont":
            found["effectivePeriod"] = {
                "start": iso(moment),
                "end": iso(min(moment + 12 * HOUR, stay.end, self.end)),
            }
        else:
            found["effectiveDateTime"] = iso(moment)
        found["performer"] = [{"actor": nurse}]
        found["request"] = therapy.ref
        dose = therapy.dose
        if dose is not None and not refused:
            found["dosage"] = (
                {"text": therapy.words, "rateQuantity": dose["rateQuantity"]}
                if "rateQuantity" in dose
                else {"text": therapy.words, "dose": dose["doseQuantity"]}
            )

    def ward_rounds(self, stay: Visit) -> None:
        """Everything that is given during a stay, home medication included."""
        for therapy in list(self.therapies):
            if therapy.start < stay.end and (therapy.end is None or therapy.end > stay.start):
                self.give(therapy, stay)

    # What people take

    def statement(self, therapy: Therapy, moment: int, visit: Visit | None = None) -> None:
        """A MedicationStatement: at admission the pharmacy notes what somebody takes at home."""
        if moment > self.end:
            return
        found = self.new("MedicationStatement", "stm")
        found["status"] = "active" if self.death is None else "completed"
        found["medicationCodeableConcept"] = _coded(therapy.drug)
        found["subject"] = self.subject
        if visit is not None:
            found["context"] = visit.ref
        found["effectivePeriod"] = {"start": iso(therapy.start)}
        found["dateAsserted"] = iso(moment + 30 * MINUTE if moment + 30 * MINUTE <= self.end else moment)
        found["informationSource"] = self.subject
        found["derivedFrom"] = [therapy.ref]
        found["dosage"] = [{"text": therapy.words}]

    def reconcile(self, stay: Visit) -> None:
        """Notes all home medication at the start of a stay."""
        for therapy in self.therapies:
            if not therapy.inpatient and therapy.active(stay.start - DAY):
                self.statement(therapy, stay.start + 2 * HOUR, stay)


@lru_cache(maxsize=400)
def _coded_by_key(key: str) -> Json:
    drug = FORMULARY[key]
    return concept(f"{drug.name} {drug.form}", coding(ATC, drug.atc, drug.name))


def _coded(drug: Drug) -> Json:
    return _coded_by_key(drug.key)
