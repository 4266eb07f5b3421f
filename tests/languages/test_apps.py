"""Every language of the table for real: its image, a build as Connect proposes it, an instance that answers."""

from __future__ import annotations

import pytest

from releases.baseimages.host import Host
from services.languages import LANGUAGES, find_version, get
from tests.languages.conftest import Place, require_image

# Needed by other tests and the examples too; the images of the rest are made for these tests alone.
USUAL = ("python", "nodejs", "static", "dockerfile")
# Maven gets its plugins from a registry of its own; Debian has them too, for builds without a network.
PLUGINS = "apt-get update -q && apt-get install -qy --no-install-recommends maven-debian-helper"
OFFLINE = "mvn --offline --settings /etc/maven/settings-debian.xml"


def marks(language: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.engine if language in USUAL else pytest.mark.languages, pytest.mark.timeout(900)]


@pytest.mark.parametrize("key", [pytest.param(language.key, marks=marks(language.key)) for language in LANGUAGES])
def test_an_application_answers(key: str, place: Place, host: Host) -> None:
    language = get(key)
    require_image(find_version(language, language.default_version).image if language.versions else "python:3.13", host)
    address = place.publish(key)
    settings = proposed(key, address, place)
    if key == "java":
        settings["build_command"] = f"{PLUGINS} && {settings['build_command'].replace('mvn', OFFLINE)}"
    release = place.deploy(address, **settings)
    assert release.settings.version == language.default_version
    assert f"Hello from {key}" in place.ask(release)


def proposed(key: str, address: str, place: Place) -> dict[str, str]:
    """The settings that Connect fills in."""
    found = place.detect(address)
    assert found.language is not None and found.language.value == key
    fields = ("version", "build_command", "start_command", "dockerfile", "port")
    return {"language": key} | {name: value.value for name in fields if (value := getattr(found, name))}
