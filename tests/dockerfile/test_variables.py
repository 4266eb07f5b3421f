"""How variables get into a build, and into a repository's own Dockerfile."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from releases.dockerfile.context import Build
from releases.dockerfile.generate import generate
from releases.dockerfile.guard import judge
from releases.dockerfile.refused import Refused
from releases.dockerfile.variables import CARRIER, beginning, given, script
from services.repository.files import Files

BEGIN = beginning("f1")


def rewritten(text: str) -> str:
    return given(text, judge(text).instructions, "f1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a1x\nRUN make", f"FROM a1x\nRUN {BEGIN} make"),
        ("FROM a1x\n  run\tmake", f"FROM a1x\n  run {BEGIN}\tmake"),
        ("FROM a1x\nRUN \\\n  # why\n  make", f"FROM a1x\nRUN {BEGIN} \\\n  # why\n  make"),
        ("FROM a1x\r\nRUN make\r\nCMD x\r\n", f"FROM a1x\r\nRUN {BEGIN} make\r\nCMD x\r\n"),
        ('FROM a1x\nRUN ["make"]', 'FROM a1x\nRUN ["make"]'),
        ("FROM a1x\nRUN [ -f x ] && make", f"FROM a1x\nRUN {BEGIN} [ -f x ] && make"),
        ("FROM a1x\nCOPY . .\nENTRYPOINT run x", "FROM a1x\nCOPY . .\nENTRYPOINT run x"),
        ("# RUN x\nFROM a1x\nRUN a\nRUN b", f"# RUN x\nFROM a1x\nRUN {BEGIN} a\nRUN {BEGIN} b"),
    ],
)
def test_every_command_for_a_shell_begins_with_them(text: str, expected: str) -> None:
    assert rewritten(text) == expected


@pytest.mark.parametrize("line", ["ARG FTP_PROXY", "ENV FTP_PROXY=x", "ENV A=1 FTP_PROXY=x", "ARG ftp_proxy=1"])
def test_a_file_that_would_write_them_into_the_image_is_refused(line: str) -> None:
    with pytest.raises(Refused, match="what variables reach the build by") as caught:
        rewritten(f"FROM a1x\n{line}\nRUN x")
    assert caught.value.line == 2


def test_a_run_in_pieces_is_refused() -> None:
    with pytest.raises(Refused, match="in one piece"):
        rewritten("FROM a1x\nRU\\\nN make")


@drawn(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
def test_any_value_arrives_in_a_shell(value: str) -> None:
    command = f'{BEGIN}printf "%s" "$VALUE"; [ -z "${CARRIER}" ] || echo the carrier is left'
    given_to = {**os.environ, CARRIER: script({"VALUE": value})}
    done = subprocess.run(["sh", "-ec", command], env=given_to, capture_output=True, check=True, timeout=10)
    assert done.stdout == value.encode()


def test_a_generated_file_begins_its_commands_with_them_and_its_tools_without() -> None:
    files = Files(frozenset({"package.json"}), {"package.json": "{}"})
    build = Build("7", "nodejs", "24", "npm install && npm run build", variables="f1")
    text = generate(build, files).files["Dockerfile"].decode()
    assert text.count("f1") == 2
    assert "f1" not in generate(Build("7", "nodejs", "24", "npm install"), files).files["Dockerfile"].decode()
