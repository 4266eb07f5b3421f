"""The kernel's counters in both versions of the hierarchy, from files like those of real machines."""

from __future__ import annotations

from pathlib import Path

from releases.engine.cgroups import Consumption, consumption

FIRST_GROUPS = "9:name=systemd:/docker/1a\n4:memory:/docker/1a\n2:cpu,cpuacct:/docker/1a\n0::/docker/1a\n"
SECOND_GROUPS = "0::/system.slice/docker-1a.scope\n"


def write(directory: Path, **files: str) -> None:
    directory.mkdir(parents=True)
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(text)


def proc_of(tmp_path: Path, groups: str, *mounts: str) -> Path:
    write(tmp_path / "proc" / "7", cgroup=groups)
    write(tmp_path / "proc" / "self", mountinfo="".join(f"{line}\n" for line in mounts))
    return tmp_path / "proc"


def test_version_1_on_a_host(tmp_path: Path) -> None:
    proc = proc_of(
        tmp_path,
        FIRST_GROUPS,
        f"33 31 0:30 / {tmp_path}/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct",
        f"35 31 0:32 / {tmp_path}/memory rw,relatime - cgroup cgroup rw,memory",
        f"41 31 0:38 / {tmp_path}/unified rw,relatime - cgroup2 cgroup2 rw",
        "31 23 0:28 / /sys rw - sysfs sysfs rw",
    )
    write(tmp_path / "cpu/docker/1a", cpuacct__usage="2500000000\n")
    memory = "cache 5\ntotal_inactive_file 1048576\n"
    write(tmp_path / "memory/docker/1a", memory__usage_in_bytes="3145728\n", memory__stat=memory)
    assert consumption(7, proc) == Consumption(cpu_seconds=2.5, memory_mb=2.0)


def test_version_2(tmp_path: Path) -> None:
    proc = proc_of(tmp_path, SECOND_GROUPS, f"25 23 0:22 / {tmp_path}/cg rw shared:4 - cgroup2 cgroup2 rw,nsdelegate")
    write(
        tmp_path / "cg/system.slice/docker-1a.scope",
        cpu__stat="usage_usec 1250000\nuser_usec 1000000\n",
        memory__current="4194304\n",
        memory__stat="anon 5\ninactive_file 1048576\n",
    )
    assert consumption(7, proc) == Consumption(cpu_seconds=1.25, memory_mb=3.0)


def test_a_part_of_the_hierarchy_is_mounted(tmp_path: Path) -> None:
    proc = proc_of(tmp_path, SECOND_GROUPS, f"25 23 0:22 /system.slice {tmp_path}/cg rw - cgroup2 cgroup2 rw")
    write(
        tmp_path / "cg/docker-1a.scope",
        cpu__stat="usage_usec 0\n",
        memory__current="10\n",
        memory__stat="inactive_file 20\n",
    )
    assert consumption(7, proc) == Consumption(cpu_seconds=0.0, memory_mb=0.0)


def test_a_process_that_has_ended(tmp_path: Path) -> None:
    proc = proc_of(tmp_path, SECOND_GROUPS, f"25 23 0:22 / {tmp_path}/cg rw - cgroup2 cgroup2 rw")
    assert consumption(8, proc) is None
    assert consumption(7, proc) is None
