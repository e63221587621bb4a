"""Bulk export: everything, or what belongs to patients, as NDJSON, as of one instant.

`build` reads what is asked for (request.py, scope.py), `Export` does it in a folder (select.py, work.py, files.py),
and a server keeps its exports as `Jobs` that a `Runner` works off (https://hl7.org/fhir/uv/bulkdata/STU2/export.html).
"""

from bedside.record.export.files import File
from bedside.record.export.jobs import Job, Jobs
from bedside.record.export.place import folder_of
from bedside.record.export.request import Level, Request, Words, build
from bedside.record.export.runner import Runner
from bedside.record.export.scope import check
from bedside.record.export.work import Export, Progress, read_progress

__all__ = [
    "Export",
    "File",
    "Job",
    "Jobs",
    "Level",
    "Progress",
    "Request",
    "Runner",
    "Words",
    "build",
    "check",
    "folder_of",
    "read_progress",
]
