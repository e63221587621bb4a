"""What can be seen to be wrong before anything runs: the static check of an expression against the type it is asked of.

Every node gets a `Shape`: the types that its items can have, whether there can be several, and whether their order
means anything. Where the data decides (`resolve()`, `contained`, `%x`), the types are unknown and nothing is complained
of. A step that no possible type has, operands that can never go together and names that do not exist are errors.
All errors are found in one go (FHIRPath N1, 4 "strict mode", 10 "type safety").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bedside.questions import check_operators, tree
from bedside.questions.code import FUNCTIONS, Function
from bedside.questions.compiler import type_specifier, unknown_type
from bedside.questions.errors import CheckError, did_you_mean
from bedside.questions.model import FHIR, SYSTEM, Type, find_types
from bedside.questions.parser import parse
from bedside.questions.tree import Node


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a collection. `types` is None for anything, the empty set for the empty collection."""

    types: frozenset[Type] | None
    many: bool = False
    ordered: bool = True


ANYTHING = Shape(None, many=True)

MAX_REPEATS = 2
"""In how many `repeat()`s within one another types are followed; each makes the check several times as long."""


def check_types(expression: str, context_type: str) -> list[CheckError]:
    """All that is wrong with an expression asked of a type, in the order of the text; empty when nothing is.

    `context_type` is a resource type, a data type or a backbone (`Observation.component`); KeyError when R4 has none
    of that name. Raises ParseError when the text is no expression at all.
    """
    return check_tree(parse(expression), expression, context_type)


def check_tree(node: Node, source: str, context_type: str) -> list[CheckError]:
    """`check_types` for a tree that is there already."""
    checker = Checker(source, FHIR[context_type])
    checker.shape(node, Shape(frozenset({FHIR[context_type]})))
    return sorted(checker.errors, key=lambda error: error.span)


class Checker:
    """One walk over one tree."""

    def __init__(self, source: str, context: Type) -> None:
        self.source = source
        self.context = Shape(frozenset({context}))
        self.errors: list[CheckError] = []
        self.repeats = 0

    def complain(self, problem: str, node: Node, *, expected: str | None = None, suggestion: str | None = None) -> None:
        error = CheckError(problem, source=self.source, span=node.span, expected=expected, suggestion=suggestion)
        if not any(str(error) == str(known) for known in self.errors):
            self.errors.append(error)

    def shape(self, node: Node, this: Shape) -> Shape:
        """The shape of a node's result, with `this` as the shape of `$this`."""
        match node:
            case tree.Null():
                return Shape(frozenset())
            case tree.Literal(value_type=name):
                return _system(name)
            case tree.Current():
                return this
            case tree.Iteration():
                return _system("Integer")
            case tree.ParameterRef(name=name):
                return self._external_constant(name)
            case tree.IdentifierRef(name=name):
                return self._first_step(node, name, this)
            case tree.Property(source=source, path=path):
                return self._step(node, path, self.shape(source, this))
            case tree.Indexer(source=source, index=index):
                self.shape(index, this)
                found = self.shape(source, this)
                self._needs_order(node, "an index", found)
                return replace(found, many=False)
            case tree.Is(operand=operand, is_type=specifier):
                self.shape(operand, this)
                self._types(specifier)
                return _system("Boolean")
            case tree.As(operand=operand, as_type=specifier):
                return self._narrowed(self.shape(operand, this), self._types(specifier))
            case tree.FunctionRef():
                return self._call(node, this)
            case tree.Union(left=left, right=right):
                return either(self.shape(left, this), self.shape(right, this))
            case tree.UnaryExpression(operand=operand):
                return self._judged(node, check_operators.sign(node, self.shape(operand, this).types))
            case tree.BinaryExpression(left=left, right=right):
                first, second = self.shape(left, this), self.shape(right, this)
                return self._judged(node, check_operators.binary(node, first.types, second.types))
        return ANYTHING

    def _judged(self, node: Node, verdict: frozenset[Type] | str | None) -> Shape:
        if isinstance(verdict, str):
            self.complain(verdict, node)
            return Shape(None)
        return Shape(verdict)

    def _external_constant(self, name: str) -> Shape:
        if name in ("sct", "loinc", "ucum") or name.startswith(("vs-", "ext-")):
            return _system("String")
        if name == "context":
            return self.context
        if name == "resource" and all(type_.kind == "resource" for type_ in self.context.types or ()):
            return self.context
        return ANYTHING

    def _first_step(self, node: Node, name: str, this: Shape) -> Shape:
        """An element of `$this`, or the name of its type."""
        if this.types is None:
            return ANYTHING
        rooted = frozenset(type_ for type_ in this.types if any(name == each.name for each in type_.ancestors))
        if rooted:
            return replace(this, types=rooted)
        narrower = FHIR.find(name)
        if narrower is not None and narrower.kind == "resource":
            if this.types & narrower.ancestors:
                return replace(this, types=frozenset({narrower}))
            self.complain(f"this is asked of a {_named(this.types)}, not of a {name}", node)
            return ANYTHING
        return self._step(node, name, this)

    def _step(self, node: Node, name: str, source: Shape) -> Shape:
        """The children called `name`; an error when no type that can be there has such an element."""
        if source.types is None or any(type_.is_any_resource for type_ in source.types):
            return replace(ANYTHING, ordered=source.ordered)
        if not source.types:
            return source
        members = [type_.members[name] for type_ in source.types if name in type_.members]
        if not members:
            self._no_element(node, name, source.types)
            return ANYTHING
        types = frozenset(type_ for member in members for type_ in member.types)
        return Shape(types, source.many or any(member.many for member in members), source.ordered)

    def _no_element(self, node: Node, name: str, types: frozenset[Type]) -> None:
        for type_ in types:
            if name in type_.properties:
                member, chosen = type_.properties[name]
                choice = f"{member.name}.ofType({chosen.name})"
                self.complain(f"{name} is how JSON writes a choice, not FHIRPath", node, expected=choice)
                return
        known = {each for type_ in types for each in type_.members}
        self.complain(f"{_named(types)} has no element {name}", node, suggestion=did_you_mean(name, known))

    def _types(self, specifier: tree.NamedTypeSpecifier) -> frozenset[Type]:
        found = find_types(specifier.name, specifier.namespace)
        if found is None:
            self.errors.append(unknown_type(specifier, self.source))
        return found or frozenset()

    def _narrowed(self, source: Shape, types: frozenset[Type]) -> Shape:
        """The shape after `as` or `ofType`: the types named, as far as they can be there."""
        if source.types is not None:
            reachable = frozenset(
                type_ for type_ in types if any(type_ in s.ancestors or s in type_.ancestors for s in source.types)
            )
            return replace(source, types=reachable or types)
        return replace(source, types=types)

    def _needs_order(self, node: Node, what: str, source: Shape) -> None:
        if not source.ordered:
            self.complain(f"{what} depends on an order, and these items come in no particular one", node)

    def _call(self, node: tree.FunctionRef, this: Shape) -> Shape:
        source = this if node.source is None else self.shape(node.source, this)
        function = FUNCTIONS.get(node.name)
        if function is None:
            suggestion = did_you_mean(node.name, FUNCTIONS)
            problem = f"there is no function {node.name}()"
            self.complain(problem, node, suggestion=suggestion and f"{suggestion}()")
            return ANYTHING
        if not function.least <= len(node.operand) <= function.most:
            self.complain(f"{node.name}() is given {len(node.operand)} arguments", node, expected=function.arity)
            return ANYTHING
        if function.ordered_input:
            self._needs_order(node, f"{node.name}()", source)
        if function.accepts:
            self._accepts(node, function, source)
        if function.result == "type" or node.name == "is":
            return self._type_function(node, source)
        arguments = self._arguments(node, function, source, this)
        return self._result(node, function, source, arguments)

    def _accepts(self, node: tree.FunctionRef, function: Function, source: Shape) -> None:
        names = check_operators.system_names(source.types)
        accepted = {*function.accepts, "Integer"} if "Decimal" in function.accepts else set(function.accepts)
        if names is not None and source.types and not names & accepted:
            wanted = " or ".join(function.accepts)
            self.complain(
                f"{node.name}() cannot work with a {_named(source.types or ())}", node, expected=f"a {wanted}"
            )

    def _type_function(self, node: tree.FunctionRef, source: Shape) -> Shape:
        try:
            types = self._types(type_specifier(node.operand[0], self.source))
        except CheckError as error:
            self.errors.append(error)
            types = frozenset()
        return _system("Boolean") if node.name == "is" else self._narrowed(source, types)

    def _arguments(self, node: tree.FunctionRef, function: Function, source: Shape, this: Shape) -> list[Shape]:
        each = replace(source, many=False, ordered=True)
        found = []
        for index, argument in enumerate(node.operand):
            if node.name == "sort" and isinstance(argument, tree.Negate):
                argument = argument.operand
            found.append(self.shape(argument, each if index in function.each else this))
        if node.name == "repeat":
            found[0] = self._repeated(node.operand[0], found[0])
        if node.name in _CONDITIONAL and node.operand:
            self._condition(node.operand[0], found[0])
        return found

    def _repeated(self, argument: Node, found: Shape) -> Shape:
        """The types that come up when the projection is applied to its own results."""
        if self.repeats >= MAX_REPEATS:
            return ANYTHING
        while found.types is not None:
            quiet = Checker(self.source, SYSTEM["Any"])
            quiet.repeats = self.repeats + 1
            further = either(found, quiet.shape(argument, replace(found, many=False)))
            if further.types is None or further.types == found.types:
                return further if further.types is not None else found
            found = further
        return found

    def _condition(self, node: Node, found: Shape) -> None:
        types = found.types
        if types and all(type_.namespace == "System" and type_.name != "Boolean" for type_ in types):
            self.complain(f"a condition cannot be a {_named(types)}", node, expected="a Boolean")

    def _result(self, node: tree.FunctionRef, function: Function, source: Shape, arguments: list[Shape]) -> Shape:
        special = _SPECIAL.get(function.result)
        if special is not None:
            found = special(source, arguments)
        elif function.result in SYSTEM.types:
            found = _system(function.result)
        else:
            found = Shape(frozenset({FHIR[function.result]}))
        ordered = node.name not in ("children", "descendants") and source.ordered
        many = function.yields_many or (found.many and function.result in ("branches",))
        return Shape(found.types, many, ordered)


_CONDITIONAL = frozenset({"where", "exists", "all", "iif"})


def _system(name: str) -> Shape:
    return Shape(frozenset({SYSTEM[name]}))


def _system_types(source: Shape, arguments: list[Shape]) -> Shape:
    names = check_operators.system_names(source.types)
    return Shape(frozenset(SYSTEM[name] for name in names or () if name in SYSTEM.types) or None)


_SPECIAL: dict[str, Callable[[Shape, list[Shape]], Shape]] = {
    "any": lambda source, arguments: ANYTHING,
    "same": lambda source, arguments: source,
    "first": lambda source, arguments: arguments[0] if len(arguments) == 1 else ANYTHING,
    "both": lambda source, arguments: either(source, arguments[0]),
    "branches": lambda source, arguments: either(*arguments[1:]),
    "system": _system_types,
    "TypeInfo": lambda source, arguments: Shape(frozenset({SYSTEM["ClassInfo"]})),
}


def either(*shapes: Shape) -> Shape:
    """The shape of what may be any of several things."""
    types: frozenset[Type] | None = frozenset()
    for each in shapes:
        types = None if types is None or each.types is None else types | each.types
    return Shape(types, any(each.many for each in shapes) or len(shapes) > 1, all(each.ordered for each in shapes))


def _named(types: Iterable[Type]) -> str:
    names = sorted({repr(type_) if type_.namespace == "System" else type_.name for type_ in types})
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else "nothing"
