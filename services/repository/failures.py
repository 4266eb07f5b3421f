"""From what git, curl and ssh say to what a person can do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.repository.address import Address
from services.repository.credentials import Credentials
from services.repository.errors import Cause, RepositoryError
from services.repository.git import GitFailed, TimedOut, TooMuch


@dataclass(frozen=True)
class Failure:
    """One thing that goes wrong. `pattern` is looked for in git's text; `{host}` in the message is filled in."""

    pattern: str
    cause: Cause
    message: str
    field: str = "repository_url"
    retryable: bool = False


TOO_LARGE = "The repository is too large: the files of one commit must fit into the limit of this installation."
TOO_SLOW = "The transfer from {host} was too slow and was ended. Try again."

# The first that matches counts, so the particular ones come before the general ones.
FAILURES = (
    Failure(r"File too large", Cause.TOO_LARGE, TOO_LARGE),
    Failure(
        r"Host key verification failed|IDENTIFICATION HAS CHANGED",
        Cause.REFUSED,
        "The ssh key of {host} is not the one known here. If the host was moved on purpose, the operator has to "
        "remove the old key from the platform's known_hosts file.",
    ),
    Failure(
        r"Load key .*|error in libcrypto|invalid format|incorrect passphrase",
        Cause.REFUSED,
        "The deploy key cannot be read. Paste the private key as a whole, one without a passphrase.",
        "deploy_key",
    ),
    Failure(
        r"Permission denied \(|Too many authentication failures",
        Cause.REFUSED,
        "{host} did not accept the deploy key. Check that its public part is added to the repository.",
        "deploy_key",
    ),
    Failure(
        r"returned error: 404|[Rr]epository not found|repository '.*' not found|could not be found|"
        r"does not appear to be a git repository|not a git repository|not valid: is this a git repository",
        Cause.NOT_FOUND,
        "There is no repository at this address, or it is private. Check the address, or add an access token.",
    ),
    Failure(
        r"Authentication failed|could not read Username|could not read Password|terminal prompts disabled|"
        r"returned error: 40[13]|Access denied|[Ii]nvalid credentials|HTTP Basic",
        Cause.REFUSED,
        "{host} did not accept the access token. Check that it is current and may read this repository.",
        "token",
    ),
    Failure(
        r"couldn't find remote ref|not our ref|no such ref|unadvertised object",
        Cause.BRANCH,
        "The branch or commit does not exist in the repository.",
        "branch",
    ),
    Failure(r"[Cc]ould not resolve|Name or service not known", Cause.HOST, "The host name {host} does not exist."),
    Failure(
        r"returned error: 30\d|unable to update url base from redirection",
        Cause.NOT_FOUND,
        "The repository has moved to another address. Copy its present clone address.",
    ),
    Failure(r"SSL|TLS|certificate", Cause.HOST, "{host} could not prove who it is: its certificate was not accepted."),
    Failure(r"Operation too slow|transfer closed", Cause.TOO_SLOW, TOO_SLOW, retryable=True),
    Failure(
        r"Failed to connect|Connection refused|Couldn't connect|[Tt]imed out|Connection reset|Connection closed|"
        r"No route to host|unreachable|Empty reply|returned error: 5\d\d|returned error: 429|hung up unexpectedly",
        Cause.HOST,
        "{host} cannot be reached now, or did not answer in the way a git server does. Try again in a moment.",
        retryable=True,
    ),
    Failure(
        r"dumb http",
        Cause.NOT_FOUND,
        "{host} serves plain files at this address, which is not enough for a fetch. Use the clone address.",
    ),
    Failure(
        r"No space left",
        Cause.OTHER,
        "The platform's disk is full. The operator has to make room.",
        retryable=True,
    ),
    Failure(
        r"early EOF|unexpected disconnect",
        Cause.HOST,
        "The connection to {host} broke off. Try again.",
        retryable=True,
    ),
    Failure(
        r"fsck error|error: object .*:",
        Cause.OTHER,
        "The repository has a damaged or dangerous object in it, which was refused. “git fsck” tells which.",
    ),
)

Ended = GitFailed | TimedOut | TooMuch


def explain(ended: Ended, address: Address, credentials: Credentials) -> RepositoryError:
    """The error to show. It never holds a token or a key: none of git's own text is passed on."""
    host = address.host or "this machine"
    if isinstance(ended, TimedOut):
        return RepositoryError(TOO_SLOW.format(host=host), cause=Cause.TOO_SLOW, retryable=True)
    if isinstance(ended, TooMuch):
        return RepositoryError(TOO_LARGE, cause=Cause.TOO_LARGE)
    failure = next((known for known in FAILURES if re.search(known.pattern, ended.text)), None)
    if failure is None:
        return RepositoryError(
            f"git could not read the repository on {host} (exit code {ended.code}).", cause=Cause.OTHER
        )
    if failure.field == "token" and not credentials.token:
        return _no_token(host)
    return RepositoryError(failure.message.format(host=host), failure.field, failure.cause, retryable=failure.retryable)


def _no_token(host: str) -> RepositoryError:
    # GitHub asks for a password where there is no repository, so that nobody learns which private ones exist.
    return RepositoryError(
        f"{host} shows this repository to nobody without an access token: it is private, or the address is wrong. "
        "Check the address, or add an access token.",
        cause=Cause.REFUSED,
    )
