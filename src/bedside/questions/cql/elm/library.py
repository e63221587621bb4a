"""A library as ELM: its header, its definitions in ELM's groups, and its statements."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.elm.expressions import Json, Writer
from bedside.questions.cql.elm.literals import systems_of
from bedside.questions.cql.elm.names import SYSTEM_URI, model_uri, specifier, typed
from bedside.questions.cql.types import CODE, CODE_SYSTEM, CONCEPT, VALUE_SET
from bedside.questions.errors import NOWHERE, Span

CONTEXTS_WITHOUT_DEFINITION = ("Unfiltered", "Population")


@dataclass(frozen=True, slots=True)
class Options:
    """What is written beside the meaning: types of results, places in the source, signatures of calls."""

    result_types: bool = False
    locators: bool = False
    signatures: bool = False


def to_elm(library: tree.Library, options: Options | None = None) -> Json:
    """A translated library as ELM JSON: `{"library": {...}}`. Decimals stay Decimal; `fhir.json.encode` writes them."""
    return {"library": _Library(library, options or Options()).write()}


class _Library:
    def __init__(self, library: tree.Library, options: Options) -> None:
        self.library = library
        self.options = options
        self.locate = locator(library.source) if options.locators else None
        self.writer = Writer(
            types=options.result_types,
            signatures=options.signatures,
            locate=self.locate,
            code_systems=systems_of(library),
            conversions=self._conversions(),
        )

    def _conversions(self) -> str | None:
        for alias, of in self.library.includes.items():
            if of.name == "FHIRHelpers":
                return alias
        return None

    def write(self) -> Json:
        library = self.library
        chosen = {
            "EnableResultTypes": self.options.result_types,
            "EnableLocators": self.options.locators,
        }
        note = {"type": "CqlToElmInfo", "translatorOptions": ",".join(name for name, on in chosen.items() if on)}
        identifier = {"id": library.name, "version": library.version}
        found: Json = {
            "annotation": [note],
            "identifier": {name: value for name, value in identifier.items() if value is not None},
            "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
            "usings": {"def": [{"localIdentifier": "System", "uri": SYSTEM_URI}, *map(self.using, library.usings)]},
        }
        groups: tuple[tuple[str, Iterable[Json]], ...] = (
            ("includes", (self.include(alias, of) for alias, of in library.includes.items())),
            ("parameters", map(self.parameter, library.parameters.values())),
            ("codeSystems", map(self.code_system, library.code_systems.values())),
            ("valueSets", map(self.value_set, library.value_sets.values())),
            ("codes", map(self.code, library.codes.values())),
            ("concepts", map(self.concept, library.concepts.values())),
            ("contexts", ({"name": each} for each in self.contexts())),
            ("statements", self.statements()),
        )
        for name, definitions in groups:
            written = list(definitions)
            if written:
                found[name] = {"def": written}
        return found

    def using(self, node: tree.Using) -> Json:
        found = {"localIdentifier": node.alias, "uri": model_uri(node.name)}
        return found if node.version is None else found | {"version": node.version}

    def include(self, alias: str, of: tree.Library) -> Json:
        found = {"localIdentifier": alias, "path": of.name}
        return found if of.version is None else found | {"version": of.version}

    def definition(self, node: tree.Definition) -> Json:
        found: Json = {"name": node.name}
        if self.locate is not None and node.span != NOWHERE:
            found["locator"] = self.locate(node.span)
        return found | {"accessLevel": "Public" if node.public else "Private"}

    def typed(self, type_: Any) -> Json:
        return typed("result", type_) if self.options.result_types else {}

    def parameter(self, node: tree.ParameterDef) -> Json:
        found = self.definition(node) | self.typed(node.type) | {"parameterTypeSpecifier": specifier(node.type)}
        return found if node.default is None else found | {"default": self.writer.write(node.default)}

    def code_system(self, node: tree.CodeSystemDef) -> Json:
        found = self.definition(node) | self.typed(CODE_SYSTEM) | {"id": node.id}
        return found if node.version is None else found | {"version": node.version}

    def value_set(self, node: tree.ValueSetDef) -> Json:
        found = self.definition(node) | self.typed(VALUE_SET) | {"id": node.id}
        if node.version is not None:
            found["version"] = node.version
        return found | {"codeSystem": [self.plain(each) for each in node.code_systems]}

    def plain(self, node: tree.CodeSystemRef | tree.CodeRef) -> Json:
        found = self.writer.write(node)
        found.pop("type")
        return found

    def code(self, node: tree.CodeDef) -> Json:
        found = self.definition(node) | self.typed(CODE) | {"id": node.id}
        if node.display is not None:
            found["display"] = node.display
        return found | {"codeSystem": self.plain(node.code_system)}

    def concept(self, node: tree.ConceptDef) -> Json:
        found = self.definition(node) | self.typed(CONCEPT)
        if node.display is not None:
            found["display"] = node.display
        return found | {"code": [self.plain(each) for each in node.codes]}

    def contexts(self) -> list[str]:
        definitions: list[tree.ExpressionDef | tree.FunctionDef] = [
            *self.library.expressions.values(),
            *self._functions(),
        ]
        found = dict.fromkeys(each.context for each in definitions)
        return [each for each in found if each not in CONTEXTS_WITHOUT_DEFINITION]

    def _functions(self) -> list[tree.FunctionDef]:
        return [each for overloads in self.library.functions.values() for each in overloads]

    def statements(self) -> list[Json]:
        """Expressions and functions in the order of the source."""
        nodes: list[tree.ExpressionDef | tree.FunctionDef] = [*self.library.expressions.values(), *self._functions()]
        return [self.statement(each) for each in sorted(nodes, key=lambda node: node.span.start)]

    def statement(self, node: tree.ExpressionDef | tree.FunctionDef) -> Json:
        found = self.definition(node) | {"context": node.context}
        if isinstance(node, tree.ExpressionDef):
            return found | self.typed(node.expression.type) | {"expression": self.writer.write(node.expression)}
        found |= {"type": "FunctionDef", **self.typed(node.result)}
        if node.fluent:
            found["fluent"] = True
        found["operand"] = [{"name": name, "operandTypeSpecifier": specifier(type_)} for name, type_ in node.operands]
        if node.expression is None:
            return found | {"external": True}
        return found | {"expression": self.writer.write(node.expression)}


def locator(source: str) -> Callable[[Span], str]:
    """ELM's locators of spans: `3:1-3:28`, lines and columns from 1, the last character included."""
    starts = [0, *(place + 1 for place, char in enumerate(source) if char == "\n")]

    def place(offset: int) -> str:
        line = bisect_right(starts, offset) - 1
        return f"{line + 1}:{offset - starts[line] + 1}"

    def locate(span: Span) -> str:
        return f"{place(span.start)}-{place(max(span.start, span.end - 1))}"

    return locate
