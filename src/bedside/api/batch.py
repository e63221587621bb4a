"""batch (R4 http.html#transaction): each entry for itself, each with its own outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bedside.api.entries import answer, bundle_of, is_read, responses, to_request
from bedside.api.errors import failure
from bedside.api.messages import Reply, Request
from bedside.api.service import LARGE, Service
from bedside.api.transaction import transact
from bedside.fhir.outcome import FhirError

_TOGETHER = 32
_RANK = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2}


async def interact(service: Service, request: Request) -> Reply:
    """POST [base] with a Bundle of type batch or transaction; always 200 for a batch that can be read."""
    if len(request.body) > LARGE:
        kind, entries = await service.run(bundle_of, request)
    else:
        kind, entries = bundle_of(request)
    if kind == "transaction":
        return await transact(service, request, entries)
    asked: list[Request | FhirError] = []
    for index, entry in enumerate(entries):
        try:
            asked.append(to_request(request, entry, index))
        except FhirError as error:
            asked.append(error)
    replies = await run_all(service, asked)
    return Reply(200, content=responses("batch-response", request.base, asked, replies))


async def run_all(service: Service, asked: Sequence[Request | FhirError]) -> list[Reply]:
    """The reply to each, in the order given.

    The order of execution is that of a transaction: deletes, creates, updates and patches, then what only reads.
    Some run at the same time, so that their writes share a group commit.
    """
    replies: dict[int, Reply] = {}
    order: list[tuple[int, int]] = []
    for index, each in enumerate(asked):
        if isinstance(each, FhirError):
            replies[index] = failure(each)
        else:
            order.append((3 if is_read(each) else _RANK[each.method], index))
    order.sort()
    for rank in (0, 1, 2, 3):
        indexes = [index for found, index in order if found == rank]
        for start in range(0, len(indexes), _TOGETHER):
            some = indexes[start : start + _TOGETHER]
            requests = [each for each in (asked[i] for i in some) if isinstance(each, Request)]
            done = await asyncio.gather(*(answer(service, each) for each in requests))
            replies.update(zip(some, done, strict=True))
    return [replies[index] for index in range(len(asked))]
