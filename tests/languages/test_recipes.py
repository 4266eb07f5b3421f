"""Recipes for real: Debian has the versions they ask for, and what comes out behaves like the official image."""

from __future__ import annotations

import shlex
import time
from itertools import groupby

import pytest

from releases.baseimages.candidates import candidates, lacking
from releases.baseimages.dockerfile import suite_image
from releases.baseimages.ensure import Means, ensure
from releases.baseimages.host import Host
from releases.baseimages.this_host import means
from releases.engine.base import BuildFailed, BuildRequest, Image, InstanceRequest, Labels, Limits
from services.languages import LANGUAGES, ROLLING, Recipe, find_version, get
from tests.baseimages.cast import Log, never
from tests.engine.rigs import tar_of
from tests.languages.conftest import Place, require_image

pytestmark = [pytest.mark.languages, pytest.mark.timeout(900)]

RECIPES = sorted((v.recipe for language in LANGUAGES for v in language.versions if v.recipe), key=lambda r: r.suite)
SUITES = {suite: list(recipes) for suite, recipes in groupby(RECIPES, key=lambda recipe: recipe.suite)}
LIMITS = Limits(memory_mb=2048, cpu=2.0)


def build(place: Place, *lines: str) -> Image:
    name = f"kh-{place.installation}-test:1"
    context = tar_of({"Dockerfile": "\n".join([*lines, ""])})
    return place.engine.build(BuildRequest(name, context, "Dockerfile", LIMITS, 600), Log(), never)


def make(place: Place, recipe: Recipe) -> str:
    """The name of a new stand-in, whatever this machine has under the official name."""
    name = f"kh-{place.installation}-stand-in:1"
    ensure(place.engine, name, recipe, Log(), never, 800, means())
    return name


def answer(place: Place, image: str, *, command: str = "", port: int = 80) -> str:
    """What an instance of the image answers to `GET /`."""
    network = place.engine.ensure_network("e1")
    request = InstanceRequest("web", image, network, "web", Limits(256, 1.0), Labels(environment="e1"), command)
    started = place.engine.start(request)
    deadline = time.monotonic() + 20
    while not place.engine.probe("web", port, "/", "web").ok:
        assert time.monotonic() < deadline, "the instance does not answer"
        time.sleep(0.1)
    return place.get(started.address, port)


@pytest.mark.parametrize("suite", SUITES)
def test_apt_takes_all_packages_of_a_suite(suite: str, place: Place, host: Host) -> None:
    require_image(suite_image(suite), host)
    ensure(place.engine, suite_image(suite), Recipe(suite, ()), Log(), never, 600, Means(host))
    dry = "apt-get install --simulate --no-install-recommends"
    runs = [f"{dry} {shlex.join(recipe.packages)}" for recipe in SUITES[suite]]
    build(place, f"FROM {suite_image(suite)}", f"RUN apt-get update -q && {' && '.join(runs)}")


@pytest.mark.parametrize("suite", ROLLING)
def test_what_a_rolling_suite_has_is_known_without_building(suite: str, host: Host) -> None:
    require_image(suite_image(suite), host)
    versions = candidates(host, SUITES[suite])
    assert {"python3", "nodejs"} <= versions.keys()
    assert [lacking(recipe, versions) for recipe in SUITES[suite]] == [""] * len(SUITES[suite])


def test_a_version_that_has_moved_on_ends_the_build_with_its_name(place: Place, host: Host) -> None:
    require_image("debian:trixie", host)
    with pytest.raises(BuildFailed, match=r"Version '99\.\*' for 'hello' was not found"):
        make(place, Recipe("trixie", ("hello=99.*",)))


def test_pages_are_copied_to_where_nginx_has_them(place: Place, host: Host) -> None:
    version = find_version(get("static"), get("static").default_version)
    require_image(version.image, host)
    assert version.recipe
    image = build(place, f"FROM {make(place, version.recipe)}", "RUN echo hello > /usr/share/nginx/html/index.html")
    assert answer(place, image.digest) == "hello\n"


@pytest.mark.parametrize(("key", "tools"), [("python", "python pip git"), ("nodejs", "node npm npx yarn git")])
def test_usual_tools_are_there_and_a_compiler_can_be_had(key: str, tools: str, place: Place, host: Host) -> None:
    version = find_version(get(key), get(key).default_version)
    require_image(version.image, host)
    assert version.recipe
    compiler = "apt-get update -q && apt-get install -qy --no-install-recommends build-essential && c++ --version"
    found = " && ".join(f"{tool} --version" for tool in tools.split())
    build(place, f"FROM {make(place, version.recipe)}", f"RUN {found}", f"RUN {compiler}")
