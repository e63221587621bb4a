"""Pictures of the pages for the README, taken of a server with the demo hospital in it.

    python scripts/pictures.py http://127.0.0.1:8000

Needs Playwright and a Chromium on the PATH. Pictures are written to docs/pictures as PNG of at most 200 kB.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
MOST = 200_000

_POTASSIUM = "Observation?code=http://loinc.org|2823-3%26value-quantity=gt5.2%26_sort=-date"

# name: path, width, height, pixels per pixel
PICTURES: dict[str, tuple[str, int, int, float]] = {
    "front": ("/", 1440, 960, 1),
    "front-phone": ("/?lang=nl", 390, 844, 2),
    "results": ("/search?q=" + _POTASSIUM, 1440, 640, 1),
    "questions": ("/questions?example=diabetes&patient=pat-000852", 1440, 900, 1),
}
# What is pressed before the picture is taken, and what must be there then.
PRESSED = {"questions": (".acts .primary", ".result.yes, .result.no")}


def take(browser: Browser, base: str, name: str) -> Path:
    """One picture; ValueError for a page that cannot be shown, or more bytes than a README should carry."""
    path, width, height, scale = PICTURES[name]
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, locale="en-GB", color_scheme="light"
    )
    page = context.new_page()
    answer = page.goto(base.rstrip("/") + path)
    if answer is None or not answer.ok:
        raise ValueError(f"{path} cannot be shown: {answer.status if answer else 'no answer'}")
    if name in PRESSED:
        button, shown = PRESSED[name]
        page.locator(button).click()
        page.locator(shown).first.wait_for()
        page.wait_for_timeout(700)  # the check of the text comes a moment after the page
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    context.close()
    if file.stat().st_size > MOST:
        raise ValueError(f"{file.name} has {file.stat().st_size:,} bytes; the most is {MOST:,}")
    return file


def main() -> int:
    """Take all pictures of the server at the address given."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in PICTURES:
            file = take(browser, sys.argv[1], name)
            print(f"{file.relative_to(FOLDER.parent.parent)}  {file.stat().st_size:,} bytes")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
