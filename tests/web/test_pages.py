"""Pages over a real record, asked by HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from bedside.record.model import Delete
from bedside.record.record import Record
from bedside.web.pages import application
from web.samples import ANNA, EVIL, HOSPITAL, WICKED, WICKED_LETTER, Pages, ask, observation, patient, write

EVERY_PAGE = (
    "/",
    "/?window=hour",
    "/search",
    "/search?q=Patient?gender=female",
    "/search?q=Patient&view=json",
    "/search?q=Patient?nam=x",
    "/search?q=bakker",
    "/record/Observation",
    "/record/Patient/anna",
    "/record/Patient/anna/1",
    "/record/Composition/letter",
    "/design",
    "/docs",
    "/nowhere",
)


class Outline(HTMLParser):
    """The addresses and the event handlers of a page, and every tag by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("href", "src", "action", "srcset", "data", "formaction", "poster"):
                self.addresses.append(value or "")
            if name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}")
            if name == "id":
                self.ids.append(value or "")
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self.inline.append(tag)


# --- every page


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_keeps_its_data_to_itself(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    outline = Outline(answer.text)
    foreign = [each for each in outline.addresses if not re.match(r"/(?!/)|#", each)]
    assert foreign == []
    assert outline.handlers == []
    assert outline.inline == []
    assert len(outline.ids) == len(set(outline.ids))
    for landmark in ("header", "main", "footer", "nav", "h1"):
        assert landmark in outline.tags
    assert outline.tags.count("h1") == 1
    assert "Open record, synthetic data only." in answer.text


@pytest.mark.parametrize("path", EVERY_PAGE)
@pytest.mark.parametrize("language", ["nl", "fr"])
def test_a_page_speaks_the_readers_language(pages: Pages, path: str, language: str) -> None:
    answer = pages.get(path, {"accept-language": f"{language}-BE,en;q=0.5"})
    assert f'<html lang="{language}">' in answer.text
    assert "Skip to the content" not in answer.text
    assert "Accept-Language" in answer.headers["vary"]


def test_a_language_that_was_chosen_is_remembered(pages: Pages) -> None:
    answer = pages.get("/record/Patient?lang=nl")
    assert "Patiënten" in answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("bedside-language=nl;")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert 'lang="nl"' in pages.get("/", {"cookie": "bedside-language=nl", "accept-language": "fr"}).text
    assert "set-cookie" not in pages.get("/?lang=klingon").headers
    # The way to the other languages keeps the rest of the address.
    assert "/search?q=Patient&amp;lang=fr" in pages.get("/search?q=Patient&lang=nl").text


def test_no_warning_when_the_record_is_not_open(record: Record) -> None:
    answer = ask(application(record, open_mode=False), "/")
    assert answer.status_code == 200
    assert "synthetic data only" not in answer.text


def test_only_the_servers_own_names_are_answered(record: Record) -> None:
    app = application(record, open_mode=True, allowed_hosts=("localhost", "127.0.0.1", "::1"))
    for host in ("localhost:8000", "LOCALHOST", "127.0.0.1:80", "[::1]:8000"):
        assert ask(app, "/", {"host": host}).status_code == 200
    for host in ("evil.example", "evil.example:8000", "localhost.evil.example", "[", ""):
        assert ask(app, "/", {"host": host}).status_code == 400


# --- assets


def test_assets_have_the_name_of_their_content_and_may_be_kept(empty_pages: Pages) -> None:
    page = empty_pages.get("/").text
    found = re.findall(r'"(/assets/[^"]+)"', page)
    assert {each.rsplit(".", 1)[1] for each in found} == {"css", "js", "svg"}
    for path in found:
        answer = empty_pages.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["etag"].strip('"') in path
        assert len(answer.content) > 200
        again = empty_pages.get(path, {"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""
        plain = empty_pages.get(path, {"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content
    assert empty_pages.get("/assets/shell.000000000000.css").status_code == 404
    assert empty_pages.get("/assets/..%2f..%2fshell.py").status_code == 404


# --- the front page


def test_an_empty_record_says_how_to_begin(empty_pages: Pages) -> None:
    page = empty_pages.get("/").text
    assert "The record is empty" in page
    assert "make demo" in page
    assert "bedside load" in page
    assert "By type" not in page


def test_the_front_page_counts_and_shows_the_latest(pages: Pages) -> None:
    page = pages.get("/").text
    assert f"<strong>{len(HOSPITAL)}</strong> resources" in page
    assert "about <strong>2</strong> patients" in page
    rows = re.findall(r'href="/record/(\w+)">([\w ]+)</a> <code>\w+</code>.*?<td>(\d+)</td>', page)
    assert rows[:2] == [("Observation", "Observations", "4"), ("Patient", "Patients", "2")]
    assert page.index("Diabetes type 2") < page.index("Blood pressure")  # newest first
    assert re.search(r'5\.60</span>&nbsp;<span class="unit"[^>]*>mmol/L', page)
    assert "De Vries, Anna" in page
    assert "<rect" in page
    assert "Show as a table" in page


def test_the_front_page_follows_what_is_written(pages: Pages) -> None:
    pages.get("/")
    pages.record.write(Delete("Observation", id="sodium"))
    page = pages.get("/").text
    assert "deleted" in page
    assert "/record/Observation/sodium" in page


def test_counts_are_taken_again_after_a_moment(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedside.web.counts._FRESH", 0.0)
    monkeypatch.setattr("bedside.web.counts._SHARE", 0)
    monkeypatch.setattr("bedside.web.counts._AT_ONCE", 60.0)
    assert "about <strong>2</strong> patients" in pages.get("/").text
    write(pages.record, patient("new", "Claes", "Wout"))
    assert "about <strong>3</strong> patients" in pages.get("/").text


# --- searching


def test_a_search_shows_what_it_found(pages: Pages) -> None:
    answer = pages.get("/search?q=Observation?code=http://loinc.org|2823-3")
    assert answer.status_code == 200
    assert "<strong>1</strong> found" in answer.text
    assert "Potassium" in answer.text
    assert 'class="unseen">high</span>' in answer.text
    assert "Haemoglobin" not in answer.text
    assert 'value="Observation?code=http://loinc.org|2823-3"' in answer.text
    assert 'href="/fhir/Observation?code=http://loinc.org|2823-3"' in answer.text


def test_a_search_as_json_keeps_every_digit(pages: Pages) -> None:
    page = pages.get("/search?q=Observation?_id=potassium&view=json").text
    assert "&#34;value&#34;: 5.60," in page


def test_pages_of_results_lead_on_and_back(pages: Pages) -> None:
    write(pages.record, *(patient(f"p{n:02}", "Many", f"N{n:02}") for n in range(45)))
    seen: list[str] = []
    url: str | None = "/search?q=Patient?family=Many%26_sort=given"
    turns = 0
    while url:
        page = pages.get(url).text
        assert "<strong>45</strong> found" in page
        seen += re.findall(r'<h2><a href="/record/Patient/(p\d\d)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following[1].replace("&amp;", "&") if following else None
        turns += 1
    assert turns == 3
    assert seen == [f"p{n:02}" for n in range(45)]
    for expected in (20, 0):
        back = re.search(r'rel="prev" href="([^"]+)"', page)
        assert back is not None
        page = pages.get(back[1].replace("&amp;", "&")).text
        assert f'<h2><a href="/record/Patient/p{expected:02}"' in page
    assert 'rel="prev"' not in page


def test_what_is_included_is_shown_apart(pages: Pages) -> None:
    page = pages.get("/search?q=Observation?_id=sodium%26_include=Observation:subject").text
    assert "Included with them" in page
    assert "De Vries, Anna" in page


def test_a_compartment_and_a_whole_address_are_searches_too(pages: Pages) -> None:
    assert "<strong>4</strong> found" in pages.get("/search?q=Patient/anna/Observation").text
    whole = "http://localhost:8000/fhir/Condition?subject=Patient/anna"
    assert "Diabetes type 2" in pages.get(f"/search?q={whole}").text


def test_an_id_opens_the_resource(pages: Pages) -> None:
    answer = pages.get("/search?q=Patient/anna", follow=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/record/Patient/anna"


def test_an_unknown_parameter_is_told_and_put_right(pages: Pages) -> None:
    answer = pages.get("/search?q=Patient?nam=vries")
    assert answer.status_code == 400
    assert "has no search parameter &#39;nam&#39;" in answer.text
    assert 'href="/search?q=Patient?name=vries"' in answer.text
    assert 'role="alert"' in answer.text


def test_words_are_looked_for_where_people_mean_them(pages: Pages) -> None:
    page = pages.get("/search?q=bakker").text
    assert "Patients, name" in page
    assert "Patient?name=bakker" in page
    assert "Conditions" not in page
    within = pages.get("/search?q=vries").text  # the family name begins with "de"
    assert "Patient?name:contains=vries" in within
    assert "Did you mean" in pages.get("/search?q=pateint").text
    assert "no name, number or diagnosis begins with it" in pages.get("/search?q=zzzz").text


@pytest.mark.parametrize("text", ["a,b", "a|b", "a$b", "a\\b", "%26", "?", "=", "Patient?", "x" * 9000, "\u0000", "🙂"])
def test_whatever_is_typed_gets_a_page(pages: Pages, text: str) -> None:
    answer = ask(pages.app, str(httpx.URL("/search", params={"q": text})))
    assert answer.status_code in (200, 400)
    assert "<main" in answer.text


# --- one resource


def test_a_resource_is_readable_and_raw(pages: Pages) -> None:
    page = pages.get("/record/Patient/anna").text
    assert "<span>De Vries, Anna</span>" in page
    assert re.search(r'<dt title="birthDate">Birth date</dt>\s*<dd><time[^>]*>12 Mar 1951</time>', page)
    assert "&#34;birthDate&#34;: &#34;1951-03-12&#34;" in page
    assert re.search(r'href="/search\?q=Observation\?subject=Patient/anna">Observations</a>', page)
    assert "<td>4</td>" in page


def test_codes_are_one_click_behind_their_words(pages: Pages) -> None:
    page = pages.get("/record/Condition/diabetes").text
    assert re.search(
        r"<details class=\"coded\"><summary>Diabetes type 2</summary>.*?<code>44054006</code>.*?SNOMED CT", page
    )


def test_versions_lead_to_what_was(pages: Pages) -> None:
    write(pages.record, {**ANNA, "gender": "other"})
    page = pages.get("/record/Patient/anna").text
    assert 'href="/record/Patient/anna/1"' in page
    old = pages.get("/record/Patient/anna/1")
    assert old.status_code == 200
    assert "This is an earlier version." in old.text
    assert re.search(r'<dt title="gender">Gender</dt>\s*<dd>female', old.text)
    assert pages.get("/record/Patient/anna/9").status_code == 404


def test_a_deleted_resource_says_so_and_leads_to_what_it_was(pages: Pages) -> None:
    pages.record.write(Delete("Observation", id="sodium"))
    answer = pages.get("/record/Observation/sodium")
    assert answer.status_code == 410
    assert "This resource was deleted." in answer.text
    assert 'href="/record/Observation/sodium/1"' in answer.text
    assert "deleted since" in pages.get("/record/Observation/sodium/1").text


def test_the_list_of_a_type_is_newest_first_with_its_number(pages: Pages) -> None:
    page = pages.get("/record/Observation").text
    assert "<strong>4</strong> found" in page
    assert page.index("Blood pressure") < page.index("Haemoglobin") < page.index("Potassium")


# --- what goes wrong


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/nowhere", 404, "no page at this address"),
        ("/record/Patient/nobody", 404, "There is no Patient/nobody"),
        ("/record/Pateint", 404, "Did you mean Patient?"),
        ("/record/Patient/anna/x", 404, "no page at this address"),
        ("/docs/nothing.md", 404, "no such document"),
        ("/docs/..%2fpyproject.toml", 404, "no such document"),
        ("/search?q=Patient?birthdate=notadate", 400, "notadate"),
        ("/search?q=Patient&page=nonsense", 400, "not understood"),
    ],
)
def test_errors_are_pages_with_a_sentence(pages: Pages, path: str, status: int, sentence: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == status
    assert sentence in answer.text


def test_what_nobody_foresaw_is_a_page_with_an_incident_and_says_nothing_of_patients(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("Anna de Vries has diabetes")

    monkeypatch.setattr(pages.record, "read", fail)
    answer = pages.get("/record/Patient/anna")
    assert answer.status_code == 500
    incident = re.search(r"incident ([0-9a-f]{12})", answer.text)
    assert incident is not None
    assert incident[1] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "diabetes" not in answer.text + caplog.text


def test_markup_in_a_resource_is_only_ever_words(open_at: Callable[..., Record]) -> None:
    record = open_at(check_structure=False, check_references=False)
    write(record, WICKED, WICKED_LETTER, observation("evil", EVIL, EVIL, "1", EVIL, subject={"display": EVIL}))
    pages = Pages(record)
    for path in (
        *("/", "/record/Patient", "/record/Patient/wicked", "/record/Composition/wicked", "/record/Observation/evil"),
        *("/search?q=Patient&view=json", "/search?q=" + EVIL.replace("&", "%26"), "/record/Composition"),
    ):
        answer = pages.get(path)
        assert answer.status_code in (200, 400), path
        outline = Outline(answer.text)
        assert outline.handlers == [], path
        assert outline.inline == [], path
        assert outline.tags.count("script") == 1, path
        assert all(not each.lower().startswith("javascript") for each in outline.addresses), path
        assert "onerror=alert(1)>" not in answer.text, path
    shown = pages.get("/record/Composition/wicked").text
    assert "Weight <b>down</b> 1.2 kg." in shown
    assert "a narrative" not in pages.get("/record/Patient/wicked").text.split("JSON</h2>")[0]
