"""How often something happened, and for how many different ones."""

from collections.abc import Sequence
from typing import Final

from praxis.errors import RankingError
from praxis.rankings.asking import Ask
from praxis.rankings.periodic import Periodic
from praxis.rankings.periods import MAX_KEPT, Span
from praxis.rankings.scores import Member, demand_count, write_member, write_members
from praxis.redis import Script

#: Redis counts in 64 bits.
MAX_BY: Final = 2**63 - 1

COUNT = Script(
    """
-- KEYS: a hash of counts. ARGV: the millisecond at which it is forgotten, or 0; how many; the name.
local count = redis.call('HINCRBY', KEYS[1], ARGV[3], ARGV[2])
if ARGV[1] ~= '0' and redis.call('PTTL', KEYS[1]) < 0 then
    redis.call('PEXPIREAT', KEYS[1], ARGV[1])
end
return count
"""
)
COUNTS_OF = Script("return redis.call('HMGET', KEYS[1], unpack(ARGV))")
ADD = Script(
    """
-- KEYS: a HyperLogLog. ARGV: the millisecond at which it is forgotten, or 0; then members.
redis.call('PFADD', KEYS[1], unpack(ARGV, 2))
if ARGV[1] ~= '0' and redis.call('PTTL', KEYS[1]) < 0 then
    redis.call('PEXPIREAT', KEYS[1], ARGV[1])
end
return 1
"""
)
UNION = Script("return redis.call('PFCOUNT', unpack(KEYS))")
FORGET = Script("return redis.call('DEL', KEYS[1])")


class _Kept(Periodic):
    """What counters have in common: a key for each period."""

    _kind: str

    def clear(self) -> None:
        """Forget what was counted."""
        self._asker.ask(self._forget())

    async def aclear(self) -> None:
        """Do as `clear` does."""
        await self._asker.aask(self._forget())

    def _forget(self) -> Ask[None]:
        call = (FORGET, [self._key(self._current())], ())
        return Ask(call, lambda _: None, None, 1, may_drop=False)

    def _key(self, span: Span) -> bytes:
        return f"praxis:{self._kind}:{{{self.name}}}:{span.label}".encode()


class Counter(_Kept):
    """
    Counts things by their names, in all processes together; one trip a call.

        views = Counter("views", period="day")
        views.add(product.pk)

    Args:
        name: Of the counter; see `Leaderboard`, as of the others.
        period: When it begins anew.
        time_zone: Whose midnight that is.
        keep_periods: For how many periods after its own it can be asked for.
        on_error: What becomes of calls while Redis does not answer.
        redis: The alias of the server; None for the one in the settings.
    """

    _kind = "count"

    def add(self, what: Member = "all", by: int = 1) -> int:
        """
        Count; return how many there are now. It is not sent again when it may have been counted.

        Raises:
            RankingError: if *by* is no whole number of 64 bits.
        """
        return self._asker.ask(self._add(what, by))

    async def aadd(self, what: Member = "all", by: int = 1) -> int:
        """Do as `add` does."""
        return await self._asker.aask(self._add(what, by))

    def value(self, what: Member = "all") -> int:
        """Return how many there are."""
        return self._asker.ask(self._values((what,)))[0]

    async def avalue(self, what: Member = "all") -> int:
        """Do as `value` does."""
        return (await self._asker.aask(self._values((what,))))[0]

    def values(self, names: Sequence[Member]) -> dict[Member, int]:
        """Return how many there are of up to a thousand, in one trip."""
        counts = self._asker.ask(self._values(names))
        return dict(zip(names, counts, strict=True))

    async def avalues(self, names: Sequence[Member]) -> dict[Member, int]:
        """Do as `values` does."""
        counts = await self._asker.aask(self._values(names))
        return dict(zip(names, counts, strict=True))

    def _add(self, what: Member, by: int) -> Ask[int]:
        demand_count(by, least=-MAX_BY, most=MAX_BY, what="by")
        span = self._current()
        args = (self._ends_ms(span), by, write_member(what))
        return Ask((COUNT, [self._key(span)], args), int, 0, 1, None)

    def _values(self, names: Sequence[Member]) -> Ask[list[int]]:
        written = write_members(names)
        if not written:
            raise RankingError("There is nothing to count: give a name.")
        call = (COUNTS_OF, [self._key(self._current())], written)
        return Ask(call, lambda answer: [int(one or 0) for one in answer], [0] * len(written))


class UniqueCount(_Kept):
    """
    Counts how many different members there were, in 12 kilobytes whatever their number.

        visitors = UniqueCount("visitors", period="day")
        visitors.add(user.pk)
        visitors.count()           # of today
        visitors.count(periods=7)  # of the last seven days, each once

    It is a HyperLogLog: the standard error is 0.81 %. To add a member again changes nothing.

    Args:
        name: Of the counter; see `Counter`, as of the others.
        period: When it begins anew.
        time_zone: Whose midnight that is.
        keep_periods: For how many periods after its own it can be asked for.
        on_error: What becomes of calls while Redis does not answer.
        redis: The alias of the server; None for the one in the settings.
    """

    _kind = "unique"

    def add(self, *members: Member) -> None:
        """Count members, up to a thousand; one trip."""
        if members:
            self._asker.ask(self._add(members))

    async def aadd(self, *members: Member) -> None:
        """Do as `add` does."""
        if members:
            await self._asker.aask(self._add(members))

    def count(self, *, periods: int = 1) -> int:
        """Return how many different ones there were in this period and those before; one trip."""
        return self._asker.ask(self._count(periods))

    async def acount(self, *, periods: int = 1) -> int:
        """Do as `count` does."""
        return await self._asker.aask(self._count(periods))

    def _add(self, members: Sequence[Member]) -> Ask[int]:
        span, written = self._current(), write_members(members)
        call = (ADD, [self._key(span)], [self._ends_ms(span), *written])
        return Ask(call, int, 0, len(written))

    def _count(self, periods: int) -> Ask[int]:
        demand_count(periods, least=1, most=MAX_KEPT, what="periods")
        spans = [self._current()]
        while len(spans) < periods:
            spans.append(self._demand_periods().before(spans[-1]))
        return Ask((UNION, [self._key(span) for span in spans], ()), int, 0)
