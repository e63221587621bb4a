"""Apps for the tests: what they register, and what a well-behaved one does."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from tests.trust.accounts.world import BASE, FROM_US, ORIGIN, PASSWORD, Site

from bedside.trust.smart.assertion import TYPE

CALLBACK = "https://app.example.com/callback"
SCOPE = "launch launch/patient openid fhirUser offline_access online_access patient/*.rs user/*.cruds"
TOKEN = f"{ORIGIN}/auth/token"


def approve(site: Site, **metadata: Any) -> tuple[str, str | None]:
    """Register an app and approve it: its id and secret."""
    described = {
        "client_name": "Growth charts",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "scope": SCOPE,
        **metadata,
    }
    client, secret = site.server.clients.register({key: value for key, value in described.items() if value is not None})
    site.server.clients.decide(client.id, "approved", by="administrator")
    return client.id, secret


def ada(site: Site) -> str:
    return site.sign_in.create("ada", "Ada Lovelace", PASSWORD, ["Patient/9", "Practitioner/1"]).id


class App:
    """An app in one browser, doing what SMART App Launch says."""

    def __init__(self, site: Site, client: str, browser: httpx.AsyncClient) -> None:
        self.site, self.client, self.browser = site, client, browser
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(24)

    def asked(self, **changes: str | None) -> dict[str, str]:
        fields = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": self.state,
            "aud": BASE,
            "code_challenge": create_s256_code_challenge(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        return {key: value for key, value in fields.items() if value is not None}

    async def question(self, **changes: str | None) -> httpx.Response:
        """The page that asks the person."""
        answer = await self.browser.get("/auth/authorize", params=self.asked(**changes))
        if answer.status_code == 303 and answer.headers["location"].startswith("/auth/continue"):
            answer = await self.browser.get(answer.headers["location"])
        return answer

    async def allow(self, page: httpx.Response, **changes: Any) -> dict[str, str]:
        """Say yes; the parameters with which the browser comes back to the app."""
        answer = await self.browser.post("/auth/decision", data=form_of(page, **changes), headers=FROM_US)
        assert answer.status_code == 303, answer.text
        return returned(answer)

    async def code(self, **changes: str | None) -> str:
        back = await self.allow(await self.question(**changes))
        assert back["state"] == self.state
        assert back["iss"] == ORIGIN
        return back["code"]

    async def redeem(self, code: str, **changes: Any) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": self.client,
            "code_verifier": self.verifier,
            **changes,
        }
        # From elsewhere than the browser, without cookies.
        return await self.site.visitor().post("/auth/token", data={k: v for k, v in fields.items() if v is not None})

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        answer = await self.redeem(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refresh(self, token: str, **more: str) -> httpx.Response:
        fields = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client, **more}
        return await self.site.visitor().post("/auth/token", data=fields)


def form_of(page: httpx.Response, **changes: Any) -> dict[str, Any]:
    """The fields of the page that asks, with everything ticked and the first patient chosen."""
    assert page.status_code == 200, page.text
    text = page.text
    fields: dict[str, Any] = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    fields["scope"] = re.findall(r'name="scope" value="([^"]*)"', text)
    fields["answer"] = "allow"
    if chosen := re.search(r'<option value="([^"]*)"', text):
        fields["patient"] = chosen[1]
    return {**fields, **changes}


def returned(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a redirect to the app; fails if it goes elsewhere."""
    location = answer.headers["location"]
    assert location.startswith(CALLBACK + "?"), location
    return {key: value for key, (value,) in parse_qs(urlsplit(location).query).items()}


async def app(site: Site, **metadata: Any) -> App:
    """A public app in the browser of Ada, who is signed in."""
    if site.sign_in.people.by_name("ada") is None:
        ada(site)
    return App(site, approve(site, **metadata)[0], await site.signed_in("ada"))


def error(answer: Any) -> str:
    """The code of an error answered as JSON."""
    found: str = answer.json()["error"]
    return found


def alive(site: Site, token: str) -> bool:
    from bedside.trust.smart.errors import BadToken

    try:
        site.server.verify(token)
    except BadToken:
        return False
    return True


RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-384", {"kid": "ec"})
PUBLIC = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}


def backend(site: Site, **metadata: Any) -> str:
    """A backend service that was approved."""
    described = {
        "client_name": "Nightly export",
        "redirect_uris": None,
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": "system/*.rs",
        "jwks": PUBLIC,
        **metadata,
    }
    return approve(site, **described)[0]


def claims(site: Site, client: str, **changes: Any) -> dict[str, Any]:
    now = int(site.clock.now)
    found = {"iss": client, "sub": client, "aud": TOKEN, "exp": now + 240, "iat": now, "jti": secrets.token_hex(16)}
    return {key: value for key, value in {**found, **changes}.items() if value is not None}


def assertion(
    site: Site, client: str, *, key: Any = RSA, alg: str = "RS384", header: Any = None, **changes: Any
) -> str:
    """A signed assertion, as it should be or changed."""
    head = {"alg": alg, "kid": key.kid, "typ": "JWT", **(header or {})}
    return jwt.encode(head, claims(site, client, **changes), key, [alg])


async def ask_token(site: Site, signed: str, **more: Any) -> httpx.Response:
    fields = {
        "grant_type": "client_credentials",
        "scope": "system/Observation.rs system/Patient.cruds",
        "client_assertion_type": TYPE,
        "client_assertion": signed,
        **more,
    }
    return await site.visitor().post("/auth/token", data=fields)
