"""What a process knows of a primary and of its replicas. No I/O here; safe between threads."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from praxis.databases.positions import UNKNOWN, Position
from praxis.databases.questions import Answer

#: Positions of the primary that are remembered, to tell how late a replica is: so many at most,
#: and no two within so many seconds.
_SAMPLES, _SAMPLE_EVERY_S = 600, 0.2
#: A replica that was later than this is not asked whether it shows a fresh write.
_WORTH_ASKING_S = 0.5


class Replica:
    """
    One alias that leads to a replica.

    Args:
        alias: Its name in ``DATABASES``.
        is_balanced: Whether each connection may lead to another server, so that nothing can be
            known of all of them.

    Attributes:
        is_up: Whether reads are sent there.
        reason: Why they are not.
        is_judged: Whether it was looked at since its primary is known.
        left_at: Once it was out: what it may have shown before at most. Until that is known it
            is `UNKNOWN`. Whoever was there must see no less elsewhere, nor there when it is back:
            a server that crashed may begin again before what it had shown.
        position: How far it has replayed at least; None if unknown.
        lag_s: How late it was when it was last looked at.
    """

    def __init__(self, alias: str, *, is_balanced: bool = False) -> None:
        self.alias = alias
        self.is_balanced = is_balanced
        self.is_up = False
        self.reason = "it was not asked yet"
        self.is_judged = False
        self.left_at: Position | None = None
        self._left_since_s = 0.0
        self.position: Position | None = None
        self.lag_s = 0.0
        self._is_mute = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Replica {self.alias} {'up' if self.is_up else 'out: ' + self.reason}>"

    @property
    def is_worth_asking(self) -> bool:
        """Whether it may well say that it shows what was written a moment ago."""
        return not self._is_mute and (self.is_balanced or self.lag_s < _WORTH_ASKING_S)

    def saw(self, position: Position) -> None:
        """Remember how far it is; what was known is never taken back while it stays up."""
        if self.is_balanced:
            return
        with self._lock:
            if self.is_up and (self.position is None or position > self.position):
                self.position = position

    def put_out(self, reason: str) -> bool:
        """Send no more reads there, and forget what was known; whether that is news."""
        with self._lock:
            was_up, self.is_up = self.is_up, False
            self.reason = reason
            self.position = None
            if was_up:
                self.left_at = UNKNOWN
                self._left_since_s = time.monotonic()
            return was_up

    def primary_was_at(self, position: Position, *, asked_at_s: float) -> None:
        """Learn how far the primary was when it was asked: no replica had shown more till then."""
        with self._lock:
            if self.left_at is UNKNOWN and asked_at_s > self._left_since_s:
                self.left_at = position

    def let_in(self, position: Position | None, lag_s: float) -> bool:
        """Send reads there; whether that is news."""
        with self._lock:
            was_up, self.is_up = self.is_up, True
            self.is_judged = True
            self.left_at = None
            self.reason = ""
            self.lag_s = lag_s
            self._is_mute = position is None
            if not self.is_balanced and position is not None:
                known = self.position
                self.position = position if known is None else max(known, position)
            return not was_up


class Cluster:
    """
    A primary and the replicas that follow it.

    Attributes:
        primary: The alias that is written to.
        replicas: In the order of the settings.
        identifier: Of the cluster; None until the primary has said it.
        position: How far the primary was when it was last looked at.
    """

    def __init__(
        self,
        primary: str,
        replicas: Sequence[Replica],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.primary = primary
        self.replicas: tuple[Replica, ...] = tuple(replicas)
        self.identifier: int | None = None
        self.position: Position | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: deque[tuple[float, Position]] = deque(maxlen=_SAMPLES)

    def __repr__(self) -> str:
        return f"<Cluster {self.primary} {list(self.replicas)}>"

    def primary_answered(self, answer: Answer) -> None:
        """Remember what the primary says of itself."""
        self.identifier = answer.identifier
        position = answer.position
        if position is None:
            return
        with self._lock:
            if self.position is not None and position < self.position:
                self._samples.clear()  # another life of it: restored from a backup, or failed over
            self.position = position
            now = self._clock()
            if not self._samples or now - self._samples[-1][0] >= _SAMPLE_EVERY_S:
                self._samples.append((now, position))
        for one in self.replicas:
            one.primary_was_at(position, asked_at_s=answer.asked_at_s)

    def lag_s(self, position: Position) -> float:
        """For how long the primary has been farther than *position*, as far as is known."""
        since = None
        with self._lock:
            for seen_at, seen in reversed(self._samples):
                if position.shows(seen):
                    break
                since = seen_at
        return 0.0 if since is None else self._clock() - since

    def objection(self, replica: Replica, answer: Answer, *, max_lag_s: float) -> str:
        """Why reads must not be sent to a replica that says this of itself; "" if they may."""
        if not answer.is_replica:
            return "it is no replica any more: it was promoted, or follows nobody"
        if self.identifier is None:
            return f"its primary {self.primary!r} was not reached yet"
        if answer.identifier and self.identifier and answer.identifier != self.identifier:
            return (
                f"it follows another primary: its system identifier is {answer.identifier}, and "
                f"{self.identifier} that of {self.primary!r}"
            )
        if answer.position is None:
            return ""  # shared storage; only sessions without a floor are sent there
        newest = self.position
        if newest is not None and answer.position.timeline < newest.timeline:
            return (
                f"it is on timeline {answer.position.timeline} and its primary on {newest.timeline}"
            )
        lag_s = self.lag_s(answer.position)
        if lag_s > max_lag_s:
            return f"it is {lag_s:.1f} s late"
        left_at = replica.left_at
        if left_at is not None and not replica.is_balanced and not answer.position.shows(left_at):
            return "it has not caught up since it was out"
        return ""
