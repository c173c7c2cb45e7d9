"""
Whatever happens between Redis, the hub and its clients: each event once, in order, or a reset.

A model of Redis is driven through random interleavings; the seeds are fixed.
"""

import asyncio
import json
import random

import pytest

from praxis.conf import ChannelConfig, RealtimeConfig
from praxis.realtime import client, hub, ring, subscription
from praxis.realtime.channels import Channel
from praxis.realtime.client import EventStream
from praxis.realtime.feed import bridge
from praxis.realtime.hub import Hub
from praxis.realtime.positions import Position, read_id
from tests.unit.realtime.model import ModelLink, ModelRedis

NAMES = ("orders", "prices")
SEEDS = range(60)


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch):
    monkeypatch.setattr(subscription, "FIRST_WAIT_S", 0.0)
    monkeypatch.setattr(subscription, "MAX_WAIT_S", 0.0)
    monkeypatch.setattr(hub, "TICK_S", 0.0)


def pick(chance):
    return chance.sample(NAMES, chance.randint(1, 2))


class Browser:
    """A client that reads, is cut off, and comes back with the id of the last event."""

    def __init__(self, hub, redis, names):
        self._hub, self._redis, self.names = hub, redis, sorted(names)
        self.last, self.read, self._client, self._lost = "", [], None, 0

    async def connect(self):
        self._client = client = EventStream(self._take, lambda: None)
        positions = read_id(self.last, len(self.names)) if self.last else [None] * len(self.names)
        wanted = [
            (Channel(name, {}, ChannelConfig()), position)
            for name, position in zip(self.names, positions, strict=True)
        ]
        await self._hub.join(client, wanted)

    def cut(self):
        if self._client:
            self._hub.leave(self._client)
            self._client = None

    async def _take(self, chunk):
        client = self._client
        await self._redis.delay()
        if client is not self._client or client is None:
            raise OSError("cut off")
        for block in chunk.decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            self.last = fields.get("id", self.last)
            self.read.append((fields["event"], json.loads(fields["data"]), self.last))

    def is_at(self, redis):
        found = read_id(self.last, len(self.names)) if self.last else None
        return found == [Position(*redis.whereabouts(name.encode())[1:]) for name in self.names]


def check(browser, published):
    """Events are in order, each once, and none is missing that was not announced."""
    for index, name in enumerate(browser.names):
        before, is_told = None, True  # what was before the first one is not ours
        for event, data, last in browser.read:
            position = read_id(last, len(browser.names))[index]
            if event == "praxis.ready" and before is None:
                before, is_told = position, position is None
            elif event == "praxis.reset" and data["channel"] == name:
                is_told = True
                before = max(before or position, position)
            elif event == name:
                assert data == published[name, position], "the event is another one"
                assert before is None or position > before, f"{position} came after {before}"
                follows = before is not None and position == Position(before.epoch, before.seq + 1)
                assert is_told or follows, f"between {before} and {position} something is missing"
                before, is_told = position, False


async def scenario(seed, *, kills=True, losing=0, steps=60, history=1000, hub_class=Hub):
    chance = random.Random(seed)
    redis, published = ModelRedis(chance), {}
    ours = hub_class(RealtimeConfig(heartbeat_s=3600.0), ModelLink(redis))
    browsers = [Browser(ours, redis, pick(chance)) for _ in range(5)]
    connecting = {}

    def publish():
        name = chance.choice(NAMES)
        data = len(published)
        position = redis.publish(name.encode(), json.dumps(data).encode(), history)
        published[name, position] = data

    async def reconnect(browser):
        browser.cut()
        await redis.delay()
        await browser.connect()

    try:
        for browser in browsers:
            await browser.connect()
        for _ in range(steps):
            what = chance.random()
            if what < 0.6:
                for _ in range(chance.choice((1, 1, 2, 7))):
                    publish()
            elif what < 0.8:
                browser = chance.choice(browsers)
                if browser not in connecting or connecting[browser].done():
                    connecting[browser] = asyncio.ensure_future(reconnect(browser))
            elif what < 0.9 and kills:
                redis.kill()
            elif losing and what < 0.95:
                redis.fail_over(chance.randint(0, losing))
            await redis.delay()
        await asyncio.gather(*connecting.values())
        publish()  # what is lost after it is noticed by the next look-up
        async with asyncio.timeout(20):
            while not all(each.is_at(redis) for each in browsers):  # noqa: ASYNC110 - a model
                await asyncio.sleep(0)
    finally:
        ours.close()
        redis.kill()
    return browsers, published


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_or_doubled_by_reconnects_and_killed_connections(seed):
    browsers, published = asyncio.run(scenario(seed))
    for browser in browsers:
        check(browser, published)
        assert [each for each in browser.read if each[0] == "praxis.reset"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_what_redis_lost_is_announced(seed):
    browsers, published = asyncio.run(scenario(seed, losing=3))
    for browser in browsers:
        check(browser, published)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_no_longer_kept_is_announced(seed):
    browsers, published = asyncio.run(scenario(seed, history=3))
    for browser in browsers:
        check(browser, published)


class ReplayingFirst(Hub):
    """Broken: a client reads what it missed, and is registered for new events then."""

    async def listen(self, client, wanted):
        for channel, position in wanted:
            found = self.feeds.feed(channel)
            await self.feeds.wait_live([found], 1.0)
            if position is not None:
                for event in await self.replays.after(found.log, position):
                    position = event.position
                    await client._write([event.lines(str(position))])
            client.place(found, None)
            client.positions[0] = found.head


def jumping(position, events, start):
    """Broken: go on from what the log has, whatever is missing before it."""
    yield from events or bridge(position, events, start)


def is_found(**options):
    """Whether the check finds something wrong in one of the scenarios."""
    for seed in SEEDS:
        browsers, published = asyncio.run(scenario(seed, **options))
        try:
            for browser in browsers:
                check(browser, published)
        except AssertionError:
            return True
    return False


def test_the_check_finds_a_replay_before_the_registration(monkeypatch):
    monkeypatch.setattr(f"{__name__}.NAMES", ("orders",))
    monkeypatch.setattr(f"{__name__}.pick", lambda chance: ["orders"])
    assert is_found(hub_class=ReplayingFirst, kills=False)


def test_the_check_finds_gaps_that_are_not_announced(monkeypatch):
    monkeypatch.setattr(client, "bridge", jumping)
    assert is_found(history=3)
    assert is_found(losing=3)


def test_the_check_finds_a_ring_that_takes_whatever_comes(monkeypatch):
    monkeypatch.setattr(ring.Ring, "follows", lambda self, position: True)
    assert is_found()
