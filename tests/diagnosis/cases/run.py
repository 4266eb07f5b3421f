"""Broken while it runs."""

from tests.diagnosis.cases.case import NODE, Case, node, node_server, python, serving

GROWS = "data = bytearray(90 * 1024 * 1024)"
CONNECTS = """\
import socket
try:
    socket.create_connection(("databse", 5432), timeout=5)
except OSError as error:
    sys.exit(f'psycopg.OperationalError: could not translate host name "databse" to address: {error}')
"""
CACHE = 'require("net").connect(6379, "127.0.0.1");'
LATER = """\
import threading


def end():
    raise_later = os._exit
    print("The till is jammed", flush=True)
    raise_later(1)


threading.Timer(2.0, end).start()
"""

CASES = (
    Case("memory-too-small", "out-of-memory", python(serving(GROWS)), {"memory_mb": 64}, clicks=True),
    Case("no-database", "service-unreachable", python(serving(CONNECTS))),
    Case("cache-on-localhost", "service-unreachable", node(node_server(CACHE)), NODE),
    Case("python-error", "crash", python(serving("prot = 1\nport + 1"))),
    Case("python-syntax", "crash", python("def serve(:\n    pass\n")),
    Case("node-error", "crash", node(node_server("const settings = {};\nsettings.port.toFixed();")), NODE),
    Case("ends-with-a-signal", "killed-by-signal", python(serving("import ctypes\nctypes.string_at(0)"))),
    Case("ends-without-a-word", "unknown", python(serving("sys.exit(3)"))),
    Case("ends-after-the-switch", "crash-loop", python(), {"undo_window": 30}, then={"run.py": serving(LATER)}),
)
