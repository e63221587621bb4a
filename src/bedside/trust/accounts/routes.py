"""Sign-in over HTTP: password, passkey, the first administrator, and signing out.

The pages here are plain; whoever mounts the routes may give them the shell's look. The two steps of a passkey are JSON,
called by a script of the page that shows them.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bedside.fhir.outcome import Invalid
from bedside.trust.accounts.browser import Browser, address, body, form, go, headers, local, page, problem, safely
from bedside.trust.accounts.errors import AccountProblem, SignInRefused, TooManyAttempts, WeakPassword
from bedside.trust.accounts.signin import SignIn

SIGN_IN = "/auth/sign-in"


def routes(sign_in: SignIn, browser: Browser) -> list[Route]:
    """The routes, below `/auth`."""
    pages = _Pages(sign_in, browser)
    return [
        Route(SIGN_IN, safely(pages.sign_in), methods=["GET", "POST"]),
        Route("/auth/sign-out", safely(pages.sign_out), methods=["POST"]),
        Route("/auth/first", safely(pages.first), methods=["GET", "POST"]),
        Route("/auth/passkey/options", safely(pages.passkey_options), methods=["POST"]),
        Route("/auth/passkey", safely(pages.passkey), methods=["POST"]),
        Route("/auth/passkeys/options", safely(pages.register_options), methods=["POST"]),
        Route("/auth/passkeys", safely(pages.register), methods=["POST"]),
    ]


class _Pages:
    def __init__(self, sign_in: SignIn, browser: Browser) -> None:
        self._sign_in = sign_in
        self._browser = browser

    async def sign_in(self, request: Request) -> Response:
        if request.method == "GET":
            return _sign_in_page(local(request.query_params.get("next", "/")))
        self._browser.same_site(request)
        fields = dict(await form(request))
        onward = local(fields.get("next", "/"))
        try:
            session = await self._browser.run(
                self._sign_in.with_password,
                fields.get("name", ""),
                fields.get("password", ""),
                address=address(request),
                instead_of=self._browser.secret(request),
            )
        except TooManyAttempts as error:
            return problem(error)
        except SignInRefused as error:
            return _sign_in_page(onward, str(error), status=error.status)
        return self._browser.keep(go(onward), session)

    async def sign_out(self, request: Request) -> Response:
        self._browser.same_site(request)
        secret = self._browser.secret(request)
        if secret:
            await self._browser.run(self._sign_in.sessions.end, secret)
        return self._browser.forget(go(SIGN_IN))

    async def first(self, request: Request) -> Response:
        """The page behind the link of the first start."""
        if request.method == "GET":
            return _first_page(request.query_params.get("key", ""))
        self._browser.same_site(request)
        fields = dict(await form(request))
        try:
            session = await self._browser.run(
                self._sign_in.become_administrator,
                fields.get("key", ""),
                fields.get("name", ""),
                fields.get("display", ""),
                fields.get("password", ""),
                address=address(request),
            )
        except (WeakPassword, AccountProblem) as error:
            return _first_page(fields.get("key", ""), str(error), status=error.status)
        return self._browser.keep(go("/"), session)

    async def passkey_options(self, request: Request) -> Response:
        self._browser.same_site(request)
        secret, options = await self._browser.run(self._sign_in.passkeys.authentication)
        return JSONResponse({"secret": secret, "options": options}, headers=headers())

    async def passkey(self, request: Request) -> Response:
        self._browser.same_site(request)
        sent = await _json(request)
        session = await self._browser.run(
            self._sign_in.with_passkey,
            _text(sent, "secret"),
            _object(sent, "credential"),
            address=address(request),
            instead_of=self._browser.secret(request),
        )
        return self._browser.keep(JSONResponse({"signed_in": True}, headers=headers()), session)

    async def register_options(self, request: Request) -> Response:
        self._browser.same_site(request)
        session = await self._browser.session(request)
        account = await self._browser.run(self._sign_in.people.by_id, session.account)
        if account is None:
            raise SignInRefused("Sign in first.")
        secret, options = await self._browser.run(self._sign_in.passkeys.registration, account)
        return self._browser.keep(JSONResponse({"secret": secret, "options": options}, headers=headers()), session)

    async def register(self, request: Request) -> Response:
        self._browser.same_site(request)
        session = await self._browser.session(request)
        sent = await _json(request)
        made = await self._browser.run(
            self._sign_in.passkeys.register,
            session.account,
            _text(sent, "secret"),
            _object(sent, "credential"),
            str(sent.get("label", "")),
        )
        answer = JSONResponse({"id": made.id, "label": made.label}, 201, headers())
        return self._browser.keep(answer, session)


async def _json(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await body(request))
    except (ValueError, RecursionError):
        raise Invalid("This is not JSON.") from None
    if not isinstance(found, dict):
        raise Invalid("A JSON object is expected.")
    return found


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise Invalid(f"{name} is a text.")
    return value


def _object(sent: dict[str, Any], name: str) -> dict[str, Any]:
    value = sent.get(name)
    if not isinstance(value, dict):
        raise Invalid(f"{name} is an object.")
    return value


def _sign_in_page(onward: str, problem: str = "", *, status: int = 200) -> Response:
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return page(
        "Sign in",
        f'{alert}<form method="post" action="{SIGN_IN}"><input type="hidden" name="next" value="{escape(onward)}">'
        '<p><label>Name <input name="name" autocomplete="username webauthn" required></label></p>'
        '<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label>'
        "</p><p><button>Sign in</button></p></form>",
        status=status,
    )


def _first_page(key: str, problem: str = "", *, status: int = 200) -> Response:
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return page(
        "The first administrator",
        f'{alert}<form method="post" action="/auth/first"><input type="hidden" name="key" value="{escape(key)}">'
        '<p><label>Sign-in name <input name="name" autocomplete="username" required></label></p>'
        '<p><label>Your name <input name="display" autocomplete="name" required></label></p>'
        '<p><label>Password, at least 15 characters <input name="password" type="password"'
        ' autocomplete="new-password" required></label></p><p><button>Make the account</button></p></form>',
        status=status,
    )
