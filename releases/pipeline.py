"""The story of a deploy, as in the spec, "How Does Deploy Work?": pull, build, store, start, check, switch, retire."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.utils import timezone

from releases import lastwords, platform
from releases.diagnosis.failure import failure_of
from releases.diagnosis.gather import Case
from releases.diagnosis.record import diagnose
from releases.engine.base import EngineError
from releases.lastwords import LastWords
from releases.lease import Lease, Stop, Stopped
from releases.ledger import Ledger
from releases.logs.writer import ReleaseLog
from releases.models import LogStream, Release, Stage, StageRun, StageStatus, Status
from releases.models.release import WrongStatus
from releases.proxy.base import ProxyError
from releases.stages.base import Context, StageFailed, TakenBack
from releases.stages.build import build
from releases.stages.check import check
from releases.stages.console import Console
from releases.stages.pull import pull
from releases.stages.retire import retire
from releases.stages.start import start
from releases.stages.store import store
from releases.stages.switch import switch
from releases.stages.takeback import let_finish, take_back
from services.repository.errors import RepositoryError

logger = logging.getLogger(__name__)

STORY: tuple[tuple[Stage, Callable[[Context], None]], ...] = (
    (Stage.PULL, pull),
    (Stage.BUILD, build),
    (Stage.STORE, store),
    (Stage.START, start),
    (Stage.CHECK, check),
    (Stage.SWITCH, switch),
    (Stage.RETIRE, retire),
)

SHUTDOWN_REASON = "The platform was stopped during this deploy. Nothing is wrong with the service: deploy again."
LOST_REASON = "The process that carried out this deploy ended. Nothing is wrong with the service: deploy again."


def run(release: Release, when_live: Callable[[], object]) -> None:
    """Carry out a claimed release to its final status. Never raises: whatever happens ends in a status and a reason.

    `when_live` is called when the release is live: its slot is free, but what it replaced is still to be retired.
    """
    log = ReleaseLog(LogStream.objects.get(release=release), release.secrets)
    try:
        with Lease(release) as lease:
            _run(_open(release, log, lease), when_live)
    except Exception:
        # The lease runs out, and the sweep ends the release: what stands is in the ledger.
        logger.exception("%s could not be brought to an end.", release)
    finally:
        log.close()


def _open(release: Release, log: ReleaseLog, lease: Lease) -> Context:
    engine, proxy = platform.engine(), platform.proxy()
    return Context(
        release=release,
        settings=release.settings,
        engine=engine,
        proxy=proxy,
        log=log,
        ledger=Ledger(release, engine, proxy),
        lease=lease,
        console=Console(engine, log),
    )


def _run(context: Context, when_live: Callable[[], object]) -> None:
    stage = Stage.PULL
    try:
        for stage, step in STORY:
            context.lease.check()
            _carry_out(context, stage, step)
            if stage is Stage.SWITCH:
                when_live()
    except Exception as error:
        if isinstance(error, TakenBack):
            _take_back(context, error)
        elif context.release.status == Status.LIVE:
            _live_with_a_problem(context, stage, error)
        elif isinstance(error, Stopped):
            _stop(context, stage, error)
        else:
            _fail(context, stage, error, reason_for(error))
    finally:
        context.console.close()
        if context.prober is not None:
            context.prober.close()


def _carry_out(context: Context, stage: Stage, step: Callable[[Context], None]) -> None:
    context.log.section(stage)
    run, _ = StageRun.objects.update_or_create(
        release=context.release,
        stage=stage,
        defaults={"status": StageStatus.RUNNING, "started_at": timezone.now(), "finished_at": None},
    )
    try:
        step(context)
    except Stopped:
        _close(run, StageStatus.ABORTED)
        raise
    except Exception:
        _close(run, StageStatus.FAILED)
        raise
    _close(run, StageStatus.REUSED if stage in context.reused else StageStatus.DONE)


def _close(run: StageRun, status: StageStatus) -> None:
    run.status, run.finished_at = status, timezone.now()
    run.save(update_fields=["status", "finished_at"])


def reason_for(error: Exception) -> str:
    """One sentence for the user. What we did not foresee is ours, and gets an id that leads to the trace."""
    match error:
        case StageFailed() | RepositoryError():
            return str(error)
        case EngineError():
            return f"The engine could not do it: {error}"
        case ProxyError():
            return f"The proxy could not do it: {error}"
    fault = secrets.token_hex(4)
    logger.error("Fault %s", fault, exc_info=error)
    return f"A fault of the platform, not of your service. Give the operator this id: {fault}."


def _live_with_a_problem(context: Context, stage: Stage, error: Exception) -> None:
    """After the switch nothing fails the release any more; what could not be removed is left to the sweep."""
    logger.error("%s is live, but its %s stage ended early.", context.release, stage, exc_info=error)
    context.say("The release is live. Its last stage ended early; the platform removes the rest in the background.")


def _take_back(context: Context, error: TakenBack) -> None:
    """Visitors first: why it failed is looked into when they are back on the release before."""
    try:
        take_back(context, str(error))
        _diagnose(context, Stage.RETIRE, error, str(error))
        let_finish(context)
    except WrongStatus:
        context.say("Going back came too late: another release serves already.")
    except (ProxyError, Stopped) as error:
        logger.error("%s was taken back, but not to its end.", context.release, exc_info=error)
        context.say("The route follows within seconds; the platform repairs it.")
    else:
        _clean_up(context)
        _tell_who_serves(context)


def _fail(context: Context, stage: Stage, error: Exception, reason: str) -> None:
    context.say(reason)
    _diagnose(context, stage, error, reason)
    _clean_up(context)
    _finish(context, Status.FAILED, stage, reason)


def _diagnose(context: Context, stage: Stage, error: Exception, reason: str) -> None:
    diagnose(Case(context.release, stage, failure_of(error, reason), context.engine, context.log))


def _stop(context: Context, stage: Stage, stopped: Stopped) -> None:
    match stopped.why:
        case Stop.LOST:
            logger.warning("The lease of %s was lost; another process ends it.", context.release)
        case Stop.SHUTDOWN:
            _fail(context, stage, stopped, SHUTDOWN_REASON)
        case Stop.ABORT:
            context.say("Aborted. Removing what this release has made.")
            _clean_up(context, lastwords.SHORT)
            _finish(context, Status.ABORTED, stage, "")


def _clean_up(context: Context, patience: float = lastwords.PATIENCE) -> None:
    removed = context.ledger.undo(words=LastWords(patience, context.say))
    context.console.finish()
    for name in removed:
        context.say(f"Removed: {name}.")


def _finish(context: Context, to: Status, stage: Stage, reason: str) -> None:
    if to is Status.ABORTED:
        end_aborted(context.release)
    else:
        end_failed(context.release, stage, reason)
    _tell_who_serves(context)


def _tell_who_serves(context: Context) -> None:
    live = note_who_serves(context.release)
    context.say(f"Release #{live.number} still serves." if live else "No release of this service serves yet.")


def note_who_serves(release: Release) -> Release | None:
    """Keep with the release that ended which one serves instead."""
    live = Release.objects.live().filter(service=release.service).first()
    Release.objects.filter(pk=release.pk).update(served_meanwhile=live)
    return live


def end_failed(release: Release, stage: str, reason: str) -> None:
    """Failed with stage and reason; or Aborted, when an abort came in the same moment."""
    try:
        release.transition(
            Status.DEPLOYING, Status.FAILED, failed_stage=stage, reason=reason, finished_at=timezone.now()
        )
    except WrongStatus:
        end_aborted(release)


def end_aborted(release: Release) -> None:
    release.refresh_from_db(fields=["status"])
    if release.status == Status.DEPLOYING:
        release.transition(Status.DEPLOYING, Status.ABORTING)
    if release.status == Status.ABORTING:
        release.transition(Status.ABORTING, Status.ABORTED, finished_at=timezone.now())
