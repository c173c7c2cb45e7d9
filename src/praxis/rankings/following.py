"""Boards that are kept in step with a model."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, TypeVar

from django.db.models import Model, Q
from django.db.models.expressions import Combinable

from praxis.committed import Change, watch
from praxis.errors import RankingError
from praxis.rankings.leaderboard import Leaderboard
from praxis.rankings.scores import MAX_MEMBERS, Member, demand_score, write_member
from praxis.rankings.sharded import ShardedLeaderboard
from praxis.redis import FAILURES

logger = logging.getLogger("praxis.rankings")

M = TypeVar("M", bound=type[Model])
#: A process remembers so many rows that it could not tell Redis of.
MAX_MISSED: Final = 10_000
#: A board of so many rows is rebuilt at once where it is not known which of them changed.
REBUILT_AT_ONCE: Final = 10_000
_CHUNK = 2000

_following: dict[str, "Following"] = {}
#: The boards that follow a model, by their names.
followed: Mapping[str, "Following"] = MappingProxyType(_following)


class Following:
    """
    What keeps one board in step with one model; `follow` makes it.

    Attributes:
        model: Whose rows are ranked.
        board: What they are ranked on.
    """

    def __init__(
        self,
        model: type[Model],
        board: Leaderboard | ShardedLeaderboard,
        *,
        score: str | Combinable,
        where: Q | None,
        using: str,
        reached: str,
    ) -> None:
        self.model, self.board = model, board
        self._score, self._where, self._using = score, where, using
        self._reached = reached
        self._missed: deque[Any] = deque(maxlen=MAX_MISSED)
        self._lock = Lock()
        fields = [score] if isinstance(score, str) and where is None else None
        self._stop = watch(model, self._receive, fields=fields)

    def stop(self) -> None:
        """Follow no longer; the board stays as it is."""
        self._stop()
        if _following.get(self.board.name) is self:
            del _following[self.board.name]

    def rebuild(self) -> int:
        """
        Rank all rows anew; return how many there are. What is written meanwhile is not lost.

        Raises:
            RankingStateError, RedisUnavailableError: as of `Leaderboard.rebuild`.
        """
        rows = self._rows().order_by(self._reached).iterator(chunk_size=_CHUNK)
        return self.board.rebuild(self._ranked(rows))

    def refresh(self, pks: Iterable[Any]) -> None:
        """
        Bring rows into step that changed where nobody saw it, such as by raw SQL.

        Args:
            pks: Their primary keys.

        Raises:
            RedisUnavailableError, RedisReplyError: if Redis did not answer. Some of the rows may be
                in step.
        """
        waiting = list(dict.fromkeys(pks))
        while waiting:
            part, waiting = waiting[:MAX_MEMBERS], waiting[MAX_MEMBERS:]
            waiting += self._refreshed(part)

    def _refreshed(self, pks: Sequence[Any]) -> list[Any]:
        """Read rows and write their scores; return those that have to be read again."""
        board = self.board
        parts, asker = board._parts(), board._asker  # noqa: SLF001 - the other half of this package
        places: dict[int, list[tuple[Any, bytes]]] = {}
        for pk in pks:
            written = write_member(member_of(pk))
            places.setdefault(board._place(written), []).append((pk, written))  # noqa: SLF001
        # the tickets first: what is read after them is at least as new as they say
        tickets = asker.ask_all([parts[place].ticket() for place in places])
        rows = self._rows().filter(pk__in=pks).iterator(chunk_size=_CHUNK)
        found = dict(self._ranked(rows, skips=True))
        asks = [
            parts[place].follow(
                ticket, [(written, found.get(member_of(pk))) for pk, written in members]
            )
            for (place, members), ticket in zip(places.items(), tickets, strict=True)
        ]
        answers = asker.ask_all(asks)
        return [
            members[index][0]
            for members, again in zip(places.values(), answers, strict=True)
            for index in again
        ]

    def _receive(self, changes: Sequence[Change]) -> None:
        """What `praxis.committed` calls."""
        pks = [change.pk for change in changes if change.using == self._using]
        if not pks:
            return
        with self._lock:
            missed, self._missed = self._missed, deque(maxlen=MAX_MISSED)
        known = [pk for pk in dict.fromkeys([*missed, *pks]) if pk is not None]
        try:
            if None in pks or None in missed:
                self._catch_up()
            self.refresh(known)
        except FAILURES:
            with self._lock:
                if len(self._missed) + len(known) >= MAX_MISSED:
                    logger.warning(
                        "Too many rows of %r were missed: %s", self.board.name, self._how
                    )
                self._missed.extend([*known, *([None] if None in pks else [])])
            raise

    def _catch_up(self) -> None:
        """Some rows have changed, and nobody knows which."""
        if self._rows()[REBUILT_AT_ONCE : REBUILT_AT_ONCE + 1].exists():
            logger.error(
                "Rows of %s changed, and it is not known which, so that %r is not in step: %s",
                self.model._meta.label,  # noqa: SLF001 - Django's public Meta API
                self.board.name,
                self._how,
            )
        else:
            self.rebuild()

    @property
    def _how(self) -> str:
        return f"run manage.py praxis_rankings rebuild {self.board.name}"

    def _rows(self) -> Any:
        """The primary keys and scores of the rows that are ranked."""
        rows: Any = self.model._base_manager.using(self._using)  # noqa: SLF001 - public in the docs
        if self._where is not None:
            rows = rows.filter(self._where)
        if isinstance(self._score, str):
            return rows.values_list("pk", self._score)
        return rows.annotate(praxis_score=self._score).values_list("pk", "praxis_score")

    def _ranked(
        self, rows: Iterable[tuple[Any, Any]], *, skips: bool = False
    ) -> Iterator[tuple[Member, float]]:
        """Members and their scores; rows without a score are on no board."""
        for pk, score in rows:
            if score is None:
                continue
            try:
                yield member_of(pk), demand_score(_plain(score))
            except RankingError as error:
                if not skips:
                    raise
                # the others are not to suffer for it
                logger.error("Row %r cannot be on %r: %s", pk, self.board.name, error)  # noqa: TRY400


def member_of(pk: Any) -> Member:
    """The member that a row is: its primary key, as a text if it is no number."""
    return pk if type(pk) is int else str(pk)


def _plain(score: Any) -> Any:
    """A score as boards take it; whole numbers may come as decimals, as sums do."""
    if isinstance(score, Decimal):
        if score == score.to_integral_value():
            return int(score)
        raise RankingError(
            f"The score {score} is no whole number, and floats are not as exact as decimals. Rank "
            "by one, such as score=F('price') * 100."
        )
    return score


def follow(
    model: type[Model],
    board: Leaderboard | ShardedLeaderboard,
    *,
    score: str | Combinable,
    where: Q | None = None,
    using: str = "default",
    reached: str = "pk",
) -> Following:
    """
    Keep a board in step with a model: what is committed is on it when the commit returns.

    The members are the primary keys: numbers as they are, others as texts. After a commit the rows
    that changed are read again and written, so that the last one to commit counts, however many
    commit at once; that takes two trips and a query. `praxis.committed` says what it does not see:
    raw SQL, and rows of other tables that the score is made of. While Redis does not answer a
    process remembers the rows that changed, and brings them into step with the next change; if it
    ends before, only a rebuilding does.

    Args:
        model: Whose rows are ranked.
        board: Without a period, and without a half-life.
        score: The field with the score, or an expression. Rows in which it is NULL are not ranked,
            nor are those, which is logged, in which it is no score, such as NaN.
        where: Which rows are ranked; None for all.
        using: The alias of the database that counts.
        reached: The field by which rows are ordered when the board is rebuilt: of ties by ``first``
            the one that comes first was first.

    Raises:
        RankingError: if the board cannot follow a model, or follows another one.
        ValueError: if the model has no such field, or no table.
    """
    if board.period or board._rules.half:  # noqa: SLF001 - the other half of this package
        raise RankingError(f"{board.name!r} has a period or a half-life, which rows have not.")
    other = _following.get(board.name)
    if other is not None and other.model is not model:
        raise RankingError(f"{board.name!r} follows {other.model.__name__} already.")
    if other is not None:
        other.stop()
    made = Following(model, board, score=score, where=where, using=using, reached=reached)
    _following[board.name] = made
    return made


def ranked(
    board: Leaderboard | ShardedLeaderboard,
    *,
    score: str | Combinable,
    where: Q | None = None,
    using: str = "default",
    reached: str = "pk",
) -> Callable[[M], M]:
    """
    Decorate a model whose rows are ranked; see `follow`.

        @ranked(Leaderboard("players"), score="points")
        class Player(models.Model): ...
    """

    def decorate(model: M) -> M:
        follow(model, board, score=score, where=where, using=using, reached=reached)
        return model

    return decorate
