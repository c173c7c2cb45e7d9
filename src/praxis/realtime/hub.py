"""All clients of an event loop: who comes, who goes, who hears what at least how often."""

import asyncio
import logging
import random
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from praxis.announcements import ClientDropped, announce
from praxis.conf import RealtimeConfig, config
from praxis.realtime import frames
from praxis.realtime.attendance import Attendance
from praxis.realtime.channels import Channel
from praxis.realtime.client import Client
from praxis.realtime.feed import Feed, Reset
from praxis.realtime.feeds import Feeds
from praxis.realtime.positions import Position
from praxis.realtime.replays import Replays
from praxis.redis import AsyncLink, async_link

logger = logging.getLogger("praxis.realtime")

TICK_S: Final = 1.0
#: An interruption that is shorter is not told: it is over before anybody could do anything.
UNTOLD_S: Final = 1.0
#: How long a client that connects waits for a channel that is not there yet.
JOIN_S: Final = 2.0
#: Clients that are looked up at the same time, whether they still may.
_RECHECKS: Final = 8
#: About so many clients a second come back after a process sent them away.
_RETURNS_PER_S: Final = 2000

Wanted = Sequence[tuple[Channel, Position | None]]


class Hub:
    """
    The clients of one event loop. One connection hears, and every client is woken.

    Args:
        settings: What the settings say.
        link: The way to Redis.

    Attributes:
        clients: Who is there.
        opening: How many are being let in.
        is_draining: Whether everybody is being sent away.
        replays: What is behind the rings of the feeds.
    """

    def __init__(self, settings: RealtimeConfig, link: AsyncLink) -> None:
        self.settings: Final = settings
        self._loop: Final = asyncio.get_running_loop()
        self._attendance: Final = Attendance(link)
        self.feeds: Final = Feeds(link, settings.heartbeat_s, self._attendance.heard)
        self.replays: Final = Replays(link)
        self.clients: Final[dict[Client[Any], None]] = {}
        self.opening = 0
        self.is_draining = False
        self._left: Final = asyncio.Event()
        self._tasks: Final[set[asyncio.Task[Any]]] = set()
        self._rechecks: Final = asyncio.Semaphore(_RECHECKS)
        self._is_begun = False

    def now_s(self) -> float:
        """The time of the loop, in seconds."""
        return self._loop.time()

    async def join(self, client: Client[Any], wanted: Wanted) -> None:
        """Let a client in, and let it listen; see `listen`."""
        if not self._is_begun:
            self._is_begun = True
            self.spawn(self.feeds.subscription.listen())
            self.spawn(self._look_around())
        self.clients[client] = None
        client.sent_s = self.now_s()
        self._plan_recheck(client)
        await self.listen(client, wanted)
        client.attach(self)

    async def listen(self, client: Client[Any], wanted: Wanted) -> None:
        """
        Let a client listen to channels, each from behind a position or from now on.

        It is registered first and reads what it missed then, so that nothing comes between.
        """
        feeds = [self.feeds.feed(channel) for channel, _ in wanted]
        for feed, (_, position) in zip(feeds, wanted, strict=True):
            client.place(feed, position)
            self._attendance.comes(client, feed)
        await self.feeds.wait_live(feeds, JOIN_S)
        for feed, (_, position) in zip(feeds, wanted, strict=True):
            if position is not None and feed.is_before(position):
                # another process, or the log, may have told it more than was heard here
                is_known = await self.feeds.look_up(feed)
                if feed in client.feeds and (not is_known or feed.is_before(position)):
                    client.reset(feed, Reset(feed.head, "unknown"))
        for index, feed in enumerate(client.feeds):
            if client.positions[index] is None and feed.live.is_set():
                client.positions[index] = feed.head

    def leave(self, client: Client[Any]) -> None:
        """Forget a client."""
        client.gone()
        self.clients.pop(client, None)
        if not self.clients:
            self._left.set()
        for feed in tuple(client.feeds):
            self.unlisten(client, feed)

    def unlisten(self, client: Client[Any], feed: Feed) -> None:
        """Let a client listen no more to a channel."""
        client.leave(feed)
        feed.left_s = self.now_s()
        self._attendance.goes(client, feed, feed.left_s)

    def is_live_for(self, feeds: Iterable[Feed]) -> bool:
        """Whether events of all these channels come as they happen, or will in a moment."""
        now_s = self.now_s()
        return all(feed.live.is_set() or now_s - feed.lost_s < UNTOLD_S for feed in feeds)

    def drain(self) -> None:
        """Send all clients away, to come back to another process, and not all at once."""
        if self.is_draining:
            return
        self.is_draining = True
        for client in tuple(self.clients):
            self.drop(client, frames.DRAIN, {"retry_ms": self.retry_ms(len(self.clients))}, "drain")

    async def wait_left(self, timeout_s: float) -> None:
        """Wait until nobody is there, not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.clients:
                    self._left.clear()
                    await self._left.wait()

    def greeting(self) -> Mapping[str, int]:
        """What a client has to know of how it is served."""
        heartbeat_ms = round(1000 * self.settings.heartbeat_s)
        return {"retry_ms": self.retry_ms(), "heartbeat_ms": heartbeat_ms}

    def retry_ms(self, crowd: int = 0) -> int:
        """After how long a client shall come back, another number for each."""
        spread_s = self.settings.retry_s + crowd / _RETURNS_PER_S
        chance = random.random()  # noqa: S311 - no secret
        return round(1000 * (self.settings.retry_s / 2 + chance * spread_s))

    def drop(self, client: Client[Any], name: str, data: Mapping[str, Any], reason: str) -> None:
        """Cut a client off, with a last word if it takes one."""
        announce(ClientDropped(tuple(client.channels), reason))
        if reason != "drain":
            logger.info("A client of %s was dropped: %s", client.channels, reason)
        client.close(name, data)

    def close(self) -> None:
        """End the connection to Redis, and what is being done."""
        self.feeds.close()
        for task in tuple(self._tasks):
            task.cancel()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Do something beside, until the hub is closed."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A part of praxis.realtime failed.", exc_info=error)

    async def _look_around(self) -> None:
        check: asyncio.Task[Any] | None = None
        say: asyncio.Task[Any] | None = None
        while True:
            await asyncio.sleep(TICK_S)
            now_s = self.now_s()
            self.feeds.subscription.keep_alive(now_s)
            self.feeds.forget_left()
            if check is None or check.done():  # it may wait for Redis, and heartbeats do not
                check = self.spawn(self.feeds.check())
            if say is None or say.done():
                say = self.spawn(self._attendance.say(now_s))
            for client in tuple(self.clients):
                self._look_at(client, now_s)

    def _look_at(self, client: Client[Any], now_s: float) -> None:
        if client.is_ended:
            return
        if client.blocked_s:
            if now_s - client.blocked_s > self.settings.slow_s:
                self.drop(client, frames.DROPPED, {"reason": "slow"}, "slow")
        elif now_s - client.sent_s >= self.settings.heartbeat_s:
            client.tell(frames.BEAT, {})
        elif client.told_live != self.is_live_for(client.feeds):
            client.wake()
        if client.recheck and now_s >= client.authorise_s:
            self._plan_recheck(client)
            self.spawn(self._recheck(client))

    def _plan_recheck(self, client: Client[Any]) -> None:
        spread = 1 + random.random() / 4  # noqa: S311 - so that not all are looked up at once
        client.authorise_s = self.now_s() + self.settings.authorise_again_s * spread

    async def _recheck(self, client: Client[Any]) -> None:
        async with self._rechecks:
            if client.recheck is None or client.is_ended:
                return
            refused = await client.recheck()
        if refused and not client.is_ended:
            data = {"reason": "forbidden", "channels": list(refused)}
            self.drop(client, frames.DROPPED, data, "forbidden")


_hubs: Final[dict[asyncio.AbstractEventLoop, Hub]] = {}


def hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        for other in [each for each in _hubs if each.is_closed()]:
            del _hubs[other]
        settings = config().realtime
        found = _hubs[loop] = Hub(settings, async_link(settings.redis))
    return found


def end_hub() -> None:
    """Close the hub of the running event loop; another one is made when it is asked for."""
    if found := _hubs.pop(asyncio.get_running_loop(), None):
        found.close()
