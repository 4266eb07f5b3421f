"""Ask the public port as a visitor does: which release answers for a host, and whether its answer is whole."""

from __future__ import annotations

import http.client
import socket
import time

from releases.proxy.base import Answer

PROBE_HEADER = "X-KintoHub-Probe"
SLOT_HEADER = "X-KintoHub-Slot"
RELEASE_HEADER = "X-KintoHub-Release"
# An answer has to begin within ANSWER_SECONDS; of its body at most this much is read.
ANSWER_SECONDS = 10.0
BODY_SECONDS = 2.0
BODY_BYTES = 65_536


def ask(host: str, path: str, public_port: int, token: str, backend: str = "") -> Answer:
    """`release` is None when HAProxy itself answered, or nobody. A `backend` is asked in place of the host's."""
    began = time.monotonic()
    release, status, problem = None, None, ""
    connection = http.client.HTTPConnection("127.0.0.1", public_port, timeout=ANSWER_SECONDS)
    headers = {"Host": f"{host}:{public_port}", PROBE_HEADER: token, "User-Agent": "KintoHub", "Connection": "close"}
    if backend:
        headers[SLOT_HEADER] = backend
    try:
        connection.request("GET", path, headers=headers)
        stream = connection.sock
        answer = connection.getresponse()
        release, status = answer.getheader(RELEASE_HEADER), answer.status
        _read(answer, stream)
    except (OSError, http.client.HTTPException) as error:
        problem = _problem(error)
    finally:
        connection.close()
    return Answer(release, status, time.monotonic() - began, problem)


def _read(answer: http.client.HTTPResponse, stream: socket.socket) -> None:
    """To its end, or as far as the bounds. Raises IncompleteRead when it ends before it should."""
    deadline, read = time.monotonic() + BODY_SECONDS, 0
    while read < BODY_BYTES and (left := deadline - time.monotonic()) > 0:
        stream.settimeout(left)
        try:
            chunk = answer.read1(BODY_BYTES)
        except TimeoutError:
            return
        if not chunk:
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            return
        read += len(chunk)


def _problem(error: Exception) -> str:
    match error:
        case ConnectionRefusedError():
            return "the connection was refused"
        case TimeoutError():
            return f"there was no answer within {ANSWER_SECONDS:.0f} s"
        case http.client.RemoteDisconnected():
            return "the connection was closed without an answer"
        case http.client.IncompleteRead():
            return "the answer was cut off"
        case ConnectionError():
            return "the connection was reset"
    return "the answer was not HTTP" if isinstance(error, http.client.HTTPException) else f"the request failed: {error}"
