"""Gathers the facts of a failure at once, before anything is removed. What cannot be had in time is left out."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone

from releases.diagnosis.facts import Facts, Failure, LogLine, Seen
from releases.engine.base import Capacity, Engine, EngineError
from releases.logs.escapes import without_colours
from releases.logs.writer import ReleaseLog
from releases.mirrors import mirror_of
from releases.models import Release
from services.forms.versions import offers
from services.models import Service
from services.repository.errors import RepositoryError
from services.repository.mirror import Mirror

logger = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS = 1.5  # for everything that asks the engine or git
MAX_INSTANCES = 10
MAX_SERVICES = 50
EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "example.env")
ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A release that has just failed."""

    release: Release
    stage: str
    failure: Failure
    engine: Engine
    log: ReleaseLog


@dataclass(frozen=True)
class _Files:
    paths: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()


def gather(case: Case) -> Facts:
    """Raises django.db.Error; what the engine or git refuse to tell is left out."""
    release = case.release
    names = list(release.instances.filter(removed_at=None).values_list("name", flat=True)[:MAX_INSTANCES])
    instances, files, capacity = _together(
        lambda: tuple(seen for name in names if (seen := _look(case.engine, name))),
        lambda: _files(mirror_of(release.service_id), release.commit_sha),
        case.engine.capacity,
    )
    return Facts(
        stage=case.stage,
        failure=case.failure,
        settings=release.settings,
        lines=_lines(case.log),
        instances=instances or (),
        variables=frozenset(variable.key for variable in release.variables),
        files=files.paths if files else frozenset(),
        expected=files.expected if files else frozenset(),
        services=_services(release.service),
        versions=_versions(release.settings.language),
        capacity=capacity,
        seconds=_seconds(release, case.stage),
    )


def _seconds(release: Release, stage: str) -> float:
    """How long the stage has been at work."""
    run = release.stages.filter(stage=stage).first()
    return (timezone.now() - run.started_at).total_seconds() if run else 0.0


def _together(
    instances: Callable[[], tuple[Seen, ...]], files: Callable[[], _Files], capacity: Callable[[], Capacity]
) -> tuple[tuple[Seen, ...] | None, _Files | None, Capacity | None]:
    """At the same time and within the limit. A call that is late ends by its own time limit, unheard."""
    pool = ThreadPoolExecutor(3, thread_name_prefix="diagnosis")
    try:
        first, second, third = pool.submit(instances), pool.submit(files), pool.submit(capacity)
        waiting: list[Future[Any]] = [first, second, third]
        wait(waiting, timeout=SECONDS)
        return _result(first), _result(second), _result(third)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _result(future: Future[T]) -> T | None:
    """None when it is late, or failed."""
    if not future.done():
        return None
    try:
        return future.result()
    except (EngineError, RepositoryError, OSError) as error:
        logger.info("A fact for a diagnosis is missing: %s", error)
        return None


def _look(engine: Engine, name: str) -> Seen | None:
    try:
        return Seen(engine.inspect(name), engine.listeners(name))
    except EngineError as error:
        logger.info("%s could not be looked at: %s", name, error)
        return None


def _files(mirror: Mirror, commit: str) -> _Files:
    """Raises RepositoryError, OSError."""
    if not commit:
        return _Files()
    tree = mirror.tree(commit)
    paths = frozenset(entry.path for entry in tree.entries if entry.is_file)
    examples = [path for path in sorted(paths) if path.rpartition("/")[2] in EXAMPLES][:3]
    texts = [mirror.read(tree, path, limit=64 * 1024).decode(errors="replace") for path in examples]
    return _Files(paths, frozenset(name for text in texts for name in ASSIGNED.findall(text)))


def _lines(log: ReleaseLog) -> tuple[LogLine, ...]:
    now = time.time()
    return tuple(
        LogLine(number, line.source, without_colours(line.text), max(now - line.time / 1000, 0.0))
        for number, line in log.recent()
    )


def _services(service: Service) -> tuple[str, ...]:
    """The others of the environment, by name."""
    others = Service.objects.present().filter(environment=service.environment_id).exclude(pk=service.pk)
    return tuple(others.order_by("name").values_list("name", flat=True)[:MAX_SERVICES])


def _versions(language: str) -> tuple[str, ...]:
    """Numbers of the language that a person could choose now, in the order of the list."""
    return tuple(offer.version.number for offer in offers() if offer.usable and offer.language.key == language)
