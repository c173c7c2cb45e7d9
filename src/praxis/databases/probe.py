"""
A connection on which a server is asked about itself, and that waits no longer than it is told.

The one file of the routing that imports psycopg. A server that hangs answers nothing, and the
driver would wait for ever: so the socket is waited for here.
"""

import selectors
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

try:
    import psycopg
    from psycopg import pq
except ImportError as missing:
    raise ImportError(
        "Replicas are watched through psycopg 3. Run: pip install 'django-praxis[postgres]'"
    ) from missing

from praxis.databases.questions import IDENTITY, STATE, Answer, read_state

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

#: What psycopg.connect knows besides the parameters of libpq.
_OF_PSYCOPG = {
    "autocommit", "context", "cursor_factory", "prepare_threshold", "row_factory",
    "server_side_binding",
}  # fmt: skip


class ProbeError(Exception):
    """The server did not answer, or refused; the message says how."""


class SilentError(ProbeError):
    """The server did not answer in time."""


class Probe:
    """
    Asks one server; not for several threads at once.

    Args:
        parameters: As Django hands them to psycopg.
        timeout_s: How long a connection or an answer may take.
    """

    def __init__(self, parameters: Mapping[str, Any], *, timeout_s: float) -> None:
        kept = {name: value for name, value in parameters.items() if name not in _OF_PSYCOPG}
        self._conninfo = psycopg.conninfo.make_conninfo(
            **{**kept, "application_name": "praxis replicas", "connect_timeout": None}
        )
        self._timeout_s = timeout_s
        self._connection: PGconn | None = None
        self._identifier = 0

    def ask(self) -> Answer:
        """
        Ask the server what it is and how far.

        Raises:
            ProbeError: if it does not tell in time; the connection is closed then.
        """
        try:
            if self._connection is None:
                self._connect()
                self._identifier = self._who()
            asked_at_s = time.monotonic()
            row = self._row(STATE)
            return read_state(row, identifier=self._identifier, asked_at_s=asked_at_s)
        except (psycopg.Error, OSError) as error:
            self.close()
            raise ProbeError(_first_line(str(error).encode())) from error
        except ProbeError:
            self.close()
            raise

    def wait(self, seconds: float) -> None:
        """
        Wait so long, or until the server says something unasked: that it goes away.

        Raises:
            ProbeError: if the connection has ended.
        """
        connection = self._connection
        if connection is None:
            time.sleep(seconds)
        elif _is_ready(connection.socket, selectors.EVENT_READ, seconds):
            try:
                connection.consume_input()
            except psycopg.Error as error:
                self.close()
                raise ProbeError("the connection has ended") from error

    def close(self) -> None:
        """End the connection. Again is no error."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.finish()

    def _connect(self) -> None:
        deadline = time.monotonic() + self._timeout_s
        connection = self._connection = pq.PGconn.connect_start(self._conninfo.encode())
        while True:
            status = connection.connect_poll()
            if status == pq.PollingStatus.OK:
                break
            if status == pq.PollingStatus.FAILED:
                raise ProbeError(_first_line(connection.error_message))
            wanted = (
                selectors.EVENT_READ
                if status == pq.PollingStatus.READING
                else selectors.EVENT_WRITE
            )
            if not _is_ready(connection.socket, wanted, deadline - time.monotonic()):
                raise SilentError(f"it took no connection in {self._timeout_s} s")
        connection.nonblocking = 1

    def _who(self) -> int:
        """Its system identifier; 0 where not everybody may read it."""
        try:
            (identifier,) = self._row(IDENTITY)
        except _RefusedError:
            return 0
        return int(identifier or 0)

    def _row(self, query: str) -> Sequence[str | None]:
        connection = self._connection
        assert connection is not None  # noqa: S101 - whoever asks has connected
        deadline = time.monotonic() + self._timeout_s
        connection.send_query(query.encode())
        row: Sequence[str | None] | None = None
        refused = ""
        while True:
            connection.flush()
            while connection.is_busy():
                if not _is_ready(
                    connection.socket, selectors.EVENT_READ, deadline - time.monotonic()
                ):
                    raise SilentError(f"it did not answer in {self._timeout_s} s")
                connection.consume_input()
            result = connection.get_result()
            if result is None:
                break
            if result.status == pq.ExecStatus.TUPLES_OK and result.ntuples:
                row = [_text(result.get_value(0, column)) for column in range(result.nfields)]
            else:
                refused = _first_line(result.error_message)
        if row is None:
            raise _RefusedError(refused or "it answered with nothing")
        return row


class _RefusedError(ProbeError):
    """The server answered, with an error."""


def _first_line(message: bytes) -> str:
    return message.decode(errors="replace").strip().partition("\n")[0].rstrip(".")


def _is_ready(socket: int, events: int, seconds: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(socket, events)
        return bool(selector.select(max(seconds, 0.0)))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
