"""A Debian mirror on this machine that has nothing but release files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def mirror_with(*suites: str) -> Iterator[str]:
    """The address of one that answers for these paths, such as "dists/trixie"."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            known = self.path.removeprefix("/").removesuffix("/InRelease") in suites
            self.send_response(200 if known else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
