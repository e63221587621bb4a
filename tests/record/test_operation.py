"""What is encoded before the lock is taken is what would have been encoded after it."""

from __future__ import annotations

from bedside.fhir import json
from bedside.record.operation import Draft, with_meta

INSTANT = "2026-11-22T20:15:00.000001Z"
NO_INSTANT = "0000-00-00T00:00:00.000000Z"


def test_a_draft_with_its_instant_is_the_body() -> None:
    text = f'"lastUpdated":"{NO_INSTANT}"'
    for meta in ({}, {"source": NO_INSTANT}, {"lastUpdated": "2020-01-01T00:00:00Z", "source": text}):
        resource = {"resourceType": "Basic", "id": "a", "meta": meta, "language": NO_INSTANT, "implicitRules": text}
        draft = Draft.of(resource, "a")
        body = b"".join((draft.before, INSTANT.encode(), draft.after))
        assert body == json.encode(with_meta(resource, "a", 1, INSTANT))
