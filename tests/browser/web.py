"""The whole web process (pages, static files, sockets) on the tests' database; it can be stopped and started again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import quote

from django.conf import settings
from django.db import connection

APPLICATION = "kintohub.asgi:application"
START_SECONDS = 30.0


class Web:
    """The product's server, not forked from the tests: a copy of an open SQLite connection breaks the database."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process."""
        return self._process.pid

    def start(self) -> None:
        line = [sys.executable, "-m", "kintohub.webserver", "-b", "127.0.0.1", "-p", str(self.port), "-v", "0"]
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.browser.served_settings",
            "KINTOHUB_DATABASE_URL": database_url(),
            "KINTOHUB_REDIS_URL": self._redis_url,
            "KINTOHUB_HOSTS": "localhost",
        }
        self._process = subprocess.Popen([*line, APPLICATION], env=environment, cwd=settings.BASE_DIR)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("The web process did not start.")
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def database_url() -> str:
    """The address of the database of this test process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    host = quote(database["HOST"], safe="")  # the directory of its socket, perhaps
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{login}@{host}{port}/{database['NAME']}"
