"""Present, pulled, or built: in this order, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from releases.baseimages.command import CommandFailed
from releases.baseimages.ensure import Means, ensure
from releases.baseimages.names import find_recipe
from releases.baseimages.tree import Plan
from releases.engine.base import BuildFailed, Cancel, Cancelled, EngineError, Image, NotFound
from releases.engine.memory import Behaviour, MemoryEngine
from tests.baseimages.cast import Log, make_means, never, one_file
from tests.waiting import until


class Bench:
    """An engine whose registry is out of reach, unless a test says otherwise."""

    def __init__(self, reachable: bool = False) -> None:
        self.engine = MemoryEngine("aaaaaaaa")
        self.log = Log()
        if not reachable:
            self.engine.fail("pull_image", times=9)

    def get(self, name: str, means: Means, cancelled: Cancel = never) -> Image:
        return ensure(self.engine, name, find_recipe(name), self.log, cancelled, 20, means)


def refused_trees(plan: Plan) -> None:
    raise AssertionError("nothing should be built")


def test_an_image_on_the_engine_is_used_as_it_is(tmp_path: Path) -> None:
    bench = Bench(reachable=True)
    means = make_means(tmp_path, refused_trees)
    image = bench.get("python:3.13", means)
    bench.engine.fail("pull_image")
    bench.log.text = ""
    assert bench.get("python:3.13", means) == image
    assert bench.log.text == ""


def test_a_reachable_registry_comes_first(tmp_path: Path) -> None:
    bench = Bench(reachable=True)
    bench.get("python:3.13", make_means(tmp_path, refused_trees))
    assert bench.log.text == "Pulling python:3.13.\nPulled python:3.13\n"


def test_a_stand_in_says_that_it_is_one(tmp_path: Path) -> None:
    bench = Bench()
    assert bench.get("python:3.13", make_means(tmp_path)).name == "python:3.13"
    assert "Building python:3.13 from packages of Debian trixie instead." in bench.log.text
    assert "it stands in for the official image" in bench.log.text
    assert not list((tmp_path / "work").glob("tree-*"))


def test_an_image_that_the_registry_lacks_is_built_too(tmp_path: Path) -> None:
    bench = Bench(reachable=True)
    bench.engine.fail("pull_image", NotFound("The registry has no image python:3.13."))
    means = make_means(tmp_path)
    bench.get("python:3.13", means)
    assert not means.refusals.covers("python:3.13")


def test_a_registry_out_of_reach_is_asked_once(tmp_path: Path) -> None:
    bench = Bench()
    means = make_means(tmp_path)
    bench.get("python:3.13", means)
    bench.get("node:20", means)
    assert bench.log.text.count("Pulling") == 1


def test_languages_of_a_suite_share_its_image_and_no_installation_removes_it(tmp_path: Path) -> None:
    suites: list[str] = []

    def counted(plan: Plan) -> None:
        suites.append(plan.suite)
        one_file(plan)

    bench = Bench()
    means = make_means(tmp_path, counted)
    for name in ("python:3.13", "python:3.13-slim", "node:20", "debian:trixie"):
        bench.get(name, means)
    assert suites == ["trixie"]
    bench.engine.purge()
    assert bench.engine.find_image("python:3.13") and bench.engine.find_image("debian:trixie-slim")


def test_many_at_once_build_once(tmp_path: Path) -> None:
    suites: list[str] = []

    def slow(plan: Plan) -> None:
        suites.append(plan.suite)
        until(lambda: "waiting for it" in bench.log.text)
        one_file(plan)

    bench = Bench()
    means = make_means(tmp_path, slow)
    with ThreadPoolExecutor(4) as pool:
        images = list(
            pool.map(lambda name: bench.get(name, means), ["python:3.13", "python:3.13", "node:20", "node:20"])
        )
    assert suites == ["trixie"]
    assert images[0] == images[1] and images[2] == images[3]


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("node:26", {}, "Debian has no packages of this version"),
        ("python:3.13", {"is_root": False}, "needs root"),
        ("python:3.13", {"missing_programs": ("debootstrap",)}, "needs the program debootstrap"),
        ("python:3.13", {"mirror": None}, "no Debian mirror is known"),
    ],
)
def test_what_cannot_be_had_says_why(tmp_path: Path, name: str, values: dict[str, object], reason: str) -> None:
    with pytest.raises(EngineError, match=reason):
        Bench().get(name, make_means(tmp_path, refused_trees, **values))


def test_a_failed_installation_of_debian_shows_its_last_lines(tmp_path: Path) -> None:
    def broken(plan: Plan) -> None:
        plan.feed(b"E: Couldn't download packages\n")
        raise CommandFailed("debootstrap ended with exit code 1.")

    with pytest.raises(EngineError, match="exit code 1.\nE: Couldn't download packages"):
        Bench().get("python:3.13", make_means(tmp_path, broken))
    assert not list((tmp_path / "work").glob("tree-*"))


def test_a_failed_installation_of_packages_shows_its_last_lines(tmp_path: Path) -> None:
    bench = Bench()
    bench.engine.behave(
        "python:*", Behaviour(build_lines=("Step 1/1 : RUN apt-get", "E: no package"), build_exit_code=100)
    )
    with pytest.raises(BuildFailed, match="E: no package") as caught:
        bench.get("python:3.13", make_means(tmp_path))
    assert caught.value.exit_code == 100
    assert bench.engine.find_image("python:3.13") is None


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    def patient(plan: Plan) -> None:
        assert plan.cancelled()
        raise Cancelled("debootstrap was cancelled.")

    with pytest.raises(Cancelled):
        Bench().get("python:3.13", make_means(tmp_path, patient), cancelled=lambda: True)
    assert not list((tmp_path / "work").glob("tree-*"))
