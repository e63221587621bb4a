"""What the tests of the API share: a client over ASGI (no socket, but all else that a request meets), and checks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from bedside.app import App
from bedside.fhir import json

BASE = "http://testserver/fhir"
JSON = "application/fhir+json"


class Api:
    """Requests below the base, one after the other or (`together`) at the same time."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE, headers={"accept-encoding": "identity"})

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self.app.close()
        self._loop.close()

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """`body` is a resource, or bytes as they are; underscores in header names become hyphens."""
        return self._loop.run_until_complete(self._request(method, path, body, headers))

    def together(self, *requests: tuple[str, str, Any]) -> list[httpx.Response]:
        """Several requests at once."""

        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self._request(*each, {}) for each in requests))

        return self._loop.run_until_complete(all_of_them())

    async def _request(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named.setdefault("content-type", JSON)
        content = body if body is None or isinstance(body, bytes) else json.encode(body)
        url = path if path.startswith("http") else f"{BASE}/{path}".rstrip("/")
        return await self._client.request(method, url, content=content, headers=named)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.request("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        headers.setdefault("content_type", "application/json-patch+json")
        return self.request("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self.request("DELETE", path, **headers)

    def create(self, type_name: str, **elements: Any) -> dict[str, Any]:
        """A new resource, as it was stored."""
        response = self.post(type_name, {"resourceType": type_name, **elements})
        assert response.status_code == 201, response.text
        found: dict[str, Any] = json.decode_object(response.content)
        return found


@dataclass
class Live:
    """A server that listens."""

    app: App
    host: str
    port: int

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}/fhir"


def issues(response: httpx.Response) -> list[dict[str, Any]]:
    """The issues of the OperationOutcome that a response must be."""
    outcome = response.json()
    assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert outcome["resourceType"] == "OperationOutcome", outcome
    found: list[dict[str, Any]] = outcome["issue"]
    assert found
    return found


def refused(response: httpx.Response, status: int, code: str | None = None) -> str:
    """The sentences of an error, after checking its status and (if given) the code of its first issue."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    found = issues(response)
    assert found[0]["severity"] in ("error", "fatal")
    if code is not None:
        assert found[0]["code"] == code, found
    return " ".join(issue["diagnostics"] for issue in found)
