"""Repository addresses: what is accepted, and in which form git is given them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from services.repository.errors import Cause, RepositoryError

MAX_LENGTH = 1000
DEFAULT_PORTS = {"https": 443, "http": 80, "ssh": 22}
HOST = re.compile(r"(?!-)[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:.]+")
USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
SCP_LIKE = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>(?!//).+)")
# "%" never needs to be in a repository's path, and git would decode it: "%2e%2e" must not get through as "..".
PATH = re.compile(r"[A-Za-z0-9._~/+@=,()!-]+|[^\x00-\x7f]+")


@dataclass(frozen=True)
class Policy:
    """What this installation lets people reach. `state_directory` keeps what ssh learned about hosts."""

    state_directory: Path
    protocols: frozenset[str] = frozenset({"https", "ssh"})
    private_hosts: bool = False
    local_directory: Path | None = None


@dataclass(frozen=True)
class Address:
    """A repository's address. `url` is what git is given; it never holds a password. `host` is empty for `file`."""

    url: str
    protocol: str
    host: str
    port: int
    path: str
    user: str = field(default="")

    @property
    def origin(self) -> str:
        """Scheme, host and port with a closing slash: the scope of a token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS.get(self.protocol) else f":{self.port}"
        return f"{self.protocol}://{host}{port}/"

    @property
    def name(self) -> str:
        """The repository's own name: the last part of its path without `.git`."""
        return self.path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")


def parse(text: str, policy: Policy) -> Address:
    """The address a person typed, checked. Opens no connection. Raises RepositoryError."""
    text = text.strip()
    _check_text(text)
    if "://" in text:
        return _parse_url(text, policy)
    if match := SCP_LIKE.fullmatch(text):
        return _parse_scp_like(match, policy)
    raise RepositoryError("This is not a repository address. It should start with https:// or look like git@host:path.")


def _check_text(text: str) -> None:
    if not text:
        raise RepositoryError("Enter the address of a git repository.")
    if len(text) > MAX_LENGTH:
        raise RepositoryError(f"The address is too long: at most {MAX_LENGTH} characters.")
    if text.startswith("-"):
        raise RepositoryError("The address must not start with “-”.")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise RepositoryError("The address must not contain spaces or control characters.")


def _parse_url(text: str, policy: Policy) -> Address:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise RepositoryError("The address is not valid: check the host name and the port.") from None
    protocol = parts.scheme.lower()
    if protocol == "file":
        return _local(unquote(parts.path), parts.netloc, policy)
    _check_protocol(protocol, policy)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise RepositoryError("The address must not contain “?” or “#”. Copy the clone address of the repository.")
    user = _user(parts.username, parts.password, protocol)
    host, path = _host(parts.hostname or ""), _path(parts.path.lstrip("/"))
    address = Address("", protocol, host, port or DEFAULT_PORTS[protocol], path, user)
    origin = address.origin.replace("://", f"://{user}@", 1) if user else address.origin
    return Address(origin + quote(path, safe="/~+@=,()!"), protocol, host, address.port, path, user)


def _parse_scp_like(match: re.Match[str], policy: Policy) -> Address:
    _check_protocol("ssh", policy)
    user = _user(match["user"] or "git", None, "ssh")
    host, path = _host(match["host"]), _path(match["path"])
    # Kept in this form: "host:path" counts from the user's home directory on the host, "ssh://host/path" from its root.
    return Address(f"{user}@{host}:{path}", "ssh", host, DEFAULT_PORTS["ssh"], path, user)


def _check_protocol(protocol: str, policy: Policy) -> None:
    if protocol in DEFAULT_PORTS and protocol in policy.protocols:
        return
    allowed = " or ".join(f"{name}://" for name in ("https", "ssh", "http") if name in policy.protocols)
    raise RepositoryError(f"Addresses that start with {protocol}:// cannot be used here. Use {allowed}.")


def _user(user: str | None, password: str | None, protocol: str) -> str:
    if password is not None or (user is not None and protocol != "ssh"):
        raise RepositoryError(
            "The address must not contain a user name, a password or a token. "
            "Put the token into the Access Token field."
        )
    if user and not USER.fullmatch(user):
        raise RepositoryError("The user name in the address is not valid.")
    return user or ""


def _host(host: str) -> str:
    if not HOST.fullmatch(host) or ".." in host:
        raise RepositoryError("The host name in the address is not valid.")
    return host.lower()


def _path(path: str) -> str:
    parts = path.rstrip("/").split("/")
    if not path.strip("/") or ".." in parts or path.startswith("-"):
        raise RepositoryError("The address has no repository after the host name.")
    if not all(PATH.fullmatch(piece) for piece in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", path)):
        raise RepositoryError("The address has a character that a repository's path cannot have.")
    return path.rstrip("/")


def _local(path: str, authority: str, policy: Policy) -> Address:
    if policy.local_directory is None:
        raise RepositoryError("Repositories on this machine (file://) are not allowed here. Use https:// or ssh://.")
    allowed, real = policy.local_directory.resolve(), Path(path).resolve()
    if authority or not real.is_relative_to(allowed) or real == allowed or not path.startswith("/"):
        raise RepositoryError("This directory is outside the place where repositories on this machine are allowed.")
    if not real.is_dir():
        raise RepositoryError("There is no repository in this directory.", cause=Cause.NOT_FOUND)
    return Address("file://" + quote(str(real)), "file", "", 0, str(real))
