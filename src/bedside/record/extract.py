"""From a resource to its index rows, by a function generated for its type.

Every path that some search parameter looks at is merged into one trie of steps, and the trie is written out as plain
Python: each element is visited once, whatever the number of parameters. A path that is more than steps (a comparison,
a function without a rule here) is evaluated by the FHIRPath interpreter instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bedside.fhir import definitions
from bedside.fhir.references import references as all_references
from bedside.questions.data import DataNode
from bedside.questions.environment import Environment
from bedside.questions.expression import Expression
from bedside.questions.tree import (
    As,
    Current,
    Equal,
    FunctionRef,
    IdentifierRef,
    Indexer,
    Literal,
    Node,
    ParameterRef,
    Property,
    Union,
)
from bedside.record.model import Resource
from bedside.record.parameters import NO_CLOCK, Parameter, Registry
from bedside.record.rows import LEAVES, Rows, split_reference

Extract = Callable[[Resource, Rows], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One move down: to a property, through all its repetitions when `many`; `only` keeps items with key = value,
    `at` keeps one position. `cast` names what an interpreter-free `as` left over."""

    key: str
    many: bool
    only: tuple[str, Any] | None = None
    at: int | None = None


@dataclass(slots=True)
class Trie:
    """Steps that lead on, and what to index at this point: (kind, FHIR type, number)."""

    steps: dict[Step, Trie] = field(default_factory=dict)
    leaves: list[tuple[str, str, int]] = field(default_factory=list)

    def add(self, path: Iterable[Step], leaf: tuple[str, str, int]) -> None:
        node = self
        for step in path:
            node = node.steps.setdefault(step, Trie())
        if leaf not in node.leaves:
            node.leaves.append(leaf)


Route = tuple[tuple[Step, ...], str]
"""Steps from the root, and the FHIR type they arrive at."""


class _NotSteps(Exception):
    """The path needs the interpreter."""


def routes(node: Node, root_type: str) -> list[Route]:
    """All ways through the JSON that a path takes from a value of `root_type`. Raises _NotSteps."""
    match node:
        case Union(left=left, right=right):
            return [*routes(left, root_type), *routes(right, root_type)]
        case IdentifierRef(name=name):
            if name == root_type or (name[0].isupper() and definitions.is_subtype(root_type, name)):
                return [((), root_type)]
            return list(_properties([((), root_type)], name))
        case Current():
            return [((), root_type)]
        case Property(source=source, path=path):
            return list(_properties(routes(source, root_type), path))
        case As(operand=operand, as_type=wanted):
            return [r for r in routes(operand, root_type) if definitions.is_subtype(r[1], _type_name(wanted.name))]
        case FunctionRef(name="as" | "ofType", source=Node() as source, operand=(IdentifierRef(name=name),)):
            return [r for r in routes(source, root_type) if definitions.is_subtype(r[1], _type_name(name))]
        case FunctionRef(
            name="where",
            source=Node() as source,
            operand=(Equal(left=IdentifierRef(name=key), right=Literal(value=str() as value)),),
        ):
            return [_filtered(r, (key, value)) for r in routes(source, root_type)]
        case FunctionRef(name="extension", source=Node() as source, operand=(Literal(value=str() as url),)):
            found = _properties(routes(source, root_type), "extension")
            return [_filtered(r, ("url", url)) for r in found]
        case Indexer(source=source, index=Literal(value=int() as at)):
            return [_indexed(r, at) for r in routes(source, root_type)]
    raise _NotSteps


def _type_name(name: str) -> str:
    # Some R4 expressions write `as(DateTime)` for the FHIR type dateTime.
    return "dateTime" if name == "DateTime" else name


def _properties(found: Iterable[Route], name: str) -> Iterator[Route]:
    for path, type_name in found:
        element = definitions.type_definition(type_name).elements.get(name)
        if element is None:
            raise _NotSteps
        for key, target in element.json_names.items():
            yield (*path, Step(key, element.many)), target


def _filtered(route: Route, only: tuple[str, Any]) -> Route:
    path, type_name = route
    if not path or path[-1].only is not None or path[-1].at is not None:
        raise _NotSteps
    last = path[-1]
    return (*path[:-1], Step(last.key, last.many, only)), type_name


def _indexed(route: Route, at: int) -> Route:
    path, type_name = route
    # An index counts over everything that came before, so it is a step only where nothing repeats above it.
    if not path or not path[-1].many or path[-1].only is not None or any(step.many for step in path[:-1]):
        raise _NotSteps
    return (*path[:-1], Step(path[-1].key, True, None, at)), type_name


class _Source:
    """The lines of generated functions and the objects they refer to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self.count = 0

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def bind(self, value: Any, prefix: str) -> str:
        for name, known in self.names.items():
            if known is value:
                return name
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def trie(self, trie: Trie, value: str, depth: int) -> None:
        """Write the visit of one value: its leaves, then its properties."""
        for kind, type_name, number in trie.leaves:
            leaf = self.bind(LEAVES[(kind, type_name)], "leaf")
            self.line(depth, f"{leaf}(rows, {value}, {number})")
        for step, below in trie.steps.items():
            if not below.leaves and not below.steps:
                continue
            item = self.fresh("v")
            self.line(depth, f"{item} = {value}.get({step.key!r})")
            self.line(depth, f"if {item} is not None:")
            inner = depth + 1
            if step.at is not None:
                self.line(inner, f"for {item} in {item}[{step.at}:{step.at + 1}]:")
                inner += 1
            elif step.many:
                self.line(inner, f"for {item} in {item}:")
                inner += 1
            if step.only is not None:
                self.line(inner, f"if {item}.get({step.only[0]!r}) == {step.only[1]!r}:")
                inner += 1
            elif step.many or step.at is not None:
                # Arrays of primitives are padded with null where only an extension is given.
                self.line(inner, f"if {item} is not None:")
                inner += 1
            self.trie(below, item, inner)

    def function(self, name: str, trie: Trie) -> None:
        self.line(0, f"def {name}(value, rows):")
        self.line(1, "pass")
        self.trie(trie, "value", 1)

    def build(self, name: str) -> Extract:
        namespace = dict(self.names)
        exec(compile("\n".join(self.lines), f"<index rows: {name}>", "exec"), namespace)
        function: Extract = namespace[name]
        return function


def _interpreted(node: Node, kind: str, number: int, type_name: str) -> Extract:
    expression = Expression("", node, context_type=type_name, as_filters=True)

    def extract(resource: Resource, rows: Rows) -> None:
        for item in expression.nodes(resource, environment=_TYPES_ONLY):
            if isinstance(item, DataNode):
                found, value = item.type.name, item.value
            else:
                found, value = _SYSTEM_TYPES.get(type(item), ""), item
            leaf = LEAVES.get((kind, found))
            if leaf is not None and value is not None:
                leaf(rows, value, number)

    return extract


_SYSTEM_TYPES = {bool: "boolean", str: "string", int: "integer", Decimal: "decimal"}


class _TypesOnly:
    """Resolves a reference as far as `resolve() is Patient` needs: to something of the type that it names."""

    def resolve(self, reference: str) -> Resource | None:
        target = split_reference(reference)
        return None if target is None else {"resourceType": target[0], "id": target[1]}


_TYPES_ONLY = Environment(references=_TypesOnly())


def compile_paths(paths: Iterable[tuple[str, Node, int]], type_name: str) -> list[Extract]:
    """Functions that together index these (kind, path, number) of a value of a type."""
    trie = Trie()
    others: list[Extract] = []
    for kind, node, number in paths:
        try:
            found = routes(node, type_name)
        except _NotSteps:
            others.append(_interpreted(node, kind, number, type_name))
            continue
        for path, leaf_type in found:
            if (kind, leaf_type) in LEAVES:
                trie.add(path, (kind, leaf_type, number))
    if trie.steps or trie.leaves:
        source = _Source()
        source.function("extract", trie)
        others.insert(0, source.build("extract"))
    return others


class Extractor:
    """Compiles the functions of each resource type once, when first asked."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._types: dict[str, _TypeExtractor] = {}
        self._single: dict[tuple[str, str, bool], list[Extract]] = {}

    def rows(self, resource: Resource, references: Iterable[str] | None = None) -> Rows:
        """All index rows of a resource. `references` are its literal references, when the caller has them already."""
        name = resource["resourceType"]
        extractor = self._types.get(name)
        if extractor is None:
            extractor = self._types[name] = _TypeExtractor(self.registry, name)
        return extractor.rows(resource, references)

    def of_parameter(self, parameter: Parameter, resource: Resource) -> Rows:
        """The rows that one parameter gives for a resource; all under number 0."""
        return self._of_parameter(parameter, resource, numbered=False)

    def numbered(self, parameter: Parameter, resource: Resource) -> Rows:
        """The rows that one parameter gives for a resource, under the numbers by which it is searched."""
        return self._of_parameter(parameter, resource, numbered=True)

    def _of_parameter(self, parameter: Parameter, resource: Resource, *, numbered: bool) -> Rows:
        key = (parameter.base, parameter.code, numbered)
        functions = self._single.get(key)
        if functions is None:
            groups = self.registry.groups(parameter.base)
            paths = [
                (parameter.type, arm.path, groups[(parameter.kind, arm.path)] if numbered else 0)
                for arm in parameter.arms
            ]
            functions = self._single[key] = compile_paths(paths, parameter.base)
        return _apply(functions, resource)

    def references(self, parameter: Parameter, resource: Resource) -> list[str]:
        """What a reference parameter points to in this resource: `Type/id`, or the URL of something elsewhere."""
        rows = self.of_parameter(parameter, resource)
        wanted = parameter.target_filter
        local = [f"{t}/{i}" for _, t, i in rows.ref if wanted is None or t == wanted]
        return list(dict.fromkeys([*local, *(value for _, value in rows.uri)]))


class _TypeExtractor:
    def __init__(self, registry: Registry, name: str) -> None:
        groups = registry.groups(name)
        plain = [(kind, path, n) for (kind, path), n in groups.items() if not kind.startswith("composite")]
        self.functions = compile_paths(plain, name)
        self.link = registry.link_number(name)
        clock = registry.clock_parameter(name)
        self.clock_numbers = frozenset(clock.storage) if clock else frozenset()
        composites = {p.kind: p for p in registry.for_type(name).values() if p.type == "composite"}
        self.functions += [
            _composite(composites[kind], path, n, name)
            for (kind, path), n in groups.items()
            if kind.startswith("composite") and not isinstance(path, IdentifierRef) and kind in composites
        ]

    def rows(self, resource: Resource, references: Iterable[str] | None) -> Rows:
        rows = Rows()
        for function in self.functions:
            function(resource, rows)
        if self.clock_numbers:
            rows.clock = min((low for n, low, _ in rows.date if n in self.clock_numbers), default=NO_CLOCK)
            rows.clock = max(rows.clock, NO_CLOCK)
        if references is None:
            references = [link.text for link in all_references(resource) if link.text is not None]
        covered = {(kind, id_) for _, kind, id_ in rows.ref}
        for reference in references:
            target = split_reference(reference)
            if target is not None and target not in covered:
                covered.add(target)
                rows.ref.append((self.link, *target))
        return rows


def _composite(parameter: Parameter, root: Node, number: int, name: str) -> Extract:
    """Rows that pair the first component with each further one, within one repetition of the root element."""
    found = routes(root, name)
    if len(found) != 1:
        raise ValueError(f"the root of {parameter.code} is not one path")
    path, element_type = found[0]
    parts: list[tuple[bool, list[Extract]]] = []
    for component in parameter.components:
        of_resource = isinstance(_leftmost(component.path), ParameterRef)
        base = name if of_resource else element_type
        node = _from_resource(component.path, name) if of_resource else component.path
        parts.append((of_resource, compile_paths([(component.parameter.type, node, 0)], base)))

    def extract(resource: Resource, rows: Rows) -> None:
        for position, element in enumerate(_walk(resource, path)):
            first, *rest = [_apply(functions, resource if whole else element) for whole, functions in parts]
            heads = [(code, system) for _, code, system in first.token]
            heads += [(f"{kind}/{id_}", "") for _, kind, id_ in first.ref] + [(value, "") for _, value in first.uri]
            for code, system in heads:
                for part, found_rows in enumerate(rest, 2):
                    for tail in _tails(found_rows):
                        rows.composite.append((number, code, system, part, *tail, position))

    return extract


def _apply(functions: list[Extract], value: Any) -> Rows:
    rows = Rows()
    for function in functions:
        function(value, rows)
    return rows


def _tails(rows: Rows) -> Iterator[tuple[str, float, float, str, str]]:
    """(canonical unit, low, high, code, system) of what the further component found."""
    for _, dimension, low, high, system, code, unit in rows.quantity:
        if code or system or not unit:
            yield dimension, low, high, code, system
        if unit and unit != code:
            yield dimension, low, high, unit, ""  # a unit is searched without a system only
    for _, low, high in (*rows.number, *rows.date):
        yield "", float(low), float(high), "", ""
    for _, code, system in rows.token:
        yield "", 0.0, 0.0, code, system
    for _, norm, _exact in rows.string:
        yield "", 0.0, 0.0, norm, ""
    for _, kind, id_ in rows.ref:
        yield "", 0.0, 0.0, f"{kind}/{id_}", ""
    for _, value in rows.uri:
        yield "", 0.0, 0.0, value, ""


def _walk(value: Any, path: tuple[Step, ...]) -> Iterator[Any]:
    if not path:
        yield value
        return
    found = value.get(path[0].key)
    for item in found if path[0].many and found is not None else (found,):
        if item is not None:
            yield from _walk(item, path[1:])


def _leftmost(node: Node) -> Node:
    while isinstance(node, Property):
        node = node.source
    return node


def _from_resource(node: Node, name: str) -> Node:
    """`%resource.a.b` -> `Type.a.b`."""
    if isinstance(node, Property):
        return Property(_from_resource(node.source, name), node.path)
    return IdentifierRef(name)
