"""Decisions about one kind of thing: asked of Redis, or of what is known here."""

import logging
import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any, Literal

from praxis.announcements import RateLimited, announce, heard
from praxis.conf import Config, config
from praxis.errors import RateError, RateLimitedError
from praxis.ratelimit import live
from praxis.ratelimit.counting import Deed
from praxis.ratelimit.decisions import By, Decision, read_answer
from praxis.ratelimit.process_store import ProcessStore, Refusals
from praxis.ratelimit.rates import Limit, Rate, limits_of
from praxis.ratelimit.terms import Key, Terms, terms_of
from praxis.redis import FAILURES, Script, async_link, link

logger = logging.getLogger("praxis.ratelimit")

#: What becomes of a decision that Redis cannot make.
OnError = Literal["fallback", "open", "closed"]

DECIDE = Script(files(__package__).joinpath("decide.lua").read_text("utf-8"))
#: All that there are in this process, so that their names can be told.
_made: weakref.WeakSet["Limiter"] = weakref.WeakSet()


class Limiter:
    """
    Decides whether something may happen now: for each key as often as its rates say.

    Share one among all threads and tasks. All of its rates are decided at once in one trip: either
    all of them count it, or none does. The counts are those of all processes; the clock is that of
    the server. A key takes 94 bytes of Redis' memory with one rate, for as long as the counts mean
    something. What is changed with `praxis.ratelimit.live` counts above what is given here.

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
        self.name = name
        self._on_error, self._redis = on_error, redis
        limits = limits_of(rates, algorithm=algorithm, burst=burst)
        self._written = terms_of(name, limits, is_dry=dry_run)
        self._changed: tuple[live.Change, Terms] | None = None
        self._memory: _Memory | None = None
        _made.add(self)

    def __repr__(self) -> str:
        return f"<Limiter {self.name!r}: {', '.join(str(limit.rate) for limit in self.limits)}>"

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Its limits as they are now: those of the code, unless they were changed meanwhile."""
        return self._terms().limits

    @property
    def dry_run(self) -> bool:
        """Whether refusals are only announced, as it is now."""
        return self._terms().is_dry

    def hit(self, key: Key = None, cost: int = 1) -> Decision:
        """
        Count one for *key*, if it may happen; at most one trip.

        Args:
            key: Whom it is about: a text, a number, a UUID, or a tuple of these.
            cost: How much of the rates it takes; at least 1.

        Raises:
            RateError: if the key or the cost means nothing.
        """
        terms = self._terms()
        state = terms.state_key(key)
        known = self._known(state, cost)
        if known is not None:
            return _told(terms, known)
        return _told(terms, self._ask(terms, state, cost, "take"))

    def peek(self, key: Key = None, cost: int = 1) -> Decision:
        """Tell whether it may happen now, and count nothing; one trip. See `hit`."""
        terms = self._terms()
        return self._ask(terms, terms.state_key(key), cost, "look")

    def give_back(self, key: Key = None, cost: int = 1) -> None:
        """
        Count less what was counted in vain, such as an attempt that succeeded; one trip.

        While Redis does not answer nothing is given back there.
        """
        terms = self._terms()
        state = terms.state_key(key)
        self._own.refusals.forget(state)
        self._ask(terms, state, cost, "return")

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
        terms = self._terms()
        state = terms.state_key(key)
        known = self._known(state, cost)
        if known is not None:
            return _told(terms, known)
        return _told(terms, await self._aask(terms, state, cost, "take"))

    async def apeek(self, key: Key = None, cost: int = 1) -> Decision:
        """Do as `peek` does."""
        terms = self._terms()
        return await self._aask(terms, terms.state_key(key), cost, "look")

    async def agive_back(self, key: Key = None, cost: int = 1) -> None:
        """Do as `give_back` does."""
        terms = self._terms()
        state = terms.state_key(key)
        self._own.refusals.forget(state)
        await self._aask(terms, state, cost, "return")

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
        return self._terms().state_key(key)

    def _terms(self) -> Terms:
        """What it holds to now."""
        change = live.followed().change_of(self.name)
        if change is None:
            return self._written
        changed = self._changed
        if changed is None or changed[0] is not change:
            written = self._written
            changed = self._changed = change, terms_of(
                self.name, change.limits() or written.limits,
                is_dry=written.is_dry if change.is_dry is None else change.is_dry,
                is_off=change.is_off,
            )  # fmt: skip
        return changed[1]

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

    def _ask(self, terms: Terms, state: bytes, cost: int, does: Deed) -> Decision:
        _demand_cost(cost)
        following = live.followed()
        if terms.is_off:
            following.keep_up()
            return Decision(True, by=By.OFF, name=self.name)
        try:
            answer = link(self._alias).run(DECIDE, (state,), (cost, does, *terms.spec))
        except FAILURES as error:
            return self._without(error, terms, state, cost, does)
        following.keep_up()  # now that it answers, so that a lost one costs one timeout
        return self._answered(answer, terms, state, cost, does)

    async def _aask(self, terms: Terms, state: bytes, cost: int, does: Deed) -> Decision:
        _demand_cost(cost)
        following = live.followed()
        if terms.is_off:
            await following.akeep_up()
            return Decision(True, by=By.OFF, name=self.name)
        try:
            answer = await async_link(self._alias).run(DECIDE, (state,), (cost, does, *terms.spec))
        except FAILURES as error:
            return self._without(error, terms, state, cost, does)
        await following.akeep_up()
        return self._answered(answer, terms, state, cost, does)

    def _answered(self, answer: Any, terms: Terms, state: bytes, cost: int, does: Deed) -> Decision:
        decision = read_answer(answer, terms.limits, name=self.name)
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

    def _without(
        self, error: Exception, terms: Terms, state: bytes, cost: int, does: Deed
    ) -> Decision:
        """Decide without Redis."""
        policy = self._on_error or config().ratelimit.on_error
        if self._own.may_warn():
            logger.warning("Redis cannot count for %r, so it is %r: %s", self.name, policy, error)
        if policy != "fallback":
            return Decision(policy == "open", by=By.POLICY, name=self.name)
        shares = _shares(terms.limits)
        answer = self._own.counts.decide(state, shares, cost, does)
        return read_answer(answer, shares, name=self.name, by=By.PROCESS)

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


def names() -> list[str]:
    """The names of the limiters that this process has made."""
    return sorted({limiter.name for limiter in _made})


def _shares(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """What one of several processes may let in by itself."""
    processes = config().ratelimit.processes
    if processes == 1:
        return limits
    return tuple(
        replace(
            one,
            rate=Rate(max(1, one.rate.count // processes), one.rate.period_s),
            burst=min(one.burst, max(1, one.rate.count // processes)) if one.burst else 0,
        )
        for one in limits
    )


def _told(terms: Terms, decision: Decision) -> Decision:
    if decision.is_allowed:
        return decision
    if RateLimited in heard:
        announce(RateLimited(terms.name, decision.by.name, decision.retry_after_s, terms.is_dry))
    return decision.dry() if terms.is_dry else decision


def _demand_cost(cost: int) -> None:
    if type(cost) is not int or cost < 1:
        raise RateError(f"A cost is a whole number of at least 1, not {cost!r}.")
