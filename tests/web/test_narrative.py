"""Narrative can do nothing but be read."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.web.readable.narrative import sanitise

ALLOWED = frozenset(
    (
        "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "br", "hr", "p", "div", "span", "pre",
        "blockquote", "q", "cite", "code", "kbd", "samp", "var", "dfn", "abbr", "ul", "ol", "li", "dl", "dt", "dd",
        "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h4", "h5", "h6"
    )
)  # fmt: skip


class Inspector(HTMLParser):
    """Collects what a reader of the result sees: its tags, and whether they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ("colspan", "rowspan") or not (value or "").isdecimal():
                self.faults.append(f"{name}={value}")
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of place")

    def handle_comment(self, data: str) -> None:
        self.faults.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("instruction")


def faults(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.faults + inspector.open


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("<div>Weight <b>down</b> 1.2 kg</div>", "<div>Weight <b>down</b> 1.2 kg</div>"),
        ("<p>a<br/>b</p>", "<p>a<br>b</p>"),
        (
            '<table><tr><td colspan="2" style="x" onclick="y">5</td></tr></table>',
            '<table><tr><td colspan="2">5</td></tr></table>',
        ),
        ("<h1>Course</h1>", "<h4>Course</h4>"),
        ("<p>never closed", "<p>never closed</p>"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
        ("1 < 2 &amp;lt;b&amp;gt;", "1 &lt; 2 &amp;lt;b&amp;gt;"),
        ("<img src=x onerror=alert(1) alt='a heart'>", "a heart"),
        ("<a href='javascript:alert(1)'>words</a>", "words"),
        ("<p>a</p><!-- secret --><?php evil ?>", "<p>a</p>"),
        ("<script>alert(1)</script>", ""),
        ("<style>p{}</style><p> </p>", ""),
        ("<svg><p>x</p></svg>", ""),
        ("<sc<script>ript>alert(1)</script>b", "ript&gt;alert(1)b"),  # no tag of that name; the rest is words
    ],
)
def test_what_stays_and_what_goes(given_: str, kept: str) -> None:
    assert sanitise(given_) == kept


_HOSTILE = """
<div> </div> <p/onclick=x> </p> <b> </b> <script> </script> <style> </style> <img/src=x/onerror=y> <svg/onload=z> </svg>
<math> <a/href=javascript:x> </a> <!-- --> <![CDATA[ ]]> <iframe/srcdoc='<script>'> <td/colspan=99999999> <td/colspan=2>
< > &lt; &#60;script&#62; " ' = / \0 <textarea> </textarea> <title> <noscript> <xmp> <table> <tr>
"""
_PIECES = st.sampled_from(_HOSTILE.split())


@given(st.lists(_PIECES | st.text(max_size=8), max_size=40))
def test_whatever_goes_in_only_harmless_and_well_nested_tags_come_out(pieces: list[str]) -> None:
    assert faults(sanitise("".join(pieces))) == []


def test_depth_is_bounded() -> None:
    assert faults(sanitise("<div>" * 5000 + "x")) == []
    assert sanitise("<div>" * 5000 + "x").count("<div>") < 100
