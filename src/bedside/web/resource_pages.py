"""One resource: readable, as JSON, its versions, and what refers to it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bedside.fhir.outcome import NotFound
from bedside.record import statistics
from bedside.record.model import Method, Stored
from bedside.record.record import Record
from bedside.web.locale import Moment
from bedside.web.names import Names
from bedside.web.raw import pretty
from bedside.web.readable import labels, tree
from bedside.web.readable.title import title
from bedside.web.readable.values import Values, resource_url
from bedside.web.search_pages import require_type, search_url
from bedside.web.shell import Visit

_VERSIONS = 20
_RECORDS_OWN = ("versionId", "lastUpdated")


@dataclass(frozen=True, slots=True)
class Version:
    """One line of the history of a resource."""

    number: int
    href: str
    method: Method
    moment: Moment
    shown: bool
    """The version that this page shows."""


@dataclass(frozen=True, slots=True)
class Referring:
    """Resources of one type that refer to this one by one parameter; a link when a search finds them."""

    kind: str
    parameter: str
    count: int
    more: bool
    href: str | None


class ResourcePages:
    """The page of a resource and of each of its versions, over one record."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def resource(self, visit: Visit) -> Response:
        """`/record/Patient/1`, and `/record/Patient/1/2` for its second version."""
        name, id_ = visit.request.path_params["type"], visit.request.path_params["id"]
        asked = visit.request.path_params.get("version")
        require_type(name)
        current = self._record.read(name, id_)
        if current is None:
            raise NotFound(f"There is no {name}/{id_}.")
        stored = current
        if asked is not None:
            found = self._record.vread(name, id_, int(asked))
            if found is None:
                raise NotFound(f"{name}/{id_} has no version {asked}; the newest is {current.version}.")
            stored = found
        return self._show(visit, stored, current)

    def _show(self, visit: Visit, stored: Stored, current: Stored) -> Response:
        locale = visit.locale
        values = Values(locale, Names(self._record, locale))
        resource = {} if stored.deleted else stored.resource
        meta = {
            key: value for key, value in resource.get("meta", {}).items() if key not in ("versionId", "lastUpdated")
        }
        history = self._record.history(stored.type, stored.id, count=_VERSIONS)
        return visit.render(
            "resource.html",
            status=410 if stored.deleted and stored is current else 200,
            stored=stored,
            current=current,
            kind=labels.type_name(locale.words, stored.type),
            kinds=labels.type_name(locale.words, stored.type, 2),
            title=None if stored.deleted else title(values, resource),
            fields=tree.fields(values, resource),
            meta=tree.group(values, "Meta", meta),
            spoken=resource.get("language", ""),
            written=locale.micros(stored.updated),
            raw=pretty(stored.body or b""),
            versions=[
                Version(
                    each.version,
                    resource_url(each.type, each.id, each.version),
                    each.method,
                    locale.micros(each.updated),
                    each.version == stored.version,
                )
                for each in history.versions
            ],
            more_versions=history.next is not None,
            referring=self._referring(visit, current),
        )

    def _referring(self, visit: Visit, current: Stored) -> list[Referring]:
        found = statistics.referrers(self._record.store.reader(), self._record.registry, current.rid)
        return [
            Referring(
                kind=labels.type_name(visit.words, each.type, each.count),
                parameter=each.parameter or "",
                count=each.count,
                more=each.more,
                href=search_url(f"{each.type}?{each.parameter}={current.reference}") if each.parameter else None,
            )
            for each in found
        ]
