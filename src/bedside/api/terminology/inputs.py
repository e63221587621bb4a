"""The input of an operation: parameters of a GET, of a form, or of a Parameters resource, each of the type it must
have (https://hl7.org/fhir/R4/operations.html#executing)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bedside.api.messages import Request
from bedside.api.negotiate import media_type, require_fhir
from bedside.api.search import form
from bedside.fhir.check import check
from bedside.fhir.outcome import Invalid
from bedside.terms.validate import Coding

Kind = Literal["text", "boolean", "integer", "coding", "concept", "resource", "parts"]
Known = Mapping[str, Kind]

_LANGUAGE_HEADER = "accept-language"


class Inputs:
    """What an operation was given. Reading a parameter checks its type; Invalid (400) for what it cannot be."""

    def __init__(self, values: dict[str, list[Any]], language: str | None = None) -> None:
        self._values = values
        self._language = language

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def _one(self, name: str) -> Any:
        values = self._values.get(name, [])
        if len(values) > 1:
            raise Invalid(f"The parameter `{name}` may be given only once.")
        return values[0] if values else None

    def text(self, name: str) -> str | None:
        value = self._one(name)
        if value is not None and not isinstance(value, str):
            raise Invalid(f"The parameter `{name}` is a simple value.", code="value")
        return value or None

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._values.get(name, [])
        if not all(isinstance(value, str) for value in values):
            raise Invalid(f"The parameter `{name}` is a simple value.", code="value")
        return tuple(value for value in values if value)

    def boolean(self, name: str) -> bool | None:
        value = self._one(name)
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise Invalid(f"The parameter `{name}` is true or false, not {value!r}.", code="value")

    def whole(self, name: str) -> int | None:
        """A whole number that is not negative."""
        value = self._one(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            return int(value)
        raise Invalid(f"The parameter `{name}` is a whole number from 0, not {value!r}.", code="value")

    def json(self, name: str) -> dict[str, Any] | None:
        """A Coding, CodeableConcept or resource; it can come in a Parameters resource only."""
        value = self._one(name)
        if value is not None and not isinstance(value, dict):
            raise Invalid(f"The parameter `{name}` cannot be text; POST a Parameters resource.", code="value")
        return value

    def coding(self, name: str) -> Coding | None:
        found = self.json(name)
        return None if found is None else coding_of(found, name)

    def every_coding(self, name: str) -> list[Coding]:
        """A parameter that may be repeated."""
        values = self._values.get(name, [])
        if not all(isinstance(value, dict) for value in values):
            raise Invalid(f"The parameter `{name}` is a Coding; POST a Parameters resource.", code="value")
        return [coding_of(value, name) for value in values]

    def parts(self, name: str) -> list[dict[str, Any]]:
        """The parts of a parameter that has parts, each by name."""
        return [value for value in self._values.get(name, []) if isinstance(value, dict)]

    @property
    def language(self) -> str | None:
        """`displayLanguage`, or what the Accept-Language header prefers."""
        return self.text("displayLanguage") or self._language


def coding_of(found: Mapping[str, Any], name: str) -> Coding:
    """A FHIR Coding. Invalid when it has no code."""
    code = found.get("code")
    if not isinstance(code, str) or not code:
        raise Invalid(f"The parameter `{name}` needs a code.", code="required")
    return Coding(found.get("system"), code, found.get("version"), found.get("display"))


def read(request: Request, known: frozenset[str], *, alone: str | None = None) -> Inputs:
    """The input of a request. `alone` names the parameter that a resource in the body may be by itself.

    Raises Invalid for a parameter that the operation does not have, unless handling=lenient was asked for.
    """
    values: dict[str, list[Any]] = {}
    for name, value in request.query:
        values.setdefault(name, []).append(value)
    if request.method == "POST" and (request.body or request.content is not None):
        if media_type(request.headers.get("content-type", "")) == "application/x-www-form-urlencoded":
            for name, value in form(request):
                values.setdefault(name, []).append(value)
        else:
            _body(request, values, alone)
    if request.prefer.handling != "lenient":
        for name in values:
            if name not in known:
                raise Invalid(f"This operation has no parameter `{name}`.", code="not-supported")
    return Inputs(values, request.headers.get(_LANGUAGE_HEADER))


def _body(request: Request, values: dict[str, list[Any]], alone: str | None) -> None:
    if not request.nested:
        require_fhir(request.headers.get("content-type", ""))
    resource = request.resource()
    kind = resource.get("resourceType")
    own = alone is not None and kind == _TYPES[alone]
    if kind == "Parameters" or own:
        wrong = [issue for issue in check(resource) if issue.severity in ("error", "fatal")]
        if wrong:
            raise Invalid(wrong)
    if kind != "Parameters":
        if alone is not None and own:
            values.setdefault(alone, []).append(resource)
            return
        raise Invalid("The input of an operation is a Parameters resource.", code="structure", path="resourceType")
    for index, parameter in enumerate(resource.get("parameter", [])):
        path = f"Parameters.parameter[{index}]"
        values.setdefault(parameter["name"], []).append(_value(parameter, path))


_TYPES = {"valueSet": "ValueSet", "codeSystem": "CodeSystem", "conceptMap": "ConceptMap"}


def _value(parameter: dict[str, Any], path: str) -> Any:
    if "resource" in parameter:
        return parameter["resource"]
    if "part" in parameter:
        return {part["name"]: _value(part, f"{path}.part[{index}]") for index, part in enumerate(parameter["part"])}
    values = [value for key, value in parameter.items() if key.startswith("value")]
    if len(values) != 1:
        raise Invalid("A parameter has one value, a resource, or parts.", code="structure", path=path)
    return values[0]
