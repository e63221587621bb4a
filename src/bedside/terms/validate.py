"""$validate-code: whether a code is valid in a code system or a value set, and if not, why
(https://hl7.org/fhir/R4/codesystem-operation-validate-code.html, valueset-operation-validate-code.html). No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bedside.fhir.outcome import FhirError, Invalid
from bedside.terms.canonical import joined
from bedside.terms.concepts import Designation
from bedside.terms.designations import is_right, shown
from bedside.terms.errors import Unanswerable
from bedside.terms.members import DOUBT, Entry, Rule, entry_of
from bedside.terms.systems import CodeSystem, Source


@dataclass(frozen=True, slots=True)
class Coding:
    """What is to be validated. `system` None: it was not said."""

    system: str | None
    code: str
    version: str | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """`result` is certain: where nobody can tell, an error was raised. `display` is a recommended one."""

    result: bool
    message: str | None = None
    display: str | None = None

    def parameters(self) -> dict[str, Any]:
        """As the Parameters that the operation answers with."""
        found: list[dict[str, Any]] = [{"name": "result", "valueBoolean": self.result}]
        if self.message is not None:
            found.append({"name": "message", "valueString": self.message})
        if self.display is not None:
            found.append({"name": "display", "valueString": self.display})
        return {"resourceType": "Parameters", "parameter": found}


def in_system(
    system: CodeSystem, coding: Coding, *, abstract: bool | None = None, language: str | None = None
) -> Validation:
    """Whether the system has the code. Raises Unanswerable where only a part of the system is here and it is not in it.

    `abstract` False refuses headings; they are taken when it is not given.
    """
    name = joined(system.url, system.version)
    concept = system.find(coding.code)
    if concept is None:
        if system.content != "complete":
            raise Unanswerable(f"{coding.code!r} is not in what is here of {name}, which is {system.content}.")
        return Validation(False, f"{coding.code!r} is not a code of {name}.")
    return _judged(entry_of(system, concept), coding, f"of {name}", abstract, language)


def in_value_set(
    name: str,
    rule: Rule,
    source: Source,
    coding: Coding,
    *,
    abstract: bool | None = None,
    language: str | None = None,
) -> Validation:
    """Whether the value set has the code. Raises one of `members.DOUBT` where that is not known.

    Where it has not, the message tells whether the code system has it, if that is known. A code without system is
    looked for in all the systems that the value set draws on, and must be found in one of them only.
    """
    if coding.system is None:
        return _without_system(name, rule, source, coding, abstract, language)
    entry = rule.find(coding.system, coding.code)
    if entry is None:
        return Validation(False, _not_in(name, source, coding))
    if coding.version and entry.version and coding.version != entry.version:
        system = source.code_system(coding.system, coding.version)
        if system is None or system.find(coding.code) is None:
            said = f"{name} has {coding.code!r} of version {entry.version} of {coding.system}, not of {coding.version}."
            return Validation(False, said, entry.display)
    return _judged(entry, coding, f"in {name}", abstract, language)


def any_in_value_set(
    name: str,
    rule: Rule,
    source: Source,
    codings: Sequence[Coding],
    *,
    abstract: bool | None = None,
    language: str | None = None,
) -> Validation:
    """Whether one coding of a CodeableConcept is valid in the value set; with the reasons of all if none is."""
    if not codings:
        return Validation(False, "The concept has no coding with a code.")
    messages: list[str] = []
    doubt: FhirError | None = None
    for coding in codings:
        try:
            found = in_value_set(name, rule, source, coding, abstract=abstract, language=language)
        except DOUBT as error:
            doubt = doubt or error
        else:
            if found.result:
                return found
            messages.append(found.message or "")
    if doubt is not None:
        raise doubt
    return Validation(False, " ".join(dict.fromkeys(messages)))


def _without_system(
    name: str, rule: Rule, source: Source, coding: Coding, abstract: bool | None, language: str | None
) -> Validation:
    found: list[str] = []
    doubt: FhirError | None = None
    for system in sorted(rule.systems()):
        try:
            if rule.find(system, coding.code) is not None:
                found.append(system)
        except DOUBT as error:
            doubt = doubt or error
    if len(found) > 1:
        raise Invalid(f"{coding.code!r} is in {name} under {' and '.join(found)}; say which system is meant.")
    if found:
        exact = Coding(found[0], coding.code, coding.version, coding.display)
        return in_value_set(name, rule, source, exact, abstract=abstract, language=language)
    if doubt is not None:
        raise doubt
    return Validation(False, f"{coding.code!r} is not in {name}, whatever its system.")


def _not_in(name: str, source: Source, coding: Coding) -> str:
    message = f"{coding.code!r} of {coding.system} is not in {name}."
    system = source.code_system(coding.system or "", coding.version)
    if system is not None and system.content == "complete" and system.find(coding.code) is None:
        message += f" It is not a code of {joined(system.url, system.version)} either."
    return message


def _judged(entry: Entry, coding: Coding, where: str, abstract: bool | None, language: str | None) -> Validation:
    """A code that is there: its display and its state."""
    display = shown(entry.display, entry.designations, language)
    if entry.abstract and abstract is False:
        return Validation(False, f"{entry.code!r} {where} is abstract: a heading, not for use in a record.", display)
    if coding.display is not None and not is_right(coding.display, entry.display, entry.designations):
        if entry.display is None and not entry.designations:
            return Validation(True, f"The display {coding.display!r} could not be checked: none is known here.")
        message = f"The display {coding.display!r} is not one of {entry.code!r} {where}; it is {_words(entry)}."
        return Validation(False, message, display)
    return Validation(True, f"{entry.code!r} {where} is inactive." if entry.inactive else None, display)


def _words(entry: Entry) -> str:
    designations: Sequence[Designation] = entry.designations
    words = [each for each in (entry.display, *(d.get("value") for d in designations)) if each]
    return " or ".join(repr(each) for each in dict.fromkeys(words[:4]))
