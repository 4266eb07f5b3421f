"""Builds the engine's description of an instance, and reads it back. Pure functions."""

from __future__ import annotations

import posixpath
from datetime import datetime
from typing import Any

from releases.engine.base import Instance, InstanceRequest, InstanceState
from releases.engine.docker.names import ADDRESS, Names, read_labels

MIB = 1024 * 1024

# What images that start as root need to prepare directories and step down to a user of their own (CHOWN,
# DAC_OVERRIDE, FOWNER, SETGID, SETUID), to end their children afterwards (KILL), and to bind ports below 1024.
# Left out of Docker's usual list: raw sockets and device nodes, chroot, file capabilities, audit records.
CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"]

# `on-failure` would leave a service down after a reboot in which it ended cleanly, and its retries count over the
# container's whole life. `Instance.restarts` shows a crash loop; the engine waits longer after each, up to a minute.
RESTART_POLICY = {"Name": "unless-stopped"}

# `local` keeps exact bytes, in a third of the size of `json-file`. Compressed, each read would first unpack old files.
LOG = {"Type": "local", "Config": {"max-size": "10m", "max-file": "5", "compress": "false"}}

_STATES = {
    "created": InstanceState.CREATED,
    "running": InstanceState.RUNNING,
    "paused": InstanceState.RUNNING,
    "restarting": InstanceState.RESTARTING,
}


def creation(request: InstanceRequest, names: Names, address: str) -> dict[str, Any]:
    """The address is on a label too, because events tell labels: of removed containers nothing else is left."""
    endpoint = {"Aliases": [request.alias], "IPAMConfig": {"IPv4Address": address}}
    body: dict[str, Any] = {
        "Image": request.image,
        "Env": [f"{key}={value}" for key, value in _environment(request).items()],
        "Labels": {**names.labels(request.labels), ADDRESS: address},
        "HostConfig": _host_config(request),
        "NetworkingConfig": {"EndpointsConfig": {request.network: endpoint}},
    }
    if request.command:
        body["Entrypoint"] = shell(request.command)
    return body


def shell(command: str) -> list[str]:
    """The shell stays, and waits, when the process group is told to end, so that every form of command can finish."""
    return ["sh", "-c", f"trap : TERM INT\n{command}"]


def _environment(request: InstanceRequest) -> dict[str, str]:
    return {**request.environment, "TINI_KILL_PROCESS_GROUP": "1"}


def _host_config(request: InstanceRequest) -> dict[str, Any]:
    memory = request.limits.memory_mb * MIB
    return {
        "Init": True,
        "NetworkMode": request.network,
        "RestartPolicy": RESTART_POLICY,
        "CapDrop": ["ALL"],
        "CapAdd": CAPABILITIES,
        "SecurityOpt": ["no-new-privileges"],
        "PidsLimit": request.limits.processes,
        "Memory": memory,
        "MemorySwap": memory,  # the sum of both: no swap
        "NanoCpus": int(request.limits.cpu * 1_000_000_000),
        "LogConfig": LOG,
    }


def instance(details: dict[str, Any], names: Names) -> Instance:
    state = details["State"]
    status = _STATES.get(state["Status"], InstanceState.EXITED)
    ended = status in (InstanceState.EXITED, InstanceState.RESTARTING)
    return Instance(
        id=details["Id"],
        name=names.instance(details["Name"]),
        state=status,
        address=_address(details) if status is InstanceState.RUNNING else "",
        labels=read_labels(details["Config"].get("Labels") or {}),
        exit_code=state["ExitCode"] if ended else None,
        out_of_memory=bool(state.get("OOMKilled")),
        restarts=details.get("RestartCount", 0),
        ended=seconds(state["FinishedAt"]) or None,
    )


def seconds(text: str) -> float:
    """Since 1970, of the engine's time in UTC with nanoseconds; what never was says the year 1, and gives 0."""
    moment = datetime.fromisoformat(f"{text[:19]}+00:00")
    return max(0.0, moment.timestamp() + float(f"0{text[19:].rstrip('Z')}" if text[19:20] == "." else 0))


def _address(details: dict[str, Any]) -> str:
    endpoint = details["NetworkSettings"]["Networks"].get(details["HostConfig"]["NetworkMode"]) or {}
    return str(endpoint.get("IPAddress") or "")


def program(details: dict[str, Any]) -> tuple[str, list[str]]:
    """The program that the container runs, and the places where the engine will look for it."""
    config = details["Config"]
    name = [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])][0]
    if "/" in name:
        return name, [posixpath.join(config.get("WorkingDir") or "/", name)]
    variables = dict(entry.split("=", 1) for entry in config.get("Env") or [] if "=" in entry)
    path = variables.get("PATH") or "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    folders = sorted(path.split(":"), key=lambda folder: folder != "/bin")  # where `sh` is
    return name, [f"{folder}/{name}" for folder in folders if folder.startswith("/")]
