"""What is asked of the parts of a board, round by round, and how their answers are put together."""

import heapq
from collections.abc import Callable, Generator, Iterable, Sequence
from importlib.resources import files
from typing import Any, Final, TypeVar

from praxis.errors import RankingError
from praxis.rankings.asking import Ask
from praxis.rankings.calls import Board
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
#: How deep a page may end: all before it is read.
MAX_DEPTH: Final = 10_000

#: A row as Redis has it: the score, the better the less, and the member.
Row = tuple[float, bytes]
T = TypeVar("T")
#: What has to be asked, round by round; it is sent the answers, and returns what they come to.
Rounds = Generator[Sequence[Ask[Any]], list[Any], T]


class Parts:
    """
    The parts of one board, and what is read of them.

    Args:
        parts: In their order.
        place: Which of them a member belongs to.
        sign: What scores are multiplied with there.
    """

    def __init__(self, parts: Sequence[Board], place: Callable[[bytes], int], sign: float) -> None:
        self._parts, self._place, self._sign = parts, place, sign

    def standings(self, members: Sequence[Member]) -> Rounds[list[Standing | None]]:
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
        parts = self._parts
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
        answers = yield [Ask((COUNTS, [part.key], words), list, empty) for part in self._parts]
        size, *ahead = (sum(each) for each in zip(*answers, strict=True))
        return dict(zip(scores, ahead, strict=True)), size

    def page(self, offset: int, count: int) -> Rounds[list[Entry]]:
        demand_count(offset, least=0, most=MAX_DEPTH, what="offset")
        demand_count(count, least=1, most=MAX_MEMBERS, what="count")
        if offset + count > MAX_DEPTH:
            raise RankingError(
                f"A page of a board in parts ends at {MAX_DEPTH} at most: all before it is read. "
                "Ask for around() a member further down."
            )
        rows = yield from self._first(offset + count)
        return self._ranked(rows)[offset:]

    def _first(self, count: int) -> Rounds[list[Row]]:
        """The first rows of all parts: a fair share of each, and more where that was too few."""
        parts = self._parts
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

    def around(self, member: Member, count: int) -> Rounds[list[Entry]]:
        demand_count(count, least=0, most=MAX_MEMBERS // 2, what="count")
        written = write_member(member)
        score = (yield from self._scores([written]))[0]
        if score is None:
            return []
        answers = yield [self._window(p, f"({score!r}", count, count + 1) for p in self._parts]
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
        return read_score(score, self._sign)


def _merged(parts: Iterable[Sequence[Row]], count: int) -> Iterable[Row]:
    return (row for _, row in zip(range(count), heapq.merge(*parts), strict=False))
