"""The cells of the table that broke most often while this was built; `make test-faults` runs them all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import Stack
from tests.faults import cell
from tests.faults.bench import NAME, Bench

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    stack = Stack(Path(tempfile.mkdtemp(prefix="kintohub-faults-")))
    try:
        stack.start()
        made = Bench(stack, stack.examples / NAME)
        made.create()
        yield made
        assert stack.stop() == 0
    finally:
        stack.engine.purge()
        shutil.rmtree(stack.data, ignore_errors=True)


@pytest.mark.parametrize(
    ("fault", "stage", "ends"),
    [
        ("abort", "build", "aborted"),
        ("abort", "check", "aborted"),
        ("wipe Redis", "queued", "live"),
        ("wipe Redis", "build", "live"),
        ("kill web", "check", "live"),
        ("kill proxy", "build", "live"),
        ("lock database", "check", "live"),
        ("kill worker", "start", "failed"),
    ],
)
def test_what_follows_is_the_truth(bench: Bench, fault: str, stage: str, ends: str) -> None:
    result = cell.run(bench, fault, stage)
    assert (result.problems, result.left) == ([], []), result.row()
    assert result.status == ends
