"""The zone of the machine, with its summer time."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME = Path("/etc/localtime")


def local_zone() -> tzinfo:
    """Where the machine says it is: TZ, then /etc/localtime, then today's offset from UTC."""
    name = os.environ.get("TZ", "").lstrip(":")
    if name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    elif _LOCALTIME.exists():
        try:
            with _LOCALTIME.open("rb") as file:
                return ZoneInfo.from_file(file)
        except (ValueError, OSError):
            pass
    return datetime.now(UTC).astimezone().tzinfo or UTC
