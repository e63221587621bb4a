"""What may be written at a place of a CQL text: names of its own, elements after a dot, types and codes in a retrieve.

The text is rarely right while it is being written. What stands before a dot is typed in a copy of the text without the
dot; where that copy is not right either, the definition at hand is left out and its aliases are read by their look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bedside.questions.cql import models, tree
from bedside.questions.cql.models import Model
from bedside.questions.cql.parser.words import KEYWORDS
from bedside.questions.cql.typer import translate
from bedside.questions.cql.typer.system_functions import FUNCTIONS
from bedside.questions.cql.types import (
    SYSTEM_ELEMENTS,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
)
from bedside.questions.cql.walk import nodes
from bedside.questions.errors import QuestionError

Sources = Callable[[str, str | None], str | None]

MOST = 60
_MOST_LEFT_OUT = 6
_PARTIAL = re.compile(r"(?:\b[A-Za-z_]\w*)?\Z")
_RETRIEVE = re.compile(r'\[\s*(?:(?P<type>"[^"\n]+"|[A-Za-z_]\w*)\s*:\s*(?:[\w.]+\s+(?:in|~|=)\s+)?)?\Z')
_STATEMENT = re.compile(r"^[ \t]*(?:define|include|parameter|context|valueset|codesystem|code|concept)\b", re.M)
_DECLARED = re.compile(
    r"^[ \t]*(?P<kind>define(?:\s+fluent)?\s+function|define|parameter|valueset|codesystem|code|concept|include)"
    r'\s+(?:(?:public|private)\s+)?(?P<name>"[^"\n]+"|[A-Za-z_][\w.]*)(?:[^\n]*?\bcalled\s+(?P<called>\w+))?',
    re.MULTILINE,
)
_ALIAS = re.compile(
    r'(?P<source>\[[^\]\n]*\]|"[^"\n]+"|\b[A-Za-z_]\w*)\s*\)?\s+(?P<alias>[A-Za-z_]\w*)'
    r"(?=\s*(?:,|\n|\.|\s(?:where|return|sort|with|without|let|such|aggregate)\b))"
)
_USING = re.compile(r"^\s*using\s+(\w+)(?:\s+version\s+'([^']*)')?", re.MULTILINE)
_SYSTEM_TYPES = ("Boolean", "Integer", "Long", "Decimal", "String", "Date", "DateTime", "Time", "Quantity", "Ratio")
_NUMBER = re.compile(r"(?<![\w.])\d+\.\Z")
_PLAIN = re.compile(r"[A-Za-z_]\w*")
_OPERATORS_ONLY = frozenset(
    (
        *("Add", "And", "Concatenate", "Divide", "Equal", "Equivalent", "Greater", "GreaterOrEqual", "Implies"),
        *("InCodeSystem", "InValueSet", "Indexer", "Less", "LessOrEqual", "Multiply", "Modulo", "Not", "Or"),
        *(
            "Subtract",
            "Xor",
            "After",
            "Before",
            "Collapse",
            "Contains",
            "DateFrom",
            "Distinct",
            "End",
            "Ends",
            "Except",
        ),
        *("Except", "Exists", "Expand", "Flatten", "In", "IncludedIn", "Includes", "Intersect", "IsFalse", "IsNull"),
        *("IsTrue", "Meets", "MeetsAfter", "MeetsBefore", "Overlaps", "OverlapsAfter", "OverlapsBefore", "PointFrom"),
        *("Predecessor", "ProperContains", "ProperIn", "ProperIncludedIn", "ProperIncludes", "SameAs", "SameOrAfter"),
        *("SameOrBefore", "SingletonFrom", "Start", "Starts", "Successor", "TimeFrom", "TimezoneOffsetFrom", "Union"),
        *("Width",),
    )
)
"""Functions that nobody writes by name: there is a symbol or a word for them."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may be written: `text` as it stands in the source, `kind` (definition, function, type, element,
    code, value set, parameter, library, alias, word), `detail` its type, where known."""

    text: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand at a place, the likeliest first, instead of the characters from `start` to `end`."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...]


def complete(source: str, at: int, *, libraries: Sources = lambda name, version: None) -> Completion:
    """What may be written at a character offset. Never raises for what is wrong with the text."""
    at = max(0, min(at, len(source)))
    inside, opened = _around(source, at)
    if inside in ("//", "/*", "'"):
        return Completion(at, at, ())
    match = _PARTIAL.search(source, 0, at)
    start = opened if inside == '"' else match.start() if match is not None else at
    partial = source[start:at].lstrip('"')
    end = at + 1 if inside == '"' and source[at : at + 1] == '"' else at
    before = source[:start].rstrip(" \t\n")
    if before.endswith(".") and _NUMBER.search(before) is None:
        found: Iterable[Suggestion] = _members(source, len(before) - 1, end, libraries)
    elif (retrieve := _RETRIEVE.search(source, max(0, start - 200), start)) is not None:
        found = _in_retrieve(source, retrieve["type"])
    else:
        found = _anything(source, start, libraries)
    if inside == '"':
        found = (each for each in found if each.text.startswith('"'))
    return Completion(start, end, tuple(_best(found, partial)))


def _best(found: Iterable[Suggestion], partial: str) -> list[Suggestion]:
    """Those that begin with what is there already, then those that have it at the beginning of a later word."""
    wanted = partial.lower()
    ranked: list[tuple[int, int, Suggestion]] = []
    seen = set()
    for place, each in enumerate(found):
        plain = each.text.strip('"').lower()
        if each.text in seen or plain == wanted:
            continue
        seen.add(each.text)
        if plain.startswith(wanted):
            ranked.append((0, place, each))
        elif len(wanted) > 1 and re.search(rf"(?:\b|_){re.escape(wanted)}", plain):
            ranked.append((1, place, each))
        elif len(wanted) > 2 and wanted in plain:
            ranked.append((2, place, each))
    return [each for _, _, each in sorted(ranked, key=lambda one: one[:2])[:MOST]]


_NEXT = re.compile(r"""//|/\*|['"]""")
_CLOSING = {"//": re.compile(r"\n"), "/*": re.compile(r"\*/"), "'": re.compile(r"(?<!\\)'"), '"': re.compile(r'"|\n')}


def _around(source: str, at: int) -> tuple[str, int]:
    """What a place is within, and where that begins: a comment, a string, a name in double quotes, or nothing."""
    place = 0
    while (match := _NEXT.search(source, place, at)) is not None:
        closing = _CLOSING[match[0]].search(source, match.end(), at)
        if closing is None:
            return match[0], match.start()
        place = closing.end()
    return "", at


# --- names of the text


def _anything(source: str, at: int, libraries: Sources) -> Iterator[Suggestion]:
    """All names of the text, functions of the language, and its words."""
    current = _statement_at(source, at)
    for match in _ALIAS.finditer(source, current[0], current[1]):
        if match["alias"] not in KEYWORDS:
            yield Suggestion(match["alias"], "alias", match["source"])
    types = _types_of_definitions(source, current, libraries)
    for kind, name in _declared(source):
        yield Suggestion(name, kind, types.get(name.strip('"'), ""))
    model = _model(source)
    if model is not None:
        yield Suggestion("Patient", "definition", "Patient")
    yield from (Suggestion(f"{name}(", "function") for name in sorted(FUNCTIONS) if name not in _OPERATORS_ONLY)
    yield from (Suggestion(word, "word") for word in sorted(KEYWORDS))
    yield from (
        Suggestion(f"{name}", "type") for name in ("Boolean", "Integer", "Decimal", "String", "Date", "Quantity")
    )


def _declared(source: str) -> Iterator[tuple[str, str]]:
    """Kind and name of everything that the text declares."""
    kinds = {"valueset": "value set", "codesystem": "code system", "include": "library", "define": "definition"}
    for match in _DECLARED.finditer(source):
        kind, name = match["kind"], match["called"] or match["name"]
        if "function" in kind:
            yield "function", f"{name}("
        elif kind != "include" or match["called"] or _PLAIN.fullmatch(name):
            yield kinds.get(kind, kind), name


def _types_of_definitions(source: str, current: tuple[int, int], libraries: Sources) -> dict[str, str]:
    library = _library_without(source, current, libraries)
    return {} if library is None else {name: _words(each.expression.type) for name, each in library.expressions.items()}


def _statement_at(source: str, at: int) -> tuple[int, int]:
    """The beginning and end of the statement that a place is in."""
    begins = [match.start() for match in _STATEMENT.finditer(source)]
    start = max((each for each in begins if each <= at), default=0)
    end = min((each for each in begins if each > at), default=len(source))
    return start, end


def _library_without(source: str, part: tuple[int, int], libraries: Sources) -> tree.Library | None:
    """The text without a statement, and without others that are wrong, typed; None when nothing can be made of it.

    What is left out becomes blanks, so that places stay where they are.
    """
    for _ in range(_MOST_LEFT_OUT):
        source = source[: part[0]] + _blank(source[part[0] : part[1]]) + source[part[1] :]
        found = translate(source, libraries=libraries)
        if found.library is not None:
            return found.library
        place = next((each.span.start for each in found.problems if each.source == source), None)
        if place is None:
            return None
        part = _statement_at(source, place)
    return None


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


# --- in a retrieve


def _in_retrieve(source: str, type_name: str | None) -> Iterator[Suggestion]:
    """After `[` the types that can be retrieved; after `[Type:` value sets, codes and concepts."""
    if type_name is None:
        model = _model(source)
        for name in sorted(model.retrievable) if model is not None else ():
            assert model is not None
            label = None if model.name == "FHIR" else model.info(NamedType(model.name, name)).label
            text = label or name
            yield Suggestion(text if _PLAIN.fullmatch(text) else f'"{text}"', "type")
        return
    for wanted in ("value set", "code", "concept"):
        yield from (Suggestion(name, kind) for kind, name in _declared(source) if kind == wanted)
    yield from (Suggestion(name, kind) for kind, name in _declared(source) if kind in ("definition", "parameter"))


def _model(source: str) -> Model | None:
    """The model that a text uses; FHIR where it names none."""
    named = [match for match in _USING.finditer(source) if match[1] != "System"]
    for match in named:
        try:
            return models.load(match[1], match[2])
        except QuestionError:
            continue
        except (KeyError, ValueError, LookupError):
            continue
    return None if named else models.load("FHIR", None)


# --- after a dot


def _members(source: str, dot: int, end: int, libraries: Sources) -> Iterator[Suggestion]:
    """The elements of what stands before a dot, or the public names of the library that is called so."""
    # Without the dot, and with blanks in its place, so that what stands before it ends where it ended.
    text = source[:dot] + _blank(source[dot:end]) + source[end:]
    whole = _library_with(text, dot, libraries)
    if whole is not None:
        type_, place = _type_ending_at(whole, dot), dot
        while type_ is None and text[:place].rstrip().endswith(")"):  # Brackets are of no expression.
            place = len(text[: len(text[:place].rstrip()) - 1].rstrip())
            type_ = _type_ending_at(whole, place)
        if type_ is not None:
            yield from _elements(type_, whole)
            yield from _fluent(whole)
            return
    statement = _statement_at(source, dot)
    library = whole or _library_without(source, statement, libraries)
    name = _name_before(source, dot)
    if library is not None and name.strip('"') in library.includes:
        yield from _of_library(library.includes[name.strip('"')])
        return
    guessed = _guess(source, statement, name, library)
    if guessed is not None:
        yield from _elements(guessed, library)


def _library_with(text: str, at: int, libraries: Sources) -> tree.Library | None:
    """The text typed, if need be without wrong statements other than the one at a place."""
    for _ in range(_MOST_LEFT_OUT):
        found = translate(text, libraries=libraries)
        if found.library is not None:
            return found.library
        here = _statement_at(text, at)
        places = [each.span.start for each in found.problems if each.source == text]
        if not places or any(here[0] <= place < here[1] for place in places):
            return None
        part = _statement_at(text, places[0])
        text = text[: part[0]] + _blank(text[part[0] : part[1]]) + text[part[1] :]
    return None


def _name_before(source: str, dot: int) -> str:
    match = re.search(r'(?:"[^"\n]+"|[A-Za-z_]\w*)\Z', source[:dot].rstrip())
    return match[0] if match is not None else ""


def _type_ending_at(library: tree.Library, at: int) -> DataType | None:
    """The type of the largest expression that ends at a place."""
    best: tuple[int, DataType] | None = None
    bodies = [each.expression for each in library.expressions.values()]
    bodies += [each.expression for some in library.functions.values() for each in some if each.expression is not None]
    for body in bodies:
        for node in nodes(body):
            if (
                isinstance(node, tree.Expression)
                and node.span.end == at
                and (best is None or node.span.start < best[0])
            ):
                best = (node.span.start, node.type)
    return None if best is None else best[1]


def _guess(source: str, statement: tuple[int, int], name: str, library: tree.Library | None) -> DataType | None:
    """The type of a name by the look of the text: an alias of a retrieve or of a definition, or a definition."""
    definitions = {} if library is None else {key: each.expression.type for key, each in library.expressions.items()}
    if name.strip('"') in definitions:
        return definitions[name.strip('"')]
    model = _model(source)
    if name == "Patient" and model is not None:
        return model.patient_class
    text = source[statement[0] : statement[1]]
    match = next((one for one in _sources(text) if one[1] == name), None)
    if match is None:
        return None
    origin = match[0]
    if origin.startswith("[") and model is not None:
        inside = origin.strip("[] ").partition(":")[0].strip().strip('"')
        return model.find_type(inside)
    known = definitions.get(origin.strip('"'))
    return known.element if isinstance(known, ListType) else known


def _sources(text: str) -> Iterator[tuple[str, str]]:
    """What looks like a source of a query with its alias."""
    for match in re.finditer(r'(\[[^\]\n]*\]|"[^"\n]+")\)?\s+([A-Za-z_]\w*)\b', text):
        if match[2] not in KEYWORDS:
            yield match[1], match[2]


def _elements(type_: DataType, library: tree.Library | None) -> Iterator[Suggestion]:
    """The elements of a type; of a list those of its elements, for a path through a list goes through each."""
    match type_:
        case ListType(element=inner):
            yield from _elements(inner, library)
        case TupleType(elements=elements):
            yield from (Suggestion(_name(name), "element", _words(each)) for name, each in elements)
        case IntervalType(point=point):
            for name in ("low", "high"):
                yield Suggestion(name, "element", _words(point))
            for name in ("lowClosed", "highClosed"):
                yield Suggestion(name, "element", "Boolean")
        case ChoiceType(alternatives=alternatives):
            for each in alternatives:
                yield from _elements(each, library)
        case NamedType() if type_ in SYSTEM_ELEMENTS:
            yield from (Suggestion(name, "element", _words(each)) for name, each in SYSTEM_ELEMENTS[type_].items())
        case NamedType(namespace=namespace):
            version = None
            for using in library.usings if library is not None else ():
                version = using.version if using.name == namespace else version
            try:
                model = models.load(namespace, version)
                known = model.elements(type_)
            except (QuestionError, LookupError, ValueError):
                return
            own = set(model.info(type_).elements)
            ordered = sorted(known.values(), key=lambda each: each.name not in own)
            yield from (Suggestion(_name(each.name), "element", _words(each.type)) for each in ordered)


def _fluent(library: tree.Library) -> Iterator[Suggestion]:
    for each in (library, *library.includes.values()):
        for name, overloads in each.functions.items():
            if any(one.fluent for one in overloads):
                yield Suggestion(f"{_name(name)}(", "function", _words(overloads[0].result))


def _of_library(library: tree.Library) -> Iterator[Suggestion]:
    """The public names of an included library."""
    for name, define in library.expressions.items():
        if define.public and name != define.context:
            yield Suggestion(_name(name), "definition", _words(define.expression.type))
    for name, overloads in library.functions.items():
        yield Suggestion(f"{_name(name)}(", "function", _words(overloads[0].result))
    for kind, some in (("value set", library.value_sets), ("code", library.codes), ("parameter", library.parameters)):
        yield from (Suggestion(_name(name), kind) for name in some)


def _name(name: str) -> str:
    """A name as it must be written: in quotes when it is no plain word."""
    return (
        name
        if _PLAIN.fullmatch(name) and name not in KEYWORDS - {"code", "date", "start", "end", "version"}
        else f'"{name}"'
    )


def _words(type_: DataType) -> str:
    return str(type_).replace("System.", "").replace("FHIR.", "").replace("QICore.", "")


__all__ = ["Completion", "Suggestion", "complete"]
