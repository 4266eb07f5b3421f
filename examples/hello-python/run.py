"""A small web application with nothing but Python's standard library."""

import html
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "1"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello from Python</title>
<h1>Hello from Python</h1>
<p>Version {version}, Python {python}. {greeting}</p>
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            greeting = html.escape(os.environ.get("GREETING", "Set the variable GREETING to change this sentence."))
            page = PAGE.format(version=VERSION, python=sys.version.split()[0], greeting=greeting)
            self.answer(200, "text/html; charset=utf-8", page)
        elif self.path == "/healthz":
            self.answer(200, "text/plain", "ok\n")
        else:
            self.answer(404, "text/plain", "There is nothing here.\n")

    def answer(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, message, *values):
        print(f"{self.address_string()} {message % values}", flush=True)


def main():
    port = int(os.environ.get("PORT", "8000"))
    server = ThreadingHTTPServer(("", port), Handler)
    server.daemon_threads = False  # requests that are being answered are answered to their end
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"Listening on port {port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    print("Stopped", flush=True)


if __name__ == "__main__":
    main()
