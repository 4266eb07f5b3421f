"""Running git: nothing of this machine's configuration, no questions, a bound on everything, nothing left running."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.repository.errors import Cancelled

Cancel = Callable[[], bool]
CHUNK = 65536
PATIENCE = 1.0  # seconds between SIGTERM, on which git removes what it had half written, and SIGKILL
POLL = 0.1
MAX_ERROR_TEXT = 16384

# Of the platform's own environment only this reaches git: where programs are, how to get out, whom to trust.
PASSED_ON = (
    "PATH",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "GIT_SSL_CAINFO",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
)
FIXED = {
    "HOME": "/nonexistent",
    "LC_ALL": "C",  # the texts that failures.py knows
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
OPTIONS = {
    "credential.helper": "",
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.version": "2",
    "http.followRedirects": "false",
    "transfer.fsckObjects": "true",
    # Harmless flaws of old, widely used repositories, which the checks would otherwise refuse.
    "fetch.fsck.zeroPaddedFilemode": "ignore",
    "fetch.fsck.badTimezone": "ignore",
    "fetch.fsck.missingSpaceBeforeDate": "ignore",
}


@dataclass(frozen=True)
class Bounds:
    """`seconds` by the clock; `output` bytes of standard output; `file_bytes` that git may write into one file.

    A transfer slower than `slow_bytes` per second for `slow_seconds` is ended.
    """

    seconds: float = 30.0
    output: int = 16 * 1024 * 1024
    file_bytes: int = 1024 * 1024 * 1024
    slow_bytes: int = 1000
    slow_seconds: int = 15


class GitFailed(Exception):
    """git ended with an error. `text` is what it said, which is not for users' eyes as it is."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"git ended with {code}")
        self.code = code
        self.text = text


class TimedOut(Exception):
    """The time by the clock is over; git is gone."""


class TooMuch(Exception):
    """More output than the bound allows; git is gone."""


def settings_in_environment(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Configuration for git that appears in no file and on no command line."""
    numbered = list(enumerate(settings))
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in numbered}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in numbered}
    return {"GIT_CONFIG_COUNT": str(len(numbered)), **keys, **values}


def run(
    arguments: Sequence[str],
    *,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
    cancelled: Cancel = lambda: False,
    stdin: bytes = b"",
) -> bytes:
    """What git wrote. Raises GitFailed, TimedOut, TooMuch, Cancelled."""
    pieces = stream(
        arguments, directory=directory, environment=environment, bounds=bounds, cancelled=cancelled, stdin=stdin
    )
    return b"".join(pieces)


def stream(
    arguments: Sequence[str],
    *,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
    cancelled: Cancel = lambda: False,
    stdin: bytes = b"",
) -> Generator[bytes, None, None]:
    """git's output as it comes; its exit code is looked at after the last piece. Closing the iterator ends git."""
    bounds = bounds or Bounds()
    process = _start(_command(arguments, directory, bounds), _environment(environment or {}), stdin)
    try:
        errors = yield from _pump(process, bounds, cancelled)
        if process.returncode:
            raise GitFailed(process.returncode, errors.decode(errors="replace"))
    finally:
        _end(process)


def _command(arguments: Sequence[str], directory: Path | None, bounds: Bounds) -> list[str]:
    limits = {"http.lowSpeedLimit": bounds.slow_bytes, "http.lowSpeedTime": bounds.slow_seconds}
    options = [word for key, value in {**OPTIONS, **limits}.items() for word in ("-c", f"{key}={value}")]
    place = [f"--git-dir={directory}"] if directory else []
    # The shell sets the file size limit (in blocks of 512 bytes) and becomes git: a limit set from outside, after the
    # start, would miss a child that git had already made. With the signal ignored git sees an error and names it.
    limit = ["sh", "-c", f'trap "" XFSZ; ulimit -f {bounds.file_bytes // 512 + 1} && exec git "$@"', "git"]
    return [*limit, *options, *place, *arguments]


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | FIXED | dict(extra)


def _start(command: list[str], environment: dict[str, str], stdin: bytes) -> subprocess.Popen[bytes]:
    with tempfile.TemporaryFile() as source:  # a file, not a pipe: git may read it while nobody has time to write
        source.write(stdin)
        source.seek(0)
        return subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,
        )


def _pump(process: subprocess.Popen[bytes], bounds: Bounds, cancelled: Cancel) -> Generator[bytes, None, bytes]:
    """Yields standard output; returns the beginning of standard error."""
    deadline, size, errors = time.monotonic() + bounds.seconds, 0, b""
    assert process.stdout and process.stderr  # noqa: S101 - both were asked for
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            if cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise TimedOut
            for key, _ in selector.select(POLL):
                piece = os.read(key.fd, CHUNK)
                if not piece:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    errors = (errors + piece)[:MAX_ERROR_TEXT]
                else:
                    size += len(piece)
                    if size > bounds.output:
                        raise TooMuch
                    yield piece
    try:
        process.wait(max(PATIENCE, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimedOut from None
    return errors


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole session goes: git's transport helpers outlive a git that is killed alone."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        _signal(process, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):  # one that hangs in the kernel must not hide why it was ended
            process.wait(PATIENCE)
        _await_helpers(process)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def _await_helpers(process: subprocess.Popen[bytes]) -> None:
    """A killed helper is no child of ours, so it cannot be waited for; where nobody collects it, it stays a zombie."""
    deadline = time.monotonic() + PATIENCE / 2
    while time.monotonic() < deadline and _signal(process, 0):
        time.sleep(0.005)


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Whether anybody of the session is there to get it."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
