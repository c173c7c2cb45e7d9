"""How many of one kind may run at the same time."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.resources import files
from typing import Final

from praxis.conf import config
from praxis.errors import RateError, RateLimitedError
from praxis.ratelimit.limiter import OnError
from praxis.ratelimit.rates import limits_of
from praxis.ratelimit.terms import Key, terms_of
from praxis.redis import FAILURES, Script, async_link, link

ENTER = Script(files(__package__).joinpath("enter.lua").read_text("utf-8"))
TOKEN_BYTES = 8


class Slot:
    """
    A place among those who run; see `ConcurrencyLimit.slot`.

    Attributes:
        inside: How many there were with this one; 0 where nobody counted.
    """

    def __init__(self, limit: "ConcurrencyLimit", key: bytes, token: bytes, inside: int) -> None:
        self._limit, self._key, self._token = limit, key, token
        self.inside = inside

    def renew(self) -> None:
        """
        Stay for another lease.

        Raises:
            RateLimitedError: if the lease was over, and others have taken the place.
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        self._limit.enter(self._key, self._token)

    async def arenew(self) -> None:
        """Do as `renew` does."""
        await self._limit.aenter(self._key, self._token)


class ConcurrencyLimit:
    """
    Lets so many of one kind run at the same time, in all processes together.

        reports = ConcurrencyLimit("reports", 3)
        with reports.slot(user.pk):
            ...

    Whoever is killed inside leaves when its lease is over.

    Args:
        name: Of what is limited.
        most: How many may run at the same time; at least 1.
        lease_s: Seconds after which who is inside counts as gone, unless it renews its slot;
            above 0.
        on_error: ``open`` lets everything in while Redis does not answer, ``closed`` nothing.
        redis: The alias of the server; None for the one in the settings.

    Raises:
        RateError: if a number is out of range.
    """

    def __init__(
        self,
        name: str,
        most: int,
        *,
        lease_s: float = 60.0,
        on_error: OnError = "open",
        redis: str | None = None,
    ) -> None:
        if most < 1 or lease_s <= 0:
            raise RateError(f"{name!r} needs most >= 1 and lease_s > 0, not {most}, {lease_s}.")
        if on_error not in {"open", "closed"}:
            raise RateError(f"on_error must be 'open' or 'closed' here, not {on_error!r}.")
        self.name: Final = name
        self._most, self._lease_us, self._on_error = most, round(lease_s * 1e6), on_error
        self._redis = redis
        self._keys = terms_of(f"inside {name}", limits_of("1/s"))

    @contextmanager
    def slot(self, key: Key = None) -> Iterator[Slot]:
        """
        Be one of those who run.

        Args:
            key: Whom is counted; see `Limiter.hit`.

        Raises:
            RateLimitedError: if there is no room.
        """
        state, token = self._keys.state_key(key), secrets.token_bytes(TOKEN_BYTES)
        try:
            inside = self.enter(state, token)
        except FAILURES as error:
            self._demand_open(error)
            inside = 0
        try:
            yield Slot(self, state, token, inside)
        finally:
            if inside:
                with suppress(*FAILURES):  # the lease will end
                    link(self._alias).call("ZREM", state, token, retry="idempotent")

    @asynccontextmanager
    async def aslot(self, key: Key = None) -> AsyncIterator[Slot]:
        """Do as `slot` does."""
        state, token = self._keys.state_key(key), secrets.token_bytes(TOKEN_BYTES)
        try:
            inside = await self.aenter(state, token)
        except FAILURES as error:
            self._demand_open(error)
            inside = 0
        try:
            yield Slot(self, state, token, inside)
        finally:
            if inside:
                with suppress(*FAILURES):
                    await async_link(self._alias).call("ZREM", state, token, retry="idempotent")

    def enter(self, state: bytes, token: bytes) -> int:
        """How many are inside, with who has the *token*; see `slot`, which leaves again."""
        call = (self._most, token, self._lease_us)
        return self._entered(link(self._alias).run(ENTER, (state,), call, retry="idempotent"))

    async def aenter(self, state: bytes, token: bytes) -> int:
        """Do as `enter` does."""
        call = (self._most, token, self._lease_us)
        found = await async_link(self._alias).run(ENTER, (state,), call, retry="idempotent")
        return self._entered(found)

    @property
    def _alias(self) -> str:
        return self._redis or config().ratelimit.redis

    def _entered(self, answer: int) -> int:
        if answer > 0:
            return answer
        raise RateLimitedError(self.name, -answer / 1e6)

    def _demand_open(self, error: Exception) -> None:
        if self._on_error == "closed":
            raise RateLimitedError(self.name, 1.0) from error
