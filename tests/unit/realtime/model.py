"""Redis as far as events need it, and a network that delays, reorders nothing and breaks off."""

import asyncio
from contextlib import asynccontextmanager

from praxis.errors import RedisUnavailableError
from praxis.realtime.log import HEAD, PREFIX, PUBLISH
from praxis.realtime.positions import Position


class ModelRedis:
    """One server after the other: `fail_over` loses the last writes, and ends all connections."""

    def __init__(self, random):
        self.random = random
        self.run = 1
        self.clock = 100
        self.heads = {}  # channel: [run, epoch, seq]
        self.logs = {}  # channel: [(position, payload)]
        self.sessions = {}
        self.lost = []
        self.is_down = False

    def whereabouts(self, name):
        head = self.heads.get(name)
        if head is None or head[0] != self.run:
            self.clock += 1
            head = self.heads[name] = [self.run, self.clock, 0]
        return head

    def publish(self, name, payload, history=1000):
        head = self.whereabouts(name)
        head[2] += 1
        position = Position(head[1], head[2])
        log = self.logs.setdefault(name, [])
        log.append((position, payload))
        del log[:-history]
        for session in self.sessions:
            session.deliver(name, b"%s %s" % (str(position).encode(), payload))
        return position

    def fail_over(self, losing=0):
        for name, log in self.logs.items():
            if losing:
                self.lost += [(name, position) for position, _ in log[-losing:]]
                del log[-losing:]
        self.run += 1
        self.kill()

    def kill(self):
        for session in list(self.sessions):
            session.close()

    async def delay(self):
        for _ in range(self.random.choice((0, 0, 1, 2, 5, 12))):
            await asyncio.sleep(0)


class ModelLink:
    """What the hub calls of an `AsyncLink`."""

    def __init__(self, redis):
        self._redis = redis

    async def _trip(self, act):
        await self._redis.delay()
        if self._redis.is_down:
            raise RedisUnavailableError("down", may_have_run=False)
        found = act()
        await self._redis.delay()
        return found

    async def run(self, script, keys, args, retry=None):
        assert script is HEAD
        assert script is not PUBLISH
        return await self._trip(lambda: self._redis.whereabouts(_channel(keys[0]))[1:])

    async def run_many(self, calls, retry=None):
        return [await self.run(*call) for call in calls]

    async def call(self, command, key, after, end, *count, retry=None):
        assert (command, end, count[0]) == ("XRANGE", "+", "COUNT")
        epoch, _, seq = after[1:].partition("-")
        position = Position(int(epoch), int(seq))

        def read():
            log = self._redis.logs.get(_channel(key), [])
            found = [(at, payload) for at, payload in log if at > position][: count[1]]
            return [[str(at).encode(), [b"d", payload]] for at, payload in found]

        return await self._trip(read)

    async def incarnation(self):
        return await self._trip(lambda: str(self._redis.run))

    @asynccontextmanager
    async def dedicated(self):
        await self._redis.delay()
        if self._redis.is_down:
            raise RedisUnavailableError("down", may_have_run=False)
        session = ModelSession(self._redis)
        self._redis.sessions[session] = None
        try:
            yield session
        finally:
            session.close()


class ModelSession:
    """A connection that subscribes: words to it and from it are on their way for a while."""

    def __init__(self, redis):
        self._redis = redis
        self.incarnation = str(redis.run)
        self.is_open = True
        self._names = set()
        self._said = asyncio.Queue()
        self._heard = asyncio.Queue()
        self._arrived = asyncio.Queue()
        self._tasks = [asyncio.ensure_future(each) for each in (self._obey(), self._carry())]

    def send(self, *words):
        self._said.put_nowait(words)

    def deliver(self, name, message):
        if name in self._names:
            self._heard.put_nowait([b"message", PREFIX + name, message])

    async def read(self):
        message = await self._arrived.get()
        if message is None:
            raise RedisUnavailableError("broken off", may_have_run=False)
        return message

    def close(self):
        self._redis.sessions.pop(self, None)
        if self.is_open:
            self.is_open = False
            for task in self._tasks:
                task.cancel()
            self._arrived.put_nowait(None)

    async def _obey(self):
        while True:
            command, *names = await self._said.get()
            await self._redis.delay()
            for name in names:
                act = self._names.add if command == "SUBSCRIBE" else self._names.discard
                act(name.removeprefix(PREFIX))
                self._heard.put_nowait([command.lower().encode(), name, 1])

    async def _carry(self):
        while True:
            message = await self._heard.get()
            await self._redis.delay()
            self._arrived.put_nowait(message)


def _channel(key):
    return key.removeprefix(PREFIX + b"{").partition(b"}")[0]
