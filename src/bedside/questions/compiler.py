"""Tree to closures: how each kind of node is compiled. Operators and functions are in files of their own, by family.

A compiler is used once for one expression. It can compile in two ways. The plain way makes closures that know nothing
of the source text, so that evaluating costs nothing for it. When such an evaluation fails, the expression compiles
itself again with `locating`: then every closure is wrapped so that an error learns where it happened, and the
evaluation is repeated only to find the place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bedside.questions import tree
from bedside.questions.code import FUNCTIONS, Code, Frame, Kind, many, one
from bedside.questions.constants import is_constant, once
from bedside.questions.data import Collection, DataNode, Item, node_of, system_value
from bedside.questions.errors import NOWHERE, CheckError, EvaluationError, QuestionError, did_you_mean
from bedside.questions.model import TYPE_OF_VALUE, Type, all_type_names, find_types
from bedside.questions.path import Path
from bedside.questions.tree import Node

N = TypeVar("N", bound=Node)
BUILDERS: dict[type[Node], Callable[[Compiler, Any], Code]] = {}
"""How each node is compiled; operators enter themselves from the modules `operators_*`."""


def builds(*nodes: type[N]) -> Callable[[Callable[[Compiler, N], Code]], Callable[[Compiler, N], Code]]:
    """Enter a builder for nodes of these classes."""

    def enter(build: Callable[[Compiler, N], Code]) -> Callable[[Compiler, N], Code]:
        BUILDERS.update(dict.fromkeys(nodes, build))
        return build

    return enter


class Compiler:
    """Compiles the nodes of one expression.

    `as_filters`: `as` on several items keeps those of the type instead of failing. R4's own invariants and search
    parameters are written for this older reading.
    """

    def __init__(self, source: str, *, as_filters: bool = False, locating: bool = False) -> None:
        self.source = source
        self.as_filters = as_filters
        self.locating = locating

    def compile(self, node: Node) -> Code:
        """The code of a node and everything below it. Raises CheckError for names that there are not."""
        code = BUILDERS[node.__class__](self, node)
        if self.locating:
            return self._located(code, node)
        return once(code) if is_constant(node) else code

    def _located(self, code: Code, node: Node) -> Code:
        run = code.run

        def located(this: Item | None, frame: Frame) -> Any:
            try:
                return run(this, frame)
            except QuestionError as error:
                if error.span is NOWHERE:
                    error.span, error.source = node.span, self.source
                raise

        return Code(code.kind, located)

    def types(self, specifier: tree.NamedTypeSpecifier) -> frozenset[Type]:
        """The types that a specifier names; CheckError when there are none."""
        found = find_types(specifier.name, specifier.namespace)
        if found is None:
            raise unknown_type(specifier, self.source)
        return found


def unknown_type(specifier: tree.NamedTypeSpecifier, source: str) -> CheckError:
    """The error for a type that there is not."""
    shown = f"{specifier.namespace}.{specifier.name}" if specifier.namespace else specifier.name
    suggestion = did_you_mean(specifier.name, all_type_names())
    return CheckError(f"there is no type {shown}", source=source, span=specifier.span, suggestion=suggestion)


def type_specifier(node: Node, source: str) -> tree.NamedTypeSpecifier:
    """The type that an argument of `is()`, `as()` or `ofType()` names: `Quantity` or `FHIR.Quantity`."""
    match node:
        case tree.IdentifierRef(name=name):
            return tree.NamedTypeSpecifier(name, span=node.span)
        case tree.Property(source=tree.IdentifierRef(name=namespace), path=name):
            return tree.NamedTypeSpecifier(name, namespace, span=node.span)
    raise CheckError(
        "this is not the name of a type", source=source, span=node.span, expected="a name such as Quantity"
    )


@builds(tree.Null)
def _null(compiler: Compiler, node: tree.Null) -> Code:
    return Code(Kind.MANY, lambda this, frame: [])


@builds(tree.Literal)
def _literal(compiler: Compiler, node: tree.Literal) -> Code:
    value = node.value
    return Code(Kind.TRUTH if value.__class__ is bool else Kind.ONE, lambda this, frame: value)


@builds(tree.Current)
def _current(compiler: Compiler, node: tree.Current) -> Code:
    return CURRENT


CURRENT = Code(Kind.ONE, lambda this, frame: this)
"""The code of `$this`, and of the input of a function that stands first."""


@builds(tree.Iteration)
def _iteration(compiler: Compiler, node: tree.Iteration) -> Code:
    return Code(Kind.ONE, lambda this, frame: frame.index)


@builds(tree.Total)
def _total(compiler: Compiler, node: tree.Total) -> Code:
    return Code(Kind.MANY, lambda this, frame: frame.total or [])


CONSTANTS = {"sct": "http://snomed.info/sct", "loinc": "http://loinc.org", "ucum": "http://unitsofmeasure.org"}


@builds(tree.ParameterRef)
def _external_constant(compiler: Compiler, node: tree.ParameterRef) -> Code:
    """`%name` (N1, 9; https://hl7.org/fhir/R4/fhirpath.html#variables). A variable of the caller comes first."""
    name = node.name
    constant = CONSTANTS.get(name)
    if name.startswith("vs-"):
        constant = f"http://hl7.org/fhir/ValueSet/{name[3:]}"
    elif name.startswith("ext-"):
        constant = f"http://hl7.org/fhir/StructureDefinition/{name[4:]}"

    def run(this: Item | None, frame: Frame) -> Collection:
        if name in frame.variables:
            return _items(frame.variables[name])
        if constant is not None:
            return [constant]
        if name in ("context", "resource", "rootResource"):
            return [] if frame.context is None else [frame.context]
        known = [*frame.variables, "context", "resource", "rootResource", *CONSTANTS]
        raise EvaluationError(f"there is no constant %{name}", suggestion=did_you_mean(name, known))

    return Code(Kind.MANY, run)


def _items(value: Any) -> Collection:
    if value is None:
        return []
    return [node_of(each) for each in value] if isinstance(value, list | tuple) else [node_of(value)]


@builds(tree.IdentifierRef, tree.Property)
def _path(compiler: Compiler, node: Node) -> Code:
    """A path: all its steps at once, from `$this` or from whatever its first step is applied to (N1, 5.1)."""
    start, path = path_of(node)
    if start is None:
        return Code(Kind.MANY, _steps_from_this(path))
    source, of_item = many(compiler.compile(start)), path.of_item

    def run(this: Item | None, frame: Frame) -> Collection:
        found: Collection = []
        for item in source(this, frame):
            of_item(item, found)
        return found

    return Code(Kind.MANY, run)


def path_of(node: Node) -> tuple[Node | None, Path]:
    """The steps of a path, and the node that they are applied to: None for `$this`."""
    names: list[str] = []
    while isinstance(node, tree.Property):
        names.append(node.path)
        node = node.source
    if isinstance(node, tree.IdentifierRef):
        names.append(node.name)
        return None, Path(names[::-1], rooted=True)
    path = Path(names[::-1], rooted=False)
    return (None, path) if isinstance(node, tree.Current) else (node, path)


def _steps_from_this(path: Path) -> Callable[[Item | None, Frame], Collection]:
    plans, of_item = path.plans, path.of_item

    def run(this: Item | None, frame: Frame) -> Collection:
        found: Collection = []
        if this.__class__ is DataNode and this.type in plans:
            plans[this.type](this.value, this.shadow, found)
        elif this is not None:
            of_item(this, found)
        return found

    return run


@builds(tree.Indexer)
def _indexer(compiler: Compiler, node: tree.Indexer) -> Code:
    """`[n]` (N1, 5.3.1): empty outside the collection."""
    source, index = many(compiler.compile(node.source)), one(compiler.compile(node.index))

    def run(this: Item | None, frame: Frame) -> Item | None:
        items = source(this, frame)
        position = system_value(index(this, frame))
        if position is None:
            return None
        if position.__class__ is not int:
            raise EvaluationError("an index must be an Integer")
        return items[position] if 0 <= position < len(items) else None

    return Code(Kind.ONE, run)


@builds(tree.FunctionRef)
def _call(compiler: Compiler, node: tree.FunctionRef) -> Code:
    found = FUNCTIONS.get(node.name)
    if found is None:
        problem = f"there is no function {node.name}()"
        suggestion = did_you_mean(node.name, FUNCTIONS)
        raise CheckError(problem, source=compiler.source, span=node.span, suggestion=suggestion and f"{suggestion}()")
    if not found.least <= len(node.operand) <= found.most:
        problem = f"{node.name}() is given {len(node.operand)} arguments"
        raise CheckError(problem, source=compiler.source, span=node.span, expected=found.arity)
    return found.build(compiler, node, CURRENT if node.source is None else compiler.compile(node.source))


@builds(tree.As)
def _as(compiler: Compiler, node: tree.As) -> Code:
    return type_cast(compiler.compile(node.operand), compiler.types(node.as_type), compiler.as_filters)


def type_test(source: Code, types: frozenset[Type]) -> Code:
    """`is` (N1, 6.3.1): a type is itself and whatever it specialises."""
    given = one(source)

    def run(this: Item | None, frame: Frame) -> bool | None:
        item = given(this, frame)
        if item is None:
            return None
        return not types.isdisjoint(
            (item.type if item.__class__ is DataNode else TYPE_OF_VALUE[item.__class__]).ancestors
        )

    return Code(Kind.TRUTH, run)


def type_cast(source: Code, types: frozenset[Type], as_filters: bool) -> Code:
    """`as` (N1, 6.3.3): the item when it has the type, else empty."""
    if as_filters:
        return type_filter(source, types)
    given, fits = one(source), fitting(types)

    def run(this: Item | None, frame: Frame) -> Item | None:
        item = given(this, frame)
        return item if item is not None and fits(item) else None

    return Code(Kind.ONE, run)


def type_filter(source: Code, types: frozenset[Type]) -> Code:
    """`ofType` (N1, 5.2.4): the items that have the type."""
    given, fits = many(source), fitting(types)
    return Code(Kind.MANY, lambda this, frame: [item for item in given(this, frame) if fits(item)])


def fitting(types: frozenset[Type]) -> Callable[[Item], bool]:
    """Whether an item can be taken as one of the types.

    A specialised resource or complex type fits the general one; a primitive only its own (a `code` is not taken
    as a `string`, although it is one), which is how the official tests read the specification.
    """

    def fits(item: Item) -> bool:
        if item.__class__ is not DataNode:
            return TYPE_OF_VALUE[item.__class__] in types
        type_ = item.type
        return type_ in types if type_.is_primitive else not types.isdisjoint(type_.ancestors)

    return fits
