"""The service's copy: fetched, read and streamed, with everything a repository can have in it."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from services.repository.address import parse
from services.repository.credentials import NONE, Credentials
from services.repository.errors import Cancelled, Cause, RepositoryError
from services.repository.inspection import look_into
from services.repository.lock import ALONE, locked
from services.repository.mirror import Limits, Mirror
from services.repository.tree import FILE, Entry, Tree
from tests.repository.repositories import commit, git, local, local_policy, make_repository
from tests.repository.server import serve, serving, trickle


def fetched(tmp_path: Path, files: dict[str, str], **options: str) -> tuple[Mirror, str]:
    repository = make_repository(tmp_path / "app", files, **options)
    return fetch(tmp_path, repository)


def fetch(tmp_path: Path, repository: Path) -> tuple[Mirror, str]:
    mirror = Mirror(tmp_path / "mirrors/one")
    address, policy = local(repository)
    return mirror, mirror.fetch(address, NONE, policy, "main").sha


def unpacked(mirror: Mirror, tree: Tree, *arguments: object, **options: object) -> dict[str, tarfile.TarInfo]:
    content = b"".join(mirror.archive(tree, *arguments, **options))  # type: ignore[arg-type]
    with tarfile.open(fileobj=io.BytesIO(content), errors="surrogateescape") as archive:
        return {member.name: member for member in archive.getmembers()}


class TestFetch:
    def test_commit(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"}, "\x1b[31m<b>First\x1b[0m\n\nBody")
        address, policy = local(repository)
        found = Mirror(tmp_path / "m").fetch(address, NONE, policy, "main")
        assert found.sha == git(repository, "rev-parse", "HEAD")
        assert (found.subject, found.author) == ("<b>First", "Ada Example")
        assert abs(found.time.timestamp() - time.time()) < 60

    def test_newer_older_and_without_history(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        address, policy = local(repository)
        first = git(repository, "rev-parse", "HEAD")
        second = commit(repository, {"a": "2"})
        mirror = Mirror(tmp_path / "m")
        assert mirror.fetch(address, NONE, policy, "main").sha == second
        assert git(tmp_path / "m", "rev-list", "--all", "--count") == "1"
        assert mirror.fetch(address, NONE, policy, "main", first).sha == first
        assert mirror.read(mirror.tree(first), "a") == b"1"
        third = commit(repository, {"a": "3"})
        assert mirror.fetch(address, NONE, policy, "main").sha == third

    def test_a_known_commit_needs_no_remote(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        mirror, sha = fetch(tmp_path, repository)
        address, policy = local(repository)
        repository.rename(tmp_path / "gone")
        assert mirror.fetch(address, NONE, policy, "main", sha).sha == sha
        with pytest.raises(RepositoryError):
            mirror.fetch(address, NONE, policy, "main")

    def test_missing_branch_commit_and_empty_repository(self, tmp_path: Path) -> None:
        address, policy = local(make_repository(tmp_path / "app", {"a": "1"}))
        mirror = Mirror(tmp_path / "m")
        with pytest.raises(RepositoryError, match="no branch “mainn”. Did you mean “main”") as caught:
            mirror.fetch(address, NONE, policy, "mainn")
        assert (caught.value.field, caught.value.cause) == ("branch", Cause.BRANCH)
        with pytest.raises(RepositoryError) as caught:
            mirror.fetch(address, NONE, policy, "main", "f" * 40)
        assert caught.value.cause is Cause.BRANCH
        address, policy = local(make_repository(tmp_path / "empty"))
        with pytest.raises(RepositoryError) as caught:
            Mirror(tmp_path / "n").fetch(address, NONE, policy, "main")
        assert caught.value.cause is Cause.EMPTY

    def test_branch_shaped_like_an_option_runs_nothing(self, tmp_path: Path) -> None:
        address, policy = local(make_repository(tmp_path / "app", {"a": "1"}))
        mark = tmp_path / "executed"
        for branch in (f"--upload-pack=touch${{IFS}}{mark}", f"--upload-pack=touch {mark}", "-x"):
            with pytest.raises(RepositoryError):
                Mirror(tmp_path / "m").fetch(address, NONE, policy, branch)
        assert not mark.exists()

    def test_token_over_http_leaves_no_trace(self, tmp_path: Path) -> None:
        make_repository(tmp_path / "app", {"a": "1"})
        policy, mirror = local_policy(tmp_path), Mirror(tmp_path / "m")
        with serve(tmp_path, "s3cret") as url:
            address = parse(f"{url}app", policy)
            sha = mirror.fetch(address, Credentials("s3cret"), policy, "main").sha
        assert mirror.read(mirror.tree(sha), "a") == b"1"
        files = [path for path in (tmp_path / "m").rglob("*") if path.is_file()]
        assert files and not [path for path in files if b"s3cret" in path.read_bytes()]

    def test_damaged_copy_is_made_anew(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        mirror, _ = fetch(tmp_path, repository)
        address, policy = local(repository)
        for damage in (b"", b"garbage"):
            for path in mirror.path.rglob("*"):
                if path.is_file() and ("objects" in path.parts or path.name in ("HEAD", "config", "shallow")):
                    path.chmod(0o644)
                    path.write_bytes(damage)
            (mirror.path / "shallow.lock").touch()
            sha = commit(repository, {"a": f"2{damage!r}"})
            assert mirror.fetch(address, NONE, policy, "main").sha == sha
            assert mirror.read(mirror.tree(sha), "a")

    def test_too_large_a_transfer_leaves_nothing(self, tmp_path: Path) -> None:
        noise = {f"n{number}": os.urandom(4000).hex() for number in range(150)}
        address, policy = local(make_repository(tmp_path / "app", noise))
        mirror = Mirror(tmp_path / "m", Limits(transfer=100_000))
        with pytest.raises(RepositoryError) as caught:
            mirror.fetch(address, NONE, policy, "main")
        assert caught.value.cause is Cause.TOO_LARGE
        assert sum(path.stat().st_size for path in (tmp_path / "m").rglob("*") if path.is_file()) < 100_000

    def test_the_copy_does_not_grow_for_ever(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        address, policy = local(repository)
        mirror = Mirror(tmp_path / "m", Limits(disk=300_000))
        sizes = []
        for _ in range(4):
            commit(repository, {"a": os.urandom(80_000).hex()})
            mirror.fetch(address, NONE, policy, "main")
            sizes.append(sum(path.stat().st_size for path in (tmp_path / "m").rglob("*") if path.is_file()))
        assert max(sizes) < 450_000

    def test_a_copy_that_grew_by_looks_goes_when_it_is_told_to_shrink(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        address, policy = local(repository)
        mirror, place = Mirror(tmp_path / "m", Limits(disk=300_000)), tmp_path / "m"
        for _ in range(4):
            commit(repository, {"a": os.urandom(80_000).hex()})
            seen = look_into(place, address, NONE, policy, "main").commit
            assert mirror.known(seen.sha) == seen
        mirror.shrink()
        assert mirror.known(seen.sha) is None
        again = mirror.fetch(address, NONE, policy, "main", seen.sha)
        mirror.shrink()
        assert mirror.known(seen.sha) == again

    def test_cancelled(self, tmp_path: Path) -> None:
        begun, policy = time.monotonic(), local_policy(tmp_path)
        with serving(trickle) as url, pytest.raises(Cancelled):
            address = parse(f"{url}app", policy)
            Mirror(tmp_path / "m").fetch(
                address, NONE, policy, "main", cancelled=lambda: time.monotonic() - begun > 0.5
            )
        assert time.monotonic() - begun < 20

    def test_two_fetches_at_once(self, tmp_path: Path) -> None:
        address, policy = local(make_repository(tmp_path / "app", {"a": "1"}))
        found = []
        threads = [
            threading.Thread(
                target=lambda: found.append(Mirror(tmp_path / "m").fetch(address, NONE, policy, "main").sha)
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4 and len(set(found)) == 1

    def test_a_held_lock_is_waited_for_with_an_end(self, tmp_path: Path) -> None:
        path = tmp_path / "x.lock"
        with locked(path, ALONE):
            with pytest.raises(RepositoryError) as caught, locked(path, ALONE, seconds=0.1):
                pass
            assert caught.value.cause is Cause.BUSY
            with pytest.raises(Cancelled), locked(path, ALONE, cancelled=lambda: True):
                pass
        with locked(path, ALONE, seconds=0.1):
            pass


class TestTree:
    def test_subfolder(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"a": "1", "services/web/app.py": "x", "services/webother": "y"})
        assert [entry.path for entry in mirror.tree(sha, "./services//web/").entries] == ["app.py"]
        assert [entry.path for entry in mirror.tree(sha, ".").entries] == [
            "a",
            "services/web/app.py",
            "services/webother",
        ]

    @pytest.mark.parametrize(
        ("subfolder", "said"),
        [
            ("../x", "stay inside"),
            ("/etc", "stay inside"),
            ("services/../..", "stay inside"),
            ("a\x00b", "not allowed"),
            ("services\\web", "not allowed"),
            ("servises/web", "Did you mean “services/web”"),
            ("a", "not a folder"),
            ("link", "not a folder"),
            ("x" * 2000, "too long"),
        ],
    )
    def test_bad_subfolders(self, tmp_path: Path, subfolder: str, said: str) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1", "services/web/app.py": "x"})
        (repository / "link").symlink_to("services")
        commit(repository, {})
        mirror, sha = fetch(tmp_path, repository)
        with pytest.raises(RepositoryError, match=said) as caught:
            mirror.tree(sha, subfolder)
        assert caught.value.field == "subfolder"

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        (repository / "requirements.txt").symlink_to("/etc/passwd")
        commit(repository, {})
        mirror, sha = fetch(tmp_path, repository)
        tree = mirror.tree(sha)
        with pytest.raises(RepositoryError, match="is a link"):
            mirror.read(tree, "requirements.txt")
        assert "requirements.txt" not in mirror.files(tree).texts
        member = unpacked(mirror, tree)["requirements.txt"]
        assert member.issym() and member.linkname == "/etc/passwd"

    def test_reading_is_bounded_and_stays_inside(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"big": "x" * 2000})
        tree = mirror.tree(sha)
        with pytest.raises(RepositoryError, match="too large"):
            mirror.read(tree, "big", 1000)
        with pytest.raises(RepositoryError, match="stay inside"):
            mirror.read(tree, "../../etc/passwd")
        with pytest.raises(RepositoryError, match="Did you mean “big”"):
            mirror.read(tree, "bigg")

    def test_limits(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"a": "x" * 100, "b": "y"})
        for limits in (Limits(entries=1), Limits(files=50)):
            with pytest.raises(RepositoryError) as caught:
                Mirror(mirror.path, limits).tree(sha)
            assert caught.value.cause is Cause.TOO_LARGE

    def test_submodules_and_large_files_are_told(self, tmp_path: Path) -> None:
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345678\n"
        files = {
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "model.bin": pointer,
            "b.txt": "z" * 130,
        }
        repository = make_repository(tmp_path / "app", files)
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'b' * 40},vendor/lib")
        git(repository, "commit", "--quiet", "-m", "Submodule")
        mirror, sha = fetch(tmp_path, repository)
        tree = mirror.tree(sha)
        submodules, lfs = tree.warnings
        assert "vendor/lib" in submodules and "model.bin" in lfs and "b.txt" not in lfs
        assert unpacked(mirror, tree)["vendor/lib"].isdir()


class TestArchive:
    def test_content_modes_and_folders(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a/b/c.txt": "text", "run.sh": "#!/bin/sh\n", "empty": ""})
        (repository / "run.sh").chmod(0o755)
        commit(repository, {})
        mirror, sha = fetch(tmp_path, repository)
        members = unpacked(mirror, mirror.tree(sha))
        assert list(members) == ["a", "a/b", "a/b/c.txt", "empty", "run.sh"]
        assert [members[name].mode for name in ("a", "a/b/c.txt", "run.sh")] == [0o755, 0o644, 0o755]
        assert {(member.uid, member.gid) for member in members.values()} == {(0, 0)}

    def test_is_the_same_each_time(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"a": "1", "b/c": "2"})
        tree = mirror.tree(sha)
        assert b"".join(mirror.archive(tree)) == b"".join(mirror.archive(tree))

    def test_large_content_is_exact(self, tmp_path: Path) -> None:
        text = os.urandom(700_001).hex()
        mirror, sha = fetched(tmp_path, {"big": text, "same": text, "after": "x"})
        pieces = list(mirror.archive(mirror.tree(sha)))
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            for name, content in (("big", text), ("same", text), ("after", "x")):
                file = archive.extractfile(name)
                assert file and file.read() == content.encode()
        assert len(pieces) < 20

    def test_attributes_of_the_repository_change_nothing(self, tmp_path: Path) -> None:
        files = {
            ".gitattributes": "tests export-ignore\nversion.txt export-subst\n*.txt text eol=crlf\n",
            "tests/a.py": "x",
            "version.txt": "$Format:%H$\n",
        }
        mirror, sha = fetched(tmp_path, files)
        content = b"".join(mirror.archive(mirror.tree(sha)))
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            file = archive.extractfile("version.txt")
            assert file and file.read() == b"$Format:%H$\n"
            assert "tests/a.py" in archive.getnames()

    def test_prefix_and_extra_files(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"Dockerfile": "FROM theirs", "a": "1"})
        extra = {"Dockerfile": b"FROM ours", "x/nginx.conf": b"y"}
        members = unpacked(mirror, mirror.tree(sha), extra, "app/")
        assert list(members) == ["app", "app/Dockerfile", "app/a", "Dockerfile", "x", "x/nginx.conf"]
        replaced = b"".join(mirror.archive(mirror.tree(sha), extra))
        with tarfile.open(fileobj=io.BytesIO(replaced)) as archive:
            file = archive.extractfile("Dockerfile")
            assert file and file.read() == b"FROM ours"
            assert archive.getnames().count("Dockerfile") == 1

    def test_ignored_files_stay_out(self, tmp_path: Path) -> None:
        files = {".dockerignore": "*.md\n!KEEP.md\nDockerfile\n", "README.md": "", "KEEP.md": "", "Dockerfile": "x"}
        mirror, sha = fetched(tmp_path, {**files, "web/node_modules/x.js": "", "app.py": "", ".venv/bin/python": ""})
        tree = mirror.context(mirror.tree(sha), ("**/node_modules", "**/.venv"), ("Dockerfile",))
        names = [entry.path for entry in tree.entries]
        assert names == [".dockerignore", "Dockerfile", "KEEP.md", "app.py"]
        assert list(unpacked(mirror, tree)) == names

    def test_names_that_are_no_text(self, tmp_path: Path) -> None:
        repository = make_repository(tmp_path / "app", {"a": "1"})
        for name in (b"caf\xe9", b"tab\there", b"line\nbreak", b"\xf0\x9f\x98\x80", b"long" * 40):
            (Path(os.fsdecode(os.fsencode(repository) + b"/" + name))).write_text("x")
        commit(repository, {})
        mirror, sha = fetch(tmp_path, repository)
        names = {os.fsencode(name) for name in unpacked(mirror, mirror.tree(sha))}
        assert names == {b"a", b"caf\xe9", b"tab\there", b"line\nbreak", b"\xf0\x9f\x98\x80", b"long" * 40}

    def test_a_missing_object_is_an_error_not_a_short_archive(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"a": "1"})
        tree = mirror.tree(sha)
        missing = replace(tree, entries=(*tree.entries, Entry("b", FILE, "f" * 40, 1)))
        with pytest.raises(RepositoryError, match="could not be read"):
            list(mirror.archive(missing))

    def test_an_exit_code_after_the_last_byte_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        mirror, sha = fetched(tmp_path, {"a": "1"})
        tree = mirror.tree(sha)
        wrapper = tmp_path / "bin/git"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\n{shutil.which("git")} "$@"\ncase "$*" in *cat-file*) exit 3; esac\n')
        wrapper.chmod(0o755)
        monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
        with pytest.raises(RepositoryError, match="could not be read"):
            list(mirror.archive(tree))

    def test_cancelled_and_closed(self, tmp_path: Path) -> None:
        mirror, sha = fetched(tmp_path, {"a": os.urandom(1_000_000).hex()})
        tree = mirror.tree(sha)
        with pytest.raises(Cancelled):
            list(mirror.archive(tree, cancelled=lambda: True))
        pieces = mirror.archive(tree)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        mirror.discard()
        assert not mirror.path.exists()
