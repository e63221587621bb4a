"""The page of questions, by HTTP and in a real browser as a person would use it. With SCREENS=folder it keeps pictures."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bedside.questions.cql.parser.words import KEYWORDS
from bedside.record.model import Create, Update
from bedside.record.record import Record, open_record
from bedside.web import languages
from bedside.web.pages import application
from bedside.web.questions.asking import Asker
from bedside.web.questions.examples import examples
from bedside.web.questions.patients import find
from web.samples import EVIL, HOSPITAL, WICKED, ZONE, Pages, locale, patient, write
from web.test_browser import CHROMIUM, WIDTHS, Tab, faults, keep, playwright_api, serve

HEAD = """library Kidneys version '1.0.0'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
codesystem "LOINC": 'http://loinc.org'
code "Potassium": '2823-3' from "LOINC"
parameter "High from" System.Quantity default 5.0 'mmol/L'
context Patient
"""
LIBRARY = (
    HEAD
    + """define "Last potassium":
  Last([Observation: "Potassium"] O sort by (effective as FHIR.dateTime).value)
define "Too high":
  ("Last potassium".value as FHIR.Quantity) > "High from"
define "Nothing":
  [Condition] C where C.onset is null
"""
)
HERE = {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}


def post(
    pages: Pages,
    path: str = "/questions",
    headers: dict[str, str] | None = None,
    more: dict[str, str] | None = None,
    **fields: str,
) -> httpx.Response:
    """One form, posted without a socket."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=pages.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            form = {"content-type": "application/x-www-form-urlencoded", **(HERE if headers is None else headers)}
            return await client.post(path, content=urlencode(fields | (more or {})), headers=form)

    return asyncio.run(send())


def words(answer: httpx.Response) -> str:
    """The page as one reads it."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


# --- by HTTP


def test_a_library_is_answered_with_its_reasons(pages: Pages) -> None:
    answer = post(pages, text=LIBRARY, patient="anna", do="ask")
    assert answer.status_code == 200
    said = words(answer)
    assert "De Vries, Anna" in said
    assert re.search(r"Too high Boolean Yes Why: 1 resource", said)
    assert 'found by [Observation: code ~ "Potassium"] in Last potassium' in said
    assert re.search(r"Nothing List<Condition> none", said)
    assert 'href="/record/Observation/potassium"' in answer.text
    assert re.search(r"\d+ ms", said)


def test_parameters_are_fields_of_the_form(pages: Pages) -> None:
    page = post(pages, text=LIBRARY, patient="anna", do="check")
    assert 'name="p.High from"' in page.text
    assert 'placeholder="5.0 &#39;mmol/L&#39;"' in page.text
    assert "Too high Boolean No" in words(post(pages, text=LIBRARY, patient="anna", more={"p.High from": "6 'mmol/L'"}))
    wrong = post(pages, text=LIBRARY, patient="anna", more={"p.High from": "much"})
    assert "A parameter cannot be read: High from : There is no definition, alias or operand 'much'" in words(wrong)


def test_mistakes_are_told_all_at_once_with_places_and_names_to_use(pages: Pages) -> None:
    text = HEAD + 'define "A": [Observation: "Potasium"]\ndefine "B": [Condition] C where C.onst is null\n'
    said = words(post(pages, text=text, do="check"))
    assert "Mistakes: 2" in said
    assert "Line 8, column 27 There is no definition, alias or operand 'Potasium' Perhaps \"Potassium\"?" in said
    column = text.split("\n")[8].index("onst") + 1
    assert f"Line 9, column {column}" in said
    assert "Perhaps onset?" in said
    found = post(pages, "/questions/check", text=text).json()["problems"]
    assert [text[each["start"] : each["end"]] for each in found] == ['"Potasium"', "onst"]
    assert [each["suggestion"] for each in found] == ['"Potassium"', "onset"]


def test_places_count_as_scripts_count(pages: Pages) -> None:
    text = "// \U0001fa7a heart\nPatient.nam"
    [found] = post(pages, "/questions/check", text=text).json()["problems"]
    units = text.encode("utf-16-le")
    assert units[found["start"] * 2 : found["end"] * 2].decode("utf-16-le") == "nam"
    at = len(units) // 2
    items = post(pages, "/questions/complete", text=text, at=str(at)).json()
    assert [each["text"] for each in items["items"]] == ["name"]
    assert (items["start"], items["end"]) == (at - 3, at)


def test_one_expression_and_a_path_are_questions_too(pages: Pages) -> None:
    said = words(post(pages, text="Count([Observation])", patient="anna"))
    assert re.search(r"Value Integer [45] ", said)
    said = words(post(pages, text="Patient.name.given", language="fhirpath", patient="anna"))
    assert "1 item Anna" in said
    said = words(post(pages, text="Observation.value.ofType(Quantity)", language="fhirpath", patient="anna"))
    assert "5.60 mmol/L" in said
    wrong = post(pages, "/questions/check", text="Patient.name.givn", language="fhirpath").json()["problems"][0]
    assert (wrong["start"], wrong["end"], wrong["suggestion"]) == (13, 17, "given")


def test_a_question_about_one_patient_needs_one(pages: Pages) -> None:
    assert "This question is about one patient: say whom." in words(post(pages, text=LIBRARY))
    assert "Nobody here has the name, number or id Nobody." in words(post(pages, text=LIBRARY, patient="Nobody"))
    text = "using FHIR version '4.0.1'\ncontext Unfiltered\ndefine \"All\": Count([Patient])\n"
    assert "All Integer 2" in words(post(pages, text=text))


def test_a_patient_is_found_by_name_number_and_id_and_chosen_when_there_are_several(pages: Pages) -> None:
    write(pages.record, patient("eva", "de Vries", "Eva", birthDate="1980-01-02"))
    assert [each.id for each in find(pages.record, locale(), "4711-0815")] == ["anna"]
    assert [each.id for each in find(pages.record, locale(), "Patient/bram")] == ["bram"]
    assert {each.id for each in find(pages.record, locale(), "de vries")} == {"anna", "eva"}
    said = post(pages, text="AgeInYears()", patient="de vries")
    assert "Several people are called so." in said.text
    assert said.text.count('type="radio" name="who"') == 2
    chosen = post(pages, text="Patient.id", patient="de vries", who="eva")
    assert "De Vries, Eva" in words(chosen)
    # Other words mean somebody else, whoever was chosen before.
    assert "Bakker, Bram" in words(post(pages, text="Patient.id", patient="Bakker", who="eva"))
    assert [each["id"] for each in pages.get("/questions/patients?q=bakker").json()] == ["bram"]


def test_whatever_stands_in_a_resource_is_words(open_at: Callable[..., Record]) -> None:
    pages = Pages(open_at(check_structure=False, check_references=False))
    write(pages.record, WICKED)
    text = 'define "All": Patient\ndefine "Name": Patient.name\ndefine "Text": Patient.name[0].family.value'
    answer = post(pages, text=text, patient="wicked")
    assert EVIL not in answer.text
    assert "<script>alert" not in answer.text
    assert html.unescape(answer.text).count("<script>alert") >= 2
    answer = post(pages, text=EVIL + "</textarea>", patient=EVIL)
    assert "<script>alert" not in answer.text
    assert '</textarea>"' not in answer.text


def test_other_sites_cannot_post(pages: Pages) -> None:
    question = "1 + 1"
    assert post(pages, headers={"sec-fetch-site": "cross-site"}, text=question).status_code == 403
    assert post(pages, headers={"sec-fetch-site": "same-site"}, text=question).status_code == 403
    assert post(pages, headers={"origin": "https://elsewhere.example"}, text=question).status_code == 403
    assert post(pages, headers={"origin": "null"}, text=question).status_code == 403
    assert post(pages, headers={"origin": "http://localhost:8000"}, text=question).status_code == 200
    assert post(pages, headers={}, text=question).status_code == 200
    guarded = Pages(pages.record)
    guarded.app = application(pages.record, open_mode=True, zone=ZONE, allowed_hosts=("hospital.example",))
    assert post(guarded, text=question).status_code == 400


def test_a_form_is_bounded_and_must_be_one(pages: Pages) -> None:
    assert post(pages, text="x" * 1_000_001).status_code == 413
    assert post(pages, headers={**HERE, "content-type": "application/json"}, text="1").status_code == 400
    long = post(pages, text="1 + " * 60_000 + "1")
    assert "A question may have 200,000 characters" in words(long)
    deep = post(pages, text="(" * 5000 + "1" + ")" * 5000)
    assert deep.status_code == 200
    assert "Mistakes: 1" in words(deep)


def test_a_question_that_takes_too_long_is_given_up(pages: Pages) -> None:
    asker = Asker(pages.record, seconds=0.4)
    text = (
        "define A: expand Interval[1, 3000]\n"
        "define B: Count(from A a, A b, A c return a + b + c)\n"
        "define C: Count(from A a, A b, A c return a - b - c)\n"
    )
    began = time.monotonic()
    answer = asker.ask("using FHIR version '4.0.1'\ncontext Patient\n" + text, "cql", "anna", {})
    assert time.monotonic() - began < 5
    problems = [each.problem.sentence for each in answer.results if each.problem is not None]
    assert any("takes longer than" in each for each in problems)


def test_the_answer_alone_is_what_the_script_puts_in(pages: Pages) -> None:
    answer = post(pages, text="1 + 1", part="answer")
    assert "<html" not in answer.text
    assert "Value Integer 2" in words(answer)


def test_a_path_that_takes_too_long_is_given_up(pages: Pages) -> None:
    asker = Asker(pages.record, seconds=0.4)
    endless = "%resource.id.length().repeat(iif($this < 9999, $this + 1, {}))"
    began = time.monotonic()
    [result] = asker.ask(f"{endless}.select({endless}.count())", "fhirpath", "anna", {}).results
    assert time.monotonic() - began < 3
    assert result.problem is not None
    assert result.problem.sentence == "The expression takes too long and is given up"


@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_every_example_is_right(pages: Pages, code: str) -> None:
    asker = Asker(pages.record)
    for each in examples(languages.words(code)):
        answer = asker.ask(each.text, each.language, "anna", {})
        assert answer.checked.problems == (), each.key
        assert answer.results, each.key
        assert [one.problem for one in answer.results] == [None] * len(answer.results), each.key
        assert code == "en" or each.title not in {one.title for one in examples(languages.words("en"))}


def test_a_library_is_saved_opened_and_saved_again(pages: Pages) -> None:
    saved = post(pages, text=LIBRARY, do="save")
    assert saved.status_code == 303
    page = pages.get(saved.headers["location"])
    assert "Saved as Kidneys 1.0.0." in words(page)
    [id_] = re.findall(r'name="library" value="([^"]+)"', page.text)
    stored = pages.record.read("Library", id_)
    assert stored is not None
    assert (stored.resource["name"], stored.resource["version"], stored.resource["status"]) == (
        "Kidneys",
        "1.0.0",
        "draft",
    )
    # Again as a new one: there is one of that name and version.
    again = post(pages, text=LIBRARY, do="save")
    assert again.status_code == 409
    assert f"Library/{id_} is Kidneys 1.0.0 already." in words(again)
    # The same, changed: its second version. Somebody who opened it before that does not overwrite it.
    changed = LIBRARY.replace("default 5.0", "default 5.5")
    assert post(pages, text=changed, do="save", library=id_, version="1").status_code == 303
    assert post(pages, text=LIBRARY, do="save", library=id_, version="1").status_code == 412
    now = pages.record.read("Library", id_)
    assert now is not None
    assert now.version == 2
    # Another library may include it.
    using = "using FHIR version '4.0.1'\ninclude Kidneys version '1.0.0' called K\ncontext Patient\ndefine X: K.\"Too high\"\n"
    assert "X Boolean Yes" in words(post(pages, text=using, patient="anna"))
    at = using.index('."Too') + 1
    items = post(pages, "/questions/complete", text=using[:at], at=str(at)).json()["items"]
    assert '"Too high"' in [each["text"] for each in items]


def test_what_is_wrong_or_has_no_name_is_not_saved(pages: Pages) -> None:
    assert post(pages, text=LIBRARY + "define Z: Zz", do="save").status_code == 422
    assert post(pages, text="define Z: 1", do="save").status_code == 400
    assert pages.record.search("Library", []).matches == []


def test_a_library_that_cannot_be_read_does_not_break_the_page(pages: Pages) -> None:
    content = [{"contentType": "text/cql", "data": "bm90IGNxbA=="}]
    pages.record.write(
        Create({"resourceType": "Library", "status": "draft", "type": {"text": "x"}, "content": content})
    )
    pages.record.write(Create({"resourceType": "Library", "status": "draft", "type": {"text": "x"}}))
    assert pages.get("/questions").status_code == 200
    assert pages.get("/questions?library=none").status_code == 404
    assert pages.get("/questions?example=none").status_code == 200


def test_the_page_keeps_its_data_to_itself(pages: Pages) -> None:
    for answer in (pages.get("/questions"), post(pages, text=LIBRARY, patient="anna")):
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src)", answer.text)
    [keywords] = re.findall(r'data-keywords="([^"]*)"', pages.get("/questions").text)
    assert set(keywords.split()) == KEYWORDS


# --- in a browser

browsing = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here (apt-get install chromium)")


@pytest.fixture(scope="module")
def base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("questions") / "data"
    shutil.copytree(sqlite_template, folder)
    opened: Record = open_record(folder)
    write(opened, *HOSPITAL, patient("eva", "de Vries", "Eva", birthDate="1980-01-02"))
    url, server, thread = serve(opened)
    yield url
    server.should_exit = True
    thread.join(10)
    opened.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright_api.Browser]:
    with playwright_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@browsing
def test_a_person_writes_mends_and_asks(chromium: playwright_api.Browser, base: str) -> None:
    tab = Tab(chromium, base, 1440)
    page = tab.open("/questions")
    try:
        text = page.get_by_role("textbox", name="The question")
        text.click()
        page.keyboard.insert_text(HEAD)
        page.keyboard.type('define "Last": Last([Observation: "Potasium"])')
        problem = page.locator("#problems li")
        problem.get_by_text("There is no definition, alias or operand 'Potasium'").wait_for()
        assert page.locator(".layer .wrong").inner_text() == '"Potasium"'
        assert text.get_attribute("aria-invalid") == "true"
        assert page.get_by_role("status").filter(has_text="Mistakes: 1").count() == 1
        keep(page, "questions-mistake-1440")
        assert faults(page) == []
        # F8 goes there, Ctrl+. puts it right, Ctrl+Z takes that back; so does the button.
        page.keyboard.press("F8")
        assert text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == '"Potasium"'
        page.keyboard.press("Control+.")
        assert 'Observation: "Potassium"]' in text.input_value()
        page.keyboard.press("Control+z")
        assert 'Observation: "Potasium"]' in text.input_value()
        problem.get_by_role("button", name='Use "Potassium"').click()
        page.get_by_text("No mistakes.").wait_for()
        # Completion after a dot, by keyboard alone.
        text.press("Control+End")
        page.keyboard.type('\ndefine "High": "Last".')
        page.get_by_role("option", name="status").first.wait_for()
        keep(page, "questions-complete-1440")
        assert faults(page) == []
        # A quick hand gets what it has begun, not what was in the list a moment ago.
        page.keyboard.type("valu")
        page.keyboard.press("Enter")
        assert text.input_value().endswith('"Last".value')
        assert page.get_by_role("option").count() == 0
        page.keyboard.type(' > "High from"')
        # The patient, from a list.
        whom = page.get_by_role("combobox", name="Patient: name, number or id")
        whom.fill("vries")
        page.get_by_role("option", name="De Vries, Anna").wait_for()
        assert faults(page) == []
        page.keyboard.press("ArrowDown")
        while "Anna" not in page.locator("[aria-selected=true]").inner_text():
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert whom.input_value() == "De Vries, Anna (4711-0815)"
        text.press("Control+Enter")
        high = page.get_by_role("region", name="High", exact=True)
        high.get_by_text("Yes", exact=True).wait_for()
        assert high.get_by_text("Why: 1 resource").is_visible()
        keep(page, "questions-answer-1440")
        assert faults(page) == []
        # Another limit, in the field of the parameter; Enter asks.
        page.get_by_label("High from").fill("6 'mmol/L'")
        page.get_by_label("High from").press("Enter")
        high.get_by_text("No", exact=True).wait_for()
        page.get_by_role("region", name="Last", exact=True).get_by_role("link", name="Potassium").click()
        page.wait_for_url("**/record/Observation/potassium")
        page.go_back()
        assert text.input_value().endswith('> "High from"')
        assert tab.complaints == []
    finally:
        tab.close()


@browsing
def test_the_keyboard_can_leave_the_text(chromium: playwright_api.Browser, base: str) -> None:
    tab = Tab(chromium, base, 1440)
    page = tab.open("/questions")
    try:
        text = page.locator("#text")
        text.click()
        page.keyboard.type("a")
        page.keyboard.press("Tab")
        assert text.input_value() == "a  "
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") != "text"
        assert text.input_value() == "a  \n"
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.name") == "language"
        assert "Esc" in page.locator("#keys").inner_text()
    finally:
        tab.close()


@browsing
@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_coloured_lies_exactly_under_what_is_typed(
    chromium: playwright_api.Browser, base: str, width: int
) -> None:
    tab = Tab(chromium, base, width)
    page = tab.open("/questions?example=diabetes")
    try:
        same = """() => [document.querySelector('.layer').offsetHeight, document.getElementById('text').scrollHeight,
            [...document.querySelectorAll('.line')].map(e => e.textContent.replace('\\u200b', '')).join('\\n'),
            document.getElementById('text').value]"""
        for more in ("", "\n/* two\nlines */ 'open", "\n\n\n" + "long " * 100, "x" * 300, "\t\u00e9\U0001fa7a"):
            page.locator("#text").press("Control+End")
            page.keyboard.insert_text(more)
            layer, typed, shown, written = page.evaluate(same)
            assert shown == written
            assert abs(layer - typed) <= 1
        assert page.locator(".layer .comment").count() >= 2
    finally:
        tab.close()


@browsing
@pytest.mark.parametrize(("width", "colours"), [(360, "light"), (360, "dark"), (1440, "dark")])
def test_the_page_is_sound_when_it_has_answered(
    chromium: playwright_api.Browser, base: str, width: int, colours: str
) -> None:
    tab = Tab(chromium, base, width, color_scheme=colours, locale="nl-NL")
    page = tab.open("/questions?patient=anna")
    try:
        page.get_by_text("Voorbeelden").click()
        page.get_by_text("Hoog kalium, en medicijnen die het verhogen").click()
        page.get_by_role("button", name="Vraag", exact=True).last.click()
        page.get_by_role("region", name="Last potassium").wait_for()
        keep(page, f"questions-{width}-{colours}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.complaints == []
    finally:
        tab.close()


@browsing
def test_several_people_of_a_name_are_asked_about(chromium: playwright_api.Browser, base: str) -> None:
    tab = Tab(chromium, base, 1440)
    page = tab.open("/questions?example=name")
    try:
        page.get_by_label("Patient: name").fill("de vries")
        page.get_by_role("button", name="Ask", exact=True).last.click()
        page.get_by_label(re.compile("De Vries, Eva")).click()
        page.locator(".answer .who").get_by_text("De Vries, Eva").wait_for()
        assert faults(page) == []
    finally:
        tab.close()


@browsing
def test_what_was_written_comes_back(chromium: playwright_api.Browser, base: str) -> None:
    tab = Tab(chromium, base, 1440)
    page = tab.open("/questions")
    try:
        page.locator("#text").click()
        page.keyboard.type("1 + 1")
        page.goto(base + "/")
        page.get_by_role("link", name="Ask a question of one patient").click()
        assert page.locator("#text").input_value() == "1 + 1"
        # An example takes its place, and Ctrl+Z brings it back.
        page.get_by_text("Examples").click()
        page.get_by_text("Admissions and days in bed").click()
        assert "AdmissionsOfAYear" in page.locator("#text").input_value()
        page.locator("#text").press("Control+z")
        assert page.locator("#text").input_value() == "1 + 1"
    finally:
        tab.close()


@browsing
def test_it_works_without_scripts(chromium: playwright_api.Browser, base: str) -> None:
    tab = Tab(chromium, base, 360, java_script_enabled=False)
    page = tab.open("/questions?patient=anna")
    try:
        page.get_by_text("Examples").click()
        page.get_by_role("link", name="High potassium").click()
        page.wait_for_url("**/questions?example=potassium&patient=anna")
        page.get_by_label("High from").fill("5.5 'mmol/L'")
        page.locator(".acts").get_by_role("button", name="Ask").click()
        assert page.get_by_role("region", name="Last potassium").get_by_text("5.60").is_visible()
        assert page.get_by_label("High from").input_value() == "5.5 'mmol/L'"
        page.locator("#text").fill("[Condition] C where C.onst is null")
        page.get_by_role("button", name="Check").click()
        assert page.get_by_text("Perhaps onset?").is_visible()
        keep(page, "questions-plain-360")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    finally:
        tab.close()


def test_a_value_set_of_which_only_a_part_is_known_is_told(tmp_path: Path) -> None:
    code = {"system": "http://example.org/codes", "code": "a"}
    expansion = {"timestamp": "2025-01-01T00:00:00Z", "total": 3, "contains": [code]}
    known = {"resourceType": "ValueSet", "id": "v", "url": "http://example.org/v", "status": "active"}
    text = "library X\nusing FHIR version '4.0.1'\nvalueset \"V\": 'http://example.org/v'\ncontext Patient\ndefine A: exists [Condition: \"V\"]"
    record = open_record(tmp_path)
    try:
        record.write(Update("ValueSet", {**known, "expansion": expansion}, "v"))
        record.write(Update("Patient", {"resourceType": "Patient", "id": "p"}, "p"))
        answer = Asker(record).ask(text, "cql", "p", {})
    finally:
        record.close()
    [(severity, _, sentence)] = answer.said
    assert severity == "warning"
    assert "http://example.org/v" in sentence
