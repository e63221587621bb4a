"""Completion at the prompt: what can stand where the cursor is.

After a dot the properties of what stands before it, by its static type, and functions; in quotes and brackets the
names and types that have been defined or can be retrieved; else keywords, functions, types and definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from bedside.ask.outline import type_text
from bedside.cli.ask_workbook import Workbook
from bedside.questions.cql import models
from bedside.questions.cql.parser.words import KEYWORDS
from bedside.questions.cql.typer.methods import METHODS
from bedside.questions.cql.typer.system_functions import FUNCTIONS
from bedside.questions.cql.types import ChoiceType, DataType, IntervalType, ListType, NamedType, TupleType

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

_WORD = re.compile(r"[A-Za-z_][\w]*$")
_QUOTED = re.compile(r'"([^"]*)$')
_RETRIEVE = re.compile(r"\[\s*([A-Za-z]*)$")
_CODES = re.compile(r"\[\s*\w+\s*:\s*(?:[\w.]+\s+(?:in|~|=)\s*)?([\w]*)$")
_DOT = re.compile(r"\.\s*([A-Za-z_]\w*)?$")
_ALIAS = re.compile(r"(\[[^\]]*\]|\"[^\"]+\"|\)|[A-Za-z_][\w.]*)\s+([A-Za-z_]\w*)(?=\s|$|,)")
_PLURAL = ("List", "Interval", "Tuple", "Choice")
_OPEN, _CLOSE = "([{", ")]}"


class CqlCompleter(Completer):
    """Completions for a prompt's workbook."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        text = document.text_before_cursor
        if text.lstrip().startswith(":"):
            yield from self._command(text.lstrip(), complete_event)
            return
        dot = _DOT.search(text)
        if text.count("'") % 2:
            return  # in a text, where anything goes
        if dot is not None and not text.count('"') % 2:
            yield from _offers(self._after_dot(text[: dot.start()]), dot[1] or "")
            return
        quoted = _QUOTED.search(text) if text.count('"') % 2 else None
        if quoted is not None:
            yield from _offers(((f'{name}"', kind) for name, kind in self._names()), quoted[1])
            return
        codes = _CODES.search(text)
        if codes is not None:
            terms = ((f'"{name}"', kind) for name, kind in self._names() if kind in ("value set", "code", "concept"))
            yield from _offers(terms, codes[1])
            return
        retrieve = _RETRIEVE.search(text)
        if retrieve is not None:
            yield from _offers(((name, "resource") for name in self._model().retrievable), retrieve[1])
            return
        word = _WORD.search(text)
        if word is not None:
            yield from _offers(self._anything(), word[0])

    def _command(self, text: str, event: CompleteEvent) -> Iterator[Completion]:
        name, space, rest = text.partition(" ")
        if not space:
            yield from _offers(COMMANDS.items(), name)
        elif name == ":load":
            yield from self._paths.get_completions(Document(rest), event)
        elif name == ":path":
            word = _WORD.search(rest)
            yield from _offers(((each, "type") for each in models.load("FHIR").retrievable), word[0] if word else "")
        elif name == ":explain":
            yield from self.get_completions(Document(rest), event)

    def _names(self) -> Iterator[tuple[str, str]]:
        for kind, names in self._workbook.names().items():
            if kind != "model":
                yield from ((name, kind) for name in names)

    def _model(self) -> models.Model:
        names = self._workbook.names().get("model", ())
        return models.load(next((name for name in names if name in models.KNOWN and name != "System"), "FHIR"))

    def _anything(self) -> Iterator[tuple[str, str]]:
        for name, kind in self._names():
            plain = name.isidentifier()
            yield (name if plain else f'"{name}"'), kind
        yield from ((name, "function") for name in sorted(FUNCTIONS))
        yield from ((word, "keyword") for word in sorted(KEYWORDS))
        yield from ((name, "type") for name in self._model().type_names)

    # --- after a dot

    def _after_dot(self, text: str) -> Iterator[tuple[str, str]]:
        operand = last_operand(text)
        type_ = self._type(operand, text) if operand else None
        if type_ is not None:
            yield from _properties(type_)
            yield from ((f"{name}(", "function") for name in self._fluent())
            yield from ((f"{name}(", "function") for name in sorted(METHODS))

    def _fluent(self) -> Iterator[str]:
        for key, statement in self._workbook.statements.items():
            if key[0] == "function" and "fluent" in statement.text.split("(")[0]:
                yield key[1]

    def _type(self, operand: str, text: str) -> DataType | None:
        """The static type of an operand: by itself, or as an alias of the query that is being typed."""
        found = self._workbook.type_of(operand)
        if found is not None:
            return found
        before = text[: len(text.rstrip()) - len(operand)]
        sources: dict[str, str] = {}
        for match in _ALIAS.finditer(before):
            if re.search(rf"(?<![\w.]){match[2]}\b", operand):
                source = last_operand(before[: match.end(1)])
                if source:
                    sources[match[2]] = source
        if not sources:
            return None
        listed = ", ".join(f"({source}) {alias}" for alias, source in sources.items())
        found = self._workbook.type_of(f"from {listed} return all ({operand})")
        return found.element if isinstance(found, ListType) else found


def last_operand(text: str) -> str:
    """The operand that a text ends with: `"Last HbA1c".value`, `Patient`, `First([Condition])`, `Names[0]`."""
    at = len(text.rstrip())
    end = at
    while at > 0:
        char = text[at - 1]
        if char == '"':
            at = text.rfind('"', 0, at - 1)
            if at < 0:
                return ""
        elif char in _CLOSE:
            at = _opening(text, at - 1)
            if at < 0:
                return ""
            if text[at] == "[" and (at == 0 or not (text[at - 1].isalnum() or text[at - 1] in '"])_')):
                return text[at:end]
        elif char.isalnum() or char in "_.$%":
            at -= 1
        else:
            break
    return text[at:end].lstrip(".")


def _opening(text: str, at: int) -> int:
    """Where the bracket opens that closes at this place; -1 when it does not."""
    depth = 0
    quote = ""
    for place in range(at, -1, -1):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in _CLOSE:
            depth += 1
        elif char in _OPEN:
            depth -= 1
            if depth == 0:
                return place
    return -1


def _properties(type_: DataType) -> Iterator[tuple[str, str]]:
    match type_:
        case ListType(element=element):
            yield from _properties(element)
        case ChoiceType(alternatives=alternatives):
            seen = dict(pair for each in alternatives for pair in _properties(each))
            yield from seen.items()
        case IntervalType(point=point):
            yield from (("low", type_text(point)), ("high", type_text(point)))
            yield from (("lowClosed", "Boolean"), ("highClosed", "Boolean"))
        case TupleType(elements=elements):
            yield from ((name, type_text(each)) for name, each in elements)
        case NamedType(namespace=namespace) if namespace in models.KNOWN:
            for name, known in models.load(namespace).elements(type_).items():
                yield name, type_text(known.type)


def _offers(found: Iterable[tuple[str, str]], typed: str) -> Iterator[Completion]:
    """Those that begin with what is typed, in whatever case, each once."""
    folded, seen = typed.lower(), set[str]()
    for name, kind in found:
        bare = name.strip('"').lower()
        if name not in seen and (bare.startswith(folded) or name.lower().startswith(folded)):
            seen.add(name)
            yield Completion(name, start_position=-len(typed), display_meta=kind)


__all__: list[Any] = ["COMMANDS", "CqlCompleter", "last_operand"]
