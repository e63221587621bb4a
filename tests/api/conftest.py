"""An API over an empty record, on each of the two stores."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from api.support import Api, Live
from bedside.api.settings import ApiSettings
from bedside.app import create_app
from bedside.record.record import Record


@pytest.fixture
def make_api(open_at: Callable[..., Record]) -> Iterator[Callable[..., Api]]:
    """Makes an API: keyword arguments are API settings; `record` is a dict of settings of the record."""
    made: list[Api] = []

    def make(record: dict[str, Any] | None = None, **settings: Any) -> Api:
        api = Api(create_app(open_at(**(record or {})), ApiSettings(**settings)))
        made.append(api)
        return api

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """The API of an empty record, with the settings of a server that says nothing else."""
    return make_api()


@pytest.fixture
def live(record: Record) -> Iterator[Live]:
    """A server on a socket of this machine, in a thread, over an empty record."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(record)
    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    yield Live(app, "127.0.0.1", listener.getsockname()[1])
    server.should_exit = True
    thread.join(10)
