"""What was raised, as plain values."""

from __future__ import annotations

import re

from releases.diagnosis.facts import Failure, Kind
from releases.engine.base import BuildFailed, EngineError
from releases.lease import Stopped
from releases.proxy.base import ProxyError
from services.repository.errors import RepositoryError

FAULT = re.compile(r"\b[0-9a-f]{8}\b")


def failure_of(error: Exception | None, reason: str) -> Failure:
    """`reason` is what the user is told. A stage's own words for what went wrong are exactly that; else it is a fault.

    Without an error it is the sweep that speaks: the process that carried out the release is gone.
    """
    match error:
        case None | Stopped():
            return Failure(Kind.STOPPED, reason)
        case RepositoryError():
            return Failure(
                Kind.REPOSITORY, reason, error.cause, error.field, near=error.near, retryable=error.retryable
            )
        case EngineError():
            return Failure(Kind.ENGINE, reason, retryable=error.retryable)
        case ProxyError():
            return Failure(Kind.PROXY, reason, retryable=error.retryable)
    code = str(getattr(error, "code", ""))
    if isinstance(built := error.__cause__, BuildFailed):
        return Failure(Kind.BUILD, reason, code, exit_code=built.exit_code, instruction=built.instruction)
    if reason == str(error):
        return Failure(Kind.STAGE, reason, code)
    found = FAULT.search(reason)
    return Failure(Kind.FAULT, reason, fault=found[0] if found else "")
