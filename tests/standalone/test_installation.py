"""secrets.env: made once, kept, readable for its owner only."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from cryptography.fernet import Fernet

from kintohub.standalone import installation


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_values_are_what_the_product_accepts(tmp_path: Path) -> None:
    values = installation.ensure(tmp_path / "secrets.env", {})
    assert len(values["KINTOHUB_SECRET_KEY"]) >= 50
    assert re.fullmatch("[0-9a-f]{8}", values["KINTOHUB_INSTALLATION_ID"])
    Fernet(values["KINTOHUB_ENCRYPTION_KEYS"])


def test_the_second_time_gives_the_same_values_and_leaves_the_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    first = installation.ensure(file, {"KINTOHUB_REDIS_URL": "redis://a"})
    inode = file.stat().st_ino
    assert installation.ensure(file, {"KINTOHUB_REDIS_URL": "redis://a"}) == first
    assert file.stat().st_ino == inode


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    installation.ensure(file, {})
    assert mode(file) == 0o600
    file.chmod(0o644)
    installation.ensure(file, {})
    assert mode(file) == 0o600


def test_a_secret_that_is_missing_is_added_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("# kept by hand\nKINTOHUB_INSTALLATION_ID=0badcafe\n")
    values = installation.ensure(file, {})
    assert values["KINTOHUB_INSTALLATION_ID"] == "0badcafe"
    assert installation.read(file) == values
    assert set(values) == set(installation.MADE)


def test_a_changed_address_replaces_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    first = installation.ensure(file, {"KINTOHUB_REDIS_URL": "redis://a"})
    second = installation.ensure(file, {"KINTOHUB_REDIS_URL": "redis://b"})
    assert second == first | {"KINTOHUB_REDIS_URL": "redis://b"}


def test_nothing_but_the_file_is_left(tmp_path: Path) -> None:
    installation.ensure(tmp_path / "secrets.env", {})
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.env"]
