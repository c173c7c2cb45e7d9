"""
Which files a project has, and what part each plays.

Folders that hold other people's code are passed over; links to folders are not followed, so a
loop of links ends; what cannot be read becomes a `Problem` and the rest goes on.
"""

import os
import re
import stat
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatch
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path

from praxis.audit.findings import Problem
from praxis.errors import ProjectError

#: Larger files are generated data, not code that somebody maintains by hand.
MAX_BYTES = 2_000_000

PASSED_OVER = frozenset({
    "LC_MESSAGES", "__pycache__", "__pypackages__", "bower_components", "buck-out", "build", "dist",
    "env",
    "htmlcov", "node_modules", "site-packages", "venv", "virtualenv", "_vendor", "third_party",
    "vendor",
})  # fmt: skip
EVIDENCE = ("manage.py", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", ".git")
TEMPLATE_SUFFIXES = (".html", ".htm", ".djhtml", ".jinja", ".jinja2", ".j2")
TEMPLATE_FOLDERS = frozenset({"templates", "jinja2", "jinja"})
_SERVER = re.compile(r"nginx|caddyfile|traefik|haproxy|apache|ingress", re.IGNORECASE)
_CONFIGURATION = re.compile(
    rf"{_SERVER.pattern}|\.(?:conf(?:\.template|\.j2)?|vhost|tmpl|caddy)$"
    r"|^docker-compose|^compose\.",
    re.IGNORECASE,
)


class Role(StrEnum):
    """What a file is for; it decides how much a mistake in it costs."""

    REQUEST = "request"
    TASK = "task"
    COMMAND = "command"
    SETTINGS = "settings"
    SCRIPT = "script"
    MIGRATION = "migration"
    TEST = "test"
    TEMPLATE = "template"


class Kind(StrEnum):
    """The language of a file."""

    PYTHON = "python"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read; *path* is relative to the root, with forward slashes."""

    path: str
    kind: Kind
    role: Role


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that is taken for the project, and why."""

    folder: Path
    evidence: tuple[str, ...]
    #: The files and folders of it that were asked for, relative to *folder*; empty for all of it.
    within: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether the file at *path* was asked for; what is wrong with the whole always was."""
        return (
            not self.within
            or path == "."
            or any(path == asked or path.startswith(f"{asked}/") for asked in self.within)
        )


@dataclass(slots=True)
class Listing:
    """The files found, and what could not be looked into."""

    sources: list[Source] = field(default_factory=list)
    #: Paths of what looks like the configuration of a web server or of containers.
    configurations: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def find_root(path: Path, *more: Path) -> Root:
    """
    Find the project that *path* (a folder or a file), and *more*, belong to.

    A folder with evidence of its own is the project; otherwise the nearest one above it that
    has some. Without any, the folder itself. Several paths of different projects belong to the
    one around these.

    Raises:
        ProjectError: if there is nothing at one of them, or no project holds them all.
    """
    asked = [_root_of(one) for one in (path, *more)]
    root = asked[0]
    if any(other.folder != root.folder for other in asked):
        root = _root_above([other.folder for other in asked])
    within = [
        (one.folder / "".join(one.within)).relative_to(root.folder).as_posix() for one in asked
    ]
    return Root(root.folder, root.evidence, () if "." in within else tuple(within))


def _root_above(folders: list[Path]) -> Root:
    """The project around several: not just any folder above them, which may be a whole disk."""
    try:
        root = _root_of(Path(os.path.commonpath(folders)))
    except ValueError:  # different drives
        root = Root(Path(), ())
    if not root.evidence:
        named = ", ".join(sorted(map(str, set(folders))))
        raise ProjectError(f"these belong to different projects: {named}. Check one at a time")
    return root


def _root_of(path: Path) -> Root:
    try:
        asked = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ProjectError(
            f"{path}: no such file or folder. Name the folder of a Django project: "
            "praxis check PATH"
        ) from error
    folder = asked if asked.is_dir() else asked.parent
    for candidate in (folder, *folder.parents):
        found = tuple(name for name in EVIDENCE if (candidate / name).exists())
        if found:
            within = asked.relative_to(candidate).as_posix()
            return Root(candidate, found, () if within == "." else (within,))
    return Root(folder, (), () if asked.is_dir() else (asked.name,))


def list_sources(root: Path, exclude: tuple[str, ...] = ()) -> Listing:
    """List the files below *root*, sorted; *exclude* are patterns of relative paths."""
    listing = Listing()
    folders = [("", False)]
    while folders:
        folder, in_templates = folders.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=attrgetter("name"))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            listing.problems.append(Problem.at_file(folder or ".", f"folder not read: {reason}"))
            continue
        if folder and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue  # a virtual environment under a name of its own
        of_server = _SERVER.search(folder.rpartition("/")[2]) is not None
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not _is_unicode(path):
                if _is_folder(entry) or _source(path, entry.name, in_templates) is not None:
                    shown = os.fsencode(path).decode("utf-8", "replace")
                    problem = Problem.at_file(shown, "not read: its name is not UTF-8; rename it")
                    listing.problems.append(problem)
                continue
            if exclude and any(fnmatch(path, pattern) for pattern in exclude):
                continue
            if _is_folder(entry):
                if not _passed_over(entry.name):
                    folders.append((path, in_templates or entry.name in TEMPLATE_FOLDERS))
            elif (source := _source(path, entry.name, in_templates)) is not None:
                listing.sources.append(source)
            elif of_server or _CONFIGURATION.search(entry.name):
                listing.configurations.append(path)
    listing.configurations.sort()
    listing.sources.sort(key=lambda source: source.path)
    return listing


def _is_unicode(path: str) -> bool:
    """Whether the name is text: what Python could not decode stands in it as surrogates."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _passed_over(name: str) -> bool:
    return name in PASSED_OVER or name.startswith(".") or name.endswith((".egg-info", ".egg"))


def _source(path: str, name: str, in_templates: bool) -> Source | None:
    if name.endswith(".py"):
        return Source(path, Kind.PYTHON, role_of(path))
    if name.endswith(TEMPLATE_SUFFIXES) or (in_templates and name.endswith((".txt", ".xml"))):
        return Source(path, Kind.TEMPLATE, _template_role(path))
    return None


def role_of(path: str) -> Role:
    """What the Python file at the relative *path* is for, by the names Django projects use."""
    *folders, name = path.lower().split("/")
    for role, holds in _ROLES:
        if holds(folders, name):
            return role
    return Role.REQUEST


def fills_database(path: str, text: str = "") -> bool:
    """
    Whether the file is for samples: no visitor waits for it.

    Its name tells, or a folder's, or a command's that imports what makes up values.
    """
    if _SAMPLES.search(path) is not None:
        return True
    return role_of(path) is Role.COMMAND and _MAKES_UP.search(text) is not None


_MAKES_UP = re.compile(
    r"^[ \t]*(?:import|from)[ \t]+(?:random|faker|factory|mimesis|mixer|model_(?:bakery|mommy))\b",
    re.MULTILINE,
)
_SAMPLES = re.compile(
    r"(?:^|[^a-z])(?:demo|fixtures?|populate|samples?|seed(?:s|ers?)?|tests?)(?:[^a-z]|$)"
)


def _template_role(path: str) -> Role:
    *folders, _ = path.lower().split("/")
    return Role.TEST if _is_test_folder(folders) else Role.TEMPLATE


def _is_test_folder(folders: list[str]) -> bool:
    return any(
        folder in _TEST_FOLDERS or folder.startswith("test_") or folder.endswith("_tests")
        for folder in folders
    )


def _is_test(folders: list[str], name: str) -> bool:
    return (
        _is_test_folder(folders)
        or name.startswith(("test_", "tests_"))
        or name.endswith(("_test.py", "_tests.py"))
        or name in {"conftest.py", "test.py", "tests.py", "factories.py"}
        or (folders[-1:] == ["fixtures"] and name not in _MODULES_OF_APPS)
    )


def _is_migration(folders: list[str], _name: str) -> bool:
    return bool(folders) and folders[-1] in {"migrations", "south_migrations"}


def _is_command(folders: list[str], _name: str) -> bool:
    return folders[-2:] == ["management", "commands"]


def _is_settings(folders: list[str], name: str) -> bool:
    return (
        name in {"settings.py", "local_settings.py"}
        or name.startswith("settings_")
        or name.endswith("_settings.py")
        or bool(folders and folders[-1] == "settings")
    )


def _is_task(folders: list[str], name: str) -> bool:
    return name in {"tasks.py", "celery_tasks.py"} or bool(folders and folders[-1] == "tasks")


def _is_script(folders: list[str], name: str) -> bool:
    return name in _SCRIPTS or bool(folders and folders[0] in _SCRIPT_FOLDERS)


_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testsuite", "e2e", "testutils"})
#: A folder of fixtures that has one of these is an application, of a sports club say.
_MODULES_OF_APPS = frozenset(
    {"admin.py", "apps.py", "forms.py", "models.py", "urls.py", "views.py"}
)
_SCRIPTS = frozenset({"manage.py", "setup.py", "noxfile.py", "fabfile.py"})
_SCRIPT_FOLDERS = frozenset({"scripts", "bin", "docs", "doc", "benchmarks", "tools"})
_ROLES = (
    (Role.TEST, _is_test),
    (Role.MIGRATION, _is_migration),
    (Role.COMMAND, _is_command),
    (Role.SETTINGS, _is_settings),
    (Role.TASK, _is_task),
    (Role.SCRIPT, _is_script),
)


def read_bytes(root: Path, path: str) -> bytes | Problem:
    """The content of the file, or why it was not read."""
    full = f"{root}/{path}"  # a `Path` each would cost as much as reading the file
    try:
        status = os.lstat(full)
        if stat.S_ISLNK(status.st_mode):
            if not Path(full).resolve().is_relative_to(root):
                return Problem.at_file(path, "not read: a link that leaves the project")
            status = os.stat(full)  # noqa: PTH116 - as above
        if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for ever
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, socket or device"
            return Problem.at_file(path, f"not read: {kind}, not a file")
        size_bytes = status.st_size
        if size_bytes > MAX_BYTES:
            return Problem.at_file(
                path,
                f"not read: {size_bytes / 1e6:.1f} MB, and the limit is {MAX_BYTES / 1e6:.0f} MB; "
                "exclude it in [tool.praxis] if it is data",
            )
        with open(full, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            return file.readall()
    except RecursionError:  # of whoever asked: it says nothing about the file
        raise
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a loop of links"
        return Problem.at_file(path, f"not read: {reason}")


def digest_of(data: bytes) -> str:
    """What tells one content from another."""
    return blake2b(data, digest_size=16).hexdigest()
