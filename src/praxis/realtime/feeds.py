"""The channels that somebody in this process listens to, in step with Redis."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from praxis.realtime.channels import Channel
from praxis.realtime.feed import Feed
from praxis.realtime.log import Log, heard, where
from praxis.realtime.roll import SIGN
from praxis.realtime.subscription import Subscription
from praxis.redis import FAILURES, AsyncLink

logger = logging.getLogger("praxis.realtime")

#: How long a channel that nobody listens to is kept: who reconnects finds its last events here.
LEFT_S: Final = 10.0
#: Channels that Redis is asked about in one trip.
_CHUNK: Final = 100
#: How often in a row a channel is looked up to find an event that was heard of.
_LOOK_UPS: Final = 5


class Feeds:
    """
    The feeds of one event loop: what is heard is numbered, so that nothing is missed or doubled.

    Args:
        link: The way to Redis.
        check_s: How often Redis is asked where each channel is, so that a loss is noticed though
            nothing is heard.
        told: Called with what is said of who is present.
    """

    def __init__(
        self, link: AsyncLink, check_s: float, told: Callable[[Feed, bytes], None]
    ) -> None:
        self._told: Final = told
        self._link: Final = link
        self._check_s: Final = check_s
        self._feeds: Final[dict[bytes, Feed]] = {}
        self._tasks: Final[dict[Feed, asyncio.Task[bool]]] = {}
        self.subscription: Final = Subscription(link, self)
        self._now_s: Final = asyncio.get_running_loop().time

    def feed(self, channel: Channel) -> Feed:
        """Return the feed of a channel; a new one is subscribed now, and live later on."""
        log = Log(channel.name, channel.config)
        feed = self._feeds.get(log.subscribed)
        if feed is None:
            feed = self._feeds[log.subscribed] = Feed(log, self._now_s())
            self.subscription.add(log.subscribed)
        return feed

    async def wait_live(self, feeds: Iterable[Feed], timeout_s: float) -> None:
        """Wait until feeds are live, not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                for feed in feeds:
                    await feed.live.wait()

    async def look_up(self, feed: Feed) -> bool:
        """Ask Redis from now on where a channel is; return whether it answered."""
        if (task := self._tasks.get(feed)) is not None:
            await asyncio.shield(task)  # it may have been answered before what we want to know
        return await asyncio.shield(self._begin_look_up(feed))

    def forget_left(self) -> None:
        """Let go of channels that nobody has listened to for a while."""
        now_s = self._now_s()
        for name, feed in list(self._feeds.items()):
            if not feed.clients and now_s - feed.left_s > LEFT_S:
                del self._feeds[name]
                self.subscription.discard(name)

    async def check(self) -> None:
        """Ask Redis about the channels whose turn it is, and whether it is still the same Redis."""
        now_s = self._now_s()
        due = [
            feed for feed in self._feeds.values()
            if feed.suspect or not feed.live.is_set() or now_s - feed.checked_s > self._check_s
        ]  # fmt: skip
        try:
            known = await self._link.incarnation()
            if self.subscription.incarnation not in {"", known}:
                self.subscription.renew()  # the one that we listen to was replaced
            for chunk in _chunks(due):
                await self._check(chunk)
        except FAILURES as error:
            logger.info("Redis could not be asked about channels: %s", error)

    def close(self) -> None:
        """End what is being done."""
        for task in self._tasks.values():
            task.cancel()

    # What the subscription calls.

    def heard(self, name: bytes, message: bytes) -> None:
        if feed := self._feeds.get(name):
            if message.startswith(SIGN):
                self._told(feed, message[len(SIGN) :])
                return
            position, payload = heard(message)
            if feed.heard(position, payload):
                self._begin_look_up(feed)
            else:
                _wake(feed)

    def confirmed(self, name: bytes) -> None:
        if feed := self._feeds.get(name):
            feed.confirmed()
            self._begin_look_up(feed)

    def interrupted(self) -> None:
        now_s = self._now_s()
        for feed in self._feeds.values():
            feed.interrupted(now_s)

    async def _check(self, feeds: Sequence[Feed]) -> None:
        answers = await self._link.run_many([f.log.where() for f in feeds], retry="idempotent")
        is_deaf = False
        for feed, answer in zip(feeds, answers, strict=True):
            feed.checked_s = self._now_s()
            if feed.is_confirmed and not feed.live.is_set():
                self._begin_look_up(feed)
            elif feed.is_behind(where(answer)):
                is_deaf = True
                self._begin_look_up(feed)
        if is_deaf:
            logger.warning("Events were not heard that Redis has; subscribing again.")
            self.subscription.renew()

    def _begin_look_up(self, feed: Feed) -> "asyncio.Task[bool]":
        task = self._tasks.get(feed)
        if task is None:
            task = self._tasks[feed] = asyncio.create_task(self._look_up(feed))
        return task

    async def _look_up(self, feed: Feed) -> bool:
        try:
            return await self._locate(feed)
        finally:
            del self._tasks[feed]  # here and not in a callback: one that is done is not joined

    async def _locate(self, feed: Feed) -> bool:
        for _ in range(_LOOK_UPS):
            confirmations = feed.confirmations if feed.is_confirmed else 0
            try:
                answer = await self._link.run(*feed.log.where(), retry="idempotent")
            except FAILURES as error:
                logger.info("Redis could not be asked about %r: %s", feed.log.name, error)
                return False  # it is asked again by `check`
            is_all = feed.located(where(answer), confirmations)
            _wake(feed)
            if is_all:
                return True
        feed.wanted = None  # Redis does not have what it told us of: it was lost, with its epoch
        return True


def _wake(feed: Feed) -> None:
    for client in feed.clients:
        client.wake()


def _chunks(feeds: Iterable[Feed]) -> Iterator[list[Any]]:
    rest = iter(feeds)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
