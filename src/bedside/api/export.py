"""Bulk export over HTTP: kick-off, status, files and cancelling (FHIR Bulk Data Access 2, the asynchronous pattern).

The work is done by `bedside.record.export`; here its parameters are read and its state is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bedside.api.everything import posted
from bedside.api.messages import Parameters, Reply, Request
from bedside.api.operations import Handler, Operation, Operations
from bedside.api.service import Service
from bedside.api.summary import Subset, check_elements
from bedside.fhir import dates, definitions, json
from bedside.fhir.outcome import Gone, Invalid, NotFound, NotSupported, operation_outcome
from bedside.record.export import Job, Jobs, Runner
from bedside.record.export import Request as ExportRequest
from bedside.record.export.jobs import File, Level
from bedside.record.model import Resource
from bedside.record.record import Record
from bedside.record.search import parse

STATUS, FILES = "$export-status", "$export-file"
_NDJSON = "application/fhir+ndjson"
_FORMATS = frozenset((_NDJSON, "application/ndjson", "ndjson"))
_BLOCK = 1 << 20
_RETRY_SECONDS = "2"


class BulkExport:
    """The export operations of a server, with the thread that does the work. `folder` is where files are made."""

    def __init__(self, record: Record, folder: Path) -> None:
        self.record = record
        self.jobs = Jobs(record.store)
        self.runner = Runner(record.store, self.jobs, lambda: record.extractor, folder, shape)
        self.runner.start()

    def close(self) -> None:
        """Stop after the page at work; unfinished exports go on when a server starts again."""
        self.runner.stop()

    def operations(self) -> Operations:
        """What the dispatcher offers."""
        base = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
        return Operations(
            (
                Operation("export", f"{base}/export", self._of("system"), frozenset(("system",))),
                Operation("export", f"{base}/patient-export", self._of("patient"), frozenset(("type",)), ("Patient",)),
                Operation("export", f"{base}/group-export", self._of("group"), frozenset(("instance",)), ("Group",)),
            ),
            {STATUS: self._status, FILES: self._file},
        )

    def _of(self, level: Level) -> Handler:
        async def kick_off(service: Service, request: Request) -> Reply:
            if "respond-async" not in request.headers.get("prefer", "").lower():
                raise Invalid("An export takes a while; ask for it with the header `Prefer: respond-async`.")
            parameters = [*request.query, *(posted(request) if request.method == "POST" else [])]
            lenient = request.prefer.handling == "lenient"
            asked, warnings = _read(self.record, level, request, parameters, lenient=lenient)
            if level == "group":
                await service.current("Group", request.id)
            job = await service.run(self.jobs.add, asked)
            self.runner.wake()
            place = f"{request.base}/{STATUS}/{job.id}"
            outcome = operation_outcome([*warnings]) if warnings else None
            return Reply(202, outcome, headers={"content-location": place})

        return kick_off

    async def _job(self, service: Service, request: Request) -> Job:
        id_ = request.path[1] if len(request.path) > 1 else ""
        job = await service.run(self.jobs.get, id_)
        if job is None:
            raise NotFound("There is no such export.")
        if job.state == "cancelled":
            raise NotFound("This export was cancelled or removed.")
        return job

    async def _status(self, service: Service, request: Request) -> Reply:
        """GET tells how far an export is; DELETE cancels it, or removes it when it is done."""
        job = await self._job(service, request)
        if request.method == "DELETE":
            await service.run(self.jobs.cancel, job.id)
            if job.state in ("done", "failed"):
                await service.run(self.runner.forget, job.id)
            return Reply(202)
        if request.method not in ("GET", "HEAD"):
            raise NotSupported("An export's status is read with GET and cancelled with DELETE.")
        if job.state == "failed":
            raise Invalid(job.detail.problem, code="exception")
        if job.state != "done":
            progress = f"{job.detail.written} resources so far, {len(job.detail.done)} types done"
            return Reply(202, headers={"x-progress": progress, "retry-after": _RETRY_SECONDS})
        return Reply(200, content=json.encode(self._manifest(job, request.base)), media="application/json")

    def _manifest(self, job: Job, base: str) -> dict[str, Any]:
        """The output manifest (export.html#response---complete-status)."""

        def listed(file: File) -> dict[str, Any]:
            kind = "Bundle" if file.deleted else file.type
            return {"type": kind, "url": f"{base}/{FILES}/{job.id}/{file.name}", "count": file.count}

        files = job.detail.files
        return {
            "transactionTime": _instant(job.detail.instant),
            "request": job.detail.request.url,
            "requiresAccessToken": False,
            "output": [listed(file) for file in files if not file.deleted],
            "deleted": [listed(file) for file in files if file.deleted],
            "error": [],
        }

    async def _file(self, service: Service, request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            raise NotSupported("A file of an export can only be read.")
        job = await self._job(service, request)
        name = request.path[2] if len(request.path) == 3 else ""
        if job.state != "done" or name not in {file.name for file in job.detail.files}:
            raise NotFound("This export has no such file.")
        path = self.runner.folder(job.id) / name
        if not path.exists():
            raise Gone("The files of this export are no longer kept.")
        return Reply(200, media=_NDJSON, stream=_lines(path))


async def _lines(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while block := await asyncio.to_thread(stream.read, _BLOCK):
            yield block


def shape(resource: Resource, elements: tuple[str, ...]) -> Resource:
    """The chosen elements of a resource, with those that are mandatory, tagged as a part."""
    name = resource.get("resourceType")
    own = tuple(e for e in elements if "." not in e or e.split(".", 1)[0] == name)
    return Subset(elements=own).of(resource) if own else resource


def _instant(micros: int) -> str:
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:06d}Z"


def _read(
    record: Record, level: Level, request: Request, parameters: Parameters, *, lenient: bool
) -> tuple[ExportRequest, list[Any]]:
    """The parameters of a kick-off. Raises Invalid for what is wrong, and for what is unknown unless lenient."""
    from bedside.fhir.outcome import Issue

    types: list[str] = []
    filters: list[tuple[str, str]] = []
    elements: list[str] = []
    patients: list[str] = []
    since: int | None = None
    warnings: list[Any] = []
    for name, value in parameters:
        if name == "_outputFormat":
            if value not in _FORMATS:
                raise Invalid(f"_outputFormat must be {_NDJSON}, not {value!r}.", code="not-supported")
        elif name == "_since":
            since = dates.search_interval(value)[0] - 1
        elif name == "_type":
            types += [_type(each) for each in value.split(",") if each]
        elif name == "_typeFilter":
            filters += [_filter(record, each) for each in value.split(",") if each]
        elif name == "_elements":
            elements += [each.strip() for each in value.split(",") if each.strip()]
        elif name == "patient" and level != "system":
            patients += [each.strip().removeprefix("Patient/") for each in value.split(",") if each.strip()]
        elif lenient:
            warnings.append(Issue("warning", "not-supported", None, f"The parameter `{name}` was passed over."))
        else:
            known = "_outputFormat, _since, _type, _typeFilter, _elements" + (", patient" if level != "system" else "")
            raise Invalid(f"The parameter `{name}` is not supported here; there are {known}.", code="not-supported")
    for each in elements:
        prefix, dot, _ = each.partition(".")
        if dot:
            check_elements(_type(prefix), [each])
    asked = ExportRequest(
        level,
        tuple(dict.fromkeys(types)),
        request.id if level == "group" else None,
        tuple(patients),
        since,
        tuple(filters),
        tuple(elements),
        f"{request.base}/{'/'.join(request.path)}" + (f"?{request.condition()}" if request.query else ""),
    )
    return asked, warnings


def _type(name: str) -> str:
    name = name.strip()
    if not definitions.is_resource_type(name):
        raise Invalid(f"{name!r} is not a resource type of R4.", code="value")
    return name


def _filter(record: Record, text: str) -> tuple[str, str]:
    """`Observation?code=x`: the query is parsed now, so that a mistake is told at once and not in the files."""
    from urllib.parse import parse_qsl

    name, mark, query = text.partition("?")
    if not mark:
        raise Invalid("_typeFilter is a search, such as Observation?category=laboratory.", code="value")
    parse(record.registry, _type(name), parse_qsl(query, keep_blank_values=True), strict=True)
    return _type(name), query
