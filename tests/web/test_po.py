"""The reader of translations, and the translations themselves."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.web import languages, po

OTHERS = [code for code in languages.LANGUAGES if code != languages.DEFAULT]


def messages_script() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "messages.py"
    spec = importlib.util.spec_from_file_location("messages_script", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_entries_contexts_plurals_and_lines_that_go_on() -> None:
    content = """
# a header
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=n > 1;\\n"

msgctxt "month"
msgid "May"
msgstr "mai"

#, fuzzy
msgid "one resource"
msgid_plural "%(n)s "
"resources"
msgstr[0] "une"
msgstr[1] "%(n)s "
"ressources \\"à\\" lire"
#~ msgid "gone"
#~ msgstr "parti"
"""
    header, may, resources = list(po.read(content))
    assert po.plural_rule(header.translations[0])(1) == 0
    assert po.plural_rule(header.translations[0])(2) == 1
    assert may.key == ("month", "May")
    assert may.translations == {0: "mai"}
    assert not may.fuzzy
    assert resources.plural == "%(n)s resources"
    assert resources.translations == {0: "une", 1: '%(n)s ressources "à" lire'}
    assert resources.fuzzy


@pytest.mark.parametrize("content", ["nonsense", 'msgid "a', '"lost"', 'msgid "\\x"'])
def test_what_is_no_po_file_says_the_line(content: str) -> None:
    with pytest.raises(po.PoError, match="line 1"):
        list(po.read(content))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1))
def test_every_text_can_be_written_and_read_back(text: str) -> None:
    content = f"msgid {po.quote(text)}\nmsgstr {po.quote(text)}\n"
    (message,) = po.read(content)
    assert message.text == text
    assert message.translations[0] == text


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_nothing_is_left_over(language: str) -> None:
    script = messages_script()
    assert [message.key for message in script.missing(language)] == []
    assert script.unused(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_the_placeholders_and_the_markup(language: str) -> None:
    kept = re.compile(r"%\(\w+\)s|</?\w+>")
    for message in messages_script().translations(language).values():
        if not message.text:
            continue
        for form, text in message.translations.items():
            original = message.plural if form and message.plural else message.text
            assert sorted(kept.findall(text)) == sorted(kept.findall(original)), message.key


def test_a_page_in_english_needs_no_file_and_another_language_falls_back_to_english() -> None:
    assert languages.words("en").gettext("no such sentence") == "no such sentence"
    assert languages.words("nl").gettext("no such sentence") == "no such sentence"
    assert not languages.words("nl").has("no such sentence")
    with pytest.raises(KeyError):
        languages.words("xx")


@pytest.mark.parametrize(
    ("asked", "cookie", "accepted", "expected"),
    [
        ("fr", "nl", "en", "fr"),
        ("xx", "nl", "en", "nl"),
        (None, None, "de-DE,nl-BE;q=0.8,fr;q=0.9", "fr"),
        (None, None, "nl;q=0,en-GB;q=0.1", "en"),
        (None, None, "fr;q=nonsense", "en"),
        (None, "", "", "en"),
        (None, None, None, "en"),
    ],
)
def test_the_language_is_asked_for_remembered_or_accepted(
    asked: str | None, cookie: str | None, accepted: str | None, expected: str
) -> None:
    assert languages.choose(asked, cookie, accepted) == expected
