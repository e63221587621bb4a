"""Is this value normal? What the laboratory said, or else where the number lies in its reference range."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bedside.web.languages import Words
from bedside.web.readable.parts import Json, objects
from bedside.web.readable.shapes import Flag, Level

# http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation: arrow, word, level.
_CODES: dict[str, tuple[str, str, Level]] = {
    "H": ("↑", "high", "attention"),
    "HU": ("↑↑", "very high", "attention"),
    "HH": ("↑↑", "critically high", "danger"),
    ">": ("↑", "above what can be measured", "attention"),
    "HX": ("↑", "above its threshold", "attention"),
    "U": ("↑", "significantly up", "attention"),
    "L": ("↓", "low", "attention"),
    "LU": ("↓↓", "very low", "attention"),
    "LL": ("↓↓", "critically low", "danger"),
    "<": ("↓", "below what can be measured", "attention"),
    "LX": ("↓", "below its threshold", "attention"),
    "D": ("↓", "significantly down", "attention"),
    "A": ("!", "abnormal", "attention"),
    "AA": ("!!", "critically abnormal", "danger"),
    "POS": ("!", "positive", "attention"),
    "DET": ("!", "detected", "attention"),
    "R": ("!", "resistant", "attention"),
}
_NORMAL = {"N": "normal", "NEG": "negative", "S": "susceptible", "I": "intermediate", "ND": "not detected"}
_WORDS = {**_NORMAL, **{code: word for code, (_, word, _) in _CODES.items()}}
FLAG_WORDS = tuple(_WORDS.values())
_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_DANGER_FIRST: dict[Level, int] = {"danger": 0, "attention": 1, "normal": 2}


def interpretation(words: Words, system: str, code: str) -> str:
    """The word of an interpretation that came as a code only; empty for what is none."""
    return words.pgettext("flag", _WORDS[code]) if system == _SYSTEM and code in _WORDS else ""


def flag(words: Words, holder: Json) -> Flag | None:
    """The flag of an Observation or one of its components; None when it is normal or nothing is known.

    An interpretation decides when there is one: a laboratory that says normal is not overruled by a range.
    """
    codes = [
        coding.get("code")
        for concept in objects(holder.get("interpretation"))
        for coding in objects(concept.get("coding"))
        if coding.get("system", _SYSTEM) in (_SYSTEM, "http://hl7.org/fhir/v2/0078")
    ]
    found = [_CODES[code] for code in codes if code in _CODES]
    if not found and not codes:
        outside = _outside(holder)
        found = [_CODES[outside]] if outside else []
    if not found:
        return None
    arrow, word, level = min(found, key=lambda each: _DANGER_FIRST[each[2]])
    return Flag(arrow, words.pgettext("flag", word), level)


def normal_range(holder: Json) -> Json | None:
    """The reference range of what is normal: the only one, or the one whose type says so."""
    ranges = [each for each in objects(holder.get("referenceRange")) if "low" in each or "high" in each]
    if len(ranges) == 1:
        return ranges[0]
    for each in ranges:
        kind = each.get("type")
        if isinstance(kind, Mapping) and any(c.get("code") == "normal" for c in objects(kind.get("coding"))):
            return each
    return None


def _outside(holder: Json) -> str | None:
    """`H` or `L` when the value lies outside its range, in the same unit and without a comparator in the way."""
    value, limits = holder.get("valueQuantity"), normal_range(holder)
    if not isinstance(value, Mapping) or limits is None or "appliesTo" in limits or "age" in limits:
        return None
    number, comparator = value.get("value"), value.get("comparator")
    low, high = _limit(limits.get("low"), value), _limit(limits.get("high"), value)
    if not isinstance(number, int | Decimal):
        return None
    if high is not None and number > high and comparator not in ("<", "<="):
        return "H"
    if low is not None and number < low and comparator not in (">", ">="):
        return "L"
    return None


def _limit(quantity: object, value: Json) -> Decimal | int | None:
    if not isinstance(quantity, Mapping):
        return None
    number = quantity.get("value")
    # Without a unit of its own, a limit is in that of the value.
    if _unit(quantity) not in ("", _unit(value)) or not isinstance(number, int | Decimal):
        return None
    return number


def _unit(quantity: Json) -> str:
    return str(quantity.get("code") or quantity.get("unit") or "")
