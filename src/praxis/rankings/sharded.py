"""A ranking in several parts, for more members than one server takes."""

from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from zlib import crc32

from praxis.rankings.asking import Ask, OnError
from praxis.rankings.calls import Board
from praxis.rankings.definition import Definition, Order
from praxis.rankings.parts import Parts, Rounds
from praxis.rankings.periods import Period, Span
from praxis.rankings.rebuilding import Rebuilding, Rows
from praxis.rankings.scores import Member, demand_count, write_member
from praxis.rankings.standings import Entry, Standing

MAX_SHARDS: Final = 1024
T = TypeVar("T")


class ShardedLeaderboard(Definition):
    """
    A ranking whose members are spread over several sorted sets, and so over the nodes of a cluster.

    For what one node cannot hold or write; a `Leaderboard` takes some 10 million members in a
    gigabyte, and is quicker in everything but its share of the cluster. Here a score is written in
    one trip to one part. A rank is counted in all parts, in two rounds, each one trip for each
    node: it is exact near the top and far from it, if nothing is written meanwhile; else it is as
    far off as there are scores that passed it in between. The first ones are merged, and read no
    further than needed.

    Ties are by ``competition`` alone: how many different scores there are cannot be summed over
    parts, nor the order of moments be told between servers.

    Args:
        name: As of `Leaderboard`, as all of the others.
        shards: How many parts; from 2 to 1,024. Another number is another board.
        period: When it begins anew.
        time_zone: Whose midnight that is.
        order: Whether the largest score is first, or the smallest.
        keep_periods: For how many periods after its own a board can be asked for.
        on_error: What becomes of calls while Redis does not answer.
        replicas: So many replicas have to have what is written before a call returns.
        redis: The alias of the server; None for the one in the settings.

    Raises:
        RankingError: if any of these means nothing.
    """

    def __init__(
        self,
        name: str,
        *,
        shards: int = 16,
        period: Period | None = None,
        time_zone: str = "UTC",
        order: Order = "desc",
        keep_periods: int = 12,
        on_error: OnError | None = None,
        replicas: int | None = None,
        redis: str | None = None,
    ) -> None:
        self._shards: Final = demand_count(shards, least=2, most=MAX_SHARDS, what="shards")
        super().__init__(
            name,
            period=period,
            time_zone=time_zone,
            order=order,
            keep_periods=keep_periods,
            on_error=on_error,
            replicas=replicas,
            redis=redis,
        )

    def submit(self, member: Member, score: float, *, best: bool = False) -> None:
        """Set a member's score; with *best* one that is as good or better stays. One trip."""
        self._asker.ask(self._part_of(member).write("best" if best else "set", member, score))

    async def asubmit(self, member: Member, score: float, *, best: bool = False) -> None:
        """Do as `submit` does."""
        part = self._part_of(member)
        await self._asker.aask(part.write("best" if best else "set", member, score))

    def increment(self, member: Member, by: float = 1) -> None:
        """Add to a member's score, from 0; see `Leaderboard.increment`. One trip."""
        self._asker.ask(self._part_of(member).write("add", member, by))

    async def aincrement(self, member: Member, by: float = 1) -> None:
        """Do as `increment` does."""
        await self._asker.aask(self._part_of(member).write("add", member, by))

    def submit_many(self, scores: Mapping[Any, float], *, best: bool = False) -> int:
        """Set many scores, one trip a part and thousand; return how many changed."""
        return sum(self._asker.ask(each) for each in self._writes(scores, best=best))

    async def asubmit_many(self, scores: Mapping[Any, float], *, best: bool = False) -> int:
        """Do as `submit_many` does."""
        return sum([await self._asker.aask(each) for each in self._writes(scores, best=best)])

    def remove(self, member: Member) -> bool:
        """Take a member off; return whether it was there."""
        count = self._asker.ask(self._part_of(member).remove((member,)))
        return count > 0

    async def aremove(self, member: Member) -> bool:
        """Do as `remove` does."""
        count = await self._asker.aask(self._part_of(member).remove((member,)))
        return count > 0

    def clear(self) -> None:
        """Take all members off."""
        self._asker.ask_all([part.clear() for part in self._parts()])

    async def aclear(self) -> None:
        """Do as `clear` does."""
        await self._asker.aask_all([part.clear() for part in self._parts()])

    def size(self) -> int:
        """Return how many members there are."""
        return sum(self._asker.ask_all([part.size() for part in self._parts()]))

    async def asize(self) -> int:
        """Do as `size` does."""
        return sum(await self._asker.aask_all([part.size() for part in self._parts()]))

    def standing(self, member: Member) -> Standing | None:
        """Return a member's rank, score and percentile; None if it is not there."""
        return self._go(self._reads().standings([member]))[0]

    async def astanding(self, member: Member) -> Standing | None:
        """Do as `standing` does."""
        return (await self._ago(self._reads().standings([member])))[0]

    def standings(self, members: Sequence[Member]) -> dict[Member, Standing | None]:
        """Return where up to a thousand members stand; two rounds."""
        return dict(zip(members, self._go(self._reads().standings(members)), strict=True))

    async def astandings(self, members: Sequence[Member]) -> dict[Member, Standing | None]:
        """Do as `standings` does."""
        return dict(zip(members, await self._ago(self._reads().standings(members)), strict=True))

    def top(self, count: int = 10) -> list[Entry]:
        """Return the first ones, up to a thousand; mostly one round."""
        return self._go(self._reads().page(0, count))

    async def atop(self, count: int = 10) -> list[Entry]:
        """Do as `top` does."""
        return await self._ago(self._reads().page(0, count))

    def page(self, offset: int, count: int = 25) -> list[Entry]:
        """Return some of those after the first *offset* ones; of the first 10,000 at most."""
        return self._go(self._reads().page(offset, count))

    async def apage(self, offset: int, count: int = 25) -> list[Entry]:
        """Do as `page` does."""
        return await self._ago(self._reads().page(offset, count))

    def around(self, member: Member, count: int = 5) -> list[Entry]:
        """
        Return a member with up to *count* before and after it; three rounds.

        If more share a score than fit, it is not said which of them are shown.
        """
        return self._go(self._reads().around(member, count))

    async def aaround(self, member: Member, count: int = 5) -> list[Entry]:
        """Do as `around` does."""
        return await self._ago(self._reads().around(member, count))

    def rebuild(self, rows: Rows) -> int:
        """
        Replace all of the board; see `Leaderboard.rebuild`.

        Its parts take their places one after the other.
        """
        return Rebuilding(self._asker, self._parts(), self._place).run(rows)

    async def arebuild(self, rows: Rows | AsyncIterable[Any]) -> int:
        """Do as `rebuild` does."""
        return await Rebuilding(self._asker, self._parts(), self._place).arun(rows)

    def _parts_of(self, span: Span) -> list[Board]:
        ends_ms = self._ends_ms(span)
        return [
            # no board of one part has such a label, whatever its name
            Board(self._rules, f"{self.name}:{at}/{self._shards}", f"part:{span.label}", ends_ms)
            for at in range(self._shards)
        ]

    def _place(self, written: bytes) -> int:
        return crc32(written) % self._shards

    def _part_of(self, member: object) -> Board:
        return self._parts()[self._place(write_member(member))]

    def _writes(self, scores: Mapping[Any, float], *, best: bool) -> list[Ask[int]]:
        grouped: dict[int, dict[Any, float]] = {}
        for member, score in scores.items():
            grouped.setdefault(self._place(write_member(member)), {})[member] = score
        parts, does = self._parts(), "best" if best else "set"
        return [
            ask
            for place, some in grouped.items()
            for ask in parts[place].write_many(does, some)  # type: ignore[arg-type]  # one of two
        ]

    def _go(self, rounds: Rounds[T]) -> T:
        """Ask, round by round."""
        try:
            asks = next(rounds)
            while True:
                asks = rounds.send(self._asker.ask_all(asks))
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]  # the generator's own

    async def _ago(self, rounds: Rounds[T]) -> T:
        try:
            asks = next(rounds)
            while True:
                asks = rounds.send(await self._asker.aask_all(asks))
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]

    def _reads(self) -> Parts:
        return Parts(self._parts(), self._place, self._rules.sign)
