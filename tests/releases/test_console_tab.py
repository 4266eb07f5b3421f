"""The Console tab and its addresses: who may look, the last lines, earlier ones, search, download."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from releases.logs import store
from releases.logs.lines import PLATFORM, Block, Line
from releases.models import LogStream
from services.models import Service
from tests.factories import Cast, make_service

PAGES = ("console", "console_text", "console_search", "console_lines")


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


def address(service: Service, page: str = "console", query: str = "") -> str:
    return reverse(page, args=[service.environment.code, service.name]) + query


def fill(service: Service, lines: int) -> None:
    stream = LogStream.objects.create(service=service)
    for first in range(1, lines + 1, 500):
        numbers = range(first, min(first + 500, lines + 1))
        rows = [Line(1_700_000_000_000 + n, f"#1 web-{n % 2 + 1}", f"line {n}") for n in numbers]
        store.append(stream.pk, Block.of(first, rows))
    store.append(stream.pk, Block.of(lines + 1, [Line(1_700_000_000_000, PLATFORM, "#1 web-1 was stopped.")]))


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_told_that_there_is_nothing(page: str, service: Service, stranger_client: Client) -> None:
    assert stranger_client.get(address(service, page, "?q=a&before=1")).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_viewers_may_read(page: str, service: Service, viewer_client: Client) -> None:
    assert viewer_client.get(address(service, page, "?q=a&before=1")).status_code == 200


def test_a_service_without_a_line_says_so(service: Service, viewer_client: Client) -> None:
    page = viewer_client.get(address(service)).content.decode()
    assert f'data-log="/ws/services/{service.pk}/console"' in page
    assert "What the instances of this service print appears here." in page
    assert viewer_client.get(address(service, "console_lines", "?before=9")).json() == {"f": 1, "n": 0, "b": ""}


def test_the_page_offers_the_instances_that_speak(service: Service, viewer_client: Client) -> None:
    fill(service, 10)
    page = viewer_client.get(address(service)).content.decode()
    assert '<option value="#1 web-1">' in page
    assert '<option value="#1 web-2">' in page
    assert "line 10" in page  # for a browser without JavaScript


def test_earlier_lines_come_up_to_the_line_asked_for(service: Service, viewer_client: Client) -> None:
    fill(service, 6_200)
    page = viewer_client.get(address(service, "console_lines", "?before=6001")).json()
    assert page["f"] + page["n"] == 6_001
    assert page["n"] >= 5_000
    rows = page["b"].split("\n")
    assert len(rows) == page["n"]
    assert rows[-1].endswith("line 6000")
    first = viewer_client.get(address(service, "console_lines", f"?before={page['f']}")).json()
    assert (first["f"], first["n"]) == (1, page["f"] - 1)


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "99999999999"])
def test_a_line_that_is_no_number_is_refused(before: str, service: Service, viewer_client: Client) -> None:
    answer = viewer_client.get(address(service, "console_lines", f"?before={before}"))
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_search_looks_through_all_that_is_kept(service: Service, viewer_client: Client) -> None:
    fill(service, 3_000)
    answer = viewer_client.get(address(service, "console_search", "?q=line+2999")).json()
    assert (answer["total"], answer["hits"]) == (1, [2_999])
