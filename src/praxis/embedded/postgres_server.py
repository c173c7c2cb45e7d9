"""One PostgreSQL server, and databases in it."""

import os
import re
import secrets
import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from praxis.embedded import psql, readiness
from praxis.embedded.binaries import PostgresBinaries, find_postgres
from praxis.embedded.ports import is_free, start_on_port
from praxis.embedded.processes import (
    Account,
    Household,
    ServerProcess,
    closed_parent,
    demand_unix,
    unprivileged_account,
)
from praxis.embedded.server import Server
from praxis.errors import ServerError

HOST = "127.0.0.1"
USER = "postgres"
START_TIMEOUT_S = 60.0  # a kept server may have WAL to replay
ADDRESS_VARIABLE = "PRAXIS_POSTGRES_URL"
COPIES = Path("/var/tmp")  # noqa: S108 - the owner of what is found there is checked
SOCKET_PORT = 5432  # only a part of the socket's name: nothing is bound


@dataclass(frozen=True, slots=True)
class PostgresConfig:
    """What goes into ``praxis.conf``, which ``postgresql.conf`` includes; `text` is the file."""

    port: int
    is_kept: bool
    socket_folder: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        values = {
            "listen_addresses": "" if self.socket_folder else HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_folder or ""),
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Replicas can be added while it runs, and come back after they were away.
            "wal_level": "replica",
            "max_wal_senders": "10",
            "wal_keep_size": "1GB",
            "hot_standby": "on",
            # In the data folder, which we remove; in /dev/shm a SIGKILL would leave it behind.
            "dynamic_shared_memory_type": "mmap",
        }
        if not self.is_kept:  # its data ends with it: a power failure has nothing to corrupt
            values |= {"fsync": "off", "full_page_writes": "off"}
        values |= self.settings
        return "".join(f"{name} = {_quoted(value)}\n" for name, value in values.items())


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A database of a server, as Django and psycopg want to hear of it."""

    name: str
    address: psql.Address

    @property
    def url(self) -> str:
        return self.address.url(self.name)

    def django_settings(self) -> dict[str, Any]:
        """Return an entry for ``DATABASES``."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.address.user,
            "PASSWORD": self.address.password,
            "HOST": self.address.host,
            "PORT": str(self.address.port),
            **({"OPTIONS": dict(self.address.options)} if self.address.options else {}),
        }

    def sql(self, statement: str) -> str:
        """Run SQL with psql; return rows as lines with ``|`` between the columns."""
        return psql.run(self.address, statement, database=self.name)


class PostgresServer(Server):
    """
    A running PostgreSQL; a context manager that stops it at the end.

    Attributes:
        address: Host, port, user, password.
        data: Its data folder, if it is one of ours.
    """

    def __init__(
        self,
        *,
        address: psql.Address,
        data: Path | None = None,
        process: ServerProcess | None = None,
        start_again: Callable[[], ServerProcess] | None = None,
        close: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(process, variable=ADDRESS_VARIABLE, start_again=start_again, close=close)
        self.address = address
        self.data = data
        self._made: set[str] = set()

    def __repr__(self) -> str:
        return f"<PostgresServer {self.address.host}:{self.address.port}>"

    @property
    def url(self) -> str:
        """The address of the database that every server has."""
        return self.address.url(self.address.database)

    @property
    def host(self) -> str:
        """The IP address, or the folder of the Unix socket."""
        return self.address.host

    @property
    def port(self) -> int:
        return self.address.port

    @property
    def user(self) -> str:
        return self.address.user

    @property
    def password(self) -> str:
        return self.address.password

    def database(self, name: str | None = None) -> PostgresDatabase:
        """
        Create an empty database; one of that name is dropped first, its connections cut.

        On an external server the name gets a random ending, so that it is nobody else's, and
        `stop` drops what was made here.

        Args:
            name: Letters, digits and underscores; random if None.
        """
        name = name or f"praxis_{secrets.token_hex(6)}"
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,50}", name):
            raise ServerError(f"{name!r} is no database name: use letters, digits, underscores.")
        if self.is_external:
            name = f"{name}_{secrets.token_hex(4)}"
        else:
            self.drop_database(name)
        self.sql(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        self._made.add(name)
        return PostgresDatabase(name, self.address)

    def drop_database(self, name: str) -> None:
        """Drop a database, cutting the connections to it; none of that name is no error."""
        if self.is_external and name not in self._made:
            raise ServerError(f"Database {name!r} was not made here: {ADDRESS_VARIABLE} is shared.")
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.discard(name)

    def sql(self, statement: str, *, database: str | None = None) -> str:
        """Run SQL with psql; return rows as lines with ``|`` between the columns."""
        return psql.run(self.address, statement, database=database or self.address.database)

    def stop(self) -> None:
        """Stop it, and remove its folder if that is temporary. Again is no error."""
        if self.is_external:
            for name in sorted(self._made):
                self.drop_database(name)
        super().stop()

    def promote(self) -> None:
        """Make a replica a primary and wait until it is."""
        if self.sql("SELECT pg_promote(true, 60)") != "t":
            raise ServerError(f"{self!r} was not promoted; see {self._log()}.")

    def django_settings(self) -> dict[str, Any]:
        """Return an entry for ``DATABASES``, with the database that every server has."""
        return PostgresDatabase(self.address.database, self.address).django_settings()

    def _log(self) -> str:
        return str(self._process.log) if self._process else "the server's log"


def postgres(
    *,
    port: int | None = None,
    directory: Path | None = None,
    socket: bool = False,
    settings: Mapping[str, str] | None = None,
) -> PostgresServer:
    """
    Start a PostgreSQL server, or use the one at ``PRAXIS_POSTGRES_URL``.

    It listens on 127.0.0.1 alone, with a password of its own for its superuser ``postgres``; as
    root it runs as ``nobody``. A temporary one does without fsync. With an address in the
    environment nothing is started and the arguments do not apply.

    Args:
        port: A TCP port; chosen if None. Taken: an error.
        directory: Where to keep the data for the next time; temporary if None.
        socket: Listen on a Unix socket in the folder instead of a port.
        settings: Entries of ``postgresql.conf``.

    Raises:
        ServerError: if no server was found or it did not start; nothing runs then.
    """
    if address := os.environ.get(ADDRESS_VARIABLE):
        external = psql.Address.from_url(address, variable=ADDRESS_VARIABLE)
        server = PostgresServer(address=external)
        server.sql("SELECT 1")  # say now, not at the first test, that it does not answer
        return server
    demand_unix()
    find_postgres()
    household = Household(directory=directory, account=unprivileged_account())
    try:
        return start_primary(
            household, port=port, socket=socket, settings=settings or {}, close=household.close
        )
    except BaseException:
        household.close()
        raise


def start_primary(
    household: Household,
    *,
    port: int | None = None,
    socket: bool = False,
    settings: Mapping[str, str],
    close: Callable[[], None] | None = None,
) -> PostgresServer:
    """Initialise a household's folder ``primary`` if it is new, and start the server in it."""
    binaries = runnable_binaries(household.account)
    data = household.folder("primary")
    if not (data / "PG_VERSION").exists():
        initialise(household, binaries, data)
    check_version(binaries, data)
    return start_server(
        household, binaries, data, port=port, socket=socket, settings=settings, close=close
    )


def initialise(household: Household, binaries: PostgresBinaries, data: Path) -> None:
    """Run ``initdb``, with text ordered by code point and UTF-8 letters, the same everywhere."""
    password = household.directory / "password"
    household.password()
    options = ["--auth=scram-sha-256", "--encoding=UTF8", f"--username={USER}"]
    if binaries.major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        options += ["--locale=C.UTF-8"]
    if binaries.major >= 16:
        # The password is 128 random bits: stretching it would only cost time at each connection.
        options += ["-c", "scram_iterations=1"]
    if not household.is_kept:
        options += ["--no-sync"]
    household.run([binaries.tool("initdb"), "--pgdata", data, f"--pwfile={password}", *options])
    with (data / "postgresql.conf").open("a", encoding="utf-8") as config:
        config.write("\ninclude = 'praxis.conf'\n")


def start_server(
    household: Household,
    binaries: PostgresBinaries,
    data: Path,
    *,
    port: int | None,
    socket: bool,
    settings: Mapping[str, str],
    close: Callable[[], None] | None = None,
) -> PostgresServer:
    """Write ``praxis.conf`` and start the server of a data folder, on *port* or a free one."""
    socket_folder = household.directory if socket else None
    if socket_folder and len(os.fsencode(socket_folder)) > 80:  # with the file's name 107 bytes
        raise ServerError(
            f"{socket_folder} is too long for a Unix socket. Choose a shorter folder."
        )

    def launch(at_port: int) -> tuple[int, ServerProcess]:
        config = PostgresConfig(at_port, household.is_kept, socket_folder, settings)
        household.write(data / "praxis.conf", config.text())
        return at_port, launch_postgres(household, binaries, data, at_port)

    if port is None and not socket:
        port = _previous_port(data)
    at_port, process = launch(SOCKET_PORT) if socket else start_on_port(launch, port=port)
    address = psql.Address(
        host=str(socket_folder) if socket_folder else HOST,
        port=at_port,
        user=USER,
        password=household.password(),
    )
    return PostgresServer(
        address=address,
        data=data,
        process=process,
        start_again=lambda: launch_postgres(household, binaries, data, at_port),
        close=close,
    )


def launch_postgres(
    household: Household, binaries: PostgresBinaries, data: Path, port: int
) -> ServerProcess:
    """Start the server of a configured data folder and wait until it takes connections."""
    process = household.start(
        [binaries.tool("postgres"), "-D", data],
        log=data.with_suffix(".log"),
        # Immediate where the data goes with it, fast (a checkpoint) where it is kept.
        stop_signal=signal.SIGINT if household.is_kept else signal.SIGQUIT,
        stop_timeout_s=60.0 if household.is_kept else 10.0,
        pid_file=data / "postmaster.pid",
    )
    try:
        readiness.wait_for_postgres(
            process, data, what=f"PostgreSQL on port {port}", timeout_s=START_TIMEOUT_S
        )
    except BaseException:
        process.stop()
        raise
    return process


def check_version(binaries: PostgresBinaries, data: Path) -> None:
    """Raise ServerError when the kept data belongs to another major version."""
    made_by = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if made_by != str(binaries.major):
        raise ServerError(
            f"{data} was made by PostgreSQL {made_by}, and the server found ({binaries.source}) is "
            f"{binaries.major}. Put PostgreSQL {made_by} first on the PATH, or choose a new folder."
        )


def runnable_binaries(account: Account | None) -> PostgresBinaries:
    """
    Return binaries that *account* can run: the found ones, or a copy where it may pass.

    A wheel in a virtualenv under ``/root`` is closed to the user that PostgreSQL must run as. The
    copy (about 40 MB) stays in ``/var/tmp`` for the next time.
    """
    found = find_postgres()
    if account is None or closed_parent(found.folder / "postgres") is None:
        return found
    # Next to bin/ are lib/ and share/, which the programs find from their own place; a wheel
    # keeps its libraries two levels higher.
    version = ".".join(map(str, found.version))
    root = COPIES / f"praxis-postgresql-{version}-{account.uid}"
    package = found.folder.parent.parent
    if not root.exists():
        making = Path(f"{root}.{secrets.token_hex(8)}")  # fresh and unguessable: nobody has it
        making.mkdir(mode=0o755)
        for part in (package / found.folder.parent.name, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, making / part.relative_to(package.parent), symlinks=True)
        making.chmod(0o755)
        try:
            making.rename(root)
        except OSError:
            shutil.rmtree(making)  # another process was faster: its copy is as good
    if root.lstat().st_uid != os.geteuid():  # a trap that another user has set
        raise ServerError(f"{root} belongs to another user; remove it and start again.")
    copy = root / found.folder.relative_to(package.parent)
    return PostgresBinaries(copy, found.version, f"{found.source}, copied to {root}")


def _previous_port(data: Path) -> int | None:
    """Return the port that a kept server had, if it is still free: addresses then stay good."""
    path = data / "praxis.conf"
    if not path.exists():
        return None
    match = re.search(r"^port = '(\d+)'$", path.read_text(encoding="utf-8"), re.MULTILINE)
    port = int(match[1]) if match else SOCKET_PORT
    return port if port != SOCKET_PORT and is_free(port) else None


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
