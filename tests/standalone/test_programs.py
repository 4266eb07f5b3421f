"""supervisord's configuration, as supervisord itself reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from kintohub.standalone import programs
from kintohub.standalone.settings import Settings

REDIS = ("/usr/bin/redis-server", "/some where/redis.conf")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "50% data", bind="127.0.0.1", port=8123, public_port=8124)
    settings.logs.mkdir(parents=True)
    settings.proxy.mkdir()
    return settings


def as_supervisord_reads(settings: Settings, redis: tuple[str, ...] = REDIS) -> ServerOptions:
    file = settings.data / "supervisord.conf"
    file.write_text(programs.configuration(settings, programs.of_installation(settings, redis)))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    return options


def test_servers_start_before_what_uses_them(settings: Settings) -> None:
    groups = sorted(as_supervisord_reads(settings).process_group_configs)
    assert [sorted(each.name for each in group.process_configs) for group in groups] == [
        ["haproxy", "redis"],
        ["agent", "beat", "web", "worker"],
    ]


def test_an_operators_own_redis_is_not_started(settings: Settings) -> None:
    groups = as_supervisord_reads(settings, redis=()).process_group_configs
    assert {each.name for group in groups for each in group.process_configs} == {
        "haproxy",
        "web",
        "worker",
        "agent",
        "beat",
    }


def test_commands_survive_spaces_and_percent_signs(settings: Settings) -> None:
    commands = {
        each.name: each.command
        for group in as_supervisord_reads(settings).process_group_configs
        for each in group.process_configs
    }
    assert commands["redis"] == "/usr/bin/redis-server '/some where/redis.conf'"
    assert commands["haproxy"] == f"haproxy -db -f '{settings.proxy}/haproxy.cfg'"
    assert "-b 127.0.0.1 -p 8123" in commands["web"]
    assert commands["beat"].endswith(f" -m kintohub.beat '{settings.data}/beat-schedule'")


def test_programs_are_restarted_stopped_as_a_group_and_logged_with_a_bound(settings: Settings) -> None:
    for group in as_supervisord_reads(settings).process_group_configs:
        for each in group.process_configs:
            assert each.autorestart
            assert each.stopasgroup
            assert each.killasgroup
            assert each.stdout_logfile == str(settings.logs / f"{each.name}.log")
            assert each.stdout_logfile_maxbytes * (each.stdout_logfile_backups + 1) <= 40 * 1024 * 1024


def test_supervisord_listens_on_no_network_port(settings: Settings) -> None:
    (server,) = as_supervisord_reads(settings).server_configs
    assert server["file"] == str(settings.sockets / "supervisor.sock")
    assert server["chmod"] == 0o700
