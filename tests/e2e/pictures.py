"""The pictures of the README. They are taken only when `KINTOHUB_SCREENSHOTS` names a directory."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

WINDOW = {"width": 1280, "height": 800}


def picture(page: Page, name: str) -> None:
    directory = os.environ.get("KINTOHUB_SCREENSHOTS")
    if not directory:
        return
    Path(directory).mkdir(parents=True, exist_ok=True)
    page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    # The text cursor is hidden by an inline style, which the pages' own policy forbids.
    page.screenshot(path=Path(directory) / f"{name}.png", caret="initial")
