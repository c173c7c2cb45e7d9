"""Locks and semaphores on Redis."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Literal

from praxis.conf import config
from praxis.errors import LockTimeoutError, RedisUnavailableError
from praxis.locks.held import Held, keeper
from praxis.locks.line import GONE_MS, LATE_S, Asked, Line, new_token
from praxis.redis import FAILURES, async_link, link

#: An answer to ``WAIT`` may take so long.
_REPLICAS_MS = 200


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
        replicas: So many replicas have to know of it before it counts as held.
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
        replicas: int = 0,
        redis: str | None = None,
    ) -> None:
        if places < 1 or lease_s <= 0 or replicas < 0:
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
            RedisUnavailableError, RedisReplyError: if Redis did not answer. It is not held.
        """
        token = new_token()
        held = self._acquire(token, wait_s)
        keeper.keep(held)
        try:
            yield held
        finally:
            keeper.leave(held)
            with contextlib.suppress(*FAILURES):  # then the lease ends it
                link(self._alias).run(*self._line.give_back(token), retry="idempotent")

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
            with contextlib.suppress(*FAILURES):
                await async_link(self._alias).run(*self._line.give_back(token), retry="idempotent")

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
                with link(self._alias).dedicated(
                    self._line.key, timeout_s=GONE_MS / 1000 + LATE_S
                ) as session:
                    while not asked.fence:
                        session.call(*self._line.woken(token, self._pause_s(asked, end_s)))
                        began_s = time.monotonic()
                        asked = self._ask(token, "wait")
            return self._held(asked, token, began_s)
        except BaseException:
            with contextlib.suppress(*FAILURES):
                link(self._alias).run(*self._line.give_back(token), retry="idempotent")
                link(self._alias).run(*self._line.ask(token, "leave"), retry="idempotent")
            raise

    async def _aacquire(self, token: bytes, wait_s: float | None) -> Held:
        end_s = None if wait_s is None else time.monotonic() + wait_s
        began_s = time.monotonic()
        way = async_link(self._alias)
        try:
            asked = await self._aask(token, "try" if wait_s == 0 else "wait")
            if not asked.fence and wait_s != 0:
                async with way.dedicated(
                    self._line.key, timeout_s=GONE_MS / 1000 + LATE_S
                ) as session:
                    while not asked.fence:
                        await session.call(*self._line.woken(token, self._pause_s(asked, end_s)))
                        began_s = time.monotonic()
                        asked = await self._aask(token, "wait")
            return self._held(asked, token, began_s)
        except BaseException:
            await asyncio.shield(self._aleave(token))
            raise

    async def _aleave(self, token: bytes) -> None:
        with contextlib.suppress(*FAILURES):
            await async_link(self._alias).run(*self._line.give_back(token), retry="idempotent")
            await async_link(self._alias).run(*self._line.ask(token, "leave"), retry="idempotent")

    def _ask(self, token: bytes, does: Literal["wait", "try"]) -> Asked:
        script, keys, words = self._line.ask(token, does)
        if not self._replicas:
            found = link(self._alias).run(script, keys, words, retry="idempotent")
            return Line.answer(found)
        session = link(self._alias).session(self._line.key)  # WAIT asks of this connection's writes
        asked = Line.answer(session.run(script, keys, words))
        if asked.fence:
            self._demand_replicas(session.call("WAIT", self._replicas, _REPLICAS_MS))
        return asked

    async def _aask(self, token: bytes, does: Literal["wait", "try"]) -> Asked:
        script, keys, words = self._line.ask(token, does)
        if not self._replicas:
            found = await async_link(self._alias).run(script, keys, words, retry="idempotent")
            return Line.answer(found)
        async with async_link(self._alias).dedicated(
            self._line.key, timeout_s=LATE_S
        ) as session:  # others wait for answers on the shared one
            asked = Line.answer(await session.run(script, keys, words))
            if asked.fence:
                self._demand_replicas(await session.call("WAIT", self._replicas, _REPLICAS_MS))
        return asked

    def _demand_replicas(self, count: int) -> None:
        if count < self._replicas:
            raise RedisUnavailableError(
                f"{count} replicas know of the lock {self.name!r}, of {self._replicas} that have "
                "to. It is not held. See whether they are connected.",
                may_have_run=True,
                alias=self._alias,
            )

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

        def renew() -> bool:
            found = link(self._alias).run(*self._line.renew(token), retry="idempotent")
            return bool(found == 1)

        return Held(self.name, asked.fence, began_s, self._lease_s, renew)


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
        replicas: int = 0,
        redis: str | None = None,
    ) -> None:
        super().__init__(name, 1, lease_s=lease_s, replicas=replicas, redis=redis)
