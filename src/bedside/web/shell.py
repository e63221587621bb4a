"""The shell of every page: language, layout, headers, and what becomes of an error.

A department makes its pages with one `Shell`:

    shell = Shell(open_mode=False, departments={"care": "bedside.departments.care"})

    @shell.page
    def today(visit: Visit) -> Response:
        return visit.render("care/today.html", tasks=...)

    routes = [Route("/today", today)]

A page function is plain and synchronous; it runs in one of a few threads, because the record's readers are per thread.
Templates extend `shell.html`, write sentences as `_("...")` and may use the macros of `components.html`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo
from functools import cached_property, wraps
from importlib import metadata
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import BaseLoader, BytecodeCache, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bedside.fhir import json
from bedside.fhir.outcome import FhirError, Invalid, TooLarge
from bedside.web import assets, errors, languages
from bedside.web.locale import Locale

COOKIE = "bedside-language"
_YEAR_SECONDS = 365 * 24 * 3600
_THREADS = 2  # each has a database connection of its own, with its memory
_FORM = "application/x-www-form-urlencoded"
_FORM_BYTES = 1_000_000
_FORM_FIELDS = 500

_POLICY = "; ".join(
    (
        *("default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"),
        *("object-src 'none'", "script-src 'self'", "style-src 'self'"),
    )
)
HEADERS = {
    # Pages show patients: nothing between the server and the reader's eyes may keep them.
    "cache-control": "no-store",
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "vary": "Accept-Language, Cookie",
    "x-content-type-options": "nosniff",
}


class Visit:
    """One request by one reader: what is asked, and in which language and zone it is answered."""

    def __init__(self, shell: Shell, request: Request, locale: Locale) -> None:
        self.shell = shell
        self.request = request
        self.locale = locale
        self.form: Mapping[str, str] = {}
        """The fields of a form that was posted; of fields of one name the last."""

    @property
    def words(self) -> languages.Words:
        return self.locale.words

    def query(self, name: str) -> str:
        """A parameter of the address; empty when it is not there."""
        return self.request.query_params.get(name, "")

    def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page in the reader's language."""
        page = self.shell.environment(self.locale.language).get_template(template)
        html = page.render(visit=self, locale=self.locale, shell=self.shell, **context)
        return HTMLResponse(html, status, HEADERS)

    def data(self, found: Any, *, status: int = 200) -> Response:
        """An answer for a script of ours, as JSON."""
        return Response(json.encode(found), status, {**HEADERS, "content-type": "application/json"})

    def redirect(self, url: str) -> Response:
        """To another page of ours; `url` begins with a slash."""
        return RedirectResponse(url, 303, HEADERS)

    def in_language(self, code: str) -> str:
        """The address of this page in another language."""
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != "lang"]
        return f"{self.request.url.path}?{urlencode([*kept, ('lang', code)])}"


class _Compiled(BytecodeCache):
    """Templates compiled once for all languages: sentences are looked up when a page is made, not before."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


View = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class Shell:
    """Templates, languages and threads of the pages of one server."""

    def __init__(
        self, *, open_mode: bool, zone: tzinfo | None = None, departments: Mapping[str, str] | None = None
    ) -> None:
        """`open_mode` puts the warning on every page. `zone` is where readers are (the machine's own if None).
        `departments` names packages whose `templates/` are found under a prefix and whose `languages/` are read."""
        self.open_mode = open_mode
        self.version = metadata.version("bedside")
        self.languages = languages.LANGUAGES
        self._zone = zone
        self._departments = dict(departments or {})
        self._environments: dict[str, Environment] = {}
        self._compiled = _Compiled()

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, thread_name_prefix="bedside-web")

    @property
    def _packages(self) -> tuple[str, ...]:
        return (*languages.PACKAGES, *self._departments.values())

    def environment(self, language: str) -> Environment:
        """The templates in one language; compiled when they are first used."""
        found = self._environments.get(language)
        if found is None:
            found = self._environments[language] = self._environment(languages.words(language, self._packages))
        return found

    def _environment(self, words: languages.Words) -> Environment:
        own: BaseLoader = PackageLoader("bedside.web")
        others = PrefixLoader({prefix: PackageLoader(package) for prefix, package in self._departments.items()})
        made = Environment(
            loader=ChoiceLoader([own, others]),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=self._compiled,
        )
        made.install_gettext_callables(  # type: ignore[attr-defined]
            words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext, npgettext=words.npgettext
        )
        made.globals["asset"] = assets.url
        return made

    def visit(self, request: Request) -> Visit:
        """The reader of a request. The language is asked for, remembered, or what the browser prefers."""
        language = languages.choose(
            request.query_params.get("lang"),
            request.cookies.get(COOKIE),
            request.headers.get("accept-language"),
        )
        now = datetime.now(UTC)
        zone = self._zone or now.astimezone().tzinfo or UTC
        return Visit(self, request, Locale(languages.words(language, self._packages), zone, now))

    def page(self, view: View, *, threads: ThreadPoolExecutor | None = None) -> Endpoint:
        """A page function as an endpoint: run in a thread, errors shown as pages, the chosen language remembered.

        `threads` are those of pages that may take long, so that the others need not wait for them.
        """

        @wraps(view)
        async def endpoint(request: Request) -> Response:
            visit = self.visit(request)
            if request.method == "POST":
                try:
                    visit.form = await _form(request)
                except FhirError as error:
                    return errors.page(visit, error)
            response = await asyncio.get_running_loop().run_in_executor(threads or self._threads, _safely, view, visit)
            asked = request.query_params.get("lang")
            if asked is not None and asked in languages.LANGUAGES:
                response.set_cookie(
                    COOKIE,
                    asked,
                    max_age=_YEAR_SECONDS,
                    httponly=True,
                    samesite="lax",
                    secure=request.url.scheme == "https",
                )
            return response

        return endpoint


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers post it (application/x-www-form-urlencoded, UTF-8), with plain line ends.

    Raises Invalid for what is no such form, TooLarge for one of more than a million bytes.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Invalid("This page takes forms only.", code="value")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            raise TooLarge("This is too long for a page.", code="too-long")
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FORM_FIELDS)
    except ValueError:
        raise Invalid("The form cannot be read.", code="value") from None
    return {name: value.replace("\r\n", "\n") for name, value in fields}


def _safely(view: View, visit: Visit) -> Response:
    try:
        return view(visit)
    except Exception as error:
        return errors.page(visit, error)
