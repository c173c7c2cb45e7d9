"""A conversation with Redis in which only reading commands can be said."""

import contextlib
import os
import socket
import statistics
import time
from typing import Any

import redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from praxis.doctor.limits import Limits
from praxis.doctor.site import Site
from praxis.doctor.targets import Target
from praxis.errors import NotAnsweredError, UnreachableError

#: All that is ever said. None of them writes; none costs more than its own answer.
COMMANDS = frozenset(
    {
        "AUTH", "CONFIG GET", "DBSIZE", "HELLO", "HLEN", "INFO", "LINDEX", "LLEN", "MEMORY USAGE",
        "PING", "PTTL", "SCAN", "SELECT", "SENTINEL GET-MASTER-ADDR-BY-NAME", "SLOWLOG GET",
        "SSCAN", "TYPE", "ZCARD", "ZRANGE",
    }
)  # fmt: skip
#: What the user who asks needs; a rule of ``ACL SETUSER``.
RIGHTS = "+" + " +".join(
    sorted(command.lower().replace(" ", "|") for command in COMMANDS if "SENTINEL" not in command)
)
_TWO_WORDS = frozenset(command.split()[0] for command in COMMANDS if " " in command)
_ROUND_TRIPS = 15


class RedisSession:
    """
    Asks one server.

    Attributes:
        target: What was connected to.
        site: The processes that use it.
        limits: The bounds of the checks.
        kept: What several checks need and is asked once.
    """

    def __init__(self, client: redis.Redis, target: Target, site: Site, limits: Limits) -> None:
        self._client = client
        self._info: dict[str, str] | None = None
        self._is_broken = False
        self.kept: dict[str, Any] = {}
        self.target, self.site, self.limits = target, site, limits

    @property
    def is_broken(self) -> bool:
        return self._is_broken

    def ask(self, *words: str | int) -> Any:
        """
        Send one of `COMMANDS`; answers are text.

        Bytes that are no UTF-8 become lone surrogates, which go back as they were.

        Raises:
            NotAnsweredError: no right to, a server that went, or a command that is not among them.
        """
        count = 2 if str(words[0]).upper() in _TWO_WORDS else 1
        command = " ".join(str(word).upper() for word in words[:count])
        if command not in COMMANDS:
            raise NotAnsweredError(f"{command} is no question; nothing was sent")
        try:
            # One argument for the name: redis-py then gives answers as they came.
            send: Any = self._client.execute_command  # redis-py has no types for it
            return send(command, *map(_encoded, words[count:]))
        except (NoPermissionError, ResponseError) as error:
            raise NotAnsweredError(_no_right(command, error)) from error
        except RedisError as error:
            self._is_broken = True
            raise NotAnsweredError(one_line(error)) from error

    def info(self) -> dict[str, str]:
        """All that ``INFO`` tells, asked once; of lines such as ``db0:…`` the text."""
        if self._info is None:
            text = str(self.ask("INFO", "everything"))
            pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
            self._info = {name: value.strip() for name, _, value in pairs}
        return self._info

    def setting(self, name: str) -> str | None:
        """A setting; None where services do not let it be read."""
        try:
            answer = self.ask("CONFIG GET", name)
        except NotAnsweredError:
            if self._is_broken:
                raise
            return None
        pairs = dict(zip(answer[::2], answer[1::2], strict=True))
        return pairs.get(name)

    def round_trip_ms(self) -> float:
        """The median of a few empty commands."""
        times = []
        for _ in range(_ROUND_TRIPS):
            started = time.perf_counter()
            self.ask("PING")
            times.append((time.perf_counter() - started) * 1000)
        return statistics.median(times)

    def abort(self) -> None:
        connection = self._client.connection
        stream = getattr(connection, "_sock", None)
        if stream is None:
            return
        with (
            contextlib.suppress(OSError),
            # A duplicate: the one in use belongs to the thread that waits for it.
            socket.socket(fileno=os.dup(stream.fileno())) as duplicate,
        ):
            duplicate.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._client.close()


def connect(target: Target, site: Site, limits: Limits, *, budget_s: float) -> RedisSession:
    """
    Connect as the site does; to the master, where the address is a Sentinel's.

    Raises:
        UnreachableError: in one line, without the password.
    """
    return RedisSession(connect_client(target, budget_s=budget_s), target, site, limits)


def connect_client(target: Target, *, budget_s: float) -> redis.Redis:
    """The connection of `connect`."""
    url = str(target.parameters["url"])
    service = target.parameters.get("service")
    try:
        if service:
            with _client(url, budget_s) as sentinel:
                host, port = sentinel.execute_command(
                    "SENTINEL GET-MASTER-ADDR-BY-NAME", service
                ) or (None, None)
            if host is None:
                raise UnreachableError(f"the Sentinel knows no master {service}")
            login = target.parameters.get("login")
            url = f"{url.partition('://')[0]}://{f'{login}@' if login else ''}{host}:{port}"
        client = _client(url, budget_s)
        _greet(client)
    except (RedisError, ValueError) as error:
        raise UnreachableError(one_line(error)) from None
    return client


def _encoded(word: str | int) -> bytes:
    """What a word came as."""
    return str(word).encode("utf-8", "surrogateescape")


def _greet(client: redis.Redis) -> None:
    """Connect; a server whose disk is full answers MISCONF even to PING, and can be asked."""
    try:
        client.ping()
    except ResponseError as error:
        if "MISCONF" not in str(error):
            raise


def _client(url: str, budget_s: float) -> redis.Redis:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client: redis.Redis = redis.Redis.from_url(
        url,
        socket_timeout=budget_s,
        socket_connect_timeout=budget_s,
        single_connection_client=True,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        decode_responses=True,
        encoding_errors="surrogateescape",  # keys are bytes, and must be found again
    )
    client.response_callbacks.clear()  # answers as they came, whatever the version
    return client


def one_line(error: BaseException) -> str:
    """The message in one line."""
    if isinstance(error, AuthenticationError):
        return f"not let in: {' '.join(str(error).split())}"
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _no_right(command: str, error: RedisError) -> str:
    text = one_line(error)
    if "permission" in text.lower() or "NOPERM" in text:
        return f"no right to {command}. What asking takes: ACL SETUSER doctor {RIGHTS} ~*"
    return f"{command}: {text}"
