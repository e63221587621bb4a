"""Conditional requests: If-None-Match and If-Modified-Since on reads, If-Match and If-None-Match on writes.

R4 http.html#cread and #concurrency; RFC 9110 section 13. A version's ETag is weak and is its version: `W/"3"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bedside.api.dates import parse_http_date
from bedside.fhir.outcome import Invalid
from bedside.record.model import Stored

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TAGS = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*')


def not_modified(headers: Mapping[str, str], stored: Stored) -> bool:
    """Whether the client already has this version, so that 304 is the answer.

    If-None-Match goes before If-Modified-Since, which is then not looked at. A date that is none is passed over,
    as RFC 9110 says; a malformed ETag list raises Invalid. A version without quotes is taken as its ETag: there
    are clients (fhirpy) that send it so, and for a read no harm can come of it.
    """
    tags = headers.get("if-none-match")
    if tags is not None:
        bare = tags.strip()
        return bare in ("*", str(stored.version)) or (
            not bare.isdigit() and str(stored.version) in _tags(tags, "If-None-Match")
        )
    date = headers.get("if-modified-since")
    if date is None:
        return False
    try:
        return stored.updated // 1_000_000 <= parse_http_date(date)
    except Invalid:
        return False


def if_match(headers: Mapping[str, str]) -> int | None:
    """The version that must be current for a write to go ahead; None when any may be.

    Raises Invalid for a header that is no ETag, for a list (which version is meant?) and for a tag that no version
    of this server has.
    """
    header = headers.get("if-match")
    if header is None:
        return None
    tags = _tags(header, "If-Match")
    if len(tags) != 1 or not re.fullmatch("[1-9][0-9]{0,9}", tags[0]):
        raise Invalid(f'If-Match must be the ETag of one version, such as W/"3"; it is {header!r}.', code="value")
    return int(tags[0])


def must_be_new(headers: Mapping[str, str]) -> bool:
    """True for `If-None-Match: *` on a write: only if there is nothing there yet. Invalid for anything else there."""
    header = headers.get("if-none-match")
    if header is None:
        return False
    if header.strip() != "*":
        raise Invalid(f"On a write If-None-Match can only be `*`; it is {header!r}.", code="value")
    return True


def _tags(header: str, name: str) -> list[str]:
    if not _TAGS.fullmatch(header):
        raise Invalid(f'{name} must hold ETags such as W/"3"; it is {header!r}.', code="value")
    return _TAG.findall(header)
