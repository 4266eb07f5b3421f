"""Secrets for one remote, and the environment that hands them to git without argv, URL or configuration file."""

from __future__ import annotations

import base64
import shlex
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.repository import hosts
from services.repository.address import Address, Policy
from services.repository.errors import Cause, RepositoryError
from services.repository.git import settings_in_environment
from services.settings import Credentials

__all__ = ["NONE", "Credentials", "connection"]

HERE = Path(__file__).parent
PINNED_HOSTS = HERE / "known_hosts"  # the published keys of the large providers
LOCAL_CONFIG = HERE / "local.gitconfig"

# GitHub, GitLab, Gitea and Forgejo take any user name beside a token; Bitbucket wants the one of the token's kind.
TOKEN_USERS = {"github.com": "x-access-token", "bitbucket.org": "x-token-auth"}
BITBUCKET_API_TOKEN = ("ATATT", "x-bitbucket-api-token-auth")


NONE = Credentials()


@contextmanager
def connection(address: Address, credentials: Credentials, policy: Policy) -> Iterator[dict[str, str]]:
    """The environment in which git reaches this remote, and only this one. Raises RepositoryError."""
    _check(address, credentials)
    addresses = hosts.resolve(address, policy)
    with tempfile.TemporaryDirectory(prefix="kintohub-git-") as directory:
        environment = {"HOME": directory, "GIT_ALLOW_PROTOCOL": address.protocol}
        if address.protocol == "file":
            environment["GIT_CONFIG_GLOBAL"] = str(LOCAL_CONFIG)
        elif address.protocol == "ssh":
            key = _key_file(Path(directory), credentials.deploy_key)
            environment["GIT_SSH_COMMAND"] = _ssh_command(address, addresses, key, policy)
            environment["GIT_SSH_VARIANT"] = "ssh"
        else:
            environment |= settings_in_environment(_http_settings(address, addresses, credentials))
        yield environment


def _check(address: Address, credentials: Credentials) -> None:
    if address.protocol == "ssh" and credentials.token:
        raise RepositoryError(
            "An access token works with https:// addresses. Use the https address, or a deploy key.", "token"
        )
    if address.protocol == "ssh" and not credentials.deploy_key:
        raise RepositoryError(
            "This address needs a deploy key. Add one, or use the https address of the repository.",
            "deploy_key",
            Cause.REFUSED,
        )
    if address.protocol != "ssh" and credentials.deploy_key:
        raise RepositoryError("A deploy key works with ssh addresses, like git@host:path.", "deploy_key")
    if not credentials.token.isprintable() or " " in credentials.token:
        raise RepositoryError("The access token has a space, a line break or a control character in it.", "token")


def _http_settings(address: Address, addresses: tuple[str, ...], credentials: Credentials) -> list[tuple[str, str]]:
    settings = []
    if addresses:
        pinned = ",".join(f"[{ip}]" if ":" in ip else ip for ip in addresses)
        settings.append(("http.curloptResolve", f"{address.host}:{address.port}:{pinned}"))
    if credentials.token:
        settings.append((f"http.{address.origin}.extraHeader", f"Authorization: Basic {_basic(address, credentials)}"))
    return settings


def _basic(address: Address, credentials: Credentials) -> str:
    token = credentials.token
    if ":" not in token:
        user = TOKEN_USERS.get(address.host, "oauth2")
        if address.host == "bitbucket.org" and token.startswith(BITBUCKET_API_TOKEN[0]):
            user = BITBUCKET_API_TOKEN[1]
        token = f"{user}:{token}"
    return base64.b64encode(token.encode()).decode()


def _key_file(directory: Path, key: str) -> Path:
    path = directory / "key"
    path.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
    path.write_text(key.replace("\r\n", "\n").strip() + "\n")  # ssh refuses a key without its last line break
    return path


def _ssh_command(address: Address, addresses: tuple[str, ...], key: Path, policy: Policy) -> str:
    """The published keys of the large providers are pinned: their first contact is checked too. Any other host's key
    is accepted once and kept; a changed one is refused. Asking a person would mean asking somebody who cannot know, and
    refusing unknown hosts would leave every self-hosted server to the operator's shell.
    """
    policy.state_directory.mkdir(parents=True, exist_ok=True)
    pinned = any(line.split()[0] == address.host for line in PINNED_HOSTS.read_text().splitlines())
    alias = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "IdentityFile": str(key),
        "PreferredAuthentications": "publickey",
        "StrictHostKeyChecking": "yes" if pinned else "accept-new",
        "UserKnownHostsFile": f'"{policy.state_directory / "known_hosts"}"',
        "GlobalKnownHostsFile": f'"{PINNED_HOSTS}"',
        "UpdateHostKeys": "no",
        "HostKeyAlias": alias,
        "ConnectTimeout": "10",
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "3",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "LogLevel": "ERROR",
    }
    if addresses:
        options["HostName"] = addresses[0]
    return shlex.join(["ssh", "-F", "/dev/null", *(f"-o{name}={value}" for name, value in options.items())])
