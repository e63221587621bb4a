"""The dictionary of texts that index rows refer to by number: system URIs, canonical units, display texts."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.record.session import Session, WriteSession

_LIMIT = 500_000


class Names:
    """Text -> number, for a writer. Numbers never change, so what was committed once may be remembered for good."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {"": 0}
        self._uncommitted: list[str] = []

    def ensure(self, session: WriteSession, texts: Iterable[str]) -> None:
        """Make every text known, numbering the new ones. Call while holding the write lock."""
        missing = [text for text in dict.fromkeys(texts) if text not in self.known]
        if not missing:
            return
        for text, number in look_up(session, missing).items():
            self.known[text] = number
        new = [text for text in missing if text not in self.known]
        if new:
            last = session.rows("SELECT coalesce(max(id), 0) FROM name")[0][0]
            rows = [(last + i, text) for i, text in enumerate(new, 1)]
            session.insert("name", rows)
            self.known.update((text, number) for number, text in rows)
        self._uncommitted += missing

    def committed(self) -> None:
        self._uncommitted.clear()
        if len(self.known) > _LIMIT:
            self.known = {"": 0}

    def rolled_back(self) -> None:
        for text in self._uncommitted:
            self.known.pop(text, None)
        self._uncommitted.clear()


def look_up(session: Session, texts: Iterable[str]) -> dict[str, int]:
    """The numbers of those texts that have one."""
    return dict(session.matching("name", "text, id", ("text",), [(text,) for text in texts]))
