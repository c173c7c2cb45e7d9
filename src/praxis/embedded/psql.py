"""Run SQL with the ``psql`` program, so that no driver is needed to start a server."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from praxis.embedded.binaries import find_postgres
from praxis.errors import ServerError

TIMEOUT_S = 90


@dataclass(frozen=True, slots=True)
class Address:
    """Where a PostgreSQL server listens and who may enter."""

    host: str  # an IP address, a name, or the folder of a Unix socket
    port: int
    user: str
    password: str
    database: str = "postgres"  # for statements that concern no database in particular
    options: tuple[tuple[str, str], ...] = ()  # libpq's: sslmode and so on

    @classmethod
    def from_url(cls, url: str, *, variable: str) -> "Address":
        """
        Read ``postgresql://user:password@host:port/database?sslmode=require``.

        Raises:
            ServerError: naming *variable*, never the password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 5432
        except ValueError as error:
            raise ServerError(f"{variable} is not an address: {error}.") from None
        if parts.scheme not in {"postgres", "postgresql"}:
            raise ServerError(
                f"{variable} must look like postgresql://user:password@host:5432/postgres, "
                f"not {parts.scheme or '...'}://"
            )
        options = dict(parse_qsl(parts.query))
        host = options.pop("host", "") or unquote(parts.hostname or "localhost")
        return cls(
            host=host,
            port=int(options.pop("port", port)),
            user=unquote(parts.username or "postgres"),
            password=unquote(parts.password or ""),
            database=parts.path.strip("/") or "postgres",
            options=tuple(sorted(options.items())),
        )

    def url(self, database: str) -> str:
        """Return the address of a database, as psycopg and libpq take it."""
        who = quote(self.user, safe="") + (
            f":{quote(self.password, safe='')}" if self.password else ""
        )
        if self.host.startswith("/"):
            query = urlencode({"host": self.host, "port": self.port, **dict(self.options)})
            return f"postgresql://{who}@/{quote(database)}?{query}"
        query = urlencode(self.options)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{who}@{host}:{self.port}/{quote(database)}{query and '?' + query}"

    def environment(self, database: str) -> dict[str, str]:
        """Return libpq's variables: a password on the command line is everybody's to read."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": database,
            "PGCONNECT_TIMEOUT": "30",
            **{f"PG{name.upper()}": value for name, value in self.options},
        }


def run(address: Address, statement: str, *, database: str) -> str:
    """
    Run SQL; return rows as lines with ``|`` between the columns.

    Raises:
        ServerError: with what psql said; the statement may have been carried out if the
            connection broke.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    try:
        finished = subprocess.run(  # noqa: S603 - psql, with the caller's own statement
            [_program(), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            env={**inherited, **address.environment(database)},
            input=statement,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServerError(
            f"PostgreSQL at {address.host}:{address.port} did not answer in {TIMEOUT_S} s."
        ) from None
    if finished.returncode != 0:
        raise ServerError(
            f"PostgreSQL at {address.host}:{address.port} refused: {finished.stderr.strip()}"
        )
    return finished.stdout.strip()


def _program() -> str:
    """Return psql: of the server that we would start, or whatever is on the PATH."""
    try:
        return str(find_postgres().tool("psql"))
    except ServerError:
        if found := shutil.which("psql"):
            return found
        raise ServerError(
            "psql was not found, which PRAXIS_POSTGRES_URL needs to create databases. Install it "
            "(apt-get install postgresql-client) or: pip install 'django-praxis[embedded]'"
        ) from None
