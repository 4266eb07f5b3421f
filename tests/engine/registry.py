"""An image registry in a thread: one image, of a name of its choice; other names it does not know; one never comes."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class Registry:
    """`address`/there:1 exists, `address`/slow:1 never answers."""

    def __init__(self, layer: bytes) -> None:
        self._ended = threading.Event()
        self._files = _files(layer)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        files, ended = self._files, self._ended

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if "/slow/" in self.path:
                    ended.wait(30)
                status, kind, content = files.get(self.path, (404, "application/json", _UNKNOWN))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Docker-Content-Digest", _digest(content))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler


_UNKNOWN = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _files(layer: bytes) -> dict[str, tuple[int, str, bytes]]:
    packed = gzip.compress(layer, mtime=0)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _part("application/vnd.docker.container.image.v1+json", config),
            "layers": [_part("application/vnd.docker.image.rootfs.diff.tar.gzip", packed)],
        }
    ).encode()
    names = {"1": (200, MANIFEST, manifest), _digest(manifest): (200, MANIFEST, manifest)}
    blobs = {_digest(content): (200, "application/octet-stream", content) for content in (config, packed)}
    return (
        {"/v2/": (200, "application/json", b"{}")}
        | {f"/v2/there/manifests/{name}": answer for name, answer in names.items()}
        | {f"/v2/there/blobs/{name}": answer for name, answer in blobs.items()}
    )


def _part(kind: str, content: bytes) -> dict[str, object]:
    return {"mediaType": kind, "size": len(content), "digest": _digest(content)}
