"""What sign-in and consent share about browsers: the cookie, who sent a form, headers, and a plain page.

Cross-site request forgery is refused by what browsers say about themselves: a form is taken when `Origin` is this site
and `Sec-Fetch-Site` is `same-origin`. Every browser of today sends at least one of them with every POST; a POST with
neither is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html import escape
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bedside.fhir.outcome import FhirError, Invalid, TooLarge
from bedside.trust.accounts.errors import CrossSite, NotSignedIn, TooManyAttempts
from bedside.trust.accounts.sessions import Session, Sessions

T = TypeVar("T")
_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 65_536
_MOST_FIELDS = 200
_SECONDS = 12 * 3600


class Browser:
    """The site as browsers know it: `origin` is its address, as `https://ehr.example.org`."""

    def __init__(self, origin: str, sessions: Sessions, *, threads: int = 4) -> None:
        self.origin = origin.rstrip("/")
        self.sessions = sessions
        self.secure = self.origin.startswith("https://")
        # The prefix has browsers refuse such a cookie from other hosts of the same domain.
        self.cookie = "__Host-bedside-session" if self.secure else "bedside-session"
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="bedside-trust")

    async def run(self, function: Callable[..., T], *values: Any, **named: Any) -> T:
        """Run what waits for the store or hashes in one of a few threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *values, **named))

    def close(self) -> None:
        self._threads.shutdown()

    def secret(self, request: Request) -> str | None:
        """The session's secret that a browser sent."""
        return request.cookies.get(self.cookie)

    async def session(self, request: Request) -> Session:
        """The session of a request. Raises NotSignedIn. Send `fresh_secret` back with `keep`."""
        secret = self.secret(request)
        found = await self.run(self.sessions.find, secret) if secret else None
        if found is None:
            raise NotSignedIn("Sign in first.")
        return found

    def keep(self, response: Response, session: Session) -> Response:
        """Give the browser the session's new id, if it has one."""
        if session.fresh_secret is not None:
            response.set_cookie(
                self.cookie,
                session.fresh_secret,
                max_age=_SECONDS,
                path="/",
                secure=self.secure,
                httponly=True,
                samesite="lax",
            )
        return response

    def forget(self, response: Response) -> Response:
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")
        return response

    def same_site(self, request: Request) -> None:
        """Raise CrossSite unless a page of ours sent this."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if (origin is None and site is None) or origin not in (None, self.origin) or site not in (None, "same-origin"):
            raise CrossSite("Another site sent this. Nothing was done.")


def address(request: Request) -> str:
    """The network address that a request came from; behind a proxy the server puts the right one there."""
    return request.client.host if request.client else ""


def local(path: str) -> str:
    """`path` if it is a page of ours, else the front page: nobody is sent elsewhere after signing in."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith("//") and not parts.netloc and not parts.scheme
    return path if fine and "\\" not in path and path.isprintable() else "/"


async def body(request: Request) -> bytes:
    """The body of a request, up to 64 KiB. Raises TooLarge."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > _MOST_BYTES:
            raise TooLarge("This is too long.", code="too-long")
    return bytes(found)


async def form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, in order and with repetitions. Raises Invalid and TooLarge."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Invalid("Send a form (application/x-www-form-urlencoded).", code="value")
    try:
        text = (await body(request)).decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Invalid("The form cannot be read.", code="value") from None


def headers(*, form_to: str = "") -> dict[str, str]:
    """The headers of a page about who is who. `form_to` is the one other origin that its form may lead to."""
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self'{' ' + form_to if form_to else ''}"
    )
    return {
        "cache-control": "no-store",
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


def page(title: str, content: str, *, status: int = 200, form_to: str = "") -> HTMLResponse:
    """A plain page; `title` is text and `content` is HTML whose values were escaped."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return HTMLResponse(html, status, headers(form_to=form_to))


def go(path: str) -> Response:
    """On to another page, by GET."""
    return RedirectResponse(path, 303, headers())


def problem(error: FhirError) -> Response:
    """An error as a page."""
    shown = page("This did not work", f'<p role="alert">{escape(str(error))}</p>', status=error.status)
    if isinstance(error, TooManyAttempts):
        shown.headers["retry-after"] = str(error.retry_after)
    return shown


def safely(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint whose typed errors become pages, or JSON where JSON was sent."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except FhirError as error:
            if request.headers.get("content-type", "").startswith("application/json"):
                more = {"retry-after": str(error.retry_after)} if isinstance(error, TooManyAttempts) else {}
                return JSONResponse({"problem": str(error)}, error.status, {**headers(), **more})
            return problem(error)

    return answer
