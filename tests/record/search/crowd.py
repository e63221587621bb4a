"""A crowd of resources that refer to one another, and queries on it, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from .pools import (
    CODES,
    DATES,
    DAYS,
    FAR,
    GENDERS,
    NUMBERS,
    PERIOD_ENDS,
    PREFIXES,
    SEARCH_DATES,
    SEARCH_NUMBERS,
    SYSTEMS,
    UCUM,
    UNIT_SYSTEMS,
    UNITS,
    URLS,
    WORDS,
    escape,
)  # fmt: skip

Query = list[tuple[str, str]]
SIZES = {"Patient": 9, "Practitioner": 4, "Observation": 30, "RiskAssessment": 6, "ValueSet": 6}
SORTS = {
    "Patient": ["family", "birthdate", "gender", "identifier", "general-practitioner", "_id", "_lastUpdated", "_tag"],
    "Practitioner": ["name", "_id"],
    "Observation": ["date", "code", "value-quantity", "value-string", "subject", "_lastUpdated", "_id"],
    "RiskAssessment": ["probability", "subject"],
    "ValueSet": ["url", "_profile"],
}


class Crowd:
    """Makes resources and queries; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def resources(self) -> list[dict[str, Any]]:
        return [self.resource(name, str(i)) for name, size in SIZES.items() for i in range(size)]

    # --- resources

    def one(self, pool: list[str]) -> str:
        return self.random.choice(pool)

    def maybe(self, share: float, **fields: Callable[[], Any]) -> dict[str, Any]:
        return {name: make() for name, make in fields.items() if self.random.random() < share}

    def some(self, make: Callable[[], Any], most: int = 2) -> list[Any]:
        return [make() for _ in range(self.random.randint(1, most))]

    def coding(self) -> dict[str, Any]:
        found = self.maybe(
            0.8, system=lambda: self.one(SYSTEMS), code=lambda: self.one(CODES), display=lambda: self.one(WORDS)
        )
        return found or {"code": "1"}

    def concept(self) -> dict[str, Any]:
        return self.maybe(0.8, coding=lambda: self.some(self.coding), text=lambda: self.one(WORDS)) or {"text": "x"}

    def identifier(self) -> dict[str, Any]:
        kind = lambda: {"coding": self.some(self.coding)}  # noqa: E731
        found = self.maybe(0.8, system=lambda: self.one(SYSTEMS), value=lambda: self.one(CODES), type=kind)
        return found or {"value": "1"}

    def name(self) -> dict[str, Any]:
        given = lambda: self.some(lambda: self.one(WORDS))  # noqa: E731
        word = lambda: self.one(WORDS)  # noqa: E731
        return self.maybe(0.6, family=word, given=given, text=word) or {"family": "Eve"}

    def quantity(self) -> dict[str, Any]:
        found: dict[str, Any] = {"value": Decimal(self.one(NUMBERS))}
        found |= self.maybe(0.1, comparator=lambda: self.one(["<", ">="]))
        if self.random.random() < 0.8:
            return found | {"system": self.one(UNIT_SYSTEMS), "code": self.one(UNITS)} | self.unit()
        return found | self.unit()

    def unit(self) -> dict[str, Any]:
        return self.maybe(0.5, unit=lambda: self.one(UNITS))

    def reference(self, *types: str) -> dict[str, Any]:
        name = self.random.choice(types)
        literal = f"{name}/{self.random.randrange(SIZES.get(name, 3) + 1)}" + self.random.choice(
            ["", "", "/_history/1"]
        )
        chosen = literal if self.random.random() < 0.85 else self.one(FAR)
        found = self.maybe(0.9, reference=lambda: chosen)
        return found | self.maybe(0.2, identifier=self.identifier) or {"display": "nobody"}

    def meta(self) -> dict[str, Any]:
        profiles = lambda: self.random.sample(URLS, 2)  # noqa: E731
        return self.maybe(0.5, tag=lambda: self.some(self.coding), profile=profiles, source=lambda: self.one(URLS))

    def resource(self, name: str, id_: str) -> dict[str, Any]:
        found = {"resourceType": name, "id": id_, **self.maybe(0.5, meta=self.meta)}
        return found | getattr(self, f"_{name.lower()}")()  # type: ignore[no-any-return]

    def _patient(self) -> dict[str, Any]:
        return self.maybe(
            0.8,
            gender=lambda: self.one(GENDERS),
            active=lambda: self.random.random() < 0.5,
            identifier=lambda: self.some(self.identifier),
            name=lambda: self.some(self.name),
            birthDate=lambda: self.one(DAYS),
            generalPractitioner=lambda: self.some(
                lambda: self.reference("Practitioner", "Practitioner", "Organization")
            ),
        )

    def _practitioner(self) -> dict[str, Any]:
        return self.maybe(0.9, name=lambda: self.some(self.name), identifier=lambda: self.some(self.identifier))

    def _observation(self) -> dict[str, Any]:
        component = lambda: {"code": self.concept(), **self.maybe(0.8, valueQuantity=self.quantity)}  # noqa: E731
        found = self.maybe(
            0.7,
            category=lambda: self.some(self.concept),
            subject=lambda: self.reference("Patient", "Patient", "Patient", "Group"),
            performer=lambda: self.some(lambda: self.reference("Practitioner", "Patient")),
            component=lambda: self.some(component),
        )
        found |= {"code": self.concept()}
        match self.random.randrange(5):
            case 0 | 1:
                found["effectiveDateTime"] = self.one(DATES)
            case 2 | 3:
                period = self.maybe(0.7, start=lambda: self.one(DATES[:8]), end=lambda: self.one(PERIOD_ENDS))
                found["effectivePeriod"] = period or {"start": "2020"}
        match self.random.randrange(3):
            case 0:
                found["valueQuantity"] = self.quantity()
            case 1:
                found["valueString"] = self.one(WORDS)
        return found

    def _riskassessment(self) -> dict[str, Any]:
        return self.maybe(0.8, prediction=lambda: self.some(self.prediction), subject=lambda: self.reference("Patient"))

    def prediction(self) -> dict[str, Any]:
        low, high = sorted(Decimal(self.one(NUMBERS)) for _ in range(2))
        match self.random.randrange(4):
            case 0:
                return {"probabilityRange": {"low": {"value": low}, "high": {"value": high}}}
            case 1:
                return {"probabilityRange": {self.random.choice(["low", "high"]): {"value": low}}}
        return {"probabilityDecimal": low}

    def _valueset(self) -> dict[str, Any]:
        return self.maybe(0.9, url=lambda: self.one(URLS))

    # --- queries

    def query(self) -> tuple[str, Query]:
        name = self.random.choice(["Patient", "Observation", "Observation", *SIZES])
        return name, [self.pair(name) for _ in range(self.random.choice([1, 1, 1, 2, 3]))]

    def sort(self, name: str) -> str:
        keys = self.random.sample(SORTS[name], min(len(SORTS[name]), self.random.randint(1, 3)))
        return ",".join(self.random.choice(["", "-"]) + key for key in keys)

    def pair(self, name: str, depth: int = 0) -> tuple[str, str]:
        """One parameter of a type with a value, perhaps behind a chain."""
        chains = _CHAINS.get(name, [])
        if chains and depth < 2 and self.random.random() < 0.3:
            prefix, target, codes = self.random.choice(chains)
            for _ in range(50):
                inner = self.pair(target, depth + 1)
                if codes is None or inner[0].partition(":")[0].partition(".")[0] in codes:
                    return prefix + inner[0], inner[1]
        code, kind, modifiers = self.random.choice(_PARAMETERS[name] + _COMMON)
        if self.random.random() < 0.08 and code != "_id":
            return f"{code}:missing", self.random.choice(["true", "false"])
        modifier = self.random.choice(["", "", *modifiers])
        values = [self.value(kind, modifier) for _ in range(self.random.choice([1, 1, 2, 3]))]
        return (f"{code}:{modifier}" if modifier else code), ",".join(values)

    def value(self, kind: str, modifier: str) -> str:
        if modifier in ("text", "exact", "contains"):
            kind = "string"
        if modifier == "of-type":
            return f"{escape(self.one(SYSTEMS))}|{escape(self.one(CODES))}|{escape(self.one(CODES))}"
        if modifier == "identifier":
            kind = "token"
        return str(getattr(self, f"_ask_{kind}")(modifier))

    def _ask_token(self, modifier: str) -> str:
        system, code = escape(self.one(SYSTEMS)), escape(self.one(CODES))
        return self.random.choice([code, f"{system}|{code}", f"|{code}", f"{system}|"])

    def _ask_gender(self, modifier: str) -> str:
        system = self.random.choice(["http://hl7.org/fhir/administrative-gender", "http://other.example"])
        code = self.one([*GENDERS, "unknown"])
        return self.random.choice([code, f"|{code}", f"{system}|{code}", f"{system}|"])

    def _ask_boolean(self, modifier: str) -> str:
        return self.random.choice(["true", "false", "maybe"])

    def _ask_string(self, modifier: str) -> str:
        return escape(self.one([*WORDS, "ev", "M", "mull", "b", "ø"]))

    def _ask_date(self, modifier: str) -> str:
        return self.one(PREFIXES) + self.one(SEARCH_DATES)

    def _ask_number(self, modifier: str) -> str:
        return self.one(PREFIXES) + self.one(SEARCH_NUMBERS)

    def _ask_quantity(self, modifier: str) -> str:
        number = self._ask_number("")
        unit = f"|{self.random.choice([UCUM, UCUM, 'http://units.example', ''])}|{self.one(UNITS)}"
        return number + self.random.choice(["", unit, unit, "||"])

    def _ask_composite(self, modifier: str) -> str:
        return f"{self._ask_token('')}${self._ask_quantity('')}"

    def _ask_uri(self, modifier: str) -> str:
        if modifier == "above":
            return self.random.choice(["http://x.example/a/b/c", "http://x.example/a"])
        return escape(self.one(URLS))

    def _ask_id(self, modifier: str) -> str:
        return str(self.random.randrange(10))

    def _ask_reference(self, modifier: str) -> str:
        id_ = self._ask_id("")
        if modifier:
            return self.random.choice([id_, f"{modifier}/{id_}"])
        name = self.random.choice(["Patient", "Practitioner", "Group"])
        return self.random.choice(
            [id_, f"{name}/{id_}", f"{name}/{id_}", f"{name}/{id_}/_history/7", self.one(FAR[:1])]
        )


_COMMON = [
    ("_tag", "token", ["not"]), ("_profile", "uri", ["below"]), ("_source", "uri", ["above"]), ("_id", "id", ["not"]),
]  # fmt: skip
_PARAMETERS: dict[str, list[tuple[str, str, list[str]]]] = {
    "Patient": [
        ("gender", "gender", ["not"]), ("active", "boolean", ["not"]), ("identifier", "token", ["not", "of-type"]),
        ("name", "string", ["exact", "contains"]), ("family", "string", ["exact", "contains"]),
        ("birthdate", "date", []), ("general-practitioner", "reference", ["Practitioner", "identifier"]),
    ],
    "Practitioner": [("name", "string", ["exact", "contains"]), ("identifier", "token", ["not", "of-type"])],
    "Observation": [
        ("code", "token", ["not", "text"]), ("category", "token", ["not", "text"]), ("combo-code", "token", ["not"]),
        ("component-code", "token", ["not"]), ("date", "date", []), ("value-string", "string", ["exact", "contains"]),
        ("value-quantity", "quantity", []), ("subject", "reference", ["Patient", "Group", "identifier"]),
        ("patient", "reference", []), ("performer", "reference", ["Practitioner", "identifier"]),
        ("code-value-quantity", "composite", []), ("component-code-value-quantity", "composite", []),
        ("combo-code-value-quantity", "composite", []),
    ],
    "RiskAssessment": [("probability", "number", []), ("subject", "reference", ["Patient", "identifier"])],
    "ValueSet": [("url", "uri", ["above", "below"])],
}  # fmt: skip
# A prefix, the type it leads to, and for a chain that is not typed the parameters that the oracle knows everywhere.
_CHAINS: dict[str, list[tuple[str, str, set[str] | None]]] = {
    "Patient": [
        ("general-practitioner.", "Practitioner", {"name"}), ("general-practitioner:Practitioner.", "Practitioner", None),
        ("_has:Observation:subject:", "Observation", None), ("_has:Observation:patient:", "Observation", None),
        ("_has:Observation:performer:", "Observation", None), ("_has:RiskAssessment:subject:", "RiskAssessment", None),
    ],
    "Practitioner": [
        ("_has:Patient:general-practitioner:", "Patient", None), ("_has:Observation:performer:", "Observation", None),
    ],
    "Observation": [
        ("subject:Patient.", "Patient", None), ("patient.", "Patient", None), ("performer:Practitioner.", "Practitioner", None),
        ("performer.", "Practitioner", {"name", "identifier"}),
    ],
    "RiskAssessment": [("subject:Patient.", "Patient", None)],
}  # fmt: skip
