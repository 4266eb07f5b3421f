"""The log of a release in a browser: every line once and in order, harmless whatever it holds, secrets masked."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.apps import Origin, held_build, let_go, python_app, server
from tests.e2e.dashboard import LIVE, Dashboard
from tests.e2e.stack import Stack

SECRET = "s3cret-Harbour-97"
MARKUP = '<script>alert("log")</script><img src=x onerror=alert("image")>'
STRANGE = f"""\
import sys

out = sys.stdout.buffer
out.write(b"\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07 \\x1b[2J after\\n")
out.write(b'{MARKUP}\\n')
out.write(b"caf\\xe9 \\xff\\xfe end\\n")
out.write(b"10 percent\\r90 percent\\r100 percent\\n")
out.flush()
"""
MANY = 500_000
LOUD = f"""\
import sys

for first in range(0, {MANY}, 1000):
    sys.stdout.write("".join(f"{{number:07d}} {{'x' * 92}}\\n" for number in range(first, first + 1000)))
"""
TIME = re.compile(r"^[0-9-]{10} [0-9:.]{12}Z ")


def test_a_reload_in_the_middle_loses_and_repeats_nothing(dashboard: Dashboard, place: Path, tmp_path: Path) -> None:
    files = python_app(server("Hello"), build=held_build(60, held=25))
    origin = Origin(place / "steps.git", tmp_path / "steps", files, "Count to sixty")
    dashboard.create(origin.place, Build_Command="python build.py steps")
    expect(dashboard.log_rows("Step 25 of 60")).to_be_visible(timeout=LIVE)
    dashboard.page.reload()
    expect(dashboard.log_rows("Step 25 of 60")).to_be_visible()
    expect(dashboard.page.locator("#release")).to_have_attribute("data-status", "deploying")
    let_go("python build.py steps")
    dashboard.page.reload()
    dashboard.expect_status("live")
    expect(dashboard.log_rows("│ Ready")).to_be_visible()
    expect(dashboard.page.locator("#release")).not_to_have_attribute("hx-get", re.compile("."))
    shown = dashboard.copied_log()
    steps = re.findall(r"Step (\d+) of 60", shown)
    assert [int(step) for step in steps] == list(range(1, 61))
    assert words_of(shown) == words_of(dashboard.log_text())


def test_output_and_commits_are_text_whatever_they_hold(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    at_start = 'print("token", os.environ["TOKEN"], "\\x1b[32mgreen\\x1b[0m", flush=True)'
    files = python_app(server("Hello", at_start), build=STRANGE)
    origin = Origin(place / "strange.git", tmp_path / "strange", files, f"\x1b[31mRed\x1b[0m {MARKUP}")
    with dashboard.dialogs() as opened:
        dashboard.open("staging")
        dashboard.connect(origin.place)
        dashboard.fill(Build_Command="python build.py")
        dashboard.paste_variables(f"TOKEN={SECRET}\n", secret=True)
        dashboard.press_deploy()
        dashboard.expect_status("live")
        expect(dashboard.log_rows("strange-1 │ token •••••• green")).to_be_visible()
        expect(dashboard.log_rows(MARKUP)).to_be_visible()
        expect(dashboard.page.locator(".log-row").get_by_text("red", exact=True)).to_have_class(
            re.compile("ansi|red|fg")
        )
        page, text = dashboard.page.content(), dashboard.log_text()
        assert dashboard.page.locator("main script, main img").count() == 0
        dashboard.open_tab_of_service("Releases")
        expect(dashboard.page.get_by_text(MARKUP)).to_be_visible()
        assert dashboard.page.locator("main script, main img").count() == 0
    assert opened == []
    assert "caf� �� end" in text
    assert "100 percent" in text
    assert "\x1b" not in text
    assert SECRET not in page + text


def test_a_build_that_prints_very_much_is_cut_and_said(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    files = python_app(server("Hello"), build=LOUD)
    origin = Origin(place / "loud.git", tmp_path / "loud", files, "Shout")
    dashboard.create(origin.place, Build_Command="python build.py")
    dashboard.expect_status("live", timeout=300_000)
    text = dashboard.log_text()
    assert "From here on only its last 2,000 lines are kept." in text
    assert "lines were left out." in text
    assert f"{MANY - 1:07d} xxx" in text
    assert len(text) < 40_000_000
    expect(dashboard.log_rows("│ Ready")).to_be_visible(timeout=LIVE)


def words_of(log: str) -> list[str]:
    """The lines without the time and the mark of their source, which copy and download write differently."""
    lines = [TIME.sub("", line) for line in log.splitlines() if line]
    return [re.sub(r"^(> |\[build-error\] |\[([a-z]+-\d+)\] |== .*)", r"\2", line).replace(" │ ", "") for line in lines]
