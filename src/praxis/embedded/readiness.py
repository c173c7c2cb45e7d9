"""Wait until a server that was started answers, or say why it does not."""

import time
from collections.abc import Callable
from pathlib import Path

from praxis.embedded.ports import PortTakenError
from praxis.embedded.processes import ServerProcess
from praxis.errors import ServerError

POLL_S = 0.01
# What Redis, Valkey and PostgreSQL write when bind() fails, in the words of the C library.
PORT_TAKEN = "Address already in use"


def check_running(process: ServerProcess, *, what: str) -> None:
    """Raise if the process has ended: PortTakenError if that was why, else ServerError."""
    if process.is_alive:
        return
    tail = process.log_tail()
    if PORT_TAKEN in tail:
        raise PortTakenError(f"{what} did not start: another process has its port.")
    raise ServerError(f"{what} did not start. Its log ends with:\n{tail}")


def wait_until(condition: Callable[[], bool], *, what: str, timeout_s: float) -> None:
    """Wait for *condition*; ServerError, naming *what*, if it does not come in *timeout_s*."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise ServerError(f"Waited {timeout_s:g} s in vain for {what}. Start again.")
        time.sleep(POLL_S)


def wait_for_redis(process: ServerProcess, url: str, *, what: str, timeout_s: float) -> None:
    """
    Wait until the process itself answers at *url*.

    Raises:
        PortTakenError: if it ended because it could not bind.
        ServerError: if it ended otherwise, or did not answer in *timeout_s*.
    """
    from redis import Redis
    from redis.exceptions import RedisError

    deadline = time.monotonic() + timeout_s
    with Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0) as client:
        while True:
            check_running(process, what=what)
            try:
                # Its own number: on a port that was taken another Redis may be answering.
                if client.info("server")["process_id"] == process.pid:
                    return
            except RedisError:
                pass  # not up yet, or still loading its data
            _give_up_after(deadline, process, what=what)


def wait_for_postgres(process: ServerProcess, data: Path, *, what: str, timeout_s: float) -> None:
    """
    Wait until ``postmaster.pid`` says that the process takes connections, as ``pg_ctl -w`` does.

    Raises:
        PortTakenError: if it ended because it could not bind.
        ServerError: if it ended otherwise, or was not ready in *timeout_s*.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        check_running(process, what=what)
        if _postmaster_is_ready(data / "postmaster.pid", process.pid):
            return
        _give_up_after(deadline, process, what=what)


def _postmaster_is_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and int(lines[0]) == pid and lines[7].strip() == "ready"


def _give_up_after(deadline: float, process: ServerProcess, *, what: str) -> None:
    if time.monotonic() > deadline:
        raise ServerError(f"{what} is not ready in time. Its log ends with:\n{process.log_tail()}")
    time.sleep(POLL_S)
