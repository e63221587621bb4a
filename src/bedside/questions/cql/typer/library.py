"""From source text to a typed library: includes, models, and every definition in its turn.

All errors of a library are told at once, those of the libraries it includes among them, each with its library's name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bedside.questions.cql import models, operators, syntax, tree
from bedside.questions.cql.models import Model
from bedside.questions.cql.parser import parse_library
from bedside.questions.cql.typer import convert, helpers, specifiers
from bedside.questions.cql.typer.cache import Kept, digest
from bedside.questions.cql.typer.calls import call
from bedside.questions.cql.typer.core import Silenced, Typer, quoted
from bedside.questions.cql.typer.definitions import UNFILTERED, Definitions, Expression, Function
from bedside.questions.cql.types import ListType
from bedside.questions.errors import CheckError, QuestionError, Span, UnsupportedError, did_you_mean
from bedside.questions.tree import Node

Sources = Callable[[str, str | None], str | None]
"""Name and version of a library -> its source, None for one that there is not."""

RECURSION_LIMIT = 12_000
"""Python frames that a deeply nested library may need; `core.MAX_DEPTH` ends it before."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of a source. `library` is None when there are problems; warnings do no harm."""

    library: tree.Library | None
    problems: tuple[QuestionError, ...] = ()
    warnings: tuple[QuestionError, ...] = ()


def no_libraries(name: str, version: str | None) -> str | None:
    return None


_KEPT: Kept[Translation] = Kept()


def translate(source: str, *, libraries: Sources = no_libraries, cache: Kept[Translation] | None = None) -> Translation:
    """Parse and type a library with all that it includes. Never raises for what is wrong with the text.

    `libraries` gives the sources of included libraries; translations are kept in `cache`, else for the process.
    """
    if sys.getrecursionlimit() < RECURSION_LIMIT:
        sys.setrecursionlimit(RECURSION_LIMIT)
    operators.load_all()
    return Translator(libraries, _KEPT if cache is None else cache).translate(source)


@dataclass(slots=True)
class Parsed:
    """A source as read, with the digest of it and of all that it includes."""

    source: str
    definition: syntax.LibraryDefinition
    errors: tuple[QuestionError, ...]
    digest: str = ""


@dataclass(slots=True)
class Translator:
    """One run: what it has read and what it is at, so that includes in a circle are found."""

    libraries: Sources
    cache: Kept[Translation]
    done: dict[tuple[str, str | None], Translation] = field(default_factory=dict)
    sources: dict[tuple[str, str | None], str | None] = field(default_factory=dict)
    parsed: dict[str, Parsed] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def translate(self, source: str) -> Translation:
        parsed = self.parse(source)
        key = self.digest(parsed, ())
        kept = self.cache.get(key)
        if kept is None:
            kept = _Library(self, parsed, key).translation()
            self.cache.put(key, kept)
        return kept

    def parse(self, source: str) -> Parsed:
        found = self.parsed.get(source)
        if found is None:
            definition, errors = parse_library(source)
            for error in errors:
                error.source = error.source or source
                error.library = error.library or definition.name
            found = self.parsed[source] = Parsed(source, definition, tuple(errors))
        return found

    def digest(self, parsed: Parsed, above: tuple[str, ...]) -> str:
        """The key of a source. What is included in a circle, or is not there, counts by its name."""
        if not parsed.digest:
            parts = []
            for each in parsed.definition.includes:
                text = None if _is_helpers(each) else self.source(each.name, each.version)
                if text is None or text in above:
                    parts.append(f"{each.name}|{each.version}")
                else:
                    parts.append(self.digest(self.parse(text), (*above, parsed.source)))
            found = digest(parsed.source, *parts)
            if above:
                return found
            parsed.digest = found
        return parsed.digest

    def source(self, name: str, version: str | None) -> str | None:
        key = (name, version)
        if key not in self.sources:
            found = self.libraries(name, version)
            if found is None and "." in name:  # A namespace, which whoever keeps the sources may not know.
                found = self.libraries(name.rpartition(".")[2], version)
            self.sources[key] = found
        return self.sources[key]

    def include(self, name: str, version: str | None) -> Translation | None:
        """An included library, None when there is no source of it."""
        key = (name, version)
        if key not in self.done:
            source = self.source(name, version)
            if source is None:
                return None
            self.open.append(name)
            try:
                self.done[key] = self.translate(source)
            finally:
                self.open.pop()
        return self.done[key]


def _is_helpers(node: syntax.IncludeDefinition) -> bool:
    return node.name.rpartition(".")[2] == helpers.NAME


class _Library:
    """The work on one library."""

    def __init__(self, translator: Translator, parsed: Parsed, key: str) -> None:
        self.translator = translator
        self.parsed = parsed
        self.key = key
        self.node = parsed.definition
        self.models: dict[str, Model] = {}
        self.usings: list[tree.Using] = []
        self.definitions = Definitions(load_whole=self.whole)
        self.typer = Typer(parsed.source, models=self.models, definitions=self.definitions, name=self.node.name)
        self.seen: dict[str, Span] = {}
        self.contexts: list[str] = []
        self.helpers_node: syntax.IncludeDefinition | None = None

    def translation(self) -> Translation:
        for using in self.node.usings:
            self.typer.attempt(lambda using=using: self.using(using))  # type: ignore[misc]
        included: list[QuestionError] = []
        for include in self.node.includes:
            self.typer.attempt(lambda include=include: self.include(include, included))  # type: ignore[misc]
        if self.models and helpers.NAME not in self.definitions.includes and self.node.name != helpers.NAME:
            self.definitions.includes[helpers.NAME] = helpers.library()
            self.definitions.implicit.add(helpers.NAME)
        self.terminology()
        self.collect()
        self.parameters()
        self.finish()
        problems = (*self.parsed.errors, *self.typer.problems)
        told = tuple(dict.fromkeys((*included, *sorted(problems, key=lambda error: error.span))))
        warnings = tuple(self.typer.warnings)
        return Translation(None if told else self.library(), told, warnings)

    # Models and libraries.

    def using(self, node: syntax.UsingDefinition) -> None:
        try:
            model = models.load(node.name.rpartition(".")[2], node.version)
        except CheckError as error:
            error.span = node.span
            raise
        alias = node.alias or node.name.rpartition(".")[2]
        if alias == "System":
            return
        if model.name in self.models and self.models[model.name] is not model:
            raise CheckError(f"the model {model.name} is used in two versions", span=node.span)
        self.models[model.name] = model
        self.models.setdefault(alias, model)
        self.usings.append(tree.Using(alias=alias, name=model.name, version=model.version))

    def include(self, node: syntax.IncludeDefinition, included: list[QuestionError]) -> None:
        alias = node.alias or node.name.rpartition(".")[2]
        if alias in self.definitions.includes or alias in self.definitions.broken:
            raise CheckError(f"two libraries are called {quoted(alias)}", span=node.span)
        if _is_helpers(node):
            self.helpers_node = node
            self.definitions.includes[alias] = replace(helpers.library(), version=node.version or "4.4.000")
            return
        self.definitions.broken.add(alias)
        translator = self.translator
        if node.name in translator.open or node.name == self.node.name:
            path = " -> ".join(
                [*translator.open[translator.open.index(node.name) if node.name in translator.open else 0 :], node.name]
            )
            raise CheckError(f"the library {node.name} includes itself: {path}", span=node.span)
        if not translator.open and self.node.name:
            translator.open.append(self.node.name)
        found = translator.include(node.name, node.version)
        if found is None:
            version = f" version '{node.version}'" if node.version else ""
            raise CheckError(f"there is no library {node.name}{version}", span=node.span)
        if found.library is None:
            included += found.problems
            raise CheckError(f"the library {node.name} has errors", span=node.span)
        self.definitions.broken.discard(alias)
        self.definitions.includes[alias] = found.library
        if found.library.name is not None and found.library.name != node.name.rpartition(".")[2]:
            raise CheckError(f"what is given for {node.name} is the library {found.library.name}", span=node.span)
        if node.version is not None and found.library.version not in (None, node.version):
            self.typer.warn(
                f"{node.name} is wanted in version {node.version}, and there is version {found.library.version}",
                node.span,
            )

    def whole(self, alias: str) -> tree.Library | None:
        """FHIRHelpers as its source says, for a function that the models do not name."""
        node = self.helpers_node
        if node is None or self.definitions.includes.get(alias) is None:
            return None
        if self.definitions.includes[alias].name != helpers.NAME or self.definitions.includes[alias].source:
            return None
        found = self.translator.include(node.name, node.version)
        if found is None or found.library is None:
            return None
        self.definitions.includes[alias] = found.library
        return found.library

    # What is defined.

    def enter(self, name: str, span: Span) -> bool:
        """Whether a name is still free; an error where it is not."""
        if name in self.seen or name in self.definitions.includes.keys() - self.definitions.implicit:
            self.typer.report(CheckError(f"{quoted(name)} is defined twice", span=span))
            return False
        self.seen[name] = span
        return True

    def terminology(self) -> None:
        typer, definitions, node = self.typer, self.definitions, self.node
        for system in node.code_systems:
            if self.enter(system.name, system.span):
                definitions.named[system.name] = tree.CodeSystemDef(
                    name=system.name, public=system.public, span=system.span, id=system.id, version=system.version
                )
        for value_set in node.value_sets:
            if self.enter(value_set.name, value_set.span):
                definitions.named[value_set.name] = None
                definitions.named[value_set.name] = typer.attempt(lambda each=value_set: self.value_set(each))  # type: ignore[misc]
        for code in node.codes:
            if self.enter(code.name, code.span):
                definitions.named[code.name] = None
                definitions.named[code.name] = typer.attempt(lambda each=code: self.code(each))  # type: ignore[misc]
        for concept in node.concepts:
            if self.enter(concept.name, concept.span):
                definitions.named[concept.name] = None
                definitions.named[concept.name] = typer.attempt(lambda each=concept: self.concept(each))  # type: ignore[misc]

    def value_set(self, node: syntax.ValueSetDefinition) -> tree.ValueSetDef:
        refs = tuple(self.system_ref(each) for each in node.code_systems)
        return tree.ValueSetDef(
            name=node.name, public=node.public, span=node.span, id=node.id, version=node.version, code_systems=refs
        )

    def system_ref(self, node: syntax.QualifiedName) -> tree.CodeSystemRef:
        self.definitions.code_system(node)
        return tree.CodeSystemRef(
            type=specifiers.SYSTEM.find_type("CodeSystem") or convert.ANY,
            name=node.name,
            library=node.library,
            span=node.span,
        )

    def code(self, node: syntax.CodeDefinition) -> tree.CodeDef:
        return tree.CodeDef(
            name=node.name,
            public=node.public,
            span=node.span,
            id=node.id,
            code_system=self.system_ref(node.code_system),
            display=node.display,
        )

    def concept(self, node: syntax.ConceptDefinition) -> tree.ConceptDef:
        codes = []
        for each in node.codes:
            self.definitions.code(each)
            codes.append(
                tree.CodeRef(
                    type=specifiers.SYSTEM.find_type("Code") or convert.ANY,
                    name=each.name,
                    library=each.library,
                    span=each.span,
                )
            )
        return tree.ConceptDef(
            name=node.name, public=node.public, span=node.span, codes=tuple(codes), display=node.display
        )

    def parameters(self) -> None:
        for each in self.node.parameters:
            if self.enter(each.name, each.span):
                self.definitions.named[each.name] = None
        for each in self.node.parameters:
            if self.seen.get(each.name) == each.span:
                found = self.typer.attempt(lambda each=each: self.parameter(each))  # type: ignore[misc]
                self.definitions.named[each.name] = found

    def parameter(self, node: syntax.ParameterDefinition) -> tree.ParameterDef:
        declared = None if node.type is None else specifiers.read(self.typer, node.type)
        self.typer.context, self.typer.define = "Unfiltered", node.name
        default = None if node.default is None else self.typer.type(node.default)
        self.typer.define = None
        if declared is None:
            if default is None:
                raise CheckError(
                    f"the parameter {quoted(node.name)} has no type", span=node.span, expected="a type or a default"
                )
            declared = default.type
        elif default is not None:
            default = convert.to(self.typer, default, declared)
        return tree.ParameterDef(name=node.name, public=node.public, span=node.span, type=declared, default=default)

    def collect(self) -> None:
        """Enter every expression and function with its context, before any is typed."""
        context = "Unfiltered"
        for node in self.node.statements:
            if isinstance(node, syntax.ContextDefinition):
                found = self.typer.attempt(lambda node=node: self.context(node))  # type: ignore[misc]
                context = found or node.name
        context = "Unfiltered"
        for node in self.node.statements:
            match node:
                case syntax.ContextDefinition():
                    context = "Unfiltered" if node.name in UNFILTERED else node.name
                case syntax.ExpressionDefinition():
                    if self.enter(node.name, node.span):
                        self.definitions.expressions[node.name] = Expression(node.name, context, node)
                case syntax.FunctionDefinition():
                    self.typer.attempt(lambda node=node, context=context: self.function(node, context))  # type: ignore[misc]

    def context(self, node: syntax.ContextDefinition) -> str:
        """A context of a model brings the definition of what it is about: `Patient` (CQL 1.5, authors guide,
        "Context").
        """
        if node.name in UNFILTERED:
            return "Unfiltered"
        if node.model is not None and node.model not in self.models:
            raise CheckError(f"there is no model {node.model!r}", span=node.span)
        given = [self.models[node.model]] if node.model is not None else list(self.models.values())
        for model in given:
            context = model.contexts.get(node.name)
            if context is None:
                continue
            if node.name not in self.seen:
                self.enter(node.name, node.span)
                self.definitions.expressions[node.name] = Expression(
                    node.name, node.name, None, done=self.about(model, node)
                )
            return node.name
        known = [*UNFILTERED, *(name for model in given for name in model.contexts)]
        raise CheckError(
            f"there is no context {node.name!r}" + ("" if given else " without a model"),
            span=node.span,
            expected=None if given else "using FHIR version '4.0.1'",
            suggestion=did_you_mean(node.name, known),
        )

    def about(self, model: Model, node: syntax.ContextDefinition) -> tree.ExpressionDef:
        type_ = model.contexts[node.name].type
        info = model.info(type_)
        retrieve = tree.Retrieve(
            type=ListType(type_),
            data_type=type_,
            resource_type=info.target or info.fhir_type or type_.name,
            template=info.identifier,
            span=node.span,
        )
        single = call(self.typer, "SingletonFrom", (retrieve,), node.span)
        return tree.ExpressionDef(name=node.name, context=node.name, expression=single, span=node.span)

    def function(self, node: syntax.FunctionDefinition, context: str) -> None:
        operands = []
        failed = False
        for name, type_ in node.operands:
            found = self.typer.attempt(lambda type_=type_: specifiers.read(self.typer, type_))  # type: ignore[misc]
            failed = failed or found is None
            operands.append((name, found))
        overloads = self.definitions.functions.setdefault(node.name, [])
        function = Function(node, context, tuple(operands), failed=failed)
        if failed:
            self.definitions.functions[node.name] = overloads or [function]
            return
        if len({name for name, _ in operands}) < len(operands):
            raise CheckError(f"two operands of {quoted(node.name)} have one name", span=node.span)
        if node.fluent and not operands:
            raise CheckError(f"the fluent function {quoted(node.name)} has no operand", span=node.span)
        if any(each.signature == function.signature for each in overloads):
            raise CheckError(f"{quoted(node.name)} is defined twice for the same types", span=node.span)
        if overloads and overloads[0].failed:
            overloads.clear()
        overloads.append(function)

    def finish(self) -> None:
        """Type what nobody has needed yet."""
        for expression in self.definitions.expressions.values():
            try:
                self.definitions.expression(
                    self.typer, expression, expression.node.span if expression.node else Span(0, 0)
                )
            except Silenced:
                continue
        for overloads in self.definitions.functions.values():
            for function in overloads:
                try:
                    self.definitions.function(self.typer, function)
                except Silenced:
                    continue

    def library(self) -> tree.Library:
        definitions = self.definitions
        named = definitions.named.values()

        def of(kind: type) -> dict:  # type: ignore[type-arg]
            return {each.name: each for each in named if isinstance(each, kind)}

        functions = {
            name: tuple(each.done for each in overloads if each.done is not None)
            for name, overloads in definitions.functions.items()
        }
        return tree.Library(
            name=self.node.name,
            version=self.node.version,
            usings=tuple(self.usings),
            includes=dict(definitions.includes),
            parameters=of(tree.ParameterDef),
            code_systems=of(tree.CodeSystemDef),
            value_sets=of(tree.ValueSetDef),
            codes=of(tree.CodeDef),
            concepts=of(tree.ConceptDef),
            expressions={name: each.done for name, each in definitions.expressions.items() if each.done is not None},
            functions=functions,
            source=self.parsed.source,
            digest=self.key,
        )


__all__ = ["Iterable", "Node", "Sources", "Translation", "UnsupportedError", "no_libraries", "translate"]
