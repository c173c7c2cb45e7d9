"""How boards, counters and lists ask Redis, and what becomes of it while Redis is gone."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from praxis.announcements import RankingUnavailable, announce, heard
from praxis.conf import config
from praxis.errors import (
    RankingError,
    RankingStateError,
    RedisReplyError,
    RedisUnavailableError,
    TooFewReplicasError,
)
from praxis.redis import Retry, Script, async_link, link

logger = logging.getLogger("praxis.rankings")

#: What becomes of a call while Redis does not answer.
OnError = Literal["open", "closed"]
Call = tuple[Script, Sequence[bytes], Sequence[Any]]
T = TypeVar("T")

#: A log that says the same at each request is not read.
_QUIET_S = 60.0
#: Answers of a server that say that a key holds something else than what was put there.
_FOREIGN = frozenset({"WRONGTYPE", "ERR"})


class Ask(NamedTuple, Generic[T]):
    """
    Something to ask of Redis.

    Attributes:
        call: The script, its keys and its arguments.
        read: Makes something of the answer.
        empty: What to answer instead while Redis is gone.
        writes: How many scores are written; 0 of what only reads.
        retry: "idempotent" if it may run twice.
        may_drop: Whether the policy may be to go on without.
    """

    call: Call
    read: Callable[[Any], T]
    empty: T
    writes: int = 0
    retry: Retry = "idempotent"
    may_drop: bool = True


class Asker:
    """
    Asks for one board.

    Args:
        name: Of the board.
        on_error: What to do while Redis does not answer; None for what the settings say.
        replicas: So many replicas have to have what is written before it counts as written; None
            for what the settings say.
        redis: The alias of the server; None for the one in the settings.

    Raises:
        RankingError: if *on_error* or *replicas* means nothing.
    """

    def __init__(
        self, name: str, on_error: OnError | None, replicas: int | None, redis: str | None
    ) -> None:
        if on_error not in {None, "open", "closed"}:
            raise RankingError(f"on_error must be 'open' or 'closed', not {on_error!r}.")
        if replicas is not None and (type(replicas) is not int or replicas < 0):
            raise RankingError(f"replicas is a whole number of at least 0, not {replicas!r}.")
        self.name: Final = name
        self.dropped = 0
        self._on_error, self._replicas, self._redis = on_error, replicas, redis
        self._warned_s = float("-inf")

    def ask(self, ask: Ask[T]) -> T:
        """Ask, in one trip."""
        script, keys, args = ask.call
        try:
            copies = self._copies if ask.writes else 0
            answer = link(self._alias).run(script, keys, args, retry=ask.retry, replicas=copies)
        except RedisReplyError as error:
            raise self._foreign(error, keys) from error
        except RedisUnavailableError as error:
            return self._without(error, [ask])[0]
        return ask.read(answer)

    async def aask(self, ask: Ask[T]) -> T:
        """Do as `ask` does."""
        script, keys, args = ask.call
        way = async_link(self._alias)
        try:
            copies = self._copies if ask.writes else 0
            answer = await way.run(script, keys, args, retry=ask.retry, replicas=copies)
        except RedisReplyError as error:
            raise self._foreign(error, keys) from error
        except RedisUnavailableError as error:
            return self._without(error, [ask])[0]
        return ask.read(answer)

    def ask_all(self, asks: Sequence[Ask[T]]) -> list[T]:
        """Ask several things that only read, in one trip for each node that has some of it."""
        try:
            answers = link(self._alias).run_many([each.call for each in asks], retry="idempotent")
        except RedisReplyError as error:
            raise self._foreign(error, asks[0].call[1]) from error
        except RedisUnavailableError as error:
            return self._without(error, asks)
        return [ask.read(answer) for ask, answer in zip(asks, answers, strict=True)]

    async def aask_all(self, asks: Sequence[Ask[T]]) -> list[T]:
        """Do as `ask_all` does."""
        calls = [each.call for each in asks]
        try:
            answers = await async_link(self._alias).run_many(calls, retry="idempotent")
        except RedisReplyError as error:
            raise self._foreign(error, asks[0].call[1]) from error
        except RedisUnavailableError as error:
            return self._without(error, asks)
        return [ask.read(answer) for ask, answer in zip(asks, answers, strict=True)]

    @property
    def _alias(self) -> str:
        return self._redis or config().rankings.redis

    @property
    def _copies(self) -> int:
        return config().rankings.replicas if self._replicas is None else self._replicas

    def _without(self, error: RedisUnavailableError, asks: Sequence[Ask[T]]) -> list[T]:
        """
        Return what is answered without Redis.

        Raises:
            RedisUnavailableError: if the policy is ``closed``, or it is written, and not copied.
        """
        policy = self._on_error or config().rankings.on_error
        may_drop = all(ask.may_drop for ask in asks)
        if policy == "closed" or not may_drop or isinstance(error, TooFewReplicasError):
            raise error
        dropped = sum(ask.writes for ask in asks)
        self.dropped += dropped
        if time.monotonic() - self._warned_s >= _QUIET_S:
            self._warned_s = time.monotonic()
            logger.warning(
                "Redis does not answer for %r, so it is as if it were empty: %s", self.name, error
            )
        if RankingUnavailable in heard:
            announce(RankingUnavailable(self.name, dropped))
        return [ask.empty for ask in asks]

    def _foreign(self, error: RedisReplyError, keys: Sequence[bytes]) -> Exception:
        """What a refused script means."""
        if error.code not in _FOREIGN:
            return error
        shown = keys[0].decode("utf-8", "replace")
        return RankingStateError(
            f"Redis has something else under {shown!r} or beside it than what {self.name!r} put "
            f"there. Find out who writes there, then clear() and rebuild it. It said: {error}"
        )
