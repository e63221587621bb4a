"""The search parameters of the record: which there are, and in which index rows each finds its values.

Index rows carry a number `tp` that stands for "these elements of this resource type". Parameters that look at the
same elements share rows: `Observation.patient` is `Observation.subject` where the subject is a Patient, and
`combo-code` is the rows of `code` and of `component-code`. So an element is indexed once, however many parameters
look at it. The numbers follow from the (pinned) definitions alone; every process computes the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bedside.fhir import definitions
from bedside.fhir.schema import SearchParameter, SearchType
from bedside.questions.parser import parse
from bedside.questions.tree import FunctionRef, IdentifierRef, Is, Node, Union, walk

NO_CLOCK = -(1 << 62)
"""`clock` of a resource whose type has a main date but which has none itself; it sorts as the oldest."""

_SPAN = 1024  # numbers a type owns
_STEP = 4  # numbers a group of elements owns: values, texts (:text), identifiers (:identifier), one to spare
_TEXT, _IDENTIFIER = 1, 2
_FIRST_CUSTOM = 160

# The date that a person would put on the timeline, where the type has no parameter named `date`.
_CLOCKS = {
    "Account": "period",
    "Basic": "created",
    "Bundle": "timestamp",
    "ChargeItem": "occurrence",
    "Claim": "created",
    "ClaimResponse": "created",
    "Communication": "sent",
    "CommunicationRequest": "authored",
    "Condition": "onset-date",
    "Contract": "issued",
    "CoverageEligibilityRequest": "created",
    "CoverageEligibilityResponse": "created",
    "DetectedIssue": "identified",
    "DeviceRequest": "authored-on",
    "DocumentManifest": "created",
    "ExplanationOfBenefit": "created",
    "Goal": "start-date",
    "ImagingStudy": "started",
    "Media": "created",
    "MedicationAdministration": "effective-time",
    "MedicationDispense": "whenhandedover",
    "MedicationRequest": "authoredon",
    "MedicationStatement": "effective",
    "NutritionOrder": "datetime",
    "PaymentNotice": "created",
    "PaymentReconciliation": "created",
    "Provenance": "recorded",
    "QuestionnaireResponse": "authored",
    "RequestGroup": "authored",
    "ServiceRequest": "authored",
    "Slot": "start",
    "Specimen": "collected",
    "Task": "authored-on",
    "TestReport": "issued",
    "VisionPrescription": "datewritten",
}

# Answered without an expression of their own: from columns, the full-text index, or another resource.
SPECIAL: Mapping[str, SearchType] = {
    "_id": "token",
    "_lastUpdated": "date",
    "_text": "string",
    "_content": "string",
    "_list": "special",
}


@dataclass(frozen=True, slots=True)
class Arm:
    """One alternative of a parameter's expression: the path, and the type its references must resolve to."""

    path: Node
    resolves_to: str | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a composite parameter: how it is searched, and where it lies relative to the composite's root."""

    parameter: Parameter
    path: Node


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter of one resource type.

    `storage` lists the numbers under which its rows lie; `target_filter` restricts a reference to one target type
    that the rows do not tell apart. For a composite, `storage` numbers the rows of repeating elements and
    `at_root` says that its components may also match on the resource as a whole (then it is an AND of `at_root`).
    """

    code: str
    type: SearchType
    base: str
    url: str
    expression: str | None
    arms: tuple[Arm, ...] = ()
    storage: tuple[int, ...] = ()
    targets: tuple[str, ...] = ()
    target_filter: str | None = None
    components: tuple[Component, ...] = ()
    at_root: tuple[Parameter, ...] = ()
    code_system: str | None = None
    custom: bool = False

    @property
    def kind(self) -> str:
        """What rows its paths give: the search type, and for a composite also its parts."""
        if self.type != "composite":
            return self.type
        return "composite " + " $ ".join(c.expression for c in definitions.search_parameter(self.url).component)

    @property
    def text_numbers(self) -> tuple[int, ...]:
        """Numbers of the label rows that `:text` searches."""
        return tuple(number + _TEXT for number in self.storage)

    @property
    def identifier_numbers(self) -> tuple[int, ...]:
        """Numbers of the token rows that `:identifier` searches."""
        return tuple(number + _IDENTIFIER for number in self.storage)


@dataclass(frozen=True, slots=True)
class Custom:
    """A SearchParameter that the hospital added: its slot in the numbering of its type, and its definition."""

    slot: int
    type: str
    definition: SearchParameter
    ready: bool = True


class Registry:
    """All parameters of all types; with custom ones, a new Registry is made and replaces the old."""

    def __init__(self, custom: Iterable[Custom] = ()) -> None:
        self._custom: dict[str, list[Custom]] = {}
        for each in custom:
            self._custom.setdefault(each.type, []).append(each)
        self._of_type: dict[str, dict[str, Parameter]] = {}
        self._waiting: dict[str, list[Parameter]] = {}
        self.generation = 0
        """Which state of the `parameter` table this registry was read from."""
        self._groups: dict[str, dict[tuple[str, Node], int]] = {}

    @cached_property
    def _type_numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(definitions.resource_types(), 1)}

    @cached_property
    def _type_names(self) -> dict[int, str]:
        return {number: name for name, number in self._type_numbers.items()}

    def type_number(self, name: str) -> int:
        """The number of a resource type; KeyError for a name R4 does not have."""
        return self._type_numbers[name]

    def type_name(self, number: int) -> str:
        return self._type_names[number]

    def link_number(self, name: str) -> int:
        """The number of the `ref` rows for references of this type that no parameter covers."""
        return self._type_numbers[name] * _SPAN

    def type_of(self, number: int) -> str:
        """The resource type that a `tp` belongs to."""
        return self._type_names[number // _SPAN]

    def custom_number(self, name: str, slot: int) -> int:
        """The number of the rows of a custom parameter that has this slot."""
        return self._type_numbers[name] * _SPAN + slot * _STEP

    @staticmethod
    def slot_of(number: int) -> int:
        """The slot that a custom parameter's number lies in."""
        return number % _SPAN // _STEP

    def waiting(self, name: str) -> list[Parameter]:
        """Custom parameters of a type whose index is still being made; they are written and not yet searched."""
        self.for_type(name)
        return self._waiting[name]

    def for_type(self, name: str) -> dict[str, Parameter]:
        """Code -> parameter, those of every resource included. KeyError for an unknown type."""
        found = self._of_type.get(name)
        if found is None:
            found = self._of_type[name] = self._build(name)
        return found

    def listed(self, name: str) -> dict[str, Parameter]:
        """Like `for_type`, for telling which parameters there are: without paths, rows and components, and without
        the time it takes to find those for all types."""
        if name in self._of_type:
            return self._of_type[name]
        found = [d for d in definitions.search_parameters_for(name).values() if _supported(d)]
        found += [each.definition for each in self._custom.get(name, []) if each.ready]
        known = {d.code: Parameter(d.code, d.type, name, d.url, d.expression, targets=d.target) for d in found}
        for code, kind in SPECIAL.items():
            known.setdefault(code, _special(code, kind, name))
        return known

    def get(self, type_name: str, code: str) -> Parameter | None:
        """One parameter that can be searched; None when the type has none of that code."""
        return self.for_type(type_name).get(code)

    def clock_parameter(self, name: str) -> Parameter | None:
        """The date that index rows of this type carry as `clock`, or None."""
        parameters = self.for_type(name)
        found = parameters.get(_CLOCKS.get(name, "date"))
        return found if found is not None and found.type == "date" and not found.custom else None

    def groups(self, name: str) -> dict[tuple[str, Node], int]:
        """(kind, path) -> number: every distinct path that is indexed for a type, custom ones not yet
        ready included (they are written before they are searched)."""
        self.for_type(name)
        return self._groups[name]

    def _build(self, name: str) -> dict[str, Parameter]:
        defined = {d.code: d for d in definitions.search_parameters_for(name).values() if _supported(d)}
        parsed = {code: _parsed(d, name) for code, d in defined.items()}
        base = self._type_numbers[name] * _SPAN
        numbers = _number_paths(parsed, base)
        parameters = dict(parsed)
        waiting: set[str] = set()
        for custom in self._custom.get(name, []):
            parameter = replace(_parsed(custom.definition, name), custom=True)
            for arm in parameter.arms:
                numbers.setdefault((parameter.kind, arm.path), base + custom.slot * _STEP)
            parameters[parameter.code] = parameter
            if not custom.ready:
                waiting.add(parameter.code)
        self._groups[name] = numbers
        stored = {code: _with_storage(p, numbers) for code, p in parameters.items()}
        self._waiting[name] = [p for code, p in stored.items() if code in waiting]
        whole = {code: _with_components(p, stored, numbers) for code, p in stored.items() if code not in waiting}
        for code, kind in SPECIAL.items():
            whole.setdefault(code, _special(code, kind, name))
        return whole


def first_free_slot(taken: Iterable[int]) -> int:
    """The next slot for a custom parameter of a type; ValueError when the type's numbers are used up."""
    slot = max([*taken, _FIRST_CUSTOM - 1]) + 1
    if slot * _STEP >= _SPAN:
        raise ValueError("this resource type has no room for another custom search parameter")
    return slot


def _special(code: str, kind: SearchType, name: str) -> Parameter:
    return Parameter(code, kind, name, f"http://hl7.org/fhir/SearchParameter/{code}", None)


def _supported(definition: SearchParameter) -> bool:
    return definition.expression is not None or definition.code in SPECIAL


def _parsed(definition: SearchParameter, name: str) -> Parameter:
    arms = () if definition.code in SPECIAL else tuple(_arms(definition.expression or "", name))
    filters = {arm.resolves_to for arm in arms}
    return Parameter(
        code=definition.code,
        type=definition.type,
        base=name,
        url=definition.url,
        expression=definition.expression,
        arms=arms,
        targets=definition.target,
        target_filter=next(iter(filters)) if len(filters) == 1 else None,
        code_system=_code_system(arms) if definition.type == "token" else None,
    )


def _arms(expression: str, name: str) -> Iterable[Arm]:
    """The alternatives that can hold for a type: those rooted at its own name or at what it inherits from."""
    stack = [parse(expression)]
    while stack:
        node = stack.pop()
        if isinstance(node, Union):
            stack += [node.right, node.left]
        elif (root := _root(node)) is None or root == name or definitions.is_subtype(name, root):
            yield _split_filter(node)


def _root(node: Node) -> str | None:
    """The type a path starts from: the leftmost identifier, when it names a type."""
    for each in walk(node):
        if isinstance(each, IdentifierRef) and each.name[0].isupper():
            return each.name
    return None


def _split_filter(node: Node) -> Arm:
    """`X.where(resolve() is T)` -> X and T."""
    match node:
        case FunctionRef(
            name="where", source=Node() as source, operand=(Is(operand=FunctionRef(name="resolve"), is_type=target),)
        ):
            return Arm(source, target.name)
    return Arm(node)


def _number_paths(parameters: Mapping[str, Parameter], base: int) -> dict[tuple[str, Node], int]:
    """Give each set of paths that always go together one number."""
    users: dict[tuple[str, Node], list[str]] = {}
    for code in sorted(parameters):
        for arm in parameters[code].arms:
            users.setdefault((parameters[code].kind, arm.path), []).append(code)
    numbers: dict[tuple[str, Node], int] = {}
    by_users: dict[tuple[str, tuple[str, ...]], int] = {}
    for (kind, path), codes in users.items():
        group = (kind, tuple(codes))
        if group not in by_users:
            by_users[group] = base + (len(by_users) + 1) * _STEP
        numbers[(kind, path)] = by_users[group]
    assert len(by_users) < _FIRST_CUSTOM - 1, "a type has more parameters than the numbering has room for"
    return numbers


def _with_storage(parameter: Parameter, numbers: Mapping[tuple[str, Node], int]) -> Parameter:
    at_root = parameter.type == "composite"
    storage = dict.fromkeys(
        numbers[(parameter.kind, arm.path)]
        for arm in parameter.arms
        if not (at_root and isinstance(arm.path, IdentifierRef))
    )
    return replace(parameter, storage=tuple(storage))


def _with_components(
    parameter: Parameter, parameters: Mapping[str, Parameter], numbers: Mapping[tuple[str, Node], int]
) -> Parameter:
    if parameter.type != "composite":
        return parameter
    definition = definitions.search_parameter(parameter.url)
    components = []
    for each in definition.component:
        part = definitions.search_parameter(each.definition)
        found = parameters.get(part.code) or _parsed(part, parameter.base)
        components.append(Component(found, parse(each.expression)))
    at_root: tuple[Parameter, ...] = ()
    if any(isinstance(arm.path, IdentifierRef) for arm in parameter.arms):
        at_root = tuple(_at_root(c.parameter, parameter.base, numbers) for c in components)
    return replace(parameter, components=tuple(components), at_root=at_root)


def _at_root(parameter: Parameter, base: str, numbers: Mapping[tuple[str, Node], int]) -> Parameter:
    """A component seen from the resource itself: only the paths that pass through no repeating element.

    `combo-code` looks at `Observation.code` and `Observation.component.code`; beside a value of the Observation
    itself only the former may count.
    """
    own = tuple(arm for arm in parameter.arms if not _repeats(arm.path, base))
    storage = dict.fromkeys(numbers[(parameter.kind, arm.path)] for arm in own)
    return replace(parameter, arms=own, storage=tuple(storage))


def _repeats(path: Node, base: str) -> bool:
    elements = definitions.type_definition(base).elements
    return any(
        getattr(node, "path", None) in elements
        and isinstance(getattr(node, "source", None), IdentifierRef)
        and elements[node.path].many  # type: ignore[attr-defined]
        for node in walk(path)
    )


def _code_system(arms: tuple[Arm, ...]) -> str | None:
    """The one code system of a `code` element with a required binding, which instances do not repeat."""
    systems: set[str] = set()
    for arm in arms:
        names = _simple_path(arm.path)
        if names is None:
            return None
        current = names[0]
        element = None
        for step in names[1:]:
            element = definitions.type_definition(current).elements.get(step)
            if element is None:
                return None
            current = element.types[0]
        if element is None or current != "code" or element.binding is None:
            return None
        systems |= set(definitions.codes(element.binding.value_set) or {"", "several"})
    return systems.pop() if len(systems) == 1 else None


def _simple_path(node: Node) -> list[str] | None:
    """`Patient.contact.gender` -> its names; None for anything that is not only steps."""
    names: list[str] = []
    while hasattr(node, "path") and hasattr(node, "source"):
        names.append(node.path)
        node = node.source
    if not isinstance(node, IdentifierRef):
        return None
    return [node.name, *reversed(names)]
