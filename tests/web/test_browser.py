"""Pages in a real browser: nothing that axe calls serious, no scroll to the side, everything by keyboard.

Needs Chromium; where there is none the tests are skipped and say so. With SCREENS=folder each page is also
kept as a picture.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from bedside.record.model import Delete
from bedside.record.record import Record, open_record
from bedside.web.pages import application
from web.samples import HOSPITAL, ZONE, patient, write

playwright_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here (apt-get install chromium)")

PAGES = {
    "front": "/",
    "front-hour": "/?window=hour",
    "search-help": "/search",
    "search-results": "/search?q=Observation?subject=Patient/anna%26_include=Observation:subject",
    "search-json": "/search?q=Observation?_id=potassium&view=json",
    "search-wrong": "/search?q=Patient?nam=vries",
    "search-words": "/search?q=vries",
    "list": "/record/Patient",
    "patient": "/record/Patient/anna",
    "observation": "/record/Observation/pressure",
    "letter": "/record/Composition/letter",
    "deleted": "/record/Observation/sodium",
    "version": "/record/Observation/sodium/1",
    "questions": "/questions?example=diabetes&patient=anna",
    "design": "/design",
    "documents": "/docs",
    "missing": "/nowhere",
}
WIDTHS = {360: 740, 1440: 900}


@pytest.fixture(scope="module")
def record(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """A record with a small hospital, a long list, and something deleted."""
    folder = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(sqlite_template, folder)
    opened = open_record(folder)
    write(opened, *HOSPITAL, *(patient(f"p{n}", "Claes", f"Number {n}") for n in range(30)))
    opened.write(Delete("Observation", id="sodium"))
    yield opened
    opened.close()


def serve(record: Record) -> tuple[str, uvicorn.Server, threading.Thread]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(record, open_mode=True, zone=ZONE), lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    return f"http://127.0.0.1:{listener.getsockname()[1]}", server, thread


@pytest.fixture(scope="module")
def base(record: Record) -> Iterator[str]:
    url, server, thread = serve(record)
    yield url
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def empty_base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("browser-empty") / "data"
    shutil.copytree(sqlite_template, folder)
    opened = open_record(folder)
    url, server, thread = serve(opened)
    yield url
    server.should_exit = True
    thread.join(10)
    opened.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright_api.Browser]:
    with playwright_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Tab:
    """One tab, which notes whatever it complains about and whatever it asks of other hosts."""

    def __init__(self, browser: playwright_api.Browser, base: str, width: int, **settings: object) -> None:
        self.base = base
        self.context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            reduced_motion="reduce",
            **{"locale": "en-GB", **settings},
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda r: None if r.url.startswith(base) else self.complaints.append(f"asks {r.url}"))

    def open(self, path: str) -> playwright_api.Page:
        self.page.goto(self.base + path)
        return self.page

    def close(self) -> None:
        self.context.close()


def faults(page: playwright_api.Page) -> list[str]:
    """What axe finds that is serious or critical."""
    found = axe_api.Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def keep(page: playwright_api.Page, name: str) -> None:
    if folder := os.environ.get("SCREENS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


# Every page by day, and by night those that hold every component.
CASES = [(name, width, "light") for name in PAGES for width in WIDTHS]
CASES += [(name, width, "dark") for name in ("front", "observation", "questions", "design") for width in WIDTHS]


@pytest.mark.parametrize(("name", "width", "colours"), CASES)
def test_a_page_is_sound(browser: playwright_api.Browser, base: str, name: str, width: int, colours: str) -> None:
    tab = Tab(browser, base, width, color_scheme=colours)
    page = tab.open(PAGES[name])
    try:
        keep(page, f"{name}-{width}-{colours}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # A page that reports an error answers with its status, which the browser notes; nothing else may be.
        assert [each for each in tab.complaints if "status of 4" not in each] == []
    finally:
        tab.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["front", "patient", "search-results"])
def test_a_page_is_sound_in_dutch(browser: playwright_api.Browser, base: str, name: str, width: int) -> None:
    tab = Tab(browser, base, width, locale="nl-NL")
    page = tab.open(PAGES[name])
    try:
        keep(page, f"{name}-{width}-nl")
        assert page.locator("html").get_attribute("lang") == "nl"
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("button", name="Zoeken").count() == 1
    finally:
        tab.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_empty_record_is_sound(browser: playwright_api.Browser, empty_base: str, width: int) -> None:
    tab = Tab(browser, empty_base, width)
    page = tab.open("/")
    try:
        keep(page, f"empty-{width}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_text("make demo").is_visible()
    finally:
        tab.close()


def test_everything_by_keyboard(browser: playwright_api.Browser, base: str) -> None:
    tab = Tab(browser, base, 1440)
    page = tab.open("/")
    try:
        # The first stop is the way past the header, and it can be seen when it has the focus.
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        assert skip.evaluate("e => e === document.activeElement")
        assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        # "/" goes to the search, and is only a letter once there.
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "ask"
        page.keyboard.type("/record/Patient/anna")
        page.keyboard.press("Enter")
        page.wait_for_url("**/record/Patient/anna")
        assert page.get_by_role("heading", level=1).inner_text() == "De Vries, Anna"
        # Codes open with the keyboard.
        page.goto(base + "/record/Condition/diabetes")
        summary = page.get_by_text("Diabetes type 2", exact=True).and_(page.locator("summary"))
        assert not page.get_by_text("44054006", exact=True).is_visible()
        summary.focus()
        assert summary.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        assert page.get_by_text("44054006", exact=True).is_visible()
    finally:
        tab.close()


def test_every_stop_of_the_tab_key_shows_that_it_has_the_focus(browser: playwright_api.Browser, base: str) -> None:
    tab = Tab(browser, base, 1440)
    page = tab.open("/")
    try:
        stops = []
        for _ in range(60):
            page.keyboard.press("Tab")
            found = page.evaluate(
                "(e => [e.tagName, e.id || e.innerText, getComputedStyle(e).outlineStyle])(document.activeElement)"
            )
            if found[0] == "BODY":
                break
            stops.append(found)
        assert len(stops) > 20
        assert [stop for stop in stops if stop[2] == "none"] == []
        assert any(stop[1] == "ask" for stop in stops)
    finally:
        tab.close()


def test_json_is_copied_exactly(browser: playwright_api.Browser, base: str) -> None:
    tab = Tab(browser, base, 1440, permissions=["clipboard-read", "clipboard-write"])
    page = tab.open("/record/Observation/potassium")
    try:
        page.get_by_role("button", name="Copy").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert '"value": 5.60,' in copied
        assert copied == page.locator("#json").inner_text()
        assert page.get_by_role("button", name="Copied").is_visible()
    finally:
        tab.close()


def test_pages_work_without_scripts(browser: playwright_api.Browser, base: str) -> None:
    tab = Tab(browser, base, 360, java_script_enabled=False)
    page = tab.open("/")
    try:
        page.get_by_label("Search with a FHIR query").fill("Patient?family=Claes&_sort=given")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**/search?*")
        assert page.get_by_text("30 found").is_visible()
        page.get_by_role("link", name="Next").click()
        page.get_by_role("link", name="Previous").click()
        page.get_by_role("link", name="Claes, Number 0").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Claes, Number 0"
        assert page.get_by_role("button", name="Copy").count() == 0
        page.get_by_role("link", name="Nederlands").click()
        assert page.locator("html").get_attribute("lang") == "nl"
        page.get_by_role("link", name="Bedside").click()
        assert page.locator("html").get_attribute("lang") == "nl"
    finally:
        tab.close()
