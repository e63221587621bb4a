"""What a library declares: terminology, parameters, contexts and functions, entered before any expression is typed.

The order is fixed: terminology first, for codes need their systems; then contexts, expressions and functions by name;
then parameters, whose defaults may use all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from bedside.questions.cql import syntax, tree
from bedside.questions.cql.models import Model
from bedside.questions.cql.typer import convert, specifiers
from bedside.questions.cql.typer.calls import call
from bedside.questions.cql.typer.core import Typer, quoted
from bedside.questions.cql.typer.definitions import UNFILTERED, Expression
from bedside.questions.cql.typer.overloads import Function
from bedside.questions.cql.types import CODE, CODE_SYSTEM, DataType, ListType
from bedside.questions.errors import CheckError, Span, did_you_mean


class Declarations:
    """The declarations of one library, entered into the typer's definitions."""

    def __init__(self, node: syntax.LibraryDefinition, typer: Typer) -> None:
        self.node = node
        self.typer = typer
        self.definitions = typer.definitions
        self.models: Mapping[str, Model] = typer.models
        self.seen: dict[str, Span] = {}

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
                definitions.named[value_set.name] = typer.attempt(self.value_set, value_set)
        for code in node.codes:
            if self.enter(code.name, code.span):
                definitions.named[code.name] = None
                definitions.named[code.name] = typer.attempt(self.code, code)
        for concept in node.concepts:
            if self.enter(concept.name, concept.span):
                definitions.named[concept.name] = None
                definitions.named[concept.name] = typer.attempt(self.concept, concept)

    def value_set(self, node: syntax.ValueSetDefinition) -> tree.ValueSetDef:
        refs = tuple(self.system_ref(each) for each in node.code_systems)
        return tree.ValueSetDef(
            name=node.name, public=node.public, span=node.span, id=node.id, version=node.version, code_systems=refs
        )

    def system_ref(self, node: syntax.QualifiedName) -> tree.CodeSystemRef:
        self.definitions.code_system(node)
        return tree.CodeSystemRef(
            type=CODE_SYSTEM,
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
                    type=CODE,
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
                found = self.typer.attempt(self.parameter, each)
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
                found = self.typer.attempt(self.context, node)
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
                    self.typer.attempt(self.function, node, context)

    def context(self, node: syntax.ContextDefinition) -> str | None:
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
        if self.typer.models_missing:
            return None
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
        operands: list[tuple[str, DataType]] = []
        for name, type_ in node.operands:
            found = self.typer.attempt(specifiers.read, self.typer, type_)
            if found is not None:
                operands.append((name, found))
        overloads = self.definitions.functions.setdefault(node.name, [])
        if len(operands) < len(node.operands):  # Calls of the name fail silently while nothing else has it.
            if not overloads:
                overloads.append(Function(node, context, tuple(operands), failed=True, known=False))
            return
        function = Function(node, context, tuple(operands))
        if len({name for name, _ in operands}) < len(operands):
            raise CheckError(f"two operands of {quoted(node.name)} have one name", span=node.span)
        if node.fluent and not operands:
            raise CheckError(f"the fluent function {quoted(node.name)} has no operand", span=node.span)
        if any(each.signature == function.signature and not each.failed for each in overloads):
            raise CheckError(f"{quoted(node.name)} is defined twice for the same types", span=node.span)
        overloads.append(function)
