"""Locks and semaphores on Redis."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Literal

from praxis.conf import config
from praxis.errors import LockTimeoutError, RedisUnavailableError
from praxis.locks.held import Held, Surrender, keeper
from praxis.locks.line import Asked, Line, new_token
from praxis.redis import FAILURES, async_link, link


class Semaphore:
    """
    So many at the same time, in all processes, in the order of arrival.

    Whoever waits is woken by who leaves; nobody polls. A place that is held is renewed by a thread
    of the process, so that it is kept for as long as the process lives, and lost a lease after it
    was killed, stopped or cut off.

    It is as sure as one Redis is. A process that was stopped for longer than the lease goes on as
    if it had the lock: guard what must not go wrong by the `Held.fence`. A fail-over may lose what
    was not yet copied to the replica that takes over: then two have it, unless *replicas* is set.
    What must not go wrong in a database belongs to a `DatabaseLock`.

    Args:
        name: The same for all who mean the same one.
        places: How many may hold it at the same time; at least 1.
        lease_s: For how long it is kept after the process was last heard of; above 0.
        replicas: So many replicas have to know of it before it counts as held; None for what the
            settings say.
        redis: The alias of the server; None for the one in the settings.

    Raises:
        ValueError: if a number is out of range.
    """

    def __init__(
        self,
        name: str,
        places: int,
        *,
        lease_s: float = 30.0,
        replicas: int | None = None,
        redis: str | None = None,
    ) -> None:
        if places < 1 or lease_s <= 0 or (replicas is not None and replicas < 0):
            raise ValueError(
                f"{name!r} needs places >= 1, lease_s > 0 and replicas >= 0: "
                f"{places}, {lease_s}, {replicas}"
            )
        self.name: Final = name
        self._line = Line(name, places, lease_s)
        self._lease_s, self._replicas, self._redis = lease_s, replicas, redis

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @contextmanager
    def hold(self, wait_s: float | None = None) -> Iterator[Held]:
        """
        Hold it for as long as the block runs.

        Args:
            wait_s: For how long to wait at most, in seconds; 0 not at all, None for ever.

        Raises:
            LockTimeoutError: if it was not free in time.
            RedisUnavailableError, RedisReplyError: if Redis did not answer. It is not held. A call
                takes *wait_s* and the timeout of the alias at most.
            TooFewReplicasError: likewise, if too few *replicas* know of it.
        """
        token = new_token()
        held = self._acquire(token, wait_s)
        keeper.keep(held)
        try:
            yield held
        finally:
            keeper.leave(held)
            self._surrender(token)

    @asynccontextmanager
    async def ahold(self, wait_s: float | None = None) -> AsyncIterator[Held]:
        """Do as `hold` does."""
        token = new_token()
        held = await self._aacquire(token, wait_s)
        keeper.keep(held)
        try:
            yield held
        finally:
            keeper.leave(held)
            await self._asurrender(token)

    def is_held(self) -> bool:
        """
        Whether anybody holds it at this moment; one trip.

        Raises:
            RedisUnavailableError, RedisReplyError: if Redis did not answer.
        """
        seconds, microseconds = link(self._alias).call("TIME", key=self._line.key)
        now_ms = int(seconds) * 1000 + int(microseconds) // 1000
        count = link(self._alias).call("ZCOUNT", self._line.key, f"({now_ms}", "+inf")
        return bool(count)

    @property
    def _alias(self) -> str:
        return self._redis or config().locks.redis

    def _acquire(self, token: bytes, wait_s: float | None) -> Held:
        end_s = None if wait_s is None else time.monotonic() + wait_s
        began_s = time.monotonic()
        try:
            asked = self._ask(token, "try" if wait_s == 0 else "wait")
            if not asked.fence and wait_s != 0:
                with link(self._alias).dedicated(self._line.key) as session:
                    while not asked.fence:
                        pause_s = self._pause_s(asked, end_s)
                        session.set_timeout(pause_s + self._timeout_s)
                        session.call(*self._line.woken(token, pause_s))
                        began_s = time.monotonic()
                        asked = self._ask(token, "wait")
            return self._held(asked, token, began_s)
        except BaseException as error:
            if has_timed_out(error):
                keeper.give_back(self._given_back(token))  # to ask again takes a second timeout
            else:
                self._surrender(token)
            raise

    async def _aacquire(self, token: bytes, wait_s: float | None) -> Held:
        end_s = None if wait_s is None else time.monotonic() + wait_s
        began_s = time.monotonic()
        way = async_link(self._alias)
        try:
            asked = await self._aask(token, "try" if wait_s == 0 else "wait")
            if not asked.fence and wait_s != 0:
                async with way.dedicated(self._line.key) as session:
                    while not asked.fence:
                        pause_s = self._pause_s(asked, end_s)
                        session.set_timeout(pause_s + self._timeout_s)
                        await session.call(*self._line.woken(token, pause_s))
                        began_s = time.monotonic()
                        asked = await self._aask(token, "wait")
            return self._held(asked, token, began_s)
        except BaseException as error:
            if has_timed_out(error):
                keeper.give_back(self._given_back(token))
            else:
                await asyncio.shield(self._asurrender(token))
            raise

    def _surrender(self, token: bytes) -> None:
        """Give the place back and leave the line; later, if Redis does not answer now."""
        surrender = self._given_back(token)
        try:
            surrender.act()
        except FAILURES:
            keeper.give_back(surrender)

    async def _asurrender(self, token: bytes) -> None:
        way = async_link(self._alias)
        try:
            await way.run(*self._line.give_back(token), retry="idempotent")
        except FAILURES:
            keeper.give_back(self._given_back(token))

    def _given_back(self, token: bytes) -> Surrender:
        way, call = link(self._alias), self._line.give_back(token)
        return Surrender(
            lambda: way.run(*call, retry="idempotent"), time.monotonic() + self._lease_s
        )

    def _ask(self, token: bytes, does: Literal["wait", "try"]) -> Asked:
        call = self._line.ask(token, does)
        way, replicas = link(self._alias), self._copies
        return Line.answer(way.run(*call, retry="idempotent", replicas=replicas))

    async def _aask(self, token: bytes, does: Literal["wait", "try"]) -> Asked:
        call = self._line.ask(token, does)
        way, replicas = async_link(self._alias), self._copies
        return Line.answer(await way.run(*call, retry="idempotent", replicas=replicas))

    @property
    def _copies(self) -> int:
        return config().locks.replicas if self._replicas is None else self._replicas

    @property
    def _timeout_s(self) -> float:
        """How long an answer of the server may take."""
        return config().redis[self._alias].timeout_s

    def _pause_s(self, asked: Asked, end_s: float | None) -> float:
        """For how long to wait to be woken."""
        if end_s is None:
            return asked.again_s
        left_s = end_s - time.monotonic()
        if left_s <= 0:
            raise LockTimeoutError(
                f"{self.name!r} was not free within the time that was given for it. See who holds "
                "it for so long, or give it more."
            )
        return min(asked.again_s, left_s)

    def _held(self, asked: Asked, token: bytes, began_s: float) -> Held:
        if not asked.fence:
            raise LockTimeoutError(f"{self.name!r} is held by somebody else.")

        way, call = link(self._alias), self._line.renew(token)

        def renew() -> bool:
            return bool(way.run(*call, retry="idempotent") == 1)

        return Held(self.name, asked.fence, began_s, self._lease_s, renew)


def has_timed_out(error: BaseException) -> bool:
    """Whether Redis was waited for in vain."""
    return isinstance(error, RedisUnavailableError) and error.timed_out


class Lock(Semaphore):
    """
    One at a time, in all processes, in the order of arrival.

        with Lock("invoices").hold(wait_s=5) as held:
            ...
            held.check()  # before what cannot be undone

    See `Semaphore` for its arguments, and for what it can and cannot promise. It cannot be taken
    twice: a thread that holds it and asks again waits for itself.
    """

    def __init__(
        self,
        name: str,
        *,
        lease_s: float = 30.0,
        replicas: int | None = None,
        redis: str | None = None,
    ) -> None:
        super().__init__(name, 1, lease_s=lease_s, replicas=replicas, redis=redis)
