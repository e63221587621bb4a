"""A request as interactions see it, and the reply they give: no sockets, no ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bedside.api import dates
from bedside.api.links import query_text
from bedside.api.prefer import Preferences, parse_prefer
from bedside.fhir import json
from bedside.fhir.outcome import Invalid, Issue
from bedside.record.model import Resource, Stored

FHIR_JSON = "application/fhir+json; charset=utf-8"

Parameters = list[tuple[str, str]]


@dataclass
class Request:
    """One interaction that is asked for, over HTTP or as an entry of a bundle.

    `path` is what follows the base, without empty segments; `query` its decoded parameters without those that only
    shape the answer (`_format`, `_pretty`), which lie in `shape`. The dispatcher fills `type`, `id` and `tail` from
    the path: for `Patient/7/_history/2` the tail is `2`, for `Patient/7/Observation` it is `Observation`, for
    `Patient/$validate` the operation's name. Header names are in lower case.
    """

    method: str
    path: tuple[str, ...]
    query: Parameters
    headers: Mapping[str, str]
    base: str
    body: bytes = b""
    content: Any = None
    """The decoded body, where it came decoded: the resource of a bundle entry."""
    full_url: str | None = None
    """Bundle.entry.fullUrl, for an entry."""
    nested: bool = False
    """True for an entry of a bundle."""
    shape: Parameters = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)
    """What was noticed on the way and does not keep the request from being done; told where the client asks for it."""
    type: str = ""
    id: str = ""
    tail: str = ""

    @cached_property
    def prefer(self) -> Preferences:
        """What the Prefer header asks for; raises Invalid when it contradicts itself."""
        return parse_prefer(self.headers.get("prefer", ""))

    def condition(self) -> str:
        """The query as the text of a condition, for conditional update, patch and delete."""
        return query_text(self.query)

    def refuse_parameters(self, *known: str) -> None:
        """Refuse query parameters that this interaction does not have, unless handling=lenient was asked for.

        A mistyped `_sumary` would otherwise go unnoticed.
        """
        if self.prefer.handling == "lenient":
            return
        for name, _ in self.query:
            if name not in known:
                raise Invalid(f"The parameter `{name}` has no meaning for this request.", code="not-supported")

    def parameter(self, name: str) -> str | None:
        """The value of a parameter that may appear once; Invalid when it appears more often."""
        values = [value for key, value in self.query if key == name]
        if len(values) > 1:
            raise Invalid(f"The parameter `{name}` may be given only once.")
        return values[0] if values else None

    def resource(self) -> Resource:
        """The resource in the body; Invalid when there is none or it is not JSON."""
        found = self.content
        if found is None:
            if not self.body:
                raise Invalid("A resource was expected in the body, which is empty.", code="required")
            return json.decode_object(self.body)
        if not isinstance(found, dict):
            raise Invalid("A resource is a JSON object; this is not one.", code="structure")
        return found


@dataclass
class Reply:
    """An answer: a status, headers, and one of encoded JSON, a resource, other bytes, or a stream.

    `stored` is the version that the answer is about; it gives ETag and Last-Modified. `located` says that the
    client is told where that version is: it was written.
    """

    status: int
    resource: Resource | None = None
    content: bytes | None = None
    media: str = FHIR_JSON
    headers: dict[str, str] = field(default_factory=dict)
    stored: Stored | None = None
    located: bool = False
    stream: AsyncIterator[bytes] | None = None

    @property
    def is_fhir(self) -> bool:
        """True when the body is a FHIR resource as JSON."""
        return self.media is FHIR_JSON

    def encoded(self) -> bytes:
        """The body as bytes; empty when there is none."""
        if self.content is None:
            return b"" if self.resource is None else json.encode(self.resource)
        return self.content

    def all_headers(self, base: str) -> dict[str, str]:
        """The headers of this reply, those of its version included (R4 http.html#read, #create).

        What was created is at Location; what an update or a conditional create found is at Content-Location.
        """
        stored = self.stored
        if stored is None:
            return self.headers
        headers = {"etag": stored.etag, "last-modified": dates.http_date(stored.updated), **self.headers}
        if self.located:
            place = f"{base}/{stored.reference}/_history/{stored.version}"
            headers["location" if self.status == 201 else "content-location"] = place
        return headers
