"""A real supervisord: what it started is gone when it was stopped, whatever it did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kintohub.standalone import venv
from kintohub.standalone.settings import CHECKOUT

# Runs in a process of its own, because stopping ends every process below the caller.
SCRIPT = """
import json, os, sys, time
from pathlib import Path
from kintohub.standalone import descendants, programs
from kintohub.standalone.programs import FIRST, SECOND, Program
from kintohub.standalone.settings import Settings, directories
from kintohub.standalone.supervision import Supervisor

settings = Settings(data=Path(sys.argv[1]))
directories(settings)
escaping = "setsid sleep 600 & exec sleep 600"
started = [
    Program("stays", ("sh", "-c", escaping), FIRST),
    Program("stubborn", ("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"), SECOND, grace=1),
    Program("broken", ("sh", "-c", "echo this is why; exit 1"), SECOND),
]
file = settings.data / "supervisord.conf"
file.write_text(programs.configuration(settings, started).replace("startretries = 4", "startretries = 0"))
supervisor = Supervisor(file, programs.socket_of(settings))
supervisor.start(dict(os.environ))
deadline = time.monotonic() + 20
while supervisor.dead() != ["broken"] and time.monotonic() < deadline:
    time.sleep(0.1)
dead, below = supervisor.dead(), len(descendants.living())
left = len(supervisor.stop())
print(json.dumps({"dead": dead, "below": below, "left": left, "after": descendants.living()}))
"""


def test_everything_ends_with_supervisord(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "data")], cwd=CHECKOUT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["dead"] == ["broken"]
    assert told["below"] >= 4
    assert told["left"] == 1, "only the process that left its group outlives supervisord, and is ended then"
    assert told["after"] == []
    assert (tmp_path / "data" / "logs" / "broken.log").read_text() == "this is why\n"


def test_supervisord_comes_from_the_virtual_environment() -> None:
    assert venv.program("supervisord") == CHECKOUT / ".venv" / "bin" / "supervisord"
