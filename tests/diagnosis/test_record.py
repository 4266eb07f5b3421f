"""A release that fails is diagnosed in the same moment, from an engine and a repository in memory."""

from __future__ import annotations

import pytest

from releases.engine.base import Family, Listener, Unavailable
from releases.engine.memory import Behaviour
from releases.models import Diagnosis, Status
from services.settings import Variable
from tests.factories import make_service
from tests.releases.conftest import World, world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the product leaves out where the engine or git is slow is waited for here."""
    monkeypatch.setattr("releases.diagnosis.gather.SECONDS", 60.0)
    monkeypatch.setattr("releases.stages.console.QUIET", 60.0)
    monkeypatch.setattr("releases.stages.console.LAST_WORDS", 60.0)


ELSEWHERE = Listener(Family.IPV4, "0.0.0.0", 5055, "python")  # noqa: S104


def diagnosis_of(world: World, **settings: object) -> Diagnosis:
    world.service = world.make_service(**settings)
    release = world.deploy()
    assert release.status == Status.FAILED
    return Diagnosis.objects.get(release=release)


def test_listening_sockets_are_looked_at_before_the_instance_is_removed(world: World) -> None:
    world.engine.behave("*", Behaviour(listens=False, listeners=(ELSEWHERE,)))
    found = diagnosis_of(world, deploy_timeout=1)
    assert (found.cause, found.confidence) == ("listens-on-another-port", "high")
    assert found.sentence == "The program (python) listens on port 5055, and the service's port is 3000."
    assert found.shortcuts[0]["changes"] == {"port": "5055"}
    assert f"> Cause: {found.sentence}" in world.log(found.release)
    assert world.instances() == []


def test_evidence_names_lines_of_the_log(world: World) -> None:
    lines = ("Starting", "ModuleNotFoundError: No module named 'flask'", "Bye")
    world.engine.behave("*", Behaviour(lines=lines, exit_code=1))
    found = diagnosis_of(world)
    assert found.cause == "missing-module"
    [[number, text]] = found.evidence
    assert text == lines[1]
    log = world.log(found.release).splitlines()
    shown = [line for line in log if line]  # a section's line is numbered too, and stands after an empty one
    assert shown[number - 1].endswith(f"] {text}")


def test_a_secret_is_masked_in_what_is_kept(world: World) -> None:
    world.engine.behave("*", Behaviour(lines=("KeyError: 'X'", "RuntimeError: bad key s3cr3t-value"), exit_code=1))
    world.service = make_service(
        repository_url=f"file://{world.repository}", variables=[Variable("KEY", "s3cr3t-value", True)]
    )
    found = Diagnosis.objects.get(release=world.deploy())
    assert "s3cr3t" not in str(found.evidence) + found.sentence
    assert "••••••" in str(found.evidence)


def test_memory_is_told_by_the_engine(world: World) -> None:
    world.engine.behave("*", Behaviour(exit_code=137, out_of_memory=True))
    found = diagnosis_of(world)
    assert (found.cause, found.shortcuts[0]["changes"]) == ("out-of-memory", {"memory_mb": "512"})


def test_a_wrong_branch_names_the_right_one(world: World) -> None:
    found = diagnosis_of(world, branch="mian")
    assert (found.cause, found.shortcuts[0]["changes"]) == ("branch-missing", {"branch": "main"})


def test_the_build_tells_its_exit_code(world: World) -> None:
    world.engine.behave(
        "*", Behaviour(build_lines=("Step 1/1 : RUN npn ci", "sh: 1: npn: not found"), build_exit_code=127)
    )
    found = diagnosis_of(world, build_command="npn ci")
    assert (found.cause, found.shortcuts[0]["changes"]) == ("build-command-not-found", {"build_command": "npm ci"})


def test_other_services_of_the_environment_are_named(world: World) -> None:
    world.engine.behave("*", Behaviour(lines=("Error: getaddrinfo ENOTFOUND databse",), exit_code=1))
    make_service(world.service.environment, "database")
    release = world.deploy()
    assert "Did you mean “database”?" in Diagnosis.objects.get(release=release).sentence


def test_an_engine_that_tells_nothing_does_not_keep_the_release_from_ending(world: World) -> None:
    world.engine.behave("*", Behaviour(lines=("Bye",), exit_code=3))
    world.engine.fail("listeners", Unavailable("The engine does not answer."), times=9)
    found = diagnosis_of(world)
    assert found.cause == "unknown"
    assert found.release.status == Status.FAILED


def test_what_nobody_foresaw_is_the_platforms_fault(world: World) -> None:
    world.engine.fail("ensure_network", Unavailable("The engine does not answer."))
    assert diagnosis_of(world).cause == "engine-unavailable"


@pytest.mark.parametrize("status", [404, 500])
def test_the_health_path(world: World, status: int) -> None:
    world.engine.behave("*", Behaviour(status=status))
    found = diagnosis_of(world, health_path="/up", deploy_timeout=1)
    assert found.cause == {404: "health-not-found", 500: "health-fails"}[status]


def test_a_live_release_has_none(world: World) -> None:
    assert world.deploy().status == Status.LIVE
    assert not Diagnosis.objects.exists()
