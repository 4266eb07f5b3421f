"""Turns what can go wrong between us and the engine into `EngineError`s."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from docker.errors import APIError, DockerException
from requests import RequestException, TooManyRedirects

from releases.engine.base import EngineError, NotFound, Rejected, Unavailable

_PASSING = re.compile(r"timeout|timed out|deadline exceeded|connection re(fused|set)|no such host", re.IGNORECASE)


@contextmanager
def socket_errors() -> Iterator[None]:
    """Wrap reading and writing of the socket, and only that: a caller's own `OSError` is not the engine's."""
    try:
        yield
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _unavailable(error) from error


@contextmanager
def sdk_errors() -> Iterator[None]:
    """Wrap one call of the SDK, and only that."""
    try:
        yield
    except APIError as error:
        assert error.response is not None  # noqa: S101 (it is made of one)
        raise refusal(error.response.status_code, error.response.content) from error
    except TooManyRedirects as error:
        raise NotFound("The Docker engine has nothing of such a name.") from error
    except RequestException as error:
        raise _unavailable(_origin(error)) from error
    except DockerException as error:
        raise Rejected(str(error)) from error
    except (KeyError, TypeError) as error:  # an error's JSON without a message
        raise Unavailable("The Docker engine's answer cannot be read.") from error


def refusal(status: int, content: bytes) -> EngineError:
    """The error for an answer with this HTTP status. The engine says 500 to much that is the request's fault."""
    text = _explanation(content) or f"The Docker engine answered with status {status}."
    if status == 404:
        return NotFound(text)
    if status == 503 or (status >= 500 and _PASSING.search(text)):
        return Unavailable(text)
    return Rejected(text)


def _unavailable(error: BaseException) -> Unavailable:
    if isinstance(error, PermissionError):
        return Unavailable(
            "The Docker engine's socket may not be opened by this user. Run as root or as a member of the group docker."
        )
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return Unavailable("The Docker engine did not answer in time.")
    return Unavailable(f"The Docker engine cannot be reached: {error or type(error).__name__}.")


def _origin(error: BaseException) -> BaseException:
    """The innermost of the errors that requests and urllib3 hand on as arguments of their own."""
    inner = [argument for argument in error.args if isinstance(argument, BaseException)]
    return _origin(inner[-1]) if inner else error


def _explanation(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"]).strip()
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace").strip()
