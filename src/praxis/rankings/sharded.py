"""A ranking in several parts, for more members than one server takes."""

import heapq
from collections.abc import AsyncIterable, Generator, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, TypeVar
from zlib import crc32

from praxis.errors import RankingError
from praxis.rankings.asking import Ask, OnError
from praxis.rankings.calls import Board
from praxis.rankings.definition import Definition, Order
from praxis.rankings.periods import Period, Span
from praxis.rankings.rebuilding import Rebuilding, Rows
from praxis.rankings.scores import (
    MAX_MEMBERS,
    Member,
    demand_count,
    read_member,
    read_score,
    write_member,
    write_members,
)
from praxis.rankings.standings import Entry, Standing
from praxis.redis import Script

COUNTS = Script(files(__package__).joinpath("counts.lua").read_text("utf-8"))
WINDOW = Script(files(__package__).joinpath("window.lua").read_text("utf-8"))
SCORES = Script(files(__package__).joinpath("scores.lua").read_text("utf-8"))
MAX_SHARDS: Final = 1024
#: How deep a page may end: all before it is read.
MAX_DEPTH: Final = 10_000

#: A row as Redis has it: the score, the better the less, and the member.
Row = tuple[float, bytes]
T = TypeVar("T")
#: What has to be asked, round by round; it is sent the answers.
Rounds = Generator[Sequence[Ask[Any]], list[Any], T]


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
        return self._go(self._standings([member]))[0]

    async def astanding(self, member: Member) -> Standing | None:
        """Do as `standing` does."""
        return (await self._ago(self._standings([member])))[0]

    def standings(self, members: Sequence[Member]) -> dict[Member, Standing | None]:
        """Return where up to a thousand members stand; two rounds."""
        return dict(zip(members, self._go(self._standings(members)), strict=True))

    async def astandings(self, members: Sequence[Member]) -> dict[Member, Standing | None]:
        """Do as `standings` does."""
        return dict(zip(members, await self._ago(self._standings(members)), strict=True))

    def top(self, count: int = 10) -> list[Entry]:
        """Return the first ones, up to a thousand; mostly one round."""
        return self._go(self._page(0, count))

    async def atop(self, count: int = 10) -> list[Entry]:
        """Do as `top` does."""
        return await self._ago(self._page(0, count))

    def page(self, offset: int, count: int = 25) -> list[Entry]:
        """Return some of those after the first *offset* ones; of the first 10,000 at most."""
        return self._go(self._page(offset, count))

    async def apage(self, offset: int, count: int = 25) -> list[Entry]:
        """Do as `page` does."""
        return await self._ago(self._page(offset, count))

    def around(self, member: Member, count: int = 5) -> list[Entry]:
        """
        Return a member with up to *count* before and after it; three rounds.

        If more share a score than fit, it is not said which of them are shown.
        """
        return self._go(self._around(member, count))

    async def aaround(self, member: Member, count: int = 5) -> list[Entry]:
        """Do as `around` does."""
        return await self._ago(self._around(member, count))

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
            Board(self._rules, f"{self.name}:{at}/{self._shards}", span.label, ends_ms)
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

    def _standings(self, members: Sequence[Member]) -> Rounds[list[Standing | None]]:
        written = write_members(members)
        scores = yield from self._scores(written)
        known = sorted({score for score in scores if score is not None})
        if not known:
            return [None] * len(written)
        ahead, size = yield from self._counted(known)
        return [
            None
            if score is None
            else Standing(
                read_member(one), ahead[score] + 1, self._shown(score), ahead[score], size
            )
            for one, score in zip(written, scores, strict=True)
        ]

    def _scores(self, written: Sequence[bytes]) -> Rounds[list[float | None]]:
        """The scores of members, as Redis has them."""
        places: dict[int, list[int]] = {}
        for index, member in enumerate(written):
            places.setdefault(self._place(member), []).append(index)
        parts = self._parts()
        answers = yield [
            Ask(
                (SCORES, [parts[place].key], [written[i] for i in indexes]),
                list,
                [None] * len(indexes),
            )
            for place, indexes in places.items()
        ]
        found: list[float | None] = [None] * len(written)
        for indexes, scores in zip(places.values(), answers, strict=True):
            for index, score in zip(indexes, scores, strict=True):
                found[index] = None if score is None else float(score)
        return found

    def _counted(self, scores: Sequence[float]) -> Rounds[tuple[dict[float, int], int]]:
        """How many are ahead of each score, and how many there are."""
        words = [f"({score!r}" for score in scores]
        empty = [0] * (len(words) + 1)
        answers = yield [Ask((COUNTS, [part.key], words), list, empty) for part in self._parts()]
        size, *ahead = (sum(each) for each in zip(*answers, strict=True))
        return dict(zip(scores, ahead, strict=True)), size

    def _page(self, offset: int, count: int) -> Rounds[list[Entry]]:
        demand_count(offset, least=0, most=MAX_DEPTH, what="offset")
        demand_count(count, least=1, most=MAX_MEMBERS, what="count")
        if offset + count > MAX_DEPTH:
            raise RankingError(
                f"A page of {self.name!r} ends at {MAX_DEPTH} at most: all before it is read. Ask "
                "for around() a member further down."
            )
        rows = yield from self._first(offset + count)
        return self._ranked(rows)[offset:]

    def _first(self, count: int) -> Rounds[list[Row]]:
        """The first rows of all parts: a fair share of each, and more where that was too few."""
        parts = self._parts()
        share = count // len(parts) * 3 // 2 + 8
        found: list[list[Row]] = [[] for _ in parts]
        hungry = list(range(len(parts)))
        while hungry:
            asks = [self._window(parts[at], "", len(found[at]), share) for at in hungry]
            answers = yield asks
            more = []
            for at, (_, rows) in zip(hungry, answers, strict=True):
                found[at] += rows
                if len(rows) == share:
                    more.append(at)
            first = list(_merged(found, count))
            last = first[-1] if len(first) == count else None
            hungry = [at for at in more if last is None or found[at][-1] < last]
        return first

    def _around(self, member: Member, count: int) -> Rounds[list[Entry]]:
        demand_count(count, least=0, most=MAX_MEMBERS // 2, what="count")
        written = write_member(member)
        score = (yield from self._scores([written]))[0]
        if score is None:
            return []
        answers = yield [self._window(p, f"({score!r}", count, count + 1) for p in self._parts()]
        rows = sorted({row for _, some in answers for row in some} | {(score, written)})
        place = rows.index((score, written))
        shown = rows[max(0, place - count) : place + count + 1]
        ahead, _ = yield from self._counted(sorted({score for score, _ in shown}))
        return [
            Entry(read_member(one), ahead[score] + 1, self._shown(score)) for score, one in shown
        ]

    def _window(
        self, part: Board, score: str, before: int, after: int
    ) -> Ask[tuple[int, list[Row]]]:
        """Rows of a part: those around a score, or, without one, from a place on."""

        def read(answer: list[Any]) -> tuple[int, list[Row]]:
            rows = answer[1]
            return answer[0], [(float(rows[i + 1]), rows[i]) for i in range(0, len(rows), 2)]

        return Ask((WINDOW, [part.key], (score, before, after)), read, (0, []))

    def _ranked(self, rows: Iterable[Row]) -> list[Entry]:
        """Entries of the first rows in their order."""
        entries: list[Entry] = []
        before, rank = None, 0
        for place, (score, member) in enumerate(rows, 1):
            if score != before:
                rank, before = place, score
            entries.append(Entry(read_member(member), rank, self._shown(score)))
        return entries

    def _shown(self, score: float) -> float:
        return read_score(score, self._rules.sign)


def _merged(parts: Iterable[Sequence[Row]], count: int) -> Iterable[Row]:
    return (row for _, row in zip(range(count), heapq.merge(*parts), strict=False))
