"""What the deploy of an edited form will do, said before it is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from releases.downtime import Downtime
from releases.models import Release
from services.settings import ServiceSettings, Variable, at_build

# What goes into the image, apart from the commit: see the key in stages/plan.
BUILD_INPUTS = ("subfolder", "language", "version", "dockerfile", "build_command")


@dataclass(frozen=True)
class Outlook:
    """`tone` and `icon` are those of a note; `downtime` is None where nothing would be deployed."""

    title: str
    text: str = ""
    tone: str = "work"
    icon: str = "rocket"
    downtime: Downtime | None = None


LOOKED_AT = 50  # newest releases with a fitting build; older ones are seldom kept

NOTHING = Outlook("Nothing has changed.", "Change a field, then deploy.", "calm", "equal")
UNREADABLE = Outlook("Some fields cannot be used as they are.", "Deploy shows which ones.", "warn", "triangle-alert")
MARKED = replace(UNREADABLE, text="They are marked, and the number at a tab is how many it has.")


def outlook(base: Release, settings: ServiceSettings, variables: Sequence[Variable]) -> Outlook:
    """For a copy of `base` that is deployed with these settings; something of it differs."""
    if settings.branch != base.settings.branch:
        return _newest(f"Branch changed: the newest commit of {settings.branch} is built.", settings.branch)
    if not base.commit_sha:
        return _newest(f"The newest commit of {settings.branch} is built.", settings.branch)
    commit = base.short_sha
    stays = f"The commit stays {commit}. New code comes with Trigger Deploy."
    if _build_differs(base, settings) or at_build(base.variables) != at_build(variables):
        if has_build(base, settings, variables):
            return Outlook(f"Commit {commit} was built with these settings before: that build is reused.", stays)
        return Outlook(f"Build settings changed: commit {commit} is built again.", stays)
    if has_build(base, settings, variables):
        return Outlook("Only run-time settings changed: the build is reused.", stays)
    return Outlook(f"No build of commit {commit} is stored: it is built again.", stays)


def _newest(title: str, branch: str) -> Outlook:
    return Outlook(title, f"If that commit of {branch} was built with these settings before, its build is reused.")


def _build_differs(base: Release, settings: ServiceSettings) -> bool:
    return any(getattr(base.settings, name) != getattr(settings, name) for name in BUILD_INPUTS)


def has_build(base: Release, settings: ServiceSettings, variables: Sequence[Variable]) -> bool:
    """Whether an artifact of the same commit, equal build settings and equal variables at build is kept."""
    equal = {f"frozen__{name}": getattr(settings, name) for name in BUILD_INPUTS}
    built = Release.objects.filter(service=base.service, commit_sha=base.commit_sha, artifact__isnull=False)
    stored = built.filter(artifact__pruned_at=None, **equal).order_by("-number")[:LOOKED_AT]
    return any(at_build(release.variables) == at_build(variables) for release in stored)
