"""
An export for a coroutine: a thread of its own reads it, on a connection of its own.

Given an ordinary iterator, Django would read all of it before it sends the first byte.
"""

import asyncio
import contextvars
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

from django.db import connections

from praxis.conf import config
from praxis.errors import ExportBrokenError
from praxis.exports.stopping import Stop

logger = logging.getLogger("praxis.exports")

#: How many parts of 64 KB wait for the client.
DEPTH = 4
#: How often a thread that waits for its turn looks whether anybody still wants it.
_LOOK_S = 0.5
Source = Callable[[Stop], Iterator[bytes]]

_turns: threading.BoundedSemaphore | None = None
_making = threading.Lock()


async def fed(source: Source, alias: str) -> AsyncIterator[bytes]:
    """
    Yield what a thread reads, which is never more than 256 KB ahead.

    To close it, or to cancel the coroutine, cancels the query.

    Raises:
        ExportBrokenError: if the client took nothing for ``PRAXIS["exports"]["stall_s"]``.
    """
    feed = _Feed(source, alias, asyncio.get_running_loop())
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=context.run, args=(feed.run,), name="praxis-export", daemon=True
    )
    thread.start()
    try:
        while True:
            part = await feed.parts.get()
            if part is None:
                return
            if isinstance(part, BaseException):
                raise part
            yield part
            feed.room.release()
    finally:
        # Also where the client went, and where the coroutine was cancelled. The server is told by
        # another thread: the loop does not wait for it.
        feed.stop.is_set = True
        feed.room.release()
        if thread.is_alive():
            threading.Thread(target=feed.stop.set, name="praxis-export-stop", daemon=True).start()


class _Feed:
    """What the thread and the coroutine share."""

    def __init__(self, source: Source, alias: str, loop: asyncio.AbstractEventLoop) -> None:
        self.stop = Stop()
        self.room = threading.Semaphore(DEPTH)
        self.parts: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self._source, self._alias, self._loop = source, alias, loop
        self._is_whole = False

    def run(self) -> None:
        """Read it all, in the thread."""
        turns = _semaphore()
        while not turns.acquire(timeout=_LOOK_S):
            if self.stop.is_set:
                return
        outcome: Exception | None = None
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - it is raised in the coroutine
            outcome = error
        finally:
            self._close()
            turns.release()
        self._put(outcome)

    def _read(self) -> None:
        stall_s = config().exports.stall_s
        parts = self._source(self.stop)
        try:
            for part in parts:
                if not self.room.acquire(timeout=stall_s):
                    raise ExportBrokenError(
                        f"An export was ended: its client took nothing for {stall_s:g} seconds."
                    )
                if self.stop.is_set:
                    return
                self._put(part)
            self._is_whole = not self.stop.is_set
        finally:
            parts.close()  # type: ignore[attr-defined]

    def _put(self, part: bytes | BaseException | None) -> None:
        try:
            self._loop.call_soon_threadsafe(partial(self.parts.put_nowait, part))
        except RuntimeError:
            self.stop.is_set = True  # the loop has ended, and nobody reads

    def _close(self) -> None:
        """Give back the connection; where a query may have been cancelled late, end it."""
        connection = connections[self._alias]
        if not self._is_whole and connection.connection is not None:
            try:
                connection.connection.close()
            except Exception:
                logger.warning("The connection of an export was not closed", exc_info=True)
        connections.close_all()


def _semaphore() -> threading.BoundedSemaphore:
    """Whose turn it is in this process."""
    global _turns  # noqa: PLW0603 - one for the process, as large as the settings say
    with _making:
        if _turns is None:
            _turns = threading.BoundedSemaphore(config().exports.connections)
        return _turns
