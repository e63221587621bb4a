"""transaction (R4 http.html#transaction, #trules): all of it or nothing; reads are answered after the writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bedside.api import create, delete, patch, update
from bedside.api.entries import answer, is_read, responses, to_request, within
from bedside.api.messages import Reply, Request
from bedside.api.query import place
from bedside.api.service import Service
from bedside.api.written import deleted, written
from bedside.fhir.check import check
from bedside.fhir.outcome import FhirError, Invalid, Issue, NotSupported
from bedside.record.model import Create, Delete, Update, Write


async def transact(service: Service, request: Request, entries: Sequence[Any]) -> Reply:
    """Process a transaction. Raises FhirError when any of it is refused; then nothing was done.

    The error lists the problems of all entries, each with its place in the Bundle.
    """
    asked = _requests(request, entries)
    positions = [index for index, each in enumerate(asked) if not is_read(each)]
    writes = _writes(service, asked, positions)
    replies: dict[int, Reply] = {}
    if writes:
        try:
            outcomes = await service.transact(writes)
        except FhirError as error:
            raise await service.run(_placed, service, error, entries, positions, writes) from None
        for index, write, outcome in zip(positions, writes, outcomes, strict=True):
            reply = deleted if isinstance(write, Delete) else written
            replies[index] = reply(asked[index], outcome)
    for index, each in enumerate(asked):
        if index not in replies:
            replies[index] = await answer(service, each)
    ordered = [replies[index] for index in range(len(asked))]
    return Reply(200, content=responses("transaction-response", request.base, asked, ordered))


def _requests(request: Request, entries: Sequence[Any]) -> list[Request]:
    asked, issues = [], []
    for index, entry in enumerate(entries):
        try:
            asked.append(to_request(request, entry, index))
        except FhirError as error:
            issues += error.issues
    if issues:
        raise Invalid(issues)
    return asked


def _writes(service: Service, asked: Sequence[Request], positions: Sequence[int]) -> list[Write]:
    """What the record is to write; all entries that cannot be understood are reported at once."""
    writes: list[Write] = []
    issues: list[Issue] = []
    worst: FhirError | None = None
    for index in positions:
        try:
            writes.append(_write(service, asked[index]))
        except FhirError as error:
            worst = worst or error
            issues += [within(issue, index, asked[index].content) for issue in error.issues]
    if worst is not None:
        raise _like(worst, issues)
    return writes


def _write(service: Service, request: Request) -> Write:
    kind = place(request)
    makers: dict[tuple[str, str], Callable[[Request], Write]] = {
        ("type", "POST"): create.to_write,
        ("type", "PUT"): update.to_write,
        ("type", "PATCH"): patch.to_write,
        ("type", "DELETE"): lambda each: delete.to_write(service, each),
        ("instance", "PUT"): update.to_write,
        ("instance", "PATCH"): patch.to_write,
        ("instance", "DELETE"): lambda each: delete.to_write(service, each),
    }
    maker = makers.get((kind, request.method))
    if maker is None:
        raise NotSupported(f"{request.method} {'/'.join(request.path)} cannot be part of a transaction.")
    return maker(request)


def _placed(
    service: Service, error: FhirError, entries: Sequence[Any], positions: Sequence[int], writes: Sequence[Write]
) -> FhirError:
    """The error with the place of its entry; when structure was at fault, with the faults of all entries."""
    found: list[Issue] = []
    if error.status == 422 and service.record.settings.check_structure:
        for index, write in zip(positions, writes, strict=True):
            if isinstance(write, Create | Update):
                found += [within(issue, index, write.resource) for issue in check(write.resource)]
    if not found:
        # The record names one write, or one for each issue; or none, when it is not about any of them.
        one = getattr(error, "write", None)
        blamed = getattr(error, "writes", None) or [one] * len(error.issues)
        for issue, at in zip(error.issues, blamed, strict=True):
            if at is None:
                found.append(issue)
            else:
                found.append(within(issue, positions[at], entries[positions[at]].get("resource")))
    return _like(error, found)


def _like(error: FhirError, issues: list[Issue]) -> FhirError:
    """An error of the same kind and status with other issues."""
    same = type(error)(issues)
    same.status = error.status
    return same
