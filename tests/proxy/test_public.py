"""What visitors and applications see of the proxy."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time

import pytest

from releases.proxy.base import Slot
from tests.proxy.apps import App
from tests.proxy.conftest import Running

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"


@pytest.fixture
def serving(haproxy: Running, blue: App) -> Running:
    haproxy.proxy.fill(Slot(0, "r1", (blue.target(),)))
    haproxy.proxy.point(HOST, 0)
    return haproxy


def headers_at_the_application(body: str) -> dict[str, str]:
    return {name.lower(): value for name, value in json.loads(body)["headers"].items()}


def test_an_unknown_host_is_told_so(serving: Running) -> None:
    status, body, headers = serving.get("nobody.localhost:8080")
    assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert body == "404: no service has the address nobody.localhost here.\n"


def test_markup_in_the_host_stays_text(serving: Running) -> None:
    status, body, headers = serving.get("<script>alert(1)</script>")
    assert status in (400, 404)
    assert "text/html" not in headers["content-type"] or "script" not in body


@pytest.mark.parametrize("host", [HOST.upper(), f"{HOST}:8080", f"{HOST}."])
def test_one_address_in_other_words(serving: Running, host: str) -> None:
    assert serving.get(host)[0] == 200


def test_what_a_client_says_about_itself_is_replaced(serving: Running) -> None:
    forged = {
        "X-Forwarded-For": "9.9.9.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "bank.example",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Prefix": "/admin",
        "X-Real-IP": "9.9.9.9",
        "Forwarded": "for=9.9.9.9",
    }
    seen = headers_at_the_application(serving.get(HOST, **forged)[1])
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-host"] == HOST
    assert seen["x-forwarded-port"] == str(serving.parameters.public_port)
    assert not {"x-forwarded-prefix", "x-real-ip", "forwarded"} & seen.keys()


def test_who_answered_is_told_to_the_platform_only(serving: Running) -> None:
    token = serving.parameters.probe_token
    _, body, headers = serving.get(HOST, **{"X-KintoHub-Probe": token})
    assert headers["x-kintohub-release"] == "r1"
    assert "x-kintohub-probe" not in headers_at_the_application(body)
    for guess in ({}, {"X-KintoHub-Probe": "guess"}):
        assert "x-kintohub-release" not in serving.get(HOST, **guess)[2]


def test_an_answer_of_the_proxy_itself_is_nobodys(serving: Running) -> None:
    serving.proxy.fill(Slot(0, "r1"))
    status, _, headers = serving.get(HOST, **{"X-KintoHub-Probe": serving.parameters.probe_token})
    assert status == 503
    assert "x-kintohub-release" not in headers


def test_a_client_that_sends_its_headers_slowly_is_let_go(serving: Running) -> None:
    with socket.create_connection(("127.0.0.1", serving.parameters.public_port), timeout=15) as slow:
        began = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert slow.recv(100).startswith(b"HTTP/1.1 408")
    assert 8 < time.monotonic() - began < 13


def test_headers_are_limited(serving: Running) -> None:
    assert serving.get(HOST, Large="x" * 20_000)[0] == 400
    assert serving.get(HOST, **{f"H{number}": "x" for number in range(150)})[0] == 400


def test_http_2_in_front(serving: Running) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    url = f"http://127.0.0.1:{serving.parameters.public_port}/"
    command = ["curl", "-s", "--http2-prior-knowledge", "-H", f"Host: {HOST}", "-w", "\n%{http_version}", url]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    assert answer.endswith("\n2") and '"blue"' in answer
