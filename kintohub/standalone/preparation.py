"""What has to be on the machine and on disk before the programs start."""

from __future__ import annotations

import os
from pathlib import Path

from kintohub.standalone import (
    assets,
    command,
    engine,
    environment,
    installation,
    packages,
    programs,
    redis,
    venv,
)
from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT, Settings


def machine(settings: Settings, progress: Progress) -> None:
    """System packages, Python packages and the engine."""
    answering = engine.answers(engine.socket_path(os.environ))
    packages.ensure(packages.for_running(answering), progress)
    command.together(
        lambda: venv.ensure("runtime", progress),
        lambda: engine.ensure(os.environ, programs.log_of(settings, "dockerd"), progress),
    )


def variables(settings: Settings) -> dict[str, str]:
    """The environment of the programs: the operator's settings, over what the installation keeps in its file."""
    file = settings.data / "secrets.env"
    own = {
        "KINTOHUB_PROXY_SOCKET": str(settings.sockets / "admin.sock"),
        "KINTOHUB_PROXY_CONFIG_DIR": str(settings.proxy),
    }
    if not settings.redis_url:
        own["KINTOHUB_REDIS_URL"] = redis.url(installation.read(file).get("KINTOHUB_REDIS_URL", ""))
    return installation.ensure(file, own) | environment.of_children() | {"KINTOHUB_DATA": str(settings.data)}


def redis_command(settings: Settings, address: str) -> tuple[str, ...]:
    """Empty when the operator brings a Redis."""
    if settings.redis_url:
        return ()
    return (redis.server(), str(redis.write_configuration(settings.data / "redis", address)))


def disk(settings: Settings, environment_: dict[str, str], progress: Progress) -> Path:
    """Database, static files, the proxy's configuration. Returns supervisord's configuration."""

    def database() -> None:
        prepare: list[str | Path] = [venv.program("python"), "-m", "kintohub.standalone.database"]
        with progress.step("Bringing the database up to date") as step:
            command.run(prepare, environment_, seconds=600, directory=CHECKOUT, heard=step.heard)

    command.together(database, lambda: assets.ensure(settings.data, environment_, progress))
    server = redis_command(settings, environment_["KINTOHUB_REDIS_URL"])
    started = programs.of_installation(settings, server)
    file = settings.data / "supervisord.conf"
    file.write_text(programs.configuration(settings, started))
    return file


def manage(*arguments: str) -> list[str | Path]:
    return [venv.program("python"), "manage.py", *arguments]
