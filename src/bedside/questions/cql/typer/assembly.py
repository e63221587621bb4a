"""One library put together: its models and includes, what it defines, and every definition typed in its turn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from bedside.questions.cql import models, syntax, tree
from bedside.questions.cql.models import Model
from bedside.questions.cql.typer import helpers
from bedside.questions.cql.typer.core import Silenced, Typer, quoted
from bedside.questions.cql.typer.declarations import Declarations
from bedside.questions.cql.typer.definitions import Definitions
from bedside.questions.errors import NOWHERE, CheckError, QuestionError

if TYPE_CHECKING:
    from bedside.questions.cql.typer.library import Parsed, Translator

D = TypeVar("D", bound=tree.Definition)


class Assembly(Declarations):
    """The work on one library."""

    def __init__(self, translator: Translator, parsed: Parsed, key: str) -> None:
        definitions = Definitions(load_whole=self.whole)
        found: dict[str, Model] = {}
        typer = Typer(parsed.source, models=found, definitions=definitions, name=parsed.definition.name)
        super().__init__(parsed.definition, typer)
        self.translator = translator
        self.parsed = parsed
        self.key = key
        self.used = found
        self.usings: list[tree.Using] = []
        self.helpers_node: syntax.IncludeDefinition | None = None

    def translation(self) -> tuple[tree.Library | None, tuple[QuestionError, ...], tuple[QuestionError, ...]]:
        """The library, its problems and its warnings."""
        for using in self.node.usings:
            self.typer.attempt(self.using, using)
        included: list[QuestionError] = []
        for include in self.node.includes:
            self.typer.attempt(self.include, include, included)
        if self.models and helpers.NAME not in self.definitions.includes and self.node.name != helpers.NAME:
            self.definitions.includes[helpers.NAME] = helpers.library()
            self.definitions.implicit.add(helpers.NAME)
        self.terminology()
        self.collect()
        self.parameters()
        self.finish()
        problems = (*self.parsed.errors, *self.typer.problems)
        told = tuple(dict.fromkeys((*included, *sorted(problems, key=lambda error: error.span))))
        return None if told else self.library(), told, tuple(self.typer.warnings)

    # Models and libraries.

    def using(self, node: syntax.UsingDefinition) -> None:
        try:
            model = models.load(node.name.rpartition(".")[2], node.version)
        except CheckError as error:
            error.span = node.span
            self.typer.models_missing = True
            raise
        alias = node.alias or node.name.rpartition(".")[2]
        if alias == "System":
            return
        if model.name in self.models and self.models[model.name] is not model:
            raise CheckError(f"the model {model.name} is used in two versions", span=node.span)
        self.used[model.name] = model
        self.used.setdefault(alias, model)
        self.usings.append(tree.Using(alias=alias, name=model.name, version=model.version))

    def include(self, node: syntax.IncludeDefinition, included: list[QuestionError]) -> None:
        alias = node.alias or node.name.rpartition(".")[2]
        if alias in self.definitions.includes or alias in self.definitions.broken:
            raise CheckError(f"two libraries are called {quoted(alias)}", span=node.span)
        if helpers.is_helpers(node.name):
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

    def finish(self) -> None:
        """Type what nobody has needed yet."""
        for expression in self.definitions.expressions.values():
            try:
                self.definitions.expression(self.typer, expression, NOWHERE)
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

        def of(kind: type[D]) -> dict[str, D]:
            return {name: each for name, each in definitions.named.items() if isinstance(each, kind)}

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
