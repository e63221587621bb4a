"""The pages of the web room and their addresses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import tzinfo
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bedside.record.record import Record
from bedside.web import assets, design, documents
from bedside.web.counts import Counts
from bedside.web.errors import NoPage
from bedside.web.front import Front
from bedside.web.questions.routes import QuestionRoutes
from bedside.web.resource_pages import ResourcePages
from bedside.web.search_pages import SearchPages
from bedside.web.shell import HEADERS, Shell, Visit
from bedside.web.zone import local_zone


def routes(record: Record, *, open_mode: bool, zone: tzinfo | None = None) -> list[BaseRoute]:
    """The pages over a record, to be mounted at the root of the server, and the assets they need.

    `open_mode` puts the warning on every page that anybody may read and write here. `zone` is that of the readers; the
    machine's own when it is None. The last route answers every other address with a page that says so.
    """
    shell = Shell(open_mode=open_mode, zone=zone or local_zone())
    counts = Counts(record)
    front, searching, resources = Front(record, counts), SearchPages(record, counts), ResourcePages(record)
    version = "/record/{type}/{id}/{version:int}"
    return [
        Route("/", shell.page(front), name="front"),
        Route("/search", shell.page(searching.search), name="search"),
        Route("/record/{type}", shell.page(searching.list), name="list"),
        Route("/record/{type}/{id}", shell.page(resources.resource), name="resource"),
        Route(version, shell.page(resources.resource), name="version"),
        *QuestionRoutes(record).routes(shell),
        Route("/design", shell.page(design.page), name="design"),
        Route("/docs", shell.page(documents.index), name="documents"),
        Route("/docs/{path:path}", shell.page(documents.document), name="document"),
        assets.route(),
        Route("/{path:path}", shell.page(_nowhere), name="nowhere"),
    ]


def application(
    record: Record, *, open_mode: bool, zone: tzinfo | None = None, allowed_hosts: Collection[str] = ()
) -> ASGIApp:
    """The same pages as an ASGI application of their own.

    `allowed_hosts` are the names that requests may be for, in lower case and without port; empty: any. Without them a
    page elsewhere could point a name of its own at an open server and read it (DNS rebinding).
    """
    router = Router(routes(record, open_mode=open_mode, zone=zone), redirect_slashes=False)
    hosts = frozenset(allowed_hosts)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if hosts and scope["type"] == "http" and _host(scope) not in hosts:
            refusal = PlainTextResponse("This server does not answer to that host name.", 400, dict(HEADERS))
            await refusal(scope, receive, send)
            return
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD") and _from_elsewhere(scope, hosts):
            refusal = PlainTextResponse("Other web sites may not fill in forms here.", 403, dict(HEADERS))
            await refusal(scope, receive, send)
            return
        await router(scope, receive, send)

    return application


def _host(scope: Scope) -> str:
    """The name in the Host header, in lower case and without port; empty when there is none that makes sense."""
    try:
        return urlsplit("//" + Headers(scope=scope).get("host", "")).hostname or ""
    except ValueError:
        return ""


def _from_elsewhere(scope: Scope, hosts: Collection[str]) -> bool:
    """Whether a browser says that another web site causes this request. What is no browser says nothing of the kind."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return True
    return host not in hosts and host != _host(scope)


def _nowhere(visit: Visit) -> Response:
    raise NoPage("There is no page at this address.")


__all__: Sequence[str] = ["application", "routes"]
