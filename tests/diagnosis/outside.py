"""The cases of the corpus on an installation, seen from outside its processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator

from tests.diagnosis.result import Result
from tests.e2e.stack import Stack
from tests.repository.server import serve
from tests.settings import BASE_DIR


def drive(stack: Stack, names: Iterable[str]) -> Iterator[Result]:
    """Deploy the cases of these names, or all; in a process of its own, with the settings of the installation."""
    with serve(stack.examples / "diagnosis", token="only-ada-knows") as server:
        line = [sys.executable, "-m", "tests.diagnosis.drive", server, *names]
        environment = {**stack.environment(), "DJANGO_SETTINGS_MODULE": "kintohub.settings"}
        with subprocess.Popen(line, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for text in process.stdout:
                yield Result(**json.loads(text))
        assert process.returncode == 0, "The cases could not all be deployed."
