"""What set-up needs to know before Django can be asked: directories and ports, from the same KINTOHUB_ variables."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kintohub.standalone.stop import Stop

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# A socket's path may have 107 bytes; HAProxy and supervisord append ".<process>.tmp" while they make theirs.
LONGEST_SOCKET = 90


@dataclass(frozen=True)
class Settings:
    """`redis_url` is empty unless the operator brings a Redis of their own."""

    data: Path
    bind: str = "0.0.0.0"  # noqa: S104 - the dashboard is meant to be reached from other machines
    port: int = 8000
    public_port: int = 8080
    redis_url: str = ""

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def proxy(self) -> Path:
        return self.data / "proxy"

    @property
    def sockets(self) -> Path:
        """The directory of the admin sockets: in the data directory, or a short one when that path is too long."""
        if len(bytes(self.proxy / "supervisor.sock")) <= LONGEST_SOCKET:
            return self.proxy
        return Path("/tmp") / f"kintohub-{hashlib.sha256(bytes(self.data)).hexdigest()[:12]}"  # noqa: S108 - see directories()

    @property
    def address(self) -> str:
        """Where this machine reaches the dashboard."""
        return "127.0.0.1" if self.bind in ("", "0.0.0.0") else self.bind  # noqa: S104


def read(environment: Mapping[str, str]) -> Settings:
    """Raises Stop when a value cannot be used."""
    settings = Settings(
        data=Path(environment.get("KINTOHUB_DATA") or CHECKOUT / "data").expanduser().resolve(),
        bind=environment.get("KINTOHUB_BIND") or Settings.bind,
        port=_port(environment, "KINTOHUB_PORT", Settings.port),
        public_port=_port(environment, "KINTOHUB_PUBLIC_PORT", Settings.public_port),
        redis_url=environment.get("KINTOHUB_REDIS_URL", ""),
    )
    if settings.port == settings.public_port:
        raise Stop(f"KINTOHUB_PORT and KINTOHUB_PUBLIC_PORT are both {settings.port}: give them different values.")
    return settings


def directories(settings: Settings) -> None:
    """Make the directories, for this user only. Raises Stop when one cannot be made or belongs to somebody else."""
    for path in (settings.data, settings.logs, settings.proxy, settings.sockets):
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = path.stat(follow_symlinks=False).st_uid
        except OSError as error:
            raise Stop(
                f"The directory {path} cannot be made ({error.strerror}): choose one with KINTOHUB_DATA."
            ) from None
        if path == settings.sockets and owner != os.getuid():
            raise Stop(f"The directory {path} belongs to another user: remove it, or use a shorter KINTOHUB_DATA.")


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Stop(f"{name} is “{text}”: it must be a number from 1 to 65535.")
    return int(text)
