"""Resources and answers in words, on one line each, for people who read them on a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bedside.ask.values import reference_of, text
from bedside.questions.values import Date, DateTime, Quantity
from bedside.web import languages
from bedside.web.locale import Locale
from bedside.web.readable.shapes import Between, Flag, Measure, When
from bedside.web.readable.title import title
from bedside.web.readable.values import Values
from bedside.web.zone import local_zone

_LONGEST = 140
_MOST_SHOWN = 20


@lru_cache(maxsize=4)
def _values(day: dt.date) -> Values:
    zone = local_zone()
    now = dt.datetime.combine(day, dt.time(12), zone)
    return Values(Locale(languages.words("en"), zone, now))


def line(resource: Mapping[str, Any], now: dt.datetime | None = None) -> str:
    """What a resource is, its value, when, and in what state: `Condition: Asthma, 4 May 2019, active`.

    `now` is the day from which ages are counted. Of a resource that cannot be read its reference is all that is told.
    """
    values = _values((now or dt.datetime.now()).date())
    try:
        found = title(values, dict(resource))
    except (AttributeError, KeyError, TypeError, ValueError):
        return reference_of(resource)
    parts = [f"{found.kind}: {found.text}" if found.text and found.text != found.kind else found.kind]
    if found.value is not None:
        parts[0] += f" {_shape(found.value)}"
    if found.when is not None:
        parts.append(found.when.text)
    if found.status is not None:
        parts.append(found.status.text)
    for detail in found.details:
        parts.append(f"{detail.moment.text} {detail.note}".strip() if isinstance(detail, When) else detail.text)
    return _short(", ".join(part for part in parts if part))


def _shape(shape: Any) -> str:
    if isinstance(shape, Measure):
        unit = f" {shape.unit}" if shape.unit else ""
        return f"{shape.number}{unit}{_flag(shape.flag)}"
    if isinstance(shape, Between):
        low, high = (_shape(each) if each is not None else "" for each in (shape.low, shape.high))
        gap = "" if shape.sign == "/" else " "
        return f"{low}{gap}{shape.sign}{gap}{high}".strip()
    if isinstance(shape, When):
        return shape.moment.text
    return str(getattr(shape, "text", "") or getattr(shape, "reason", ""))


def _flag(flag: Flag | None) -> str:
    return "" if flag is None else f" {flag.arrow} {flag.word}"


def answer(value: Any, now: dt.datetime | None = None) -> list[str]:
    """An exact value as lines: a resource in words, a list one line an item, all else as CQL writes it."""
    if isinstance(value, list):
        if not value:
            return ["none"]
        lines = [_item(each, now) for each in value[:_MOST_SHOWN]]
        if len(value) > _MOST_SHOWN:
            lines.append(f"... and {len(value) - _MOST_SHOWN:,} more")
        return lines
    return [_item(value, now)]


def _item(value: Any, now: dt.datetime | None) -> str:
    match value:
        case None:
            return "unknown (null)"
        case bool():
            return "yes" if value else "no"
        case str():
            return _short(value)
        case Date() | DateTime():
            return str(value)
        case Quantity() if not value.calendar:
            return f"{value.value} {value.unit}" if value.unit not in ("", "1") else str(value.value)
        case dict() if "resourceType" in value:
            return f"{line(value, now)} [{reference_of(value)}]"
        case dict():
            return _short(", ".join(f"{name}: {_item(each, now)}" for name, each in value.items()))
        case list():
            return _short(", ".join(_item(each, now) for each in value) or "none")
    return _short(text(value))


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 2].rsplit(" ", 1)[0] + " …"


__all__ = ["answer", "line"]
