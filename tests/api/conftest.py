"""An API over an empty record, on each of the two stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api_support import Api

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
