"""What every proxy does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from releases.proxy.base import Open, Proxy, ProxyRejected, Served, Slot, Table, Target, Traffic
from tests.proxy.apps import App
from tests.waiting import assert_becomes

HOST = "shop-1a2b3c.localhost"
ONE = Target("i1", "127.0.0.1", 9)
TWO = Target("i2", "127.0.0.1", 10)


def test_it_tells_its_name(proxy: Proxy) -> None:
    assert proxy.ping().split()[0] in ("Memory", "HAProxy")


def test_a_new_proxy_holds_nothing(proxy: Proxy) -> None:
    assert proxy.table() == Table()
    assert proxy.open(0) == Open()
    assert proxy.close(0, 10) == 0
    assert proxy.traffic(0) == Traffic()
    assert proxy.ask(HOST).release is None


def test_a_host_goes_to_the_release_in_its_slot(proxy: Proxy, blue: App, green: App) -> None:
    proxy.fill(Slot(3, "r1", (blue.target(),)))
    proxy.fill(Slot(4, "r2", (green.target(),)))
    proxy.point(HOST, 3)
    assert proxy.ask(HOST).release == "r1"
    proxy.point(HOST, 4)
    assert proxy.ask(HOST).release == "r2"
    proxy.point(HOST, 3)
    assert proxy.ask(HOST).release == "r1"
    assert proxy.table() == Table((Slot(3, "r1", (blue.target(),)), Slot(4, "r2", (green.target(),))), {HOST: 3})


def test_a_slot_is_asked_before_a_host_goes_there(proxy: Proxy, blue: App, green: App) -> None:
    proxy.fill(Slot(3, "r1", (blue.target(),)))
    proxy.point(HOST, 3)
    assert proxy.ask_slot(4, HOST).release is None
    proxy.fill(Slot(4, "r2", (green.target(),)))
    assert proxy.ask_slot(4, HOST).release == "r2"
    assert proxy.ask(HOST).release == "r1"
    with pytest.raises(ProxyRejected):
        proxy.ask_slot(-1, HOST)


def test_host_names_are_compared_without_case(proxy: Proxy, blue: App) -> None:
    proxy.fill(Slot(0, "r1", (blue.target(),)))
    proxy.point(HOST.upper(), 0)
    assert proxy.table().hosts == {HOST: 0}
    assert proxy.ask(HOST.upper()).release == "r1"


def test_a_forgotten_host_is_answered_by_nobody(proxy: Proxy, blue: App) -> None:
    proxy.fill(Slot(0, "r1", (blue.target(),)))
    proxy.point(HOST, 0)
    proxy.forget(HOST)
    proxy.forget(HOST)
    assert proxy.ask(HOST).release is None
    assert proxy.table().hosts == {}


def test_a_host_cannot_go_to_an_empty_slot(proxy: Proxy) -> None:
    with pytest.raises(ProxyRejected, match="no instance"):
        proxy.point(HOST, 7)
    assert proxy.table().hosts == {}


def test_every_call_can_be_repeated(proxy: Proxy) -> None:
    for _ in range(2):
        proxy.fill(Slot(1, "r1", (ONE, TWO)))
        proxy.point(HOST, 1)
    assert proxy.table() == Table((Slot(1, "r1", (ONE, TWO)),), {HOST: 1})
    for _ in range(2):
        proxy.forget(HOST)
        proxy.empty(1)
    assert proxy.table() == Table()


def test_fill_makes_the_slot_hold_exactly_these_targets(proxy: Proxy) -> None:
    moved = Target("i1", "127.0.0.2", 11)
    proxy.fill(Slot(1, "r1", (ONE, TWO)))
    proxy.point(HOST, 1)
    proxy.fill(Slot(1, "r1", (moved,)))
    assert proxy.table() == Table((Slot(1, "r1", (moved,)),), {HOST: 1})
    proxy.fill(Slot(1, "r1", (ONE, TWO)))
    assert proxy.table() == Table((Slot(1, "r1", (ONE, TWO)),), {HOST: 1})


def test_ipv6_targets(proxy: Proxy) -> None:
    slot = Slot(1, "r1", (Target("i1", "fd00::7", 80),))
    proxy.fill(slot)
    assert proxy.table().slots == (slot,)


def test_a_pointed_slot_without_targets_answers_for_nobody(proxy: Proxy, blue: App) -> None:
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    proxy.fill(Slot(1, "r1"))
    assert proxy.ask(HOST).release is None
    assert proxy.table() == Table((), {HOST: 1})


def test_a_pointed_slot_is_not_given_to_another_release(proxy: Proxy) -> None:
    proxy.fill(Slot(1, "r1", (ONE,)))
    proxy.point(HOST, 1)
    with pytest.raises(ProxyRejected, match="serves release r1"):
        proxy.fill(Slot(1, "r2", (TWO,)))
    assert proxy.table().slots == (Slot(1, "r1", (ONE,)),)
    proxy.forget(HOST)
    proxy.fill(Slot(1, "r2", (TWO,)))
    assert proxy.table().slots == (Slot(1, "r2", (TWO,)),)


def test_a_pointed_slot_is_not_emptied(proxy: Proxy) -> None:
    proxy.fill(Slot(1, "r1", (ONE,)))
    proxy.point(HOST, 1)
    with pytest.raises(ProxyRejected, match=HOST):
        proxy.empty(1)
    assert proxy.table().slots == (Slot(1, "r1", (ONE,)),)


def test_restore_makes_it_hold_the_table_and_says_what_it_did(proxy: Proxy) -> None:
    table = Table((Slot(1, "r1", (ONE, TWO)), Slot(2, "r2", (ONE,))), {HOST: 1, "blog-1a2b3c.localhost": 2})
    assert proxy.restore(table)
    assert proxy.table() == table
    assert proxy.restore(table) == []


def test_restore_repairs_only_what_is_wrong(proxy: Proxy) -> None:
    right, wrong, gone = "right.localhost", "wrong.localhost", "gone.localhost"
    for number in (1, 2, 3):
        proxy.fill(Slot(number, f"r{number}", (ONE,)))
    proxy.point(right, 1)
    proxy.point(wrong, 3)
    proxy.point(gone, 3)
    said = proxy.restore(Table((Slot(1, "r1", (ONE,)), Slot(2, "r2", (ONE, TWO))), {right: 1, wrong: 2}))
    text = "\n".join(said)
    assert proxy.table() == Table((Slot(1, "r1", (ONE,)), Slot(2, "r2", (ONE, TWO))), {right: 1, wrong: 2})
    assert wrong in text and gone in text and right not in text
    assert "Slot 2" in text and "Slot 3" in text and "Slot 1" not in text


def test_an_answer_tells_who_gave_it_and_how(proxy: Proxy, blue: App) -> None:
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    assert (proxy.ask(HOST).release, proxy.ask(HOST).status) == (None, 404)
    proxy.point(HOST, 1)
    answer = proxy.ask(HOST, "/any/path?with=query")
    assert (answer.release, answer.status, answer.problem) == ("r1", 200, "")
    assert 0 <= answer.seconds < 10
    proxy.fill(Slot(1, "r1"))
    answer = proxy.ask(HOST)
    assert (answer.release, answer.status, answer.problem) == (None, 503, "")


def test_answers_and_errors_are_counted_by_slot(proxy: Proxy, blue: App) -> None:
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    for _ in range(3):
        proxy.ask(HOST)
    assert_becomes(lambda: proxy.traffic(1), Traffic(answers=3, errors=0))
    proxy.fill(Slot(1, "r1"))
    proxy.ask(HOST)
    assert_becomes(lambda: proxy.traffic(1), Traffic(answers=4, errors=1))
    assert proxy.traffic(2) == Traffic()


def test_all_slots_are_told_of_at_once(proxy: Proxy, blue: App) -> None:
    assert proxy.served() == {}
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.fill(Slot(4, "r4", (blue.target("i1"), blue.target("i2"))))
    proxy.point(HOST, 1)
    assert proxy.served()[1].seconds is None
    proxy.ask(HOST)
    assert_becomes(lambda: proxy.traffic(1), Traffic(answers=1))
    served = proxy.served()
    assert set(served) == {1, 4}
    assert served[1].traffic == proxy.traffic(1) == Traffic(answers=1)
    assert served[1].seconds is not None and 0 <= served[1].seconds < 5
    assert served[1].answering == {"i1": True}
    assert (served[4].traffic, set(served[4].answering)) == (Traffic(), {"i1", "i2"})
    proxy.fill(Slot(1, "r1"))
    assert proxy.served()[1] == Served(traffic=Traffic(answers=1))
    assert proxy.traffic(1) == Traffic(answers=1)


def test_the_next_release_of_a_slot_begins_without_an_average(proxy: Proxy, blue: App) -> None:
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    proxy.ask(HOST)
    assert_becomes(lambda: proxy.traffic(1), Traffic(answers=1))
    proxy.forget(HOST)
    proxy.fill(Slot(1, "r2", (blue.target(),)))
    assert proxy.served()[1].seconds is None
    assert proxy.served()[1].traffic == Traffic(answers=1)


def test_it_tells_one_run_from_another(proxy: Proxy, restart: Callable[[], None]) -> None:
    before = proxy.started()
    assert proxy.started() == before
    restart()
    assert proxy.started() != before


BAD_SLOTS = [
    Slot(-1, "r1"),
    Slot(50, "r1"),
    Slot(1, "r1;shutdown"),
    Slot(1, ""),
    Slot(1, "r1", (Target("i 1", "127.0.0.1", 80),)),
    Slot(1, "r1", (Target("i.1", "127.0.0.1", 80),)),
    Slot(1, "r1", (Target("i1", "example.org", 80),)),
    Slot(1, "r1", (Target("i1", "127.0.0.1", 0),)),
    Slot(1, "r1", (Target("i1", "127.0.0.1", 70000),)),
    Slot(1, "r1", (ONE, ONE)),
]


@pytest.mark.parametrize("slot", BAD_SLOTS, ids=str)
def test_a_wrong_slot_is_refused(proxy: Proxy, slot: Slot) -> None:
    with pytest.raises(ProxyRejected):
        proxy.fill(slot)
    with pytest.raises(ProxyRejected):
        proxy.restore(Table((slot,)))
    assert proxy.table() == Table()


@pytest.mark.parametrize(
    "host", ["", "a b", "a;b", "a\nb", "a/b", "-a", "a..b", "ä", "a" * 64, "a:80", "a." * 130 + "b"]
)
def test_a_wrong_host_is_refused(proxy: Proxy, host: str) -> None:
    proxy.fill(Slot(1, "r1", (ONE,)))
    for call in (lambda: proxy.point(host, 1), lambda: proxy.forget(host), lambda: proxy.ask(host)):
        with pytest.raises(ProxyRejected, match="host name"):
            call()
