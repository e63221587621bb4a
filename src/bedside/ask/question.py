"""A question as a person has it - a file, a text, an expression, the URL of a library - made ready to be asked.

Libraries that it includes are looked for beside the file first, by the name and version in their own headers, and then
in the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bedside.ask.errors import AskError, BadQuestion
from bedside.questions.cql import tree
from bedside.questions.cql.parser import parse_expression, parse_library
from bedside.questions.cql.run.program import Program, compile_library
from bedside.questions.cql.run.state import UNFILTERED
from bedside.questions.cql.typer import translate
from bedside.questions.errors import ParseError, QuestionError, Span, did_you_mean
from bedside.record.libraries import Shelf, cql_of

ANSWER = "Answer"
"""The definition that an expression becomes."""

_CANONICAL = re.compile(r"(?:https?://|urn:)\S+")
_STORED = re.compile(r"Library/([A-Za-z0-9\-.]{1,64})")
_COMMENT = re.compile(r"\s+|//[^\n]*|/\*.*?\*/", re.DOTALL)
_STATEMENT = re.compile(
    r"(?:library|using|include|codesystem|valueset|code|concept|parameter|context|define|public|private)\s+[\w\"]"
)
_HEADER = re.compile(r"library\s+((?:\"[^\"]+\"|[\w.]+))(?:\s+version\s+'([^']*)')?")


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was translated and compiled. It belongs to no patient and may be asked of many.

    `name` is what its author calls it; `source` what the author wrote, which for an expression is not the whole library
    (`head` stands before it).
    """

    program: Program
    name: str
    source: str
    head: str = ""
    warnings: tuple[QuestionError, ...] = field(default=())

    @property
    def library(self) -> tree.Library:
        """The typed tree."""
        return self.program.library

    @property
    def is_expression(self) -> bool:
        """Whether there is one answer rather than one for each definition."""
        return bool(self.head)

    @property
    def defines(self) -> tuple[str, ...]:
        """The public definitions, in the order of the library; `Patient`, which every library has, is not one."""
        return tuple(name for name, each in self.library.expressions.items() if each.public and not is_context(each))

    def definition(self, name: str) -> tree.ExpressionDef:
        """A definition by its name. Raises AskError, with what may have been meant."""
        found = self.library.expressions.get(name)
        if found is None:
            near = did_you_mean(name, self.defines)
            hint = f" Did you mean {near!r}?" if near else ""
            raise AskError(f"{self.name} has no definition {name!r}.{hint}")
        return found

    def context_of(self, names: Sequence[str]) -> str:
        """The context that these definitions need: `Patient`, or `Unfiltered` when none is about one patient."""
        contexts = {self.definition(name).context for name in names} - {UNFILTERED}
        if len(contexts) > 1:
            raise AskError(f"{' and '.join(sorted(contexts))} are two contexts; ask for one of them at a time.")
        return contexts.pop() if contexts else UNFILTERED

    def placed(self, error: QuestionError) -> QuestionError:
        """An error with its place in what the author wrote."""
        return _placed(error, self.library.source, self.head, self.source)


def is_context(definition: tree.ExpressionDef) -> bool:
    """Whether this is the definition that a context makes: `Patient` in the context Patient."""
    return definition.name == definition.context


class Sources:
    """The sources of libraries: those of a folder by what their headers say, and those of a record."""

    def __init__(self, folder: Path | None, shelf: Shelf | None) -> None:
        self._folder = folder
        self._shelf = shelf
        self._beside: dict[tuple[str, str | None], str] | None = None

    def __call__(self, name: str, version: str | None) -> str | None:
        beside = self._of_folder()
        if (name, version) in beside:
            return beside[name, version]
        if version is None:
            versions = sorted((known for known in beside if known[0] == name), key=lambda known: known[1] or "")
            if versions:
                return beside[versions[-1]]
        return None if self._shelf is None else self._shelf.source(name, version)

    def _of_folder(self) -> dict[tuple[str, str | None], str]:
        if self._beside is None:
            self._beside = {}
            for path in sorted(self._folder.glob("*.cql")) if self._folder is not None else ():
                source = path.read_text(encoding="utf-8-sig", errors="replace")
                header = _HEADER.match(source, _after_comments(source))
                if header is not None:
                    name = header[1].strip('"')
                    self._beside[name, header[2]] = source
                    # A version that is not said fits whatever header there is; so does a name without its namespace.
                    self._beside.setdefault((name.rpartition(".")[2], header[2]), source)
        return self._beside


def read_question(
    given: str | Path,
    shelf: Shelf | None,
    stored: Callable[[str], str | None],
    *,
    about: str | None,
    folder: Path | None,
) -> Question:
    """A question out of what was given.

    A path, or a text that ends with `.cql`, is a file; a canonical URL and `Library/id` are of the record; a text with
    statements (`define ...`) is a library; any other text is one expression, in the context `about` (`Patient`, None:
    everybody's data). Libraries are looked for in the file's folder or in `folder`, then on the shelf.

    Raises BadQuestion with every error, AskError for a file or library that is not there.
    """
    if isinstance(given, Path) or (given.strip().endswith(".cql") and "\n" not in given.strip()):
        path = Path(given.strip() if isinstance(given, str) else given)
        try:
            source = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise AskError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise AskError(f"{path} is no text in UTF-8.") from None
        return library_question(source, path.name, Sources(path.parent, shelf))
    text = given.strip()
    if _CANONICAL.fullmatch(text):
        resource = None if shelf is None else shelf.find(text)
        if resource is None:
            raise AskError(f"The record has no Library with the canonical URL {text}.")
        source = cql_of(resource) or ""
        return library_question(source, str(resource.get("name") or text), Sources(folder, shelf))
    match = _STORED.fullmatch(text)
    if match is not None:
        found = stored(match[1])
        if found is None:
            raise AskError(f"The record has no {text}.")
        return library_question(found, text, Sources(folder, shelf))
    if is_library(given):
        return library_question(given, "", Sources(folder, shelf))
    return expression_question(given, about, Sources(folder, shelf))


def is_library(text: str) -> bool:
    """Whether a text has statements, and is not one expression."""
    return _STATEMENT.match(text, _after_comments(text)) is not None


def library_question(source: str, name: str, sources: Callable[[str, str | None], str | None]) -> Question:
    """A library, ready to be asked. Raises BadQuestion."""
    translation = translate(source, libraries=sources)
    shown = name or _name_in(source) or "the question"
    if translation.library is None:
        raise BadQuestion(translation.problems, shown)
    return Question(compile_library(translation.library), shown, source, warnings=translation.warnings)


def expression_question(
    text: str,
    about: str | None,
    sources: Callable[[str, str | None], str | None],
    *,
    before: str = "using FHIR version '4.0.1'\n",
) -> Question:
    """One expression as a library with one definition; `before` stands in front of it. Raises BadQuestion, with places
    in the expression itself."""
    try:
        parse_expression(text)
    except ParseError as error:
        error.source = error.source or text
        raise BadQuestion([error], "") from None
    head = f'{before}context {about or UNFILTERED}\ndefine "{ANSWER}":\n'
    source = f"{head}{text}\n"
    translation = translate(source, libraries=sources)
    if translation.library is None:
        raise BadQuestion([_placed(each, source, head, text) for each in translation.problems], "")
    return Question(compile_library(translation.library), "the expression", text, head, translation.warnings)


def _placed(error: QuestionError, source: str, head: str, text: str) -> QuestionError:
    if head and error.source == source and error.span.start >= len(head):
        start = min(error.span.start - len(head), len(text))
        error.span = Span(start, max(start, min(error.span.end - len(head), len(text))))
        error.source, error.library, error.define = text, None, None
    return error


def _name_in(source: str) -> str | None:
    definition, _ = parse_library(source)
    return definition.name


def _after_comments(text: str) -> int:
    """Where the first word is."""
    at = 0
    while (match := _COMMENT.match(text, at)) is not None:
        at = match.end()
    return at
