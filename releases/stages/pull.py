"""Pull: the commit comes into the service's own copy of the repository, with the service's credentials."""

from __future__ import annotations

from releases.mirrors import mirror_of
from releases.models import Stage
from releases.stages.base import Context
from releases.stages.stored import stored_image
from services.policy import repository_policy
from services.repository.address import Address, Policy, parse
from services.repository.commit import Commit
from services.repository.errors import Cancelled
from services.repository.mirror import Mirror


def pull(context: Context) -> None:
    """Records the commit in the release. Raises RepositoryError."""
    if stored := stored_image(context.engine, context.release.artifact):
        context.image, context.artifact = stored, context.release.artifact
        context.reused.update((Stage.PULL, Stage.BUILD, Stage.STORE))
        context.say(f"Commit {context.release.short_sha} was built before: its artifact is used, nothing is fetched.")
    else:
        _fetch(context)


def _fetch(context: Context) -> None:
    release, settings = context.release, context.settings
    policy = repository_policy()
    address = parse(settings.repository_url, policy)
    context.mirror = mirror = mirror_of(release.service_id)
    mirror.shrink()  # looks only add to it
    commit = mirror.known(release.commit_sha) if release.commit_sha else None
    if commit is not None:
        context.say(f"Commit {release.short_sha} of {settings.repository_url} is here already.")
    else:
        context.say(f"Fetching {release.commit_sha or f'branch {settings.branch}'} of {settings.repository_url}.")
        commit = _ask(context, mirror, address, policy)
    release.commit_sha, release.commit_subject, release.commit_author = commit.sha, commit.subject, commit.author
    release.save(update_fields=["commit_sha", "commit_subject", "commit_author"])
    context.say(f"Commit {commit.sha[:7]} by {commit.author}: {commit.subject}")


def _ask(context: Context, mirror: Mirror, address: Address, policy: Policy) -> Commit:
    release, branch, stopping = context.release, context.settings.branch, context.lease.stopping
    try:
        return mirror.fetch(address, release.credentials, policy, branch, release.commit_sha, cancelled=stopping)
    except Cancelled as error:
        raise context.lease.stopped() from error
