"""The listed projects, whose keys the head of ``projects.toml`` explains, and copies of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

LISTED = Path(__file__).parent / "projects.toml"
_REPOSITORY = Path(__file__).parents[2]
#: Outside the repository: the code of others is not ours to keep there.
DEFAULT = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "praxis-fixes"


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    """One project; see ``projects.toml``."""

    name: str
    source: str
    package: str
    settings: str
    apps: tuple[str, ...]
    tests: tuple[str, ...]
    select: str
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    environment: dict[str, str] = {}

    @property
    def is_ours(self) -> bool:
        """Whether it is a folder of this repository."""
        return "==" not in self.source


class _Listing(Struct, frozen=True, forbid_unknown_fields=True):
    project: tuple[Project, ...]


class ProjectUnavailableError(Exception):
    """A project could not be installed; the message says what pip said."""


def load(path: Path = LISTED) -> tuple[Project, ...]:
    """
    All projects.

    Raises:
        msgspec.ValidationError: if a key is missing, unknown or of another type.
    """
    return msgspec.toml.decode(path.read_bytes(), type=_Listing).project


def interpreter(project: Project, folder: Path) -> Path:
    """
    The Python that has the project's needs; made the first time.

    Raises:
        ProjectUnavailableError: if pip cannot install it.
    """
    if project.is_ours:
        return Path(sys.executable)
    home = folder / project.source.replace("==", "-")
    python, done = home / "bin" / "python", home / ".complete"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        wanted = [project.source, *project.needs]
        result = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
        if result.returncode:
            raise ProjectUnavailableError(
                f"{project.source} was not installed. pip said: {result.stderr.strip()[-500:]}"
            )
        done.touch()
    return python


def copy(project: Project, folder: Path, python: Path, name: str) -> Path:
    """A fresh copy of what is mended."""
    target = folder / f"{project.name}-{name}"
    shutil.rmtree(target, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "*.sqlite3", "MISTAKES.toml")
    if project.is_ours:
        shutil.copytree(_REPOSITORY / project.source, target, ignore=unwanted)
    else:
        (library,) = (python.parent.parent / "lib").glob("python*/site-packages")
        shutil.copytree(library / project.package, target / project.package, ignore=unwanted)
    return target


def labels(project: Project, folder: Path) -> list[str]:
    """The tests to run: all, or the modules that need no file that is missing."""
    if not project.without:
        return list(project.tests)
    found: list[str] = []
    for label in project.tests:
        for path in sorted((folder / label.replace(".", "/")).rglob("test_*.py")):
            module = ".".join(path.relative_to(folder).with_suffix("").parts)
            if not any(part in module for part in project.without):
                found.append(module)
    return found
