"""The record as the world of a question: data for `bedside.questions.cql.world` out of the index tables.

A retrieve asks for a type, for one patient and for some codes. The rows of `ref` name the patient's resources of that
type, the rows of `token` their codes, and only the bodies of those that fit are read and decoded. The codes of a type
are read once in a question: measures ask the same type for one value set after the other.

    with asking(record) as data:
        list(data.retrieve(Wanted("Condition", "Patient", "7", code_path="code", value_set="http://...")))
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bedside.fhir import definitions, json
from bedside.questions.cql.world import CodeKey, MemberSet, Terminology, Wanted
from bedside.questions.errors import UnsupportedError
from bedside.record import bodies
from bedside.record.parameters import Registry
from bedside.record.questions_compartment import Compartment, Dates, Fits, Resource
from bedside.record.questions_index import Catalogue, CodeIndex, codings
from bedside.record.rows import split_reference
from bedside.record.search.context import Context
from bedside.record.search.sql import among, one_of
from bedside.record.session import Row, Session
from bedside.record.values import indexed

if TYPE_CHECKING:
    from bedside.record.record import Record

_CHUNK = 256
_CONTEXTS = 4
"""So many patients are remembered at a time; a question that goes over many forgets the first ones."""
_MOST_SHARED = 5_000
"""So many resources that are nobody's own (organisations, medications) are kept decoded."""
_MOST_KEYS = 20_000
"""Value sets with more codes than this are not looked up code by code when everybody is asked."""

_catalogues: WeakKeyDictionary[Registry, Catalogue] = WeakKeyDictionary()


def catalogue_of(registry: Registry) -> Catalogue:
    """The catalogue that all questions of a registry share."""
    found = _catalogues.get(registry)
    if found is None:
        found = _catalogues[registry] = Catalogue(registry)
    return found


@contextmanager
def asking(record: Record, terminology: Terminology | None = None, *, base: str | None = None) -> Iterator[RecordData]:
    """The data of one question: within it, everything is read from one state of the record, in the calling thread.

    `base` is the server's own address: references that begin with it lead into this record.
    """
    session = record.store.reader()
    with session.snapshot():
        yield RecordData(session, catalogue_of(record.registry), terminology, base=base)


class RecordData:
    """`bedside.questions.cql.world.Data` over one session. Not for several threads.

    The resources it gives are shared between its answers, so they must not be changed.
    """

    def __init__(
        self, session: Session, catalogue: Catalogue, terminology: Terminology | None = None, *, base: str | None = None
    ) -> None:
        self._session = session
        self._catalogue = catalogue
        self.terminology = terminology
        self._base = None if base is None else base.rstrip("/") + "/"
        self._context = Context(session, catalogue.registry, catalogue.lookups)
        self._compartments: OrderedDict[tuple[str, str], Compartment] = OrderedDict()
        self._shared: dict[int, Resource] = {}
        self._resolved: dict[str, Resource | None] = {}

    # --- world.Data

    def retrieve(self, wanted: Wanted) -> Iterable[Resource]:
        """What a retrieve asks for, oldest first. Everybody's resources come as a stream, a patient's as a list.

        Raises UnsupportedError for a value set that is not known, by its URL.
        """
        name = wanted.resource_type
        if not definitions.is_resource_type(name):
            return ()
        if wanted.code_path == "id" and wanted.codes is not None:
            return self._by_id(wanted)
        if wanted.context_type is None or wanted.context_id is None:
            return self._of_everybody(wanted)
        if name == wanted.context_type:
            return self._filtered(wanted, self._compartment(wanted).itself())
        members = self._catalogue.members(wanted.context_type, name)
        if members is None:
            return self._of_everybody(wanted)
        compartment, dates = self._compartment(wanted), self._dates(wanted)
        if _takes_all(wanted):
            return compartment.all(name, members, dates)
        index = self._catalogue.code_index(name, wanted.code_path or "")
        if index is None:
            return self._filtered(wanted, compartment.all(name, members, dates))
        if dates is None and wanted.codes is not None and len(wanted.codes) == 1 and not index.plain:
            [(system, code)] = wanted.codes
            if system is not None and not compartment.knows(index):
                number = self._context.name(system)
                return [] if number is None else compartment.of_code(members, index, indexed(code), number)
        return compartment.coded(members, index, self._fits(wanted), dates)

    def resolve(self, reference: str) -> Resource | None:
        """The resource behind `Type/id`, also behind the whole URL when that is on this server."""
        if reference in self._resolved:
            return self._resolved[reference]
        if len(self._resolved) > _MOST_SHARED:
            self._resolved.clear()
        found = self._resolved[reference] = self._resolve(reference)
        return found

    # --- one patient

    def _compartment(self, wanted: Wanted) -> Compartment:
        assert wanted.context_type is not None
        assert wanted.context_id is not None
        key = (wanted.context_type, wanted.context_id)
        found = self._compartments.get(key)
        if found is None:
            found = self._compartments[key] = Compartment(self, self._rid(*key))
            if len(self._compartments) > _CONTEXTS:
                self._compartments.popitem(last=False)
        return found

    def _filtered(self, wanted: Wanted, resources: Sequence[Resource]) -> list[Resource]:
        """Those with a fitting code, looked for in the resources themselves."""
        if _takes_all(wanted):
            return list(resources)
        fits, path = self._fits(wanted), wanted.code_path or ""
        return [each for each in resources if any(fits(*key) for key in codings(each, path))]

    def _fits(self, wanted: Wanted) -> Fits:
        """Whether a system and code are among those that are wanted."""
        if wanted.value_set is not None:
            return _in_set(self._members(wanted.value_set))
        return _in_codes(wanted.codes or frozenset())

    def _members(self, canonical: str) -> MemberSet:
        if self.terminology is None:
            raise UnsupportedError(f"the value set {canonical} is needed, and there is no terminology here")
        found = self.terminology.value_set(canonical)
        if found is None:
            raise UnsupportedError(f"the value set {canonical} is not known")
        return found

    def _dates(self, wanted: Wanted) -> Dates | None:
        """The date filter, where an index knows the element; otherwise the question filters alone."""
        if wanted.date_path is None or wanted.date_range is None:
            return None
        numbers = self._catalogue.date_index(wanted.resource_type, wanted.date_path)
        return (numbers, wanted.date_range) if numbers else None

    # --- everybody

    def _by_id(self, wanted: Wanted) -> list[Resource]:
        name = wanted.resource_type
        found = [self.resolve(f"{name}/{code}") for _, code in sorted(wanted.codes or (), key=lambda key: key[1])]
        resources = [each for each in found if each is not None]
        if wanted.context_type is None or wanted.context_id is None:
            return resources
        if name == wanted.context_type:
            return [each for each in resources if each.get("id") == wanted.context_id]
        members = self._catalogue.members(wanted.context_type, name)
        if members is None:
            return resources
        own = self._compartment(wanted).ids(members)
        return [each for each in resources if each.get("id") in own]

    def _of_everybody(self, wanted: Wanted) -> Iterable[Resource]:
        if not _takes_all(wanted):
            index = self._catalogue.code_index(wanted.resource_type, wanted.code_path or "")
            if index is not None:
                return self._bodies_of(self._rids_of(wanted, index))
        number = self._catalogue.registry.type_number(wanted.resource_type)
        rows = self._session.rows(
            f"SELECT rid FROM resource WHERE type={number} AND clock IS NOT NULL ORDER BY clock, rid"
        )
        everything = self._bodies_of([rid for (rid,) in rows])
        if _takes_all(wanted):
            return everything
        fits, path = self._fits(wanted), wanted.code_path or ""
        return (each for each in everything if any(fits(*key) for key in codings(each, path)))

    def _rids_of(self, wanted: Wanted, index: CodeIndex) -> list[int]:
        """Everybody's resources with one of the codes, in the order of time."""
        keys = self._keys(wanted)
        found: dict[int, int] = {}
        if keys is None or index.plain or any(system is None for system, _ in keys):
            fits = self._fits(wanted)
            where = one_of("tp", index.numbers)
            for code, system, clock, rid in self._session.rows(
                f"SELECT code, sys, clock, rid FROM token WHERE {where}"
            ):
                if rid not in found and fits(None if index.plain else self.system(system), code):
                    found[rid] = clock
        else:
            numbered = [(self._context.name(system or ""), indexed(code)) for system, code in keys]
            rows = [(tp, code, number) for number, code in numbered if number is not None for tp in index.numbers]
            found = dict(self._session.matching("token", "rid, clock", ("tp", "code", "sys"), rows)) if rows else {}
        return [rid for _, rid in sorted((clock, rid) for rid, clock in found.items())]

    def _keys(self, wanted: Wanted) -> Sequence[CodeKey] | None:
        """The wanted codes one by one; None when they are too many."""
        if wanted.codes is not None:
            return sorted(wanted.codes, key=lambda key: (key[0] or "", key[1]))
        assert wanted.value_set is not None
        members = self._members(wanted.value_set)
        if len(members) > _MOST_KEYS:
            return None
        return [(each.get("system"), each["code"]) for each in members]

    def _bodies_of(self, rids: Sequence[int]) -> Iterator[Resource]:
        for start in range(0, len(rids), _CHUNK):
            some = rids[start : start + _CHUNK]
            missing = [rid for rid in some if rid not in self._shared]
            read = dict(self.read(missing))
            if len(self._shared) + len(read) <= _MOST_SHARED:
                self._shared.update(read)
            for rid in some:
                found = self._shared.get(rid) or read.get(rid)
                if found is not None:
                    yield found

    # --- pieces that a compartment uses, too

    @property
    def session(self) -> Session:
        return self._session

    def system(self, number: int) -> str | None:
        """The code system behind a number in an index row; empty where there is none."""
        texts = self._catalogue.texts
        if number not in texts:
            rows = self._session.rows("SELECT text FROM name WHERE id=?", (number,))
            texts[number] = rows[0][0] if rows else None
        return texts[number]

    def read(self, rids: Sequence[int]) -> list[tuple[int, Resource]]:
        """The current resources with these numbers, decoded."""
        found: list[Row] = []
        for start in range(0, len(rids), _CHUNK):
            chosen = among("r.rid", rids[start : start + _CHUNK])
            found += self._session.rows(
                f"SELECT r.rid, v.body FROM resource r CROSS JOIN version v WHERE {chosen.text}"
                " AND r.clock IS NOT NULL AND v.seq=r.seq",
                chosen.values,
            )
        return [(rid, json.decode(bodies.decompress(body))) for rid, body in found]

    def _rid(self, type_name: str, id_: str) -> int | None:
        if not definitions.is_resource_type(type_name):
            return None
        rows = self._session.rows(
            "SELECT rid FROM resource WHERE type=? AND id=? AND clock IS NOT NULL",
            (self._catalogue.registry.type_number(type_name), id_),
        )
        return rows[0][0] if rows else None

    def _resolve(self, reference: str) -> Resource | None:
        if self._base is not None and reference.startswith(self._base):
            reference = reference[len(self._base) :]
        target = split_reference(reference)
        rid = None if target is None else self._rid(*target)
        if rid is None:
            return None
        for compartment in self._compartments.values():
            if rid in compartment.resources:
                return compartment.resources[rid]
        if rid not in self._shared:
            if len(self._shared) >= _MOST_SHARED:
                self._shared.clear()
            self._shared.update(self.read([rid]))
        return self._shared.get(rid)


def _takes_all(wanted: Wanted) -> bool:
    return wanted.code_path is None or (wanted.codes is None and wanted.value_set is None)


def _in_codes(keys: frozenset[CodeKey]) -> Fits:
    """Whether a code is wanted. A wanted code without system fits any; so does what has none, an element of type
    `code` (system None), but not a coding that leaves its system out (system empty)."""
    alone = frozenset(code for _, code in keys)
    return lambda system, code: (system, code) in keys or (None, code) in keys or (system is None and code in alone)


def _in_set(members: MemberSet) -> Fits:
    """Membership by system and code; of an element of type `code` (system None) by the code alone."""

    def fits(system: str | None, code: str) -> bool:
        if system is not None:
            return (system, code) in members
        try:
            return members.has_code(code)
        except LookupError:  # the code means several things; one of them is a member
            return True

    return fits
