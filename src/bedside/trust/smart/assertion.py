"""private_key_jwt: an app proves who it is by signing (RFC 7523; SMART App Launch 2.2, "Asymmetric Authentication").

The algorithm is decided by the key that was registered, never by the header alone: `none`, HS256 with a public key as
its secret, and keys that the header brings along (`jwk`, `jku`, `x5c`, `x5u`) all fail.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from bedside.trust.accounts.store import Store
from bedside.trust.smart.clients import Client, Clients
from bedside.trust.smart.errors import OAuthError
from bedside.trust.smart.jwks import KeySets

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS384", "ES384")
_LONGEST = 300  # seconds ahead that exp may be
_SKEW = 60  # seconds that clocks may differ, for iat and nbf; exp gets none
_BROUGHT = ("jwk", "x5c", "x5u", "crit", "b64")


def _refuse(why: str) -> OAuthError:
    return OAuthError("invalid_client", why)


def _header_and_claims(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both parts, unverified: only to find whose key must verify them."""
    parts = assertion.split(".")
    if len(parts) != 3 or len(assertion) > 8192:
        raise _refuse("The assertion is no signed JWT.")
    try:
        found = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2]]
    except (ValueError, RecursionError):
        raise _refuse("The assertion is no signed JWT.") from None
    if not all(isinstance(part, dict) for part in found):
        raise _refuse("The assertion is no signed JWT.")
    return found[0], found[1]


def verify_assertion(
    assertion: str,
    *,
    store: Store,
    clients: Clients,
    key_sets: KeySets,
    audiences: frozenset[str],
    claimed: str | None = None,
) -> Client:
    """The approved client that signed `assertion`. Raises OAuthError (invalid_client).

    `audiences` are the names of this server, one of which is the assertion's `aud`. `claimed` is the
    `client_id` beside it, which must then be the same. The `jti` is used up.
    """  # fmt: skip
    header, unverified = _header_and_claims(assertion)
    name = unverified.get("iss")
    client = clients.approved(name) if isinstance(name, str) else None
    if client is None or client.authentication != "private_key_jwt" or claimed not in (None, client.id):
        raise _refuse("No such client.")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or not isinstance(kid, str):
        raise _refuse(f"The assertion needs a kid and one of {', '.join(ALGORITHMS)}.")
    if any(part in header for part in _BROUGHT) or header.get("jku", client.jwks_uri) != client.jwks_uri:
        raise _refuse("Keys come from the registration, not from the assertion.")
    key = key_sets.key(jwks=client.jwks, jwks_uri=client.jwks_uri, kid=kid)
    if key is None or not isinstance(key, RSAKey if algorithm == "RS384" else ECKey):
        raise _refuse("No key of this client has this kid and fits the algorithm.")
    try:
        claims = jwt.decode(assertion, key, [algorithm]).claims
    except (JoseError, ValueError):
        raise _refuse("The signature is not right.") from None
    _check_claims(claims, client.id, audiences, store.now())
    kept = store.rows(
        "INSERT INTO client_assertion VALUES (?, ?, ?) ON CONFLICT (client, jti) DO NOTHING RETURNING 1",
        (client.id, claims["jti"], int(claims["exp"]) + _SKEW),
    )
    if not kept:
        raise _refuse("This jti was used before.")
    return client


def _check_claims(claims: dict[str, Any], client: str, audiences: frozenset[str], now: int) -> None:
    """iss, sub, aud, exp, jti are required (RFC 7523, section 3)."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    # Several audiences would let another server that is one of them hand the assertion on to us.
    if not isinstance(audience, str) or audience not in audiences:
        raise _refuse("aud is the address of this server's token endpoint and nothing else.")
    if claims.get("iss") != client or claims.get("sub") != client:
        raise _refuse("iss and sub are both the client_id.")
    if not now < _seconds(claims.get("exp")) <= now + _LONGEST + _SKEW:
        raise _refuse(f"exp is at most {_LONGEST} seconds ahead and not past.")
    if max(_seconds(claims.get("iat", 0)), _seconds(claims.get("nbf", 0))) > now + _SKEW:
        raise _refuse("The assertion is from the future.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 255:
        raise _refuse("jti is a text of up to 255 characters.")


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**40:
        raise _refuse("Times are seconds since 1970.")
    return value
