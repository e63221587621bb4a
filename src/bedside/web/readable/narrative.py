"""Narrative made safe: only elements on a list, almost no attributes, everything else as text or not at all.

A resource's own narrative is not shown, because the page writes its own. But the sections of a letter
(Composition.section.text) are narrative and nothing else, so they are read by a parser and written again from what
may stay. Nothing of the input is copied: each tag is written by us, closed by us, and all text is escaped.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

_KEPT = frozenset(
    (
        "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "br", "hr", "p", "div", "span", "pre",
        "blockquote", "q", "cite", "code", "kbd", "samp", "var", "dfn", "abbr", "ul", "ol", "li", "dl", "dt", "dd",
        "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"
    )
)  # fmt: skip
_EMPTY = frozenset(("br", "hr"))
_RENAMED = {"h1": "h4", "h2": "h4", "h3": "h5", "h4": "h5", "h5": "h6", "h6": "h6", "tt": "code", "big": "span"}
# Their text is no text for people. `title` and `textarea` are here because browsers read their content differently.
_SILENT = frozenset(
    (
        "script", "style", "head", "title", "template", "iframe", "object", "svg", "math", "textarea", "select",
        "noscript", "xmp"
    )
)  # fmt: skip
_SPANS = frozenset(("colspan", "rowspan"))
_DEEPEST = 60


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        if self._silent:
            return
        if tag == "img":
            self.handle_data(next((value or "" for name, value in attrs if name == "alt"), ""))
            return
        tag = _RENAMED.get(tag, tag)
        if (tag not in _KEPT and tag not in _RENAMED.values()) or len(self._open) >= _DEEPEST:
            return
        spans = [(n, v) for n, v in attrs if n in _SPANS and tag in ("td", "th") and v and v.isdecimal() and len(v) < 3]
        written = "".join(f' {name}="{int(value or 1)}"' for name, value in spans)
        self.parts.append(f"<{tag}{written}>")
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        tag = _RENAMED.get(tag, tag)
        if tag in _EMPTY or tag not in self._open:
            return
        while self._open:
            closed = self._open.pop()
            self.parts.append(f"</{closed}>")
            if closed == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(escape(data))

    def finish(self) -> str:
        self.close()
        while self._open:
            self.parts.append(f"</{self._open.pop()}>")
        return "".join(self.parts)


def sanitise(xhtml: str) -> str:
    """Narrative (Narrative.div) as markup that is safe to put into a page; empty when nothing readable is in it."""
    cleaner = _Cleaner()
    cleaner.feed(xhtml)
    found = cleaner.finish()
    return found if any(not part.startswith("<") and part.strip() for part in cleaner.parts) else ""
