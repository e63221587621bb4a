"""Accounts, passwords, lockout, sessions, passkeys and keys, as the person at the browser and the attacker meet them."""

from __future__ import annotations

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from tests.trust.accounts.world import CHEAP, FROM_US, ORIGIN, PASSWORD, Authenticator, Clock, Site

from bedside.trust.accounts import once
from bedside.trust.accounts.attempts import ACCOUNT, ADDRESS, Attempts, Limit, account_key, address_key
from bedside.trust.accounts.browser import local
from bedside.trust.accounts.errors import AccountProblem, SignInRefused, TooManyAttempts, WeakPassword
from bedside.trust.accounts.keys import PUBLISHED_BEFORE, VERIFIES_AFTER, Keys
from bedside.trust.accounts.passwords import Passwords, examine
from bedside.trust.accounts.secret import digest
from bedside.trust.accounts.sessions import Lifetimes, Sessions

HERE = "192.0.2.1"


def ada(site: Site) -> str:
    return site.sign_in.create("Ada", "Ada Lovelace", PASSWORD, ["Practitioner/1", "Patient/9"]).id


# --- accounts and passwords


def test_an_account_is_found_by_name_and_by_person(any_site: Site) -> None:
    made = ada(any_site)
    people = any_site.sign_in.people
    found = people.by_name("  ADA ")
    assert found is not None
    assert (found.id, found.person, found.links) == (made, "Practitioner/1", ("Practitioner/1", "Patient/9"))
    assert [account.id for account in people.of("Patient/9")] == [made]
    people.link(made, ["Patient/9"])
    assert people.of("Practitioner/1") == []
    with pytest.raises(AccountProblem):
        people.create("ada", "another", [])
    for links in (["Observation/1"], ["Patient/1", "Patient/1"], ["Patient/a b"]):
        with pytest.raises(AccountProblem):
            people.create("bob", "Bob", links)
    assert people.by_name("bob") is None


@pytest.mark.parametrize(
    "password",
    ["short but fine", "aaaaaaaaaaaaaaaaaaaaa", "abababababababababab", "lovelace-lovelace-ada", "passwordpassword1",
     "qwertyuiopasdfgh", "abcdefghijklmnopq", "bedside-hospital-1", "x" * 257],
)  # fmt: skip
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        examine(password, ("ada", "Ada Lovelace"))


def test_passwords_of_any_characters_are_taken_and_mean_the_same_on_every_keyboard() -> None:
    examine("drei große Öfen im Keller", ("ada",))
    hashing = Passwords(**CHEAP)
    kept = hashing.hash("Cafe\u0301 ﬁrst thing at dawn")
    assert hashing.verify(kept, "Café first thing at dawn")
    assert not hashing.verify(kept, "Cafe first thing at dawn")
    assert not hashing.verify(None, "nobody has this password")
    with pytest.raises(WeakPassword):
        examine(PASSWORD, (), lambda text: text == PASSWORD)


def test_a_long_password_counts_to_its_end() -> None:
    hashing = Passwords(**CHEAP)
    kept = hashing.hash("a" * 255 + "b")
    assert not hashing.verify(kept, "a" * 255 + "c")
    assert not hashing.verify(kept, "a" * 255 + "bb")


def test_a_hash_with_old_parameters_is_made_anew_at_sign_in(site: Site) -> None:
    account = ada(site)
    before = site.sign_in.people.password_hash(account)
    site.sign_in.passwords = Passwords(**{**CHEAP, "passes": 2})
    site.sign_in.with_password("ada", PASSWORD, address=HERE)
    after = site.sign_in.people.password_hash(account)
    assert after != before
    assert after is not None
    assert "t=2" in after
    site.sign_in.with_password("ada", PASSWORD, address=HERE)
    assert site.sign_in.people.password_hash(account) == after


def test_the_parameters_are_those_of_rfc_9106() -> None:
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


# --- lockout


def test_an_account_closes_after_failures_for_longer_and_longer(any_site: Site) -> None:
    ada(any_site)
    for _ in range(ACCOUNT.free + 1):
        with pytest.raises(SignInRefused):
            any_site.sign_in.with_password("ada", "wrong " + PASSWORD, address=HERE)
    with pytest.raises(TooManyAttempts) as closed:
        any_site.sign_in.with_password("ada", PASSWORD, address=HERE)
    assert closed.value.retry_after == ACCOUNT.first
    any_site.clock.pass_(ACCOUNT.first)
    with pytest.raises(SignInRefused):
        any_site.sign_in.with_password("ada", "wrong", address=HERE)
    with pytest.raises(TooManyAttempts) as longer:
        any_site.sign_in.with_password("ada", PASSWORD, address=HERE)
    assert longer.value.retry_after == 2 * ACCOUNT.first
    any_site.clock.pass_(2 * ACCOUNT.first)
    assert any_site.sign_in.with_password("ada", PASSWORD, address=HERE).account
    with pytest.raises(SignInRefused):  # the count began anew
        any_site.sign_in.with_password("ada", "wrong", address=HERE)


def test_a_name_that_does_not_exist_closes_alike_and_says_the_same(site: Site) -> None:
    ada(site)
    said = []
    for name in ("ada", "nobody"):
        for _ in range(ACCOUNT.free + 1):
            with pytest.raises(SignInRefused) as refused:
                site.sign_in.with_password(name, "wrong", address=HERE)
        with pytest.raises(TooManyAttempts) as closed:
            site.sign_in.with_password(name, "wrong", address=HERE)
        said.append((str(refused.value), str(closed.value)))
    assert said[0] == said[1]


def test_one_address_cannot_try_every_account(site: Site) -> None:
    ada(site)
    for number in range(ADDRESS.free + 1):
        with pytest.raises(SignInRefused):
            site.sign_in.with_password(f"person{number}", "wrong", address=HERE)
    with pytest.raises(TooManyAttempts):
        site.sign_in.with_password("ada", PASSWORD, address=HERE)
    assert site.sign_in.with_password("ada", PASSWORD, address="198.51.100.7").account


def test_guesses_that_come_together_are_all_counted(any_site: Site) -> None:
    attempts = Attempts(any_site.store, account=Limit(free=5, first=60, longest=60, window=600))

    def one(_: int) -> bool:
        try:
            attempts.begin(account_key("ada"))
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        let_in = sum(threads.map(one, range(40)))
    assert let_in == 6


def test_addresses_of_one_machine_are_one() -> None:
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:1")
    assert address_key("2001:db8:0:1::1") != address_key("2001:db8::1")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1")
    assert address_key("not an address") == "address:unknown"


# --- sessions


def test_a_session_ends_when_idle_when_old_and_when_the_account_is_disabled(any_site: Site) -> None:
    account, times = ada(any_site), Lifetimes()
    sessions = any_site.sign_in.sessions

    def begin() -> str:
        secret = sessions.begin(account, "password").fresh_secret
        assert secret
        return secret

    idle = begin()
    any_site.clock.pass_(times.idle + 1)
    assert sessions.find(idle) is None
    current, began = begin(), any_site.clock.now
    while any_site.clock.now - began < times.absolute - 300:
        any_site.clock.pass_(290)
        found = sessions.find(current)
        assert found is not None
        current = found.fresh_secret or current
    any_site.clock.pass_(300)
    assert sessions.find(current) is None
    closed = begin()
    any_site.sign_in.people.disable(account)
    assert sessions.find(closed) is None
    with pytest.raises(SignInRefused):
        any_site.sign_in.with_password("ada", PASSWORD, address=HERE)


def test_the_id_of_a_session_changes_and_an_old_copy_ends_it(any_site: Site) -> None:
    sessions, times = any_site.sign_in.sessions, Lifetimes()
    first = sessions.begin(ada(any_site), "password").fresh_secret or ""
    any_site.clock.pass_(times.rotate)
    second = sessions.find(first)
    assert second is not None
    assert second.fresh_secret not in (None, first)
    under_way = sessions.find(first)  # a request that was sent before the answer came
    assert under_way is not None
    assert under_way.fresh_secret is None
    any_site.clock.pass_(times.grace + 1)
    assert sessions.find(second.fresh_secret or "") is not None
    assert sessions.find(first) is None
    assert sessions.find(second.fresh_secret or "") is None, "two hold one session: it ends for both"


def test_proving_more_changes_the_id_at_once(site: Site) -> None:
    sessions = site.sign_in.sessions
    first = sessions.begin(ada(site), "password").fresh_secret or ""
    more = sessions.step_up(first, "passkey")
    assert more is not None
    assert more.methods == ("password", "passkey")
    assert sessions.find(first) is None
    found = sessions.find(more.fresh_secret or "")
    assert found is not None
    assert found.methods == ("password", "passkey")


def test_the_store_has_no_secret_in_it(site: Site) -> None:
    secret = site.sign_in.sessions.begin(ada(site), "password").fresh_secret or ""
    link = once.make(site.store, "test", {}, 60)
    for table in ("session", "once", "account"):
        text = repr(site.store.rows(f"SELECT * FROM {table}"))
        assert secret not in text
        assert link not in text
        assert PASSWORD not in text
    assert digest(secret) in repr(site.store.rows("SELECT * FROM session"))


def test_only_the_owner_can_read_the_files(site: Site, tmp_path: Path) -> None:
    ada(site)
    secret_files = [*(tmp_path / "data").glob("trust.db*")]
    fresh = tmp_path / "fresh"
    Keys(fresh, Clock())
    secret_files += list(fresh.iterdir())
    assert len(secret_files) >= 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret_files} == {0o600}
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o700


def test_a_new_password_ends_all_sessions(site: Site) -> None:
    account = ada(site)
    session = site.sign_in.with_password("ada", PASSWORD, address=HERE)
    with pytest.raises(SignInRefused):
        site.sign_in.change_password(account, "not this one", "another good long sentence", address=HERE)
    with pytest.raises(WeakPassword):
        site.sign_in.change_password(account, PASSWORD, "too short", address=HERE)
    assert site.sign_in.sessions.find(session.fresh_secret or "") is not None
    site.sign_in.change_password(account, PASSWORD, "another good long sentence", address=HERE)
    assert site.sign_in.sessions.find(session.fresh_secret or "") is None
    assert site.sign_in.with_password("ada", "another good long sentence", address=HERE)


# --- over HTTP


def test_session_fixation_gains_nothing(site: Site) -> None:
    """An attacker plants a session id, their own or one they made up, and waits for the victim to sign in."""

    async def attack() -> None:
        site.sign_in.create("mallory", "Mallory", PASSWORD, [])
        ada(site)
        attacker = await site.signed_in("mallory")
        for planted in (attacker.cookies[site.browser.cookie], "made-up-by-the-attacker"):
            victim = site.visitor()
            victim.cookies.set(site.browser.cookie, planted, domain="ehr.example.org")
            answer = await victim.post("/auth/sign-in", data={"name": "ada", "password": PASSWORD}, headers=FROM_US)
            given = answer.cookies[site.browser.cookie]
            assert given != planted
            assert site.sign_in.sessions.find(planted) is None
            assert site.sign_in.sessions.find(given) is not None

    asyncio.run(attack())


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(site: Site) -> None:
    async def look() -> str:
        ada(site)
        visitor = site.visitor()
        answer = await visitor.post("/auth/sign-in", data={"name": "ada", "password": PASSWORD}, headers=FROM_US)
        return answer.headers["set-cookie"].lower()

    cookie = asyncio.run(look())
    assert cookie.startswith("__host-bedside-session=")
    for part in ("httponly", "secure", "samesite=lax", "path=/"):
        assert part in cookie
    assert "domain" not in cookie


@pytest.mark.parametrize(
    "sent",
    [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
     {"sec-fetch-site": "same-site"}, {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
     {"origin": "http://ehr.example.org", "sec-fetch-site": "same-origin"}],
)  # fmt: skip
def test_another_site_can_neither_sign_somebody_in_nor_out(site: Site, sent: dict[str, str]) -> None:
    async def attack() -> None:
        ada(site)
        visitor = await site.signed_in("ada")
        held = visitor.cookies[site.browser.cookie]
        answer = await visitor.post("/auth/sign-in", data={"name": "ada", "password": PASSWORD}, headers=sent)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert (await visitor.post("/auth/sign-out", headers=sent)).status_code == 403
        assert site.sign_in.sessions.find(held) is not None
        assert (await visitor.post("/auth/sign-out", headers=FROM_US)).status_code == 303
        assert site.sign_in.sessions.find(held) is None

    asyncio.run(attack())


@pytest.mark.parametrize(
    ("asked", "sent_to"),
    [("/chart?x=1", "/chart?x=1"), ("https://evil.example", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
     ("javascript:alert(1)", "/"), ("/a\r\nset-cookie: x=1", "/"), ("", "/"), ("///evil.example", "/")],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(site: Site, asked: str, sent_to: str) -> None:
    assert local(asked) == sent_to

    async def attack() -> str:
        ada(site)
        fields = {"name": "ada", "password": PASSWORD, "next": asked}
        answer = await site.visitor().post("/auth/sign-in", data=fields, headers=FROM_US)
        return answer.headers["location"]

    assert asyncio.run(attack()) == sent_to


def test_lockout_over_http_says_when_to_come_back(site: Site) -> None:
    async def attack() -> None:
        ada(site)
        visitor = site.visitor()
        for _ in range(ACCOUNT.free + 1):
            wrong = await visitor.post("/auth/sign-in", data={"name": "ada", "password": "x"}, headers=FROM_US)
            assert wrong.status_code == 401
        closed = await visitor.post("/auth/sign-in", data={"name": "ada", "password": PASSWORD}, headers=FROM_US)
        assert (closed.status_code, closed.headers["retry-after"]) == (429, str(ACCOUNT.first))

    asyncio.run(attack())


def test_the_first_administrator_comes_by_a_link_that_works_once(any_site: Site) -> None:
    async def start() -> None:
        old = any_site.sign_in.first_start()
        key = any_site.sign_in.first_start()
        assert old
        assert key
        visitor = any_site.visitor()
        fields = {"key": old, "name": "root", "display": "First", "password": PASSWORD}
        assert (await visitor.post("/auth/first", data=fields, headers=FROM_US)).status_code == 401
        weak = {**fields, "key": key, "password": "weak"}
        assert (await visitor.post("/auth/first", data=weak, headers=FROM_US)).status_code == 422
        fields["key"] = key
        assert (await visitor.post("/auth/first", data=fields)).status_code == 403
        assert (await visitor.post("/auth/first", data=fields, headers=FROM_US)).status_code == 303
        fields["name"] = "second"
        assert (await visitor.post("/auth/first", data=fields, headers=FROM_US)).status_code == 401
        made = any_site.sign_in.people.by_name("root")
        assert made is not None
        assert made.administrator
        assert any_site.sign_in.first_start() is None

    asyncio.run(start())


def test_the_link_of_the_first_start_lasts_a_day(site: Site) -> None:
    key = site.sign_in.first_start() or ""
    site.clock.pass_(24 * 3600)
    with pytest.raises(SignInRefused):
        site.sign_in.become_administrator(key, "root", "First", PASSWORD, address=HERE)


# --- passkeys


async def register(site: Site, key: Authenticator) -> None:
    visitor = await site.signed_in("ada")
    begun = (await visitor.post("/auth/passkeys/options", headers=FROM_US)).json()
    sent = {"secret": begun["secret"], "credential": key.create(begun["options"]), "label": "Ada's phone"}
    answer = await visitor.post("/auth/passkeys", json=sent, headers=FROM_US)
    assert answer.status_code == 201, answer.text
    again = await visitor.post("/auth/passkeys", json=sent, headers=FROM_US)
    assert again.status_code == 401, "a challenge works once"


async def passkey_sign_in(site: Site, key: Authenticator) -> int:
    visitor = site.visitor()
    begun = (await visitor.post("/auth/passkey/options", headers=FROM_US)).json()
    sent = {"secret": begun["secret"], "credential": key.get(begun["options"])}
    answer = await visitor.post("/auth/passkey", json=sent, headers=FROM_US)
    assert (answer.status_code == 200) == (site.browser.cookie in answer.cookies)
    replay = await site.visitor().post("/auth/passkey", json=sent, headers=FROM_US)
    assert replay.status_code == 401
    return answer.status_code


def test_a_passkey_signs_in_even_when_the_password_is_closed(any_site: Site) -> None:
    async def flow() -> None:
        ada(any_site)
        key = Authenticator()
        await register(any_site, key)
        for _ in range(ACCOUNT.free + 1):
            with pytest.raises(SignInRefused):
                any_site.sign_in.with_password("ada", "wrong", address="198.51.100.7")
        assert await passkey_sign_in(any_site, key) == 200

    asyncio.run(flow())


def test_a_copied_passkey_is_noticed_and_suspended(site: Site) -> None:
    async def attack() -> None:
        account = ada(site)
        key = Authenticator()
        await register(site, key)
        copied = key.counter
        assert await passkey_sign_in(site, key) == 200
        key.counter = copied
        assert await passkey_sign_in(site, key) == 401
        assert [passkey.suspended for passkey in site.sign_in.passkeys.of(account)] == [True]
        key.counter = 100
        assert await passkey_sign_in(site, key) == 401

    asyncio.run(attack())


@pytest.mark.parametrize("change", ["origin", "host", "verified", "key"])
def test_a_passkey_for_another_site_or_without_its_owner_is_refused(site: Site, change: str) -> None:
    async def attack() -> None:
        ada(site)
        key = Authenticator()
        await register(site, key)
        other = Authenticator()
        value = {"origin": "https://evil.example", "host": "evil.example", "verified": False, "key": other.key}[change]
        setattr(key, change, value)
        assert await passkey_sign_in(site, key) == 401

    asyncio.run(attack())


def test_a_registration_belongs_to_who_began_it(site: Site) -> None:
    account = ada(site)
    other = site.sign_in.create("bob", "Bob", PASSWORD, []).id
    person = site.sign_in.people.by_id(account)
    assert person is not None
    secret, options = site.sign_in.passkeys.registration(person)
    with pytest.raises(SignInRefused):
        site.sign_in.passkeys.register(other, secret, Authenticator().create(options), "x")
    assert site.sign_in.passkeys.of(other) == []


# --- signing keys


def test_keys_rotate_without_a_moment_in_which_a_token_cannot_be_verified(site: Site) -> None:
    keys, clock = site.keys, site.clock
    first = keys.current().kid
    before = keys.sign({"n": 1})
    second = keys.rotate()
    assert keys.current().kid == first, "published before it signs"
    assert {key["kid"] for key in keys.public()["keys"]} == {first, second}
    clock.pass_(PUBLISHED_BEFORE)
    assert keys.current().kid == second
    assert jwt.decode(before, KeySet.import_key_set(keys.public()), ["RS256"]).claims == {"n": 1}
    clock.pass_(VERIFIES_AFTER + 1)
    third = keys.rotate()
    assert {key["kid"] for key in keys.public()["keys"]} == {second, third}
    fourth = keys.rotate(at_once=True)
    assert [key["kid"] for key in keys.public()["keys"]] == [fourth]
    with pytest.raises((JoseError, ValueError)):
        jwt.decode(before, KeySet.import_key_set(keys.public()), ["RS256"])


def test_published_keys_are_public_only(site: Site) -> None:
    for key in site.keys.public()["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)
        assert key["kty"] == "RSA"


def test_what_is_past_its_time_is_thrown_away(any_site: Site) -> None:
    once.make(any_site.store, "test", {}, 60)
    Sessions(any_site.store).begin(ada(any_site), "password")
    any_site.store.clean()
    assert any_site.store.row("SELECT count(*) FROM once") == (1,)
    any_site.clock.pass_(3 * 86_400)
    any_site.store.clean()
    assert any_site.store.row("SELECT count(*) FROM once") == (0,)
    assert any_site.store.row("SELECT count(*) FROM session") == (0,)
