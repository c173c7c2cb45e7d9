"""What a board is: its rules, and the parts that it has in a period. No I/O."""

from typing import Final, Literal, Self

from praxis.errors import RankingError
from praxis.rankings.asking import OnError
from praxis.rankings.calls import Board, Rules
from praxis.rankings.periodic import Periodic
from praxis.rankings.periods import Period, Span
from praxis.rankings.scores import demand_count

Order = Literal["desc", "asc"]
#: Ranks of those who share a score: ``competition`` 1, 2, 2, 4; ``dense`` 1, 2, 2, 3; ``first``
#: 1, 2, 3, 4, in the order in which they reached it.
Ties = Literal["competition", "dense", "first"]
_TIES = {"competition": "c", "dense": "d", "first": "f"}
#: How deep a page may begin.
MAX_PLACE: Final = 2**53
HALF_LIVES_S: Final = (1.0, 10 * 366 * 86_400.0)


class Definition(Periodic):
    """
    What boards have in common; see `praxis.rankings.Leaderboard` for its arguments.

    Raises:
        RankingError: if one of them means nothing.
    """

    def __init__(
        self,
        name: str,
        *,
        period: Period | None = None,
        time_zone: str = "UTC",
        order: Order = "desc",
        ties: Ties = "competition",
        half_life_s: float | None = None,
        keep_periods: int = 12,
        keep: int = 0,
        on_error: OnError | None = None,
        replicas: int | None = None,
        redis: str | None = None,
    ) -> None:
        self._rules = rules_of(order, ties, half_life_s, keep)
        if half_life_s is not None and period is not None:
            raise RankingError(
                f"{name!r} has a half-life and a period. Scores that fade need no new beginning."
            )
        super().__init__(
            name,
            period=period,
            time_zone=time_zone,
            keep_periods=keep_periods,
            on_error=on_error,
            replicas=replicas,
            redis=redis,
        )
        self._known: tuple[Span, list[Board]] | None = None

    def _of(self, span: Span) -> Self:
        other = super()._of(span)
        other._known = None  # noqa: SLF001 - our own class
        return other

    def _parts(self) -> list[Board]:
        """The boards of the period that it is about: one, or as many as it has parts."""
        span, known = self._current(), self._known
        if known is None or known[0] is not span:
            # in one piece: at the turn of a period threads may still be about the one before
            known = self._known = span, self._parts_of(span)
        return known[1]

    def _place(self, written: bytes) -> int:
        """Which of its parts a member belongs to."""
        del written
        return 0

    def _parts_of(self, span: Span) -> list[Board]:
        return [Board(self._rules, self.name, span.label, self._ends_ms(span))]


def rules_of(order: str, ties: str, half_life_s: float | None, keep: int) -> Rules:
    """
    Return the rules of a board.

    Raises:
        RankingError: if one of them means nothing.
    """
    if order not in {"desc", "asc"}:
        raise RankingError(f"order must be 'desc' or 'asc', not {order!r}.")
    if ties not in _TIES:
        raise RankingError(f"ties must be one of {', '.join(map(repr, _TIES))}, not {ties!r}.")
    if half_life_s is not None:
        least, most = HALF_LIVES_S
        if type(half_life_s) not in {int, float} or not least <= half_life_s <= most:
            raise RankingError(
                f"half_life_s is a number of seconds from {least:.0f} to {most:.0f}, not "
                f"{half_life_s!r}."
            )
        if ties != "competition":
            raise RankingError(f"Scores that fade have no ties by {ties!r}: hardly two are equal.")
    half_us = 0 if half_life_s is None else round(half_life_s * 1e6)
    demand_count(keep, least=0, most=MAX_PLACE, what="keep")
    return Rules(more_is_better=order == "desc", ties=_TIES[ties], half_life_us=half_us, keep=keep)
