"""Rankings: who is first, who stands where, and who stands around whom."""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Literal

from praxis.rankings.asking import Ask
from praxis.rankings.calls import Board
from praxis.rankings.definition import MAX_PLACE, Definition
from praxis.rankings.periods import MAX_KEPT, Span
from praxis.rankings.rebuilding import Rebuilding, Rows
from praxis.rankings.scores import MAX_MEMBERS, Member, demand_count
from praxis.rankings.standings import Entry, Standing


class Leaderboard(Definition):
    """
    A ranking of members by their scores.

        weekly = Leaderboard("weekly", period="week")
        weekly.increment(user.pk, 10).rank
        weekly.top(10)
        weekly.around(user.pk, 5)

    Share one among all threads and tasks; making one costs nothing, so that names may be made up:
    ``Leaderboard(f"game-{game.pk}")``. Each call is one trip, and O(log n) of the members, besides
    what it answers. A member takes about 110 bytes of Redis' memory; with ties by ``first`` 200;
    with ``dense`` 110, and 250 for each different score.

    Scores are ints and floats below 2**53 either way, and are kept exactly. Sums of floats are
    rounded as floats are. What ties are told by takes nothing from them.

    Boards whose *order*, *ties* or *half_life_s* differ have nothing in common, also under one
    name: who changes these begins an empty board, and rebuilds it.

    Args:
        name: Of 1 to 150 characters, without braces. Boards of one name are on one node of a
            cluster.
        period: ``hour``, ``day``, ``week`` (from Monday), ``month`` or ``year``: when it begins
            anew, by the clock of the process that calls. None for never.
        time_zone: Whose midnight that is.
        order: Whether the largest score is first, or the smallest.
        ties: How those who share a score share ranks; see `Ties`. With ``first`` the order is that
            of the server, also in the same microsecond. Who comes back to a score counts anew.
        half_life_s: Scores fade: after so many seconds each counts half. From 1 to ten years of
            them; None for never. Only for ties by ``competition``, and without a period.
        keep_periods: For how many periods after its own a board can be asked for; up to 1,000.
        keep: How many members are kept, the best ones: of more the last ones are taken off. 0 for
            all.
        on_error: What becomes of calls while Redis does not answer: ``closed`` raises, ``open``
            answers as if the board were empty, and drops what is written. None for what the
            settings say.
        replicas: So many replicas have to have what is written before a call returns: then a
            fail-over to one of them loses none of it. With fewer it raises `TooFewReplicasError`,
            and is written all the same. A rebuilding does not wait. None for what the settings say.
        redis: The alias of the server; None for the one in the settings.

    Raises:
        RankingError: if any of these means nothing.

    Every method raises `RankingError` for what means nothing, `RankingStateError` if something else
    is kept under its keys, and with ``closed`` `RedisUnavailableError`, whose ``may_have_run`` says
    whether what was to be written may have been.
    """

    def submit(self, member: Member, score: float, *, best: bool = False) -> Standing | None:
        """
        Set a member's score; return where it stands now.

        Args:
            member: A text or a whole number, of at most 200 bytes.
            score: What it has now.
            best: Whether a score that is as good or better stays.

        Returns:
            None if it was dropped, or is not among those that are kept.
        """
        return self._asker.ask(self._board().write("best" if best else "set", member, score))

    async def asubmit(self, member: Member, score: float, *, best: bool = False) -> Standing | None:
        """Do as `submit` does."""
        does: Literal["best", "set"] = "best" if best else "set"
        return await self._asker.aask(self._board().write(does, member, score))

    def increment(self, member: Member, by: float = 1) -> Standing | None:
        """
        Add to a member's score, from 0; return where it stands now.

        It is not sent again when nobody knows whether it was done: see
        ``RedisUnavailableError.may_have_run``.

        Raises:
            RankingError: also if the sum would leave the range of exact scores.
        """
        return self._asker.ask(self._board().write("add", member, by))

    async def aincrement(self, member: Member, by: float = 1) -> Standing | None:
        """Do as `increment` does."""
        return await self._asker.aask(self._board().write("add", member, by))

    def submit_many(self, scores: Mapping[Any, float], *, best: bool = False) -> int:
        """
        Set many scores, a thousand a trip, each thousand at once; return how many changed.

        With ties by ``first`` those that come first in it were first.
        """
        asks = self._board().write_many("best" if best else "set", scores)
        return sum(self._asker.ask(each) for each in asks)

    async def asubmit_many(self, scores: Mapping[Any, float], *, best: bool = False) -> int:
        """Do as `submit_many` does."""
        asks = self._board().write_many("best" if best else "set", scores)
        return sum([await self._asker.aask(each) for each in asks])

    def increment_many(self, scores: Mapping[Any, float]) -> int:
        """Add to many scores; see `increment` and `submit_many`."""
        return sum(self._asker.ask(each) for each in self._board().write_many("add", scores))

    async def aincrement_many(self, scores: Mapping[Any, float]) -> int:
        """Do as `increment_many` does."""
        asks = self._board().write_many("add", scores)
        return sum([await self._asker.aask(each) for each in asks])

    def remove(self, *members: Member) -> int:
        """Take members off, up to a thousand; return how many were there."""
        return self._asker.ask(self._board().remove(members))

    async def aremove(self, *members: Member) -> int:
        """Do as `remove` does."""
        return await self._asker.aask(self._board().remove(members))

    def clear(self) -> None:
        """Take all members off, and give up a rebuilding that is under way."""
        self._asker.ask(self._board().clear())

    async def aclear(self) -> None:
        """Do as `clear` does."""
        await self._asker.aask(self._board().clear())

    def top(self, count: int = 10) -> list[Entry]:
        """Return the first ones, up to a thousand."""
        return self._asker.ask(self._page(0, count))

    async def atop(self, count: int = 10) -> list[Entry]:
        """Do as `top` does."""
        return await self._asker.aask(self._page(0, count))

    def page(self, offset: int, count: int = 25) -> list[Entry]:
        """Return up to a thousand of those after the first *offset* ones."""
        return self._asker.ask(self._page(offset, count))

    async def apage(self, offset: int, count: int = 25) -> list[Entry]:
        """Do as `page` does."""
        return await self._asker.aask(self._page(offset, count))

    def around(self, member: Member, count: int = 5) -> list[Entry]:
        """
        Return a member with up to *count* before and after it, at most 500 each.

        It is empty if the member is not there.
        """
        return self._asker.ask(self._around(member, count))

    async def aaround(self, member: Member, count: int = 5) -> list[Entry]:
        """Do as `around` does."""
        return await self._asker.aask(self._around(member, count))

    def standing(self, member: Member) -> Standing | None:
        """Return a member's rank, score and percentile; None if it is not there."""
        return self._asker.ask(self._board().standings((member,)))[0]

    async def astanding(self, member: Member) -> Standing | None:
        """Do as `standing` does."""
        return (await self._asker.aask(self._board().standings((member,))))[0]

    def rank(self, member: Member) -> int | None:
        """Return a member's rank, from 1; None if it is not there."""
        found = self.standing(member)
        return None if found is None else found.rank

    async def arank(self, member: Member) -> int | None:
        """Do as `rank` does."""
        found = await self.astanding(member)
        return None if found is None else found.rank

    def score(self, member: Member) -> float | None:
        """Return a member's score; None if it is not there."""
        found = self.standing(member)
        return None if found is None else found.score

    async def ascore(self, member: Member) -> float | None:
        """Do as `score` does."""
        found = await self.astanding(member)
        return None if found is None else found.score

    def standings(self, members: Sequence[Member]) -> dict[Member, Standing | None]:
        """Return where up to a thousand members stand on the whole board, in one trip."""
        found = self._asker.ask(self._board().standings(members))
        return dict(zip(members, found, strict=True))

    async def astandings(self, members: Sequence[Member]) -> dict[Member, Standing | None]:
        """Do as `standings` does."""
        found = await self._asker.aask(self._board().standings(members))
        return dict(zip(members, found, strict=True))

    def among(self, members: Iterable[Member]) -> list[Entry]:
        """
        Rank up to a thousand members, such as friends, among themselves, in one trip.

        Those that are not on the board are left out.
        """
        return self._asker.ask(self._board().among(list(members)))

    async def aamong(self, members: Iterable[Member]) -> list[Entry]:
        """Do as `among` does."""
        return await self._asker.aask(self._board().among(list(members)))

    def size(self) -> int:
        """Return how many members there are."""
        return self._asker.ask(self._board().size())

    async def asize(self) -> int:
        """Do as `size` does."""
        return await self._asker.aask(self._board().size())

    def history(self, member: Member, periods: int = 5) -> dict[str, Standing | None]:
        """Return where a member stood in this period and those before, by their names; one trip."""
        spans, asks = self._history(member, periods)
        return {
            span.label: found[0]
            for span, found in zip(spans, self._asker.ask_all(asks), strict=True)
        }

    async def ahistory(self, member: Member, periods: int = 5) -> dict[str, Standing | None]:
        """Do as `history` does."""
        spans, asks = self._history(member, periods)
        answers = await self._asker.aask_all(asks)
        return {span.label: found[0] for span, found in zip(spans, answers, strict=True)}

    def rebuild(self, rows: Rows) -> int:
        """
        Replace all of the board by members and scores; return how many rows there were.

        Readers see the old board until the new one takes its place, at once. What is written
        meanwhile is not lost: each member that was written counts as it stands on the old board.
        (A sum that was added meanwhile to a score that was missing there is all that it then has.)
        With ties by ``first`` the rows come in the order in which the scores were reached.

        Args:
            rows: Pairs, read a thousand at a time. Of a member that comes twice the last counts.
                Give what reads its source when it is asked, as a generator or ``iterator()`` of a
                queryset: what is written between an earlier reading and this call is lost.

        Raises:
            RankingStateError: if another rebuilding is under way. The board is as it was.
        """
        return Rebuilding(self._asker, self._parts(), self._place).run(rows)

    async def arebuild(self, rows: Rows | AsyncIterable[Any]) -> int:
        """Do as `rebuild` does."""
        return await Rebuilding(self._asker, self._parts(), self._place).arun(rows)

    def _board(self) -> Board:
        return self._parts()[0]

    def _page(self, offset: int, count: int) -> Ask[list[Entry]]:
        demand_count(offset, least=0, most=MAX_PLACE, what="offset")
        demand_count(count, least=1, most=MAX_MEMBERS, what="count")
        return self._board().page(offset, count)

    def _around(self, member: Member, count: int) -> Ask[list[Entry]]:
        demand_count(count, least=0, most=MAX_MEMBERS // 2, what="count")
        return self._board().around(member, count)

    def _history(
        self, member: Member, periods: int
    ) -> tuple[list[Span], list[Ask[list[Standing | None]]]]:
        demand_count(periods, least=1, most=MAX_KEPT, what="periods")
        known = self._demand_periods()
        spans = [self._current()]
        while len(spans) < periods:
            spans.append(known.before(spans[-1]))
        return spans, [self._parts_of(span)[0].standings((member,)) for span in spans]
