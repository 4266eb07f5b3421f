"""Runs the looks side by side, with one deadline for all. What cannot be told in time is said to be so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from functools import partial

from django.conf import settings as django_settings

from releases import platform
from releases.downtime import expect
from releases.engine.base import Engine, EngineError
from releases.mirrors import mirror_of
from releases.preflight.files import look_at_files
from releases.preflight.note import Note, Severity, problem, unchecked, warning
from services.forms.versions import offers
from services.models import Service
from services.policy import repository_policy
from services.repository.address import Policy, parse
from services.repository.commit import Commit
from services.repository.errors import Cause, RepositoryError
from services.repository.inspection import Code, look, look_into
from services.settings import Credentials, ServiceSettings

logger = logging.getLogger(__name__)

SLACK = 0.3  # seconds in which a look that was cut off at the deadline says so itself
# Not the user's doing, or over in a moment: the deploy itself waits longer.
PASSING = (Cause.TOO_SLOW, Cause.BUSY)
TOO_LARGE_TO_LOOK = "The repository is too large to be looked into beforehand."


@dataclass(frozen=True)
class Asked:
    """A deploy that somebody is about to make. `service` is None for a new one; `commit` is the one that it is of,
    empty for the newest of the branch. `needs_code` is false where a build is stored: the repository is not asked then.
    """

    settings: ServiceSettings
    credentials: Credentials
    service: Service | None
    commit: str = ""
    needs_code: bool = True


@dataclass(frozen=True)
class Report:
    """`notes`, problems first. `commit` is the branch's newest; None where that could not be told, or was not asked."""

    notes: list[Note]
    commit: Commit | None = None


ORDER = tuple(Severity)
Look = Callable[[], Report]


def preflight(asked: Asked) -> Report:
    """Takes at most the seconds of the setting, none when that is 0.

    Of a service that exists the commit is fetched into its own copy, so that a deploy of it need not fetch it again.
    """
    seconds = django_settings.PREFLIGHT_SECONDS
    if not seconds:
        return Report([])
    deadline = time.monotonic() + seconds
    engine = platform.engine()
    looks: dict[str, Look] = {"memory_mb": partial(_ask_engine, engine)}
    if asked.needs_code:
        looks["repository_url"] = partial(_ask_repository, asked, repository_policy(), max(1.0, seconds - SLACK))
    pool = ThreadPoolExecutor(len(looks), thread_name_prefix="preflight")
    running = {field: pool.submit(look) for field, look in looks.items()}
    pool.shutdown(wait=False)
    reports = [_result(field, future, deadline) for field, future in running.items()]
    notes = [*_version(asked.settings), *(note for report in reports for note in report.notes)]
    if not any(note.field == "memory_mb" for note in notes):
        notes += _memory(asked, engine)
    commit = next((report.commit for report in reports if report.commit), None)
    return Report(sorted(notes, key=lambda note: ORDER.index(note.severity)), commit)


def _result(field: str, future: Future[Report], deadline: float) -> Report:
    what = "The repository" if field == "repository_url" else "The engine's machine"
    try:
        return future.result(max(0.0, deadline - time.monotonic()))
    except NotYet:
        return Report([unchecked(field, f"{what} did not answer in time, so it was not checked.")])
    except Exception:
        logger.exception("A look before a deploy failed.")
        return Report([unchecked(field, f"{what} could not be checked.")])


def _ask_repository(asked: Asked, policy: Policy, seconds: float) -> Report:
    try:
        code = _code(asked, policy, seconds)
    except RepositoryError as error:
        return Report([_of(error, asked)])
    if asked.commit and asked.commit != code.commit.sha:
        return Report([], code.commit)
    return Report(list(look_at_files(asked.settings, code.tree, code.files)), code.commit)


def _code(asked: Asked, policy: Policy, seconds: float) -> Code:
    settings = asked.settings
    address = parse(settings.repository_url, policy)
    where = (address, asked.credentials, policy, settings.branch, settings.subfolder)
    if asked.service is None:
        return look(*where, seconds=seconds).code
    return look_into(mirror_of(asked.service.pk).path, *where, seconds=seconds)


def _of(error: RepositoryError, asked: Asked) -> Note:
    """A commit that is named may be here already."""
    if error.cause is Cause.TOO_LARGE:
        return unchecked("repository_url", TOO_LARGE_TO_LOOK)
    if error.cause in PASSING or error.retryable:
        return unchecked("repository_url", f"The repository was not checked: {error.message}")
    return (warning if asked.commit else problem)(error.field, error.message)


def _ask_engine(engine: Engine) -> Report:
    """Disk; that it answers at all is asked here too, where nobody waits for it too long."""
    try:
        free = engine.capacity().disk_free_mb
    except EngineError as error:
        return Report([warning("memory_mb", f"The engine does not answer now: {error}")])
    floor = django_settings.DISK_FLOOR_MB
    if free >= floor:
        return Report([])
    text = f"The engine's machine has {free} MB of disk free, and builds need {floor} MB."
    return Report([warning("memory_mb", f"{text} Older artifacts are removed first, if there are any.")])


def _memory(asked: Asked, engine: Engine) -> list[Note]:
    try:
        expected = expect(asked.service, asked.settings, engine)
    except EngineError:
        return []
    return [] if expected.fits else [warning("memory_mb", expected.why)]


def _version(settings: ServiceSettings) -> list[Note]:
    value = f"{settings.language}:{settings.version}"
    offer = next((offer for offer in offers() if offer.value == value), None)
    if offer is None or offer.usable:
        return []
    text = f"{offer.language.label} {settings.version} is not available now, unless its build is stored: {offer.reason}"
    return [warning("version", text)]
