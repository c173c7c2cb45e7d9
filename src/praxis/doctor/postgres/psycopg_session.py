"""A conversation with PostgreSQL in which nothing can be written, and no lock is waited for."""

import contextlib
import os
import re
import socket
from collections.abc import Iterator
from typing import Any

from praxis.doctor.limits import Limits
from praxis.doctor.site import Site
from praxis.doctor.targets import Target
from praxis.errors import MissingLibraryError, NotAnsweredError, UnreachableError

try:
    import psycopg
    from psycopg import errors
    from psycopg.rows import dict_row
except ImportError as error:
    raise MissingLibraryError(
        "Asking PostgreSQL needs psycopg: pip install 'django-praxis[postgres]'"
    ) from error

LOCK_TIMEOUT_MS = 1_000
#: pg_catalog alone, so that no table or function of the site can stand in for the system's own.
_BEGIN = "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; "
_QUESTION = re.compile(r"\s*(SELECT|SHOW|EXPLAIN)\b", re.IGNORECASE)


class PostgresSession:
    """
    Asks one database.

    Each question is a read-only transaction of its own with time-outs, which also holds behind a
    pooler; on a direct connection the session itself is read-only, too.

    Attributes:
        target: What was connected to.
        site: The processes that use it.
        limits: The bounds of the checks.
        is_pooled: Whether a pooler stands between: the process that was named at the connection's
            start is another than the one that answers.
        is_replica: Whether the server replays another's WAL.
        version: ``server_version_num``, e.g. 160002.
    """

    def __init__(
        self,
        connection: "psycopg.Connection[dict[str, Any]]",
        target: Target,
        site: Site,
        limits: Limits,
        *,
        budget_s: float,
    ) -> None:
        self._connection = connection
        self._statement_ms = max(round(budget_s * 800), 1)
        self.target, self.site, self.limits = target, site, limits
        facts = self.row(
            "SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS is_replica, "
            "current_setting('server_version_num')::int AS version"
        )
        self.is_pooled: bool = facts["pid"] != connection.info.backend_pid
        self.is_replica: bool = facts["is_replica"]
        self.version: int = facts["version"]
        if not self.is_pooled:  # with a pooler it would stay behind for the next client
            connection.execute(
                "SET default_transaction_read_only = on; "
                f"SET lock_timeout = {LOCK_TIMEOUT_MS}; "
                f"SET statement_timeout = {self._statement_ms}"
            )

    @property
    def is_broken(self) -> bool:
        return self._connection.closed or self._connection.broken

    def rows(
        self, statement: str, parameters: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """
        Run one reading statement; names of the catalogue need no schema.

        Raises:
            NotAnsweredError: no right to, no time for it, a lock in the way, or the server went.
        """
        if not _QUESTION.match(statement):  # a read-only transaction may still LOCK TABLE
            raise NotAnsweredError(
                f"{statement.split(maxsplit=1)[0]} is no question; nothing was sent"
            )
        with self._asking():
            return self._connection.execute(statement, parameters).fetchall()

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """One read-only transaction with time-outs; what goes wrong in it is one line."""
        try:
            try:
                self._connection.execute(
                    f"{_BEGIN}SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}; "
                    f"SET LOCAL statement_timeout = {self._statement_ms}"
                )
                yield
            finally:
                if not self.is_broken:
                    self._connection.execute("ROLLBACK")
        except errors.InsufficientPrivilege as error:
            raise NotAnsweredError(
                f"{one_line(error)}. GRANT pg_monitor TO the role that asks, and ask again"
            ) from error
        except psycopg.Error as error:
            raise NotAnsweredError(one_line(error)) from error

    def row(self, statement: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """The first row of `rows`."""
        return self.rows(statement, parameters)[0]

    def plan(self, query: str, *, before: str = "") -> dict[str, Any]:
        """
        The plan that does for any values of ``$1``, ``$2``, …; the statement is not run.

        Args:
            query: One statement, as ``pg_stat_statements`` writes it.
            before: A reading statement to run first, in the same transaction.

        Raises:
            NotAnsweredError: as of `rows`; also if it is several statements.
        """
        count = max((int(number) for number in re.findall(r"\$(\d+)", query)), default=0)
        values = f"({', '.join(['NULL'] * count)})" if count else ""
        with self._asking():
            send = self._connection.execute
            send("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL search_path = DEFAULT")
            if before:
                send(before)
            # The extended protocol takes one statement alone.
            send(f"PREPARE praxis_doctor AS {query.replace('%', '%%')}", ())
            try:
                row = send(
                    f"EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE praxis_doctor{values}"
                ).fetchone()
            finally:
                if not self.is_broken:
                    send("ROLLBACK; DEALLOCATE ALL")
        if row is None:
            raise NotAnsweredError("no plan came")
        plan: dict[str, Any] = row["QUERY PLAN"][0]["Plan"]
        return plan

    def extension_schema(self, name: str) -> str | None:
        """The schema, quoted, of an extension; None if this database has not got it."""
        found = self.rows(
            "SELECT quote_ident(nspname) AS name FROM pg_extension "
            "JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = %(name)s",
            {"name": name},
        )
        return str(found[0]["name"]) if found else None

    def statistics_age_s(self) -> float:
        """How long this database has been counting, as far as is known."""
        row = self.row(
            "SELECT extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))"
            "::float AS age_s FROM pg_stat_database WHERE datname = current_database()"
        )
        return float(row["age_s"])

    def abort(self) -> None:
        with (
            contextlib.suppress(OSError, psycopg.Error),
            # A duplicate: the one in use belongs to the thread that waits for it.
            socket.socket(fileno=os.dup(self._connection.fileno())) as duplicate,
        ):
            duplicate.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._connection.close()


def connect(target: Target, site: Site, limits: Limits, *, budget_s: float) -> PostgresSession:
    """
    Connect as the site does.

    Raises:
        UnreachableError: in one line, without the password.
    """
    parameters: dict[str, Any] = {
        **target.parameters,
        "connect_timeout": max(round(budget_s), 2),  # libpq takes 1 for 2
        "application_name": "praxis doctor",
    }
    try:
        connection = psycopg.connect(
            **parameters, autocommit=True, prepare_threshold=None, row_factory=dict_row
        )
    except psycopg.Error as error:
        raise UnreachableError(one_line(error)) from None
    try:
        return PostgresSession(connection, target, site, limits, budget_s=budget_s)
    except NotAnsweredError as error:
        connection.close()
        raise UnreachableError(str(error)) from error


def one_line(error: BaseException) -> str:
    """The message without libpq's addresses, hints and line ends."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    *_, text = text.rpartition("FATAL:")
    return text.strip().rstrip(".")
