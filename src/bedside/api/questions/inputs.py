"""The input of an operation that asks questions: parameters by name, from a Parameters resource or from the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from bedside.api.errors import suggest
from bedside.api.messages import Request
from bedside.api.negotiate import require_fhir
from bedside.fhir.outcome import Invalid, NotSupported
from bedside.questions.cql.from_fhir import Misfit, grouped, type_of, value_of
from bedside.questions.cql.types import DataType
from bedside.questions.values import DateTime

Json = dict[str, Any]

_ELSEWHERE = {
    "dataEndpoint": "data is read from this server and from the request",
    "contentEndpoint": "libraries are read from this server",
    "terminologyEndpoint": "value sets are read from this server",
    "artifactEndpointConfiguration": "libraries and value sets are read from this server",
}
"""Parameters that would make this server fetch things elsewhere."""


class Inputs:
    """What was given to one operation. `known` are the parameters that it has; others are refused by name."""

    def __init__(self, request: Request, known: Iterable[str], refused: dict[str, str] | None = None) -> None:
        refused = {**_ELSEWHERE, **(refused or {})}
        known = tuple(known)
        given = [{"name": name, "valueString": value} for name, value in request.query]
        if request.method == "POST" and (request.body or request.content is not None):
            given += _posted(request)
        try:
            self._given = grouped(given)
        except Misfit as error:
            raise Invalid(f"{error}.".capitalize(), code="structure", path="Parameters.parameter") from None
        for name in self._given:
            if name in refused:
                raise NotSupported(f"The parameter {name} is not supported: {refused[name]}.")
            if name not in known:
                raise Invalid(f"This operation has no parameter {name!r}.{suggest(name, known)}", code="not-supported")

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def all(self, name: str) -> Sequence[Json]:
        """Every parameter of a name as it was given."""
        return self._given.get(name, ())

    def text(self, name: str) -> str | None:
        """A parameter of one simple value: text, code, canonical, date, or the target of a reference."""
        found = self.texts(name)
        if len(found) > 1:
            raise Invalid(f"The parameter {name} may be given only once.")
        return found[0] if found else None

    def texts(self, name: str) -> list[str]:
        """All values of a parameter of simple values."""
        found = []
        for each in self.all(name):
            value = next((value for key, value in each.items() if key.startswith("value")), None)
            if isinstance(value, dict) and isinstance(value.get("reference"), str):
                value = value["reference"]
            if not isinstance(value, str) or not value:
                raise Invalid(f"The parameter {name} must be one simple value.", code="value")
            found.append(value)
        return found

    def required(self, name: str) -> str:
        """A parameter that must be there."""
        found = self.text(name)
        if found is None:
            raise Invalid(f"The parameter {name} is missing.", code="required")
        return found

    def boolean(self, name: str, default: bool) -> bool:
        """A parameter that is true or false."""
        given = self.all(name)
        if not given:
            return default
        value = given[-1].get("valueBoolean", given[-1].get("valueString"))
        truth = {True: True, False: False, "true": True, "false": False}
        if len(given) > 1 or not isinstance(value, bool | str) or value not in truth:
            raise Invalid(f"The parameter {name} must be true or false.", code="value")
        return truth[value]

    def resource(self, name: str, type_name: str) -> Json | None:
        """A parameter that is a resource of a type."""
        given = self.all(name)
        if not given:
            return None
        found = given[0].get("resource")
        if len(given) > 1 or not isinstance(found, dict) or found.get("resourceType") != type_name:
            raise Invalid(f"The parameter {name} must be one {type_name}.", code="value")
        return found

    def moment(self, name: str) -> DateTime | None:
        """A date or dateTime as it is written. Raises Invalid."""
        text = self.text(name)
        if text is None:
            return None
        try:
            # In an address a plus sign is a blank unless it was written as %2B.
            return DateTime.parse(text.replace(" ", "+"))
        except ValueError as error:
            raise Invalid(f"{name}: {error}.", code="value") from None

    def parameters(self) -> dict[str, list[Json]]:
        """The parameters of the question itself, by name."""
        resource = self.resource("parameters", "Parameters")
        try:
            return grouped(resource.get("parameter", [])) if resource is not None else {}
        except Misfit as error:
            raise Invalid(f"parameters: {error}.", code="structure") from None


def _posted(request: Request) -> list[Json]:
    if not request.nested:
        require_fhir(request.headers.get("content-type", ""))
    resource = request.resource()
    if resource.get("resourceType") != "Parameters":
        raise Invalid("The input of an operation is a Parameters resource.", code="structure", path="resourceType")
    given = resource.get("parameter", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Invalid("Parameters.parameter must be an array of objects.", code="structure")
    return given


def value(name: str, given: Sequence[Json], type_: DataType, offset: int) -> Any:
    """The value of a question's parameter, as the type that the library declares. Raises Invalid by its name."""
    try:
        return value_of(given, type_, offset)
    except Misfit as error:
        raise Invalid(f"The parameter {name!r}: {error}.", code="value") from None


def own_type(name: str, given: Sequence[Json]) -> DataType:
    """The type of a parameter that nothing declares. Raises Invalid by its name."""
    try:
        return type_of(given)
    except Misfit as error:
        raise Invalid(f"The parameter {name!r}: {error}.", code="value") from None


def instant_of(moment: DateTime, zone: dt.tzinfo) -> dt.datetime:
    """A DateTime as Python's, its missing parts at their least; without an offset it is in `zone`."""
    second = moment.second or 0
    whole = int(second)
    micro = int((second - whole) * 1_000_000)
    at = dt.timezone(dt.timedelta(minutes=moment.offset)) if moment.offset is not None else zone
    parts = (moment.year, moment.month or 1, moment.day or 1, moment.hour or 0, moment.minute or 0, whole, micro)
    return dt.datetime(*parts, tzinfo=at)
