"""What is left of a write when every question about it is answered: one resource, one effect.

`prepare` does all that needs no database: it checks the structure and extracts the index rows. It runs in the thread
of whoever asks, so that the writer only writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bedside.fhir import json
from bedside.fhir.check import check_thoroughly
from bedside.fhir.outcome import Invalid, Issue, Unprocessable
from bedside.fhir.quick import plain_references
from bedside.fhir.references import references
from bedside.record import custom
from bedside.record.extract import Extractor
from bedside.record.model import Effect, Method, Resource, Settings
from bedside.record.rows import Rows, conditional_reference, split_reference

Key = tuple[str, str]
"""Type and id of a resource."""

_NO_ROWS = Rows()


_IDENTITY = frozenset(("resourceType", "id", "meta"))
_NO_INSTANT = "0000-00-00T00:00:00.000000Z"
_BEFORE_INSTANT = b'"lastUpdated":"'
_UP_TO_INSTANT = _BEFORE_INSTANT + _NO_INSTANT.encode()
"""With its quotes no text of a resource can hold this: there they are escaped."""


class Draft(NamedTuple):
    """What stands before and after the instant in the body of a first version."""

    before: bytes
    after: bytes

    @classmethod
    def of(cls, resource: Resource, id_: str) -> Draft:
        before, _, after = json.encode(with_meta(resource, id_, 1, _NO_INSTANT)).partition(_UP_TO_INSTANT)
        return cls(before + _BEFORE_INSTANT, after)


def with_meta(resource: Resource, id_: str, version: int, stamp: str) -> Resource:
    """The resource as it is stored: identity and meta first, versionId and lastUpdated the record's own."""
    whole: Resource = {"resourceType": resource["resourceType"], "id": id_}
    own = {"versionId": str(version), "lastUpdated": stamp}
    meta = resource.get("meta")
    whole["meta"] = {**meta, **own} if meta else own
    for key, value in resource.items():
        if key not in _IDENTITY:
            whole[key] = value
    return whole


@dataclass(slots=True)
class Operation:
    """One write with its identity known.

    `kind` is DELETE, or CREATE/UPDATE for the content in `resource`. `rows` are its index rows and `targets` the
    local resources it refers to. `outcome` says that nothing is to be done but to report what is there.
    """

    kind: Method
    key: Key
    resource: Resource = field(default_factory=dict)
    rows: Rows = _NO_ROWS
    targets: Sequence[Key] = ()
    if_match: int | None = None
    may_create: bool = True
    must_be_new: bool = False
    outcome: Effect | None = None
    draft: Draft | None = None
    """The body of the first version, but for its instant, when it was encoded before the lock was taken."""
    write: int = 0
    """Position, in the unit, of the write that asks for this; an error says by it which write is at fault."""

    @property
    def reference(self) -> str:
        return f"{self.key[0]}/{self.key[1]}"

    def path_of(self, target: Key) -> str | None:
        """Where in the resource a target is referred to."""
        for link in references(self.resource):
            if link.text is not None and split_reference(link.text) == target:
                return f"{link.path}.reference"
        return None


def prepare(
    operation: Operation,
    extractor: Extractor,
    settings: Settings,
    literal: list[str] | None = None,
    *,
    checked: bool = False,
) -> Operation:
    """Check a resource and extract its rows, in place. Raises Invalid or Unprocessable with every issue found.

    `literal` are the texts of its references, when the caller has already looked for them; `checked` says that the
    caller has found the resource valid.
    """
    resource = operation.resource
    name = operation.key[0]
    if not isinstance(resource, dict) or resource.get("resourceType") != name:
        found = resource.get("resourceType") if isinstance(resource, dict) else None
        raise Invalid(f"A {name} was expected, and the resource says it is {found or 'nothing'}.", path="resourceType")
    if settings.check_structure and not checked and (plain := plain_references(resource)) is not None:
        if literal is None:
            literal = [text for value, _ in plain if (text := value.get("reference")) is not None]
    elif settings.check_structure and not checked:
        errors = [
            issue for issue in check_thoroughly(resource, expect_type=name) if issue.severity in ("error", "fatal")
        ]
        if errors:
            raise Unprocessable(errors)
    if name == "SearchParameter":
        custom.validate(resource)
    try:
        if literal is None:
            literal = [link.text for link in references(resource) if link.text is not None]
        operation.rows = extractor.rows(resource, literal)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        # Only an unchecked resource can be of the wrong shape here.
        raise Unprocessable(
            [Issue("error", "structure", name, "The resource does not have the shape R4 gives it.")]
        ) from error
    for reference in literal:
        if "?" in reference and (condition := conditional_reference(reference)) is not None:
            problem = f"The reference {condition[0]}?... is a search; only a transaction resolves those."
            raise Unprocessable([Issue("error", "not-supported", None, problem)])
    operation.targets = [(kind, id_) for _, kind, id_ in operation.rows.ref]
    return operation
