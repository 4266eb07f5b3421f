"""The statuses of a release, which moves between them exist, and what made a release."""

from __future__ import annotations

from django.db import models


class Status(models.TextChoices):
    QUEUED = "queued", "Queued"
    DEPLOYING = "deploying", "Deploying"
    LIVE = "live", "Live Version"
    RETIRED = "retired", "Deployed"
    FAILED = "failed", "Failed"
    ABORTING = "aborting", "Aborting"
    ABORTED = "aborted", "Aborted"
    SUPERSEDED = "superseded", "Superseded"
    SUSPENDED = "suspended", "Suspended"


IN_WORK = (Status.DEPLOYING, Status.ABORTING)
UNFINISHED = (Status.QUEUED, *IN_WORK)
FINISHED = tuple(status for status in Status if status not in UNFINISHED)

# design/architecture, "A release, and who may change its status"
TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.QUEUED: (Status.DEPLOYING, Status.ABORTED, Status.SUPERSEDED),
    Status.DEPLOYING: (Status.LIVE, Status.FAILED, Status.ABORTING),
    Status.ABORTING: (Status.ABORTED,),
    # Live to failed, and its predecessor from retired to live: taken back while that one still ran.
    Status.LIVE: (Status.RETIRED, Status.SUSPENDED, Status.FAILED),
    Status.SUSPENDED: (Status.RETIRED,),
    Status.RETIRED: (Status.LIVE,),
    Status.FAILED: (),
    Status.ABORTED: (),
    Status.SUPERSEDED: (),
}


class Trigger(models.TextChoices):
    CREATE = "create", "Create Service"
    EDIT = "edit", "Edit Service"
    TRIGGER = "trigger", "Trigger Deploy"
    ROLLBACK = "rollback", "Rollback"
    RESUME = "resume", "Resume"
    RESTART = "restart", "Restart"
    RETRY = "retry", "Retry"
    COMMAND = "command", "Command line"
