"""An export in a process of its own, slowed down so that it can be killed in the middle.

Run as a program: the record's place and the folder. It prints a line for each page.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bedside.record.custom import load_registry
from bedside.record.export import Export, Request, work
from bedside.record.extract import Extractor
from bedside.record.record import open_store

PAGE = 40


def start(place: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "record.export.slow_export", place, str(folder)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def main(place: str, folder: str) -> None:
    work._PAGE = PAGE
    work._KEEP_SECONDS = 0.02
    store = open_store(place)
    session = store.reader()

    def told(progress: work.Progress) -> None:
        print(progress.written, flush=True)
        time.sleep(0.01)

    Export(session, Extractor(load_registry(session)), Request("system"), Path(folder), on_progress=told).run()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
