"""
The statements that wait for a replica, so that the wait can be ended when it hangs.

A driver that waits for a server which says nothing waits for ever. Shutting its socket down from
another thread makes it fail at once, as if the server had gone.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Flights:
    """Of one process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing waits: for a process that was forked."""
        # Of one kind only: whoever ends a wait holds it, so that no statement can end and close
        # its socket in the middle, and the number of the socket become another one's.
        self._lock = threading.Lock()
        self._open: dict[object, tuple[str, Any, float]] = {}

    @contextmanager
    def of(self, alias: str, driver: Any) -> Iterator[None]:
        """
        What is done in this block waits for the server of *alias*.

        Args:
            alias: In ``DATABASES``.
            driver: The connection of psycopg that waits; None where none is open yet.
        """
        if driver is None:
            yield
            return
        flight = object()
        self._open[flight] = alias, driver, time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._open[flight]

    def break_off(self, alias: str, *, older_than_s: float) -> int:
        """End what has waited for so long for the server of *alias*; how many."""
        count = 0
        latest = time.monotonic() - older_than_s
        with self._lock:
            for name, driver, since in list(self._open.values()):
                if name == alias and since <= latest:
                    count += _shut(driver)
        return count


def _shut(driver: Any) -> bool:
    with suppress(Exception):  # it may have broken meanwhile, in the ways of two drivers
        with socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        return True
    return False


flights = Flights()
