"""The stepper of the release page: where the release is, and how long each step took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.models import Release, Stage, StageRun, StageStatus, Status

QUEUED_STATES = {
    Status.QUEUED: StageStatus.RUNNING,
    Status.ABORTED: StageStatus.ABORTED,
    Status.SUPERSEDED: StageStatus.ABORTED,
}


@dataclass(frozen=True)
class Step:
    """`state` is a StageStatus, or empty for a step that was not reached; `ended_as` is a better word for its end."""

    label: str
    state: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    ended_as: str = ""
    note: str = ""

    @property
    def word(self) -> str:
        if self.ended_as:
            return self.ended_as
        return StageStatus(self.state).label if self.state else "Not reached"

    @property
    def duration(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at and self.started_at else None

    @property
    def is_running(self) -> bool:
        return self.state == StageStatus.RUNNING


def steps_of(release: Release) -> list[Step]:
    """Queued, then the stages in the order of the story."""
    runs = {run.stage: run for run in release.stages.all()}
    return [_queued(release), *(_step(release, stage, runs.get(stage.value)) for stage in Stage)]


def _queued(release: Release) -> Step:
    ended = release.started_at or release.finished_at
    state = StageStatus.DONE if release.started_at else QUEUED_STATES.get(Status(release.status), StageStatus.DONE)
    word = "Superseded" if release.status == Status.SUPERSEDED else ""
    return Step("Queued", state.value, release.queued_at, ended, word)


def _step(release: Release, stage: Stage, run: StageRun | None) -> Step:
    if run is None:
        return Step(stage.label)
    word = "Taken back" if stage is Stage.RETIRE and release.taken_back_at else ""
    return Step(stage.label, run.status, run.started_at, run.finished_at, word, run.note)
