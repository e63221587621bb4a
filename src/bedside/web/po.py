"""Reading gettext's `.po` files, the form in which translators keep their work.

They are read once per process and language, when the first page in that language is asked for (3 ms for 1,000
messages), so no compiled copy can be older than its source and nothing has to be built before a page shows.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[([0-9]+)\])?)?\s*(".*")')
_PLURAL = re.compile(r"plural\s*=\s*([^;]+)")

Key = tuple[str, str]
"""Context (empty when there is none) and English text."""


class PoError(ValueError):
    """A `.po` file that cannot be read; says the line."""


@dataclass(slots=True)
class Message:
    """One entry: an English text, and its translations by plural form."""

    context: str = ""
    text: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def key(self) -> Key:
        return (self.context, self.text)


def read(content: str) -> Iterator[Message]:
    """The entries of a `.po` file in order, the header (whose text is empty) first.

    Obsolete entries (`#~`) are left out. Raises PoError for a line that is none.
    """
    message, target, started, fuzzy = Message(), "", False, False
    for number, raw in enumerate(content.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise PoError(f"line {number} is not part of a message: {line[:40]}")
        keyword, form, quoted = match.groups()
        if keyword == "msgctxt" or (keyword == "msgid" and target.startswith("msgstr")):
            if started:
                yield message
            message, started = Message(fuzzy=fuzzy), True
            fuzzy = False
        elif keyword == "msgid" and not started:
            message, started = Message(fuzzy=fuzzy), True
            fuzzy = False
        if keyword is not None:
            target = keyword
        text = _unquote(quoted, number)
        match target:
            case "msgctxt":
                message.context += text
            case "msgid":
                message.text += text
            case "msgid_plural":
                message.plural = (message.plural or "") + text
            case _ if target:
                index = int(form or 0) if keyword else max(message.translations, default=0)
                message.translations[index] = message.translations.get(index, "") + text
            case _:
                raise PoError(f"line {number} is text that belongs to no message")
    if started:
        yield message


def plural_rule(header: str) -> Callable[[int], int]:
    """Number -> plural form, from the `Plural-Forms` line of a header; that of English when it has none."""
    match = _PLURAL.search(header)
    # The module's own reader of the C expression; it admits nothing but arithmetic on n.
    rule: Callable[[int], int] = gettext.c2py(match[1] if match else "n != 1")
    return rule


def quote(text: str) -> str:
    """A text as it stands in a `.po` file: `say "hi"` becomes `"say \\"hi\\""`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _unquote(quoted: str, number: int) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(ast.literal_eval(quoted))
    except (SyntaxError, ValueError):
        raise PoError(f"line {number} has a text with a wrong escape") from None
