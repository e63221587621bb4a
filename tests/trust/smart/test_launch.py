"""App Launch from end to end: what a person and a well-behaved app get, on both stores."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.trust.accounts.world import BASE, FROM_US, ORIGIN, Site
from tests.trust.smart.apps import (
    CALLBACK,
    RSA,
    SCOPE,
    TOKEN,
    App,
    ada,
    alive,
    app,
    approve,
    backend,
    form_of,
    returned,
)

from bedside.trust.smart.grants import REFRESH_SECONDS, scope_allows


def test_a_standalone_launch_gives_what_was_allowed(any_site: Site) -> None:
    async def flow() -> None:
        one = await app(any_site)
        answer = await one.tokens(scope=SCOPE, nonce="n-1")
        assert answer["patient"] == "9"
        assert answer["token_type"] == "Bearer"
        grant = any_site.server.verify(answer["access_token"])
        assert (grant.client, grant.actor, grant.patient) == (one.client, "Patient/9", "9")
        assert scope_allows(grant, "Observation", "search")
        assert set(answer["scope"].split()) == set(SCOPE.split()) - {"launch"}
        found = jwt.decode(answer["id_token"], KeySet.import_key_set(any_site.server.key_set()), ["RS256"]).claims
        assert found["iss"] == ORIGIN
        assert found["aud"] == one.client
        assert found["fhirUser"] == f"{BASE}/Patient/9"
        assert found["nonce"] == "n-1"
        assert found["exp"] > any_site.clock.now

    asyncio.run(flow())


def test_who_is_not_signed_in_signs_in_first_and_comes_back(site: Site) -> None:
    async def flow() -> None:
        ada(site)
        one = App(site, approve(site)[0], site.visitor())
        away = await one.question()
        assert away.status_code == 303
        sign_in = await one.browser.get(away.headers["location"])
        assert "Sign in" in sign_in.text
        onward = httpx.URL(away.headers["location"]).params["next"]
        fields = {"name": "ada", "password": "seven green lamps over the canal", "next": onward}
        back = await one.browser.post("/auth/sign-in", data=fields, headers=FROM_US)
        assert back.headers["location"] == onward
        page = await one.browser.get(onward)
        assert "Growth charts" in page.text
        assert "code" in await one.allow(page)

    asyncio.run(flow())


def test_an_app_may_ask_by_post_from_its_own_site(site: Site) -> None:
    async def flow() -> None:
        one = await app(site)
        headers = {"origin": "https://app.example.com", "sec-fetch-site": "cross-site"}
        answer = await one.browser.post("/auth/authorize", data=one.asked(), headers=headers)
        assert answer.headers["location"].startswith("/auth/continue?request=")
        assert "code" in await one.allow(await one.browser.get(answer.headers["location"]))

    asyncio.run(flow())


def test_a_launch_from_our_pages_brings_its_context_once_and_for_one_person(any_site: Site) -> None:
    async def flow() -> None:
        one = await app(any_site)
        account = any_site.sign_in.people.by_name("ada")
        assert account is not None

        def launch(who: str, client: str) -> str:
            return any_site.server.authorize.launch(
                who, client, patient="77", encounter="e1", context={"intent": "order"}
            )

        value = launch(account.id, one.client)
        scope = "launch openid patient/Observation.rs"
        answer = await one.tokens(scope=scope, launch=value)
        assert (answer["patient"], answer["encounter"], answer["intent"]) == ("77", "e1", "order")
        again = await one.question(scope=scope, launch=value)
        assert returned(again)["error"] == "invalid_request"
        other_app = returned(await one.question(scope=scope, launch=launch(account.id, "another")))
        assert other_app["error"] == "invalid_request"
        bob = any_site.sign_in.create("bob", "Bob", "a sentence that bob knows", [])
        assert (await one.question(scope=scope, launch=launch(bob.id, one.client))).status_code == 403
        late = launch(account.id, one.client)
        any_site.clock.pass_(301)
        assert returned(await one.question(scope=scope, launch=late))["error"] == "invalid_request"

    asyncio.run(flow())


def test_a_person_may_say_no_or_give_less(site: Site) -> None:
    async def flow() -> None:
        one = await app(site)
        no = await one.allow(await one.question(), answer="deny")
        assert (no["error"], no["state"], no["iss"]) == ("access_denied", one.state, ORIGIN)
        page = await one.question(scope="openid patient/*.rs user/*.cruds launch/patient")
        back = await one.allow(page, scope=["openid", "user/*.cruds", "system/*.cruds", "user/*.read"])
        less = (await one.redeem(back["code"])).json()
        assert set(less["scope"].split()) == {"openid", "user/*.cruds"}
        nothing = await one.allow(await one.question(), scope=[])
        assert nothing["error"] == "access_denied"

    asyncio.run(flow())


def test_a_person_cannot_give_somebody_elses_record(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        page = await one.question()
        refused = await one.browser.post("/auth/decision", data=form_of(page, patient="10"), headers=FROM_US)
        assert refused.status_code == 403
        without = await one.tokens(scope="openid patient/*.rs user/*.rs")
        assert "patient" not in without
        assert without["scope"] == "openid user/*.rs"

    asyncio.run(attack())


def test_refreshing_rotates_and_may_narrow(any_site: Site) -> None:
    async def flow() -> None:
        one = await app(any_site)
        first = await one.tokens()
        any_site.clock.pass_(3601)
        assert not alive(any_site, first["access_token"])
        narrowed = (await one.refresh(first["refresh_token"], scope="patient/Observation.r")).json()
        assert narrowed["scope"] == "patient/Observation.r"
        assert not scope_allows(any_site.server.verify(narrowed["access_token"]), "Observation", "search")
        full = (await one.refresh(narrowed["refresh_token"])).json()
        assert set(full["scope"].split()) == set(first["scope"].split())
        any_site.clock.pass_(REFRESH_SECONDS)
        assert (await one.refresh(full["refresh_token"])).json()["error"] == "invalid_grant"

    asyncio.run(flow())


def test_online_access_ends_with_the_session(site: Site) -> None:
    async def flow() -> None:
        one = await app(site)
        online = await one.tokens(scope="online_access user/*.rs")
        offline = await one.tokens(scope="offline_access user/*.rs")
        online = (await one.refresh(online["refresh_token"])).json()
        await one.browser.post("/auth/sign-out", headers=FROM_US)
        assert (await one.refresh(online["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await one.refresh(offline["refresh_token"])).status_code == 200

    asyncio.run(flow())


def test_an_independent_client_completes_the_flow(site: Site) -> None:
    """Authlib's client, with a secret, from registration to revocation."""

    async def flow() -> None:
        ada(site)
        metadata = {"client_name": "A partner", "redirect_uris": [CALLBACK], "scope": SCOPE}
        metadata |= {"grant_types": ["authorization_code", "refresh_token"]}
        registered = (await site.visitor().post("/auth/register", json=metadata)).json()
        transport = httpx.ASGITransport(app=site.app)
        client = AsyncOAuth2Client(
            *(registered["client_id"], registered["client_secret"]),
            scope="openid offline_access user/*.rs",
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
            transport=transport,
            base_url=ORIGIN,
        )
        verifier = "v" * 64
        address, state = client.create_authorization_url(f"{ORIGIN}/auth/authorize", code_verifier=verifier, aud=BASE)
        browser = await site.signed_in("ada")
        assert (await browser.get(address)).status_code == 400, "nobody has approved it"
        site.server.clients.decide(registered["client_id"], "approved", by="administrator")
        page = await browser.get((await browser.get(address)).headers["location"])
        back = await browser.post("/auth/decision", data=form_of(page), headers=FROM_US)
        token = await client.fetch_token(
            f"{ORIGIN}/auth/token", authorization_response=back.headers["location"], code_verifier=verifier, state=state
        )
        assert alive(site, token["access_token"])
        token = await client.refresh_token(f"{ORIGIN}/auth/token", refresh_token=token["refresh_token"])
        about: httpx.Response = await client.introspect_token(f"{ORIGIN}/auth/introspect", token=token["access_token"])
        assert about.json()["active"] is True
        assert about.json()["client_id"] == registered["client_id"]
        await client.revoke_token(f"{ORIGIN}/auth/revoke", token=token["refresh_token"])
        assert not alive(site, token["access_token"])

    asyncio.run(flow())


def test_an_independent_backend_client_gets_its_token(site: Site) -> None:
    """Authlib's private_key_jwt. It signs with RSA only; ES384 is in test_attacks.py."""

    async def flow() -> None:
        client = backend(site)
        headers = {"kid": RSA.kid}
        method = PrivateKeyJWT(TOKEN, claims={"exp": int(site.clock.now) + 200}, headers=headers, alg="RS384")
        service = AsyncOAuth2Client(
            *(client, RSA.as_dict(private=True)),
            token_endpoint_auth_method=method,
            scope="system/Patient.rs",
            transport=httpx.ASGITransport(app=site.app),
        )
        token = await service.fetch_token(TOKEN, grant_type="client_credentials")
        assert token["scope"] == "system/Patient.rs"
        assert scope_allows(site.server.verify(token["access_token"]), "Patient", "search")

    site.clock.now = time.time()  # Authlib knows no other
    asyncio.run(flow())


def test_introspection_and_revocation_are_each_clients_own(site: Site) -> None:
    async def flow() -> None:
        one = await app(site)
        token = (await one.tokens())["access_token"]
        secretive = {"token_endpoint_auth_method": "client_secret_post"}
        other, secret = approve(site, **secretive)
        server, key = approve(site, **secretive)
        site.server.clients.decide(server, "approved", by="administrator", introspects=True)
        visitor = site.visitor()

        async def about(client: str, shown: str | None, of: str) -> dict[str, Any]:
            sent = {"token": of, "client_id": client, **({"client_secret": shown} if shown else {})}
            found: dict[str, Any] = (await visitor.post("/auth/introspect", data=sent)).json()
            return found

        assert await about(other, secret, token) == {"active": False}
        assert (await about(server, key, token))["patient"] == "9"
        assert (await about(one.client, None, token))["error"] == "invalid_client"
        assert await about(server, key, "nonsense") == {"active": False}
        sent = {"token": token, "client_id": other, "client_secret": secret}
        assert (await visitor.post("/auth/revoke", data=sent)).status_code == 200
        assert alive(site, token)
        assert (await visitor.post("/auth/revoke", data={"token": token, "client_id": one.client})).status_code == 200
        assert not alive(site, token)
        assert await about(server, key, token) == {"active": False}

    asyncio.run(flow())


def test_discovery_says_what_is_there(site: Site) -> None:
    async def look() -> None:
        visitor = site.visitor()
        smart = (await visitor.get("/fhir/.well-known/smart-configuration")).json()
        openid = (await visitor.get("/.well-known/openid-configuration")).json()
        assert smart["issuer"] == openid["issuer"] == ORIGIN
        assert smart["code_challenge_methods_supported"] == ["S256"]
        assert openid["id_token_signing_alg_values_supported"] == ["RS256"]
        paths = {getattr(route, "path", "") for route in site.app.routes}
        for name, value in smart.items():
            if name.endswith(("_endpoint", "jwks_uri")):
                assert value.removeprefix(ORIGIN) in paths, name
        preflight = await visitor.options("/auth/token")
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in preflight.headers

    asyncio.run(look())


@pytest.mark.parametrize("end", ["disabled", "refused"])
def test_tokens_die_with_the_account_and_with_the_app(site: Site, end: str) -> None:
    async def flow() -> None:
        one = await app(site)
        given = await one.tokens()
        grant = site.server.verify(given["access_token"])
        assert grant.account is not None
        if end == "disabled":
            site.sign_in.people.disable(grant.account)
        else:
            site.server.clients.decide(one.client, "refused", by="administrator")
        assert not alive(site, given["access_token"])
        assert (await one.refresh(given["refresh_token"])).status_code in (400, 401)

    asyncio.run(flow())
