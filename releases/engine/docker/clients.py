"""The Docker SDK's clients, one for each thread: a session of requests is not made to be shared."""

from __future__ import annotations

import os
import threading

from docker import APIClient
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnection, UnixHTTPConnectionPool

from releases.engine.docker.exchange import connected


class _Kept(threading.local):
    """What one thread keeps; it ends with the thread, and its connections with it."""

    client: APIClient | None = None
    process = 0


class Clients:
    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path
        self._kept = _Kept()

    def get(self, version: str, seconds: int) -> APIClient:
        """This thread's client; `seconds` bounds each wait of the next call.

        A fork would talk over the same connection as its parent, so it gets a client of its own.
        """
        kept = self._kept
        if not kept.client or (kept.process, kept.client.api_version) != (os.getpid(), version):
            kept.client, kept.process = _client(self._socket_path, version), os.getpid()
        kept.client.timeout = seconds
        return kept.client


class _Connection(UnixHTTPConnection):
    """The SDK's own leaves its socket open when nobody answers, and waits long for that."""

    def connect(self) -> None:
        self.sock = connected(self.unix_socket)
        self.sock.settimeout(self.timeout)


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> _Connection:  # type: ignore[override]  # as the SDK's own
        return _Connection(self.base_url, self.socket_path)


class _Adapter(UnixHTTPAdapter):
    """The SDK's own keeps a connection for each URL; here the next call uses the one of the last, whatever it asks."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._pool = _Pool(url, self.socket_path, maxsize=1)

    def get_connection(self, url: str | bytes, proxies: object = None) -> _Pool:
        return self._pool

    def close(self) -> None:
        self._pool.close()
        super().close()


def _client(socket_path: str, version: str) -> APIClient:
    client = APIClient(base_url=f"unix://{socket_path}", version=version)
    client.mount("http+docker://", _Adapter(f"http+unix://{socket_path}"))
    client.trust_env = False  # proxies and .netrc are not for a socket
    # The engine redirects nothing but paths with "..", which the SDK leaves in: they would lead to other objects.
    client.max_redirects = 0
    return client
