"""Errors of OAuth 2 as values: RFC 6749, sections 4.1.2.1 and 5.2, with those of its extensions."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope", "access_denied", "unsupported_response_type", "server_error", "login_required",
    "invalid_redirect_uri", "invalid_client_metadata", "request_not_supported", "request_uri_not_supported",
]  # fmt: skip


class OAuthError(Exception):
    """A request that an app made and cannot have. `description` is for the app's developer; it names no person."""

    def __init__(self, code: Code, description: str) -> None:
        super().__init__(description)
        self.code: Code = code
        self.description = description

    @property
    def status(self) -> int:
        """The HTTP status where it is answered as JSON (RFC 6749, section 5.2)."""
        return 401 if self.code == "invalid_client" else 400

    def body(self) -> dict[str, str]:
        """The JSON that says it."""
        return {"error": self.code, "error_description": self.description}


class BadToken(Exception):
    """An access token that is not ours, is past, or was revoked; deliberately without saying which (RFC 6750)."""
