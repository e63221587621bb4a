"""Bringing a database to the schema of this version.

A store that is up to date costs one query. Only a new or an old one pays for importing SQLAlchemy and alembic.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bedside.fhir.outcome import FhirError
from bedside.record.errors import StoreBroken
from bedside.record.session import Session

HEAD = "0002"
"""The newest revision in `migrations/versions`; a test compares them."""


def upgrade(session: Session, url: str, connect: Callable[[], Any] | None = None) -> None:
    """Make the schema what this version needs. Raises StoreBroken for a newer record.

    `url` is SQLAlchemy's. `connect` opens a connection of the driver, where the address is more than a URL can say.
    """
    found = _revision(session)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise StoreBroken(f"This record was written by a newer Bedside (schema {found}); this one knows {HEAD}.")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["connect"] = connect
    command.upgrade(config, "head")


def check(session: Session) -> None:
    """Raise StoreBroken when the schema is not that of this version; for whoever may not change it."""
    found = _revision(session)
    if found is not None and found > HEAD:
        raise StoreBroken(f"This record was written by a newer Bedside (schema {found}); this one knows {HEAD}.")
    if found != HEAD:
        raise StoreBroken("This record is of an older Bedside. Open it once to write, which brings it up to date.")


def _revision(session: Session) -> str | None:
    if session.dialect == "sqlite":
        known = session.rows("SELECT 1 FROM sqlite_master WHERE name='alembic_version'")
    else:
        known = session.rows("SELECT 1 FROM pg_class WHERE relname='alembic_version' AND pg_table_is_visible(oid)")
    if not known:
        return None
    try:
        found = session.rows("SELECT version_num FROM alembic_version")
    except FhirError:
        return None
    return str(found[0][0]) if found else None
