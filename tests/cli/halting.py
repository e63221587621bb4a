"""`bedside` with exports that halt after some pages, so that a process can be killed in the middle of one.

EXPORT_PAGES in the environment says after how many, EXPORT_HALT for how many seconds at each page from there on.
"""

from __future__ import annotations

import os
import time

from bedside.cli.main import main
from bedside.record.export import work

work._PAGE = 20
work._KEEP_SECONDS = 0.0
_keep = work.Export._keep
_left = int(os.environ["EXPORT_PAGES"])


def _halting(self: work.Export, *arguments: object) -> None:
    global _left
    _keep(self, *arguments)  # type: ignore[arg-type]
    _left -= 1
    if _left <= 0:
        time.sleep(float(os.environ["EXPORT_HALT"]))


work.Export._keep = _halting  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
