"""From the writes that a client asked for to operations on known resources.

Here identities are settled: new ids are given, conditions are searched, `urn:uuid` and conditional references are
replaced by literal ones, patches are applied, and two writes to one resource are refused
(R4 http.html#trules). Conditions are asked while the write lock is held, so they are exact under concurrency.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from bedside.fhir import definitions
from bedside.fhir.outcome import FhirError, Gone, Invalid, MultipleMatches, NotFound, PreconditionFailed
from bedside.fhir.references import Kind, references, rewrite
from bedside.record.model import Create, Delete, Effect, Method, Outcome, Patch, Resource, Update, Write
from bedside.record.operation import Key, Operation
from bedside.record.patch import apply_patch
from bedside.record.rows import conditional_reference

if TYPE_CHECKING:
    from bedside.record.group import Group


class Search(Protocol):
    """Asks for what matches a condition."""

    def __call__(self, type_name: str, query: str, limit: int | None = 2) -> Sequence[str]:
        """Ids of what matches, all or at most `limit`; two are enough to know that it is not one."""


def needs_lock(writes: Sequence[Write], transaction: bool) -> bool:
    """Whether these can only be planned while nobody else writes: they search, patch, or refer by condition."""
    for write in writes:
        if isinstance(write, Patch) or getattr(write, "query", None) is not None:
            return True
        if isinstance(write, Create) and write.if_none_exist is not None:
            return True
    return transaction and any(_has_condition(w.resource) for w in writes if isinstance(w, Create | Update))


def _has_condition(resource: Resource) -> bool:
    return any(link.text is not None and conditional_reference(link.text) for link in references(resource))


class Plan:
    """The operations of one unit, and how their outcomes answer the writes, in the order of the writes."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.operations_of: list[list[int]] = []

    def add(self, *operations: Operation) -> None:
        start = len(self.operations)
        for operation in operations:
            operation.write = len(self.operations_of)
        self.operations_of.append(list(range(start, start + len(operations))))
        self.operations += operations

    def in_order(self) -> list[int]:
        """Positions in the order of R4: deletes, then creates, then updates and patches."""
        rank = {Method.DELETE: 0, Method.CREATE: 1, Method.UPDATE: 2}
        return sorted(range(len(self.operations)), key=lambda i: rank[self.operations[i].kind])

    def answers(self, outcomes: dict[int, Outcome]) -> list[Outcome]:
        """One outcome for each write. A delete of several reports how many went, and the last of them."""
        found = []
        for positions in self.operations_of:
            mine = [outcomes[i] for i in positions]
            if not mine:
                found.append(Outcome(Effect.NOTHING, None))
            elif len(mine) == 1:
                found.append(mine[0])
            else:
                found.append(Outcome(Effect.DELETED, mine[-1].stored, sum(o.deleted for o in mine)))
        return found


def plan(
    writes: Sequence[Write],
    group: Group | None,
    search: Search | None,
    *,
    transaction: bool,
    prepare_with: Callable[[Operation], Operation],
) -> Plan:
    """Settle the identities and prepare every operation. `group` and `search` are given while the lock is held.

    Raises FhirError; its `write` attribute is the position of the write at fault.
    """
    made = Plan()
    local: dict[str, str] = {}
    for position, write in enumerate(writes):
        with _blame(position):
            made.add(*_identify(write, group, search))
            if write.full_url is not None and made.operations_of[-1]:
                if write.full_url in local:
                    raise Invalid(f"Two entries have the fullUrl {write.full_url}.", code="duplicate")
                local[write.full_url] = made.operations[made.operations_of[-1][0]].reference
    _refuse_overlap(made)
    for position, answers in enumerate(made.operations_of):
        for index in answers:
            operation = made.operations[index]
            if operation.kind is Method.DELETE or operation.outcome is not None:
                continue
            with _blame(position):
                if transaction:
                    _resolve(operation.resource, local, search)
                prepare_with(operation)
    return made


class _blame:
    """Note on an error which write it came from."""

    def __init__(self, position: int) -> None:
        self.position = position

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FhirError):
            error.write = self.position  # type: ignore[attr-defined]


class _Randomness(threading.local):
    """Random bytes, drawn many at a time: a draw is a system call, and costs more than all else of a new id."""

    def __init__(self) -> None:
        self.bytes = b""
        self.used = 0

    def take(self, size: int) -> bytes:
        if self.used + size > len(self.bytes):
            self.bytes, self.used = os.urandom(256 * size), 0
        self.used += size
        return self.bytes[self.used - size : self.used]


_random = _Randomness()
# A forked process must not give the ids that its parent will give.
os.register_at_fork(after_in_child=_random.__init__)  # type: ignore[misc]


def _new_id() -> str:
    return str(uuid.UUID(bytes=_random.take(16), version=4))


def _identify(write: Write, group: Group | None, search: Search | None) -> list[Operation]:
    match write:
        case Create(resource=resource, if_none_exist=condition):
            name = _type_of(resource)
            if condition is not None:
                assert search is not None
                ids = search(name, condition)
                if len(ids) > 1:
                    raise MultipleMatches(f"Several {name} match the condition; nothing was created.")
                if ids:
                    return [Operation(Method.CREATE, (name, ids[0]), outcome=Effect.EXISTED)]
            return [Operation(Method.CREATE, (name, _new_id()), resource)]
        case Update():
            return [_identify_update(write, search)]
        case Patch():
            return [_identify_patch(write, group, search)]
        case Delete():
            return _identify_delete(write, search)


def _type_of(resource: Resource) -> str:
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(name, str) or not definitions.is_resource_type(name):
        raise Invalid(f"{name!r} is not a resource type of R4.", code="structure", path="resourceType")
    return name


def _identify_update(write: Update, search: Search | None) -> Operation:
    own = write.resource.get("id")
    id_ = write.id
    must_be_new = write.if_none_match_any
    kind = Method.UPDATE
    if write.query is not None:
        assert search is not None
        ids = search(write.type, write.query)
        if len(ids) > 1:
            raise MultipleMatches(f"Several {write.type} match the condition; nothing was changed.")
        if ids:
            if own is not None and own != ids[0]:
                raise Invalid(
                    f"The condition finds {write.type}/{ids[0]}, but the resource says its id is {own}.", path="id"
                )
            id_ = ids[0]
        else:
            kind = Method.CREATE
            id_ = own if own is not None else _new_id()
            must_be_new = own is not None
    elif own != id_:
        said = "has no id" if own is None else f"says its id is {own}"
        raise Invalid(f"The address names {write.type}/{id_}, but the resource {said}.", path=f"{write.type}.id")
    assert id_ is not None
    return Operation(kind, (write.type, id_), write.resource, if_match=write.if_match, must_be_new=must_be_new)


def _one_match(type_name: str, query: str, search: Search | None) -> str:
    assert search is not None
    ids = search(type_name, query)
    if len(ids) > 1:
        raise MultipleMatches(f"Several {type_name} match the condition; nothing was changed.")
    if not ids:
        raise NotFound(f"No {type_name} matches the condition.")
    return ids[0]


def _identify_patch(write: Patch, group: Group | None, search: Search | None) -> Operation:
    assert group is not None
    id_ = write.id if write.id is not None else _one_match(write.type, write.query or "", search)
    stored = group.find((write.type, id_))
    if stored is None:
        raise NotFound(f"There is no {write.type}/{id_}.")
    if stored.body is None:
        raise Gone(f"{write.type}/{id_} was deleted.")
    if write.if_match is not None and write.if_match != stored.version:
        raise PreconditionFailed(f"{write.type}/{id_} is version {stored.version}, not version {write.if_match}.")
    patched = apply_patch(stored.resource, write.operations)
    if patched.get("id") != id_ or patched.get("resourceType") != write.type:
        raise Invalid("A patch may not change the type or the id of a resource.", code="business-rule")
    return Operation(Method.UPDATE, (write.type, id_), patched, may_create=False)


def _identify_delete(write: Delete, search: Search | None) -> list[Operation]:
    if write.id is not None:
        return [Operation(Method.DELETE, (write.type, write.id), if_match=write.if_match)]
    assert search is not None
    ids = search(write.type, write.query or "", None if write.multiple else 2)
    if len(ids) > 1 and not write.multiple:
        raise MultipleMatches(f"Several {write.type} match the condition; nothing was deleted.")
    return [Operation(Method.DELETE, (write.type, id_)) for id_ in ids]


def _refuse_overlap(made: Plan) -> None:
    """R4 http.html#trules: the identities of writes in one transaction may not overlap."""
    seen: set[Key] = set()
    for operation in made.operations:
        if operation.outcome is not None:
            continue
        if operation.key in seen:
            raise Invalid(f"{operation.reference} is written by two entries of one transaction.", code="duplicate")
        seen.add(operation.key)


def _resolve(resource: Resource, local: dict[str, str], search: Search | None) -> None:
    """Make references within the transaction and by condition literal, in place."""

    def literal(reference: str, kind: Kind) -> str | None:
        found = local.get(reference)
        if found is not None:
            return found
        base, mark, fragment = reference.partition("#")
        if mark and base in local:
            return f"{local[base]}#{fragment}"
        condition = conditional_reference(reference) if kind == "reference" else None
        if condition is None:
            return None
        if search is None:
            raise AssertionError("a conditional reference was planned without the lock")
        ids = search(*condition)
        if len(ids) != 1:
            many = "several" if ids else "no"
            raise PreconditionFailed(
                f"The conditional reference {condition[0]}?... matches {many} resources; it must match one.",
                code="multiple-matches" if ids else "not-found",
            )
        return f"{condition[0]}/{ids[0]}"

    rewrite(resource, literal)
