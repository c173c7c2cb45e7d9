"""What a channel's log has behind a position, read once for all clients who ask at once."""

import asyncio
import logging
from typing import Final

from praxis.realtime.frames import Event
from praxis.realtime.log import Log
from praxis.realtime.positions import Position
from praxis.redis import FAILURES, AsyncLink

logger = logging.getLogger("praxis.realtime")

#: Reads at the same time; what is read stays in memory until the clients have taken it.
_AT_ONCE: Final = 16

Page = list[Event] | None


class Replays:
    """
    Pages of logs.

    Args:
        link: The way to them.
    """

    def __init__(self, link: AsyncLink) -> None:
        self._link: Final = link
        self._reading: Final[dict[tuple[str, Position], asyncio.Task[Page]]] = {}
        self._places: Final = asyncio.Semaphore(_AT_ONCE)

    async def after(self, log: Log, position: Position) -> Page:
        """Return what comes next, up to a page; nothing at the end; None if Redis is gone."""
        key = (log.name, position)
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.create_task(self._read(log, position))
        return await asyncio.shield(task)

    async def _read(self, log: Log, position: Position) -> Page:
        try:
            async with self._places:
                return log.read(await self._link.call(*log.after(position), retry="idempotent"))
        except FAILURES as error:
            logger.info("Events of %r could not be read: %s", log.name, error)
            return None
        finally:
            del self._reading[log.name, position]  # an old answer is nothing for who asks now
