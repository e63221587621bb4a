"""Which words to show for a concept, and which are right (https://hl7.org/fhir/R4/codesystem.html#designations)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bedside.terms.concepts import Designation


def language_matches(found: str | None, wanted: str) -> bool:
    """Whether a language tag is the wanted one or a variety of it: `de-CH` is German (RFC 4647, 3.3.1)."""
    if found is None:
        return False
    own, asked = found.lower(), wanted.lower()
    return own == asked or own.startswith(asked + "-")


def shown(display: str | None, designations: Sequence[Designation], language: str | None) -> str | None:
    """The words to show. `language` is a tag or an Accept-Language list; the first with a designation wins, and
    otherwise it is the display of the code system."""
    if language and designations:
        for tag in preferred(language):
            for wanted in dict.fromkeys((tag, tag.partition("-")[0])):
                for designation in designations:
                    if designation.get("value") and language_matches(designation.get("language"), wanted):
                        return str(designation["value"])
    return display


def preferred(header: str) -> list[str]:
    """The tags of an Accept-Language list, the most wanted first."""
    found = []
    for place, part in enumerate(header.split(",")):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if tag and tag != "*" and quality > 0:
            found.append((-quality, place, tag))
    return [tag for _, _, tag in sorted(found)]


def is_right(text: str, display: str | None, designations: Iterable[Designation]) -> bool:
    """Whether a display is one of the concept's own words. Case and spaces do not count."""
    wanted = _folded(text)
    return any(_folded(each) == wanted for each in _all(display, designations))


def _all(display: str | None, designations: Iterable[Designation]) -> Iterator[str]:
    if display is not None:
        yield display
    for each in designations:
        if each.get("value"):
            yield each["value"]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
