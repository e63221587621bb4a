"""Pages: nothing twice, nothing left out, whatever others write meanwhile; cursors that are not ours are refused."""

from __future__ import annotations

import base64
import json
import threading
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.fhir.outcome import Invalid
from bedside.record.model import Delete, Update
from bedside.record.parameters import Registry
from bedside.record.record import Record
from bedside.record.search import parse
from bedside.record.search.page import decode_cursor, encode_cursor
from bedside.record.search.sort import Key, order_of

from .conftest import pages
from .test_include import of, put

REGISTRY = Registry()


def observation(id_: str, random: Random) -> dict[str, Any]:
    found = of(
        "Observation",
        id_,
        status="final",
        code={"coding": [{"system": "http://loinc.org", "code": random.choice("abc")}]},
    )
    if random.random() < 0.8:
        found["effectiveDateTime"] = f"20{random.randint(10, 24)}-0{random.randint(1, 9)}-01"
    if random.random() < 0.8:
        found["valueString"] = random.choice(["one", "two", "three"])
    return found  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        [], [("_sort", "date")], [("_sort", "-date,_id")], [("_sort", "value-string")], [("_sort", "-code,date")],
        [("_sort", "_id")], [("code", "a,b")], [("code:not", "a"), ("_sort", "value-string,-date")],
        [("value-string", "t")],
    ],
    ids=lambda pairs: "&".join(f"{name}={text}" for name, text in pairs) or "all",
)  # fmt: skip
def test_pages_neither_skip_nor_repeat_while_others_write(
    unchecked: Record, limits: str, asked: list[tuple[str, str]]
) -> None:
    """Three writers create, touch and delete; what was there all the time is on exactly one page."""
    random = Random(7)
    stable = {f"s{i}": observation(f"s{i}", random) for i in range(60)}
    put(unchecked, *[dict(r) for r in stable.values()])
    expected = {id_ for page in pages(unchecked, "Observation", asked, 100) for id_ in page}
    done = threading.Event()
    errors: list[BaseException] = []

    def disturb(seed: int) -> None:
        own = Random(seed)
        mine: list[str] = []
        try:
            for count in range(10_000):
                if done.is_set():
                    return
                kind = own.random()
                if kind < 0.5 or not mine:
                    mine.append(f"w{seed}-{count}")
                    unchecked.write(Update("Observation", observation(mine[-1], own), mine[-1]))
                elif kind < 0.75:
                    gone = mine.pop(own.randrange(len(mine)))
                    unchecked.write(Delete("Observation", gone))
                else:  # a new version of what is stable, with the same keys
                    id_ = own.choice(list(stable))
                    unchecked.write(Update("Observation", {**stable[id_], "note": [{"text": f"{count}"}]}, id_))
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=disturb, args=(seed,)) for seed in (1, 2, 3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            seen = [id_ for page in pages(unchecked, "Observation", asked, 7) for id_ in page if id_ in stable]
            assert len(seen) == len(set(seen))
            assert set(seen) == expected
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert not errors


def search(*pairs: tuple[str, str]) -> Any:
    return parse(REGISTRY, "Patient", pairs, strict=True)


CLOCK = Key("clock", True, False, "d.clock")
KEYS = {
    "birthdate": (st.none() | st.integers(-(2**62), 2**62)),
    "family": (st.none() | st.text().filter(lambda text: "\0" not in text)),
    "_id": st.text(min_size=1).filter(lambda text: "\0" not in text),
    "_lastUpdated": st.integers(0, 2**62),
}


@given(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=3, unique=True), st.data())
def test_a_cursor_comes_back_as_it_was(codes: list[str], data: st.DataObject) -> None:
    wanted = search(("_sort", ",".join(codes)))
    keys = order_of(REGISTRY, wanted, 0).keys
    position = (*[data.draw(KEYS[code]) for code in codes], data.draw(st.integers(0, 2**62)))
    assert decode_cursor(wanted, encode_cursor(wanted, position), keys) == position


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%",
        "WzFd",
        "é",
        forged(1),
        forged(2, "", 0, 0),
        forged(1, "0" * 12, 0, 0),
        forged(1, "", [1], 2),
        "A" * 5000,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(search(), cursor, [CLOCK])


def test_a_cursor_belongs_to_its_search() -> None:
    mine = search(("gender", "male"))
    cursor = encode_cursor(mine, (1, 2))
    same = search(("gender", "male"), ("_count", "5"), ("_include", "Patient:link"))
    assert decode_cursor(same, cursor, [CLOCK]) == (1, 2)
    for other in (search(("gender", "female")), search(), search(("gender", "male"), ("_sort", "birthdate"))):
        with pytest.raises(Invalid, match="another search"):
            decode_cursor(other, cursor, [CLOCK])


@pytest.mark.parametrize("keys", [[True], [2**70], [{}], [[]], ["text"], [None], [1.5], []])
@pytest.mark.parametrize("rid", [1, True, None, "1", 2**63])
def test_a_cursor_that_was_made_up_is_refused(unchecked: Record, keys: list[Any], rid: Any) -> None:
    wanted = search(("gender", "male"))
    identity = json.loads(base64.urlsafe_b64decode(encode_cursor(wanted, (1, 2)) + "=="))[1]
    with pytest.raises(Invalid):
        unchecked.search("Patient", [("gender", "male"), ("_page", forged(1, identity, *keys, rid))])


def test_totals(unchecked: Record) -> None:
    put(unchecked, *[of("Patient", str(i), active=i % 2 == 0) for i in range(11)])

    def total(*pairs: tuple[str, str]) -> int | None:
        return unchecked.search("Patient", pairs, strict=True).total

    assert total() == 11, "known for nothing when all is on one page"
    assert total(("_count", "5")) is None
    assert total(("_count", "5"), ("_total", "none")) is None
    assert total(("_count", "5"), ("_total", "accurate")) == 11
    assert total(("_count", "5"), ("_total", "estimate"), ("active", "true")) == 6
    assert total(("_count", "0"), ("active", "false")) == 5
    assert total(("_summary", "count")) == 11
    counted = unchecked.search("Patient", [("_summary", "count")])
    assert (counted.matches, counted.next, counted.summary) == ([], None, "count")
