"""Bulk export: everything, or what belongs to patients, as NDJSON, as of one instant (FHIR Bulk Data 2)."""

from bedside.record.export.jobs import Job, Jobs, Request
from bedside.record.export.runner import Runner, run_now

__all__ = ["Job", "Jobs", "Request", "Runner", "run_now"]
