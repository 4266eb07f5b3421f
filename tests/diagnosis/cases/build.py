"""Broken in the build's own commands and limits."""

from tests.diagnosis.cases.case import NODE, Case, node, python

HUNGRY = "data = []\nwhile True:\n    data.append(bytearray(64 * 1024 * 1024))\n"
# The shared memory of a build is a disk of 64 MB: it is full soon, and of nobody else.
FULL = """\
with open("/dev/shm/big", "wb") as file:
    while True:
        file.write(bytes(1024 * 1024))
        file.flush()
"""

CASES = (
    Case("npm-misspelt", "build-command-not-found", node(), {**NODE, "build_command": "npn install"}, clicks=True),
    Case(
        "pip-misspelt",
        "build-command-not-found",
        python(),
        {"build_command": "ppip install -r requirements.txt"},
        clicks=True,
    ),
    Case("no-such-tool", "build-command-not-found", python(), {"build_command": "webpack --mode production"}),
    Case("script-that-is-not", "build-command-not-found", node(), {**NODE, "build_command": "npm run build"}),
    Case("build-eats-memory", "build-out-of-memory", python(build_py=HUNGRY), {"build_command": "python build.py"}),
    Case("build-fills-the-disk", "build-out-of-disk", python(build_py=FULL), {"build_command": "python build.py"}),
)
