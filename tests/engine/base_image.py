"""A small root file system from the host's own programs, so that engine tests need no registry."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile

PROGRAMS = "sh cat chmod getent head mkdir perl rm seq setsid sleep tail touch tr yes"


def root_file_system() -> bytes:
    """A tar with `/bin/<program>` for each program and the shared libraries they load."""
    files = {f"bin/{name}": _found(name) for name in PROGRAMS.split()}
    libraries = {path for program in files.values() for path in _libraries(program)}
    files |= {path.lstrip("/"): path for path in libraries}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in sorted(files.items()):
            tar.add(os.path.realpath(path), arcname=name)
        tar.addfile(_directory("tmp", 0o1777))
        for name, text in _OWN.items():
            info = tarfile.TarInfo(name)
            info.mode = 0o755
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return buffer.getvalue()


# serve STATUS A,B,C,D BODY TIMES: answers every connection to port 8000 of that address, or so many of them.
# finish: needs a moment to end.
_SERVE = rb"""#!/bin/perl
my ($status, $address, $body, $times) = @ARGV;
socket(S, 2, 1, 6);
setsockopt(S, 1, 2, pack("i", 1));
bind(S, pack("Sna4x8", 2, 8000, pack("C4", split(/,/, $address)))) or die;
listen(S, 5);
while (accept(C, S)) {
    sysread(C, my $request, 999);
    syswrite(C, "HTTP/1.1 $status X\r\n\r\n$body");
    close C;
    last unless --$times;
}
"""
_FINISH = rb"""#!/bin/perl
$| = 1;
$SIG{TERM} = sub { select(undef, undef, undef, 0.3); print "finished\n"; exit 0 };
print "up\n";
sleep 99;
"""
_OWN = {
    "bin/serve": _SERVE,
    "bin/finish": _FINISH,
    "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
    "etc/group": b"root:x:0:\n",
}


def _found(name: str) -> str:
    path = shutil.which(name, path="/bin:/usr/bin:/sbin:/usr/sbin")
    assert path, f"{name} is missing on this machine"
    return path


def _libraries(program: str) -> list[str]:
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=True, timeout=10).stdout
    return re.findall(r"(/\S+) \(0x", listing)


def _directory(name: str, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    info.mode = mode
    return info
