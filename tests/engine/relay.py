"""A unix socket in front of the engine's that can cut every connection, as an engine's restart does."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import Self

ENGINE = "/var/run/docker.sock"


class Relay:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.cuts = 0
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(20)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(self, *error: object) -> None:
        _shut(self._listener)
        self.cut()
        for thread in list(self._threads):
            thread.join(5)
        for connection in [self._listener, *self._open]:
            connection.close()

    def cut(self) -> None:
        self.cuts += 1
        with self._lock:
            for connection in self._open:
                _shut(connection)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            far.connect(ENGINE)
            with self._lock:
                self._open += [near, far]
            self._spawn(_copy, near, far)
            self._spawn(_copy, far, near)

    def _spawn(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    _shut(source)
    _shut(target)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
