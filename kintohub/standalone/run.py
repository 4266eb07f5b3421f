"""`make run`: set up what is missing, start everything, stay until Ctrl-C, end what was started."""

from __future__ import annotations

import http.client
import os
import signal
import time

from kintohub.standalone import alone, command, log_files, ports, preparation, programs, settings
from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT, Settings
from kintohub.standalone.stop import Stop
from kintohub.standalone.supervision import Supervisor

READY_SECONDS = 90.0
FIRST_RUN_SECONDS = 3600.0  # it may have to build base images
LOOK_SECONDS = 2.0


def run(progress: Progress) -> int:
    chosen = settings.read(os.environ)
    settings.directories(chosen)
    with alone.alone(chosen.data):
        ports.require(chosen.bind, chosen.port, "KINTOHUB_PORT")
        ports.require("0.0.0.0", chosen.public_port, "KINTOHUB_PUBLIC_PORT")  # noqa: S104 - public traffic
        preparation.machine(chosen, progress)
        variables = preparation.variables(chosen)
        supervisor = Supervisor(preparation.disk(chosen, variables, progress), programs.socket_of(chosen))
        try:
            start(chosen, supervisor, variables, progress)
            stay(chosen, supervisor, progress)
        except KeyboardInterrupt:
            progress.say("Stopping; services run on, and answer at their addresses again after the next start.")
        finally:
            end(supervisor, progress)
    return 0


def start(chosen: Settings, supervisor: Supervisor, variables: dict[str, str], progress: Progress) -> None:
    """Raises Stop when a program cannot start or the dashboard does not answer."""
    with progress.step("Starting KintoHub"):
        supervisor.start(variables)
        deadline = time.monotonic() + READY_SECONDS
        while not healthy(chosen):
            for name in supervisor.dead():
                raise Stop(f"“{name}” does not start.", log_files.tail(programs.log_of(chosen, name)))
            if not supervisor.alive():
                raise Stop("supervisord does not start.", log_files.tail(programs.log_of(chosen, "supervisord")))
            if time.monotonic() > deadline:
                log = log_files.tail(programs.log_of(chosen, "web"))
                raise Stop(f"The dashboard did not answer within {READY_SECONDS:.0f} s.", log)
            time.sleep(0.1)
    first = preparation.manage("first_run")
    if command.show(first, variables, seconds=FIRST_RUN_SECONDS, directory=CHECKOUT):
        progress.say("The example could not be set up; what is wrong stands above. The next start tries again.")


def healthy(chosen: Settings) -> bool:
    connection = http.client.HTTPConnection(chosen.address, chosen.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{chosen.port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stay(chosen: Settings, supervisor: Supervisor, progress: Progress) -> None:
    """Until Ctrl-C. A program that supervisord gave up on is named once; the others go on."""
    address = f"http://localhost:{chosen.port}"
    progress.say(f"KintoHub runs at {address} - Ctrl-C stops it; services run on, but out of reach.")
    named: set[str] = set()
    while supervisor.alive():
        for name in set(supervisor.dead()) - named:
            progress.say(f"“{name}” ended again and again and is not started any more. The end of its log:")
            progress.say(log_files.tail(programs.log_of(chosen, name)))
            named.add(name)
        time.sleep(LOOK_SECONDS)
    raise Stop("supervisord has ended.", log_files.tail(programs.log_of(chosen, "supervisord")))


def end(supervisor: Supervisor, progress: Progress) -> None:
    """Further signals change nothing: stopping takes a bounded time already."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with progress.step("Stopping"):
        supervisor.stop()
