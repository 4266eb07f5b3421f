"""The search for secrets in an image of the memory engine."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from releases.canary.search import Search, Searched
from releases.canary.secret import Find, Secret
from releases.engine.base import BuildRequest, Cancelled, Labels, Rejected, Unavailable
from releases.engine.memory import Behaviour, MemoryEngine
from tests.engine.rigs import LIMITS, ignore, never, tar_of

VALUE = "s3cr3t/Pass word+1&é"
TOKEN = Secret("TOKEN", VALUE)


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine("test")


def search(engine: MemoryEngine, files: dict[str, str], *secrets: Secret, **options: float) -> Searched:
    context = tar_of({"Dockerfile": "", **files})
    image = engine.build(BuildRequest("kh-test-app:1", context, "Dockerfile", LIMITS, 10), ignore, never)
    return Search(engine, image.digest, 0, secrets or (TOKEN,), Labels(), never, **options).run()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        VALUE,
        quote(VALUE),
        quote(VALUE, safe="").replace("%2F", "%2f").replace("%C3%A9", "%c3%a9").replace("%2B", "%2b"),
        json.dumps(VALUE),
        b64encode(VALUE.encode()).decode(),
        b64encode(b"a:" + VALUE.encode()).decode(),
        b64encode(b"ab:" + VALUE.encode() + b"\n").decode(),
    ],
)
def test_a_file_is_found_however_it_is_written(engine: MemoryEngine, written: str) -> None:
    found = search(engine, {"first": "nothing", "src/.env": f"x={written}\n"})
    assert found.finds == (Find("TOKEN", "FROM scratch", "src/.env", 0),)
    assert found.stopped == ""


def test_nothing_is_found_where_nothing_is(engine: MemoryEngine) -> None:
    found = search(engine, {"a": "s3cr3t/Pass", "b": " word+1"})
    assert (found.finds, found.stopped) == ((), "")
    assert found.size > 0


@pytest.mark.parametrize("before", [2**20 - 1540, 2**20 - 10, 2**20, 3 * 2**20 + 7])
def test_a_secret_across_the_border_of_two_pieces_is_found(engine: MemoryEngine, before: int) -> None:
    engine.behave("*", Behaviour())
    found = search(engine, {"big": "x" * min(before, 2**20 - 30) + VALUE, "other": "y" * before})
    assert [find.path for find in found.finds] == ["big"]


def test_a_step_that_tells_it_is_found_and_shown_without_it(engine: MemoryEngine) -> None:
    engine.behave("*", Behaviour(build_lines=("Step 1/2 : FROM scratch", f"Step 2/2 : RUN login {VALUE}")))
    assert search(engine, {}).finds == (Find("TOKEN", "RUN login ••••••"),)


def test_of_several_secrets_each_is_told(engine: MemoryEngine) -> None:
    other = Secret("OTHER", "0ther-value")
    found = search(engine, {"a": VALUE, "b": other.value, "c": "third-1-value"}, TOKEN, other)
    assert {(find.secret, find.path) for find in found.finds} == {("TOKEN", "a"), ("OTHER", "b")}


def test_the_bounds_hold_and_are_told(engine: MemoryEngine) -> None:
    files = {"a": "x" * 900_000, "b": "x" * 900_000, "z": VALUE}
    stopped = search(engine, files, limit=1_000_000)
    assert stopped.finds == ()
    assert stopped.stopped.startswith("The search for secrets ended at its bound of 5 seconds or 0 MiB")
    assert [find.path for find in search(engine, files).finds] == ["z"]


@pytest.mark.parametrize("error", [Rejected("This engine shows no layers."), Unavailable("It is too slow.")])
def test_an_engine_that_shows_no_files_ends_the_search_and_not_the_release(
    engine: MemoryEngine, error: Rejected | Unavailable
) -> None:
    engine.fail("read_layers", error)
    found = search(engine, {"a": VALUE})
    assert (found.finds, found.size) == ((), 0)
    assert str(error) in found.stopped


def test_it_can_be_cancelled(engine: MemoryEngine) -> None:
    image = engine.build(
        BuildRequest("kh-test-app:1", tar_of({"Dockerfile": ""}), "Dockerfile", LIMITS, 10), ignore, never
    )
    with pytest.raises(Cancelled):
        Search(engine, image.digest, 0, (TOKEN,), Labels(), lambda: True).run()


@pytest.mark.parametrize("value", ["production", "postgres", "true", "12345678", "aaaaaaaa1", "Development", "x1y2"])
def test_words_are_not_looked_for(value: str) -> None:
    assert not Secret("X", value).is_distinctive


@pytest.mark.parametrize("value", [VALUE, "hunter2hunter3", "abcdefghijklmnopqrstuvwxyz", "postgres://a:b@db/x"])
def test_secrets_are_looked_for(value: str) -> None:
    assert Secret("X", value).is_distinctive


def test_a_key_of_many_lines_is_looked_for_by_its_longest() -> None:
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    forms = Secret("X", f"-----BEGIN PRIVATE KEY-----\n{line}\nshort\n-----END PRIVATE KEY-----\n").forms
    assert line.encode() in forms
    assert b"-----BEGIN PRIVATE KEY-----" not in forms


def test_nothing_shows_a_value() -> None:
    assert VALUE not in repr(TOKEN)
