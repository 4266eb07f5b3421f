"""Deploys cases of the corpus on a running installation, presses their shortcuts, and prints what came of each.

`python -m tests.diagnosis.drive <server> [name ...]` in the environment of an installation: a line of JSON per case.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, replace
from pathlib import Path
from uuid import uuid4

import django
from django.conf import settings as django_settings
from django.db import connection

from tests.diagnosis.cases import CASES, Case
from tests.diagnosis.result import Result
from tests.repository.repositories import commit, make_repository

AT_ONCE = 2
AT_MOST = 5.0  # seconds from the end of a release until its diagnosis
LONGEST = 420.0  # seconds of one release: the first of a language may have to make its base image


def main(arguments: list[str]) -> int:
    """Names of cases choose; none means all."""
    server, *names = arguments
    for result in run([case for case in CASES if not names or case.name in names], server):
        print(json.dumps(asdict(result)), flush=True)
    return 0


def run(cases: list[Case], server: str) -> Iterator[Result]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed([pool.submit(_run, case, server) for case in cases]):
            yield done.result()


def _run(case: Case, server: str) -> Result:
    try:
        return _deploy(case, server)
    finally:
        connection.close()


def _deploy(case: Case, server: str) -> Result:
    from kintohub.accounts.models import User
    from releases.actions import create_and_deploy, delete, trigger_deploy
    from releases.models import Status
    from services.models import Environment
    from services.settings import Credentials, Variable

    user, environment = User.objects.get(username="operator"), Environment.objects.get(name="production")
    place = Path(django_settings.LOCAL_REPOSITORIES) / "diagnosis" / case.name
    make_repository(place, dict(case.files) or None)
    url = (case.url or "file://{root}/" + case.name).format(root=place.parent, server=server)
    variables = [Variable(key, value, True) for key, value in case.secrets.items()]
    values = replace(_settings(url), **case.settings)
    release = create_and_deploy(user, environment, f"case-{uuid4().hex[:8]}", values, variables, Credentials(), uuid4())
    service = release.service
    try:
        if case.then:
            assert _final(release).status == Status.LIVE, release.reason
            commit(place, dict(case.then))
            release = trigger_deploy(user, service, uuid4())
            _final(release, Status.FAILED)
        return _judge(case, user, _final(release))
    finally:
        delete(user, service)


def _settings(url):  # type: ignore[no-untyped-def]
    """Of a Python service that would run."""
    from releases.management.commands.first_run import example_settings

    return replace(example_settings(), repository_url=url, port=3000, deploy_timeout=20, undo_window=0)


def _judge(case, user, release):  # type: ignore[no-untyped-def]
    from releases.actions import fix
    from releases.models import Diagnosis, Status

    deadline = time.monotonic() + AT_MOST  # one that was live is taken back first, and looked into then
    while (found := Diagnosis.objects.filter(release=release).first()) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    if found is None:
        return Result(case.name, case.cause, f"none ({release.status})")
    stage = release.stages.filter(stage=release.failed_stage).first()
    seconds = (found.created_at - stage.finished_at).total_seconds()
    result = Result(case.name, case.cause, found.cause, found.confidence, seconds, found.sentence, clicks=case.clicks)
    if not case.clicks:
        return result
    offered = found.shortcuts[0]["label"] if found.shortcuts else ""
    made = _final(fix(user, release, 0, case.value, uuid4()))
    outcome = "live" if made.status == Status.LIVE else f"{made.status}: {made.reason}"
    return replace(result, offered=offered, outcome=outcome)


def _final(release, status=""):  # type: ignore[no-untyped-def]
    """The release when it is over; with a `status`, when it has that one."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        release.refresh_from_db()
        if release.status == status or (not status and release.is_finished):
            return release
        time.sleep(0.1)
    raise TimeoutError(f"{release} is still {release.status}.")


if __name__ == "__main__":
    django.setup()
    sys.exit(main(sys.argv[1:]))
