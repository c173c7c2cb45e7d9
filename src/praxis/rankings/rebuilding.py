"""A board built anew beside the one that is used, and put in its place at once."""

import asyncio
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from praxis.errors import RankingStateError
from praxis.rankings.asking import Ask, Asker
from praxis.rankings.calls import Board
from praxis.rankings.scores import MAX_MEMBERS, demand_score, write_member
from praxis.redis import FAILURES

Rows = Iterable[tuple[Any, float]]
#: A rebuilding that was not heard of for so long is over.
LASTS_MS: Final = 120_000
#: How many members one call catches up with: a millisecond or two of the server.
MOST: Final = 1000


class Rebuilding:
    """
    One rebuilding, of a board or of one that is in several parts.

    Args:
        asker: Of the board.
        boards: Its parts.
        place: Which of them a member belongs to.
    """

    def __init__(
        self, asker: Asker, boards: Sequence[Board], place: Callable[[bytes], int]
    ) -> None:
        self._asker, self._boards, self._place = asker, boards, place
        self._token = secrets.token_hex(8).encode()

    def run(self, rows: Rows) -> int:
        """See `praxis.rankings.Leaderboard.rebuild`."""
        asker, count = self._asker, 0
        self._demand(asker.ask_all(self._steps("begin")))
        try:
            source = iter(rows)
            while part := list(islice(source, MAX_MEMBERS)):
                asks = [*self._building(part), *self._steps("hold")]
                self._demand(asker.ask_all(asks)[-len(self._boards) :])
                count += len(part)
            steps = self._steps("swap")
            while steps := self._left(steps, asker.ask_all(steps)):
                pass
        except BaseException:
            with suppress(*FAILURES):  # then it is over in a while
                asker.ask_all(self._steps("quit"))
            raise
        return count

    async def arun(self, rows: Rows | AsyncIterable[Any]) -> int:
        """Do as `run` does."""
        asker, count = self._asker, 0
        self._demand(await asker.aask_all(self._steps("begin")))
        try:
            async for part in _parts(rows):
                asks = [*self._building(part), *self._steps("hold")]
                self._demand((await asker.aask_all(asks))[-len(self._boards) :])
                count += len(part)
            steps = self._steps("swap")
            while steps := self._left(steps, await asker.aask_all(steps)):
                pass
        except BaseException:
            with suppress(*FAILURES):
                await asyncio.shield(asker.aask_all(self._steps("quit")))
            raise
        return count

    def _steps(self, does: Any) -> list[Ask[int]]:
        return [
            board.rebuild(does, self._token, lasts_ms=LASTS_MS, most=MOST) for board in self._boards
        ]

    def _building(self, part: list[Any]) -> list[Ask[int]]:
        """The calls that put rows onto the new boards; of each member the last one counts."""
        found: dict[bytes, float] = {}
        for member, score in part:
            written = write_member(member)
            found.pop(written, None)  # its place is that of the last one
            found[written] = demand_score(score)
        pairs: dict[int, list[tuple[bytes, float]]] = {}
        for written, score in found.items():
            pairs.setdefault(self._place(written), []).append((written, score))
        return [self._boards[place].building(some) for place, some in pairs.items()]

    def _left(self, steps: list[Ask[int]], answers: Sequence[int]) -> list[Ask[int]]:
        """The parts that have more to catch up with."""
        self._demand(answers)
        return [step for step, answer in zip(steps, answers, strict=True) if answer == 2]

    def _demand(self, answers: Sequence[int]) -> None:
        """
        Go on if every step was ours.

        Raises:
            RankingStateError: if the rebuilding is somebody else's.
        """
        if 0 in answers:
            raise RankingStateError(
                f"Another rebuilding of {self._asker.name!r} is under way, or this one was not "
                f"heard of for {LASTS_MS // 1000} seconds. The board is as it was. Wait, and do it "
                "again."
            )


async def _parts(rows: Rows | AsyncIterable[Any]) -> AsyncIterator[list[Any]]:
    """The rows in parts."""
    if not isinstance(rows, AsyncIterable):
        source = iter(rows)
        while part := list(islice(source, MAX_MEMBERS)):
            yield part
        return
    waiting: list[Any] = []
    async for row in rows:
        waiting.append(row)
        if len(waiting) == MAX_MEMBERS:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
