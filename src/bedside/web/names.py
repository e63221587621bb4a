"""What references on a page lead to, by name: each target is read once per page, and not too many of them."""

from __future__ import annotations

from bedside.record.record import Record
from bedside.web.locale import Locale
from bedside.web.readable.title import name_of
from bedside.web.readable.values import Values

_MOST = 60


class Names:
    """Type and id -> the name of that resource, for one page."""

    def __init__(self, record: Record, locale: Locale) -> None:
        self._record = record
        # Without names of its own: the name of a name is not looked up.
        self._values = Values(locale)
        self._known: dict[tuple[str, str], str | None] = {}

    def __call__(self, type_name: str, id_: str) -> str | None:
        """The name; None when the resource is not here, has none, or enough were looked up already."""
        key = (type_name, id_)
        if key not in self._known:
            if len(self._known) >= _MOST:
                return None
            stored = self._record.read(type_name, id_)
            known = stored is not None and not stored.deleted
            self._known[key] = (name_of(self._values, stored.resource) or None) if known and stored else None
        return self._known[key]
