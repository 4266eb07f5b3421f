"""The build on top of Debian."""

from __future__ import annotations

import io
import tarfile

from releases.baseimages.dockerfile import NAME, context, dockerfile
from services.languages import Recipe

RECIPE = Recipe("trixie", ("python3", "python3-pip"), ("rm -f /x", "ln -s a b"), {"LANG": "C.UTF-8"})


def test_packages_then_commands_then_environment() -> None:
    lines = dockerfile(RECIPE).splitlines()
    assert lines[0] == "FROM debian:trixie-slim"
    assert "install -qy --no-install-recommends python3 python3-pip && " in lines[1]
    assert lines[2:] == ["RUN rm -f /x", "RUN ln -s a b", 'ENV LANG="C.UTF-8"']


def test_versions_reach_apt_as_they_are_and_the_command_is_the_image_s_own() -> None:
    lines = dockerfile(Recipe("forky", ("nginx=1.30.*",), command=("nginx", "-g", "daemon off;"))).splitlines()
    assert " 'nginx=1.30.*' && " in lines[1]
    assert lines[2:] == ['CMD ["nginx", "-g", "daemon off;"]']


def test_the_context_holds_the_dockerfile_and_nothing_of_the_host() -> None:
    with tarfile.open(fileobj=io.BytesIO(b"".join(context(RECIPE)()))) as archive:
        assert archive.getnames() == [NAME]
        content = archive.extractfile(NAME)
        assert content and content.read().decode() == dockerfile(RECIPE)
