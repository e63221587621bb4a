"""vread (R4 http.html#vread): one version of a resource."""

from __future__ import annotations

import re

from bedside.api import read
from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.service import Service
from bedside.fhir.outcome import Gone, NotFound

_VERSION = re.compile(r"[1-9][0-9]{0,9}")


async def interact(service: Service, request: Request) -> Reply:
    """GET [base]/[type]/[id]/_history/[vid]; 404 for a version that never was, 410 for one that is a deletion."""
    name, id_ = require_type(request.type), request.id
    stored = None
    if _VERSION.fullmatch(request.tail):
        version = int(request.tail)
        if service.inline_reads:
            stored = service.record.vread(name, id_, version)
        else:
            stored = await service.run(service.record.vread, name, id_, version)
    if stored is None:
        raise NotFound(f"There is no version {request.tail!r} of {name}/{id_}.")
    if stored.deleted:
        raise Gone(f"Version {stored.version} of {name}/{id_} is its deletion.")
    return read.shown(request, stored)
