"""Each FHIR data type as one of the shapes (R4 datatypes.html); what is not of its type is shown as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from bedside.fhir import definitions
from bedside.web.locale import Locale
from bedside.web.readable import attachments, labels, names, ranges
from bedside.web.readable.parts import Json, objects
from bedside.web.readable.shapes import (
    Between,
    Code,
    Coded,
    During,
    Exact,
    Flag,
    Link,
    Measure,
    Missing,
    Prose,
    Text,
    Value,
    When,
)

NameOf = Callable[[str, str], str | None]
"""Type and id -> what a person calls that resource; None when it is not known."""

_LONG_LINE = 400
_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([0-9]{1,9}))?")
_QUANTITIES = frozenset(("Quantity", "SimpleQuantity", "Age", "Count", "Distance", "Duration", "MoneyQuantity"))
_DATES = frozenset(("date", "dateTime", "instant"))
_EXACT = frozenset(("id", "oid", "uuid", "uri", "url", "canonical"))
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class Values:
    """Turns values into shapes for one reader. `name_of` gives names to references that carry none."""

    def __init__(self, locale: Locale, name_of: NameOf | None = None) -> None:
        self.locale = locale
        self.words = locale.words
        self._name_of = name_of or (lambda _type, _id: None)
        self._by_type: dict[str, Callable[[Json], Value | None]] = {
            "CodeableConcept": self.concept,
            "Coding": lambda coding: self.concept({"coding": [coding]}),
            "Reference": self.reference,
            "Period": self.period,
            "Range": lambda v: self._between(v.get("low"), v.get("high"), "–"),
            "Ratio": lambda v: self._between(v.get("numerator"), v.get("denominator"), ":"),
            "Money": self._money,
            "HumanName": lambda v: _text(names.full_name(v)),
            "Address": lambda v: _text(names.address(v)),
            "ContactPoint": self._contact,
            "Identifier": self._identifier,
            "Annotation": self._annotation,
            "Attachment": lambda v: attachments.attachment(self.locale, v),
            "SampledData": lambda v: Text(str(v.get("data", ""))[:80] + " …") if "data" in v else None,
        }

    def has(self, type_name: str) -> bool:
        """Whether a value of this type is one shape rather than a group of its elements."""
        return (
            type_name in self._by_type
            or type_name in _QUANTITIES
            or definitions.type_definition(type_name).kind == "primitive"
        )

    def value(self, type_name: str, found: Any, *, flag: Flag | None = None) -> Value | None:
        """The shape of one value; None when there is nothing in it to show."""
        if isinstance(found, Mapping):
            if type_name in _QUANTITIES:
                return self.quantity(found, flag=flag)
            shape = self._by_type.get(type_name)
            return shape(found) if shape else None
        if isinstance(found, list | None):
            return None
        return self._primitive(type_name, found)

    # --- primitives

    def _primitive(self, type_name: str, found: Any) -> Value:
        if isinstance(found, bool):
            return Text(self.words.gettext("yes") if found else self.words.gettext("no"))
        if isinstance(found, int | Decimal):
            return Measure(self.locale.decimal(found), "")
        text = str(found)
        if type_name in _DATES:
            return When(self.locale.moment(text))
        if type_name == "code":
            return Text(*labels.code_words(self.words, text))
        if type_name in _EXACT:
            return Exact(text)
        if type_name == "base64Binary":
            return Text(attachments.size_words(self.locale, len(text) * 3 // 4))
        if type_name == "markdown" or "\n" in text or len(text) > _LONG_LINE:
            return Prose(text)
        return Text(text)

    def absent(self, shadow: object) -> Missing | None:
        """Why a primitive has no value, when its shadow (`_birthDate`) says so."""
        for extension in objects(shadow.get("extension")) if isinstance(shadow, Mapping) else ():
            if extension.get("url") == _ABSENT:
                reason, _ = labels.code_words(self.words, str(extension.get("valueCode", "unknown")))
                return Missing(reason)
        return None

    # --- codes

    def concept(self, found: Json) -> Value | None:
        """A CodeableConcept: its text, else its first display, else its code; all codings behind it."""
        codings = objects(found.get("coding"))
        codes = tuple(self._code(each) for each in codings if each.get("code") or each.get("display"))
        words = str(found.get("text") or next((c.display for c in codes if c.display), ""))
        if words or not codes:
            return Coded(words, codes) if codes else _text(words)
        if known := ranges.interpretation(self.words, codes[0].address, codes[0].code):
            return Coded(known, codes)
        text, foreign = labels.code_words(self.words, codes[0].code)
        return Coded(text, codes, foreign) if text else None

    def _code(self, coding: Json) -> Code:
        address = str(coding.get("system", ""))
        return Code(
            code=str(coding.get("code", "")),
            system=labels.system_name(address),
            address=address,
            display=str(coding.get("display", "")),
            version=str(coding.get("version", "")),
        )

    # --- quantities

    def quantity(self, found: Json, *, flag: Flag | None = None) -> Measure | None:
        """A Quantity: comparator and number, unit as written, the unit's code behind it."""
        number = found.get("value")
        if not isinstance(number, int | Decimal) or isinstance(number, bool):
            unit = str(found.get("unit") or found.get("code") or "")
            return Measure("", unit) if unit else None
        sign = {"<=": "≤ ", ">=": "≥ ", "<": "< ", ">": "> "}.get(str(found.get("comparator", "")), "")
        unit, code = str(found.get("unit") or found.get("code") or ""), found.get("code")
        behind = None
        if code and code != unit:
            behind = self._code({"code": code, "system": found.get("system", "")})
        return Measure(sign + self.locale.decimal(number), "" if unit == "1" else unit, behind, flag)

    def _between(self, low: object, high: object, sign: str) -> Between | None:
        first = self.quantity(low) if isinstance(low, Mapping) else None
        second = self.quantity(high) if isinstance(high, Mapping) else None
        return Between(first, second, sign) if first or second else None

    def _money(self, found: Json) -> Measure | None:
        return self.quantity({"value": found.get("value"), "unit": found.get("currency", "")})

    # --- the rest

    def period(self, found: Json) -> During | None:
        """A Period; open where it has no start or no end."""
        start, end = found.get("start"), found.get("end")
        if not start and not end:
            return None
        return During(
            self.locale.moment(str(start)) if start else None,
            self.locale.moment(str(end)) if end else None,
        )

    def reference(self, found: Json) -> Value | None:
        """A Reference: a link when it leads to a resource of this record, else its words or its identifier."""
        target, display = str(found.get("reference", "")), str(found.get("display", ""))
        if local := split_reference(target):
            name, id_, version = local
            href = resource_url(name, id_, version)
            known = display or self._name_of(name, id_) or f"{name}/{id_}"
            return Link(known, href, labels.type_name(self.words, name))
        if target.startswith("#"):
            return Text(display or self.words.gettext("inside this resource: %(id)s") % {"id": target[1:]})
        if not display and isinstance(found.get("identifier"), Mapping):
            return self._identifier(found["identifier"])
        text = display or target
        return Link(text, None) if text else None

    def _identifier(self, found: Json) -> Value | None:
        value = str(found.get("value", ""))
        kind = found.get("type")
        named = self.concept(kind) if isinstance(kind, Mapping) else None
        address = str(found.get("system", ""))
        system = Code("", labels.system_name(address), address, "", "")
        label = named.text if isinstance(named, Coded | Text) else ""
        if not address:
            return _text(f"{value} ({label})" if label and value else value or label)
        return Coded(f"{value} ({label})" if label else value, (system,)) if value else Exact(address)

    def _contact(self, found: Json) -> Text | None:
        value = str(found.get("value", ""))
        notes = [labels.code_words(self.words, str(found[key]))[0] for key in ("system", "use") if found.get(key)]
        return _text(f"{value} ({', '.join(notes)})" if notes and value else value)

    def _annotation(self, found: Json) -> Prose | None:
        by = str(found.get("authorString", ""))
        author = found.get("authorReference")
        if isinstance(author, Mapping):
            link = self.reference(author)
            by = link.text if isinstance(link, Link | Text) else by
        at = self.locale.moment(str(found["time"])).text if found.get("time") else ""
        signed = ", ".join(part for part in (by, at) if part)
        text = str(found.get("text", ""))
        return Prose(f"{text}\n— {signed}" if signed else text) if text else None


def split_reference(reference: str) -> tuple[str, str, str | None] | None:
    """`Patient/1/_history/2` -> (`Patient`, `1`, `2`); None for what is no reference inside the record."""
    match = _LOCAL.fullmatch(reference)
    if match is None or not definitions.is_resource_type(match[1]):
        return None
    return match[1], match[2], match[3]


def resource_url(type_name: str, id_: str, version: str | int | None = None) -> str:
    """The page of a resource, or of one of its versions."""
    url = f"/record/{type_name}/{quote(id_, safe='')}"
    return f"{url}/{version}" if version is not None else url


def _text(words: str) -> Text | None:
    return Text(words) if words else None
