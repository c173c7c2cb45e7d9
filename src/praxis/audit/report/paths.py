"""How paths are written in a report: so that they can be opened from where the reader stands."""

from os.path import relpath
from pathlib import Path

import msgspec

from praxis.audit.findings import Place, Problem


class Paths:
    """
    Paths of the project at *root*, for a reader who stands in *here*.

    Where one folder holds the other they are relative to *here*. Else they are absolute, or,
    with *short*, relative to the project, which the report names at its top.
    """

    def __init__(self, root: Path, here: Path, *, short: bool = False) -> None:
        self._prefix = ""
        if root != here:
            if root.is_relative_to(here):
                self._prefix = f"{root.relative_to(here).as_posix()}/"
            elif here.is_relative_to(root):
                self._prefix = f"{Path(relpath(root, here)).as_posix()}/"
            elif not short:
                self._prefix = f"{root.as_posix().rstrip('/')}/"

    def path(self, path: str) -> str:
        """The path relative to the project, as it is shown."""
        return f"{self._prefix}{path}"

    def place(self, place: Place) -> str:
        """``shop/views.py:12:5``."""
        return f"{self._prefix}{place}"

    def problem(self, problem: Problem) -> str:
        """The problem's line."""
        return str(msgspec.structs.replace(problem, path=self.path(problem.path)))
