"""One small hospital for all tests: every course of disease is played at least once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bedside.demo import generate
from bedside.demo.cast import cycle
from bedside.demo.courses.registry import COURSES

Resource = dict[str, Any]

UNTIL = datetime.fromisoformat("2026-11-19T14:30:00+01:00")


class Demo:
    """The blocks of a generated hospital, and simple ways to look at them."""

    def __init__(self, blocks: list[list[Resource]]) -> None:
        self.blocks = blocks
        self.institution = blocks[0]
        self.lives = blocks[1:-1]
        self.all = [resource for block in blocks for resource in block]
        self.by_type: dict[str, list[Resource]] = defaultdict(list)
        self.by_reference: dict[str, Resource] = {}
        for resource in self.all:
            self.by_type[resource["resourceType"]].append(resource)
            self.by_reference[f"{resource['resourceType']}/{resource['id']}"] = resource

    def patients(self) -> Iterator[tuple[Resource, list[Resource]]]:
        """Each patient with the resources that are about that patient (a block may hold mother and child)."""
        for block in self.lives:
            own: dict[str, list[Resource]] = defaultdict(list)
            people = [r for r in block if r["resourceType"] == "Patient"]
            for resource in block:
                subject = resource.get("subject") or resource.get("patient") or resource.get("for")
                subject = subject or resource.get("beneficiary")
                if subject:
                    own[subject["reference"]].append(resource)
            for patient in people:
                yield patient, own[f"Patient/{patient['id']}"]


@pytest.fixture(scope="session")
def demo() -> Demo:
    """Every course once, and some more than once."""
    cycle()
    return Demo(list(generate(patients=len(COURSES) + 12)))


def moment(text: str) -> datetime:
    """A FHIR dateTime or instant with a zone."""
    return datetime.fromisoformat(text)
