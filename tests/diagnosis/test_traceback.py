"""Where an error happened: in the program's own code, not in that of its packages."""

from __future__ import annotations

from releases.diagnosis.traceback import last_trace
from tests.diagnosis.facts import lines

IN_PACKAGE = """
Starting
Traceback (most recent call last):
  File "/app/run.py", line 12, in <module>
    main()
  File "/app/shop/menu.py", line 40, in load
    return json.loads(text)
  File "/usr/local/lib/python3.13/json/decoder.py", line 345, in decode
    raise JSONDecodeError("Extra data", s, end)
json.decoder.JSONDecodeError: Extra data: line 1 column 4 (char 3)
"""
SYNTAX = """
  File "/app/run.py", line 3
    def serve(:
              ^
SyntaxError: invalid syntax
"""
TWO = """
Traceback (most recent call last):
  File "/app/a.py", line 1, in <module>
ValueError: first

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/b.py", line 2, in <module>
RuntimeError
"""
UNCAUGHT = """
Listening soon
node:internal/process/promises:394
      triggerUncaughtException(err, true);
      ^

RangeError [ERR_SOCKET_BAD_PORT]: options.port should be >= 0 and < 65536
    at Server.listen (node:net:2103:3)
    at Function.listen (/app/node_modules/express/lib/application.js:635:24)
    at start (file:///app/src/server.mjs:21:7)
"""


def test_python_names_the_innermost_own_file() -> None:
    trace = last_trace(lines("web-1", IN_PACKAGE))
    assert trace is not None
    assert (trace.name, trace.place) == ("json.decoder.JSONDecodeError", "shop/menu.py, line 40")
    assert trace.text == "Extra data: line 1 column 4 (char 3)"
    assert trace.lines[0].text.startswith("Traceback")
    assert trace.lines[-1].text.startswith("json.decoder")
    assert len(trace.lines) <= 8


def test_a_syntax_error_has_no_traceback() -> None:
    trace = last_trace(lines("web-1", SYNTAX))
    assert trace is not None
    assert (trace.name, trace.place, trace.text) == ("SyntaxError", "run.py, line 3", "invalid syntax")


def test_the_last_of_several_counts() -> None:
    trace = last_trace(lines("web-1", TWO))
    assert trace is not None
    assert (trace.name, trace.text, trace.place) == ("RuntimeError", "", "b.py, line 2")


def test_node_names_the_first_own_file() -> None:
    trace = last_trace(lines("web-1", UNCAUGHT))
    assert trace is not None
    assert (trace.name, trace.place) == ("RangeError", "src/server.mjs, line 21")


def test_where_there_is_none() -> None:
    assert last_trace(lines("web-1", "An error happened\nBye")) is None
    assert last_trace(()) is None
