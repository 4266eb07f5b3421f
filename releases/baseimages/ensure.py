"""Sees to it that an image is on the engine: it is there, or is pulled, or is built from Debian packages."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from releases.baseimages.command import CommandFailed
from releases.baseimages.dockerfile import NAME, context, suite_image
from releases.baseimages.host import Host
from releases.baseimages.lock import only_one
from releases.baseimages.obstacles import obstacle
from releases.baseimages.progress import Progress, say
from releases.baseimages.refusals import Refusals
from releases.baseimages.tree import Bootstrap, Plan, debootstrap, directory, image_changes, packed
from releases.engine.base import (
    BuildFailed,
    BuildRequest,
    Cancel,
    Emit,
    Engine,
    Image,
    Limits,
    NotFound,
    Unavailable,
)
from services.languages import Recipe

LIMITS = Limits(memory_mb=2048, cpu=2.0, processes=1024)
REFUSALS = Refusals()


@dataclass(frozen=True)
class Means:
    """How stand-ins come about on this machine; the last two differ in tests only."""

    host: Host
    bootstrap: Bootstrap = debootstrap
    refusals: Refusals = field(default=REFUSALS)


@dataclass(frozen=True)
class Job:
    """One call of `ensure`. `deadline` on the monotonic clock."""

    engine: Engine
    means: Means
    emit: Emit
    cancelled: Cancel
    deadline: float

    @property
    def seconds(self) -> float:
        """Left until the deadline, and never nothing: whoever is given it finds out himself that it is over."""
        return max(0.1, self.deadline - time.monotonic())


def ensure(
    engine: Engine,
    name: str,
    recipe: Recipe | None,
    emit: Emit,
    cancelled: Cancel,
    seconds: float,
    means: Means,
) -> Image:
    """The image of this name, made if need be within `seconds`; `emit` gets the platform's lines about it.

    One process of the host at a time works on a name, the others wait. `emit` is also called from a thread of ours,
    to tell that a silent step goes on. Raises Unavailable, BuildFailed, Cancelled.
    """
    job = Job(engine, means, emit, cancelled, time.monotonic() + seconds)
    if image := engine.find_image(name):
        return image
    with only_one(means.host.work, name, emit, cancelled, job.deadline):
        return engine.find_image(name) or _pull(job, name) or _stand_in(job, name, recipe)


def _pull(job: Job, name: str) -> Image | None:
    """None when the registry has no such image or cannot be asked. Leaves half of the time for a stand-in."""
    if job.means.refusals.covers(name):
        return None
    say(job.emit, f"Pulling {name}.")
    try:
        return job.engine.pull_image(name, job.emit, job.cancelled, job.seconds / 2)
    except NotFound as error:
        say(job.emit, str(error))
    except Unavailable as error:
        job.means.refusals.add(name)
        say(job.emit, str(error))
    return None


def _stand_in(job: Job, name: str, recipe: Recipe | None) -> Image:
    reason = obstacle(recipe, job.means.host)
    if reason or not recipe:
        raise Unavailable(f"The image {name} cannot be had: its registry cannot be reached or lacks it, and {reason}.")
    say(job.emit, f"Building {name} from packages of Debian {recipe.suite} instead. This is done once per machine.")
    started = time.monotonic()
    base = _suite(job, recipe.suite)
    image = _install(job, name, recipe) if recipe.packages else _named(job, base, name)
    say(job.emit, f"Built {name} in {time.monotonic() - started:.0f} s; it stands in for the official image.")
    return image


def _suite(job: Job, suite: str) -> Image:
    """Debian itself, which all languages of the suite share."""
    name = suite_image(suite)
    if image := job.engine.find_image(name):
        return image
    with only_one(job.means.host.work, f"Debian {suite}", job.emit, job.cancelled, job.deadline) as lock:
        return job.engine.find_image(name) or _bootstrap(job, suite, lock)


def _bootstrap(job: Job, suite: str, lock: int) -> Image:
    host, name = job.means.host, suite_image(suite)
    if not host.mirror:
        raise Unavailable(f"No Debian mirror is known to install {suite} from.")
    say(job.emit, f"Installing Debian {suite} into a directory, about half a minute.")
    with directory(host.work, suite) as target, Progress(f"Debian {suite}", job.emit) as progress:
        plan = Plan(suite, target, host, host.mirror, progress.feed, job.cancelled, job.deadline, lock)
        try:
            job.means.bootstrap(plan)
            progress.feed(b"importing it into the engine\n")
            return job.engine.import_image(name, packed(target), image_changes(suite), job.cancelled, job.seconds)
        except CommandFailed as error:
            raise Unavailable(f"Debian {suite} could not be installed: {error}\n{progress.tail}") from error


def _install(job: Job, name: str, recipe: Recipe) -> Image:
    proxies = dict(job.means.host.proxies)
    request = BuildRequest(
        tag=name,
        context=context(recipe),
        dockerfile=NAME,
        limits=LIMITS,
        seconds=job.seconds,
        build_args=proxies | {key.upper(): value for key, value in proxies.items()},
        shared=True,
    )
    with Progress(name, job.emit) as progress:
        try:
            return job.engine.build(request, progress.output, job.cancelled)
        except BuildFailed as error:
            text = f"{error}\n{progress.tail}"
            raise BuildFailed(text, exit_code=error.exit_code, instruction=error.instruction) from error


def _named(job: Job, image: Image, name: str) -> Image:
    if name == image.name:
        return image
    job.engine.tag_image(image.digest, name)
    return Image(name, image.digest, image.size)
