"""The authorization server over HTTP: endpoints for apps, and the page on which a person decides."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from html import escape
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bedside.fhir.outcome import FhirError
from bedside.trust.accounts.attempts import Attempts, address_key
from bedside.trust.accounts.browser import Browser, address, body, form, go, headers, page, safely
from bedside.trust.accounts.errors import NotSignedIn, TooManyAttempts
from bedside.trust.accounts.people import Account, People
from bedside.trust.accounts.routes import SIGN_IN
from bedside.trust.smart.authorize import Asking, Sendable, Unsendable
from bedside.trust.smart.clients import Client
from bedside.trust.smart.errors import OAuthError
from bedside.trust.smart.server import AuthorizationServer

# Apps in browsers call these from their own origin. No cookie counts here, so any origin may.
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "600",
}
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache", "x-content-type-options": "nosniff"}
_MAY = {"c": "add", "r": "read", "u": "change", "d": "delete", "s": "search"}


class Patients(Protocol):
    """Whose record somebody may take into an app. Called in a thread."""

    def offered(self, account: Account) -> list[tuple[str, str]]:
        """Patients to choose from: id and what the person reads."""
        ...

    def permitted(self, account: Account, patient: str) -> bool:
        """Whether the person may take this patient (an id) into an app."""
        ...


class OwnRecord:
    """People take themselves: the patients that their account is linked to."""

    def offered(self, account: Account) -> list[tuple[str, str]]:
        found = (link.partition("/") for link in account.links)
        return [(name, account.display) for kind, _, name in found if kind == "Patient"]

    def permitted(self, account: Account, patient: str) -> bool:
        return f"Patient/{patient}" in account.links


def routes(
    server: AuthorizationServer, people: People, browser: Browser, attempts: Attempts, patients: Patients | None = None
) -> list[Route]:
    """The routes: below `/auth`, and the documents under `.well-known` of the site and of the FHIR base."""
    pages = _Pages(server, people, browser, patients or OwnRecord())
    apps = _Apps(server, browser, attempts)
    base = urlsplit(server.base).path

    def app(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
        return Route(path, _for_apps(endpoint), methods=[method, "OPTIONS"])

    return [
        Route("/auth/authorize", safely(pages.authorize), methods=["GET", "POST"]),
        Route("/auth/continue", safely(pages.ask), methods=["GET"]),
        Route("/auth/decision", safely(pages.decide), methods=["POST"]),
        app("/auth/token", apps.token, "POST"),
        app("/auth/introspect", apps.introspect, "POST"),
        app("/auth/revoke", apps.revoke, "POST"),
        app("/auth/register", apps.register, "POST"),
        app("/auth/jwks", apps.jwks, "GET"),
        app(f"{base}/.well-known/smart-configuration", apps.smart_configuration, "GET"),
        app("/.well-known/openid-configuration", apps.openid_configuration, "GET"),
        app("/.well-known/oauth-authorization-server", apps.openid_configuration, "GET"),
    ]


def _for_apps(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Errors as OAuth's JSON, headers for apps in browsers, and answers that are not kept."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_CORS)
        try:
            response = await endpoint(request)
        except OAuthError as error:
            response = JSONResponse(error.body(), error.status)
            if error.status == 401:
                response.headers["www-authenticate"] = "Basic"
        except TooManyAttempts as error:
            response = JSONResponse({"error": "slow_down"}, 429, {"retry-after": str(error.retry_after)})
        except FhirError as error:
            response = JSONResponse({"error": "invalid_request", "error_description": str(error)}, error.status)
        response.headers.update({**_NO_STORE, **_CORS})
        return response

    return answer


async def _fields(request: Request) -> dict[str, str]:
    pairs = await form(request)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthError("invalid_request", "A parameter is there twice (RFC 6749, section 3.2).")
    return fields


class _Apps:
    def __init__(self, server: AuthorizationServer, browser: Browser, attempts: Attempts) -> None:
        self._server = server
        self._browser = browser
        self._attempts = attempts

    async def _called(self, request: Request, function: Callable[..., Any]) -> Any:
        return await self._browser.run(function, await _fields(request), request.headers.get("authorization"))

    async def token(self, request: Request) -> Response:
        return JSONResponse(await self._called(request, self._server.token))

    async def introspect(self, request: Request) -> Response:
        return JSONResponse(await self._called(request, self._server.introspect))

    async def revoke(self, request: Request) -> Response:
        await self._called(request, self._server.revoke)
        return Response(status_code=200)

    async def register(self, request: Request) -> Response:
        # Anybody may register, so an address may do so now and then only.
        subject = address_key(address(request)).replace("address:", "address:registers:", 1)
        await self._browser.run(self._attempts.begin, subject)
        try:
            metadata = json.loads(await body(request))
        except (ValueError, RecursionError):
            raise OAuthError("invalid_client_metadata", "This is not JSON.") from None
        return JSONResponse(await self._browser.run(self._server.register, metadata), 201)

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(await self._browser.run(self._server.key_set))

    async def smart_configuration(self, request: Request) -> Response:
        return JSONResponse(self._server.smart_configuration())

    async def openid_configuration(self, request: Request) -> Response:
        return JSONResponse(self._server.openid_configuration())


class _Pages:
    def __init__(self, server: AuthorizationServer, people: People, browser: Browser, patients: Patients) -> None:
        self._server = server
        self._people = people
        self._browser = browser
        self._patients = patients

    async def authorize(self, request: Request) -> Response:
        """An app sends a browser here, by GET or by POST from its own site. Nothing is decided and no cookie is read:
        the request is kept, and the browser goes on to a page of ours."""
        pairs = request.query_params.multi_items() if request.method == "GET" else await form(request)
        try:
            name = await self._browser.run(self._server.authorize.begin, pairs)
        except Unsendable as error:
            return _refused(error)
        except Sendable as error:
            return _away(error.address)
        return go(f"/auth/continue?request={name}")

    async def ask(self, request: Request) -> Response:
        """Ask the person; have them sign in first."""
        name = request.query_params.get("request", "")
        try:
            session = await self._browser.session(request)
        except NotSignedIn:
            return go(f"{SIGN_IN}?next={quote('/auth/continue?request=' + name, safe='')}")
        try:
            asking, client, decision = await self._browser.run(self._server.authorize.show, name, session)
        except Unsendable as error:
            return self._browser.keep(_refused(error), session)
        account = await self._browser.run(self._people.by_id, session.account)
        choices = await self._browser.run(self._patients.offered, account) if asking.needs_patient and account else []
        return self._browser.keep(_question(asking, client, name, decision, choices), session)

    async def decide(self, request: Request) -> Response:
        """What the person decided, from our own page only."""
        self._browser.same_site(request)
        session = await self._browser.session(request)
        pairs = await form(request)
        fields = dict(pairs)
        account = await self._browser.run(self._people.by_id, session.account)
        patient = fields.get("patient") or None
        try:
            if account is None:
                raise Unsendable("access_denied", "This account is gone.")
            if patient is not None and not await self._browser.run(self._patients.permitted, account, patient):
                raise Unsendable("access_denied", "You cannot take this patient into an app. Nothing was given.")
            onward = await self._browser.run(
                self._server.authorize.decide,
                fields.get("request", ""),
                fields.get("decision", ""),
                session,
                account,
                allow=fields.get("answer") == "allow",
                keep=[value for key, value in pairs if key == "scope"],
                patient=patient,
            )
        except Unsendable as error:
            return self._browser.keep(_refused(error), session)
        return self._browser.keep(_away(onward), session)


def _away(url: str) -> Response:
    """To the app. The address was compared with the registered one, and is sent as it is."""
    response = RedirectResponse("/", 303, headers())
    response.headers["location"] = url
    return response


def _refused(error: OAuthError) -> Response:
    status = 403 if error.code == "access_denied" else 400
    return page("This app cannot go on", f'<p role="alert">{escape(error.description)}</p>', status=status)


def _question(asking: Asking, client: Client, name: str, decision: str, choices: list[tuple[str, str]]) -> Response:
    """The page that asks: which app, where it sends people, what it wants, of whom."""
    where = urlsplit(asking.redirect_uri)
    asked = asking.scopes
    lines = [_line(word, _WORDS.get(word, word)) for word in sorted(asked.words)]
    for scope in asked.resources:
        verbs = ", ".join(_MAY[letter] for letter in scope.letters)
        what = "everything" if scope.type == "*" else scope.type
        limits = " where " + " and ".join(f"{key} is {value}" for key, value in sorted(scope.query))
        whose = "of this patient" if scope.level == "patient" else "that you may see"
        lines.append(_line(str(scope), f"{verbs}: {what} {whose}{limits if scope.query else ''}"))
    options = "".join(f'<option value="{escape(value)}">{escape(shown)}</option>' for value, shown in choices)
    chooser = ""
    if asking.needs_patient:
        chooser = f'<p><label>Whose record? <select name="patient" required>{options}</select></label></p>'
    host = where.hostname or where.scheme
    return page(
        f"{client.name} asks for access",
        f"<p>It answers to {escape(host)}.</p>"
        '<form method="post" action="/auth/decision">'
        f'<input type="hidden" name="request" value="{escape(name)}">'
        f'<input type="hidden" name="decision" value="{escape(decision)}">'
        f"{chooser}<ul>{''.join(lines)}</ul>"
        '<p><button name="answer" value="allow">Allow</button>'
        ' <button name="answer" value="deny" formnovalidate>Do not allow</button></p></form>',
        form_to=f"{where.scheme}://{where.netloc}" if where.scheme in ("http", "https") else f"{where.scheme}:",
    )


_WORDS = {
    "openid": "know that you signed in",
    "fhirUser": "know who you are",
    "profile": "know who you are",
    "launch": "know what you were working on",
    "launch/patient": "know whose record is meant",
    "launch/encounter": "know which visit is meant",
    "offline_access": "keep access while you are away, until you take it back",
    "online_access": "keep access while you are signed in",
}


def _line(value: str, text: str) -> str:
    box = f'<input type="checkbox" name="scope" value="{escape(value)}" checked>'
    return f"<li><label>{box} {escape(text)}</label></li>"
