"""Searching the record from a page: what was typed, what was found, and what to do when it cannot be understood."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.responses import Response

from bedside.fhir import definitions
from bedside.fhir.outcome import FhirError, NotFound
from bedside.record.model import SearchResult, Stored
from bedside.record.record import Record
from bedside.web import query, suggest
from bedside.web.counts import Counts
from bedside.web.names import Names
from bedside.web.raw import pretty
from bedside.web.readable import labels
from bedside.web.readable.shapes import Title
from bedside.web.readable.title import title
from bedside.web.readable.values import Values, resource_url
from bedside.web.shell import Visit

CURSOR = "_page"
PAGE = 20
_MOST = 100
_MARK = "."  # between the positions of earlier pages in an address
_TRAIL = 40
_COUNTED = 200_000  # resources of a type up to which the matches of a search are counted


@dataclass(frozen=True, slots=True)
class Hit:
    """One resource that was found."""

    href: str
    reference: str
    title: Title
    raw: str
    """The resource as JSON for people; empty where it is not asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results, and the ways on."""

    hits: list[Hit]
    included: list[Hit]
    total: int | None
    warnings: Sequence[str]
    number: int
    """Of the page, from 1."""
    previous: str | None
    next: str | None


def search_url(text: str, **more: str) -> str:
    """The page that answers a search as it is written in the box."""
    return "/search?" + urlencode({"q": text, **more}, safe="/:,$*|?=", quote_via=quote)


class SearchPages:
    """The search page and the list of a type, over one record."""

    def __init__(self, record: Record, counts: Counts) -> None:
        self._record = record
        self._counts = counts

    def search(self, visit: Visit) -> Response:
        """`/search?q=Patient?name=vries`: runs it, opens the one resource, or asks what was meant."""
        text = visit.query("q").strip()
        try:
            asked = query.read(text)
        except FhirError as error:
            return self._page(visit, text, problem=error)
        match asked:
            case query.Resource(type=name, id=id_, version=version):
                return visit.redirect(resource_url(name, id_, version))
            case query.Search():
                return self._answer(visit, asked)
            case query.Words():
                found = suggest.by_words(self._record, visit.words, self._counts.get(), asked.text)
                return self._page(visit, text, words=asked, suggestions=found)
        return self._page(visit, text)

    def list(self, visit: Visit) -> Response:
        """`/record/Patient`: everything of a type, what was written last first."""
        name = visit.request.path_params["type"]
        require_type(name)
        return self._answer(visit, query.Search(name, [("_sort", "-_lastUpdated")]), listed=name)

    def _answer(self, visit: Visit, asked: query.Search, listed: str | None = None) -> Response:
        plain = asked.without(CURSOR, "_format", "_pretty")
        parameters = list(plain.parameters)
        if cursor := visit.query("page"):
            parameters.append((CURSOR, cursor))
        if listed is None and not any(name in ("_total", "_summary") for name, _ in parameters) and self._small(plain):
            parameters.append(("_total", "accurate"))
        try:
            result = self._record.search(
                plain.type,
                parameters,
                strict=True,
                compartment=plain.compartment,
                default_count=PAGE,
                max_count=_MOST,
            )
        except FhirError as error:
            return self._page(visit, plain.text, problem=error, better=suggest.corrected(self._record, plain))
        if listed is not None:
            result.total = self._counts.get().get(listed, 0)
        as_json = visit.query("view") == "json"
        found = self._found(visit, plain, result, as_json, listed)
        return self._page(visit, plain.text, asked=plain, listed=listed, found=found, as_json=as_json)

    def _small(self, asked: query.Search) -> bool:
        """Whether counting all matches takes no longer than a reader would wait."""
        counts = self._counts.get()
        return (counts.get(asked.type, 0) if asked.type else sum(counts.values())) <= _COUNTED

    def _found(
        self, visit: Visit, asked: query.Search, result: SearchResult, as_json: bool, listed: str | None
    ) -> Found:
        values = Values(visit.locale, Names(self._record, visit.locale))

        # The record turns pages forward only, so an address remembers the pages before it.
        here = visit.query("page")
        before = visit.query("back").split(_MARK) if here else []

        def turn(cursor: str, trail: list[str]) -> str:
            more = {"page": cursor, "back": _MARK.join(trail[-_TRAIL:])} if cursor else {}
            if as_json:
                more["view"] = "json"
            if listed is not None:
                return f"/record/{listed}?{urlencode(more)}" if more else f"/record/{listed}"
            return search_url(asked.text, **more)

        return Found(
            hits=[_hit(values, stored, as_json) for stored in result.matches],
            included=[_hit(values, stored, as_json) for stored in result.included],
            total=result.total,
            warnings=result.warnings,
            number=len(before) + 1,
            previous=turn(before[-1], before[:-1]) if before else None,
            next=turn(result.next, [*before, here]) if result.next else None,
        )

    def _page(
        self,
        visit: Visit,
        text: str,
        *,
        asked: query.Search | None = None,
        listed: str | None = None,
        found: Found | None = None,
        as_json: bool = False,
        problem: FhirError | None = None,
        better: query.Search | None = None,
        words: query.Words | None = None,
        suggestions: Sequence[suggest.Suggestion] = (),
    ) -> Response:
        name = asked.type if asked else None
        return visit.render(
            "search.html",
            status=problem.status if problem else 200,
            text=text,
            asked=asked,
            listed=listed,
            kind=labels.type_name(visit.words, name, 2) if name else "",
            found=found,
            as_json=as_json,
            problems=[issue.message for issue in problem.issues] if problem else [],
            better=better.text if better else None,
            words=words,
            suggestions=suggestions,
            parameters=self._parameters(name) if name else [],
            search_url=search_url,
        )

    def _parameters(self, name: str) -> Sequence[tuple[str, str]]:
        """The search parameters of a type with their kinds, its own before those that every type has."""
        known = self._record.registry.for_type(name).values()
        return sorted(((each.code, each.type) for each in known), key=lambda pair: (pair[0][0] == "_", pair[0]))


def _hit(values: Values, stored: Stored, as_json: bool) -> Hit:
    return Hit(
        href=resource_url(stored.type, stored.id),
        reference=stored.reference,
        title=title(values, stored.resource),
        raw=pretty(stored.body or b"") if as_json else "",
    )


def require_type(name: str) -> None:
    """Raises NotFound, with the nearest type, for what is no resource type."""
    if not definitions.is_resource_type(name):
        near = query.nearest(name) or next(
            iter(difflib.get_close_matches(name, definitions.resource_types(), 1, 0.5)), None
        )
        raise NotFound(f"{name!r} is not a resource type of R4." + (f" Did you mean {near}?" if near else ""))
