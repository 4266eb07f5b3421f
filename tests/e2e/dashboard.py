"""What people do on the dashboard, in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Dialog, Error, Locator, Page, expect

from tests.e2e.stack import Stack

LIVE = 90_000.0  # milliseconds a deploy may take in a test: far more than it does
GIVEN_UP = ("ERR_NETWORK_CHANGED", "interrupted by another navigation")
TABS = {
    "Branch": "Repository",
    "Build Command": "Build Settings",
    "Start Command": "Build Settings",
    "Service Name": "Build Settings",
    "Port": "Build Settings",
    "Deploy Timeout": "Advanced",
    "Instances": "Advanced",
    "Undo Window": "Advanced",
    "Paste a .env file": "Environment Variables",
}


class Dashboard:
    """`page` is the browser's; the methods leave it where a person would be."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page, self.stack = page, stack

    def log_in(self, user: str, password: str) -> None:
        self.go(self.stack.url)
        self.page.get_by_label("Username").fill(user)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log In").click()
        expect(self.page.get_by_label(f"Account menu of {user}")).to_be_visible()

    def go(self, address: str) -> None:
        """Once more when Chromium gave up, or loaded it again, because a container got its network in that moment."""
        try:
            self.page.goto(address)
        except Error as error:
            if not any(reason in error.message for reason in GIVEN_UP):
                raise
            self.page.goto(address)

    def open(self, environment: str = "production") -> None:
        """The service list of an environment, by the switcher at the top left; made if there is none."""
        self.go(self.stack.url)
        self.page.locator("details.switcher summary").click()
        wanted = self.page.get_by_label("Environments").get_by_role("link", name=re.compile(rf"^{environment}\b"))
        if wanted.count():
            wanted.click()
        else:
            self.page.get_by_role("link", name="Create Environment").click()
            self.page.get_by_label("Name").fill(environment)
            self.page.get_by_role("button", name="Create Environment").click()
        expect(self.page.locator("details.switcher summary")).to_contain_text(environment)

    def connect(self, repository: Path) -> None:
        """Create Service, up to the proposed Build Settings."""
        self.page.get_by_role("link", name="Create Service").first.click()
        self.page.get_by_label("Repository URL").fill(f"file://{repository}")
        self.page.get_by_role("button", name="Connect").click()
        expect(self.tab("Build Settings")).to_have_attribute("aria-selected", "true")

    def fill(self, **fields: str) -> None:
        """By label, with _ for spaces; opens the tab of each."""
        for name, value in fields.items():
            label = name.replace("_", " ")
            self.tab(TABS[label]).click()
            self.field(label).fill(value)

    def field(self, label: str) -> Locator:
        """By its label, which says more where a value was detected."""
        return self.page.get_by_label(re.compile(rf"^\s*{label}\s*(optional)?\s*(detected)?\s*$"))

    def paste_variables(self, text: str, secret: bool) -> None:
        self.tab("Environment Variables").click()
        self.page.locator("[name=dotenv]").fill(text)
        self.page.locator("[name=dotenv_secret]").set_checked(secret)

    def press_deploy(self) -> None:
        self.page.get_by_role("button", name="Deploy", exact=True).click()
        self.page.wait_for_url("**/releases/1/")

    def create(self, repository: Path, environment: str = "staging", **fields: str) -> None:
        """A service from a repository, deployed with what Connect proposes and with `fields`."""
        self.open(environment)
        self.connect(repository)
        self.fill(**fields)
        self.press_deploy()

    def trigger_deploy(self) -> None:
        """From a page of the service to the page of its new release."""
        self.page.get_by_role("button", name="Trigger Deploy").click()
        self.page.wait_for_url(re.compile(r"/releases/\d+/$"))

    def row(self, service: str) -> Locator:
        """Of the service list."""
        name = self.page.get_by_role("link", name=service, exact=True)
        return self.page.get_by_role("article").filter(has=name)

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=name)

    def open_tab_of_service(self, name: str) -> None:
        """Overview or Releases, from any page of the service."""
        code, service = self.where
        self.go(f"{self.stack.url}/environments/{code}/services/{service}/")
        if name != "Overview":
            self.page.get_by_role("navigation", name=service).get_by_role("link", name=name).click()

    def expect_status(self, status: str, timeout: float = LIVE) -> None:
        """On the release page: its final status; one that is final and another fails at once."""
        final = re.compile("live|failed|aborted|retired|superseded")
        release = self.page.locator("#release")
        expect(release).to_have_attribute("data-status", final, timeout=timeout)
        assert release.get_attribute("data-status") == status, release.inner_text() + "\n" + self.log_text()

    def expect_taken_back(self) -> None:
        """On the page of a release that went live."""
        expect(self.page.locator("#release")).to_have_attribute("data-status", "failed", timeout=LIVE)
        expect(self.page.get_by_role("alert")).to_contain_text("Taken back")

    @property
    def where(self) -> tuple[str, str]:
        """Environment's code and service of the open page."""
        found = re.search(r"/environments/([0-9a-f]{6})/services/([a-z0-9-]+)/", self.page.url)
        assert found, self.page.url
        return found[1], found[2]

    @property
    def host(self) -> str:
        """The public host name of the service whose page is open."""
        code, service = self.where
        return f"{service}-{code}.localhost:{self.stack.public_port}"

    def log_text(self) -> str:
        """The log of the open release, downloaded."""
        answer = self.page.request.get(f"{self.page.url.split('#')[0]}log.txt")
        assert answer.ok
        return answer.text()

    def copied_log(self) -> str:
        """What the viewer holds, by its own button."""
        self.page.evaluate("() => navigator.clipboard.writeText('')")
        self.page.get_by_role("button", name="Copy the whole log").click()
        self.page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
        return str(self.page.locator("[data-log]").evaluate("() => navigator.clipboard.readText()"))

    def log_rows(self, text: str) -> Locator:
        return self.page.locator(".log-row .log-text", has_text=text)

    @contextmanager
    def dialogs(self) -> Iterator[list[str]]:
        """The dialogs that scripts opened in the meantime."""
        opened: list[str] = []

        def note(dialog: Dialog) -> None:
            opened.append(dialog.message)
            dialog.dismiss()

        self.page.on("dialog", note)
        yield opened
        self.page.remove_listener("dialog", note)
