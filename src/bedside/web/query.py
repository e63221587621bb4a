"""What somebody typed into the search box: a FHIR search, an address, a resource, or just words."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_VERB = re.compile(r"(?:GET|POST)\s+", re.IGNORECASE)
# What parse_qsl leaves alone; a search stays readable in the address of its page.
_SAFE = "/:,$*()!'@;?~|"
_LONGEST = 8000

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Search:
    """A search: of a type (None: of all), perhaps in a compartment, with its parameters in order."""

    type: str | None
    parameters: Parameters
    compartment: tuple[str, str] | None = None

    @property
    def path(self) -> str:
        """Below the base: `Patient`, `Patient/1/Observation`, or nothing for a search of everything."""
        parts = [*(self.compartment or ()), self.type or ("*" if self.compartment else "")]
        return "/".join(part for part in parts if part)

    @property
    def text(self) -> str:
        """As one writes it: `Patient?name=vries`."""
        return f"{self.path}?{encode(self.parameters)}" if self.parameters else self.path or "?"

    def without(self, *names: str) -> Search:
        """The same search without some parameters."""
        return Search(self.type, [pair for pair in self.parameters if pair[0] not in names], self.compartment)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, or one version of it."""

    type: str
    id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """No query, but words that may be turned into one."""

    text: str
    near: str | None
    """The resource type that was perhaps meant."""


Asked = Search | Resource | Words


def read(text: str) -> Asked | None:
    """What was typed; None when it is nothing.

    `Patient?name=vries`, `Patient`, `Patient/1/Observation?code=x`, `?_type=...`, `Patient/1`,
    `Patient/1/_history/2`; each also as a whole address, with or without `GET` before it. Raises Invalid for a query
    that cannot be read.
    """
    text = _VERB.sub("", text.strip(), count=1)
    if not text:
        return None
    if len(text) > _LONGEST:
        raise Invalid("This is too long for a search.", code="too-long")
    path, query = _split(text)
    parts = [unquote(part) for part in path.split("/") if part]
    if not parts:
        return Search(None, query) if "?" in text else None
    if not definitions.is_resource_type(parts[0]):
        if "?" in text or "/" in text:
            raise Invalid(_no_type(parts[0]), code="not-found")
        return Words(text, nearest(parts[0]))
    return _about(parts, query)


def _about(parts: list[str], query: Parameters) -> Asked:
    match parts:
        case [name]:
            return Search(name, query)
        case [name, "_search"]:
            return Search(name, query)
        case [name, id_] if _ID.fullmatch(id_):
            return Resource(name, id_)
        case [name, id_, "_history"] if _ID.fullmatch(id_):
            return Resource(name, id_)
        case [name, id_, "_history", version] if _ID.fullmatch(id_) and version.isdecimal() and len(version) < 10:
            return Resource(name, id_, int(version))
        case [name, id_, inner] if _ID.fullmatch(id_) and name in definitions.compartments():
            if inner == "*":
                return Search(None, query, (name, id_))
            if definitions.is_resource_type(inner):
                return Search(inner, query, (name, id_))
            raise Invalid(_no_type(inner), code="not-found")
    raise Invalid(
        f"{'/'.join(parts)!r} is neither a search nor a resource: write Type?parameter=value or Type/id.", code="value"
    )


def _split(text: str) -> tuple[str, Parameters]:
    """The path below the base, and the parameters."""
    if "://" in text.partition("?")[0]:
        address = urlsplit(text)
        path, query = address.path, address.query
    else:
        path, _, query = text.partition("?")
    path = path.strip("/")
    for base in ("fhir/", "record/"):
        path = path.removeprefix(base)
    try:
        # A plus is typed as a plus here, as in +01:00; only what a browser encoded means a blank by it.
        parameters = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except UnicodeError:
        raise Invalid("The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise Invalid("These are too many parameters.", code="too-long") from None
    return "" if path == "fhir" else path, parameters


def encode(parameters: Parameters) -> str:
    """Parameters as a query that `read` reads back, still readable for people."""
    return "&".join(f"{quote(name, safe=_SAFE)}={quote(value, safe=_SAFE)}" for name, value in parameters)


def nearest(name: str) -> str | None:
    """The resource type nearest to a name that is none: `patient` and `Pateint` are `Patient`."""
    known = {each.lower(): each for each in definitions.resource_types()}
    lower = name.lower()
    if lower in known:
        return known[lower]
    near = difflib.get_close_matches(lower, known, 1, 0.72)
    return known[near[0]] if near else None


def _no_type(name: str) -> str:
    near = nearest(name)
    return f"{name!r} is not a resource type of R4." + (f" Did you mean {near}?" if near else "")
