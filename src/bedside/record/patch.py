"""JSON Patch (RFC 6902) on resources, as R4's patch interaction applies it (https://hl7.org/fhir/R4/http.html#patch).

Decimals stay Decimals, the order of properties stays, and the resource given is left as it was. A patch that is not
well-formed raises `Invalid` (400); one that does not fit this resource raises `Unprocessable` (422), and a `test`
that finds something else raises `Conflict` (409). Each names the operation by its place in the patch.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn

from bedside.fhir.outcome import Conflict, Invalid, Unprocessable
from bedside.record.model import Resource

_ABSENT: Any = object()


def apply_patch(resource: Resource, operations: Sequence[Mapping[str, Any]]) -> Resource:
    """The resource after all operations, in order; all or nothing.

    Values of the patch are copied into the result, so neither argument is shared with it.
    """
    document: Any = copy.deepcopy(resource)
    for index, operation in enumerate(operations):
        document = _Step(index, operation).run(document)
    if not isinstance(document, dict):
        raise Unprocessable("After this patch the resource would no longer be a JSON object.")
    return document


class _Step:
    """One operation of a patch, at its place in it."""

    def __init__(self, index: int, operation: Mapping[str, Any]) -> None:
        self.index = index
        if not isinstance(operation, Mapping):
            self._malformed("is not a JSON object")
        self.operation = operation
        self.name = operation.get("op")
        run = {
            "add": self._add,
            "remove": self._remove,
            "replace": self._replace,
            "move": self._move,
            "copy": self._copy,
            "test": self._test,
        }.get(self.name if isinstance(self.name, str) else "")
        if run is None:
            self._malformed("needs an `op` of add, remove, replace, move, copy or test")
        self.run: Callable[[Any], Any] = run

    def _add(self, document: Any) -> Any:
        return self._insert(document, self._pointer("path"), copy.deepcopy(self._value()))

    def _remove(self, document: Any) -> Any:
        self._take(document, self._pointer("path"))
        return document

    def _replace(self, document: Any) -> Any:
        pointer, value = self._pointer("path"), copy.deepcopy(self._value())
        if not pointer:
            return value
        self._get(document, pointer)
        holder = self._get(document, pointer[:-1])
        holder[pointer[-1] if isinstance(holder, dict) else int(pointer[-1])] = value
        return document

    def _move(self, document: Any) -> Any:
        source, target = self._pointer("from"), self._pointer("path")
        if source == target:
            self._get(document, source)
            return document
        if target[: len(source)] == source:
            self._unfit("would move a value into itself")
        return self._insert(document, target, self._take(document, source))

    def _copy(self, document: Any) -> Any:
        found = copy.deepcopy(self._get(document, self._pointer("from")))
        return self._insert(document, self._pointer("path"), found)

    def _test(self, document: Any) -> Any:
        expected = self._value()
        if not same(self._get(document, self._pointer("path")), expected):
            raise Conflict(f"The test at `{self.operation['path']}` (operation {self.index}) found another value.")
        return document

    def _pointer(self, member: str) -> list[str]:
        """A JSON Pointer (RFC 6901) as its unescaped tokens; the empty list is the whole document."""
        text = self.operation.get(member)
        if not isinstance(text, str):
            self._malformed(f"needs a `{member}`, a JSON Pointer such as /name/0/family")
        if not text:
            return []
        if text[0] != "/":
            self._malformed(f"has the {member} `{text}`; a JSON Pointer starts with a slash")
        tokens = text[1:].split("/")
        for token in tokens:
            if "~" in token.replace("~0", "").replace("~1", ""):
                self._malformed(f"has the {member} `{text}`; write ~0 for a tilde and ~1 for a slash in a name")
        return [token.replace("~1", "/").replace("~0", "~") for token in tokens]

    def _value(self) -> Any:
        value = self.operation.get("value", _ABSENT)
        if value is _ABSENT:
            self._malformed("needs a `value`")
        return value

    def _get(self, document: Any, pointer: Sequence[str]) -> Any:
        for token in pointer:
            match document:
                case dict() if token in document:
                    document = document[token]
                case list():
                    document = document[self._position(token, len(document) - 1)]
                case _:
                    self._unfit(f"finds no `{token}`")
        return document

    def _insert(self, document: Any, pointer: Sequence[str], value: Any) -> Any:
        if not pointer:
            return value
        match self._get(document, pointer[:-1]):
            case dict() as holder:
                holder[pointer[-1]] = value
            case list() as items:
                last = pointer[-1]
                items.insert(len(items) if last == "-" else self._position(last, len(items)), value)
            case _:
                self._unfit("would add to something that is neither an object nor an array")
        return document

    def _take(self, document: Any, pointer: Sequence[str]) -> Any:
        if not pointer:
            self._unfit("would remove the whole resource; use DELETE for that")
        value = self._get(document, pointer)
        match self._get(document, pointer[:-1]):
            case dict() as holder:
                del holder[pointer[-1]]
            case list() as items:
                del items[int(pointer[-1])]
        return value

    def _position(self, token: str, last: int) -> int:
        if not (token.isascii() and token.isdigit() and len(token) < 10) or (token[0] == "0" and token != "0"):
            self._unfit(f"uses `{token}` as a position in an array")
        position = int(token)
        if position > last:
            self._unfit(f"finds nothing at position {token} of an array")
        return position

    def _malformed(self, what: str) -> NoReturn:
        raise Invalid(f"Operation {self.index} of the patch {what}.")

    def _unfit(self, what: str) -> NoReturn:
        where = self.operation.get("path")
        raise Unprocessable(f"Operation {self.index} of the patch ({self.name} at `{where}`) {what}.")


def same(one: Any, other: Any) -> bool:
    """JSON equality (RFC 6902 section 4.6): numbers by value, objects without order; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
