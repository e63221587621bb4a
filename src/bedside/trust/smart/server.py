"""The authorization server's answers: requests as fields in, JSON as a dict out. No HTTP here; routes.py adds that."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from bedside.trust.accounts.keys import ALGORITHM, Keys
from bedside.trust.accounts.store import Store
from bedside.trust.smart import scopes
from bedside.trust.smart.assertion import ALGORITHMS, TYPE, verify_assertion
from bedside.trust.smart.authorize import Authorize
from bedside.trust.smart.clients import AUTHENTICATIONS, GRANTS, Client, Clients
from bedside.trust.smart.errors import BadToken, OAuthError
from bedside.trust.smart.grants import Grant, Grants, Issued
from bedside.trust.smart.jwks import KeySets

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_ID_TOKEN_SECONDS = 3600
_MOST_WAITING = 200
CAPABILITIES = (
    "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-symmetric",
    "client-confidential-asymmetric", "sso-openid-connect", "context-ehr-patient", "context-ehr-encounter",
    "context-standalone-patient", "permission-offline", "permission-online", "permission-patient", "permission-user",
    "permission-v1", "permission-v2",
)  # fmt: skip


class AuthorizationServer:
    """One issuer. `origin` is the address of the site (`https://ehr.example.org`), `base` that of its FHIR API."""

    def __init__(self, store: Store, keys: Keys, *, origin: str, base: str, key_sets: KeySets | None = None) -> None:
        self.store = store
        self.origin = origin.rstrip("/")
        self.base = base.rstrip("/")
        self.clients = Clients(store)
        self.grants = Grants(store)
        self.authorize = Authorize(store, self.clients, self.grants, base=self.base, issuer=self.origin)
        self._keys = keys
        self._key_sets = key_sets or KeySets()

    def verify(self, token: str) -> Grant:
        """What an access token allows now. Raises BadToken."""
        return self.grants.verify(token)

    def token(self, fields: Mapping[str, str], authorization: str | None = None) -> dict[str, Any]:
        """The token endpoint (RFC 6749, section 3.2). `authorization` is the header of that name. Raises OAuthError."""
        client = self.authenticate(fields, authorization)
        kind = fields.get("grant_type", "")
        if kind not in GRANTS:
            raise OAuthError("unsupported_grant_type", f"grant_type is one of {', '.join(GRANTS)}.")
        if kind not in client.grants:
            raise OAuthError("unauthorized_client", "This client was not registered for that.")
        if kind == "client_credentials":
            return self._backend(client, fields)
        if kind == "refresh_token":
            token = fields.get("refresh_token", "")
            return self._answer(self.grants.refresh(token, client=client.id, scope=fields.get("scope")))
        verifier = fields.get("code_verifier", "")
        well = _VERIFIER.fullmatch(verifier) is not None
        # A malformed verifier is a wrong one: the code is used up either way, so that nobody can go on guessing.
        issued = self.grants.redeem(
            fields.get("code", ""),
            client=client.id,
            redirect_uri=fields.get("redirect_uri", ""),
            challenge=_s256(verifier) if well else "",
        )
        return self._answer(issued, first=True)

    def _backend(self, client: Client, fields: Mapping[str, str]) -> dict[str, Any]:
        granted = scopes.narrow(scopes.parse(fields.get("scope", "")), scopes.parse(client.scope))
        system = tuple(scope for scope in granted.resources if scope.level == "system")
        if not system:
            raise OAuthError("invalid_scope", "Nothing of this scope was approved for this client.")
        return self._answer(self.grants.backend(client.id, str(scopes.Scopes(system))))

    def _answer(self, issued: Issued, *, first: bool = False) -> dict[str, Any]:
        given = issued.authorization
        answer: dict[str, Any] = {
            **(given.context or {}),
            "access_token": issued.access,
            "token_type": "Bearer",
            "expires_in": issued.access_seconds,
            "scope": issued.scope,
        }
        if issued.refresh is not None:
            answer["refresh_token"] = issued.refresh
        if given.patient is not None:
            answer["patient"] = given.patient
        if given.encounter is not None:
            answer["encounter"] = given.encounter
        if first and "openid" in issued.scope.split():
            answer["id_token"] = self._id_token(issued)
        return answer

    def _id_token(self, issued: Issued) -> str:
        """Who signed in (OpenID Connect Core 1.0, section 2), with SMART's fhirUser as an absolute URL."""
        given, now = issued.authorization, self.store.now()
        claims: dict[str, Any] = {
            "iss": self.origin,
            "sub": given.account,
            "aud": given.client,
            "iat": now,
            "exp": now + _ID_TOKEN_SECONDS,
            "auth_time": given.auth_time,
        }
        if given.nonce is not None:
            claims["nonce"] = given.nonce
        if given.actor is not None and {"fhirUser", "profile"} & set(issued.scope.split()):
            claims["fhirUser"] = f"{self.base}/{given.actor}"
        return self._keys.sign(claims)

    def authenticate(self, fields: Mapping[str, str], authorization: str | None) -> Client:
        """The client that sent a request, by the one way that it was registered for. Raises OAuthError
        (invalid_client), in the same words for an unknown client and a wrong secret."""
        assertion = fields.get("client_assertion")
        ways = [authorization is not None, "client_secret" in fields, assertion is not None]
        if sum(ways) > 1:
            raise OAuthError("invalid_request", "A client authenticates in one way only (RFC 6749, section 2.3).")
        if assertion is not None:
            if fields.get("client_assertion_type") != TYPE:
                raise OAuthError("invalid_client", f"client_assertion_type is {TYPE}.")
            return verify_assertion(
                assertion,
                store=self.store,
                clients=self.clients,
                key_sets=self._key_sets,
                audiences=frozenset({self.endpoint("token"), self.origin}),
                claimed=fields.get("client_id"),
            )
        name, secret = fields.get("client_id", ""), fields.get("client_secret")
        method = "none" if secret is None else "client_secret_post"
        if authorization is not None:
            of_header, secret = _basic(authorization)
            if name not in ("", of_header):
                raise OAuthError("invalid_client", "The client is not known, or did not prove who it is.")
            name, method = of_header, "client_secret_basic"
        client = self.clients.approved(name)
        right = client is not None and client.authentication == method
        if secret is not None:
            right = self.clients.secret_is(name, secret) and right
        if client is None or not right:
            raise OAuthError("invalid_client", "The client is not known, or did not prove who it is.")
        return client

    def introspect(self, fields: Mapping[str, str], authorization: str | None = None) -> dict[str, Any]:
        """What a token is worth (RFC 7662): of a client its own, of a resource server any. Raises OAuthError."""
        client = self.authenticate(fields, authorization)
        if not client.confidential:
            raise OAuthError("invalid_client", "Only a client that proves who it is may ask.")
        token = fields.get("token", "")
        try:
            grant = self.grants.verify(token)
        except BadToken:
            refresh = self.grants.refreshable(token)
            if refresh is None or not (client.introspects or refresh[0] == client.id):
                return {"active": False}
            return {"active": True, "client_id": refresh[0], "scope": refresh[1], "exp": refresh[2]}
        if not client.introspects and grant.client != client.id:
            return {"active": False}
        found = {
            "active": True,
            "client_id": grant.client,
            "scope": str(grant.scopes),
            "token_type": "Bearer",
            "iat": grant.issued,
            "exp": grant.expires,
            "iss": self.origin,
            "aud": self.base,
            "sub": grant.account or grant.client,
            "patient": grant.patient,
            "encounter": grant.encounter,
            "fhirUser": f"{self.base}/{grant.actor}" if grant.actor and "fhirUser" in grant.scopes.words else None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def revoke(self, fields: Mapping[str, str], authorization: str | None = None) -> None:
        """Take a token back (RFC 7009). Raises OAuthError for the client, never for the token."""
        client = self.authenticate(fields, authorization)
        self.grants.revoke(fields.get("token", ""), client=client.id)

    def register(self, metadata: Any) -> dict[str, Any]:
        """Dynamic registration (RFC 7591, section 3). The client is unknown until it is approved. Raises OAuthError."""
        if not isinstance(metadata, dict):
            raise OAuthError("invalid_client_metadata", "The metadata are a JSON object.")
        if self.clients.count_waiting() >= _MOST_WAITING:
            raise OAuthError("invalid_client_metadata", "Too many registrations wait for approval. Try again later.")
        client, secret = self.clients.register(metadata)
        answer: dict[str, Any] = {
            "client_id": client.id,
            "client_id_issued_at": self.store.now(),
            "client_name": client.name,
            "grant_types": list(client.grants),
            "redirect_uris": list(client.redirect_uris),
            "token_endpoint_auth_method": client.authentication,
            "scope": client.scope,
        }
        if secret is not None:
            answer |= {"client_secret": secret, "client_secret_expires_at": 0}
        for name in ("jwks", "jwks_uri"):
            if getattr(client, name) is not None:
                answer[name] = getattr(client, name)
        return answer

    def endpoint(self, name: str) -> str:
        """The address of an endpoint."""
        return f"{self.origin}/auth/{name}"

    def key_set(self) -> dict[str, Any]:
        """The public keys that verify our id tokens."""
        return self._keys.public()

    def smart_configuration(self) -> dict[str, Any]:
        """`[base]/.well-known/smart-configuration` (SMART App Launch 2.2, "Conformance")."""
        return {
            "issuer": self.origin,
            "jwks_uri": self.endpoint("jwks"),
            "authorization_endpoint": self.endpoint("authorize"),
            "token_endpoint": self.endpoint("token"),
            "introspection_endpoint": self.endpoint("introspect"),
            "revocation_endpoint": self.endpoint("revoke"),
            "registration_endpoint": self.endpoint("register"),
            "grant_types_supported": list(GRANTS),
            "response_types_supported": ["code"],
            "scopes_supported": sorted(
                {*scopes.CONTEXT, *scopes.REFRESH, *(f"{level}/*.cruds" for level in ("patient", "user", "system"))}
            ),
            "token_endpoint_auth_methods_supported": list(AUTHENTICATIONS),
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "capabilities": list(CAPABILITIES),
        }

    def openid_configuration(self) -> dict[str, Any]:
        """`[issuer]/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, section 3; RFC 8414)."""
        shared = {name: value for name, value in self.smart_configuration().items() if name != "capabilities"}
        return {
            **shared,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "fhirUser"],
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }


def _s256(verifier: str) -> str:
    """RFC 7636, section 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _basic(header: str) -> tuple[str, str]:
    """Client and secret of an HTTP Basic header, form-encoded each (RFC 6749, section 2.3.1)."""
    kind, _, value = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if kind.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "The Authorization header is not Basic.")
    return unquote_plus(name), unquote_plus(secret)
