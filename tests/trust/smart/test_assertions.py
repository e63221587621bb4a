"""Backend services and the assertions that prove who they are: replay, confusion of algorithms, exchanged keys."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from tests.trust.accounts.world import Site, b64
from tests.trust.smart.apps import EC, PUBLIC, RSA, TOKEN, alive, ask_token, assertion, backend, claims, error


def test_a_backend_service_gets_what_it_was_approved_for(any_site: Site) -> None:
    async def flow() -> None:
        client = backend(any_site)
        for key, alg in ((RSA, "RS384"), (EC, "ES384")):
            answer = (await ask_token(any_site, assertion(any_site, client, key=key, alg=alg))).json()
            assert answer["scope"] == "system/Observation.rs system/Patient.rs"
            assert answer["expires_in"] == 300
            assert "refresh_token" not in answer
            grant = any_site.server.verify(answer["access_token"])
            assert (grant.client, grant.actor, grant.patient) == (client, None, None)
        any_site.clock.pass_(300)
        assert not alive(any_site, answer["access_token"])

    asyncio.run(flow())


def test_an_assertion_works_once(any_site: Site) -> None:
    async def attack() -> None:
        client = backend(any_site)
        signed = assertion(any_site, client)
        assert (await ask_token(any_site, signed)).status_code == 200
        replay = await ask_token(any_site, signed)
        assert (replay.status_code, error(replay)) == (401, "invalid_client")

    asyncio.run(attack())


@pytest.mark.parametrize(
    "changes",
    [{"aud": "https://evil.example/token"}, {"aud": None}, {"aud": [TOKEN, "https://evil.example"]}, {"iss": "other"},
     {"sub": "other"}, {"exp": 1}, {"exp": None}, {"exp": 1_800_000_000 + 86_400}, {"exp": "tomorrow"}, {"exp": True},
     {"jti": None}, {"jti": ""}, {"jti": 7}, {"nbf": 1_800_000_000 + 600}, {"iat": 1_800_000_000 + 600}],
)  # fmt: skip
def test_an_assertion_with_wrong_claims_is_refused(site: Site, changes: dict[str, Any]) -> None:
    answer = asyncio.run(ask_token(site, assertion(site, backend(site), **changes)))
    assert (answer.status_code, error(answer)) == (401, "invalid_client")


def test_algorithm_confusion(site: Site) -> None:
    """`none`; HS256 and HS384 with the public key as the secret; other algorithms of the same key; a key of another kind."""

    async def attack() -> None:
        client = backend(site)
        said = claims(site, client)
        for alg in ("none", "None", "NONE"):
            head = {"alg": alg, "kid": "rsa"}
            unsigned = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(said).encode())}."
            assert error(await ask_token(site, unsigned)) == "invalid_client"
        for secret in (RSA.as_pem(private=False), RSA.as_der(private=False), json.dumps(PUBLIC["keys"][0]).encode()):
            for alg in ("HS256", "HS384"):
                forged = jwt.encode(
                    {"alg": alg, "kid": "rsa"}, said, OctKey.import_key(base64.b64encode(secret)), [alg]
                )
                assert error(await ask_token(site, forged)) == "invalid_client"
        for alg in ("RS256", "PS384", "RS512"):
            assert error(await ask_token(site, assertion(site, client, alg=alg))) == "invalid_client"
        crossed = assertion(site, client, header={"kid": "ec"})
        assert error(await ask_token(site, crossed)) == "invalid_client"

    asyncio.run(attack())


def test_keys_that_an_assertion_brings_along_are_not_believed(site: Site) -> None:
    async def attack() -> None:
        client = backend(site)
        mine = RSAKey.generate_key(2048, {"kid": "rsa"})
        jwk = mine.as_dict(private=False)
        site.fetched["https://evil.example/jwks"] = json.dumps({"keys": [jwk]}).encode()
        for header in ({}, {"jwk": jwk}, {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/x"}):
            assert error(await ask_token(site, assertion(site, client, key=mine, header=header))) == "invalid_client"

    asyncio.run(attack())


def test_a_key_set_that_is_exchanged_counts_only_where_it_was_registered(site: Site) -> None:
    async def attack() -> None:
        where = "https://partner.example/jwks"
        client = backend(site, jwks=None, jwks_uri=where)
        assert error(await ask_token(site, assertion(site, client))) == "invalid_client", "it cannot be fetched"
        site.fetched[where] = json.dumps(PUBLIC).encode()
        assert (await ask_token(site, assertion(site, client))).status_code == 200
        same = {"jku": where}
        assert (await ask_token(site, assertion(site, client, header=same))).status_code == 200
        other = {"jku": "https://evil.example/jwks"}
        assert error(await ask_token(site, assertion(site, client, header=other))) == "invalid_client"
        # The partner takes its keys back: after five minutes they open nothing any more.
        fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
        site.fetched[where] = json.dumps({"keys": [fresh.as_dict(private=False)]}).encode()
        site.clock.pass_(301)
        assert error(await ask_token(site, assertion(site, client))) == "invalid_client"
        assert (await ask_token(site, assertion(site, client, key=fresh))).status_code == 200
        secret = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "fresh"}]}
        site.fetched[where] = json.dumps(secret).encode()
        site.clock.pass_(301)
        assert error(await ask_token(site, assertion(site, client, key=fresh))) == "invalid_client"

    asyncio.run(attack())
