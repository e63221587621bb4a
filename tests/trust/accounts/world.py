"""What the tests of accounts and apps share: a clock that is set by hand, a site in one process, a passkey in software."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette

from bedside.trust.accounts import routes as account_routes
from bedside.trust.accounts.browser import Browser
from bedside.trust.accounts.keys import Keys
from bedside.trust.accounts.passkeys import Passkeys
from bedside.trust.accounts.passwords import Passwords
from bedside.trust.accounts.signin import SignIn
from bedside.trust.accounts.store import Store, open_store
from bedside.trust.smart import routes as smart_routes
from bedside.trust.smart.jwks import KeySets
from bedside.trust.smart.server import AuthorizationServer

ORIGIN = "https://ehr.example.org"
BASE = f"{ORIGIN}/fhir"
PASSWORD = "seven green lamps over the canal"
FROM_US = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
CHEAP = {"passes": 1, "kibibytes": 64, "lanes": 1}


class Clock:
    """Time that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Site:
    """A site: accounts, an authorization server, and both over HTTP in this process."""

    store: Store
    clock: Clock
    keys: Keys
    fetched: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        passkeys = Passkeys(self.store, host="ehr.example.org", origin=ORIGIN)
        self.sign_in = SignIn(self.store, passkeys=passkeys, passwords=Passwords(**CHEAP))
        self.browser = Browser(ORIGIN, self.sign_in.sessions)
        self.server = AuthorizationServer(
            self.store, self.keys, origin=ORIGIN, base=BASE, key_sets=KeySets(self._fetch, self.clock)
        )
        people = self.sign_in.people
        self.app = Starlette(
            routes=[
                *account_routes.routes(self.sign_in, self.browser),
                *smart_routes.routes(self.server, people, self.browser, self.sign_in.attempts),
            ]
        )

    def _fetch(self, address: str) -> bytes:
        if address not in self.fetched:
            raise OSError("nothing there")
        return self.fetched[address]

    def visitor(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        """A browser with cookies of its own, at a network address."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 1234))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    async def signed_in(self, name: str, password: str = PASSWORD) -> httpx.AsyncClient:
        """A browser in which somebody signed in."""
        visitor = self.visitor()
        answer = await visitor.post("/auth/sign-in", data={"name": name, "password": password}, headers=FROM_US)
        assert answer.status_code == 303, answer.text
        return visitor

    def close(self) -> None:
        self.browser.close()
        self.store.close()


def make_site(place: str, keys: Path) -> Site:
    clock = Clock()
    return Site(open_store(place, clock=clock), clock, Keys(keys, clock))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """A passkey in software, after Web Authentication level 2: ES256, attestation `none`, counting."""

    def __init__(self, origin: str = ORIGIN, host: str = "ehr.example.org") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(id(self)).encode()).digest()
        self.origin, self.host, self.counter, self.verified = origin, host, 0, True

    def _data(self, more: bytes = b"", flags: int = 0x01) -> bytes:
        self.counter += 1
        flags |= 0x04 if self.verified else 0
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big") + more

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        data = self._data(bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key, 0x41)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        response = {"clientDataJSON": b64(client), "attestationObject": b64(attestation)}
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": None,
        }
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
