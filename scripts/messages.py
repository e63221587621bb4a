"""Which sentences the pages have, and what the translations lack: `python scripts/messages.py` tells, `--update` adds
empty entries for what is missing to `languages/<code>/pages.po`, for a translator to fill in.

Sentences come from templates and from Python calls of `gettext` and its like, names of types from the R4 definitions.
Names of elements and codes are translated where somebody has done so; the rest of those thousands stays English.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from jinja2 import Environment

from bedside.fhir import definitions
from bedside.web import po
from bedside.web.languages import DEFAULT, LANGUAGES
from bedside.web.locale import MONTHS
from bedside.web.readable.labels import english_type
from bedside.web.readable.ranges import FLAG_WORDS

WEB = Path(str(resources.files("bedside.web")))
_ARGUMENTS = {"gettext": 1, "_": 1, "pgettext": 2, "ngettext": 2, "npgettext": 3}
_PAGES = "pages.po"


def sentences() -> dict[po.Key, po.Message]:
    """Every message that must be translated, by context and English text."""
    found = [*_in_templates(), *_in_code()]
    found += [po.Message("type", *english_type(name)) for name in definitions.resource_types()]
    found += [po.Message("flag", word) for word in FLAG_WORDS]
    found += [po.Message("month", month) for month in MONTHS]
    return {message.key: message for message in found}


def _in_templates() -> Iterator[po.Message]:
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True)
    for path in sorted((WEB / "templates").glob("*.html")):
        for _, function, texts in environment.extract_translations(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
            yield _message(function, [texts] if isinstance(texts, str) else [t for t in texts if t is not None])


def _in_code() -> Iterator[po.Message]:
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for texts in _constants(name, node.args):
                yield _message(name, texts)


def _constants(name: str, arguments: list[ast.expr]) -> Iterator[list[str]]:
    """The texts of a call; each of the choices where the text is chosen by a condition."""
    wanted = arguments[: _ARGUMENTS.get(name, 0)]
    if len(wanted) == 1:
        for part in ast.walk(wanted[0]):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield [part.value]
    elif wanted and all(isinstance(each, ast.Constant) for each in wanted):
        yield [str(each.value) for each in wanted if isinstance(each, ast.Constant)]


def _message(function: str, texts: list[str]) -> po.Message:
    match function, texts:
        case ("pgettext", [context, text]):
            return po.Message(context, text)
        case ("ngettext", [singular, plural, *_]):
            return po.Message("", singular, plural)
        case ("npgettext", [context, singular, plural, *_]):
            return po.Message(context, singular, plural)
    return po.Message("", texts[0])


def translations(language: str) -> dict[po.Key, po.Message]:
    """What a language has, by context and English text; raises ValueError for a message that is there twice."""
    found: dict[po.Key, po.Message] = {}
    for path in sorted((WEB / "languages" / language).glob("*.po")):
        for message in po.read(path.read_text(encoding="utf-8")):
            if message.text and message.key in found:
                raise ValueError(f"{path.name}: {message.key} is translated twice")
            found[message.key] = message
    return found


def missing(language: str) -> list[po.Message]:
    """Sentences without a translation, or without one of its plural forms."""
    have = translations(language)
    return [
        each
        for key, each in sentences().items()
        if key not in have or not all(have[key].translations.get(form) for form in range(1 + (each.plural is not None)))
    ]


def unused(language: str) -> list[po.Key]:
    """Translations of sentences that no page has any more."""
    need = sentences()
    open_ended = ("element", "code")
    return [key for key in translations(language) if key[1] and key[0] not in open_ended and key not in need]


def entry(message: po.Message) -> str:
    """A message as it stands in a `.po` file, to be filled in."""
    lines = [f"msgctxt {po.quote(message.context)}"] if message.context else []
    lines.append(f"msgid {po.quote(message.text)}")
    if message.plural is None:
        lines.append('msgstr ""')
    else:
        lines += [f"msgid_plural {po.quote(message.plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
    return "\n".join(lines) + "\n"


def main() -> int:
    """Tell what is missing; 1 when anything is."""
    wrong = 0
    for language in LANGUAGES:
        if language == DEFAULT:
            continue
        lacking, needless = missing(language), unused(language)
        print(f"{language}: {len(lacking)} to translate, {len(needless)} not used")
        for message in lacking:
            print(f"  + {message.context or '-'}: {message.text}")
        for context, text in needless:
            print(f"  - {context or '-'}: {text}")
        if "--update" in sys.argv[1:] and lacking:
            with (WEB / "languages" / language / _PAGES).open("a", encoding="utf-8") as file:
                file.writelines("\n" + entry(message) for message in lacking)
        wrong += len(lacking) + len(needless)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
