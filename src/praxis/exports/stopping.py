"""Stopping a query from another thread than the one that waits for it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

logger = logging.getLogger("praxis.exports")

#: How long the server may take to hear of it.
CANCEL_TIMEOUT_S = 5.0


class Stop:
    """
    Says that an export is to end, and cancels what its connection waits for.

    Attributes:
        is_set: Whether it is to end.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._running: Any = None
        # A cancellation that comes late would meet the connection's next statement: whoever
        # leaves the block waits until it has been sent.
        self._lock = threading.Lock()

    @contextmanager
    def cancels(self, connection: Any) -> Iterator[None]:
        """While the block runs, `set` cancels the statement of this connection of psycopg's."""
        with self._lock:
            self._running = connection
        try:
            yield
        finally:
            with self._lock:
                self._running = None

    def set(self) -> None:
        """End it. Waits up to 5 seconds for the server to take note."""
        self.is_set = True
        with self._lock:
            if self._running is None:
                return
            try:
                self._running.cancel_safe(timeout=CANCEL_TIMEOUT_S)
            except Exception:
                logger.warning("The query of an export was not cancelled", exc_info=True)
