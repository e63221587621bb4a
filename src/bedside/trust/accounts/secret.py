"""Random secrets, and what is kept of them."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """256 random bits as 43 characters of base64url: a session id, a code, a token, a client's secret."""
    return secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """What a table keeps of a secret. One round suffices because the secret is random, unlike a password."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_id() -> str:
    """128 random bits in hexadecimal: a name for a row, no secret."""
    return secrets.token_hex(16)
