"""What long logs cost a browser: the time in which it cannot answer, and how smoothly it scrolls."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence

from django.conf import settings
from playwright.sync_api import Page, expect, sync_playwright

from releases.logs.lines import BUILD
from releases.logs.writer import ReleaseLog
from tests.bench import figures, readme
from tests.bench.logs.place import Place, finish
from tests.browser.conftest import CHROMIUM, SWITCHES

COUNTS = (10_000, 100_000)
HEAD = ("lines", "shown after", "long tasks in total", "the longest", "scroll frames p50", "p99")
WATCH = """
  window.longTasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.longTasks.push(entry.duration)))
    .observe({ type: "longtask", buffered: true });
"""
SCROLL = """async () => {
  const box = document.querySelector("[data-log-scroll]");
  const times = [];
  let before = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 240; step++) {
    box.scrollTop = step % 40 === 39 ? Math.random() * box.scrollHeight : box.scrollTop - 90;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  return times;
}"""


def table(place: Place) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": place.cookie.partition("=")[2], "url": place.web.url}
        context.add_cookies([cookie])
        rows = list(_rows(place, context.new_page()))
        browser.close()
    return readme.table(HEAD, rows)


def _rows(place: Place, page: Page) -> Iterator[Sequence[object]]:
    page.add_init_script(WATCH)
    for count in COUNTS:
        row = _row(place, page, count)
        print(*row, flush=True)
        yield row


def _row(place: Place, page: Page, count: int) -> Sequence[object]:
    release = place.new_release(f"long-{count}")
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"".join(_line(number) for number in range(1, count + 1)), 1.0)
    finish(release)
    begun = time.monotonic()
    page.goto(place.web.url + release.get_absolute_url())
    expect(page.locator("[data-log-state]")).to_have_text(re.compile(f"{count:,} lines"), timeout=60_000)
    shown = time.monotonic() - begun
    tasks = page.evaluate("window.longTasks")
    frames = [float(each) / 1000 for each in page.evaluate(SCROLL)]
    return (
        f"{count:,}",
        f"{shown:.1f} s",
        f"{sum(tasks):.0f} ms",
        f"{max(tasks, default=0):.0f} ms",
        figures.milliseconds(figures.median(frames)),
        figures.milliseconds(figures.percentile(frames, 99)),
    )


def _line(number: int) -> bytes:
    """Every fifth with colours."""
    text = b"package-%d (from -r requirements.txt)" % (number * 7919 % 9973)
    return b"%s %s\n" % (b"\x1b[32mCollecting\x1b[0m" if number % 5 == 0 else b"Collecting", text)
