"""What a remote has, without fetching anything: its branches and which of them is the default."""

from __future__ import annotations

from dataclasses import dataclass

from services.repository import git
from services.repository.address import Address, Policy
from services.repository.credentials import Credentials, connection
from services.repository.errors import Cause, RepositoryError
from services.repository.failures import explain
from services.repository.refs import SHA, is_branch

MAX_BRANCHES = 2000
MAX_OUTPUT = 8 * 1024 * 1024
HEADS = "refs/heads/"


@dataclass(frozen=True)
class RemoteHeads:
    """`branches` maps names to commit ids. `complete` is false when there are more branches than are listed."""

    default_branch: str
    branches: dict[str, str]
    complete: bool = True


def branches(
    address: Address,
    credentials: Credentials,
    policy: Policy,
    *,
    seconds: float = 10.0,
    cancelled: git.Cancel = lambda: False,
) -> RemoteHeads:
    """Raises RepositoryError, also for a repository without commits, and Cancelled."""
    bounds = git.Bounds(seconds=seconds, output=MAX_OUTPUT, slow_seconds=max(1, int(seconds // 2)))
    arguments = ["ls-remote", "--symref", "--", address.url, "HEAD", f"{HEADS}*"]
    with connection(address, credentials, policy) as environment:
        try:
            output = git.run(arguments, environment=environment, bounds=bounds, cancelled=cancelled)
        except (git.GitFailed, git.TimedOut, git.TooMuch) as ended:
            raise explain(ended, address, credentials) from None
    return _parse(output.decode(errors="replace"))


def _parse(output: str) -> RemoteHeads:
    default, found = "", {}
    for line in output.split("\n"):
        value, _, name = line.partition("\t")
        branch = name.removeprefix(HEADS)
        if name == "HEAD" and value.startswith(f"ref: {HEADS}"):
            default = value.removeprefix(f"ref: {HEADS}")
        elif (
            name.startswith(HEADS)
            and SHA.fullmatch(value)
            and is_branch(branch)
            and "\N{REPLACEMENT CHARACTER}" not in branch
        ):
            found[branch] = value
    if not found:
        raise RepositoryError("The repository is empty: it has no branch yet. Push a commit first.", cause=Cause.EMPTY)
    if default not in found:  # HEAD may name a branch that nobody has pushed
        default = next((name for name in ("main", "master") if name in found), min(found))
    kept = [default, *(name for name in sorted(found) if name != default)][:MAX_BRANCHES]
    return RemoteHeads(default, {name: found[name] for name in kept}, complete=len(kept) == len(found))
