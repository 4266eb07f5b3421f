"""Presses the dashboard's buttons as a browser without scripts would: pages, forms and a session's cookies."""

from __future__ import annotations

import http.client
import re
import time
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

SECONDS = 60.0


class Session:
    """Logged in after `log_in`. `press` gives the address that the answer leads to."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def log_in(self, user: str, password: str) -> None:
        self.press("/account/login/", login=user, password=password)

    def page(self, path: str) -> str:
        """The page at this path, or the one it leads to."""
        status, where, text = self._ask("GET", path)
        return self.page(where) if status in (301, 302) else text

    def home(self) -> str:
        """Where the start page leads to: the environment's path."""
        return self._ask("GET", "/")[1]

    def press(self, path: str, **fields: str) -> str:
        """Raises AssertionError when the form came back instead of being accepted."""
        if not self._token:
            self.page(path)
        body = urlencode({"csrfmiddlewaretoken": self._token, **fields})
        status, where, text = self._ask("POST", path, body)
        assert status == 302, f"{path} answered {status}: {_plain(text)[:2000]}"
        return where

    def wait_for(self, path: str, text: str) -> None:
        deadline = time.monotonic() + SECONDS
        while text not in (page := self.page(path)):
            assert time.monotonic() < deadline, _plain(page)[:2000]
            time.sleep(0.1)

    @property
    def _token(self) -> str:
        """Its cookie is named after the installation."""
        return next((value for name, value in self._cookies.items() if name.startswith("kh_csrf")), "")

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("localhost", self._port, timeout=SECONDS)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self._cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
            where = urlsplit(answer.headers.get("Location", ""))
            return answer.status, where.path, answer.read().decode()
        finally:
            connection.close()


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2] or page).split())
