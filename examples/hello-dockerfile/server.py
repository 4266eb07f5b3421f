"""A small web application that brings its own Dockerfile."""

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = "1"
BUILT = Path("built.txt").read_text().strip()
PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello from a Dockerfile</title>
<h1>Hello from a Dockerfile</h1>
<p>Version {VERSION}. {BUILT}.</p>
"""
ANSWERS = {"/": ("text/html; charset=utf-8", PAGE), "/healthz": ("text/plain", "ok\n")}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, text = ANSWERS.get(self.path, ("text/plain", "There is nothing here.\n"))
        body = text.encode()
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, message, *values):
        print(f"{self.address_string()} {message % values}", flush=True)


server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
server.daemon_threads = False
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"Listening on port {server.server_port}", flush=True)
server.serve_forever(poll_interval=0.1)
server.server_close()
print("Stopped", flush=True)
