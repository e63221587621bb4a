"""Apps: what they say about themselves, and who said yes to them.

An app registers itself (RFC 7591) and waits: until an administrator approved it, it is told that it is unknown. What is
approved is what was registered; a change is another registration.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from bedside.trust.accounts.secret import digest, new_id, new_secret
from bedside.trust.accounts.store import Row, Store
from bedside.trust.smart import scopes
from bedside.trust.smart.errors import OAuthError
from bedside.trust.smart.jwks import check_key_set

Authentication = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
AUTHENTICATIONS: tuple[Authentication, ...] = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
Status = Literal["pending", "approved", "refused"]
_MOST_URIS = 20
_NETLOC = re.compile(r"[A-Za-z0-9.:\[\]-]*")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Client:
    """An app, or a backend service."""

    id: str
    name: str
    status: Status
    authentication: Authentication
    grants: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    scope: str
    """The most it may be given."""
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    launch_url: str | None = None
    uri: str | None = None
    introspects: bool = False
    """Whether it may ask about tokens of others: a resource server of the hospital. Only an administrator sets it."""

    @property
    def confidential(self) -> bool:
        """Whether it can prove who it is."""
        return self.authentication != "none"


def check_redirect_uri(uri: str) -> str:
    """`uri` if codes may be sent there; raises OAuthError otherwise.

    https; http only to this machine by address (RFC 8252, section 7.3); or a scheme of an app that has a dot in it
    (section 7.1). No fragment (RFC 6749, section 3.1.2), no user name, nothing that two readers could read differently.
    """
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise OAuthError("invalid_redirect_uri", "A redirect URI cannot be read.") from None
    plain = len(uri) <= _LONGEST and all("!" <= letter <= "~" for letter in uri) and not set(uri) & set('\\"<>^`{|}*')
    secure = parts.scheme == "https" and host and "@" not in parts.netloc
    loopback = parts.scheme == "http" and host in ("127.0.0.1", "::1", "localhost") and "@" not in parts.netloc
    private = "." in parts.scheme and "@" not in parts.netloc
    # The host also stands in a header of the page that asks (content-security-policy): letters that mean nothing there.
    plain = plain and _NETLOC.fullmatch(parts.netloc) is not None
    dots = any(part in (".", "..") for part in parts.path.split("/"))
    if not plain or "#" in uri or dots or not (secure or loopback or private):
        raise OAuthError("invalid_redirect_uri", "A redirect URI is https, or http to 127.0.0.1, without fragment.")
    return uri


def _check_web_address(value: Any, what: str) -> str:
    """`value` if it is an https address by name; keys are fetched there, so it must not name a machine by number."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise OAuthError("invalid_client_metadata", f"{what} is no address.")
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    try:
        ipaddress.ip_address(host)
        named = False
    except ValueError:
        named = "." in host
    if parts.scheme != "https" or not named or "@" in parts.netloc or parts.fragment:
        raise OAuthError("invalid_client_metadata", f"{what} must be an https address with a host name.")
    return value


def read_metadata(metadata: dict[str, Any], client_id: str) -> Client:
    """A pending client as its metadata describe it (RFC 7591, section 2). Raises OAuthError."""

    def texts(name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = metadata.get(name, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value) or len(value) > _MOST_URIS:
            raise OAuthError("invalid_client_metadata", f"{name} is a list of texts.")
        return tuple(dict.fromkeys(value))

    method = metadata.get("token_endpoint_auth_method", "client_secret_basic")
    grants = texts("grant_types", ("authorization_code",))
    name = metadata.get("client_name")
    scope = metadata.get("scope", "")
    if method not in AUTHENTICATIONS:
        raise OAuthError("invalid_client_metadata", f"The authentication is one of {', '.join(AUTHENTICATIONS)}.")
    if not grants or not set(grants) <= set(GRANTS):
        raise OAuthError("invalid_client_metadata", f"grant_types are among {', '.join(GRANTS)}.")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        raise OAuthError("invalid_client_metadata", "client_name is what people see: 1 to 100 characters.")
    if not isinstance(scope, str) or len(scope) > 10_000:
        raise OAuthError("invalid_client_metadata", "scope is a list separated by spaces.")
    jwks, jwks_uri = metadata.get("jwks"), metadata.get("jwks_uri")
    uris = tuple(check_redirect_uri(uri) for uri in texts("redirect_uris", ()))
    allowed = scopes.parse(scope)
    if "authorization_code" in grants:
        if not uris:
            raise OAuthError("invalid_redirect_uri", "An app that people use needs a redirect URI.")
        if metadata.get("response_types", ["code"]) != ["code"]:
            raise OAuthError("invalid_client_metadata", "response_types can only be code.")
    if "client_credentials" in grants:
        # One client is one thing: a program of a person, or a service of its own.
        if method != "private_key_jwt" or set(grants) != {"client_credentials"}:
            raise OAuthError("invalid_client_metadata", "A backend service uses private_key_jwt and nothing else.")
        if allowed.levels() - {"system"}:
            raise OAuthError("invalid_client_metadata", "A backend service has scopes of the level system only.")
    elif "system" in allowed.levels():
        raise OAuthError("invalid_client_metadata", "Scopes of the level system are for backend services.")
    if (method == "private_key_jwt") != ((jwks is None) != (jwks_uri is None)) or (jwks and jwks_uri):
        raise OAuthError("invalid_client_metadata", "private_key_jwt needs either jwks or jwks_uri; others have none.")
    if jwks is not None:
        check_key_set(jwks)

    def address(key: str) -> str | None:
        return None if metadata.get(key) is None else _check_web_address(metadata[key], key)

    return Client(
        *(client_id, name.strip(), "pending", method, grants, uris, str(allowed), jwks),
        *(address("jwks_uri"), address("initiate_login_uri"), address("client_uri")),
    )


class Clients:
    """The apps of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def register(self, metadata: dict[str, Any]) -> tuple[Client, str | None]:
        """Take an app's metadata. It is pending; its secret, if it has one, is known to nobody after this answer."""
        client = read_metadata(metadata, new_id())
        secret = new_secret() if client.authentication.startswith("client_secret") else None
        self._store.rows(
            "INSERT INTO client VALUES (?, 'pending', ?, ?, ?, NULL, NULL)",
            (client.id, digest(secret) if secret else None, json.dumps(asdict(client)), self._store.now()),
        )
        return client, secret

    def decide(
        self,
        client: str,
        status: Literal["approved", "refused"],
        *,
        by: str,
        scope: str | None = None,
        introspects: bool = False,
    ) -> Client:
        """An administrator's yes or no; `scope` gives less than was asked. A no also takes back what the app has.

        `by` is the account that decided. Raises KeyError for no such app.
        """  # fmt: skip
        with self._store.transaction():
            found = self.find(client)
            if found is None:
                raise KeyError(client)
            detail = {**asdict(found), "status": status, "introspects": introspects and status == "approved"}
            if scope is not None:
                detail["scope"] = str(scopes.narrow(scopes.parse(found.scope), scopes.parse(scope)))
            now = self._store.now()
            self._store.rows(
                "UPDATE client SET status = ?, detail = ?, decided = ?, decided_by = ? WHERE id = ?",
                (status, json.dumps(detail), now, by, client),
            )
            if status == "refused":
                self._store.rows(
                    "UPDATE authorization_given SET revoked = ?, revoked_why = 'app refused'"
                    " WHERE client = ? AND revoked IS NULL",
                    (now, client),
                )
        decided = self.find(client)
        assert decided is not None
        return decided

    def find(self, client: str) -> Client | None:
        """The app of an id, whatever its status."""
        row = self._store.row("SELECT detail, status FROM client WHERE id = ?", (client,))
        return None if row is None else _client(row)

    def approved(self, client: str) -> Client | None:
        """The app of an id if it was approved."""
        found = self.find(client)
        return found if found is not None and found.status == "approved" else None

    def waiting(self) -> list[Client]:
        """The apps that nobody has decided about, oldest first."""
        rows = self._store.rows("SELECT detail, status FROM client WHERE status = 'pending' ORDER BY created, id")
        return [_client(row) for row in rows]

    def count_waiting(self) -> int:
        row = self._store.row("SELECT count(*) FROM client WHERE status = 'pending'")
        return int(row[0]) if row else 0

    def secret_is(self, client: str, secret: str) -> bool:
        """Whether `secret` is the app's, in constant time."""
        row = self._store.row("SELECT secret_digest FROM client WHERE id = ?", (client,))
        kept = row[0] if row and row[0] else digest(new_id())
        return hmac.compare_digest(kept, digest(secret))

    def new_secret(self, client: str) -> str:
        """Replace the secret of an app; the one before stops working at once."""
        secret = new_secret()
        self._store.rows("UPDATE client SET secret_digest = ? WHERE id = ?", (digest(secret), client))
        return secret


def _client(row: Row) -> Client:
    detail = json.loads(row[0])
    for name in ("grants", "redirect_uris"):
        detail[name] = tuple(detail[name])
    return Client(**{**detail, "status": row[1]})
