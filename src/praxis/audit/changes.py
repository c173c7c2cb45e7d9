"""
The lines that changed since a commit, for reports on one's own work only.

Git is asked for the old content of single files and nothing else: reading objects runs no
filter, hook or other program that the configuration of a foreign repository may name.
"""

import subprocess
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from praxis.audit.findings import Finding, Place
from praxis.audit.git import ask_git
from praxis.errors import ConfigError

_TIMEOUT_S = 60.0


class Changes:
    """
    What differs from the point where the branch left *ref*.

    Renamed files count as new; only files that are asked about are compared.

    Raises:
        ConfigError: if git is missing, *root* lies in no repository, or *ref* is no commit.
    """

    def __init__(self, root: Path, ref: str, text: Callable[[str], str]) -> None:
        self._root, self._text = root, text
        resolved = self._git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
        if resolved is None:
            raise self._refused(ref)
        commit = resolved.decode("ascii").strip()
        base = self._git("merge-base", commit, "HEAD")  # None where the two share no history
        self._commit = base.decode("ascii").strip() if base else commit
        self._lines: dict[str, frozenset[int] | None] = {}

    def touch(self, finding: Finding) -> bool:
        """Whether the finding, or a step of the chain that leads to it, is on a changed line."""
        places = (finding.place, *(step.place for step in finding.steps))
        return any(self._touches(place) for place in places)

    def _touches(self, place: Place) -> bool:
        if place.path not in self._lines:
            old = self._git("cat-file", "blob", f"{self._commit}:./{place.path}")
            self._lines[place.path] = (
                None if old is None else changed_lines(old, self._text(place.path))
            )
        changed = self._lines[place.path]
        return changed is None or any(
            line in changed for line in range(place.line, place.end_line + 1)
        )

    def _refused(self, ref: str) -> ConfigError:
        if self._git("rev-parse", "--git-dir") is None:
            return ConfigError(
                f"--diff {ref}: git reads no repository at {self._root}. Check without --diff, or "
                "see what `git status` says there"
            )
        return ConfigError(f"--diff {ref}: no such commit. `git log` and `git branch` list them")

    def _git(self, *arguments: str) -> bytes | None:
        try:
            return ask_git(self._root, *arguments, timeout_s=_TIMEOUT_S)
        except FileNotFoundError as error:
            raise ConfigError("--diff needs git, which is not on the PATH: install it") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigError(f"--diff: git did not answer: {error}") from error


def changed_lines(old: bytes, new: str) -> frozenset[int]:
    """The numbers of the lines of *new* that *old* does not have; line ends do not count."""
    # the old encoding is not known: bytes that are no UTF-8 at worst make a line look changed
    before = _lines(old.decode("utf-8", "replace"))
    after = _lines(new)
    changed: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            changed.update(range(start + 1, end + 1))
    return frozenset(changed)


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
