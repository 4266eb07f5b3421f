"""What visitors and applications see of the proxy."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Callable

import pytest

from releases.proxy.base import Slot
from tests.proxy.apps import App, answers_with
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


NAMES = [
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Forwarded_Proto",
    "X_REAL_IP",
    "x-real-ip",
    "Forwarded",
    "X-Forwarded-X",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_spelling_of_a_forwarded_header_passes(serving: Running, name: str) -> None:
    seen = headers_at_the_application(serving.get(HOST, **{name: "9.9.9.9"})[1])
    assert "9.9.9.9" not in seen.values()
    assert seen["x-forwarded-for"] == "127.0.0.1"


def test_connection_cannot_name_our_headers_as_to_be_dropped(serving: Running) -> None:
    """A proxy inside the application would drop what Connection names."""
    for upgrade in ({}, {"Upgrade": "something"}):
        forged = {"Connection": "close, X-Forwarded-For, X-Forwarded-Proto", **upgrade}
        seen = headers_at_the_application(serving.get(HOST, **forged)[1])
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert "forwarded" not in seen.get("connection", "").lower()


@pytest.fixture
def curl(serving: Running) -> Callable[..., str]:
    """Status, protocol and body of a request over HTTP/2 without TLS (prior knowledge)."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")

    def ask(*arguments: str, path: str = "/") -> str:
        url = f"http://127.0.0.1:{serving.parameters.public_port}{path}"
        options = ("-s", "--http2-prior-knowledge", "-H", f"Host: {HOST}", "-w", "\n%{http_code} %{http_version}")
        return subprocess.run(
            ["curl", *options, *arguments, url], capture_output=True, text=True, timeout=10, check=True
        ).stdout

    return ask


def test_http_2_in_front(curl: Callable[..., str]) -> None:
    answer = curl("-d", "a body")
    assert answer.endswith("\n200 2") and '"blue"' in answer and '"POST"' in answer


def test_nothing_is_forged_over_http_2_either(curl: Callable[..., str]) -> None:
    forged = [argument for name in NAMES for argument in ("-H", f"{name}: 9.9.9.9")]
    seen = headers_at_the_application(curl(*forged, "-H", "Connection: X-Forwarded-For").splitlines()[0])
    assert "9.9.9.9" not in seen.values()
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert seen["x-forwarded-host"] == HOST


def test_too_many_headers_are_told_so(serving: Running, curl: Callable[..., str]) -> None:
    status, body, _ = serving.get(HOST, **{f"H{number}": "x" for number in range(110)})
    assert (status, body) == (431, "431: the request has more than 100 headers.\n")
    assert curl(*[part for number in range(110) for part in ("-H", f"H{number}: x")]).endswith("\n431 2")


def test_large_headers_are_refused(serving: Running) -> None:
    assert serving.get(HOST, Large="x" * 20_000)[0] == 400
    assert serving.get(HOST, Large="x" * 12_000)[0] == 200


def test_an_event_stream_arrives_as_it_is_sent(serving: Running) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answers_with(head + b"9\r\ndata: 1\n\n\r\n", seconds=100) as target:
        serving.proxy.fill(Slot(1, "r2", (target,)))
        serving.proxy.point(HOST, 1)
        visitor = http.client.HTTPConnection("127.0.0.1", serving.parameters.public_port, timeout=60)
        visitor.request("GET", "/", headers={"Host": HOST, "Accept": "text/event-stream"})
        answer = visitor.getresponse()
        assert answer.readline() == b"data: 1\n"
        visitor.close()
