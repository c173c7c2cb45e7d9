"""The texts of web server and container configurations that lie in the project."""

import re
from collections.abc import Iterator
from pathlib import Path

from praxis.audit.project import Project

_MAX_FILES = 200
_MAX_BYTES = 200_000


def configurations(
    project: Project, named: re.Pattern[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Each with its path; where *named* is given, only those whose paths it is found in."""
    for path in project.configurations[:_MAX_FILES]:
        if named is None or named.search(path):
            text = _read(project.root.folder / path)
            if text:
                yield path, text


def _read(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # what cannot be read tells nothing
