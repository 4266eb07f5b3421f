"""What an installation is given once and keeps: `<data>/secrets.env`, which `kintohub/config.py` reads."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

MADE: dict[str, Callable[[], str]] = {
    "KINTOHUB_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "KINTOHUB_ENCRYPTION_KEYS": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "KINTOHUB_INSTALLATION_ID": lambda: secrets.token_hex(4),
}


def ensure(file: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Values of the file, after adding the secrets it lacks and setting those of `more`.

    The file is replaced in one step and only when something changed; nobody but its owner can read it.
    """
    present = read(file)
    wanted = {name: make() for name, make in MADE.items() if name not in present} | present | dict(more)
    if wanted != present:
        _replace(file, wanted)
    file.chmod(0o600)
    return wanted


def read(file: Path) -> dict[str, str]:
    """Empty when there is no file yet."""
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _replace(file: Path, values: Mapping[str, str]) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as output:
        output.write("# Made by KintoHub. Keep it with the database: without these keys its secrets cannot be read.\n")
        output.writelines(f"{name}={value}\n" for name, value in values.items())
        output.flush()
        os.fsync(output.fileno())
    draft.replace(file)
