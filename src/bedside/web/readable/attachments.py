"""Attachments: plain text is shown, anything else is named with its size and kept out of the page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from bedside.web.locale import Locale
from bedside.web.readable.shapes import Link, Prose, Text, Value

_MOST = 20_000  # characters of a text that a page shows


def attachment(locale: Locale, found: Mapping[str, Any]) -> Value | None:
    """An Attachment: its text when it is plain text, else title, type and size, linked when it is a Binary here."""
    kind, data = str(found.get("contentType", "")), found.get("data")
    if isinstance(data, str) and kind.partition(";")[0].strip() == "text/plain":
        text = _decoded(data, kind)
        if text is not None:
            return Prose(text[:_MOST] + (" …" if len(text) > _MOST else ""))
    size = found.get("size")
    if not isinstance(size, int) and isinstance(data, str):
        size = len(data) * 3 // 4
    notes = [kind, size_words(locale, size) if isinstance(size, int) else ""]
    text = str(found.get("title") or locale.words.gettext("Attachment"))
    note = ", ".join(each for each in notes if each)
    href = _binary(str(found.get("url", "")))
    if href:
        return Link(text, href, note)
    return Text(f"{text} ({note})" if note else text)


def size_words(locale: Locale, size: int) -> str:
    """A number of bytes for people: `12 kB`."""
    for unit, step in (("MB", 1_000_000), ("kB", 1000)):
        if size >= step:
            return f"{locale.number(size // step)} {unit}"
    return f"{locale.number(size)} B"


def _binary(url: str) -> str | None:
    name, _, id_ = url.removeprefix("/fhir/").partition("/")
    return f"/record/Binary/{id_}" if name == "Binary" and id_.replace("-", "").replace(".", "").isalnum() else None


def _decoded(data: str, kind: str) -> str | None:
    charset = kind.partition("charset=")[2].strip().strip('"') or "utf-8"
    try:
        return base64.b64decode(data, validate=False).decode(charset)
    except (binascii.Error, ValueError, LookupError):
        return None
