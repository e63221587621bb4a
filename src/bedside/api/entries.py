"""Entries of a batch or transaction as requests, and replies as entries of the response."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from msgspec import Raw

from bedside.api.bundles import instant
from bedside.api.dates import http_date
from bedside.api.errors import failure
from bedside.api.messages import Reply, Request
from bedside.api.negotiate import require_fhir
from bedside.api.query import parse_query, split_path, take_shape
from bedside.api.service import Service
from bedside.fhir import dates, json
from bedside.fhir.outcome import FhirError, Invalid, Issue
from bedside.record.model import Resource

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))
_CONDITIONS = {"ifNoneMatch": "if-none-match", "ifMatch": "if-match", "ifNoneExist": "if-none-exist"}


def bundle_of(request: Request) -> tuple[str, list[Any]]:
    """Type and entries of the Bundle in a request. Raises Invalid (400) when it is no batch or transaction."""
    if request.nested:
        raise Invalid("A batch or transaction cannot be an entry of another.", code="not-supported")
    request.refuse_parameters()
    require_fhir(request.headers.get("content-type", ""))
    bundle = request.resource()
    if bundle.get("resourceType") != "Bundle":
        raise Invalid(
            f"A Bundle is expected here; a {bundle.get('resourceType')!r} goes to its own type.", path="resourceType"
        )
    kind = bundle.get("type")
    if kind not in ("batch", "transaction"):
        raise Invalid(
            f"Only a batch or a transaction can be processed, not a Bundle of type {kind!r}; to keep it as it is,"
            " POST it to Bundle.",
            code="value",
            path="Bundle.type",
        )
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise Invalid("Bundle.entry must be an array.", code="structure", path="Bundle.entry")
    return kind, entries


def to_request(outer: Request, entry: Any, index: int) -> Request:
    """The request that an entry asks for. Raises Invalid, with the path in the Bundle, when it cannot be read."""
    where = f"Bundle.entry[{index}]"
    wanted = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(wanted, dict):
        raise Invalid("This entry has no request.", code="required", path=f"{where}.request")
    method, url = wanted.get("method"), wanted.get("url")
    if method not in _METHODS:
        raise Invalid(
            f"The method must be one of {', '.join(sorted(_METHODS))}, not {method!r}.",
            code="value",
            path=f"{where}.request.method",
        )
    if not isinstance(url, str) or not url:
        raise Invalid("The entry does not say what its request is about.", code="required", path=f"{where}.request.url")
    try:
        path, query = _split(url, outer.base)
        own, shape = take_shape(query)
        headers = _headers(outer, wanted)
    except FhirError as error:
        raise Invalid([issue._replace(path=f"{where}.request") for issue in error.issues]) from None
    full_url = entry.get("fullUrl")
    return Request(
        method,
        path,
        own,
        headers,
        outer.base,
        content=entry.get("resource"),
        full_url=full_url if isinstance(full_url, str) else None,
        nested=True,
        shape=shape,
    )


def _split(url: str, base: str) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    if "://" in url.partition("?")[0]:  # behind it are values, such as system|code
        if not url.startswith(base + "/"):
            raise Invalid(f"The address {url!r} is not one of this server ({base}).", code="value")
        url = url[len(base) + 1 :]
    path, _, query = url.partition("?")
    return split_path(unquote(path)), parse_query(query)


def _headers(outer: Request, wanted: dict[str, Any]) -> dict[str, str]:
    """The headers that the members of an entry's request stand for, and those of the bundle that hold for all."""
    headers = {name: outer.headers[name] for name in ("prefer",) if name in outer.headers}
    for member, header in _CONDITIONS.items():
        if member in wanted:
            headers[header] = str(wanted[member])
    since = wanted.get("ifModifiedSince")
    if since is not None:
        headers["if-modified-since"] = http_date(dates.interval(str(since))[0])
    return headers


def is_read(request: Request) -> bool:
    """True for what changes nothing, and so is done after the writes."""
    return request.method in ("GET", "HEAD") or (
        request.method == "POST" and bool(request.path) and request.path[-1][0] in "_$"
    )


async def answer(service: Service, request: Request) -> Reply:
    """The reply to one entry; an error becomes the reply that tells it."""
    try:
        return await service.dispatch(request)
    except Exception as error:
        return failure(error)


def responses(kind: str, base: str, asked: Sequence[Request | FhirError], replies: Sequence[Reply]) -> bytes:
    """The response bundle, encoded: one entry for each request, in its order (R4 http.html#transaction-response)."""
    entries = [_response(base, request, reply) for request, reply in zip(asked, replies, strict=True)]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": kind, "link": [{"relation": "self", "url": base}]}
    if entries:
        bundle["entry"] = entries
    return json.encode(bundle)


def _response(base: str, request: Request | FhirError, reply: Reply) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    response: dict[str, Any] = {"status": f"{reply.status} {HTTPStatus(reply.status).phrase}"}
    stored = reply.stored
    if stored is not None:
        if not stored.deleted:
            entry["fullUrl"] = f"{base}/{stored.reference}"
        if reply.located:
            response["location"] = f"{base}/{stored.reference}/_history/{stored.version}"
        response["etag"] = stored.etag
        response["lastModified"] = instant(stored.instant)
    head = isinstance(request, Request) and request.method == "HEAD"
    if reply.resource is not None and reply.resource.get("resourceType") == "OperationOutcome":
        response["outcome"] = reply.resource
    elif not head and reply.is_fhir and (content := reply.encoded()):
        entry["resource"] = Raw(content)
    entry["response"] = response
    return entry


def within(issue: Issue, index: int, resource: Resource | None = None) -> Issue:
    """An issue of an entry's resource with its place in the Bundle."""
    where = f"Bundle.entry[{index}]"
    if issue.path is None:
        return issue._replace(path=where)
    if issue.path.startswith("Bundle.entry["):
        return issue
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    if issue.path == name:
        return issue._replace(path=f"{where}.resource")
    return issue._replace(path=f"{where}.resource.{issue.path.removeprefix(f'{name}.')}")
