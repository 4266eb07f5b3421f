"""TCP ports: whether one is free, and finding a free one."""

from __future__ import annotations

import errno
import socket

from kintohub.standalone.stop import Stop


def free(address: str, port: int) -> bool:
    """Whether a server could listen there now. Raises OSError when the address is not this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: connections of an earlier run that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
        return True


def any_free(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def require(address: str, port: int, setting: str) -> None:
    """Raises Stop with a sentence that names the setting."""
    try:
        if free(address, port):
            return
    except PermissionError:
        raise Stop(f"This user may not listen on port {port}: choose one from 1024 up with {setting}.") from None
    except OSError as error:
        raise Stop(f"Cannot listen on {address}, port {port} ({error.strerror}): check KINTOHUB_BIND.") from None
    raise Stop(f"Port {port} is taken by another program: stop that one, or choose another port with {setting}.")
