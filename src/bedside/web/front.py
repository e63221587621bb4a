"""The front page: what is in the record, how fast it is written, and what came in last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from bedside.fhir.outcome import FhirError
from bedside.record.model import Method, Stored
from bedside.record.record import Record
from bedside.web import activity, chart, query
from bedside.web.counts import Counts
from bedside.web.locale import Locale, Moment
from bedside.web.names import Names
from bedside.web.readable import labels
from bedside.web.readable.shapes import Title
from bedside.web.readable.title import title
from bedside.web.readable.values import Values, resource_url
from bedside.web.search_pages import search_url
from bedside.web.shell import Visit

_LATEST = 12

# Searches to try; each is offered when the record holds its type.
_EXAMPLES = (
    "Patient?name=de vries",
    "Observation?code=http://loinc.org|2823-3&_sort=-date",
    "Condition?code:text=diabetes&clinical-status=active",
    "Encounter?status=in-progress",
    "Patient?birthdate=lt1945&_sort=birthdate",
    "MedicationRequest?status=active&_sort=-authoredon",
)
_MOST_EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class TypeCount:
    """One line of the table of types."""

    type: str
    name: str
    count: int
    share: int
    """Of the largest, 0 to 1000."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the latest changes. `title` is None for a deletion."""

    reference: str
    href: str
    kind: str
    method: Method
    moment: Moment
    title: Title | None


class Front:
    """The front page of one record; keeps what it counted between requests."""

    def __init__(self, record: Record, counts: Counts) -> None:
        self._record = record
        self._counts = counts
        self._edges: dict[int, int] = {}
        self._examples: list[str] = []
        self._examples_of: Mapping[str, int] = {}

    def __call__(self, visit: Visit) -> Response:
        counts = self._counts.get()
        window = visit.query("window")
        if len(self._edges) > 5000:
            self._edges.clear()
        locale = visit.locale
        load = activity.measure(self._record.store.reader(), window, locale.now, locale.zone, self._edges)
        rows = [(edge_words(locale, bar.start, load.unit), bar) for bar in load.bars] if load else []
        return visit.render(
            "front.html",
            types=types(locale, counts),
            total=sum(counts.values()),
            patients=counts.get("Patient", 0),
            load=load,
            rows=rows,
            rects=chart.bars([(f"{words}: {locale.number(bar.count)}", bar.count) for words, bar in rows]),
            most=most(locale, load) if load and load.total else "",
            window=window if window in activity.WINDOWS else "",
            changes=latest(self._record, locale),
            examples=self._find_examples(counts),
            search_url=search_url,
        )

    def _find_examples(self, counts: Mapping[str, int]) -> list[str]:
        """The examples; tried again when there are other types in the record than before."""
        if self._examples_of.keys() != counts.keys() or not self._examples:
            self._examples, self._examples_of = examples(self._record, counts), counts
        return self._examples


def examples(record: Record, counts: Mapping[str, int]) -> list[str]:
    """Searches to try that find something in this record."""
    found: list[str] = []
    for text in _EXAMPLES:
        asked = query.read(text)
        if isinstance(asked, query.Search) and asked.type in counts and len(found) < _MOST_EXAMPLES:
            try:
                if record.search(asked.type, asked.parameters, default_count=1).matches:
                    found.append(text)
            except FhirError:  # not on this store; then it is no good example
                continue
    return found


def edge_words(locale: Locale, start: int, unit: str) -> str:
    """The beginning of an interval, as precise as its length asks for."""
    when = locale.clock(start)
    if unit == "day":
        return locale.moment(when.date().isoformat()).text
    if unit in ("month", "year"):
        return locale.moment(when.date().isoformat()[: 7 if unit == "month" else 4]).text
    text = locale.micros(start).text
    return f"{text}:{when.second:02d}" if unit == "second" else text


def most(locale: Locale, load: activity.Activity) -> str:
    """The busiest interval in words: `at most 4,215 in 5 seconds (12 Nov 2026, 14:05:30)`."""
    ngettext, amount = locale.words.ngettext, load.amount
    length = {
        "second": ngettext("%(n)s second", "%(n)s seconds", amount),
        "minute": ngettext("%(n)s minute", "%(n)s minutes", amount),
        "hour": ngettext("%(n)s hour", "%(n)s hours", amount),
        "day": ngettext("%(n)s day", "%(n)s days", amount),
        "month": ngettext("%(n)s month", "%(n)s months", amount),
        "year": ngettext("%(n)s year", "%(n)s years", amount),
    }[load.unit] % {"n": amount}
    return locale.words.gettext("at most %(count)s in %(length)s (%(when)s)") % {
        "count": locale.number(load.peak.count),
        "length": length,
        "when": edge_words(locale, load.peak.start, load.unit),
    }


def types(locale: Locale, counts: Mapping[str, int]) -> list[TypeCount]:
    """The types that the record holds, the most frequent first."""
    most = max(counts.values(), default=0)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        TypeCount(name, labels.type_name(locale.words, name, 2), count, max(count * 1000 // most, 2))
        for name, count in ordered
    ]


def latest(record: Record, locale: Locale) -> list[Change]:
    """The newest versions in the record, newest first."""
    values = Values(locale, Names(record, locale))
    return [change(locale, values, stored) for stored in record.history(count=_LATEST).versions]


def change(locale: Locale, values: Values, stored: Stored) -> Change:
    """One version as something that happened."""
    return Change(
        reference=stored.reference,
        href=resource_url(stored.type, stored.id),
        kind=labels.type_name(locale.words, stored.type),
        method=stored.method,
        moment=locale.micros(stored.updated),
        title=None if stored.deleted else title(values, stored.resource),
    )
