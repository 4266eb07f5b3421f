"""Build: the commit becomes an image, or the stored image of an equal build is taken as it is."""

from __future__ import annotations

import secrets
from functools import partial

from django.conf import settings as django_settings

from releases.baseimages.ensure import ensure
from releases.baseimages.names import find_recipe
from releases.baseimages.this_host import means
from releases.dockerfile.guard import judge_triggers
from releases.dockerfile.refused import Refused
from releases.engine.base import BuildFailed, BuildRequest, Cancelled, EngineError, Labels, Limits, Output, Stream
from releases.logs.writer import ReleaseLog
from releases.models import Artifact, ResourceKind, Stage
from releases.retention import DiskFull, make_room
from releases.stages.base import Context, StageFailed
from releases.stages.plan import DockerfileRefused, Plan, make_plan
from releases.stages.stored import stored_image

LIMITS = Limits(memory_mb=2048, cpu=2.0, processes=2048)
BUILD_SECONDS = 1800.0  # the original product's limit of a whole deploy (original-product, 1.4)
BASE_IMAGE_SECONDS = 900.0


def build(context: Context) -> None:
    """Leaves the image in the context. Raises RepositoryError where the settings do not fit the commit, StageFailed."""
    if context.image is not None:
        return
    release, mirror = context.release, context.mirror
    assert mirror is not None  # noqa: S101 - pull has run
    service, proxies = str(release.service_id), means().host.proxies
    mark = context.engine.mark()
    plan = make_plan(mirror, release.commit_sha, service, context.settings, release.variables, proxies, mark)
    for note in (*plan.tree.warnings, *plan.context.notes):
        context.say(note)
    context.build_key, context.base_images = plan.key, plan.images
    if not _reuse(context, plan.key):
        _make_room(context)
        _ensure_base_images(context, plan)
        _judge_base_images(context, plan)
        _build(context, plan)


def _reuse(context: Context, key: str) -> bool:
    equal = Artifact.objects.filter(service=context.release.service, build_key=key, pruned_at=None)
    for artifact in equal.order_by("-pk"):
        if image := stored_image(context.engine, artifact):
            context.image, context.artifact = image, artifact
            context.reused.update((Stage.BUILD, Stage.STORE))
            context.say("Commit and build settings are those of an earlier build: its artifact is reused.")
            return True
    return False


def _make_room(context: Context) -> None:
    try:
        make_room(context.engine, context.release)
    except DiskFull as error:
        raise StageFailed(str(error)) from error


def _ensure_base_images(context: Context, plan: Plan) -> None:
    for name in plan.images:
        try:
            ensure(
                context.engine,
                name,
                find_recipe(name),
                partial(_feed, context.log),
                context.lease.stopping,
                BASE_IMAGE_SECONDS,
                means(),
            )
        except Cancelled as error:
            raise context.lease.stopped() from error
        except EngineError as error:
            raise StageFailed(f"The base image {name} cannot be had: {error}") from error


def _judge_base_images(context: Context, plan: Plan) -> None:
    """What an own Dockerfile cannot show: an image of the platform under another name, and what one adds to a build."""
    for name, instruction in plan.named.items():
        found = context.engine.describe_image(name)
        try:
            if found is not None and found.managed:
                raise instruction.refuse("On the engine that is the image of a service.")
            judge_triggers(found.triggers if found else (), instruction)
        except Refused as refused:
            raise DockerfileRefused(refused) from refused


def _build(context: Context, plan: Plan) -> None:
    release = context.release
    # 128 random bits: nobody's Dockerfile can name another service's image (measured-builds 5.2).
    tag = f"kh-{django_settings.INSTALLATION_ID}-{secrets.token_hex(16)}:{release.number}"
    context.ledger.note(ResourceKind.IMAGE, tag)
    request = BuildRequest(
        tag=tag,
        context=plan.archive,
        dockerfile=plan.context.dockerfile,
        limits=LIMITS,
        seconds=BUILD_SECONDS,
        build_args=plan.build_args,
        labels=Labels(environment=release.service.environment.code, service=str(release.service_id)),
        is_marked=plan.is_marked,
    )
    try:
        context.image = context.engine.build(request, partial(_feed, context.log), context.lease.stopping)
    except Cancelled as error:
        raise context.lease.stopped() from error
    except BuildFailed as error:
        raise StageFailed(f"The build failed: {plan.retold(str(error))}") from error


def _feed(log: ReleaseLog, output: Output) -> None:
    log.feed("build-error" if output.stream is Stream.STDERR else "build", output.data, output.time)
