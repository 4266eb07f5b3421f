"""Write the files HAProxy starts from, and keep the routes they hold."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from releases.proxy.base import ProxyError
from releases.proxy.haproxy import Files, Parameters


class Command(BaseCommand):
    help = "Write HAProxy's configuration when it is missing or its settings changed. Routes are kept."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        directory = Path(settings.PROXY_CONFIG_DIR)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = Files(directory)
        try:
            with files.locked():
                changed = files.write(_parameters(files.token()))
        except (ProxyError, ValueError) as error:
            raise CommandError(str(error)) from error
        done = "written; a running HAProxy takes it up when it is restarted" if changed else "up to date"
        self.stdout.write(f"{files.configuration}: {done}.")


def _parameters(token: str) -> Parameters:
    return Parameters(
        socket=Path(settings.PROXY_SOCKET),
        public_port=settings.PUBLIC_PORT,
        slots=settings.PROXY_SLOTS,
        probe_token=token,
        user=_unprivileged_user(),
        ipv6=_has_ipv6(),
        max_request_mb=settings.MAX_REQUEST_MB,
    )


def _unprivileged_user() -> str:
    """Who HAProxy becomes after a start as root: the user its package makes, where there is one."""
    if os.geteuid() != 0:
        return ""
    return next((user.pw_name for user in pwd.getpwall() if user.pw_name == "haproxy"), "")


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
    except OSError:
        return False
    return True
