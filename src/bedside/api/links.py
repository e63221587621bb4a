"""Absolute URLs: the base of the server as a client sees it, and links with parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from bedside.api.settings import ApiSettings
from bedside.fhir.outcome import Invalid

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?")
# What RFC 3986 allows in a query and parse_qsl leaves alone; the vertical bar is not among it.
_SAFE = "/:,$*()!'@;?~"


def base_url(settings: ApiSettings, scheme: str, headers: Mapping[str, str], mount: str) -> str:
    """The URL that relative references of this request are relative to, without a slash at the end.

    `mount` is the path of the API (`/fhir`). Forwarded headers count only where settings trust them. Raises
    Invalid for a Host that is none.
    """
    if settings.public_url is not None:
        return settings.public_url
    host = headers.get("host", "localhost")
    if settings.trust_forwarded:
        scheme = _first(headers, "x-forwarded-proto") or scheme
        host = _first(headers, "x-forwarded-host") or host
        port = _first(headers, "x-forwarded-port")
        if port and ":" not in host.rpartition("]")[2] and port != {"http": "80", "https": "443"}.get(scheme):
            host = f"{host}:{port}"
        mount = (_first(headers, "x-forwarded-prefix") or "").rstrip("/") + mount
    if scheme not in ("http", "https") or not _HOST.fullmatch(host) or not re.fullmatch(r"[\w./~-]*", mount):
        raise Invalid("The Host of this request is not a host name.")
    return f"{scheme}://{host}{mount}"


def host_name(host: str) -> str:
    """The name in a Host header, without port, in lower case."""
    found = _HOST.fullmatch(host)
    return found[1].lower() if found else ""


def _first(headers: Mapping[str, str], name: str) -> str | None:
    """The first of a list header: what the proxy nearest to the client wrote."""
    value = headers.get(name, "").split(",")[0].strip()
    return value or None


def query_text(parameters: Iterable[tuple[str, str]]) -> str:
    """Parameters as a query, percent-encoded where they must be."""
    return "&".join(f"{quote(name, safe=_SAFE)}={quote(value, safe=_SAFE)}" for name, value in parameters)


def link(base: str, path: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """The URL of a path below the base, with parameters."""
    query = query_text(parameters)
    url = f"{base}/{path}" if path else base
    return f"{url}?{query}" if query else url
