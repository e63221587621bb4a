"""A library as text: one definition a paragraph, comments before their definitions. Parses to the same library."""

from __future__ import annotations

from bedside.questions.cql import syntax
from bedside.questions.cql.parser.comments import as_comment
from bedside.questions.cql.printer import show
from bedside.questions.cql.spelling import function_name, identifier, name, qualified, shown, string
from bedside.questions.tree import Node


def show_library(library: syntax.LibraryDefinition) -> str:
    """The whole library. Definitions come in the order of the grammar: what is declared before what is defined."""
    blocks = []
    if library.name is not None:
        blocks.append(f"{as_comment(library.comment)}library {_dotted(library.name)}{_version(library.version)}\n")
    groups: tuple[tuple[Node, ...], ...] = (
        *(library.usings, library.includes, library.code_systems, library.value_sets),
        *(library.codes, library.concepts, library.parameters),
    )
    blocks += ["".join(map(show_definition, group)) for group in groups]
    blocks += map(show_definition, library.statements)
    return "\n".join(block for block in blocks if block)


def show_definition(node: Node) -> str:
    """One definition with its comment and a line end. Raises TypeError for any other node."""
    if isinstance(node, syntax.Definition):
        return as_comment(node.comment) + _definition(node) + "\n"
    match node:
        case syntax.UsingDefinition(name=text, version=version, alias=alias):
            return f"using {_dotted(text)}{_version(version)}{_called(alias)}\n"
        case syntax.IncludeDefinition(name=text, version=version, alias=alias):
            return f"include {_dotted(text)}{_version(version)}{_called(alias)}\n"
        case syntax.ContextDefinition(name=text, model=model):
            return f"context {'' if model is None else identifier(model) + '.'}{identifier(text)}\n"
    raise TypeError(f"a {type(node).__name__} is no definition")


def _definition(node: syntax.Definition) -> str:
    private, defined = "" if node.public else "private ", identifier(node.name)
    match node:
        case syntax.ParameterDefinition(type=type_, default=default):
            typed = "" if type_ is None else f" {show(type_)}"
            return f"{private}parameter {defined}{typed}{'' if default is None else f' default {show(default)}'}"
        case syntax.CodeSystemDefinition(id=id_, version=version):
            return f"{private}codesystem {defined}: {string(id_)}{_version(version)}"
        case syntax.ValueSetDefinition(id=id_, version=version, code_systems=systems):
            named = f" codesystems {{ {', '.join(map(qualified, systems))} }}" if systems else ""
            return f"{private}valueset {defined}: {string(id_)}{_version(version)}{named}"
        case syntax.CodeDefinition(id=id_, code_system=system, display=display):
            return f"{private}code {defined}: {string(id_)} from {qualified(system)}{shown(display)}"
        case syntax.ConceptDefinition(codes=codes, display=display):
            return f"{private}concept {defined}: {{ {', '.join(map(qualified, codes))} }}{shown(display)}"
        case syntax.ExpressionDefinition(expression=expression):
            return f"define {private}{defined}:\n  {show(expression)}"
        case syntax.FunctionDefinition():
            return _function(node, private)
    raise TypeError(f"a {type(node).__name__} is no definition")


def _function(node: syntax.FunctionDefinition, private: str) -> str:
    operands = ", ".join(f"{name(text)} {show(type_)}" for text, type_ in node.operands)
    fluent = "fluent " if node.fluent else ""
    returns = "" if node.returns is None else f" returns {show(node.returns)}"
    body = "external" if node.expression is None else show(node.expression)
    return f"define {private}{fluent}function {function_name(node.name)}({operands}){returns}:\n  {body}"


def _dotted(text: str) -> str:
    return ".".join(map(identifier, text.split(".")))


def _version(version: str | None) -> str:
    return "" if version is None else f" version {string(version)}"


def _called(alias: str | None) -> str:
    return "" if alias is None else f" called {identifier(alias)}"
