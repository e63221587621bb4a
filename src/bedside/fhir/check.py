"""Is this a structurally valid R4 resource? `check` answers, with everything that is wrong and where.

Structure is what the definitions say without FHIRPath: types, formats, cardinality, required bindings, choices,
reference targets, extensions, contained resources, and no element that R4 does not have
(https://hl7.org/fhir/R4/validation.html, https://hl7.org/fhir/R4/json.html). Invariants are not evaluated.

Most resources are valid, so `quick` looks first; only what it does not wave through is walked here, which takes
some hundred microseconds and finds every problem.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from bedside.fhir.bindings import (
    allows,
    currency_like,
    is_currency,
    reference_type,
    required_codings,
    satisfies,
)
from bedside.fhir.definitions import (
    Element,
    TypeDef,
    element_codes,
    has_shadow,
    is_resource_type,
    resource_types,
    type_definition,
)
from bedside.fhir.formats import complaint, formats, json_kind, quoted
from bedside.fhir.outcome import Issue, IssueCode, step
from bedside.fhir.quick import is_plain

MAX_DEPTH = 400
"""Objects that may lie within each other, so that whoever reads the record is able to follow."""

__all__ = ["Issue", "check", "check_thoroughly"]


def check(resource: Any, *, expect_type: str | None = None) -> list[Issue]:
    """All structural problems of a resource (a dict as `json.decode` gives it); empty when it is valid.

    `expect_type` is the resource type that it must have. Each issue has a FHIRPath location, such as
    `Patient.contact[0].name.given[1]` or `Observation.value.ofType(Quantity).unit`. Never raises.
    """
    if is_plain(resource) and (expect_type is None or resource["resourceType"] == expect_type):
        return []
    return check_thoroughly(resource, expect_type=expect_type)


def check_thoroughly(resource: Any, *, expect_type: str | None = None) -> list[Issue]:
    """What `check` does when the quick look does not say yes; the reference for what is valid."""
    walk = _Walk()
    try:
        walk.resource(resource, None, expect_type)
    except RecursionError:
        return [Issue("error", "too-long", None, "The resource is nested too deeply to be checked.")]
    return walk.issues


def _listing(names: list[str], limit: int = 12) -> str:
    """`a, b or c`, cut after `limit` names."""
    if len(names) > limit:
        return ", ".join(names[:limit]) + f" or one of {len(names) - limit} more"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class _Walk:
    """One walk over one resource; collects issues."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.depth = 0

    def add(self, code: IssueCode, path: str | None, message: str) -> None:
        self.issues.append(Issue("error", code, path, message))

    def resource(self, value: Any, path: str | None, expected: str | None = None) -> None:
        """A resource at `path`, or the outermost one when `path` is None."""
        where = path or "The resource"
        if not isinstance(value, dict):
            self.add("structure", path, f"{where} must be an object, not {json_kind(value)}")
            return
        name = value.get("resourceType")
        if not isinstance(name, str) or not is_resource_type(name):
            if name is None:
                said = "has no resourceType"
            else:
                said = f"has the resourceType {quoted(name)}, which R4 does not have"
                close = get_close_matches(name, resource_types(), 1) if isinstance(name, str) else []
                said += f"; did you mean {close[0]}?" if close else ""
            self.add("structure" if name is None else "not-supported", path, f"{where} {said}")
            return
        if expected is not None and name != expected:
            self.add("value", path, f"{where} is of type {name}, not {expected}")
            return
        self.object(value, type_definition(name), path or name)

    def object(self, value: Any, definition: TypeDef, path: str, element: Element | None = None) -> None:
        """A value of a complex type, unless it lies too deep."""
        if self.depth >= MAX_DEPTH:
            raise RecursionError
        self.depth += 1
        self.content(value, definition, path, element)
        self.depth -= 1

    def content(self, value: Any, definition: TypeDef, path: str, element: Element | None) -> None:
        """What a value of a complex type has: its properties, then what it lacks and what it has too often."""
        last = path.rsplit(".", 1)[-1]
        if not isinstance(value, dict):
            self.add("structure", path, f"{last} must be an object, not {json_kind(value)}")
            return
        if not value:
            self.add("structure", path, f"{last} is empty; leave it out instead")
            return
        seen: dict[str, list[str]] = {}
        for key, item in value.items():
            name = key.removeprefix("_")
            found = definition.properties.get(name)
            if key == "resourceType" and definition.kind == "resource":
                continue
            if found is None or (key != name and not has_shadow(*found)):
                self.unknown(key, definition, path)
                continue
            child, type_name = found
            names = seen.setdefault(child.name, [])
            if name not in names:
                names.append(name)
            if key == name:
                self.property(value, key, item, child, type_name, path)
            elif name not in value:
                self.shadow(item, child, name, path, None)
        for child in definition.elements.values():
            names = seen.get(child.name, [])
            if child.min and not names:
                wanted = _listing(list(child.json_names))
                whole = definition.name if definition.kind == "resource" else last
                self.add("required", step(path, child.name), f"{wanted} is missing; {whole} must have it")
            elif len(names) > 1:
                self.add("structure", step(path, child.name), f"only one of {', '.join(names)} may be present")
        if definition.name == "Extension":
            self.extension(value, seen, path)
        elif definition.name == "Reference" and element is not None:
            self.reference(value, element, path)

    def unknown(self, key: str, definition: TypeDef, path: str) -> None:
        choice = definition.elements.get(key)
        message = f"unknown element {quoted(key)}"
        if choice is not None and choice.choice:
            message += f"; write {_listing(list(choice.json_names), 4)}"
        elif close := get_close_matches(key, definition.properties, 1, 0.75):
            message += f"; did you mean '{close[0]}'?"
        elif key.startswith("_") and key[1:] in definition.properties:
            message += f"; '{key[1:]}' is not a primitive that can be extended"
        else:
            message += f"; {definition.name} has no such element"
        self.add("structure", path if not key.isidentifier() else step(path, key), message)

    def property(
        self, holder: dict[str, Any], key: str, item: Any, element: Element, type_name: str, path: str
    ) -> None:
        """One property, single or array, with its shadow if it has one."""
        shadowed = has_shadow(element, type_name) and "_" + key in holder
        shadow = holder["_" + key] if shadowed else None
        here = step(path, element.name)
        if not element.many:
            if isinstance(item, list):
                self.add("structure", here, f"{key} must not be an array; there is at most one")
                return
            self.value(item, element, type_name, here + f".ofType({type_name})" * element.choice, key)
            if shadowed:
                self.shadow(shadow, element, key, path, None)
            return
        if not isinstance(item, list):
            self.add("structure", here, f"{key} must be an array, not {json_kind(item)}")
            return
        if not item:
            self.add("structure", here, f"{key} is an empty array; leave it out instead")
        for position, one in enumerate(item):
            place = f"{here}[{position}]"
            padded = isinstance(shadow, list) and position < len(shadow) and shadow[position] is not None
            if one is None and padded:
                continue
            self.value(one, element, type_name, place, key)
        if shadowed:
            self.shadow(shadow, element, key, path, item)

    def shadow(self, item: Any, element: Element, name: str, path: str, values: list[Any] | None) -> None:
        """The id and extensions of a primitive, or of each of an array of them."""
        here = step(path, element.name)
        base = type_definition("Element")
        if not element.many:
            if item is None or isinstance(item, list):
                self.add("structure", here, f"_{name} must be an object, not {json_kind(item)}")
            else:
                self.object(item, base, here)
            return
        if not isinstance(item, list):
            self.add("structure", here, f"_{name} must be an array, not {json_kind(item)}")
            return
        if values is not None and len(values) != len(item):
            self.add(
                "structure",
                here,
                f"{name} and _{name} must be equally long, padded with null; they have"
                f" {len(values)} and {len(item)} entries",
            )
        if not any(one is not None for one in item):
            self.add("structure", here, f"_{name} holds nothing; leave it out instead")
        for position, one in enumerate(item):
            if one is not None:
                self.object(one, base, f"{here}[{position}]")
            elif values is None:
                self.add("structure", f"{here}[{position}]", f"neither {name} nor _{name} has a value here")

    def value(self, item: Any, element: Element, type_name: str, path: str, key: str) -> None:
        """One value of a known type."""
        if type_name == "Resource":
            self.resource(item, path)
            if element.name == "contained" and isinstance(item, dict) and "contained" in item:
                self.add("structure", f"{path}.contained", "a contained resource must not contain others (dom-2)")
        elif type_name in formats():
            self.primitive(item, element, type_name, path, key)
        else:
            self.object(item, type_definition(type_name), path, element)
            if type_name == "CodeableConcept":
                self.concept(item, element, path, key)
            elif element.simple_quantity and isinstance(item, dict) and "comparator" in item:
                self.add("structure", f"{path}.comparator", f"{key} is a SimpleQuantity: it has no comparator")

    def primitive(self, item: Any, element: Element, type_name: str, path: str, key: str) -> None:
        if not formats()[type_name].test(item):
            code, why = complaint(type_name, item)
            self.add(code, path, f"{key} {why}")
            return
        allowed = element_codes(element) if type_name == "code" else None
        if allowed is not None and item not in allowed:
            close = get_close_matches(item, allowed, 1)
            hint = f" (did you mean '{close[0]}'?)" if close else ""
            self.add("code-invalid", path, f"{key} {quoted(item)} is not one of {_listing(sorted(allowed), 20)}{hint}")
        elif type_name == "code" and is_currency(element) and not currency_like(item):
            self.add("code-invalid", path, f"{key} {quoted(item)} is not a currency of ISO 4217, such as EUR")

    def concept(self, item: Any, element: Element, path: str, key: str) -> None:
        """A CodeableConcept with a required binding."""
        wanted = required_codings(element)
        if wanted is None or not isinstance(item, dict):
            return
        codings = item.get("coding", [])
        well_formed = isinstance(codings, list) and all(isinstance(c, dict) for c in codings)
        if well_formed and not satisfies(item, wanted):
            systems = sorted({system for system, _ in wanted})
            names = _listing(sorted({code for _, code in wanted}), 20)
            self.add("code-invalid", path, f"{key} needs a coding of {_listing(systems)} with the code {names}")

    def extension(self, value: dict[str, Any], seen: dict[str, list[str]], path: str) -> None:
        """ext-1: extensions or a value, and not both."""
        if "value" in seen and "extension" in seen:
            self.add("extension", path, "an extension has a value or extensions, not both (ext-1)")
        elif "value" not in seen and "extension" not in seen:
            self.add("extension", path, "an extension must have a value or extensions (ext-1)")

    def reference(self, value: dict[str, Any], element: Element, path: str) -> None:
        """Whether a Reference may lead where its text and its type say."""
        text, declared, named = value.get("reference"), value.get("type"), None
        allowed = _listing(list(element.targets), 8)
        if isinstance(text, str) and text:
            try:
                named = reference_type(text)
            except ValueError:
                self.add(
                    "value",
                    f"{path}.reference",
                    f"{quoted(text)} is not a reference; write Type/id, an absolute URL, urn:uuid:... or #id",
                )
            if not allows(element.targets, named):
                self.add("value", f"{path}.reference", f"{quoted(text)} must refer to {allowed}")
        if not isinstance(declared, str):
            return
        if not is_resource_type(declared):
            self.add("value", f"{path}.type", f"{quoted(declared)} is not a resource type of R4")
        elif not allows(element.targets, declared):
            self.add("value", f"{path}.type", f"{quoted(declared)} is not allowed here: only {allowed}")
        elif named is not None and declared != named:
            self.add("value", f"{path}.type", f"type says {declared}, reference says {named}")
