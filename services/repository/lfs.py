"""Files that Git LFS keeps elsewhere: a build would see short pointers in their place, so people are told."""

from __future__ import annotations

from collections.abc import Callable

from services.repository.tree import Tree

MARK = b"version https://git-lfs.github.com/spec/v1"
POINTER_SIZES = range(100, 200)  # a pointer is three short lines: about 130 bytes
MAX_CANDIDATES = 500


def warnings(tree: Tree, read: Callable[[list[str]], dict[str, bytes]]) -> tuple[str, ...]:
    """One sentence that names the pointers, or nothing. `read` gives the content of objects."""
    if not any(entry.path.rpartition("/")[2] == ".gitattributes" for entry in tree.entries):
        return ()
    small = [entry for entry in tree.entries if entry.is_file and entry.size in POINTER_SIZES][:MAX_CANDIDATES]
    content = read([entry.sha for entry in small]) if small else {}
    names = [entry.path for entry in small if content[entry.sha].startswith(MARK)]
    if not names:
        return ()
    return (f"Git LFS is not supported; these files are only pointers in the build: {', '.join(names[:5])}.",)
