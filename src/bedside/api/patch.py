"""patch and conditional patch (R4 http.html#patch): JSON Patch, applied where nobody can write in between."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from bedside.api.errors import empty_body, require_type
from bedside.api.messages import Reply, Request
from bedside.api.negotiate import require_patch
from bedside.api.preconditions import if_match
from bedside.api.service import Service
from bedside.api.written import written
from bedside.fhir import json
from bedside.fhir.outcome import Invalid, UnsupportedMediaType
from bedside.record.model import Patch


async def interact(service: Service, request: Request) -> Reply:
    """PATCH [base]/[type]/[id] or PATCH [base]/[type]?condition, with application/json-patch+json."""
    return written(request, await service.perform(request, to_write))


def to_write(request: Request) -> Patch:
    """The write that a request for patch, or an entry of a transaction, asks for."""
    name = require_type(request.type)
    query = None
    if request.id:
        request.refuse_parameters()
    else:
        query = request.condition()
        if not query:
            raise Invalid(f"PATCH needs an id ({name}/[id]) or a condition ({name}?identifier=...).", code="required")
    operations = json.decode(_patch_of(request))
    if not isinstance(operations, list):
        raise Invalid("A JSON Patch is an array of operations; this is not one.", code="structure")
    return Patch(name, operations, request.id or None, query, if_match(request.headers), request.full_url)


def _patch_of(request: Request) -> bytes:
    """The patch itself: the body, or for an entry of a bundle the content of a Binary (R4 http.html#trules)."""
    if not request.nested:
        require_patch(request.headers.get("content-type", ""))
        if not request.body:
            raise empty_body()
        return request.body
    wrapped: Any = request.content
    if not isinstance(wrapped, dict) or wrapped.get("resourceType") != "Binary":
        kind = wrapped.get("resourceType") if isinstance(wrapped, dict) else None
        if kind == "Parameters":
            raise UnsupportedMediaType("FHIRPath Patch is not spoken here; send a JSON Patch in a Binary.")
        raise Invalid("The patch of an entry is a Binary that holds a JSON Patch.", code="structure")
    require_patch(str(wrapped.get("contentType", "")))
    try:
        return base64.b64decode(wrapped.get("data", ""), validate=False)
    except (binascii.Error, ValueError, TypeError):
        raise Invalid("The data of the Binary that holds the patch is not base64.", code="value") from None
