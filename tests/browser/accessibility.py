"""What axe finds on a page, in both themes and at both widths."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 360)
SCHEMES = ("light", "dark")
SETTLED = 300  # milliseconds until the colours of the other theme have arrived everywhere


def violations(page: Page) -> list[str]:
    """One line for each rule that is broken: width, theme, rule, the first elements."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_timeout(SETTLED)
            for rule in Axe().run(page).response["violations"]:
                elements = [node["html"][:100] for node in rule["nodes"][:3]]
                found.append(f"{width} {scheme} {rule['id']}: {elements}")
        if is_wider_than_the_window(page):
            found.append(f"{width}: the page scrolls sideways")
    return found


def is_wider_than_the_window(page: Page) -> bool:
    root = page.locator("html")
    return bool(root.evaluate("element => element.scrollWidth > element.clientWidth"))
