"""What every engine promises of builds and images, asked of each."""

from __future__ import annotations

import io
import tarfile
import time
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from releases.engine.base import BuildFailed, Cancelled, Labels, NotFound, Output, Stream
from tests.engine.rigs import Recipe, Rig, never, tar_of


def test_a_build_makes_an_image_and_tells_what_happens(rig: Rig) -> None:
    seen: list[Output] = []
    image = rig.build("app:1", Recipe(says="hello"), seen.append)
    assert image.digest.startswith("sha256:")
    assert image.size > 0
    assert rig.engine.find_image(image.name) == image
    assert rig.engine.find_image(image.digest) == replace(image, name=image.digest)
    assert "hello\n" in [output.data.decode() for output in seen if output.stream is Stream.STDOUT]
    assert any(output.data.startswith(b"Step 1/") for output in seen if output.stream is Stream.SYSTEM)


def test_equal_contexts_make_equal_images(rig: Rig) -> None:
    assert rig.build("app:1").digest == rig.build("app:2").digest


def test_a_failing_build_tells_the_code_and_the_line(rig: Rig) -> None:
    with pytest.raises(BuildFailed) as caught:
        rig.build("app:1", Recipe(says="oh", breaks=7))
    assert caught.value.exit_code == 7
    assert "oh" in caught.value.instruction
    assert not caught.value.retryable
    assert rig.engine.find_image(rig.tag("app:1")) is None


def test_a_build_without_its_dockerfile_fails(rig: Rig) -> None:
    with pytest.raises(BuildFailed, match="Dockerfile"):
        rig.build("app:1", context=tar_of({"other": "FROM scratch"}))


def test_a_build_is_cancelled_at_once(rig: Rig) -> None:
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        rig.build("app:1", Recipe(lasts=30), cancelled=lambda: time.monotonic() > begun + 1)
    assert time.monotonic() < begun + 15
    assert rig.engine.find_image(rig.tag("app:1")) is None


def test_a_build_ends_at_its_time_limit(rig: Rig) -> None:
    begun = time.monotonic()
    with pytest.raises(BuildFailed, match="limit of 1 seconds"):
        rig.build("app:1", Recipe(lasts=30), seconds=1)
    assert time.monotonic() < begun + 15


def test_what_the_callers_own_functions_raise_reaches_the_caller(rig: Rig) -> None:
    def broken(*_: object) -> bool:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        rig.build("app:1", context=broken)
    with pytest.raises(KeyError):
        rig.build("app:1", emit=broken)
    with pytest.raises(KeyError):
        rig.build("app:1", Recipe(lasts=5), cancelled=broken)
    assert rig.engine.find_image(rig.tag("app:1")) is None


def test_images_are_named_and_lose_their_names(rig: Rig) -> None:
    image = rig.build("app:1")
    rig.engine.tag_image(image.digest, rig.tag("kept:1"))
    rig.engine.remove_image(rig.tag("app:1"))
    rig.engine.remove_image(rig.tag("app:1"))
    assert rig.engine.find_image(rig.tag("app:1")) is None
    assert rig.engine.find_image(rig.tag("kept:1")) == replace(image, name=rig.tag("kept:1"))
    rig.engine.remove_image(rig.tag("kept:1"))
    assert rig.engine.find_image(image.digest) is None


def test_what_a_cut_off_build_has_left_goes_when_it_is_old(rig: Rig) -> None:
    named, left = rig.build("app:1"), rig.cut_off()
    assert rig.engine.remove_nameless(time.time() - 60) == 0
    assert rig.engine.find_image(left)
    deadline = time.monotonic() + 20
    while not rig.engine.remove_nameless(time.time() + 1):  # its next step runs on for a moment
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert rig.engine.find_image(left) is None
    assert rig.engine.find_image(named.name) == named


def test_an_unknown_image_is_not_found(rig: Rig) -> None:
    assert rig.engine.find_image(rig.tag("nothing:1")) is None
    with pytest.raises(NotFound):
        rig.engine.tag_image("sha256:" + "0" * 64, rig.tag("app:1"))
    with pytest.raises(NotFound):
        rig.start("web-1", rig.tag("nothing:1"))
    assert rig.engine.instances() == []


def test_an_image_describes_itself(rig: Rig) -> None:
    image = rig.build("app:1", Recipe(says="hello"))
    found = rig.engine.describe_image(image.digest)
    assert found is not None
    assert found == rig.engine.describe_image(image.name)
    assert found.managed
    assert any("hello" in step.text for step in found.history)
    assert found.layers
    assert found.triggers == ()
    assert rig.engine.describe_image(rig.tag("nothing:1")) is None
    assert rig.engine.describe_image("not a name") is None


def test_the_files_of_layers_are_read(rig: Rig) -> None:
    image = rig.build("app:1")
    description = rig.engine.describe_image(image.digest)
    assert description is not None
    count = len(description.layers)
    assert _folders(rig, image.digest, 0) == {str(index) for index in range(count)}
    assert _folders(rig, image.digest, count) == set()
    assert rig.engine.instances() == []
    with pytest.raises(NotFound):
        list(rig.engine.read_layers(rig.tag("nothing:1"), 0, Labels(), never, 60))
    with pytest.raises(Cancelled):
        list(rig.engine.read_layers(image.digest, 0, Labels(), lambda: True, 60))


def _folders(rig: Rig, image: str, above: int) -> set[str]:
    content = b"".join(rig.engine.read_layers(image, above, Labels(release="9"), never, 60))
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        paths = [PurePosixPath(member.name) for member in tar if member.isfile()]
    return {path.parts[0] for path in paths}
