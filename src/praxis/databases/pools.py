"""
Pools that are well again as soon as their server is, and after a fork.

A pool of psycopg finds out about dead connections one by one, and waits longer after each: a
request that comes after a restart of the server waits for seconds. Here a connection of our own
notices the end of the server, and lets the pool replace all that is dead once it answers again.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.db import Error, connections
from django.db.backends.signals import connection_created

from praxis.conf import config
from praxis.databases.failures import Failure, failure_of
from praxis.databases.probe import Probe, ProbeError

logger = logging.getLogger("praxis.databases")

_ATTRIBUTE = "_praxis_databases_pool"
#: How often a server that is gone is tried, and how often the end of the watch is looked for.
_TRY_S, _LOOK_S = 0.2, 5.0
_UID = "praxis.databases.pools"


class PoolWatch:
    """
    Lets the pool of one alias replace what is dead, when its server comes back.

    Args:
        alias: In ``DATABASES``.
        probe: What asks the server.
        check: Replaces the dead connections of the pool.
    """

    def __init__(self, alias: str, probe: Probe, check: Callable[[], None]) -> None:
        self._alias = alias
        self._probe = probe
        self._check = check
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name=f"praxis-pool-{alias}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(timeout_s)

    def _look(self) -> None:
        is_lost = False
        while not self._stopped.is_set():
            try:
                self._probe.ask()
                if is_lost:
                    is_lost = False
                    self._check()
                    logger.info("Database %r is back; its pool was renewed.", self._alias)
                self._probe.wait(_LOOK_S)
            except ProbeError as error:
                if not is_lost:
                    logger.warning("Database %r is gone: %s.", self._alias, error)
                is_lost = True
                self._stopped.wait(_TRY_S)
        self._probe.close()


_watches: dict[str, PoolWatch] = {}
_lock = threading.Lock()


def install() -> None:
    """Watch the pool of each alias from its first connection on. Again is no error."""
    connection_created.connect(_opened, dispatch_uid=_UID)


def stop_watching_pools() -> None:
    """End the threads of this process."""
    with _lock:
        watches = list(_watches.values())
        _watches.clear()
    for one in watches:
        one.stop()


def pool_statistics(alias: str) -> Mapping[str, int]:
    """What psycopg_pool counts of an alias: sizes, waits, errors; empty before it is opened."""
    pool = _pool(alias)
    return {} if pool is None else pool.get_stats()


def check_pool(alias: str) -> None:
    """Let the pool of an alias replace its dead connections now."""
    pool = _pool(alias)
    if pool is not None and not pool.closed:
        pool.check()


def _pool(alias: str) -> Any:
    wrapper: Any = connections[alias]
    return getattr(type(wrapper), "_connection_pools", {}).get(alias)


def _opened(*, connection: Any, **_: object) -> None:
    alias = connection.alias
    if not connection.settings_dict["OPTIONS"].get("pool") or _pool(alias) is None:
        return
    if _ATTRIBUTE not in connection.__dict__:
        connection.__dict__[_ATTRIBUTE] = True
        connection.execute_wrappers.insert(0, _notice_failures)
    if alias not in _watches:
        with _lock:
            if alias not in _watches:
                parameters = connection.get_connection_params()
                probe = Probe(parameters, timeout_s=config().databases.timeout_s * 4)
                _watches[alias] = PoolWatch(alias, probe, lambda: check_pool(alias))
                _watches[alias].start()


def _notice_failures(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    try:
        return execute(sql, params, many, context)
    except Error as error:
        if failure_of(error) is Failure.GONE:
            # where one connection broke, others may have, and nobody should find out one by one
            alias = context["connection"].alias
            threading.Thread(target=check_pool, args=[alias], daemon=True).start()
        raise


def _after_fork() -> None:
    """
    In a child: what the parent has opened is the parent's.

    The threads of a pool are not there, and a connection that two processes use mixes their
    answers. Nothing is closed: that would tell the server to end the parent's.
    """
    global _lock  # noqa: PLW0603 - somebody may have held it
    _lock = threading.Lock()
    _watches.clear()
    for wrapper in connections.all(initialized_only=True):
        pools = getattr(type(wrapper), "_connection_pools", None)
        if pools and pools.pop(wrapper.alias, None) is not None:
            wrapper.connection = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
