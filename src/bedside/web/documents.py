"""The documents of the project as pages, from the `docs` folder beside the source or inside the package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import FileResponse, Response

from bedside.web.errors import NoPage
from bedside.web.shell import HEADERS, Visit

_HERE = Path(__file__).parent.parent
_FOLDERS = (_HERE / "docs", _HERE.parent.parent / "docs")
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9-]*/)*[a-z0-9][a-z0-9-]*\.(md|png|jpg|svg|cql|json|ndjson)")
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
_LINK = re.compile(r'(<a href=")(?!https?:|#|/)([^"]*)"')


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its place below `/docs/`, and its first heading."""

    path: str
    heading: str


def folder() -> Path | None:
    """Where the documents are; None in an installation without them."""
    return next((each for each in _FOLDERS if each.is_dir()), None)


def documents(place: Path) -> list[Document]:
    """All documents, those at the top first."""
    found = []
    for file in sorted(place.rglob("*.md")):
        path = file.relative_to(place).as_posix()
        if _NAME.fullmatch(path):
            heading = _HEADING.search(file.read_text(encoding="utf-8"))
            found.append(Document(path, heading[1] if heading else path))
    return sorted(found, key=lambda each: (each.path.count("/"), each.path))


def index(visit: Visit) -> Response:
    """`/docs`: what there is to read."""
    place = folder()
    return visit.render("documents.html", documents=documents(place) if place else [])


def document(visit: Visit) -> Response:
    """`/docs/record.md`: one document, or a picture or file that it shows. Raises NoPage for anything else."""
    place, path = folder(), visit.request.path_params["path"]
    match = _NAME.fullmatch(path)
    if place is None or match is None or not (place / path).is_file():
        raise NoPage("There is no such document.")
    if match[1] != "md":
        return FileResponse(place / path, headers={**HEADERS, "cache-control": "max-age=300"})
    # Reading Markdown is rare and its reader is slow to import, so it comes only when it is needed.
    from markdown_it import MarkdownIt

    text = (place / path).read_text(encoding="utf-8")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    heading = _HEADING.search(text)
    return visit.render("document.html", heading=heading[1] if heading else path, html=html)
