"""What attackers try: each test is one of them, and says what they get."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from tests.trust.accounts.world import BASE, FROM_US, ORIGIN, PASSWORD, Site
from tests.trust.smart.apps import (
    CALLBACK,
    PUBLIC,
    RSA,
    alive,
    app,
    approve,
    error,
    form_of,
    returned,
)

from bedside.trust.smart.clients import check_redirect_uri
from bedside.trust.smart.errors import OAuthError

# --- codes


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "x" * 43}, {"code_verifier": None}, {"code_verifier": "short"}, {"redirect_uri": CALLBACK + "/"},
     {"redirect_uri": None}, {"client_id": "other"}],
)  # fmt: skip
def test_an_intercepted_code_is_worth_nothing(any_site: Site, changes: dict[str, str | None]) -> None:
    async def attack() -> None:
        one = await app(any_site)
        code = await one.code()
        sent = {**changes, "client_id": approve(any_site)[0] if "client_id" in changes else one.client}
        assert error(await one.redeem(code, **sent)) == "invalid_grant"
        assert error(await one.redeem(code)) == "invalid_grant", "one guess, and the code is used up"

    asyncio.run(attack())


def test_the_challenge_itself_is_no_verifier(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        code = await one.code()
        stolen = create_s256_code_challenge(one.verifier)
        assert error(await one.redeem(code, code_verifier=stolen)) == "invalid_grant"

    asyncio.run(attack())


def test_a_code_that_comes_twice_takes_its_tokens_with_it(any_site: Site) -> None:
    async def attack() -> None:
        one = await app(any_site)
        code = await one.code()
        tokens = (await one.redeem(code)).json()
        renewed = (await one.refresh(tokens["refresh_token"])).json()
        assert alive(any_site, renewed["access_token"])
        assert error(await one.redeem(code)) == "invalid_grant"
        assert not alive(any_site, tokens["access_token"])
        assert not alive(any_site, renewed["access_token"])
        assert error(await one.refresh(renewed["refresh_token"])) == "invalid_grant"

    asyncio.run(attack())


def test_of_codes_that_come_together_at_most_one_is_redeemed(any_site: Site) -> None:
    one = asyncio.run(app(any_site))
    code = asyncio.run(one.code())

    def redeem(_: int) -> bool:
        challenge = create_s256_code_challenge(one.verifier)
        try:
            any_site.server.grants.redeem(code, client=one.client, redirect_uri=CALLBACK, challenge=challenge)
        except OAuthError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(redeem, range(16))) <= 1


def test_a_code_lasts_a_minute(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        code = await one.code()
        site.clock.pass_(60)
        assert error(await one.redeem(code)) == "invalid_grant"

    asyncio.run(attack())


# --- refresh tokens


def test_a_stolen_refresh_token_ends_everything_when_both_have_used_it(any_site: Site) -> None:
    async def attack() -> None:
        one = await app(any_site)
        tokens = await one.tokens()
        thief = (await one.refresh(tokens["refresh_token"])).json()
        assert error(await one.refresh(tokens["refresh_token"])) == "invalid_grant"
        assert not alive(any_site, thief["access_token"])
        assert error(await one.refresh(thief["refresh_token"])) == "invalid_grant"

    asyncio.run(attack())


def test_a_refresh_token_of_another_app_is_refused(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        tokens = await one.tokens()
        other = await app(site)
        assert error(await other.refresh(tokens["refresh_token"])) == "invalid_grant"

    asyncio.run(attack())


def test_tokens_are_not_taken_for_each_other(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        tokens = await one.tokens()
        assert not alive(site, tokens["refresh_token"])
        assert not alive(site, tokens["id_token"])
        assert not alive(site, "")
        assert error(await one.refresh(tokens["access_token"])) == "invalid_grant"

    asyncio.run(attack())


# --- scopes


def test_scopes_do_not_grow(any_site: Site) -> None:
    async def attack() -> None:
        one = await app(any_site, scope="openid offline_access user/Observation.rs?category=laboratory")
        wide = "openid offline_access user/*.cruds system/*.cruds patient/*.cruds"
        back = await one.allow(await one.question(scope=wide), scope=wide.split())
        ticked = (await one.redeem(back["code"])).json()
        assert set(ticked["scope"].split()) == {"openid", "offline_access"}, "what was not offered cannot be ticked"
        tokens = await one.tokens(scope=wide)
        grant = any_site.server.verify(tokens["access_token"])
        assert [str(scope) for scope in grant.scopes.resources] == ["user/Observation.rs?category=laboratory"]
        for more in ("user/*.cruds", "user/Observation.rs", "user/Observation.cruds?category=laboratory", "fhirUser"):
            assert error(await one.refresh(tokens["refresh_token"], scope=more)) == "invalid_scope"
        assert (await one.refresh(tokens["refresh_token"])).status_code == 200

    asyncio.run(attack())


def test_a_public_app_cannot_become_a_backend_service(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        fields = {"grant_type": "client_credentials", "client_id": one.client, "scope": "system/*.rs"}
        assert error(await site.visitor().post("/auth/token", data=fields)) == "unauthorized_client"
        fields = {"grant_type": "password", "client_id": one.client, "username": "ada", "password": PASSWORD}
        assert error(await site.visitor().post("/auth/token", data=fields)) == "unsupported_grant_type"

    asyncio.run(attack())


# --- redirects


@pytest.mark.parametrize(
    "uri",
    ["https://app.example.com/callback/", "https://app.example.com/callback?x=1", "https://app.example.com/Callback",
     "https://app.example.com:443/callback", "https://app.example.com/callback/../evil", "https://app.example.com.evil.example/callback",
     "https://app.example.com@evil.example/callback", "https://evil.example/?https://app.example.com/callback",
     "http://app.example.com/callback", "https://APP.example.com/callback", "https://app.example.com/callback#x",
     "https://app.example.com/%63allback", "//app.example.com/callback", "javascript:alert(1)", ""],
)  # fmt: skip
def test_a_browser_is_sent_only_where_the_app_registered(site: Site, uri: str) -> None:
    async def attack() -> None:
        one = await app(site)
        for scope in ("user/*.rs", "nonsense"):  # an error is not sent there either
            answer = await one.browser.get("/auth/authorize", params=one.asked(redirect_uri=uri, scope=scope))
            assert answer.status_code == 400
            assert "location" not in answer.headers

    asyncio.run(attack())


def test_a_redirect_that_is_there_twice_is_refused(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        pairs = [*one.asked().items(), ("redirect_uri", "https://evil.example/")]
        for order in (pairs, pairs[::-1]):
            assert (await one.browser.get("/auth/authorize", params=order)).status_code == 400
        twice = [*one.asked().items(), ("scope", "user/*.cruds")]
        assert returned(await one.browser.get("/auth/authorize", params=twice))["error"] == "invalid_request"

    asyncio.run(attack())


@pytest.mark.parametrize(
    "uri",
    ["http://app.example.com/", "https://app.example.com/#x", "https://user@app.example.com/", "https://*.example.com/",
     "javascript:alert(1)", "data:text/html,x", "https://", "https://app.example.com/a/../b", "https://a b/", "file:///etc",
     "https://app.example.com\\@evil.example/", "http://127.0.0.1.evil.example/", "https://a;script-src *;/", "https://[::1/"],
)  # fmt: skip
def test_addresses_that_read_two_ways_are_not_registered(uri: str) -> None:
    with pytest.raises(OAuthError):
        check_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri", ["https://a.example/cb?x=1", "http://127.0.0.1:8000/cb", "http://[::1]:1/cb", "com.example.app:/cb"]
)
def test_addresses_of_apps_are_registered(uri: str) -> None:
    assert check_redirect_uri(uri) == uri


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"aud": "https://evil.example/fhir"}, "invalid_request"), ({"aud": None}, "invalid_request"),
     ({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
     ({"code_challenge_method": None}, "invalid_request"), ({"state": None}, "invalid_request"),
     ({"response_type": "token"}, "unsupported_response_type"), ({"response_type": "code id_token"}, "unsupported_response_type"),
     ({"request": "eyJ"}, "request_not_supported"), ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
     ({"scope": "system/*.rs"}, "invalid_scope"), ({"launch": "guessed"}, "invalid_request")],
)  # fmt: skip
def test_what_must_be_there_must_be_there(site: Site, changes: dict[str, str | None], code: str) -> None:
    async def attack() -> None:
        one = await app(site)
        back = returned(await one.question(**changes))
        assert (back["error"], back["iss"]) == (code, ORIGIN)

    asyncio.run(attack())


def test_mix_up_is_seen_by_the_app(site: Site) -> None:
    """Every answer, good or bad, names who gives it (RFC 9207), so that an app of two servers can tell them apart; and
    a token is asked for with the FHIR server it is for, so that another server cannot have it asked for itself."""

    async def attack() -> None:
        one = await app(site)
        assert (await one.allow(await one.question()))["iss"] == ORIGIN
        assert (await one.allow(await one.question(), answer="deny"))["iss"] == ORIGIN
        assert returned(await one.question(aud=BASE + ".evil.example"))["iss"] == ORIGIN
        assert site.server.smart_configuration()["authorization_response_iss_parameter_supported"] is True

    asyncio.run(attack())


# --- the page that asks


@pytest.mark.parametrize(
    "sent", [{}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_another_site_cannot_say_yes(site: Site, sent: dict[str, str]) -> None:
    async def attack() -> None:
        one = await app(site)
        page = await one.question()
        answer = await one.browser.post("/auth/decision", data=form_of(page), headers=sent)
        assert answer.status_code == 403
        assert site.store.row("SELECT count(*) FROM code") == (0,)

    asyncio.run(attack())


def test_a_yes_must_come_from_the_page_that_asked_this_person(site: Site) -> None:
    async def attack() -> None:
        one = await app(site)
        site.sign_in.create("mallory", "Mallory", PASSWORD, ["Patient/10"])
        mallory = await site.signed_in("mallory")
        page = await one.question()
        seen = form_of(page)
        for changes in ({"decision": "guessed"}, {"decision": ""}, {"request": "guessed"}):
            answer = await one.browser.post("/auth/decision", data={**seen, **changes}, headers=FROM_US)
            assert answer.status_code in (400, 403)
        # Mallory has the whole form, and a session of her own.
        stolen = await mallory.post("/auth/decision", data={**seen, "patient": "10"}, headers=FROM_US)
        assert stolen.status_code == 403
        assert (await mallory.get(f"/auth/continue?request={seen['request']}")).status_code == 403
        assert "code" in await one.allow(page)
        again = await one.browser.post("/auth/decision", data=seen, headers=FROM_US)
        assert again.status_code == 400

    asyncio.run(attack())


def test_the_page_that_asks_cannot_be_framed_or_filled_with_script(site: Site) -> None:
    async def attack() -> None:
        one = await app(site, client_name='<script>alert("x")</script>')
        page = await one.question(state='"><script>')
        assert "<script" not in page.text
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self' https://app.example.com" in policy
        assert page.headers["cache-control"] == "no-store"

    asyncio.run(attack())


# --- clients


def test_a_client_proves_who_it_is_in_its_own_way_only(site: Site) -> None:
    async def attack() -> None:
        client, secret = approve(site, token_endpoint_auth_method="client_secret_basic")
        other, other_secret = approve(site, token_endpoint_auth_method="client_secret_basic")
        visitor = site.visitor()
        fields = {"grant_type": "refresh_token", "refresh_token": "x"}

        async def ask(auth: Any = None, **more: Any) -> str:
            return error(await visitor.post("/auth/token", data={**fields, **more}, auth=auth))

        assert await ask((client, secret)) == "invalid_grant", "it was let in; the token is not"
        assert await ask((client, other_secret)) == "invalid_client"
        assert await ask(None, client_id=client) == "invalid_client"
        assert await ask(None, client_id=client, client_secret=secret) == "invalid_client"
        assert await ask((client, secret), client_id=other) == "invalid_client"
        assert await ask((client, secret), client_secret=secret) == "invalid_request"
        fresh = site.server.clients.new_secret(client)
        assert await ask((client, secret)) == "invalid_client"
        assert await ask((client, fresh)) == "invalid_grant"

    asyncio.run(attack())


@pytest.mark.parametrize(
    "metadata",
    [{"redirect_uris": ["https://a.example/#x"]}, {"redirect_uris": []}, {"client_name": ""}, {"client_name": "a\nb"},
     {"grant_types": ["password"]}, {"grant_types": ["implicit"]}, {"response_types": ["token"]},
     {"scope": "system/*.rs"}, {"token_endpoint_auth_method": "private_key_jwt"}, {"jwks": PUBLIC},
     {"token_endpoint_auth_method": "client_secret_jwt"}, {"grant_types": ["client_credentials"]},
     {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://a.example/jwks"},
     {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://127.0.0.1/jwks"},
     {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://localhost/jwks"},
     {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [RSA.as_dict(private=True)]}},
     {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct", "k": "YQ", "kid": "1"}]}},
     {"token_endpoint_auth_method": "private_key_jwt", "jwks": PUBLIC, "jwks_uri": "https://a.example/jwks"}],
)  # fmt: skip
def test_registrations_that_would_be_a_hole_are_refused(site: Site, metadata: dict[str, Any]) -> None:
    async def attack() -> None:
        sent = {"client_name": "X", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", **metadata}
        answer = await site.visitor().post("/auth/register", json=sent)
        assert answer.status_code == 400
        assert error(answer).startswith("invalid_")
        assert site.server.clients.waiting() == []

    asyncio.run(attack())


def test_an_app_cannot_approve_itself(site: Site) -> None:
    async def attack() -> None:
        sent = {
            "client_name": "X",
            "redirect_uris": [CALLBACK],
            "scope": "user/*.rs",
            "token_endpoint_auth_method": "none",
        }
        sent |= {"status": "approved", "introspects": True, "id": "chosen"}  # type: ignore[dict-item]
        made = (await site.visitor().post("/auth/register", json=sent)).json()
        found = site.server.clients.find(made["client_id"])
        assert found is not None
        assert (found.status, found.introspects, found.id != "chosen") == ("pending", False, True)
        fields = {"grant_type": "refresh_token", "client_id": found.id, "refresh_token": "x"}
        assert error(await site.visitor().post("/auth/token", data=fields)) == "invalid_client"
        approved = site.server.clients.decide(found.id, "approved", by="administrator", scope="user/Observation.cruds")
        assert approved.scope == "user/Observation.rs"

    asyncio.run(attack())


def test_nobody_can_fill_the_list_of_apps_that_wait(site: Site) -> None:
    async def attack() -> None:
        sent = {"client_name": "X", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"}
        answers = [(await site.visitor().post("/auth/register", json=sent)).status_code for _ in range(40)]
        assert answers[0] == 201
        assert answers[-1] == 429

    asyncio.run(attack())


def test_the_store_has_no_token_in_it(site: Site) -> None:
    async def look() -> None:
        client, secret = approve(site, token_endpoint_auth_method="client_secret_post")
        one = await app(site)
        code = await one.code()
        tokens = (await one.redeem(code)).json()
        text = "".join(
            repr(site.store.rows(f"SELECT * FROM {table}"))
            for table in ("client", "code", "token", "authorization_given", "asking", "launch")
        )
        assert client in text
        for value in (secret, code, tokens["access_token"], tokens["refresh_token"], one.verifier):
            assert value not in text

    asyncio.run(look())
