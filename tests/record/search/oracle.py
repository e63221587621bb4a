"""Search as the specification words it, over plain dictionaries: slow, obvious, and by another way than the index.

It knows some parameters of some types, each by a function that picks the values out of the resource, and decides by
going through all of them. https://hl7.org/fhir/R4/search.html is the only source of what matches.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

Resource = dict[str, Any]
Values = list[Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOREVER = (-(10**18), 10**18)
UCUM = "http://unitsofmeasure.org"
SCALE = {
    "mg": ("g", Fraction(1, 1000)),
    "g": ("g", Fraction(1)),
    "ug": ("g", Fraction(1, 10**6)),
    "cm": ("m", Fraction(1, 100)),
    "m": ("m", Fraction(1)),
}


# --- picking values out of resources


@dataclass(frozen=True)
class Coded:
    system: str | None
    code: str | None
    kind: tuple[str | None, str | None] | None = None  # of an identifier


def codings(concept: Any) -> list[Coded]:
    return [Coded(c.get("system"), c.get("code")) for c in (concept or {}).get("coding", [])]


def labels(concept: Any) -> list[str]:
    concept = concept or {}
    found = [c["display"] for c in concept.get("coding", []) if "display" in c]
    return found + ([concept["text"]] if "text" in concept else [])


def identifiers(resource: Resource) -> list[Coded]:
    found = []
    for each in resource.get("identifier", []):
        kinds = [(c.get("system"), c.get("code")) for c in each.get("type", {}).get("coding", [])] or [None]
        found += [Coded(each.get("system"), each.get("value"), kind) for kind in kinds]
    return found


def name_parts(resource: Resource) -> list[str]:
    found: list[str] = []
    for name in resource.get("name", []):
        found += [name[k] for k in ("family", "text") if k in name] + name.get("given", [])
    return found


def quantities(value: Any) -> list[Resource]:
    return [value] if value and "value" in value else []


def references(*found: Any) -> list[Resource]:
    return [r for r in found if r]


def components(resource: Resource) -> list[Resource]:
    return resource.get("component", [])


Pick = Callable[[Resource], Values]

# (type of resource, parameter) -> (type of parameter, its values, what more is known)
PARAMETERS: dict[tuple[str, str], tuple[str, Pick]] = {
    ("Patient", "gender"): ("code", lambda r: [Coded("http://hl7.org/fhir/administrative-gender", r["gender"])] if "gender" in r else []),
    ("Patient", "active"): ("token", lambda r: [Coded(None, str(r["active"]).lower())] if "active" in r else []),
    ("Patient", "identifier"): ("token", identifiers),
    ("Patient", "name"): ("string", name_parts),
    ("Patient", "family"): ("string", lambda r: [n["family"] for n in r.get("name", []) if "family" in n]),
    ("Patient", "birthdate"): ("date", lambda r: [r["birthDate"]] if "birthDate" in r else []),
    ("Patient", "general-practitioner"): ("reference", lambda r: references(*r.get("generalPractitioner", []))),
    ("Practitioner", "name"): ("string", name_parts),
    ("Practitioner", "identifier"): ("token", identifiers),
    ("Observation", "code"): ("token", lambda r: codings(r.get("code"))),
    ("Observation", "category"): ("token", lambda r: [c for each in r.get("category", []) for c in codings(each)]),
    ("Observation", "combo-code"): ("token", lambda r: codings(r.get("code")) + [c for x in components(r) for c in codings(x["code"])]),
    ("Observation", "component-code"): ("token", lambda r: [c for x in components(r) for c in codings(x["code"])]),
    ("Observation", "date"): ("date", lambda r: [r[k] for k in ("effectiveDateTime", "effectivePeriod") if k in r]),
    ("Observation", "value-string"): ("string", lambda r: [r["valueString"]] if "valueString" in r else []),
    ("Observation", "value-quantity"): ("quantity", lambda r: quantities(r.get("valueQuantity"))),
    ("Observation", "subject"): ("reference", lambda r: references(r.get("subject"))),
    ("Observation", "patient"): ("reference", lambda r: [x for x in references(r.get("subject")) if is_patient(x)]),
    ("Observation", "performer"): ("reference", lambda r: references(*r.get("performer", []))),
    ("Observation", "code-value-quantity"): ("composite", lambda r: [(codings(r.get("code")), quantities(r.get("valueQuantity")))]),
    ("Observation", "component-code-value-quantity"): ("composite", lambda r: [(codings(x["code"]), quantities(x.get("valueQuantity"))) for x in components(r)]),
    ("Observation", "combo-code-value-quantity"): (
        "composite",
        lambda r: [(codings(x.get("code")), quantities(x.get("valueQuantity"))) for x in [r, *components(r)]],
    ),
    ("RiskAssessment", "probability"): (
        "number",
        lambda r: [p[k] for p in r.get("prediction", []) for k in ("probabilityDecimal", "probabilityRange") if k in p],
    ),
    ("RiskAssessment", "subject"): ("reference", lambda r: references(r.get("subject"))),
    ("ValueSet", "url"): ("uri", lambda r: [r["url"]] if "url" in r else []),
}  # fmt: skip
for _type in ("Patient", "Practitioner", "Observation", "RiskAssessment", "ValueSet"):
    PARAMETERS[(_type, "_tag")] = (
        "token",
        lambda r: [Coded(c.get("system"), c.get("code")) for c in r.get("meta", {}).get("tag", [])],
    )
    PARAMETERS[(_type, "_profile")] = ("uri", lambda r: r.get("meta", {}).get("profile", []))
    PARAMETERS[(_type, "_source")] = ("uri", lambda r: [r["meta"]["source"]] if "source" in r.get("meta", {}) else [])
    PARAMETERS[(_type, "_id")] = ("id", lambda r: [r["id"]])
TEXTS: dict[tuple[str, str], Callable[[Resource], list[str]]] = {
    ("Observation", "code"): lambda r: labels(r.get("code")),
    ("Observation", "category"): lambda r: [t for each in r.get("category", []) for t in labels(each)],
}
TARGETS = {
    ("Patient", "general-practitioner"): ("Practitioner",),
    ("Observation", "subject"): ("Patient",),
    ("Observation", "patient"): ("Patient",),
    ("Observation", "performer"): ("Practitioner", "Patient"),
    ("RiskAssessment", "subject"): ("Patient",),
}
ALLOWED = {
    ("Patient", "general-practitioner"): ("Organization", "PractitionerRole", "Practitioner"),
    ("Observation", "subject"): ("Group", "Device", "Patient", "Location"),
    ("Observation", "patient"): ("Patient",),
    ("Observation", "performer"): (
        "Practitioner",
        "Organization",
        "CareTeam",
        "Patient",
        "PractitionerRole",
        "RelatedPerson",
    ),
    ("RiskAssessment", "subject"): ("Group", "Patient"),
}


def local(reference: Resource) -> tuple[str, str] | None:
    """`Type/id` of a relative reference, without a version."""
    match = re.fullmatch(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)(/_history/.+)?", reference.get("reference", ""))
    return (match[1], match[2]) if match else None


def is_patient(reference: Resource) -> bool:
    """Whether a reference leads to a Patient, here or elsewhere, as far as the reference itself tells."""
    return "Patient" in reference.get("reference", "").split("/")


# --- values as intervals


def instants(value: str) -> tuple[int, int]:
    """[low, high) of a date or time, in microseconds."""
    zone = re.search(r"T.*?(Z|[+-]\d\d:\d\d)$", value)
    plain = value[: zone.start(1)] if zone else value
    offset = timedelta()
    if zone and zone[1] != "Z":
        hours, minutes = map(int, zone[1][1:].split(":"))
        offset = timedelta(hours=hours, minutes=minutes) * (1 if zone[1][0] == "+" else -1)
    parts = [int(p) for p in re.split(r"[-T:]", plain.split(".")[0])]
    fraction = plain.split(".")[1] if "." in plain else ""
    low = datetime(*(parts + [1, 1, 0, 0, 0][len(parts) - 1 :])[:6], tzinfo=UTC)  # type: ignore[arg-type]
    match len(parts):
        case 1:
            high = low.replace(year=low.year + 1)
        case 2:
            high = low + timedelta(days=monthrange(low.year, low.month)[1])
        case 3:
            high = low + timedelta(days=1)
        case 5:
            high = low + timedelta(minutes=1)
        case _:
            low += timedelta(microseconds=int(fraction.ljust(6, "0"))) if fraction else timedelta()
            high = low + (timedelta(microseconds=10 ** (6 - len(fraction))) if fraction else timedelta(seconds=1))
    one = timedelta(microseconds=1)
    return (low - offset - _EPOCH) // one, (high - offset - _EPOCH) // one


def interval(value: Any) -> tuple[int, int]:
    if isinstance(value, str):
        return instants(value)
    low = instants(value["start"])[0] if "start" in value else _FOREVER[0]
    high = instants(value["end"])[1] if "end" in value else _FOREVER[1]
    return low, high


def prefixed(text: str) -> tuple[str, str]:
    return (text[:2], text[2:]) if text[:2] in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap") else ("eq", text)


def date_matches(value: Any, text: str, now: int) -> bool:
    prefix, rest = prefixed(text)
    (sl, sh), (tl, th) = instants(rest), interval(value)
    contained = sl <= tl and th <= sh
    match prefix:
        case "eq":
            return contained
        case "ne":
            return not contained
        case "gt":  # the range above the search value intersects the target
            return th > sh
        case "lt":
            return tl < sl
        case "ge":
            return th > sh or contained
        case "le":
            return tl < sl or contained
        case "sa":  # the target lies wholly in the range above
            return tl >= sh
        case "eb":
            return th <= sl
        case _:
            gap = max(sl - now, now - sh, 0) // 10
            return tl < sh + gap and th > sl - gap


def number_matches(low: Fraction | None, high: Fraction | None, text: str, scale: Fraction = Fraction(1)) -> bool:
    """[low, high] of the resource (None: open) against a search value in a unit of `scale`."""
    prefix, rest = prefixed(text)
    digits = re.fullmatch(r"-?\d+(?:\.(\d+))?(?:[eE]([+-]?\d+))?", rest)
    assert digits is not None
    value = Fraction(rest) * scale
    power = int(digits[2] or 0) - len(digits[1] or "")
    # R4's table of examples: 1e2 is [95, 105), a digit finer than it shows.
    half = Fraction(10) ** (power - 1 if power > 0 else power) / 2 * scale
    below = low is None or low < value
    above = high is None or high > value
    inside = low is not None and high is not None and value - half <= low and high < value + half
    match prefix:
        case "eq":
            return inside
        case "ne":
            return not inside
        case "gt":
            return above
        case "lt":
            return below
        case "ge":
            return above or high == value
        case "le":
            return below or low == value
        case "sa":
            return low is not None and low > value
        case "eb":
            return high is not None and high < value
        case _:
            margin = max(abs(value) / 10, half)
            return (low is None or low <= value + margin) and (high is None or high >= value - margin)


def ends(value: Any) -> tuple[Fraction | None, Fraction | None]:
    """[low, high] of a decimal or a Range."""
    if isinstance(value, dict):
        return tuple(Fraction(value[k]["value"]) if k in value else None for k in ("low", "high"))  # type: ignore[return-value]
    return Fraction(value), Fraction(value)


def quantity_matches(quantity: Resource, text: str) -> bool:
    number, *unit = text.split("|")
    low = high = Fraction(quantity["value"])
    if quantity.get("comparator", "").startswith("<"):
        low = None  # type: ignore[assignment]
    elif quantity.get("comparator"):
        high = None  # type: ignore[assignment]
    if not unit or not unit[1]:
        return number_matches(low, high, number)
    system, code = unit
    if not system:
        return code in (quantity.get("code"), quantity.get("unit")) and number_matches(low, high, number)
    if quantity.get("system") != system:
        return False
    if system == UCUM and code in SCALE:
        if quantity.get("code") not in SCALE or SCALE[quantity["code"]][0] != SCALE[code][0]:
            return False
        factor = SCALE[quantity["code"]][1]
        return number_matches(low and low * factor, high and high * factor, number, SCALE[code][1])
    return quantity.get("code") == code and number_matches(low, high, number)


# --- tokens, strings, references


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(c for c in decomposed if unicodedata.category(c) != "Mn").split())


def unescape(text: str) -> str:
    return re.sub(r"\\([\\,$|])", r"\1", text)


def parts_of(text: str, separator: str) -> list[str]:
    """Between separators that no backslash protects."""
    return re.split(rf"(?<!\\){re.escape(separator)}", text)


def token_matches(coded: Coded, text: str, *, is_code: bool = False) -> bool:
    parts = [unescape(part) for part in parts_of(text, "|")]
    if len(parts) == 1:
        return coded.code == parts[0]
    system, code = parts
    # The system of a `code` is not written in the resource, so `|code` finds it too.
    systems = (coded.system, None) if is_code else (coded.system,)
    return (system or None) in systems and (not code or coded.code == code)


def string_matches(value: str, text: str, modifier: str) -> bool:
    wanted = unescape(text)
    if modifier == "exact":
        return value == wanted
    if modifier == "contains":
        return plain(wanted) in plain(value)
    return plain(value).startswith(plain(wanted))


def reference_matches(reference: Resource, text: str, allowed: tuple[str, ...]) -> bool:
    if re.fullmatch(r"[A-Za-z0-9.-]{1,64}", text):
        return local(reference) in [(name, text) for name in allowed]
    wanted = local({"reference": text})
    if wanted is not None:
        return local(reference) == wanted and wanted[0] in allowed
    written = reference.get("reference", "")
    return written == text or written.startswith(text + "|")


# --- whole searches


class Oracle:
    """All resources, and which of them a search finds. `now` is the instant for `ap`, in microseconds."""

    def __init__(self, resources: Iterator[Resource], now: int) -> None:
        self.resources = {(r["resourceType"], r["id"]): r for r in resources}
        self.now = now

    def search(self, kind: str, query: list[tuple[str, str]]) -> set[str]:
        """The ids that match all of a query."""
        return {
            id_
            for (name, id_), resource in self.resources.items()
            if name == kind and all(self.matches(resource, key, value) for key, value in query)
        }

    def matches(self, resource: Resource, name: str, text: str) -> bool:
        if name.startswith("_has:"):
            _, source, code, rest = name.split(":", 3)
            me = (resource["resourceType"], resource["id"])
            pick = PARAMETERS[(source, code)][1]
            return any(
                self.matches(other, rest, text)
                for (kind, _), other in self.resources.items()
                if kind == source and any(local(reference) == me for reference in pick(other))
            )
        if "." in name:
            first, rest = name.split(".", 1)
            code, _, kind = first.partition(":")
            key = (resource["resourceType"], code)
            kinds = (kind,) if kind else TARGETS[key]
            targets = [local(reference) for reference in PARAMETERS[key][1](resource)]
            return any(
                self.matches(self.resources[t], rest, text)
                for t in targets
                if t in self.resources and t[0] in kinds and self._knows(t[0], rest)
            )
        code, _, modifier = name.partition(":")
        return self._own(resource, code, modifier, text)

    def _knows(self, kind: str, rest: str) -> bool:
        return rest.startswith("_has:") or (kind, re.split(r"[.:]", rest)[0]) in PARAMETERS

    def _own(self, resource: Resource, code: str, modifier: str, text: str) -> bool:
        key = (resource["resourceType"], code)
        kind, pick = PARAMETERS[key]
        values = pick(resource)
        if modifier == "missing":
            return (not any(self._indexed(kind, value) for value in values)) == (text == "true")
        alternatives = parts_of(text, ",")
        if modifier == "text":
            return any(
                plain(label).startswith(plain(unescape(a))) for label in TEXTS[key](resource) for a in alternatives
            )
        found = any(self._value(key, kind, value, modifier, a) for value in values for a in alternatives)
        return not found if modifier == "not" else found

    def _indexed(self, kind: str, value: Any) -> bool:
        if kind == "composite":
            return any(self._indexed("token", coded) for coded in value[0]) and bool(value[1])
        if isinstance(value, Coded):
            return bool(value.system or value.code)
        return kind != "reference" or "reference" in value or "identifier" in value

    def _value(self, key: tuple[str, str], kind: str, value: Any, modifier: str, text: str) -> bool:
        match kind:
            case "id":
                return bool(value == text)
            case "token" | "code" if modifier == "of-type":
                system, code, number = [unescape(part) for part in parts_of(text, "|")]
                return value.kind == (system, code) and value.code == number
            case "token" | "code":
                return token_matches(value, text, is_code=kind == "code")
            case "string":
                return string_matches(value, text, modifier)
            case "date":
                return date_matches(value, text, self.now)
            case "number":
                return number_matches(*ends(value), text)
            case "quantity":
                return quantity_matches(value, text)
            case "uri" if modifier == "below":
                return str(value).startswith(unescape(text))
            case "uri" if modifier == "above":
                return (
                    text == value or text.startswith(value.rstrip("/") + "/") or text.rstrip("/") == value.rstrip("/")
                )
            case "uri":
                wanted = unescape(text)
                return value == wanted or ("|" not in wanted and value.startswith(wanted + "|"))
            case "composite":
                first, second = parts_of(text, "$")
                return any(token_matches(c, first) for c in value[0]) and any(
                    quantity_matches(q, second) for q in value[1]
                )
            case _ if modifier == "identifier":
                identifier = value.get("identifier")
                return identifier is not None and token_matches(
                    Coded(identifier.get("system"), identifier.get("value")), text
                )
            case _:
                return reference_matches(value, text, (modifier,) if modifier else ALLOWED[key])
