"""Settings that set-up reads by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kintohub.standalone import settings
from kintohub.standalone.settings import CHECKOUT, Settings
from kintohub.standalone.stop import Stop


def test_defaults() -> None:
    assert settings.read({}) == Settings(data=CHECKOUT / "data", port=8000, public_port=8080)


def test_an_empty_value_is_the_default() -> None:
    assert settings.read({"KINTOHUB_PORT": "", "KINTOHUB_DATA": ""}) == settings.read({})


@pytest.mark.parametrize("value", ["0", "70000", "-1", "http", "٣", "8000.0"])
def test_a_port_that_is_none_is_told_with_its_setting(value: str) -> None:
    with pytest.raises(Stop, match="KINTOHUB_PORT"):
        settings.read({"KINTOHUB_PORT": value})


def test_one_port_cannot_serve_both() -> None:
    with pytest.raises(Stop, match="KINTOHUB_PORT and KINTOHUB_PUBLIC_PORT are both 9000"):
        settings.read({"KINTOHUB_PORT": "9000", "KINTOHUB_PUBLIC_PORT": "9000"})


def test_sockets_live_in_the_data_directory() -> None:
    chosen = Settings(data=Path("/srv/kintohub"))
    assert chosen.sockets == Path("/srv/kintohub/proxy")


def test_sockets_of_a_long_path_live_in_a_short_one() -> None:
    first, second = Settings(data=Path("/srv") / ("x" * 100)), Settings(data=Path("/srv") / ("y" * 100))
    assert len(str(first.sockets)) < 40
    assert first.sockets != second.sockets


def test_directories_are_for_their_owner_only(tmp_path: Path) -> None:
    chosen = Settings(data=tmp_path / "data")
    settings.directories(chosen)
    assert chosen.data.stat().st_mode & 0o777 == 0o700
    assert chosen.data.stat().st_uid == os.getuid()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(Stop, match="KINTOHUB_DATA"):
        settings.directories(Settings(data=tmp_path / "data"))
