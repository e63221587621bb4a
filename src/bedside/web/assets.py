"""Style sheets, scripts and pictures of the pages, each under a name that changes with its content.

`/assets/shell.3f9c0d1e2a4b.css` may be kept by a browser for a year, because other content has another
name. Everything is read and hashed once, when it is first asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PREFIX = "/assets"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}
# One request instead of seven: these parts, in this order, are one style sheet.
SHEET = (
    "tokens.css",
    "base.css",
    "components.css",
    "lists.css",
    "front.css",
    "readable.css",
    "design.css",
    "questions.css",
)
_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    """Hashed: `shell.3f9c0d1e2a4b.css`."""
    content: bytes
    packed: bytes
    media_type: str

    @property
    def etag(self) -> str:
        return f'"{self.name.rsplit(".", 2)[-2]}"'


@cache
def _assets() -> dict[str, Asset]:
    """Plain name -> asset."""
    folder = resources.files("bedside.web") / "assets"
    contents = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rsplit(".", 1)[-1] in _TYPES}
    contents["shell.css"] = b"\n".join(contents.pop(part) for part in SHEET)
    found: dict[str, Asset] = {}
    for name, content in sorted(contents.items()):
        stem, _, kind = name.rpartition(".")
        digest = hashlib.sha256(content).hexdigest()[:12]
        packed = gzip.compress(content, 9, mtime=0)
        found[name] = Asset(f"{stem}.{digest}.{kind}", content, packed, _TYPES[kind])
    return found


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in _assets().values()}


def url(name: str) -> str:
    """The address of an asset by its plain name: `shell.css`. KeyError when there is none."""
    return f"{PREFIX}/{_assets()[name].name}"


async def _serve(request: Request) -> Response:
    asset = _by_hashed_name().get(request.path_params["name"])
    if asset is None:
        return Response("There is no such file.", 404, {"cache-control": "no-store"}, "text/plain")
    headers = {
        "cache-control": _YEAR,
        "etag": asset.etag,
        "vary": "Accept-Encoding",
        "x-content-type-options": "nosniff",
        # An SVG opened by itself must not run anything either.
        "content-security-policy": "default-src 'none'; style-src 'self'; sandbox",
    }
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    content = asset.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = asset.packed
        headers["content-encoding"] = "gzip"
    return Response(content, 200, headers, asset.media_type)


def route() -> Route:
    """The route under which all assets are served."""
    return Route(f"{PREFIX}/{{name}}", _serve, name="asset")
