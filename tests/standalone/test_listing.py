"""Plain `make` lists what there is."""

from __future__ import annotations

import subprocess

from kintohub.standalone import listing
from kintohub.standalone.commands import COMMANDS
from kintohub.standalone.settings import CHECKOUT


def test_plain_make_lists_every_command() -> None:
    made = subprocess.run(["make", "--no-print-directory"], cwd=CHECKOUT, capture_output=True, text=True, timeout=30)
    assert made.returncode == 0, made.stderr
    assert {line.split()[1] for line in made.stdout.splitlines()} == set(COMMANDS)
    run = next(line for line in made.stdout.splitlines() if line.startswith("make run "))
    assert run.split(maxsplit=2)[2] == "Set up what is missing and run KintoHub until Ctrl-C"


def test_targets_without_a_comment_stay_out() -> None:
    assert (
        listing.text("a: ## First\nhidden:\nlonger-one: a ## Second\n")
        == "make a           First\nmake longer-one  Second"
    )
