"""What a diagnosis offers, done: a new release from the failed one, with the change that was offered and no other."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from kintohub.accounts.models import User
from releases.actions.deploying import deploy_edit
from releases.actions.queueing import Refused, commit_of, made_by, order_from, queue
from releases.diagnosis.shortcut import Act, Shortcut
from releases.models import Diagnosis, Release, Trigger
from services.forms.edit import EditForm
from services.forms.stored import Stored


def fix(user: User, release: Release, index: int, value: str, request_id: UUID) -> Release:
    """Carry out the shortcut of this number. `value` is of the variable that one asks for. Raises Refused.

    What it changes goes through the same form as an edit: what could not be typed there is not deployed here.
    """
    if earlier := made_by(request_id, release.service):
        return earlier
    shortcut = _offered(release, index)
    if newer := newer_than(release):
        raise Refused(f"Release #{newer.number} was made since. Look there first: it may be what you want already.")
    match shortcut.act:
        case Act.RETRY:
            order = order_from(release, Trigger.RETRY, commit=commit_of(release), artifact=release.artifact)
            return queue(release.service, user, order, request_id)
        case Act.NEWEST:
            return queue(release.service, user, order_from(release, Trigger.RETRY), request_id)
        case Act.VARIABLE:
            return _deploy(user, release, _row(release, shortcut.variable, value), request_id)
        case _:
            return _deploy(user, release, dict(shortcut.changes), request_id)


def newer_than(release: Release) -> Release | None:
    """The service's newest release, where that is another one."""
    newer = Release.objects.filter(service=release.service_id, number__gt=release.number)
    return newer.only("number", "service").order_by("-number").first()


def _offered(release: Release, index: int) -> Shortcut:
    diagnosis = Diagnosis.objects.filter(release=release).first()
    offered = diagnosis.shortcuts if diagnosis else []
    shortcut = Shortcut.from_json(offered[index]) if index < len(offered) else None
    if shortcut is None or shortcut.act is Act.EDIT:
        raise Refused("This page is out of date. Reload it and try again.")
    return shortcut


def _deploy(user: User, release: Release, changes: dict[str, str], request_id: UUID) -> Release:
    stored = Stored(release.settings, release.variables, release.credentials)
    form = EditForm(release.service.environment, stored, stored.as_sent(changes))
    if not form.is_valid():
        raise Refused(f"Nothing was deployed: {next(_errors(form), 'the change is not possible.')}")
    return deploy_edit(user, release, form.settings(), form.variables(), form.credentials(), request_id)


def _row(release: Release, name: str, value: str) -> dict[str, str]:
    """The variable as a row of the form: a new one, or in place of the one of this name."""
    if not value:
        raise Refused(f"Enter a value for {name}.")
    return Stored(release.settings, release.variables, release.credentials).row_sent(name, value)


def _errors(form: EditForm) -> Iterator[str]:
    for part in (form.build, form.repository, form.advanced, *form.rows.forms):
        for errors in part.errors.values():
            yield from map(str, errors)
    yield from map(str, form.rows.non_form_errors())
