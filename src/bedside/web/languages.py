"""The languages of the pages, and how the one of a request is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources

from bedside.web import po

LANGUAGES: Mapping[str, str] = {"en": "English", "nl": "Nederlands", "fr": "Français"}
"""Code -> the language's own name, in the order in which they are offered."""

DEFAULT = "en"
PACKAGES = ("bedside.web",)
"""Packages whose `languages/<code>/*.po` are read; a department adds itself through the shell."""


class Words:
    """The sentences of one language; what is not translated stays English."""

    def __init__(self, language: str, messages: Mapping[po.Key, po.Message], plural: Callable[[int], int]) -> None:
        self.language = language
        self._messages = messages
        self._plural = plural

    def has(self, text: str, context: str = "") -> bool:
        """Whether there is a translation; always true in English."""
        return self.language == DEFAULT or (context, text) in self._messages

    def gettext(self, text: str) -> str:
        return self.pgettext("", text)

    def pgettext(self, context: str, text: str) -> str:
        """The translation of a text that means different things in different places."""
        message = self._messages.get((context, text))
        return message.translations[0] if message else text

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self.npgettext("", singular, plural, count)

    def npgettext(self, context: str, singular: str, plural: str, count: int) -> str:
        """The form that goes with a number: `1 resource`, `2 resources`."""
        message = self._messages.get((context, singular))
        if message is None:
            return singular if count == 1 else plural
        form = self._plural(count)
        return message.translations.get(form, message.translations[0])


@cache
def words(language: str, packages: tuple[str, ...] = PACKAGES) -> Words:
    """The sentences of a language, read from the packages' `.po` files once. KeyError for one we do not have."""
    if language not in LANGUAGES:
        raise KeyError(language)
    messages: dict[po.Key, po.Message] = {}
    header = ""
    for package in packages:
        folder = resources.files(package) / "languages" / language
        if not folder.is_dir():
            continue
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            if not file.name.endswith(".po"):
                continue
            for message in po.read(file.read_text(encoding="utf-8")):
                if not message.text:
                    header = message.translations[0]
                elif message.translations.get(0) and not message.fuzzy:
                    messages[message.key] = message
    return Words(language, messages, po.plural_rule(header))


def choose(asked: str | None, cookie: str | None, accepted: str | None) -> str:
    """The language of a page: the one asked for, else the one chosen earlier, else the best the browser accepts."""
    for code in (asked, cookie):
        if code is not None and code in LANGUAGES:
            return code
    return next((code for code in _preferences(accepted or "") if code in LANGUAGES), DEFAULT)


def _preferences(accepted: str) -> Iterable[str]:
    """The primary subtags of an Accept-Language header (RFC 9110 12.5.4), the most wanted first."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            ranked.append((-quality, place, tag.split("-")[0].lower()))
    return [tag for _, _, tag in sorted(ranked)]
