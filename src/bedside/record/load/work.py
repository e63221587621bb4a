"""What one loading process does: read a part, prepare its resources, and commit them in one group.

Reading, checking, indexing and compressing happen before the write lock is taken, so that while one process writes
the others prepare. Nothing passes between processes but the names of parts and what became of them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from bedside.fhir import definitions
from bedside.fhir.bindings import allows
from bedside.fhir.outcome import FhirError
from bedside.fhir.quick import plain_references
from bedside.fhir.references import references, rewrite
from bedside.record.custom import load_registry
from bedside.record.errors import StoreError
from bedside.record.extract import Extractor
from bedside.record.group import Group
from bedside.record.load.parse import Block, Conditional, Entry, read
from bedside.record.load.rejects import Reject
from bedside.record.load.sources import Part
from bedside.record.model import Effect, Method, Settings
from bedside.record.names import Names
from bedside.record.operation import Draft, Key, Operation, prepare
from bedside.record.plan import plan
from bedside.record.record import open_store
from bedside.record.rows import conditional_reference
from bedside.record.search import find_rids

_CACHE_MEGABYTES = 256


@dataclass(slots=True)
class Result:
    """What became of a part. `waiting` are the blocks whose references nobody could resolve yet."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    rejects: list[Reject] = field(default_factory=list)
    waiting: list[Block] = field(default_factory=list)
    source: str = ""
    part: int = 0


@dataclass(slots=True)
class _Resolved:
    """The literal references of a resource, how many of them were `urn:uuid:`, and what could not be resolved.

    `valid`: the structure of the resource is known to be right, so that it need not be checked again.
    """

    references: list[str] = field(default_factory=list)
    urns: int = 0
    problem: str | None = None
    valid: bool = False


def _only_references(block: Block, resolved: Sequence[_Resolved]) -> bool:
    """Whether every mention of an `urn:uuid:` in the text is a fullUrl or a reference already replaced.

    Then the much longer search through every uri and narrative, which a transaction also may rewrite, can be left out.
    """
    if any(e.full_url is not None and not e.full_url.startswith("urn:uuid:") for e in block.entries):
        return False
    known = sum(e.full_url is not None for e in block.entries) + sum(one.urns for one in resolved)
    return block.mentions == known or (block.mentions is None and known == 0)


class _Unresolved(Exception):
    """A reference leads to something that is not in the record yet."""


class Loader:
    """The state of one loading process: its store, and what it has learned."""

    def __init__(self, place: str, settings: Settings) -> None:
        self.settings = settings
        self.store = open_store(place, cache_megabytes=_CACHE_MEGABYTES)
        self.session = self.store.writer()
        self.session.expect_many()
        self.registry = load_registry(self.session)
        self.extractor = Extractor(self.registry)
        self.names = Names()
        self._found: dict[tuple[str, str], str] = {}

    def close(self) -> None:
        self.store.close_session(self.session)
        self.store.close()

    def part(self, part: Part) -> Result:
        """Load one part and note that it is done, in the same commit."""
        result = Result(source=part.source, part=part.number)
        blocks = list(read(part, result.rejects))
        self._blocks(blocks, result, last=False, done=(part.source, part.number))
        return result

    def again(self, blocks: Sequence[Block], *, last: bool) -> Result:
        """Try blocks once more that waited for others; the last time, what is unresolved is rejected."""
        result = Result()
        self._blocks(blocks, result, last=last, done=None)
        return result

    def _blocks(self, blocks: Sequence[Block], result: Result, *, last: bool, done: tuple[str, int] | None) -> None:
        prepared: list[Operation] = []
        conditionals: list[tuple[Conditional, Block]] = []
        for block in blocks:
            try:
                prepared += self._prepare(block, result.rejects, last=last)
                conditionals += [(each, block) for each in block.conditionals]
            except _Unresolved:
                result.waiting.append(block)
        if result.waiting:
            # The part is only done when its last block is; until then a resumed load reads all of it again.
            done = None
        group = Group(self.session, self.names, self.extractor, self.settings)
        try:
            group.begin()
            operations = _latest_of_each(prepared)
            result.unchanged += len(prepared) - len(operations)
            for outcome in group.apply(operations):
                result.unchanged += outcome.effect is Effect.UNCHANGED
                result.written += outcome.effect is not Effect.UNCHANGED
            for each, block in conditionals:
                self._conditional(each, block, group, result)
            if done is not None:
                self.session.upsert("loaded", [(*done, result.written + result.unchanged)])
            group.commit()
        except BaseException:
            group.rollback()
            self.names = Names()
            raise

    def _prepare(self, block: Block, rejects: list[Reject], *, last: bool) -> list[Operation]:
        """The plain entries of a block, ready to be written. Raises _Unresolved unless this is the last try."""
        local = {e.full_url: f"{e.resource['resourceType']}/{e.resource['id']}" for e in block.entries if e.full_url}
        resolved = [self._resolve(entry, local) for entry in block.entries]
        if not last and any(one.problem for one in resolved):
            raise _Unresolved
        if not _only_references(block, resolved):
            for entry in block.entries:
                # What has not the shape of a resource fails here and is told how by the check below.
                with suppress(AttributeError, TypeError, ValueError):
                    rewrite(entry.resource, lambda text, kind: local.get(text))
        operations = []
        for entry, one in zip(block.entries, resolved, strict=True):
            if one.problem is not None:
                rejects.append(Reject.of(entry.place, entry.resource, one.problem))
                continue
            key = (entry.resource["resourceType"], entry.resource["id"])
            operation = Operation(Method.UPDATE, key, entry.resource)
            try:
                operations.append(self._ready(operation, one))
            except FhirError as error:
                rejects.append(Reject.of(entry.place, entry.resource, error))
        return operations

    def _ready(self, operation: Operation, resolved: _Resolved) -> Operation:
        prepare(operation, self.extractor, self.settings, resolved.references, checked=resolved.valid)
        operation.draft = Draft.of(operation.resource, operation.key[1])
        return operation

    def _resolve(self, entry: Entry, local: dict[str, str]) -> _Resolved:
        """Make the references of one resource literal, in place."""
        found = _Resolved()
        links = plain_references(entry.resource) if self.settings.check_structure else None
        found.valid = links is not None
        if links is None:
            links = [(link.value, link.element.targets) for link in references(entry.resource)]
        for value, targets in links:
            text = value.get("reference")
            if text.__class__ is not str:
                continue
            target = local.get(text)
            if target is None and text.startswith("urn:uuid:"):
                target = self._by_uuid(text[9:])
            elif target is None and "?" in text and (condition := conditional_reference(text)) is not None:
                target = self._by_condition(*condition)
            elif target is None:
                found.references.append(text)
                continue
            if target is None:
                place = text.partition("?")[0]
                found.problem = f"Nothing in the record or in what was loaded is what {place} refers to."
            else:
                found.urns += text.startswith("urn:uuid:")
                value["reference"] = target
                found.references.append(target)
                if not allows(targets, target.partition("/")[0]):
                    found.valid = False  # which is told by the check of the whole resource
        return found

    def _by_uuid(self, uuid: str) -> str | None:
        """A resource of any type with this id: what another file of the same export called `urn:uuid:...`."""
        known = self._found.get(("", uuid))
        if known is None:
            marks = ",".join(str(self.registry.type_number(name)) for name in definitions.resource_types())
            rows = self.session.rows(
                f"SELECT type FROM resource WHERE type IN ({marks}) AND id=? AND clock IS NOT NULL LIMIT 2", (uuid,)
            )
            if len(rows) != 1:
                return None
            known = self._found[("", uuid)] = f"{self.registry.type_name(rows[0][0])}/{uuid}"
        return known

    def _by_condition(self, name: str, query: str) -> str | None:
        known = self._found.get((name, query))
        if known is None:
            rids = find_rids(self.session, self.registry, name, query)
            if len(rids) != 1:
                return None
            id_ = self.session.rows("SELECT id FROM resource WHERE rid=?", rids)[0][0]
            known = self._found[(name, query)] = f"{name}/{id_}"
        return known

    def _conditional(self, each: Conditional, block: Block, group: Group, result: Result) -> None:
        def search(type_name: str, query: str, limit: int | None = 2) -> list[str]:
            group.flush()
            rids = find_rids(self.session, self.registry, type_name, query, limit=limit)
            return [id_ for (id_,) in self.session.matching("resource", "id", ("rid",), [(rid,) for rid in rids])]

        try:
            ready: Callable[[Operation], Operation] = partial(prepare, extractor=self.extractor, settings=self.settings)
            made = plan([each.write], group, search, transaction=True, prepare_with=ready)
            for outcome in group.apply(made.operations):
                result.written += outcome.effect in (Effect.CREATED, Effect.UPDATED)
                result.unchanged += outcome.effect in (Effect.UNCHANGED, Effect.EXISTED)
                result.removed += outcome.effect is Effect.DELETED
        except StoreError:
            raise
        except FhirError as error:
            result.rejects.append(Reject.of(each.place, each.resource, error))


def _latest_of_each(operations: Sequence[Operation]) -> list[Operation]:
    """One operation for each resource; a later one in the same part replaces an earlier, as it would one by one."""
    latest: dict[Key, Operation] = {operation.key: operation for operation in operations}
    return list(latest.values())


_loader: Loader | None = None


def start(place: str, settings: Settings) -> None:
    """Called once in each process."""
    global _loader
    _loader = Loader(place, settings)
    # Decoded JSON has no cycles; scanning millions of dictionaries for them costs a third of the time.
    gc.freeze()
    gc.disable()


def do_part(part: Part) -> Result:
    assert _loader is not None
    return _loader.part(part)


def do_again(blocks: Sequence[Block], last: bool) -> Result:
    assert _loader is not None
    return _loader.again(blocks, last=last)
