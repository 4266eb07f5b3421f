"""Reading apt's own sources."""

from __future__ import annotations

from pathlib import Path

from releases.baseimages.mirror import Mirror, find_mirror

DEB822 = """Types: deb deb-src
# an older snapshot
URIs: http://mirror.test/debian/
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 Suites: nonsense

Types: deb
URIs: https://security.test/debian-security
Suites: bookworm-security
Components: main
"""
CLASSIC = """# deb http://commented.test/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://other.test/debian bookworm contrib
deb-src http://source.test/debian bookworm main
deb [arch=amd64] http://mirror.test/debian bookworm main contrib
deb http://security.test/debian-security/ bookworm-security main
"""


DEBIAN = 'ID=debian\nVERSION_CODENAME="bookworm"\n'


def etc(path: Path, *, release: str = DEBIAN, classic: str = "", deb822: str = "") -> Path:
    (path / "apt/sources.list.d").mkdir(parents=True)
    (path / "os-release").write_text(release)
    (path / "apt/sources.list").write_text(classic)
    (path / "apt/sources.list.d/debian.sources").write_text(deb822)
    return path


def test_the_deb822_format(tmp_path: Path) -> None:
    expected = Mirror("http://mirror.test/debian", "https://security.test/debian-security")
    assert find_mirror(etc(tmp_path, deb822=DEB822), "") == expected


def test_the_classic_format(tmp_path: Path) -> None:
    expected = Mirror("http://mirror.test/debian", "http://security.test/debian-security")
    assert find_mirror(etc(tmp_path, classic=CLASSIC), "") == expected


def test_a_disabled_stanza_does_not_count(tmp_path: Path) -> None:
    assert find_mirror(etc(tmp_path, deb822=f"Enabled: no\n{DEB822}"), "") is None


def test_a_source_with_a_password_does_not_count(tmp_path: Path) -> None:
    assert find_mirror(etc(tmp_path, classic="deb http://me:secret@mirror.test/debian bookworm main\n"), "") is None


def test_a_local_directory_does_not_count(tmp_path: Path) -> None:
    assert find_mirror(etc(tmp_path, classic="deb file:///srv/debian bookworm main\n"), "") is None


def test_a_list_of_mirrors_is_followed(tmp_path: Path) -> None:
    listing = tmp_path / "mirrors"
    listing.write_text("# ours\nhttp://mirror.test/debian/\tpriority:1\n")
    host = etc(tmp_path, classic=f"deb mirror+file://{listing} bookworm main\n")
    assert find_mirror(host, "") == Mirror("http://mirror.test/debian")


def test_a_derivative_has_no_debian_mirror(tmp_path: Path) -> None:
    host = etc(tmp_path, release="ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n", classic=CLASSIC)
    assert find_mirror(host, "") is None


def test_the_setting_comes_first(tmp_path: Path) -> None:
    assert find_mirror(etc(tmp_path, classic=CLASSIC), "http://set.test/debian/") == Mirror("http://set.test/debian")


def test_a_system_without_apt_has_none(tmp_path: Path) -> None:
    assert find_mirror(tmp_path, "") is None
