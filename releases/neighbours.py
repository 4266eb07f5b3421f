"""Services of one environment call each other by name; a release gets the name when it serves, and gives it back first.

The engine's name server answers with every instance that has the name, also with one that does not listen yet or does
not take requests any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from releases.engine.base import Engine, EngineError
from releases.models import Release
from services.models import Service

logger = logging.getLogger(__name__)

LET_GO = 1.5  # seconds; a caller that met the moment without network repeats its first packet after one
AT_ONCE = 20  # instances


def exist(service: Service) -> bool:
    return Service.objects.present().filter(environment=service.environment).exclude(pk=service.pk).exists()


def first_name(service: Service) -> str:
    """What an instance answers to from its start. Where nobody calls, it is spared the moment without network later."""
    return "" if exist(service) else service.name


def give_name(engine: Engine, release: Release) -> bool:
    """To all instances of the release; whether one of them had it not yet. Raises EngineError."""
    return _each(partial(engine.answer_to, alias=release.service.name), release)


def take_name(engine: Engine, release: Release) -> None:
    """From all instances of a release that goes on running: nobody finds them any more."""
    if exist(release.service):
        _each(partial(_take, engine), release)


def let_go(engine: Engine, name: str) -> None:
    """Nobody finds the instance any more, and who just did has been heard. It may be gone."""
    if _take(engine, name):
        time.sleep(LET_GO)


def _each(change: Callable[[str], bool], release: Release) -> bool:
    names = list(release.instances.filter(removed_at=None).values_list("name", flat=True))
    with ThreadPoolExecutor(AT_ONCE, "name") as pool:
        return any(list(pool.map(change, names)))


def _take(engine: Engine, name: str) -> bool:
    try:
        return engine.answer_to(name, "")
    except EngineError as error:
        logger.warning("The name of instance %s could not be taken away: %s", name, error)
        return False
