"""R4's bindings out of the box: the codes of a whole hospital, against every value set that its elements are bound to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bedside.demo.generate import generate
from bedside.fhir.definitions import Element, type_definition
from bedside.record.record import Record

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def bound(node: dict[str, Any], type_name: str) -> Iterator[tuple[Element, list[dict[str, Any]]]]:
    """Every coded value of a resource whose element is bound, with its codings."""
    properties = type_definition(type_name).properties
    for name, value in node.items():
        if name not in properties:
            continue
        element, kind = properties[name]
        for each in value if isinstance(value, list) else [value]:
            if element.binding is not None:
                match kind:
                    case "CodeableConcept":
                        yield element, [c for c in each.get("coding", []) if "code" in c]
                    case "Coding" | "Quantity":
                        yield element, [each] if "code" in each else []
                    case "code":
                        yield element, [{"code": each}]
            if isinstance(each, dict):
                yield from bound(each, each["resourceType"] if kind == "Resource" else kind)


def test_the_codes_of_a_hospital_are_where_they_are_bound_to(record: Record) -> None:
    state = record.terminology.current()
    answers: Counter[tuple[str, bool | None]] = Counter()
    strangers: set[tuple[str, str]] = set()
    for block in generate(patients=5, seed=3):
        for resource in block:
            for element, codings in bound(resource, resource["resourceType"]):
                assert element.binding is not None
                strength, value_set = element.binding.strength, element.binding.value_set
                if strength not in ("required", "extensible") or not codings:
                    continue
                found = [state.member_of(coding, value_set) for coding in codings]
                answer = True if True in found else None if None in found else False
                answers[strength, answer] += 1
                if answer is False:
                    strangers.add((element.path, codings[0]["code"]))
    assert answers["required", False] == 0
    assert answers["required", None] == 0
    assert answers["required", True] > 5_000
    assert answers["extensible", True] > 1_000
    # An extensible binding may be extended; these are what the demo adds. The name of a definition as a criterion of a
    # measure is a language of its own since Using CQL with FHIR, which is later than R4.
    assert strangers <= {
        ("Identifier.type", "NI"),
        ("Consent.policyRule", "OPTIN"),
        ("Consent.policyRule", "OPTOUT"),
        ("Expression.language", "text/cql-identifier"),
    }
