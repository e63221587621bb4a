"""`bedside ask --interactive`: questions at a prompt, one after the other.

A line that is no whole expression goes on in the next one; an empty line sends it as it is. The history is a file of
the user's own in the state folder; commands that name a patient are not written into it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import typer
from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output

from bedside.ask.errors import AskError, BadQuestion, told
from bedside.ask.question import ANSWER, is_library
from bedside.ask.record import OpenRecord
from bedside.ask.words import answer as words_of
from bedside.ask.words import line
from bedside.cli.ask_answers import console, explained, messages
from bedside.cli.ask_complete import COMMANDS, CqlCompleter
from bedside.cli.ask_workbook import Workbook, is_complete
from bedside.fhir.outcome import FhirError
from bedside.questions.errors import QuestionError

_NAMING = (":patient",)


def history_file() -> Path:
    """`$XDG_STATE_HOME/bedside/ask-history`, or the same in `~/.local/state` (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "bedside" / "ask-history"


class History(FileHistory):
    """A file that only its owner reads, and without whom one has asked of."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        super().__init__(str(path))

    def store_string(self, string: str) -> None:
        if not string.lstrip().startswith(_NAMING):
            super().store_string(string)


def run(
    record: OpenRecord,
    patient: str | None,
    parameters: dict[str, str],
    *,
    source: Input | None = None,
    output: Output | None = None,
) -> None:
    """Ask until the user leaves. `source` and `output` are the terminal unless they are given."""
    prompt = Prompt(record, parameters)
    if patient is not None:
        prompt.obey(f":patient {patient}")
    session: PromptSession[str] = PromptSession(
        history=History(history_file()),
        completer=CqlCompleter(prompt.workbook),
        complete_while_typing=True,
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation="  ... ",
        enable_history_search=False,
        input=source,
        output=output,
    )
    typer.echo("CQL about one patient or all. :help tells what can be typed, :quit leaves.")
    while True:
        try:
            text = session.prompt(prompt.sign)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if not prompt.take(text):
            return


def _keys() -> KeyBindings:
    """Enter sends what is whole, and an empty line what is not; Alt-Enter always sends."""
    bindings = KeyBindings()

    @bindings.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        at_end = not buffer.document.text_after_cursor.strip()
        again = "\n" in buffer.text and not buffer.document.current_line.strip()
        if at_end and (again or is_complete(buffer.text)):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    @bindings.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return bindings


class Prompt:
    """What one prompt does with what is typed."""

    def __init__(self, record: OpenRecord, parameters: dict[str, str] | None = None) -> None:
        self.workbook = Workbook(record, parameters=dict(parameters or {}))
        self._record = record
        self._last: str | None = None
        self._screen = console()
        self._commands: dict[str, Callable[[str], None]] = {
            ":define": self._define,
            ":explain": self._explain,
            ":help": self._help,
            ":load": self._load,
            ":parameter": self._parameter,
            ":path": self._path,
            ":patient": self._patient,
        }

    @property
    def sign(self) -> str:
        """What stands before the cursor: of whom is asked."""
        return f"{self.workbook.patient or 'all'}> "

    def take(self, text: str) -> bool:
        """Answer what was typed. False when the user wants to leave."""
        text = text.strip()
        if text in (":quit", ":q", ":exit"):
            return False
        if not text:
            return True
        try:
            if text.startswith(":"):
                self.obey(text)
            elif is_library(text):
                for each in self.workbook.say(text):
                    typer.echo(each)
            else:
                self._answer(text)
        except BadQuestion as error:
            typer.echo(str(error))
        except QuestionError as error:
            typer.echo(told(error))
        except AskError as error:
            typer.echo(str(error))
        except FhirError as error:
            typer.echo("; ".join(issue.message for issue in error.issues))
        except KeyboardInterrupt:
            typer.echo("stopped")
        return True

    def _answer(self, text: str) -> None:
        question = self.workbook.question(text)
        self._last = text
        answer = self._record.ask(
            question,
            patient=self.workbook.patient,
            define=[ANSWER],
            parameters=self._fitting(question.library.parameters),
        )
        messages(answer)
        for each in words_of(answer[ANSWER], self._record.now):
            self._screen.print(each, markup=False)

    def _fitting(self, declared: object) -> dict[str, str]:
        """The parameters that have been set, of those that there are."""
        names = declared if isinstance(declared, dict) else {}
        return {name: value for name, value in self.workbook.parameters.items() if name in names}

    # --- commands

    def obey(self, text: str) -> None:
        """Do what a command says."""
        name, _, rest = text.partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise AskError(f"There is no {name}. There are {', '.join(COMMANDS)}.")
        command(rest.strip())

    def _define(self, rest: str) -> None:
        if rest:
            name, colon, expression = rest.partition(":")
            if not colon:
                raise AskError("A definition is NAME: EXPRESSION.")
            for each in self.workbook.say(f'define "{name.strip().strip(chr(34))}":\n{expression.strip()}'):
                typer.echo(each)
            return
        names = self.workbook.names()
        if not names:
            typer.echo("Nothing has been defined.")
        for kind, some in names.items():
            for name in some:
                type_ = self.workbook.type_of(f'"{name}"') if kind in ("define", "parameter") else None
                typer.echo(f'{kind} "{name}"' + (f": {type_}".replace("System.", "") if type_ is not None else ""))

    def _explain(self, rest: str) -> None:
        text = rest or self._last
        if text is None:
            raise AskError("Nothing has been asked yet.")
        question = self.workbook.question(text)
        explanation = self._record.explain(
            question,
            patient=self.workbook.patient,
            define=[ANSWER],
            parameters=self._fitting(question.library.parameters),
        )
        for each in words_of(explanation.answer[ANSWER], self._record.now):
            self._screen.print(each, markup=False)
        explained(self._screen, explanation)

    def _help(self, rest: str) -> None:
        typer.echo(
            "An expression of CQL is answered; a statement (define, valueset, code, ...) is kept for later ones."
        )
        for name, what in COMMANDS.items():
            typer.echo(f"  {name:<11} {what}")
        typer.echo("Tab completes. A line that is not whole goes on in the next; an empty line sends it all the same.")

    def _load(self, rest: str) -> None:
        parts = shlex.split(rest) if rest else []
        if len(parts) != 1:
            raise AskError(":load takes one file.")
        for each in self.workbook.load(Path(parts[0])):
            typer.echo(each)

    def _parameter(self, rest: str) -> None:
        name, equals, value = rest.partition("=")
        if not equals:
            for known, said in self.workbook.parameters.items():
                typer.echo(f"{known}={said}")
            return
        self.workbook.parameters[name.strip().strip('"')] = value.strip()

    def _path(self, rest: str) -> None:
        items = self._record.fhirpath(rest, patient=self.workbook.patient)
        for item in items:
            for each in words_of(item, self._record.now):
                self._screen.print(each, markup=False)
        if not items:
            typer.echo("none")

    def _patient(self, rest: str) -> None:
        if not rest:
            self.workbook.patient = None
            return
        reference = rest if "/" in rest else f"Patient/{rest}"
        try:
            resource = self._record.read(reference)
        except KeyError:
            resource = None
        if resource is None:
            raise AskError(f"There is no {reference} in the record.")
        self.workbook.patient = rest
        self._screen.print(f"{line(resource, self._record.now)} [{reference}]", markup=False)


__all__ = ["Prompt", "history_file", "run"]
