"""The addresses of the page of questions. The language behind it is imported when somebody first comes to ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bedside.record.record import Record
from bedside.web.shell import HEADERS, Endpoint, Shell, Visit

if TYPE_CHECKING:
    from bedside.web.questions.page import QuestionPages

_THREADS = 2
_WAITING = 24
"""So many requests may wait for a thread; more are told to come back."""


class QuestionRoutes:
    """The page of questions of one server, in threads of its own: whoever only looks at resources does not wait."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bedside-questions")
        self._waiting = 0
        self._lock = threading.Lock()
        self._pages: QuestionPages | None = None

    def routes(self, shell: Shell) -> list[Route]:
        """The page, and what its script asks for."""
        return [
            Route("/questions", self._endpoint(shell, "page"), methods=["GET", "POST"], name="questions"),
            Route("/questions/check", self._endpoint(shell, "check"), methods=["POST"], name="questions-check"),
            Route(
                "/questions/complete", self._endpoint(shell, "complete"), methods=["POST"], name="questions-complete"
            ),
            Route("/questions/patients", self._endpoint(shell, "patients"), name="questions-patients"),
        ]

    def _endpoint(self, shell: Shell, name: str) -> Endpoint:
        def view(visit: Visit) -> Response:
            found: Response = getattr(self._made(), name)(visit)
            return found

        inner = shell.page(view, threads=self._threads)

        async def endpoint(request: Request) -> Response:
            if self._waiting >= _WAITING:
                return PlainTextResponse("Too many questions at once; try again in a moment.", 503, dict(HEADERS))
            self._waiting += 1
            try:
                return await inner(request)
            finally:
                self._waiting -= 1

        return endpoint

    def _made(self) -> QuestionPages:
        with self._lock:
            if self._pages is None:
                from bedside.web.questions.page import QuestionPages

                self._pages = QuestionPages(self._record)
            return self._pages
