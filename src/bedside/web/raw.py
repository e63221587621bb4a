"""JSON for people, with every digit as it was written."""

from __future__ import annotations

import msgspec


def pretty(body: bytes) -> str:
    """Stored JSON indented by two spaces. Only white space is added: 7.20 stays 7.20."""
    return msgspec.json.format(body, indent=2).decode() if body else ""
