"""The configuration as text and as files, and HAProxy's own opinion of it."""

from __future__ import annotations

import stat
import subprocess
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from releases.proxy.base import ProxyRejected, Slot, Table, Target
from releases.proxy.haproxy import Files, Parameters, config

PARAMETERS = Parameters(Path("/run/kintohub/admin.sock"), 8080, 20, "c0ffee")
SLOTS = (
    Slot(3, "12", (Target("i1", "172.18.0.2", 8000), Target("i2", "172.18.0.3", 8000))),
    Slot(19, "13", (Target("i1", "fd00::2", 80),)),
)


def test_what_is_rendered_is_read_back() -> None:
    assert config.parse_slots(config.render(PARAMETERS, SLOTS)) == SLOTS
    hosts = {"a.localhost": 3, "b.localhost": 19}
    assert config.parse_hosts(config.render_hosts(hosts)) == hosts


def test_a_slot_is_changed_alone() -> None:
    text = config.render(PARAMETERS, SLOTS)
    assert config.with_slot(text, 3, None) == config.render(PARAMETERS, SLOTS[1:])
    assert config.with_slot(config.render(PARAMETERS, ()), 3, SLOTS[0]) == config.render(PARAMETERS, SLOTS[:1])
    assert config.with_slots(text, [SLOTS[0]]) == config.render(PARAMETERS, SLOTS[:1])
    with pytest.raises(ProxyRejected, match="no slot 20"):
        config.with_slot(text, 20, SLOTS[0])


@pytest.mark.parametrize("host", ["a", "a.localhost", "a-b.localhost", "a_b.localhost", "m.localhost", "z.localhost"])
@pytest.mark.parametrize("slot", [None, 7])
def test_one_host_is_changed_alone(host: str, slot: int | None) -> None:
    others = {"a.localhost": 1, "a-b.localhost": 2, "b.localhost": 3, "z.localhost": 4}
    wanted = {name: number for name, number in {**others, host: slot}.items() if number is not None}
    assert config.with_host(config.render_hosts(others), host, slot) == config.render_hosts(wanted)
    assert config.with_host("", host, slot) == config.render_hosts({host: slot} if slot else {})


def test_impossible_parameters_are_named() -> None:
    with pytest.raises(ValueError, match="too long"):
        config.render(replace(PARAMETERS, socket=Path("/" + "x" * 100)), ())
    with pytest.raises(ValueError, match="slot 19 is used"):
        config.render(replace(PARAMETERS, slots=19), SLOTS)


def test_the_token_is_not_printed() -> None:
    assert "c0ffee" not in repr(PARAMETERS)


@pytest.mark.proxy
@pytest.mark.parametrize("slots", [20, 1000])
@pytest.mark.parametrize("ipv6", [False, True])
def test_haproxy_accepts_it(tmp_path: Path, slots: int, ipv6: bool) -> None:
    files = Files(tmp_path)
    files.write(replace(PARAMETERS, slots=slots, ipv6=ipv6, socket=Path("/tmp/with a space/s"), user="daemon"))
    files.store(Table(SLOTS, {"a.localhost": 3}))
    command = ["haproxy", "-c", "-f", str(files.configuration)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr


@pytest.fixture
def command_settings(settings: Settings, tmp_path: Path) -> Settings:
    settings.PROXY_CONFIG_DIR = str(tmp_path / "proxy")
    settings.PROXY_SOCKET = "/tmp/kh/s"
    settings.PROXY_SLOTS = 20
    settings.MAX_REQUEST_MB = 7
    settings.PUBLIC_PORT = 8080
    return settings


def run() -> str:
    out = StringIO()
    call_command("write_proxy_config", stdout=out)
    return out.getvalue()


def test_the_command_writes_once_and_keeps_routes_over_new_settings(command_settings: Settings) -> None:
    files = Files(Path(command_settings.PROXY_CONFIG_DIR))
    assert "written" in run()
    assert f"gt {7 * 1024 * 1024} }}" in files.configuration.read_text()
    token = files.token()
    files.store(Table(SLOTS, {"a.localhost": 3}))
    assert "up to date" in run()
    command_settings.PUBLIC_PORT = 9090
    command_settings.PROXY_SLOTS = 30
    assert "written" in run()
    assert files.table() == Table(SLOTS, {"a.localhost": 3})
    assert "0.0.0.0:9090" in files.configuration.read_text()
    assert "backend slot_00029 " in files.configuration.read_text()
    assert files.token() == token


def test_the_command_refuses_to_drop_a_slot_in_use(command_settings: Settings) -> None:
    run()
    files = Files(Path(command_settings.PROXY_CONFIG_DIR))
    files.store(Table(SLOTS, {}))
    command_settings.PROXY_SLOTS = 10
    with pytest.raises(CommandError, match="slot 19 is used"):
        run()
    assert files.table().slots == SLOTS


def test_only_the_owner_reads_the_files(command_settings: Settings) -> None:
    run()
    directory = Path(command_settings.PROXY_CONFIG_DIR)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for name in ("haproxy.cfg", "hosts.map", "probe.token"):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600
    assert {path.name for path in directory.iterdir()} == {"haproxy.cfg", "hosts.map", "probe.token", "lock"}
