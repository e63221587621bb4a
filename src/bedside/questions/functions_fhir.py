"""What FHIR adds to FHIRPath: extension, hasValue, resolve, memberOf, conformsTo and so on.

(https://hl7.org/fhir/R4/fhirpath.html#functions)

Whatever needs the world outside the resource asks the environment, and fails by name when it offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bedside.fhir.bindings import reference_type
from bedside.fhir.check import check
from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, expecting, function, many, one
from bedside.questions.compiler import CURRENT, Compiler, builds, type_specifier, type_test
from bedside.questions.data import Collection, DataNode, Item, system_value, type_of
from bedside.questions.errors import CheckError, EvaluationError, UnsupportedError
from bedside.questions.model import FHIR, Type
from bedside.questions.narrative import is_allowed
from bedside.questions.path import Path

BASE_PROFILE = "http://hl7.org/fhir/StructureDefinition/"


def _text_argument(compiler: Compiler, call: tree.FunctionRef) -> Callable[[Item | None, Frame], str | None]:
    argument, take = one(compiler.compile(call.operand[0])), expecting(("String",), f"argument 1 of {call.name}()")
    return lambda this, frame: take(argument(this, frame))


_EXTENSIONS = Path(["extension"], rooted=False)


def _extensions(item: Item, url: str | None) -> Collection:
    found: Collection = []
    _EXTENSIONS.of_item(item, found)
    return [each for each in found if each.value.get("url") == url]


@function("extension", 1, result="Extension", yields_many=True)
def _extension(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, url = many(source), _text_argument(compiler, call)

    def run(this: Item | None, frame: Frame) -> Collection:
        wanted = url(this, frame)
        return [each for item in given(this, frame) for each in _extensions(item, wanted)]

    return Code(Kind.MANY, run)


@function("hasExtension", 1, result="Boolean")
def _has_extension(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Not in the specification, but in one of R4's own search parameters."""
    given, url = many(source), _text_argument(compiler, call)

    def run(this: Item | None, frame: Frame) -> bool:
        wanted = url(this, frame)
        return any(_extensions(item, wanted) for item in given(this, frame))

    return Code(Kind.TRUTH, run)


@function("hasValue", result="Boolean")
def _has_value(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """True for a single primitive that has a value, and not just extensions."""
    given = many(source)

    def run(this: Item | None, frame: Frame) -> bool:
        items = given(this, frame)
        if len(items) != 1:
            return False
        item = items[0]
        return item.__class__ is not DataNode or (item.type.is_primitive and item.value is not None)

    return Code(Kind.TRUTH, run)


@function("getValue", result="system")
def _get_value(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)

    def run(this: Item | None, frame: Frame) -> Item | None:
        items = given(this, frame)
        if len(items) != 1 or (items[0].__class__ is DataNode and not items[0].type.is_primitive):
            return None
        return system_value(items[0])

    return Code(Kind.ONE, run)


def _reference_text(item: Item) -> str | None:
    """The reference in a Reference, a canonical, a URI or a string."""
    if item.__class__ is DataNode and item.type.name == "Reference":
        text = item.value.get("reference")
    else:
        text = system_value(item)
        if text.__class__ is DataNode:
            raise EvaluationError(f"resolve() cannot work with a {type_of(item)!r}", expected="a Reference or a String")
    return text if isinstance(text, str) else None


@function("resolve", result="any", yields_many=True)
def _resolve(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Items that lead nowhere are left out."""
    given = many(source)
    return Code(
        Kind.MANY,
        lambda this, frame: [node for item in given(this, frame) if (node := _target(item, frame)) is not None],
    )


def _target(item: Item, frame: Frame) -> DataNode | None:
    """The resource that one item refers to."""
    text = _reference_text(item)
    resource = None if text is None else _resolved(text, item, frame)
    return None if resource is None else DataNode(resource, FHIR.of_resource(resource))


def _resolved(text: str, item: Item, frame: Frame) -> dict[str, Any] | None:
    """The resource behind a reference: contained, in the same Bundle, or known to the environment."""
    root = _root(frame)
    if text.startswith("#"):
        return None if root is None else _contained(text[1:], item, root)
    if root is not None and root.get("resourceType") == "Bundle":
        for entry in _objects(root.get("entry")):
            resource: dict[str, Any] | None = entry.get("resource")
            if isinstance(resource, dict) and (entry.get("fullUrl") == text or _literal_reference(resource) == text):
                return resource
    references = frame.environment.references
    if references is None:
        raise UnsupportedError("resolve() needs an environment that can follow references")
    return references.resolve(text)


def _root(frame: Frame) -> dict[str, Any] | None:
    """%rootResource, or else what the expression was asked of."""
    item = frame.variables.get("rootResource", frame.context)
    value = item.value if item.__class__ is DataNode else item
    return value if isinstance(value, dict) else None


def _literal_reference(resource: Mapping[str, Any]) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _contained(id_: str, item: Item, root: dict[str, Any]) -> dict[str, Any] | None:
    """The contained resource with an id, in the resource where the reference stands; that resource itself for '#'."""
    container = root
    if root.get("resourceType") == "Bundle" and item.__class__ is DataNode:
        resources = (entry.get("resource") for entry in _objects(root.get("entry")))
        container = next((each for each in resources if isinstance(each, dict) and _holds(each, item.value)), root)
    if not id_:
        return container
    return next((each for each in _objects(container.get("contained")) if each.get("id") == id_), None)


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects in what should be a list of them."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _holds(tree_: Any, wanted: Any) -> bool:
    """Whether an object is part of a JSON value: the object itself, not an equal one."""
    stack = [tree_]
    while stack:
        each = stack.pop()
        if each is wanted:
            return True
        if isinstance(each, dict):
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)
    return False


@builds(tree.Is)
def _is(compiler: Compiler, node: tree.Is) -> Code:
    return _resolved_type_test(compiler, node.operand, compiler.types(node.is_type))


@function("is", 1, result="Boolean")
def _is_function(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    types = compiler.types(type_specifier(call.operand[0], compiler.source))
    return type_test(source, types) if call.source is None else _resolved_type_test(compiler, call.source, types)


def _resolved_type_test(compiler: Compiler, operand: tree.Node, types: frozenset[Type]) -> Code:
    """`resolve() is Patient`, as R4's search parameters write it: a reference that says its type needs no resolving."""
    if not (isinstance(operand, tree.FunctionRef) and operand.name == "resolve" and not operand.operand):
        return type_test(compiler.compile(operand), types)
    reference = one(CURRENT if operand.source is None else compiler.compile(operand.source))

    def run(this: Item | None, frame: Frame) -> bool | None:
        item = reference(this, frame)
        if item is None:
            return None
        name = _named_type(_reference_text(item))
        if name is None and item.__class__ is DataNode and item.type.name == "Reference":
            name = item.value.get("type")
        found = FHIR.find(name) if isinstance(name, str) else None
        if found is None:
            target = _target(item, frame)
            found = None if target is None else target.type
        return None if found is None else not types.isdisjoint(found.ancestors)

    return Code(Kind.TRUTH, run)


def _named_type(reference: str | None) -> str | None:
    try:
        return reference_type(reference) if reference else None
    except ValueError:
        return None


def _codings(item: Item, asker: str) -> Sequence[Mapping[str, Any]]:
    """The codings in a Coding, a CodeableConcept, or a code or string on its own."""
    if item.__class__ is DataNode and item.type.name in ("Coding", "CodeableConcept"):
        return [item.value] if item.type.name == "Coding" else _objects(item.value.get("coding"))
    value = system_value(item)
    if isinstance(value, str):
        return [{"system": None, "code": value}]
    raise EvaluationError(
        f"{asker} cannot work with a {type_of(item)!r}", expected="a code, a Coding or a CodeableConcept"
    )


def _any(answers: list[bool | None]) -> bool | None:
    """True when one is; unknown when one is unknown."""
    if any(answers):
        return True
    return None if None in answers else False


@function("memberOf", 1, result="Boolean")
def _member_of(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, value_set = one(source), _text_argument(compiler, call)

    def run(this: Item | None, frame: Frame) -> bool | None:
        item, url = given(this, frame), value_set(this, frame)
        if item is None or url is None:
            return None
        terminology = frame.environment.terminology
        if terminology is None:
            raise UnsupportedError("memberOf() needs an environment with a terminology")
        return _any([terminology.member_of(coding, url) for coding in _codings(item, "memberOf()")])

    return Code(Kind.TRUTH, run)


def _subsumption(name: str, *, reverse: bool) -> None:
    @function(name, 1, result="Boolean")
    def build(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
        given, argument = one(source), one(compiler.compile(call.operand[0]))

        def run(this: Item | None, frame: Frame) -> bool | None:
            item, other = given(this, frame), argument(this, frame)
            if item is None or other is None:
                return None
            terminology = frame.environment.terminology
            if terminology is None:
                raise UnsupportedError(f"{name}() needs an environment with a terminology")
            general, special = (other, item) if reverse else (item, other)
            upper, lower = _codings(general, f"{name}()"), _codings(special, f"{name}()")
            return _any([terminology.subsumes(one_, other_) for one_ in upper for other_ in lower])

        return Code(Kind.TRUTH, run)


_subsumption("subsumes", reverse=False)
_subsumption("subsumedBy", reverse=True)


@function("conformsTo", 1, result="Boolean")
def _conforms_to(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """A profile that is just a type of R4 is answered by type and structure; any other by the environment."""
    given, profile = one(source), _text_argument(compiler, call)

    def run(this: Item | None, frame: Frame) -> bool | None:
        item, url = given(this, frame), profile(this, frame)
        if item is None or url is None:
            return None
        base = FHIR.find(url.removeprefix(BASE_PROFILE)) if url.startswith(BASE_PROFILE) else None
        if base is not None and base.kind != "backbone":
            if base not in type_of(item).ancestors:
                return False
            return base.kind != "resource" or not any(issue.severity == "error" for issue in check(item.value))
        profiles = frame.environment.profiles
        if profiles is None:
            raise UnsupportedError(f"conformsTo() needs an environment that knows the profile {url}")
        conforms = profiles.conforms(item.value, url) if item.__class__ is DataNode else False
        if conforms is None:
            raise EvaluationError(f"the profile {url} is not known")
        return conforms

    return Code(Kind.TRUTH, run)


@function("htmlChecks", result="Boolean")
def _html_checks(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = one(source)

    def run(this: Item | None, frame: Frame) -> bool | None:
        item = given(this, frame)
        if item is None:
            return None
        if item.__class__ is DataNode and item.type.name == "Narrative":
            text = item.value.get("div")
        else:
            text = system_value(item)
        return isinstance(text, str) and is_allowed(text)

    return Code(Kind.TRUTH, run)


@function("checkModifiers", 0, 20, result="same", yields_many=True)
def _check_modifiers(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """The input as it is; an error when an item has a modifier extension that is not among the arguments."""
    given, arguments = many(source), [one(compiler.compile(node)) for node in call.operand]
    modifiers = Path(["modifierExtension", "url"], rooted=False)

    def run(this: Item | None, frame: Frame) -> Collection:
        items = given(this, frame)
        allowed = {system_value(argument(this, frame)) for argument in arguments}
        found: Collection = []
        for item in items:
            modifiers.of_item(item, found)
        for url in found:
            if url.value not in allowed:
                raise EvaluationError(
                    f"the modifier extension {url.value} changes the meaning in a way not provided for"
                )
        return items

    return Code(Kind.MANY, run)


def _unsupported(name: str, least: int, most: int, why: str) -> None:
    @function(name, least, most)
    def build(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
        raise CheckError(f"{name}() is not supported: {why}", source=compiler.source, span=call.span)


_unsupported("elementDefinition", 0, 0, "the definitions here are types, not profiles")
_unsupported("slice", 2, 2, "slices belong to profiles, which are not loaded here")
