"""What the rollback dialog tells."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.utils import timezone

from releases.actions import Configuration
from releases.models import Artifact, Release, Status
from releases.preview import Change, preview
from services.models import Service
from services.settings import Variable
from tests.factories import make_release, make_service, make_settings

pytestmark = pytest.mark.django_db


def artifact(service: Service, **fields: object) -> Artifact:
    return Artifact.objects.create(
        service=service, name=f"image:{Artifact.objects.count()}", digest="sha256:1", size=1, commit_sha="1", **fields
    )


def frozen(variables: list[Variable], **settings: object) -> dict[str, object]:
    return {
        "frozen": make_settings(**settings).as_json(),
        "frozen_variables": [asdict(variable) for variable in variables],
        "live_at": timezone.now(),
    }


@pytest.fixture
def service() -> Service:
    return make_service()


@pytest.fixture
def old(service: Service) -> Release:
    variables = [Variable("KEPT", "1"), Variable("CHANGED", "old-secret"), Variable("GONE", "1")]
    return make_release(
        service, Status.RETIRED, commit_sha="a" * 40, artifact=artifact(service), **frozen(variables, port=3000)
    )


@pytest.fixture
def live(service: Service, old: Release) -> Release:
    make_release(service, Status.RETIRED, commit_sha="b" * 40, commit_subject="Between", live_at=timezone.now())
    make_release(service, Status.FAILED, commit_sha="d" * 40, commit_subject="Never live")
    variables = [Variable("KEPT", "1"), Variable("CHANGED", "new-secret"), Variable("NEW", "1")]
    return make_release(
        service, Status.LIVE, commit_sha="c" * 40, commit_subject="Newest", **frozen(variables, port=4000, instances=2)
    )


def test_as_released_tells_all_that_changes_back(old: Release, live: Release) -> None:
    told = preview(old, Configuration.AS_RELEASED)
    assert (told.before, told.after) == (live, old)
    assert [row.commit_subject for row in told.between] == ["Newest", "Between"]
    assert set(told.settings) == {Change("Port", 4000, 3000), Change("Instances", 2, 1)}
    assert told.variables.added == ("GONE",)
    assert told.variables.removed == ("NEW",)
    assert told.variables.changed == ("CHANGED",)
    assert not told.builds


def test_values_are_never_told(old: Release, live: Release) -> None:
    told = preview(old, Configuration.AS_RELEASED)
    assert "secret" not in repr(told)


def test_with_the_current_configuration_only_the_code_changes(old: Release, live: Release) -> None:
    told = preview(old, Configuration.CURRENT)
    assert told.settings == () and not told.variables
    assert len(told.between) == 2


def test_a_pruned_artifact_is_built_again(service: Service, live: Release) -> None:
    pruned = make_release(service, Status.RETIRED, artifact=artifact(service, pruned_at=timezone.now()), **frozen([]))
    assert preview(pruned, Configuration.AS_RELEASED).builds


def test_without_a_live_release_there_is_nothing_to_compare(old: Release) -> None:
    told = preview(old, Configuration.AS_RELEASED)
    assert told.before is None and told.between == () and told.settings == ()
