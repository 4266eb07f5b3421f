"""The write side of releases: one function per verb a user knows."""

from releases.actions.deploying import Newest, create_and_deploy, current, deploy_edit, trigger_deploy
from releases.actions.fixing import fix, newer_than
from releases.actions.lifecycle import delete, restart, resume, suspend
from releases.actions.queueing import Refused, RequestReused
from releases.actions.returning import (
    Configuration,
    TooLate,
    abort,
    may_roll_back_to,
    may_undo,
    resume_automatic_deploys,
    rollback,
    rollback_order,
    undo,
)

__all__ = [
    "Configuration",
    "Newest",
    "Refused",
    "RequestReused",
    "TooLate",
    "abort",
    "create_and_deploy",
    "current",
    "delete",
    "deploy_edit",
    "fix",
    "may_roll_back_to",
    "may_undo",
    "newer_than",
    "restart",
    "resume",
    "resume_automatic_deploys",
    "rollback",
    "rollback_order",
    "suspend",
    "trigger_deploy",
    "undo",
]
