"""Which files hold work that git could not give back."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

from praxis.audit.git import ask_git

_TIMEOUT_S = 10.0


def list_uncommitted(root: Path, contents: Iterable[tuple[str, bytes]]) -> list[str]:
    """
    The paths whose content is not that of the last commit; none where there is no git.

    Only the list of the commit's files is asked for and compared here: ``git status`` would
    run filters and monitors that the audited project's configuration names.
    """
    contents = list(contents)
    paths = [path for path, _ in contents]
    try:
        listing = ask_git(root, "ls-tree", "-z", "HEAD", "--", *paths, timeout_s=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if listing is None:
        return []
    committed = {}
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = line.partition("\t")
        committed[path] = head.rpartition(" ")[2]
    return [path for path, data in contents if committed.get(path) not in _names_of(data)]


def _names_of(data: bytes) -> set[str]:
    """What git may call this content: by either hash, with its line ends or plain ones."""
    names = set()
    for content in (data, data.replace(b"\r\n", b"\n")):
        blob = b"blob %d\0%b" % (len(content), content)
        names.add(hashlib.sha1(blob, usedforsecurity=False).hexdigest())
        names.add(hashlib.sha256(blob).hexdigest())
    return names
