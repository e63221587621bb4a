"""What form an answer takes, and what form a body has: media types (R4 http.html#mime-type), `_format`, `_pretty`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from bedside.fhir.outcome import Invalid, NotAcceptable, UnsupportedMediaType

_JSON = frozenset(("application/fhir+json", "application/json", "application/json+fhir", "text/json"))
_JSON_WORDS = frozenset(("json", *_JSON))
_XML = frozenset(("xml", "application/fhir+xml", "application/xml", "application/xml+fhir", "text/xml"))
_PATCH = "application/json-patch+json"
_FORM = "application/x-www-form-urlencoded"
_TRUE = {"true": True, "false": False}


class Accepted(NamedTuple):
    """What an Accept header allows. `fhir` says that a resource as JSON will do, `pretty` that a person is looking."""

    fhir: bool
    pretty: bool


class MediaRange(NamedTuple):
    """One member of an Accept header."""

    media: str
    quality: float
    fhir_version: str | None


@lru_cache(512)
def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """The members of an Accept header, the most wanted first; an empty header accepts everything."""
    found = []
    for part in header.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        quality, version = 1.0, None
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
            elif name.strip().lower() == "fhirversion":
                version = value.strip().strip('"')
        if media:
            found.append(MediaRange(media.lower(), quality, version))
    found.sort(key=lambda each: -each.quality)
    return tuple(found) or (MediaRange("*/*", 1.0, None),)


def speaks_json(each: MediaRange) -> bool:
    """True when FHIR's JSON is within this media range. A blank in it is a `+` that a client forgot to escape."""
    media = each.media.replace(" ", "+")
    return media in _JSON or media in ("*/*", "application/*")


@lru_cache(512)
def accept_fhir(accept: str) -> Accepted:
    """Whether a resource as JSON answers this Accept header. Raises NotAcceptable (406) when it does not."""
    ranges = [each for each in parse_accept(accept) if each.quality > 0]
    for each in ranges:
        if speaks_json(each):
            if each.fhir_version not in (None, "4.0", "4.0.1"):
                raise NotAcceptable(f"This server speaks FHIR 4.0 (R4), not {each.fhir_version}.")
            return Accepted(True, any(r.media == "text/html" for r in ranges))
    raise NotAcceptable(_refusal(ranges[0].media if ranges else accept))


def _refusal(wanted: str) -> str:
    if wanted in _XML:
        return "XML is not spoken here yet; ask for application/fhir+json."
    return f"Resources are served as application/fhir+json; {wanted!r} is not available."


def check_format(value: str) -> None:
    """Check a `_format` parameter, which overrides the Accept header. Raises NotAcceptable when it is not JSON."""
    media, *parameters = (piece.strip().lower() for piece in value.split(";"))
    media = media.replace(" ", "+")
    if media not in _JSON_WORDS:
        raise NotAcceptable(_refusal(media))
    for parameter in parameters:
        name, _, version = parameter.partition("=")
        if name.strip() == "fhirversion" and version.strip('" ') not in ("4.0", "4.0.1"):
            raise NotAcceptable(f"This server speaks FHIR 4.0 (R4), not {version}.")


def truth(name: str, value: str) -> bool:
    """A boolean parameter. Raises Invalid for anything but true and false."""
    found = _TRUE.get(value)
    if found is None:
        raise Invalid(f"{name} must be true or false, not {value!r}.", code="value")
    return found


def media_type(content_type: str) -> str:
    """The media type of a Content-Type header, without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_fhir_json(content_type: str) -> bool:
    """True for a Content-Type that a resource as JSON may have, whatever its parameters."""
    return media_type(content_type) in _JSON


@lru_cache(512)
def require_fhir(content_type: str) -> None:
    """Refuse a body that is not FHIR's JSON in UTF-8. Raises UnsupportedMediaType (415).

    A body without a Content-Type is refused as well: a web page elsewhere can make a browser send one.
    """
    if not is_fhir_json(content_type):
        what = f"{media_type(content_type)!r}" if content_type else "a body without Content-Type"
        if media_type(content_type) in _XML:
            what = "XML"
        raise UnsupportedMediaType(f"Resources are read as application/fhir+json; {what} is not accepted here.")
    _require_utf8(content_type)
    version = _parameter(content_type, "fhirversion")
    if version not in (None, "4.0", "4.0.1"):
        raise UnsupportedMediaType(f"This server speaks FHIR 4.0 (R4), not {version}.")


def require_patch(content_type: str) -> None:
    """Refuse a patch that is not a JSON Patch. Raises UnsupportedMediaType (415)."""
    if media_type(content_type) != _PATCH:
        raise UnsupportedMediaType(f"Patches are read as {_PATCH}; {media_type(content_type)!r} is not accepted here.")
    _require_utf8(content_type)


def require_form(content_type: str) -> None:
    """Refuse a body of `_search` that is not a form. Raises UnsupportedMediaType (415)."""
    if media_type(content_type) != _FORM:
        raise UnsupportedMediaType(f"Search parameters are posted as {_FORM}, not {media_type(content_type)!r}.")
    _require_utf8(content_type)


def _require_utf8(content_type: str) -> None:
    charset = _parameter(content_type, "charset")
    if charset is not None and charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"FHIR is written in UTF-8, not in {charset}.")


def _parameter(content_type: str, name: str) -> str | None:
    for part in content_type.split(";")[1:]:
        key, _, value = part.partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"')
    return None
