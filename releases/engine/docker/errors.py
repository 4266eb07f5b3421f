"""Turns what can go wrong between us and the engine into `EngineError`s."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from releases.engine.base import EngineError, NotFound, Rejected, Unavailable

_PASSING = re.compile(r"timeout|timed out|deadline exceeded|connection re(fused|set)|no such host", re.IGNORECASE)


@contextmanager
def socket_errors() -> Iterator[None]:
    """Wrap reading and writing of the socket, and only that: a caller's own `OSError` is not the engine's."""
    try:
        yield
    except PermissionError as error:
        raise Unavailable(
            "The Docker engine's socket may not be opened by this user. Run as root or as a member of the group docker."
        ) from error
    except TimeoutError as error:
        raise Unavailable("The Docker engine did not answer in time.") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unavailable(f"The Docker engine cannot be reached: {error or type(error).__name__}.") from error


def refusal(status: int, content: bytes) -> EngineError:
    """The error for an answer with this HTTP status. The engine says 500 to much that is the request's fault."""
    text = _explanation(content) or f"The Docker engine answered with status {status}."
    if status == 404:
        return NotFound(text)
    if status == 503 or (status >= 500 and _PASSING.search(text)):
        return Unavailable(text)
    return Rejected(text)


def _explanation(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"]).strip()
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace").strip()
