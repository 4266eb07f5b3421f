"""The programs of an installation, and the configuration that makes supervisord run them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from kintohub.standalone import venv
from kintohub.standalone.settings import CHECKOUT, Settings

FIRST, SECOND = 1, 2  # what the others need starts first and stops last


@dataclass(frozen=True)
class Program:
    """`priority` is FIRST or SECOND. `grace`: seconds it gets to end before it is killed."""

    name: str
    command: tuple[str, ...]
    priority: int
    grace: int = 10


def of_installation(settings: Settings, redis: tuple[str, ...]) -> list[Program]:
    """`redis` is the command line of its server; empty when the operator brings one."""
    python = (str(venv.program("python")), "-m")
    agent = (str(venv.program("python")), str(CHECKOUT / "manage.py"), "agent", "--settings=kintohub.background")
    return [
        *([Program("redis", redis, FIRST)] if redis else []),
        Program("haproxy", ("haproxy", "-db", "-f", str(settings.proxy / "haproxy.cfg")), FIRST),
        Program("web", _web(settings), SECOND),
        Program("worker", (*python, "kintohub.worker"), SECOND, grace=15),
        Program("agent", agent, SECOND, grace=15),
        Program("beat", (*python, "kintohub.beat", str(settings.data / "beat-schedule")), SECOND),
    ]


def _web(settings: Settings) -> tuple[str, ...]:
    listen = ("-b", settings.bind, "-p", str(settings.port))
    pings = ("--ping-interval", "20", "--ping-timeout", "30")
    leave = ("--application-close-timeout", "7")  # less than its grace
    server = (str(venv.program("python")), "-m", "kintohub.webserver")
    return (*server, *listen, *pings, *leave, "kintohub.asgi:application")


def log_of(settings: Settings, name: str) -> Path:
    return settings.logs / f"{name}.log"


def socket_of(settings: Settings) -> Path:
    return settings.sockets / "supervisor.sock"


def configuration(settings: Settings, programs: list[Program]) -> str:
    """supervisord's file. It holds no secret: programs get their settings through the environment."""
    return "\n".join([_head(settings), *(_section(settings, program) for program in programs), *_groups(programs)])


def _head(settings: Settings) -> str:
    return f"""\
[unix_http_server]
file = {_plain(socket_of(settings))}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
nodaemon = true
silent = true
directory = {_plain(CHECKOUT)}
pidfile = {_plain(settings.data / "supervisord.pid")}
logfile = {_plain(log_of(settings, "supervisord"))}
logfile_maxbytes = 5MB
logfile_backups = 2
childlogdir = {_plain(settings.logs)}
"""


def _section(settings: Settings, program: Program) -> str:
    # The log's path is expanded twice.
    return f"""\
[program:{program.name}]
command = {_plain(shlex.join(program.command))}
priority = {program.priority}
autorestart = true
startsecs = 2
startretries = 4
stopwaitsecs = {program.grace}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = {_plain(_plain(log_of(settings, program.name)))}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


def _groups(programs: list[Program]) -> list[str]:
    """Programs of one group stop at the same time; what they need stops after they have ended."""
    names = {priority: [each.name for each in programs if each.priority == priority] for priority in (FIRST, SECOND)}
    return [
        f"[group:{priority}]\nprograms = {','.join(group)}\npriority = {priority}\n"
        for priority, group in names.items()
    ]


def _plain(text: str | Path) -> str:
    """supervisord expands % in its values."""
    return str(text).replace("%", "%%")
