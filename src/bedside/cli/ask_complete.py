"""Completion at the prompt: commands, and what may stand at this place of the CQL that is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from bedside.cli.ask_workbook import Workbook
from bedside.questions.cql import models
from bedside.questions.cql.completion import complete

COMMANDS = {
    ":define": "what has been defined; :define NAME: EXPRESSION defines more",
    ":explain": "why the last answer, or that of an expression, is what it is",
    ":help": "what can be typed",
    ":load": "take in a file of CQL",
    ":parameter": "NAME=VALUE sets a parameter",
    ":path": "a FHIRPath expression",
    ":patient": "of whom to ask; without an id, of nobody in particular",
    ":quit": "leave (or Ctrl-D)",
}

_WORD = re.compile(r"[A-Za-z_]\w*$")


class CqlCompleter(Completer):
    """Completions for a prompt's workbook: what is typed stands in a library of all that has been said."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        text = document.text_before_cursor
        if text.lstrip().startswith(":"):
            yield from self._command(text.lstrip(), complete_event)
        elif text.strip():
            yield from self._cql(text)

    def _cql(self, text: str) -> Iterator[Completion]:
        head = self._workbook.head(text)
        at = len(head) + len(text)
        found = complete(head + text, at, libraries=self._workbook.sources)
        for each in found.suggestions:
            kind = f"{each.kind} {each.detail}" if each.detail else each.kind
            yield Completion(each.text, start_position=found.start - at, display_meta=kind)

    def _command(self, text: str, event: CompleteEvent) -> Iterator[Completion]:
        name, space, rest = text.partition(" ")
        if not space:
            yield from _offers(COMMANDS.items(), name)
        elif name == ":load":
            yield from self._paths.get_completions(Document(rest), event)
        elif name == ":path":
            word = _WORD.search(rest)
            yield from _offers(((each, "type") for each in models.load("FHIR").retrievable), word[0] if word else "")
        elif name == ":explain" and rest:
            yield from self._cql(rest)


def _offers(found: Iterable[tuple[str, str]], typed: str) -> Iterator[Completion]:
    folded = typed.lower()
    for name, kind in found:
        if name.lower().startswith(folded):
            yield Completion(name, start_position=-len(typed), display_meta=kind)


__all__ = ["COMMANDS", "CqlCompleter"]
