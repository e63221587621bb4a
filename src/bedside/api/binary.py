"""Binary (R4 binary.html#rest): content as it is, or wrapped in a resource, by Accept and Content-Type."""

from __future__ import annotations

import base64
import binascii

from bedside.api.messages import Reply, Request
from bedside.api.negotiate import is_fhir_json, media_type, parse_accept, speaks_json
from bedside.fhir import json
from bedside.fhir.outcome import FhirError, Invalid, NotAcceptable, Unprocessable
from bedside.record.model import Resource, Stored

# Content from the record must not run as a page of this server.
_GUARD = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox; default-src 'none'"}


def wants_raw(request: Request, stored: Stored) -> bool:
    """Whether the content itself is asked for, rather than the resource around it.

    It is, unless `_format` is given or the Accept header's first choice that fits is FHIR's JSON.
    Raises NotAcceptable (406) when neither is wanted.
    """
    if any(name == "_format" for name, _ in request.shape):
        return False
    own = media_type(_content_type(stored.resource))
    group = own.partition("/")[0] + "/*"
    for each in parse_accept(request.headers.get("accept", "")):
        if each.quality <= 0:
            continue
        if each.media in (own, group, "*/*"):
            return True
        if speaks_json(each):
            return False
    raise NotAcceptable(f"This Binary is {own}; it can also be had as application/fhir+json.")


def raw(stored: Stored) -> Reply:
    """The content with its own Content-Type; 422 when the resource has data that is not base64."""
    resource = stored.resource
    try:
        data = base64.b64decode(resource.get("data", ""), validate=False)
    except (binascii.Error, ValueError):
        raise Unprocessable("The data of this Binary is not base64.") from None
    headers = dict(_GUARD)
    context = resource.get("securityContext", {}).get("reference")
    if isinstance(context, str) and context.isascii() and context.isprintable():
        headers["x-security-context"] = context
    return Reply(200, content=data, media=_content_type(resource), headers=headers, stored=stored)


def _content_type(resource: Resource) -> str:
    value = resource.get("contentType")
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value
    return "application/octet-stream"


def from_body(request: Request) -> Resource:
    """The Binary in a body: a resource when the body is one, otherwise the body wrapped in a new one.

    A body of application/json is a resource when it says that it is a Binary.
    """
    content_type = request.headers.get("content-type", "")
    if request.content is not None or media_type(content_type) == "application/fhir+json":
        return request.resource()
    if is_fhir_json(content_type):
        try:
            found = json.decode(request.body)
        except FhirError:
            found = None
        if isinstance(found, dict) and found.get("resourceType") == "Binary":
            return found
    if not content_type:
        raise Invalid("Content for a Binary needs a Content-Type.", code="required")
    wrapped: Resource = {"resourceType": "Binary"}
    if request.id:
        wrapped["id"] = request.id
    wrapped["contentType"] = content_type
    context = request.headers.get("x-security-context")
    if context:
        prefix = request.base + "/"
        wrapped["securityContext"] = {"reference": context.removeprefix(prefix)}
    if request.body:
        wrapped["data"] = base64.b64encode(request.body).decode("ascii")
    return wrapped
