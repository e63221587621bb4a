"""The page `/questions`, and what its script asks for while somebody types.

GET  /questions             an empty page; ?example=, ?library= and ?patient= fill it
POST /questions             asks, checks or saves what is in the form (`do`); `part=answer` gives the answer alone
POST /questions/check       what is wrong with a text, as JSON
POST /questions/complete    what may stand at a place of it, as JSON
GET  /questions/patients    patients that a text may mean, as JSON
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, get_args

from starlette.responses import Response

from bedside.fhir.outcome import FhirError
from bedside.questions.cql.completion import complete
from bedside.questions.cql.parser.words import KEYWORDS
from bedside.record.record import Record
from bedside.web.names import Names
from bedside.web.questions import answers, patients, shelf
from bedside.web.questions.asking import SECONDS, Answer, Asker, Checked, Language, Problem
from bedside.web.questions.examples import examples
from bedside.web.readable.values import Values
from bedside.web.shell import Visit

PARAMETER = "p."
"""Before the name of a parameter in the form."""
_KEYWORDS = " ".join(sorted(KEYWORDS))


@dataclass
class Draft:
    """What is in the form."""

    text: str = ""
    language: Language = "cql"
    patient: str = ""
    """As it was typed: a name, a number, an id."""
    who: str = ""
    """The id of the patient who was chosen."""
    library: str = ""
    """The id of the Library that the text was opened from, and its version then."""
    version: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WishField:
    """A parameter with what was filled in for it."""

    name: str
    field: str
    type: str
    default: str
    value: str
    wrong: str


class QuestionPages:
    """The page of questions over one record."""

    def __init__(self, record: Record, seconds: float = SECONDS) -> None:
        """`seconds` is how long one question may take."""
        self._record = record
        self._asker = Asker(record, seconds)

    # --- the page

    def page(self, visit: Visit) -> Response:
        """The page, empty or filled, and after a post with what came of it."""
        if visit.request.method != "POST":
            return self._begin(visit)
        draft = _posted(visit)
        match visit.form.get("do", "ask"):
            case "save":
                return self._save(visit, draft)
            case "check":
                return self._show(visit, draft, self._asker.check(draft.text, draft.language))
        return self._ask(visit, draft)

    def _begin(self, visit: Visit) -> Response:
        draft = Draft(patient=visit.query("patient"))
        notice = ""
        if key := visit.query("example"):
            chosen = next((each for each in examples(visit.words) if each.key == key), None)
            if chosen is not None:
                draft.text, draft.language = chosen.text, chosen.language
        elif id_ := visit.query("library"):
            found = shelf.opened(self._record, id_)
            draft.text, draft.library, draft.version = found.text, found.id, str(found.version)
            if visit.query("saved"):
                notice = visit.words.gettext("Saved as %(name)s.") % {"name": found.name}
        checked = self._asker.check(draft.text, draft.language) if draft.text else None
        return self._show(visit, draft, checked, notice=notice)

    def _ask(self, visit: Visit, draft: Draft) -> Response:
        choice, choices = self._patient(visit, draft)
        answer = None
        if choice is not None or not draft.patient.strip():
            who = None if choice is None else choice.id
            answer = self._asker.ask(draft.text, draft.language, who, draft.parameters)
        checked = answer.checked if answer is not None else self._asker.check(draft.text, draft.language)
        return self._show(visit, draft, checked, answer, choice=choice, choices=choices)

    def _save(self, visit: Visit, draft: Draft) -> Response:
        checked = self._asker.check(draft.text, "cql")
        if draft.language != "cql" or not draft.text.strip() or not checked.sound:
            problem = visit.words.gettext("Only a library of CQL without mistakes can be saved.")
            return self._show(visit, draft, checked, refused=problem, status=422)
        try:
            saved = shelf.save(self._record, draft.text, draft.library, draft.version)
        except FhirError as error:
            return self._show(visit, draft, checked, refused=error.issues[0].message, foreign=True, status=error.status)
        return visit.redirect(f"/questions?library={saved.id}&saved=1" + (f"&patient={draft.who}" if draft.who else ""))

    def _patient(self, visit: Visit, draft: Draft) -> tuple[patients.Choice | None, list[patients.Choice]]:
        """The patient who is meant, or those who may be. A choice holds as long as its words stay as they were."""
        chosen = patients.by_id(self._record, visit.locale, draft.who) if draft.who else None
        if chosen is not None and draft.patient.strip() in (chosen.words, chosen.id, ""):
            return chosen, []
        found = patients.find(self._record, visit.locale, draft.patient)
        if chosen is not None and chosen.id in (each.id for each in found):
            return chosen, []
        return (found[0], []) if len(found) == 1 else (None, found)

    def _show(
        self,
        visit: Visit,
        draft: Draft,
        checked: Checked | None,
        answer: Answer | None = None,
        *,
        choice: patients.Choice | None = None,
        choices: list[patients.Choice] | None = None,
        status: int = 200,
        **more: Any,
    ) -> Response:
        if choices is None:
            choice, choices = self._patient(visit, draft)
        alone = visit.form.get("part") == "answer"
        values = Values(visit.locale, Names(self._record, visit.locale))
        subject = "" if choice is None else choice.href
        results = [] if answer is None else [answers.shown(values, each, subject) for each in answer.results]
        response = visit.render(
            "questions_answer.html" if alone else "questions.html",
            status=status,
            draft=draft,
            checked=checked,
            answer=answer,
            results=results,
            milliseconds=visit.locale.decimal(f"{answer.milliseconds:.0f}") if answer else "",
            choice=choice,
            choices=choices,
            wishes=_wishes(draft, checked, answer),
            keywords=_KEYWORDS,
            lines=draft.text.split("\n"),
            examples=[] if alone else examples(visit.words),
            libraries=[] if alone else shelf.kept(self._record),
            notice=more.get("notice", ""),
            refused=more.get("refused", ""),
            foreign=more.get("foreign", False),
        )
        # Browsers hide where a form comes from when no referrer is wanted, and then nobody could tell it from a form of
        # another site. Other sites still get none.
        response.headers["referrer-policy"] = "same-origin"
        return response

    # --- for the script

    def check(self, visit: Visit) -> Response:
        """The problems of a text and the parameters it has. Offsets count UTF-16 units, as scripts do."""
        draft = _posted(visit)
        checked = self._asker.check(draft.text, draft.language)
        return visit.data(
            {
                "problems": [_for_script(each, draft.text) for each in checked.problems],
                "parameters": [dataclasses.asdict(each) for each in checked.parameters],
                "library": checked.library is not None,
                "name": checked.name,
            }
        )

    def complete(self, visit: Visit) -> Response:
        """What may stand at the place `at` (in UTF-16 units) of a text."""
        draft = _posted(visit)
        at = visit.form.get("at", "")
        place = _characters(draft.text, int(at)) if at.isdecimal() and len(at) < 10 else len(draft.text)
        found = complete(draft.text, place, libraries=self._asker.shelf().source)
        return visit.data(
            {
                "start": _units(draft.text, found.start),
                "end": _units(draft.text, found.end),
                "items": [dataclasses.asdict(each) for each in found.suggestions],
            }
        )

    def patients(self, visit: Visit) -> Response:
        """Patients that the text `q` may mean."""
        found = patients.find(self._record, visit.locale, visit.query("q"))
        return visit.data([{**dataclasses.asdict(each), "words": each.words} for each in found])


def _posted(visit: Visit) -> Draft:
    form = visit.form
    language: Language = "fhirpath" if form.get("language") == "fhirpath" else "cql"
    assert language in get_args(Language)
    given = {name.removeprefix(PARAMETER): value for name, value in form.items() if name.startswith(PARAMETER)}
    return Draft(
        form.get("text", ""),
        language,
        form.get("patient", ""),
        form.get("who", ""),
        form.get("library", ""),
        form.get("version", ""),
        given,
    )


def _wishes(draft: Draft, checked: Checked | None, answer: Answer | None) -> list[WishField]:
    wrong = {} if answer is None else answer.wrong
    return [
        WishField(
            each.name,
            PARAMETER + each.name,
            each.type,
            each.default,
            draft.parameters.get(each.name, ""),
            wrong.get(each.name, ""),
        )
        for each in (checked.parameters if checked is not None else ())
    ]


def _for_script(problem: Problem, text: str) -> dict[str, Any]:
    found = dataclasses.asdict(problem)
    return found | {"start": _units(text, problem.start), "end": _units(text, problem.end)}


def _units(text: str, at: int) -> int:
    """UTF-16 units before a character."""
    return at + sum(1 for each in text[:at] if each > "\uffff")


def _characters(text: str, units: int) -> int:
    """Characters before a UTF-16 unit."""
    passed = 0
    for place, each in enumerate(text):
        if passed >= units:
            return place
        passed += 2 if each > "\uffff" else 1
    return len(text)
