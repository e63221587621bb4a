"""Bulk export over HTTP: kick-off, status, files and cancelling (Bulk Data Access 2, the asynchronous pattern,
https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-export-operation-request-flow).

The work is done by `bedside.record.export`; here its parameters are read and its state is told.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bedside.api.dates import http_date
from bedside.api.errors import WrongMethod
from bedside.api.links import link
from bedside.api.messages import Reply, Request
from bedside.api.negotiate import require_fhir
from bedside.api.operations import Handler, Operation, Operations
from bedside.api.respond import wants_gzip
from bedside.api.service import Service
from bedside.api.summary import Subset
from bedside.fhir import dates, json
from bedside.fhir.outcome import (
    FhirError,
    Invalid,
    Issue,
    NotFound,
    Unavailable,
    operation_outcome,
)
from bedside.fhir.references import Kind, rewrite
from bedside.record.export import Job, Jobs, Level, Runner, Words, build, check, folder_of, read_progress
from bedside.record.export import Request as ExportRequest
from bedside.record.export.work import Shape
from bedside.record.record import Record

INSTANTIATES = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
STATUS, FILES = "$export-status", "$export-file"

_NDJSON = "application/fhir+ndjson"
_DEFINITIONS = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_BLOCK = 1 << 18
_LEVEL = 4
_RETRY_SECONDS = 2
_LONGEST_RETRY = 60
_JOB = re.compile(r"[0-9a-f-]{36}")
_LOCAL_BINARY = re.compile(r"Binary/[A-Za-z0-9.-]{1,64}(/_history/[0-9]+)?")


class BulkExport:
    """The export operations of a server, and the thread that does the work.

    `folder` is where files are made; `keep_days` how long those of a finished export are kept.
    """

    def __init__(self, record: Record, folder: Path, *, keep_days: int = 7) -> None:
        self.record = record
        self.jobs = Jobs(record.store)
        self.folder = folder_of(record.store, folder)
        self.runner = Runner(record.store, self.jobs, lambda: record.extractor, self.folder, shaper, keep_days)
        self.runner.start()

    def close(self) -> None:
        """Stop after the page at work; unfinished exports go on when a server starts again."""
        self.runner.stop()

    def operations(self) -> Operations:
        """What the dispatcher offers."""
        levels: tuple[tuple[str, Handler, Any, tuple[str, ...] | None], ...] = (
            ("export", self._of("system"), "system", None),
            ("patient-export", self._of("patient"), "type", ("Patient",)),
            ("group-export", self._of("group"), "instance", ("Group",)),
        )
        return Operations(
            [
                Operation("export", f"{_DEFINITIONS}/{name}", handler, frozenset((level,)), types)
                for name, handler, level, types in levels
            ],
            {STATUS: self._status, FILES: self._file},
            (INSTANTIATES,),
        )

    # --- kick-off

    def _of(self, level: Level) -> Handler:
        async def kick_off(service: Service, request: Request) -> Reply:
            """`$export` of the system, of all patients, or of a group (export.html#bulk-data-kick-off-request)."""
            if request.nested or request.method == "HEAD":
                raise Invalid("An export is asked for by a GET or POST of its own.", code="not-supported")
            if not request.prefer.asynchronous:
                raise Invalid("An export takes a while: ask for it with the header `Prefer: respond-async`.")
            asked = await service.run(self._asked, level, request)
            job = await service.run(self.jobs.add, asked)
            if job is None:
                issue = Issue("error", "throttled", None, "Too many exports are waiting; come back when some are done.")
                headers = {"retry-after": str(_LONGEST_RETRY)}
                return Reply(429, operation_outcome([issue]), headers=headers)
            self.runner.wake()
            place = f"{request.base}/{STATUS}/{job.id}"
            accepted = Issue("information", "informational", None, f"The export was accepted; ask {place} for it.")
            issues = [accepted, *(Issue("warning", "not-supported", None, warning) for warning in asked.warnings)]
            return Reply(202, operation_outcome(issues), headers={"content-location": place})

        return kick_off

    def _asked(self, level: Level, request: Request) -> ExportRequest:
        """The request, checked. Raises FhirError with everything that is wrong with it."""
        lenient = request.prefer.handling == "lenient"
        words = _words(request)
        query = [*request.query, *request.shape]
        asked = build(
            self.record.registry,
            level,
            words,
            lenient=lenient,
            group=request.id if level == "group" else None,
            url=link(request.base, "/".join(request.path), query),
            base=request.base,
        )
        asked = check(self.record.store.reader(), self.record.registry, asked, lenient=lenient)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"The folder for exports cannot be made ({error.strerror}).", code="no-store") from None
        return asked

    # --- status

    async def _job(self, service: Service, request: Request) -> Job:
        id_ = request.path[1] if len(request.path) > 1 else ""
        job = await service.run(self.jobs.get, id_) if _JOB.fullmatch(id_) else None
        if job is None:
            raise NotFound("There is no such export; it was never asked for, or it was cancelled, or it has expired.")
        return job

    async def _status(self, service: Service, request: Request) -> Reply:
        """GET tells how far an export is; DELETE cancels it, or removes what it made (export.html
        #bulk-data-status-request, #bulk-data-delete-request)."""
        _only(request, "GET", "HEAD", "DELETE")
        job = await self._job(service, request)
        if request.method == "DELETE":
            await service.run(self.jobs.remove, job.id)
            await service.run(self.runner.forget, job.id)
            return Reply(202)
        if job.state == "failed":
            raise FhirError(job.detail.problem, code="processing")
        if job.state == "done":
            headers = {"expires": http_date(self.runner.expires(job))}
            manifest = _manifest(job, request.base)
            return Reply(200, content=json.encode(manifest), media="application/json", headers=headers)
        told, seconds = await service.run(self._progress, job)
        return Reply(202, headers={"x-progress": told, "retry-after": str(seconds)})

    def _progress(self, job: Job) -> tuple[str, int]:
        """How far an unfinished export is, in words, and in how many seconds it is worth asking again."""
        if job.state == "accepted":
            ahead = self.jobs.before(job)
            told = f"waiting; exports before it: {ahead}" if ahead else "waiting"
            return told, min(_RETRY_SECONDS * (1 + ahead), _LONGEST_RETRY)
        progress = read_progress(self.runner.folder(job.id))
        if progress is None:
            return "looking up what belongs to the export", _RETRY_SECONDS
        percent = 100 * progress.written // max(progress.total, 1)
        # Half of the time that the rest will take at the pace so far; without a pace yet, a moment.
        rest = (dates.now() - job.created) / 1_000_000 * (100 - percent) / percent if percent else 0
        seconds = round(min(max(rest / 2, _RETRY_SECONDS), _LONGEST_RETRY))
        return f"{percent}% ({progress.written} of {progress.total} resources)", seconds

    # --- files

    async def _file(self, service: Service, request: Request) -> Reply:
        """One file of a finished export, gzipped when that is asked for (export.html#bulk-data-output-file-request)."""
        _only(request, "GET", "HEAD")
        job = await self._job(service, request)
        name = request.path[2] if len(request.path) == 3 else ""
        file = next((file for file in job.detail.files if file.name == name), None)
        if job.state != "done" or file is None:
            raise NotFound("This export has no such file.")
        path = self.runner.folder(job.id) / file.name
        if not path.exists():
            raise NotFound("The file is not on this server. Servers of one record must share the folder of exports.")
        if wants_gzip(request.headers):
            return Reply(200, media=_NDJSON, headers={"content-encoding": "gzip"}, stream=_packed(path, file.size))
        headers = {"content-length": str(file.size)}
        return Reply(200, media=_NDJSON, headers=headers, stream=_plain(path, file.size))


def _only(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise WrongMethod(request.method, methods)


async def _plain(path: Path, size: int) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while size and (block := await asyncio.to_thread(stream.read, min(_BLOCK, size))):
            size -= len(block)
            yield block


async def _packed(path: Path, size: int) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(_LEVEL, wbits=zlib.MAX_WBITS | 16)
    async for block in _plain(path, size):
        if packed := await asyncio.to_thread(packer.compress, block):
            yield packed
    yield packer.flush()


def _manifest(job: Job, base: str) -> dict[str, Any]:
    """The output manifest (export.html#response---complete-status)."""

    def listed(kind: str) -> list[dict[str, Any]]:
        return [
            {"type": file.type, "url": f"{base}/{FILES}/{job.id}/{file.name}", "count": file.count}
            for file in job.detail.files
            if file.kind == kind
        ]

    return {
        "transactionTime": dates.instant(job.detail.instant),
        "request": job.request.url,
        "requiresAccessToken": False,
        "output": listed("output"),
        "deleted": listed("deleted"),
        "error": listed("error"),
    }


def _words(request: Request) -> Words:
    """The parameters of a kick-off: those of the address, and for a POST those of the Parameters resource."""
    words = Words()
    for name, value in request.query:
        if name == "patient":
            raise Invalid(
                "`patient` is given in the Parameters of a POST, so that no patient is named in an address.",
                code="not-supported",
            )
        _add(words, name, value)
    if request.method == "POST" and request.body:
        _posted(request, words)
    return words


def _posted(request: Request, words: Words) -> None:
    require_fhir(request.headers.get("content-type", ""))
    resource = request.resource()
    if resource.get("resourceType") != "Parameters":
        raise Invalid("The input of an export is a Parameters resource.", code="structure", path="resourceType")
    given = resource.get("parameter", [])
    if not isinstance(given, list):
        raise Invalid("Parameters.parameter is an array.", code="structure", path="Parameters.parameter")
    for index, parameter in enumerate(given):
        path = f"Parameters.parameter[{index}]"
        if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
            raise Invalid("A parameter is an object with a name.", code="structure", path=path)
        found = [value for key, value in parameter.items() if key.startswith("value")]
        value = found[0] if len(found) == 1 else None
        if parameter["name"] == "patient" and isinstance(value, dict):
            value = value.get("reference")
            if isinstance(value, str):
                value = value.removeprefix(request.base + "/")
        if not isinstance(value, str):
            if _add(words, parameter["name"], ""):
                raise Invalid(f"The parameter `{parameter['name']}` must be one simple value.", path=path)
            continue
        _add(words, parameter["name"], value)


def _add(words: Words, name: str, value: str) -> bool:
    """Put a parameter where it belongs. False when there is none of that name."""
    match name:
        case "_type":
            words.types.append(value)
        case "_since":
            words.since.append(value)
        case "_typeFilter":
            words.filters.append(value)
        case "_elements":
            words.elements.append(value)
        case "_outputFormat":
            words.formats.append(value)
        case "patient":
            words.patients = [*(words.patients or ()), value]
        case _:
            words.unknown.append(name)
            return False
    return True


def shaper(request: ExportRequest) -> Shape | None:
    """What happens to each resource on its way into a file: `_elements` leaves out, and attachments get addresses
    that can be followed from outside (export.html#attachments)."""
    base, elements = request.base, request.elements

    def absolute(text: str, kind: Kind) -> str | None:
        return f"{base}/{text}" if kind == "uri" and _LOCAL_BINARY.fullmatch(text) else None

    def shape(body: bytes) -> bytes:
        attached = bool(base) and b'"Binary/' in body
        if not elements and not attached:
            return body
        resource = json.decode_object(body)
        if attached:
            rewrite(resource, absolute)
        return json.encode(_part(resource, elements))

    return shape if base or elements else None


def _part(resource: dict[str, Any], elements: tuple[str, ...]) -> dict[str, Any]:
    """The chosen elements with those that are mandatory, tagged SUBSETTED. A type of which no element was named is
    left whole."""
    name = resource["resourceType"]
    own = tuple(element for element in elements if "." not in element or element.split(".", 1)[0] == name)
    return Subset(elements=own).of(resource) if own else resource
