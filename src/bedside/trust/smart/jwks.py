"""Public keys of apps: which are accepted, and how those behind a `jwks_uri` are fetched and kept for a while."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage
from typing import IO, Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from bedside.trust.smart.errors import OAuthError

Fetch = Callable[[str], bytes]
_MOST_KEYS = 20
_MOST_BYTES = 65_536
_SECONDS = 300.0
_AGAIN = 30.0
_LEAST_BITS = 2048
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


def check_key_set(found: Any) -> list[RSAKey | ECKey]:
    """The keys of a JSON Web Key Set (RFC 7517) that can sign for RS384 (RSA from 2048 bits) or ES384 (P-384).

    Raises OAuthError if it is no key set, a private or secret key is in it, or a `kid` is missing or there twice: a
    secret key in a public set is how an attacker would have HS256 accepted.
    """
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
        raise OAuthError("invalid_client_metadata", f"A key set has 1 to {_MOST_KEYS} keys.")
    usable: list[RSAKey | ECKey] = []
    names: list[str] = []
    for key in keys:
        if not isinstance(key, dict) or any(name in key for name in _PRIVATE) or key.get("kty") == "oct":
            raise OAuthError("invalid_client_metadata", "A key set has public keys only.")
        if not isinstance(key.get("kid"), str):
            raise OAuthError("invalid_client_metadata", "Every key needs a kid.")
        names.append(key["kid"])
        if key.get("use", "sig") != "sig":
            continue
        try:
            if key.get("kty") == "RSA":
                rsa = RSAKey.import_key(key)
                if rsa.public_key.key_size >= _LEAST_BITS:
                    usable.append(rsa)
            elif key.get("kty") == "EC" and key.get("crv") == "P-384":
                usable.append(ECKey.import_key(key))
        except (JoseError, ValueError, TypeError, KeyError):
            raise OAuthError("invalid_client_metadata", "A key cannot be read.") from None
    if len(set(names)) != len(names):
        raise OAuthError("invalid_client_metadata", "A kid is there twice.")
    if not usable:
        raise OAuthError("invalid_client_metadata", "No key is RSA of 2048 bits or more, or EC on P-384.")
    return usable


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Keys come from where an administrator approved, not from where that sends us."""
        return


def fetch(address: str) -> bytes:
    """What is at an https address, up to 64 KiB, within five seconds, without following redirects. Raises OSError."""
    if not address.startswith("https://"):
        raise OSError("Keys are fetched over https only.")
    request = urllib.request.Request(address, headers={"accept": "application/json"})
    opener = urllib.request.build_opener(_NoRedirects)
    with opener.open(request, timeout=5) as answer:
        body: bytes = answer.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise OSError("The key set is too large.")
    return body


class KeySets:
    """Key sets behind addresses, each kept for five minutes; fetched sooner for a `kid` that is new, but not often."""

    def __init__(self, fetch: Fetch = fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, tuple[float, list[RSAKey | ECKey]]] = {}
        self._lock = threading.Lock()

    def key(self, *, jwks: dict[str, Any] | None, jwks_uri: str | None, kid: str) -> RSAKey | ECKey | None:
        """The key called `kid` of an app that registered `jwks` or `jwks_uri`; None if it has none by that name.

        Raises OAuthError (invalid_client) if the keys cannot be fetched or are not acceptable.
        """
        if jwks is not None:
            return _named(check_key_set(jwks), kid)
        if jwks_uri is None:
            return None
        with self._lock:
            kept = self._kept.get(jwks_uri)
            age = self._clock() - kept[0] if kept else _SECONDS
            if kept and age < _SECONDS and (age < _AGAIN or _named(kept[1], kid)):
                return _named(kept[1], kid)
        try:
            keys = check_key_set(json.loads(self._fetch(jwks_uri)))
        except (OSError, ValueError, OAuthError):
            raise OAuthError("invalid_client", "The key set of this client cannot be had.") from None
        with self._lock:
            self._kept[jwks_uri] = (self._clock(), keys)
        return _named(keys, kid)


def _named(keys: list[RSAKey | ECKey], kid: str) -> RSAKey | ECKey | None:
    return next((key for key in KeySet(list(keys)).keys if key.kid == kid and isinstance(key, (RSAKey, ECKey))), None)
