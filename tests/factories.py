"""Plain functions that make rows for tests. Every argument has a default; names are unique per process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from kintohub.accounts.models import Plan, User
from releases.models import Instance, Release, Stage, Status, Trigger
from services.actions import create_environment, create_service
from services.models import Availability, BaseImage, Environment, Membership, Region, Role, Service
from services.settings import Credentials, ServiceSettings, Variable

PASSWORD = "correct horse battery"  # noqa: S105
_numbers = count(1)


def make_user(username: str = "", plan: Plan = Plan.FREE, **fields: Any) -> User:
    return User.objects.create_user(username or f"user{next(_numbers)}", password=PASSWORD, plan=plan, **fields)


def make_operator(username: str = "operator") -> User:
    return make_user(username, is_staff=True, is_superuser=True)


def make_region(name: str = "", slots: int = 2) -> Region:
    return Region.objects.create(name=name or f"region{next(_numbers)}", slots=slots)


@dataclass(frozen=True)
class Cast:
    """The people every permission test asks, and the environment they stand around."""

    environment: Environment
    owner: User
    developer: User
    viewer: User
    stranger: User
    operator: User

    @property
    def members(self) -> tuple[User, User, User]:
        return self.owner, self.developer, self.viewer


def make_environment(owner: User | None = None, name: str = "staging", region: Region | None = None) -> Environment:
    return create_environment(owner or make_user(), name, region or make_region())


def add_member(environment: Environment, user: User, role: Role) -> User:
    Membership.objects.create(environment=environment, user=user, role=role)
    return user


def make_cast() -> Cast:
    owner = make_user("owner")
    environment = make_environment(owner)
    return Cast(
        environment=environment,
        owner=owner,
        developer=add_member(environment, make_user("developer"), Role.DEVELOPER),
        viewer=add_member(environment, make_user("viewer"), Role.VIEWER),
        stranger=make_user("stranger"),
        operator=make_operator(),
    )


SETTINGS = ServiceSettings(
    repository_url="https://git.example.com/team/web.git",
    branch="main",
    subfolder=".",
    language="python",
    version="3.13",
    dockerfile="",
    build_command="pip install -r requirements.txt",
    start_command="python run.py",
    port=3000,
    memory_mb=256,
    cpu=1.0,
    instances=1,
    health_path="",
    deploy_timeout=60,
    settle_count=1,  # three would take time of every deploy
    undo_window=0,
)


def make_settings(**fields: Any) -> ServiceSettings:
    return replace(SETTINGS, **fields)


def make_service(
    environment: Environment | None = None,
    name: str = "",
    *,
    variables: list[Variable] | None = None,
    credentials: Credentials | None = None,
    **settings: Any,
) -> Service:
    """`settings` are fields of `ServiceSettings` that differ from `SETTINGS`."""
    return create_service(
        None,
        environment or make_environment(),
        name or f"web{next(_numbers)}",
        make_settings(**settings),
        variables or [],
        credentials or Credentials(),
    )


def make_release(service: Service | None = None, status: Status = Status.LIVE, **fields: Any) -> Release:
    """A release of the service as it is now, with the times that a release in this status has."""
    service = service or make_service()
    service.last_release_number += 1
    service.save(update_fields=["last_release_number"])
    made = {
        "region": service.environment.region,
        "number": service.last_release_number,
        "trigger": Trigger.CREATE if service.last_release_number == 1 else Trigger.TRIGGER,
        "frozen": service.frozen_settings().as_json(),
        "frozen_variables": [vars(row) for row in service.frozen_variables()],
        "frozen_credentials": vars(service.frozen_credentials()),
    }
    return Release.objects.create(service=service, status=status, **{**made, **_history(status), **fields})


def _history(status: Status) -> dict[str, Any]:
    """What a release of this status has gone through: one minute in the queue, one minute of work."""
    queued = timezone.now() - timedelta(minutes=5)
    history: dict[str, Any] = {"queued_at": queued}
    if status in (Status.QUEUED, Status.SUPERSEDED):
        return history
    history |= {"started_at": queued + timedelta(minutes=1)} | _commit()
    if status in (Status.DEPLOYING, Status.ABORTING):
        return history | {"heartbeat_at": timezone.now(), "worker": "worker-1"}
    history["finished_at"] = queued + timedelta(minutes=2)
    if status in (Status.LIVE, Status.RETIRED, Status.SUSPENDED):
        history["live_at"] = history["finished_at"]
    if status is Status.FAILED:
        history |= {"failed_stage": Stage.BUILD, "reason": "The Build Command ended with exit code 1."}
    return history


def _commit() -> dict[str, str]:
    sha = f"{next(_numbers):040x}"[::-1]
    return {"commit_sha": sha, "commit_subject": "Say hello", "commit_author": "Ada Lovelace"}


def make_instance(release: Release, index: int = 1, removed_at: datetime | None = None) -> Instance:
    return Instance.objects.create(
        release=release,
        index=index,
        name=f"{release.service.name}-{release.number}-{index}-{next(_numbers)}",
        address=f"172.30.0.{index + 1}",
        started_at=timezone.now(),
        removed_at=removed_at,
    )


def make_base_image(
    language: str = "python",
    version: str = "3.13",
    availability: Availability = Availability.PRESENT,
    reason: str = "",
) -> BaseImage:
    return BaseImage.objects.create(
        language=language, version=version, image=f"{language}:{version}", availability=availability, reason=reason
    )
