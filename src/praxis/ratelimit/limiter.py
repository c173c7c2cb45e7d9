"""Decisions about one kind of thing: asked of Redis, or of what is known here."""

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Literal

import msgspec

from praxis.announcements import RateLimited, announce, heard
from praxis.conf import Config, config
from praxis.errors import RateError, RateLimitedError
from praxis.ratelimit.counting import Deed
from praxis.ratelimit.decisions import By, Decision, read_answer
from praxis.ratelimit.process_store import ProcessStore, Refusals
from praxis.ratelimit.rates import Limit, Rate, limits_of
from praxis.redis import FAILURES, Script, async_link, link

logger = logging.getLogger("praxis.ratelimit")

#: Whom a limit is about: whatever names it the same way in every process.
Key = str | int | bytes | uuid.UUID | None | tuple["Key", ...]
#: What becomes of a decision that Redis cannot make.
OnError = Literal["fallback", "open", "closed"]

DECIDE = Script(files(__package__).joinpath("decide.lua").read_text("utf-8"))
#: Twelve bytes and the two before them: Redis keeps a name of fourteen in sixteen bytes.
DIGEST_BYTES, PREFIX = 12, b"rl"
#: Counts below this take two bytes each.
_NARROW = 65_536
_KINDS = {"window": "w", "gcra": "g", "fixed": "f", "bucket": "b"}
_encode = msgspec.msgpack.Encoder().encode


class Limiter:
    """
    Decides whether something may happen now: for each key as often as its rates say.

    Share one among all threads and tasks. All of its rates are decided at once in one trip: either
    all of them count it, or none does. The counts are those of all processes; the clock is that of
    the server. A key takes 92 bytes of Redis' memory with one rate, for as long as the counts mean
    something.

    Args:
        name: Of what is limited. Limiters of one name and one kind share their counts.
        rates: ``"100/m"``, ``"5/s, 1000/h"``, or a list of texts, `Rate` and `Limit`.
        algorithm: Of rates that are no `Limit`: see there.
        burst: Likewise.
        on_error: What to do while Redis does not answer: ``fallback`` counts in this process,
            ``open`` lets everything in, ``closed`` nothing. None for what the settings say.
        dry_run: Whether refusals are only announced, and what is refused is let in.
        redis: The alias of the server; None for the one in the settings.

    Raises:
        RateError: if the rates mean nothing.
    """

    def __init__(
        self,
        name: str,
        rates: str | Rate | Limit | Sequence[str | Rate | Limit],
        *,
        algorithm: str = "window",
        burst: int = 0,
        on_error: OnError | None = None,
        dry_run: bool = False,
        redis: str | None = None,
    ) -> None:
        if on_error not in {None, "fallback", "open", "closed"}:
            raise RateError(f"on_error must be 'fallback', 'open' or 'closed', not {on_error!r}.")
        self.name, self.dry_run = name, dry_run
        self.limits = limits_of(rates, algorithm=algorithm, burst=burst)
        self._on_error, self._redis = on_error, redis
        self._spec = spec_of(self.limits)
        self._seed = _encode([name, [(kind, period) for kind, _, period, _ in _each(self.limits)]])
        self._memory: _Memory | None = None

    def __repr__(self) -> str:
        return f"<Limiter {self.name!r}: {', '.join(str(limit.rate) for limit in self.limits)}>"

    def hit(self, key: Key = None, cost: int = 1) -> Decision:
        """
        Count one for *key*, if it may happen; at most one trip.

        Args:
            key: Whom it is about: a text, a number, a UUID, or a tuple of these.
            cost: How much of the rates it takes; at least 1.

        Raises:
            RateError: if the key or the cost means nothing.
        """
        state = self.state_key(key)
        known = self._known(state, cost)
        if known is not None:
            return self._told(known)
        return self._told(self._ask(state, cost, "take"))

    def peek(self, key: Key = None, cost: int = 1) -> Decision:
        """Tell whether it may happen now, and count nothing; one trip. See `hit`."""
        return self._ask(self.state_key(key), cost, "look")

    def give_back(self, key: Key = None, cost: int = 1) -> None:
        """
        Count less what was counted in vain, such as an attempt that succeeded; one trip.

        While Redis does not answer nothing is given back there.
        """
        state = self.state_key(key)
        self._own.refusals.forget(state)
        self._ask(state, cost, "return")

    def reset(self, key: Key = None) -> None:
        """
        Let *key* begin anew; one trip. Other processes may refuse it for a second.

        Raises:
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        state = self.state_key(key)
        self._forget(state)
        link(self._alias).call("DEL", state, retry="idempotent")

    def check(self, key: Key = None, cost: int = 1) -> Decision:
        """
        Do as `hit` does, and raise what is refused.

        Raises:
            RateLimitedError: with the decision, if it may not happen.
        """
        return raised(self.hit(key, cost))

    async def ahit(self, key: Key = None, cost: int = 1) -> Decision:
        """Do as `hit` does."""
        state = self.state_key(key)
        known = self._known(state, cost)
        if known is not None:
            return self._told(known)
        return self._told(await self._aask(state, cost, "take"))

    async def apeek(self, key: Key = None, cost: int = 1) -> Decision:
        """Do as `peek` does."""
        return await self._aask(self.state_key(key), cost, "look")

    async def agive_back(self, key: Key = None, cost: int = 1) -> None:
        """Do as `give_back` does."""
        state = self.state_key(key)
        self._own.refusals.forget(state)
        await self._aask(state, cost, "return")

    async def areset(self, key: Key = None) -> None:
        """Do as `reset` does."""
        state = self.state_key(key)
        self._forget(state)
        await async_link(self._alias).call("DEL", state, retry="idempotent")

    async def acheck(self, key: Key = None, cost: int = 1) -> Decision:
        """Do as `check` does."""
        return raised(await self.ahit(key, cost))

    def state_key(self, key: Key) -> bytes:
        """
        The name under which Redis counts a key: a digest, so that it says nothing of anybody.

        Raises:
            RateError: if the key is of a kind that is not told apart in all processes.
        """
        try:
            digest = blake2b(self._seed + _encode(key), digest_size=DIGEST_BYTES)
        except (TypeError, OverflowError) as error:
            raise RateError(
                f"{key!r} cannot be a key of {self.name!r}: {error}. Use texts, numbers, or a "
                "tuple of them."
            ) from error
        return PREFIX + digest.digest()

    @property
    def _own(self) -> "_Memory":
        # made when it is needed, since a limiter may be made before there are settings
        memory = self._memory
        if memory is None or memory.made_for is not config():
            memory = self._memory = _Memory(config())
        return memory

    @property
    def _alias(self) -> str:
        return self._redis or config().ratelimit.redis

    def _ask(self, state: bytes, cost: int, does: Deed) -> Decision:
        _demand_cost(cost)
        try:
            answer = link(self._alias).run(DECIDE, (state,), (cost, does, *self._spec))
        except FAILURES as error:
            return self._without(error, state, cost, does)
        return self._answered(answer, state, cost, does)

    async def _aask(self, state: bytes, cost: int, does: Deed) -> Decision:
        _demand_cost(cost)
        try:
            answer = await async_link(self._alias).run(DECIDE, (state,), (cost, does, *self._spec))
        except FAILURES as error:
            return self._without(error, state, cost, does)
        return self._answered(answer, state, cost, does)

    def _answered(self, answer: Any, state: bytes, cost: int, does: Deed) -> Decision:
        decision = read_answer(answer, self.limits, name=self.name)
        if does == "take" and not decision.is_allowed:
            self._own.refusals.note(state, decision.retry_after_s, cost, decision)
        return decision

    def _known(self, state: bytes, cost: int) -> Decision | None:
        """The refusal of a moment ago, which still holds."""
        found = self._own.refusals.known(state, cost)
        if found is None:
            return None
        ago_s, decision = found
        return decision.later(ago_s)

    def _without(self, error: Exception, state: bytes, cost: int, does: Deed) -> Decision:
        """Decide without Redis."""
        policy = self._on_error or config().ratelimit.on_error
        if self._own.may_warn():
            logger.warning("Redis cannot count for %r, so it is %r: %s", self.name, policy, error)
        if policy != "fallback":
            return Decision(policy == "open", by=By.POLICY, name=self.name)
        answer = self._own.counts.decide(state, self._shares(), cost, does)
        return read_answer(answer, self._shares(), name=self.name, by=By.PROCESS)

    def _shares(self) -> tuple[Limit, ...]:
        """What one of several processes may let in by itself."""
        processes = config().ratelimit.processes
        if processes == 1:
            return self.limits
        return tuple(
            replace(
                one,
                rate=Rate(max(1, one.rate.count // processes), one.rate.period_s),
                burst=min(one.burst, max(1, one.rate.count // processes)) if one.burst else 0,
            )
            for one in self.limits
        )

    def _told(self, decision: Decision) -> Decision:
        if decision.is_allowed:
            return decision
        if RateLimited in heard:
            announce(RateLimited(self.name, decision.by.name, decision.retry_after_s, self.dry_run))
        return decision.dry() if self.dry_run else decision

    def _forget(self, state: bytes) -> None:
        self._own.refusals.forget(state)
        self._own.counts.forget(state)


class _Memory:
    """What a limiter knows by itself, for as long as the settings are the same."""

    __slots__ = ("_warned_s", "counts", "made_for", "refusals")

    def __init__(self, settings: Config) -> None:
        most = settings.ratelimit.keys_in_memory
        self.made_for = settings
        self.counts, self.refusals = ProcessStore(most), Refusals(most, _BELIEVED_S)
        self._warned_s = float("-inf")

    def may_warn(self) -> bool:
        """Whether there was no warning for a while."""
        now_s = time.monotonic()
        if now_s - self._warned_s < _QUIET_S:
            return False
        self._warned_s = now_s
        return True


#: A log that says the same at each request is not read.
_QUIET_S = 60.0
#: So long a refusal is believed without asking again, so that a limit can be lifted by hand.
_BELIEVED_S = 1.0


def raised(decision: Decision) -> Decision:
    """
    Return a decision that allows.

    Raises:
        RateLimitedError: if it does not.
    """
    if decision.is_allowed:
        return decision
    raise RateLimitedError(decision.name, decision.retry_after_s, decision)


def spec_of(limits: Sequence[Limit]) -> tuple[bytes, ...]:
    """The limits as ``decide.lua`` takes them: written out once, since they are sent each time."""
    words = (len(limits), *(word for one in _each(limits) for word in one))
    return tuple(str(word).encode() for word in words)


def _each(limits: Sequence[Limit]) -> list[tuple[str, int, int, int]]:
    found = []
    for limit in limits:
        kind = _KINDS[limit.algorithm]
        if kind == "w" and limit.rate.count >= _NARROW:
            kind = "W"
        found.append((kind, limit.rate.count, limit.rate.period_us, limit.at_once))
    return found


def _demand_cost(cost: int) -> None:
    if type(cost) is not int or cost < 1:
        raise RateError(f"A cost is a whole number of at least 1, not {cost!r}.")
