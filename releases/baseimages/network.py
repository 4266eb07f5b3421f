"""Whether an address on the web answers, quickly."""

from __future__ import annotations

from urllib.error import URLError
from urllib.request import Request, urlopen

SECONDS = 4.0


def answers(url: str) -> bool:
    """A success within `SECONDS`, through the host's proxy where it has one."""
    request = Request(url, method="HEAD")  # noqa: S310 - the mirror from apt's own sources, http or https only
    try:
        with urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            return bool(response.status == 200)
    except (URLError, OSError, ValueError):
        return False
