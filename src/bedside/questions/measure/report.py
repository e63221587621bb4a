"""A MeasureReport (https://hl7.org/fhir/R4/measurereport.html) of what was counted, as the Data Exchange for Quality
Measures guide shapes it: individual, subject-list and summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from bedside.questions.cql.to_fhir import element
from bedside.questions.cql.values import Code, Concept
from bedside.questions.data import DataNode, system_value
from bedside.questions.measure.definition import CQFM, Component, Definition, Group, Stratifier, Supplement
from bedside.questions.measure.membership import SubjectResult, text_of
from bedside.questions.measure.tally import Counts, Stratum, Tally
from bedside.questions.values import Quantity

Json = dict[str, Any]
ReportType = Literal["individual", "subject-list", "summary"]

CRITERIA_REFERENCE = "http://hl7.org/fhir/StructureDefinition/cqf-criteriaReference"
SUPPLEMENT_REFERENCE = (
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.supplementalDataElement.reference"
)
UNKNOWN = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]}


@dataclass(frozen=True, slots=True)
class About:
    """What a report says of itself: period as FHIR writes it, instant of making it, who reports and who is counted."""

    period: Mapping[str, str]
    date: str
    subject: str | None = None
    reporter: str | None = None
    location: str | None = None


def individual(definition: Definition, result: SubjectResult, about: About) -> Json:
    """The report of one subject, with the resources that were looked at."""
    tally = Tally(definition)
    tally.add(result)
    maker = _Maker(definition, tally, "individual")
    references = []
    for reference, ids in result.evidence.items():
        extensions = [{"url": CRITERIA_REFERENCE, "valueString": id_} for id_ in ids]
        references.append({"extension": extensions, "reference": reference})
    supplied = maker.supplements_of(result.supplements)
    return maker.report(about, supplied, references)


def summary(tally: Tally, about: About) -> Json:
    """The report of many subjects: counts, and with a tally that lists them, who they are."""
    maker = _Maker(tally.definition, tally, "subject-list" if tally.listed else "summary")
    return maker.report(about, maker.supplements_of_all(), [])


class _Maker:
    """Makes one report, and collects what it contains."""

    def __init__(self, definition: Definition, tally: Tally, kind: ReportType) -> None:
        self._definition = definition
        self._tally = tally
        self._kind = kind
        self._contained: list[Json] = []

    def report(self, about: About, supplied: Sequence[Json], evaluated: Sequence[Json]) -> Json:
        groups = [
            self._group(group, self._tally.groups[n], self._tally.strata[n])
            for n, group in enumerate(self._definition.groups)
        ]
        found: Json = {"resourceType": "MeasureReport"}
        if self._contained:
            found["contained"] = self._contained
        if supplied:
            found["extension"] = list(supplied)
        found |= {"status": "complete", "type": self._kind, "measure": self._definition.canonical}
        if about.subject is not None:
            found["subject"] = {"reference": about.subject}
        found["date"] = about.date
        if about.reporter is not None:
            found["reporter"] = {"reference": about.reporter}
        found["period"] = dict(about.period)
        notation = self._improvement()
        if notation is not None:
            found["improvementNotation"] = notation
        found["group"] = groups
        if evaluated:
            found["evaluatedResource"] = list(evaluated)
        return found

    def _improvement(self) -> Json | None:
        """R4 has it once in a report: the measure's, or that of all its groups when they agree."""
        if self._definition.improvement is not None:
            return self._definition.improvement
        of_groups = [group.improvement for group in self._definition.groups]
        return of_groups[0] if all(each == of_groups[0] for each in of_groups) else None

    def _group(self, group: Group, counts: Counts, strata: list[dict[tuple[Any, ...], Stratum]]) -> Json:
        found: Json = {} if group.id is None else {"id": group.id}
        extensions = []
        if group.improvement is not None and self._improvement() is None:
            extensions.append({"url": f"{CQFM}improvementNotation", "valueCodeableConcept": group.improvement})
        if extensions:
            found["extension"] = extensions
        if group.concept is not None:
            found["code"] = group.concept
        found |= self._counted(group, counts, with_ids=True)
        stratifiers = [self._stratifier(one, group, some) for one, some in zip(group.stratifiers, strata, strict=True)]
        if stratifiers:
            found["stratifier"] = stratifiers
        return found

    def _counted(self, group: Group, counts: Counts, *, with_ids: bool) -> Json:
        """Populations and score, of a group or of a stratum."""
        populations = []
        for population in group.populations:
            if population.code == "measure-observation":
                continue
            one: Json = {"id": population.id} if with_ids else {}
            one |= {"code": population.concept, "count": counts.counts[population.id]}
            subjects = counts.subjects.get(population.id)
            if subjects:
                one["subjectResults"] = {"reference": self._list_of(subjects)}
            populations.append(one)
        found: Json = {"population": populations}
        score = counts.score(group)
        if score is not None:
            found["measureScore"] = {"value": score}
        return found

    def _list_of(self, subjects: Sequence[str]) -> str:
        id_ = f"subjects-{len(self._contained) + 1}"
        self._contained.append(
            {
                "resourceType": "List",
                "id": id_,
                "status": "current",
                "mode": "snapshot",
                "entry": [{"item": {"reference": each}} for each in subjects],
            }
        )
        return f"#{id_}"

    # --- stratifiers

    def _stratifier(self, stratifier: Stratifier, group: Group, strata: dict[tuple[Any, ...], Stratum]) -> Json:
        found: Json = {"id": stratifier.id}
        if stratifier.concept is not None:
            found["code"] = [stratifier.concept]
        ordered = sorted(strata.items(), key=lambda item: tuple((part is None, part or "") for part in item[0]))
        if ordered:
            found["stratum"] = [self._stratum(stratifier, group, stratum) for _, stratum in ordered]
        return found

    def _stratum(self, stratifier: Stratifier, group: Group, stratum: Stratum) -> Json:
        if stratifier.single:
            found: Json = {"value": concept_of(stratum.values[0])}
        else:
            pairs = zip(stratifier.components, stratum.values, strict=True)
            found = {"component": [{"code": _code(one), "value": concept_of(value)} for one, value in pairs]}
        return found | self._counted(group, stratum.counts, with_ids=False)

    # --- supplemental data

    def supplements_of(self, supplied: Mapping[str, Sequence[Any]]) -> list[Json]:
        """One subject's data: resources of the record as they are, values as contained observations."""
        found = []
        for supplement in self._definition.supplements:
            for value in supplied.get(supplement.id, ()):
                held = value.value if isinstance(value, DataNode) else None
                if isinstance(held, Mapping) and "resourceType" in held and "id" in held:
                    reference = f"{held['resourceType']}/{held['id']}"
                else:
                    reference = self._observation(supplement, _value_of(value))
                found.append(_supplied(supplement, reference))
        return found

    def supplements_of_all(self) -> list[Json]:
        """Everybody's data: how often each value was met, as contained observations."""
        found = []
        for supplement in self._definition.supplements:
            values = self._tally.supplied[supplement.id].items()
            for _, supplied in sorted(values, key=lambda item: (-item[1].count, str(item[0]))):
                concept = concept_of(supplied.value)
                reference = self._observation(supplement, {"valueInteger": supplied.count}, concept)
                found.append(_supplied(supplement, reference))
        return found

    def _observation(self, supplement: Supplement, value: Json, concept: Json | None = None) -> str:
        id_ = f"{supplement.id}-{len(self._contained) + 1}"[-64:]
        self._contained.append(
            {
                "resourceType": "Observation",
                "id": id_,
                "status": "final",
                "code": concept or supplement.concept or {"text": supplement.expression},
                **value,
            }
        )
        return f"#{id_}"


def _supplied(supplement: Supplement, reference: str) -> Json:
    extension = [{"url": CRITERIA_REFERENCE, "valueString": supplement.id}]
    return {"url": SUPPLEMENT_REFERENCE, "valueReference": {"extension": extension, "reference": reference}}


def _code(component: Component) -> Json:
    return component.concept or {"text": component.expression}


_PLAIN = (
    "valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean", "valueInteger", "valueRange", "valueRatio",
    "valueTime", "valueDateTime", "valuePeriod",
)  # fmt: skip
"""What the value of an Observation may be (R4 observation.html)."""


def _value_of(value: Any) -> Json:
    """A value as that of an Observation: what it cannot hold is said in words, a tuple as a concept or components."""
    if isinstance(value, dict):
        return _tuple_value(value)
    if isinstance(value, DataNode):
        held = system_value(value)
        if isinstance(held, DataNode):
            key = "value" + held.type.name[0].upper() + held.type.name[1:]
            return {key: held.value} if key in _PLAIN else {"valueCodeableConcept": concept_of(held)}
        value = held
    if value is None:
        return {"dataAbsentReason": UNKNOWN}
    if isinstance(value, Code | Concept):
        return {"valueCodeableConcept": concept_of(value)}
    if isinstance(value, Decimal):
        return {"valueQuantity": {"value": value}}
    found = element(value) if not isinstance(value, list) else {}
    return found if set(found) & set(_PLAIN) else {"valueString": str(text_of(value))}


def _tuple_value(value: Mapping[str, Any]) -> Json:
    """The tuples of the US supplemental data have codes and a display: that is a concept. Others become components."""
    codes = value.get("codes")
    if isinstance(codes, list) and all(isinstance(each, Code) for each in codes):
        return {"valueCodeableConcept": concept_of(Concept(tuple(codes), value.get("display")))}
    return {"component": [{"code": {"text": name}, **_value_of(each)} for name, each in value.items()]}


def concept_of(value: Any) -> Json:
    """A value of a stratifier or of supplemental data as a CodeableConcept: codes as they are, the rest in words."""
    if isinstance(value, DataNode):
        held = value.value
        if isinstance(held, Mapping):
            if "coding" in held:
                return dict(held)
            if "code" in held and value.type.name == "Coding":
                return {"coding": [dict(held)]}
            if "resourceType" in held:
                return {"text": f"{held['resourceType']}/{held.get('id', '')}"}
        value = system_value(value)
    match value:
        case None:
            return dict(UNKNOWN)
        case Code() | Concept():
            found = element(value)
            return {"coding": [found["valueCoding"]]} if "valueCoding" in found else found["valueCodeableConcept"]
        case Quantity():
            return {"text": str(value)}
        case {"codes": list() as codes} if codes and all(isinstance(each, Code) for each in codes):
            return concept_of(Concept(tuple(codes), value.get("display")))
    return {"text": text_of(value) or "unknown"}
