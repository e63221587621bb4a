"""The machine that a figure was measured on, in one line."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def _first(path: str, key: str) -> str | None:
    try:
        for line in Path(path).read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    except OSError:
        pass
    return None


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> str:
    """Date (UTC), cores and model of the processor, memory, system and Python."""
    model = _first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()
    memory = _first("/proc/meminfo", "MemTotal")
    size = f"{int(memory.split()[0]) / 1024**2:.0f} GB memory" if memory else "unknown memory"
    count = cores()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {count} {'core' if count == 1 else 'cores'} ({model}), {size}, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )
