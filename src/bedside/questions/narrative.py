"""Whether a narrative's XHTML keeps to what R4 allows: txt-1 and txt-2 (https://hl7.org/fhir/R4/narrative.html)."""

from __future__ import annotations

from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"

_ELEMENT_NAMES = """
    a abbr acronym address area b bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em
    font h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q s samp small span strike strong sub sup table tbody td
    tfoot th thead tr tt u ul var
"""
_ATTRIBUTE_NAMES = """
    abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset
    cite class clear color colspan compact coords dir frame halign headers height href hreflang hspace id lang longdesc
    name noshade nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value
    vspace width
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_WITHOUT_TEXT = frozenset({"img"})
"""Elements that make a narrative worth reading although they hold no text."""

MAX_DEPTH = 200


def is_allowed(text: str) -> bool:
    """True for one well-formed XHTML `div` with only allowed elements and attributes, and something to see.

    No document type is accepted, so no entity can be declared; of HTML's named entities only XML's own five are known.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    reader = _Reader()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.ProcessingInstructionHandler = reader.refuse
    parser.UseForeignDTD(False)
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, _NotAllowed, UnicodeEncodeError):
        return False
    return reader.something_to_see


class _NotAllowed(Exception):
    pass


class _Reader:
    def __init__(self) -> None:
        self.depth = 0
        self.something_to_see = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace != XHTML or local not in _ELEMENTS or (self.depth == 0 and local != "div"):
            raise _NotAllowed
        for attribute in attributes:
            if attribute.rpartition(" ")[2] not in _ATTRIBUTES:
                raise _NotAllowed
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotAllowed
        self.something_to_see |= local in _WITHOUT_TEXT

    def end(self, name: str) -> None:
        self.depth -= 1

    def characters(self, text: str) -> None:
        self.something_to_see |= bool(text.strip())

    def refuse(self, *_: object) -> None:
        raise _NotAllowed
