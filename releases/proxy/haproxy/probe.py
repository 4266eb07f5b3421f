"""Ask the public port, as a visitor does, which release answers for a host."""

from __future__ import annotations

import http.client

PROBE_HEADER = "X-KintoHub-Probe"
RELEASE_HEADER = "X-KintoHub-Release"


def answering(host: str, public_port: int, token: str, timeout: float) -> str | None:
    """The release that gave the answer, whatever its status; None when HAProxy itself answered, or nobody in time."""
    connection = http.client.HTTPConnection("127.0.0.1", public_port, timeout=timeout)
    headers = {"Host": f"{host}:{public_port}", PROBE_HEADER: token, "User-Agent": "KintoHub", "Connection": "close"}
    try:
        connection.request("GET", "/", headers=headers)
        return connection.getresponse().getheader(RELEASE_HEADER)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
