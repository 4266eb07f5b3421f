"""Broken in where it listens."""

from tests.diagnosis.cases.case import NODE, Case, node, node_server, python, serving

SIX = """\
import socket
ThreadingHTTPServer.address_family = socket.AF_INET6


def bind(self):
    self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    self.socket.bind(self.server_address)
    self.server_name, self.server_port = "web", self.server_address[1]


ThreadingHTTPServer.server_bind = bind
"""
FILE = """\
import socket
import time

server = socket.socket(socket.AF_UNIX)
server.bind("/tmp/web.sock")
server.listen()
print("Ready", flush=True)
time.sleep(1000)
"""
SLOW = """\
import time
for number in range(1, 15):
    print(f"Migration {number} of 14", flush=True)
    time.sleep(1)
"""
IDLE = """\
import time
print("Ready", flush=True)
time.sleep(1000)
"""
QUICK = {"deploy_timeout": 10}

CASES = (
    Case(
        "server-told-localhost",
        "listens-on-localhost",
        {"requirements.txt": ""},
        {**QUICK, "start_command": "python -m http.server $PORT --bind 127.0.0.1"},
        clicks=True,
    ),
    Case("node-on-localhost", "listens-on-localhost", node(node_server(host='"127.0.0.1"')), {**NODE, **QUICK}),
    Case("python-elsewhere", "listens-on-another-port", python(serving(port="5055")), QUICK, clicks=True),
    Case("node-elsewhere", "listens-on-another-port", node(node_server(port="4000")), {**NODE, **QUICK}, clicks=True),
    Case("ipv6-only", "listens-on-ipv6-only", python(serving(SIX, host='"::"')), QUICK),
    Case("socket-file", "listens-on-a-socket-file", python(FILE), QUICK),
    Case("listens-nowhere", "nothing-listens", python(IDLE), QUICK),
    Case("still-migrating", "slow-start", python(serving(SLOW)), QUICK, clicks=True),
)
