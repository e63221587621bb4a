"""Texts that are longer than an index entry may be: kept whole, and found by their equality and their beginning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.record.model import Create, Delete, Effect
from bedside.record.record import Record
from bedside.record.values import indexed, indexed_start
from record.index import assert_consistent
from record.samples import content, create, one, patient, put

BEGINNINGS = ["", "a" * 215, "é" * 460, "漢" * 310, "🫀" * 235]
TEXTS = st.builds(str.__add__, st.sampled_from(BEGINNINGS), st.text(max_size=30))
ALPHABETS = ["x", "é", "漢", "🫀"]


@given(TEXTS)
def test_what_is_indexed_is_short_and_begins_as_the_text(text: str) -> None:
    assert len(indexed(text).encode()) <= 948
    assert indexed(text).startswith(indexed_start(text)) or indexed(text) == text
    assert text.startswith(indexed_start(text))
    assert len(indexed_start(text).encode()) >= min(len(text.encode()), 897)


@given(TEXTS, TEXTS)
def test_different_texts_stay_different(one_text: str, other: str) -> None:
    assert (indexed(one_text) == indexed(other)) == (one_text == other)


@pytest.mark.parametrize("letter", ALPHABETS)
def test_long_texts_everywhere(record: Record, letter: str) -> None:
    long = letter * 5000
    resource = patient(
        f"A{long}",
        identifier=[{"system": f"http://example.org/{long}", "value": long, "type": {"text": long}}],
        telecom=[{"system": "url", "value": long}],
        meta={"profile": [f"http://example.org/{long}"], "tag": [{"system": "s", "code": "c", "display": long}]},
        link=[{"other": {"reference": f"https://example.org/{long}"}, "type": "seealso"}],
        name=[{"family": f"A{long}"}, {"family": f"a{long}"}, {"family": long + "1"}, {"family": long + "2"}],
    )
    stored = create(record, resource)
    assert content(record.read("Patient", stored.id)) == {**resource, "id": stored.id}
    assert_consistent(record)

    def found(name: str, value: str) -> bool:
        return [each.id for each in record.search("Patient", [(name, value)]).matches] == [stored.id]

    assert found("family", f"A{letter * 200}")
    assert found("family:exact", f"A{letter * 4000}") is False
    assert found("identifier", long[:1000]) is False
    assert found("identifier", long)
    assert found("identifier", f"http://example.org/{long}|{long}")
    assert found("telecom", long)
    assert found("_profile", f"http://example.org/{long}")
    assert found("_profile:below", f"http://example.org/{letter * 100}")
    assert one(record, put({**resource, "id": stored.id})).effect is Effect.UNCHANGED
    assert one(record, put(patient("short", id=stored.id))).effect is Effect.UPDATED
    assert_consistent(record)
    assert one(record, Delete("Patient", stored.id)).effect is Effect.DELETED
    assert_consistent(record)


def test_long_texts_that_differ_at_their_end_are_told_apart(record: Record) -> None:
    texts = ["x" * 3000 + end for end in "ab"]
    stored = [
        create(record, patient(text, identifier=[{"system": "http://example.org/mrn", "value": text}]))
        for text in texts
    ]
    for text, each in zip(texts, stored, strict=True):
        for name in ("identifier", "family:exact"):
            assert [m.id for m in record.search("Patient", [(name, text)]).matches] == [each.id]
        again = one(record, Create(patient(), if_none_exist=f"identifier=http://example.org/mrn|{text}"))
        assert again.effect is Effect.EXISTED
        assert again.stored == each
