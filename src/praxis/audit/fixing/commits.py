"""Which files hold work that git could not give back."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

_TIMEOUT_S = 10.0


def list_uncommitted(root: Path, contents: Iterable[tuple[str, bytes]]) -> list[str]:
    """
    The paths whose content is not that of the last commit; none where there is no git.

    Only the list of the commit's files is asked for and compared here: ``git status`` would
    run filters and monitors that the audited project's configuration names.
    """
    contents = list(contents)
    paths = [path for path, _ in contents]
    command = ["git", "ls-tree", "-z", "HEAD", "--", *paths]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the paths come after --
            command, cwd=root, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    committed = {}
    for line in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
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
