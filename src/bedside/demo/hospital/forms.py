"""The questionnaires that the hospital hands out, as Questionnaire resources with stable link ids."""

from __future__ import annotations

from bedside.demo.catalog.scores import ANSWERS, PHQ9
from bedside.demo.codes import BASE, LOINC, TAG, Json, coding

FORMS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "preoperative": (
        "Before your operation",
        (
            ("anaesthesia-problems", "Did you have problems with an anaesthetic before?", "boolean"),
            ("exercise", "Can you climb two flights of stairs without stopping?", "boolean"),
            ("smoking", "Do you smoke?", "boolean"),
            ("loose-teeth", "Do you have loose teeth or dentures?", "boolean"),
            ("worries", "What are you worried about?", "string"),
        ),
    ),
    "antenatal": (
        "First visit in pregnancy",
        (
            ("first-pregnancy", "Is this your first pregnancy?", "boolean"),
            ("folic-acid", "Do you take folic acid?", "boolean"),
            ("home-situation", "Do you feel safe at home?", "boolean"),
            ("wishes", "What are your wishes for the birth?", "string"),
        ),
    ),
    "experience": (
        "How was your care?",
        (
            ("listened", "Did we listen to you? (0 not at all, 10 completely)", "integer"),
            ("informed", "Was it clear what would happen next? (0 to 10)", "integer"),
            ("recommend", "Would you recommend us to family? (0 to 10)", "integer"),
            ("better", "What can we do better?", "string"),
        ),
    ),
    "visit-preparation": (
        "What do you want to talk about?",
        (
            ("most-important", "What matters most to you in this visit?", "string"),
            ("since-last", "How have you been since the last visit? (0 bad, 10 well)", "integer"),
            ("medicines", "Do you take your medicines as agreed?", "boolean"),
        ),
    ),
}
"""Title and questions (link id, words, type) of each form."""


def form_url(key: str) -> str:
    """The canonical address of a form."""
    return f"{BASE}/Questionnaire/{key}"


def questionnaires() -> list[Json]:
    """All Questionnaire resources: the hospital's own, and PHQ-9 with its LOINC codes."""
    found: list[Json] = [
        _questionnaire(
            key,
            title,
            [{"linkId": link, "text": text, "type": kind} for link, text, kind in questions],
        )
        for key, (title, questions) in FORMS.items()
    ]
    options = [{"valueCoding": coding(LOINC, code, display)} for code, display in ANSWERS]
    items: list[Json] = [
        {
            "linkId": code,
            "code": [coding(LOINC, code, english)],
            "text": english,
            "type": "choice",
            "answerOption": options,
        }
        for code, english, _dutch in PHQ9
    ]
    items.append({"linkId": "44261-6", "text": "Total score", "type": "integer", "readOnly": True})
    phq9 = _questionnaire("phq-9", "Mood in the last two weeks (PHQ-9)", items)
    phq9["code"] = [coding(LOINC, "44249-1", "PHQ-9 quick depression assessment panel [Reported.PHQ]")]
    found.append(phq9)
    return found


def _questionnaire(key: str, title: str, items: list[Json]) -> Json:
    return {
        "resourceType": "Questionnaire",
        "id": key,
        "meta": TAG,
        "url": form_url(key),
        "version": "1",
        "name": "".join(part.title() for part in key.split("-")),
        "title": title,
        "status": "active",
        "experimental": True,
        "subjectType": ["Patient"],
        "publisher": "UMC Scheldemond",
        "item": items,
    }
