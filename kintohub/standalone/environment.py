"""The environment of everything we start: what it needs to work, and nothing else of the person's shell."""

from __future__ import annotations

import os
from collections.abc import Mapping

SYSTEM_PATHS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not on the PATH of Debian's ordinary users
NAMES = {
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "TMPDIR", "NO_COLOR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    *("GIT_SSL_CAINFO", "DOCKER_HOST", "GOPROXY", "PYTEST_ADDOPTS", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
}
PREFIXES = ("LC_", "PIP_", "UV_", "NPM_CONFIG_", "KINTOHUB_")


def of_children(parent: Mapping[str, str] | None = None) -> dict[str, str]:
    """Proxy and npm variables are kept in capitals and in small letters, as programs read either."""
    parent = os.environ if parent is None else parent
    kept = {name: value for name, value in parent.items() if _kept(name.upper())}
    kept["PATH"] = search_path(parent)
    kept["PYTHONUNBUFFERED"] = "1"
    return kept


def search_path(parent: Mapping[str, str] | None = None) -> str:
    """PATH, with the directories of system programs that are missing in it."""
    parent = os.environ if parent is None else parent
    present = parent.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join([*present, *(path for path in SYSTEM_PATHS if path not in present)])


def _kept(name: str) -> bool:
    return name in NAMES or name.startswith(PREFIXES)
