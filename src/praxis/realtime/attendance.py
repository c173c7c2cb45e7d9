"""Who is here, in this process, and what the others say of theirs."""

import json
import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from praxis.realtime import frames
from praxis.realtime.client import Client
from praxis.realtime.feed import Feed
from praxis.realtime.roll import SAID_S, call, read
from praxis.redis import FAILURES, AsyncLink

logger = logging.getLogger("praxis.realtime")

#: Who comes back in this time was never gone: a page was loaded anew.
BACK_S: Final = 3.0
#: Of a larger crowd only the number is told.
MAX_TOLD: Final = 1000


class Room:
    """One channel: how often its users are here, and since when those who are not."""

    __slots__ = ("confirmations", "counts", "left_s", "newcomers", "said_s")

    def __init__(self) -> None:
        self.counts: Final[Counter[str]] = Counter()
        self.left_s: Final[dict[str, float]] = {}
        self.newcomers: list[Client[Any]] = []
        self.said_s = float("-inf")
        self.confirmations = 0


class Attendance:
    """
    The users of this process by channel.

    Args:
        link: The way to Redis.
    """

    def __init__(self, link: AsyncLink) -> None:
        self._link: Final = link
        self._process: Final = secrets.token_hex(8)
        self._rooms: Final[dict[Feed, Room]] = {}

    def comes(self, client: Client[Any], feed: Feed) -> None:
        """Note that a client listens to a channel; it is told who is there in the next round."""
        if not feed.log.config.presence:
            return
        room = self._rooms.setdefault(feed, Room())
        room.newcomers.append(client)
        if client.user:
            room.counts[client.user] += 1
            room.left_s.pop(client.user, None)

    def goes(self, client: Client[Any], feed: Feed, now_s: float) -> None:
        """Note that a client listens no more."""
        room = self._rooms.get(feed)
        if room is None or not client.user:
            return
        room.counts[client.user] -= 1
        if room.counts[client.user] <= 0:
            del room.counts[client.user]
            room.left_s[client.user] = now_s

    @staticmethod
    def heard(feed: Feed, word: bytes) -> None:
        """Pass on who came and went."""
        said = json.loads(word)
        for client in _clients_of(feed):
            client.tell(frames.PRESENCE, {"channel": feed.log.name, **said})

    async def say(self, now_s: float) -> None:
        """Say what has to be said now: who came, who went, who is still there."""
        try:
            for feed, room in list(self._rooms.items()):
                await self._say(feed, room, now_s)
        except FAILURES as error:
            logger.info("Who is present could not be said: %s", error)

    async def _say(self, feed: Feed, room: Room, now_s: float) -> None:
        gone = [user for user, left_s in room.left_s.items() if now_s - left_s > BACK_S]
        if gone:
            await self._link.run(*call(feed.log, "gone", self._process, gone), retry="idempotent")
            for user in gone:
                room.left_s.pop(user, None)
        if not feed.clients and not room.left_s:
            self._rooms.pop(feed, None)
        elif (
            now_s - room.said_s > SAID_S
            or room.newcomers
            or room.confirmations != feed.confirmations
        ):
            newcomers, room.newcomers = room.newcomers, []
            users = [*room.counts, *room.left_s]
            found = await self._link.run(
                *call(feed.log, "here", self._process, users), retry="idempotent"
            )
            room.said_s = now_s
            if room.confirmations != feed.confirmations and feed.live.is_set():
                room.confirmations = feed.confirmations
                newcomers = list(_clients_of(feed))  # what came meanwhile was not heard
            here = read(found)
            word: dict[str, Any] = {"channel": feed.log.name, "count": len(here)}
            word["here"] = sorted(here) if len(here) <= MAX_TOLD else None
            for client in newcomers:
                client.tell(frames.PRESENCE, word)


def _clients_of(feed: Feed) -> Iterator[Client[Any]]:
    for listener in tuple(feed.clients):
        if isinstance(listener, Client):
            yield listener
