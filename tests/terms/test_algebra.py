"""The algebra of value sets, against a reading of the definition that knows nothing but "is this code in it?"."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bedside.terms.compose import Composer
from bedside.terms.sets import listed

from .sources import Resource, Shelf

SYSTEMS = ("http://a.example", "http://b.example")
CODES = ("a", "b", "c", "d", "e", "f")
SIZES = ("small", "large")
OPS = ("=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists")


def parents_of(code: str) -> st.SearchStrategy[list[str]]:
    """Only earlier codes are parents, so there are no circles."""
    before = CODES[: CODES.index(code)]
    return st.lists(st.sampled_from(before), max_size=2, unique=True) if before else st.just([])


@st.composite
def systems(draw: st.DrawFn, url: str) -> Resource:
    concepts = []
    for code in CODES:
        properties: list[dict[str, Any]] = [{"code": "parent", "valueCode": p} for p in draw(parents_of(code))]
        if draw(st.booleans()):
            properties.append({"code": "size", "valueCode": draw(st.sampled_from(SIZES))})
        if draw(st.booleans()):
            properties.append({"code": "inactive", "valueBoolean": draw(st.booleans())})
        concepts.append({"code": code, "property": properties})
    known = [
        {"code": "parent", "type": "code"},
        {"code": "size", "type": "code"},
        {"code": "inactive", "type": "boolean"},
    ]
    return {"resourceType": "CodeSystem", "url": url, "content": "complete", "status": "active",
            "property": known, "concept": concepts}  # fmt: skip


@st.composite
def filters(draw: st.DrawFn) -> dict[str, str]:
    op = draw(st.sampled_from(OPS))
    if op in ("is-a", "descendent-of", "is-not-a", "generalizes"):
        return {"property": "concept", "op": op, "value": draw(st.sampled_from(CODES))}
    name = draw(st.sampled_from(["code", "size", "parent", "child", "inactive"]))
    if op == "exists":
        value = draw(st.sampled_from(["true", "false"]))
    elif op == "regex":
        value = draw(st.sampled_from(["[a-c]", "s.*", "true|f.*", "x"]))
    elif op == "=":
        value = draw(st.sampled_from([*CODES, *SIZES, "true", "false"]))
    else:
        value = ",".join(draw(st.lists(st.sampled_from([*CODES, *SIZES, "true"]), min_size=1, max_size=3)))
    return {"property": name, "op": op, "value": value}


@st.composite
def parts(draw: st.DrawFn, number: int) -> Resource:
    """One include or exclude of value set `number`, which may import those with a lower number."""
    imports = st.lists(st.integers(0, number - 1), max_size=2, unique=True) if number else st.just([])
    found: Resource = {"valueSet": [f"http://set.example/{each}" for each in draw(imports)]}
    if not found["valueSet"]:
        del found["valueSet"]
    if "valueSet" not in found or draw(st.booleans()):
        found["system"] = draw(st.sampled_from(SYSTEMS))
        match draw(st.integers(0, 2)):
            case 0:
                chosen = draw(st.lists(st.sampled_from([*CODES, "elsewhere"]), min_size=1, max_size=4, unique=True))
                found["concept"] = [{"code": code} for code in chosen]
            case 1:
                found["filter"] = draw(st.lists(filters(), min_size=1, max_size=2))
    return found


@st.composite
def worlds(draw: st.DrawFn) -> list[Resource]:
    sets = []
    for number in range(draw(st.integers(1, 4))):
        compose: Resource = {"include": draw(st.lists(parts(number), min_size=1, max_size=3))}
        exclude = draw(st.lists(parts(number), max_size=2))
        if exclude:
            compose["exclude"] = exclude
        if draw(st.booleans()):
            compose["inactive"] = draw(st.booleans())
        sets.append(
            {"resourceType": "ValueSet", "url": f"http://set.example/{number}", "status": "active", "compose": compose}
        )
    return [draw(systems(url)) for url in SYSTEMS] + sets


class Reading:
    """R4 valueset.html#compositions, word by word, for one code at a time."""

    def __init__(self, resources: list[Resource]) -> None:
        self.systems = {
            r["url"]: {c["code"]: c for c in r["concept"]} for r in resources if r["resourceType"] == "CodeSystem"
        }
        self.sets = {r["url"]: r["compose"] for r in resources if r["resourceType"] == "ValueSet"}

    def has(self, url: str, system: str, code: str) -> bool:
        compose = self.sets[url]
        inside = any(self.fits(each, system, code) for each in compose["include"])
        outside = any(self.fits(each, system, code) for each in compose.get("exclude", []))
        if inside and not outside and compose.get("inactive") is False:
            return self.values(system, code, "inactive") != ["true"]
        return inside and not outside

    def fits(self, part: Resource, system: str, code: str) -> bool:
        if "system" in part and part["system"] != system:
            return False
        if "concept" in part and code not in [c["code"] for c in part["concept"]]:
            return False
        if "system" in part and "concept" not in part and code not in self.systems[system]:
            return False
        if not all(self.passes(each, system, code) for each in part.get("filter", [])):
            return False
        return all(self.has(url, system, code) for url in part.get("valueSet", []))

    def values(self, system: str, code: str, name: str) -> list[str]:
        concepts = self.systems[system]
        if name in ("code", "concept"):
            return [code]
        if name == "child":
            return [c for c in concepts if code in self.values(system, c, "parent")]
        own = concepts.get(code, {}).get("property", [])
        found = [str(p.get("valueCode", p.get("valueBoolean"))) for p in own if p["code"] == name]
        found = [{"True": "true", "False": "false"}.get(each, each) for each in found]
        return found or (["false"] if name == "inactive" else [])

    def up(self, system: str, code: str) -> set[str]:
        return {code}.union(*(self.up(system, parent) for parent in self.values(system, code, "parent")))

    def passes(self, wanted: dict[str, str], system: str, code: str) -> bool:
        value, found = wanted["value"], self.values(system, code, wanted["property"])
        match wanted["op"]:
            case "=":
                return value in found
            case "is-a":
                return value in self.up(system, code)
            case "descendent-of":
                return value in self.up(system, code) and value != code
            case "is-not-a":
                return value not in self.up(system, code)
            case "generalizes":
                return code in self.up(system, value)
            case "in":
                return any(each in value.split(",") for each in found)
            case "not-in":
                return not any(each in value.split(",") for each in found)
            case "regex":
                return any(re.fullmatch(value, each) for each in found)
            case _:
                return bool(found) == (value == "true")


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(resources=worlds())
def test_members_are_those_of_which_the_definition_says_so(resources: list[Resource]) -> None:
    reading = Reading(resources)
    composer = Composer(Shelf(*resources))
    for url in reading.sets:
        _, rule = composer.by_url(url)
        everybody = [(s, c) for s in SYSTEMS for c in (*CODES, "elsewhere")]
        wanted = {key for key in everybody if reading.has(url, *key)}
        note(url)
        assert {key for key in everybody if rule.find(*key) is not None} == wanted
        members = listed(rule)
        assert {(e.system, e.code) for e in members.members()} == wanted
        assert {key for key in everybody if key in members} == wanted
        assert len(members) == len(wanted)
        assert members.complete
