"""The one connection by which a process hears of events, opened again whenever it breaks off."""

import asyncio
import logging
import random
from collections.abc import Iterable
from typing import Any, Final, Protocol

from praxis.redis import FAILURES, AsyncLink, AsyncSession

logger = logging.getLogger("praxis.realtime")

#: How often the server is asked for a sign of life, and how long it may give none.
PING_S: Final = 2.0
SILENT_S: Final = 6.0
#: The wait before the first and at most before each further try to connect.
FIRST_WAIT_S, MAX_WAIT_S = 0.05, 2.0
#: Names in one command, and messages in a row before others have their turn.
_BATCH: Final = 200


class Receiver(Protocol):
    """Who is told."""

    def heard(self, name: bytes, message: bytes) -> None:
        """Take a message."""

    def confirmed(self, name: bytes) -> None:
        """Whatever is published from now on is heard."""

    def interrupted(self) -> None:
        """Nothing is heard until each name is confirmed again."""


class Subscription:
    """
    The names that are subscribed, on one connection after the other.

    Args:
        link: The way to the server; it finds the new master, or another node.
        receiver: Told of what happens, on the loop of `listen`.
    """

    def __init__(self, link: AsyncLink, receiver: Receiver) -> None:
        self._link: Final = link
        self._receiver: Final = receiver
        self._names: Final[set[bytes]] = set()
        self._session: AsyncSession | None = None
        self._heard_s = self._pinged_s = 0.0

    @property
    def incarnation(self) -> str:
        """The run id of the server that is listened to; empty while there is none."""
        return self._session.incarnation if self._session else ""

    def add(self, name: bytes) -> None:
        """Subscribe; it counts once it is confirmed."""
        self._names.add(name)
        self._say("SUBSCRIBE", [name])

    def discard(self, name: bytes) -> None:
        """Hear nothing more of a name."""
        self._names.discard(name)
        self._say("UNSUBSCRIBE", [name])

    def renew(self) -> None:
        """Leave this connection for another one."""
        if self._session:
            self._session.close()

    def keep_alive(self, now_s: float) -> None:
        """Ask for a sign of life if none came; give up a connection that gives none."""
        if self._session is None:
            return
        if now_s - self._heard_s > SILENT_S:
            logger.warning("Redis says nothing to those who subscribe; connecting again.")
            self._session.close()
        elif now_s - self._pinged_s > PING_S:
            self._pinged_s = now_s
            self._say("PING", [])

    async def listen(self) -> None:
        """Connect and pass on what is heard, again and again; cancel it to end."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._link.dedicated() as session:
                    wait_s = FIRST_WAIT_S
                    await self._listen_to(session)
            except FAILURES as error:
                logger.info("Events are not heard at present: %s", error)
            finally:
                self._session = None
                self._receiver.interrupted()
            await asyncio.sleep(wait_s * (1 + random.random()))  # noqa: S311 - no secret
            wait_s = min(wait_s * 2, MAX_WAIT_S)

    async def _listen_to(self, session: AsyncSession) -> None:
        loop = asyncio.get_running_loop()
        self._session, self._heard_s, self._pinged_s = session, loop.time(), loop.time()
        self._say("SUBSCRIBE", self._names)
        count = 0
        while True:
            message = await session.read()
            self._heard_s = loop.time()
            self._pass_on(message)
            count += 1
            if count % _BATCH == 0:
                await asyncio.sleep(0)  # a flood lets the clients have their turn

    def _pass_on(self, message: Any) -> None:
        if not isinstance(message, list):
            return  # an error of a command that is no use here; silence tells the rest
        if message[0] == b"message" and message[1] in self._names:
            self._receiver.heard(message[1], message[2])
        elif message[0] == b"subscribe" and message[1] in self._names:
            self._receiver.confirmed(message[1])

    def _say(self, command: str, names: Iterable[bytes]) -> None:
        if self._session is None or not self._session.is_open:
            return  # all names are said when there is a connection
        if command == "PING":
            self._session.send(command)
        words = list(names)
        for first in range(0, len(words), _BATCH):
            self._session.send(command, *words[first : first + _BATCH])
