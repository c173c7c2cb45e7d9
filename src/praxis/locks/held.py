"""A place that is held, and kept up while it is."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from praxis.errors import LockLostError
from praxis.redis import FAILURES
from praxis.redis.lifetime import outlive_forks

logger = logging.getLogger("praxis.locks")


class Held:
    """
    A place that was got, and may be lost: a lease ends while its process is stopped or cut off.

    Attributes:
        name: Of the lock.
        fence: A number larger than those of all who held it before. Whatever is guarded can refuse
            smaller ones than it has seen, and is then safe from those who do not know yet that they
            have lost the lock.
    """

    __slots__ = ("_ends", "_lease_s", "_lost", "_renew", "fence", "name")

    def __init__(
        self, name: str, fence: int, began_s: float, lease_s: float, renew: Callable[[], bool]
    ) -> None:
        self.name: Final = name
        self.fence: Final = fence
        self._lease_s, self._renew = lease_s, renew
        self._ends, self._lost = began_s + lease_s, False

    @property
    def remaining_s(self) -> float:
        """Seconds for which it is still held for certain; 0 if it may be lost."""
        return 0.0 if self._lost else max(0.0, self._ends - time.monotonic())

    def check(self) -> None:
        """
        Go on only if it is still held, as far as this process knows.

        Raises:
            LockLostError: if the lease is over, or somebody else has got the lock.
        """
        if not self.remaining_s:
            raise LockLostError(
                f"The lock {self.name!r} is not held any more: its lease of {self._lease_s:g} s "
                "ended. Somebody else may have it; undo or repeat what was done under it."
            )

    def renew(self) -> None:
        """
        Hold it for another lease; one trip.

        Raises:
            LockLostError: if it was lost.
            RedisUnavailableError, RedisReplyError: if nobody knows.
        """
        began_s = time.monotonic()
        self.renewed(began_s, still_held=self._renew())
        self.check()

    def renewed(self, began_s: float, *, still_held: bool) -> None:
        """Note what came of a renewal that was sent at a moment."""
        if still_held:
            self._ends = began_s + self._lease_s
        else:
            self._lost = True

    @property
    def renewal_due_s(self) -> float:
        """When it is to be renewed, by `time.monotonic`."""
        return self._ends - self._lease_s * 2 / 3

    @property
    def is_lost(self) -> bool:
        """Whether it is known to be lost."""
        return self._lost


@dataclass(frozen=True, slots=True, eq=False)
class Surrender:
    """
    A place that is to be given back.

    Attributes:
        act: Gives it back, or leaves the line; again is no error.
        ends_s: When its lease has ended it by itself, by `time.monotonic`.
    """

    act: Callable[[], Any]
    ends_s: float


class Keeper:
    """
    Renews what this process holds, in one thread that runs while there is anything to do.

    It also gives back what could not be given back because Redis did not answer: else others would
    wait for the end of a lease that nobody uses.
    """

    def __init__(self) -> None:
        self.after_fork()
        outlive_forks(self)

    def after_fork(self) -> None:
        """What the parent holds is its own affair."""
        self._held: set[Held] = set()
        self._given: list[Surrender] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Renew nothing any more."""
        with self._changed:
            self._held.clear()
            self._given.clear()
            self._changed.notify()

    def keep(self, held: Held) -> None:
        with self._changed:
            self._held.add(held)
            self._wake()

    def give_back(self, surrender: Surrender) -> None:
        """Give a place back when Redis answers again, until its lease is over."""
        with self._changed:
            self._given.append(surrender)
            self._wake()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="praxis-locks", daemon=True)
            self._thread.start()
        self._changed.notify()

    def leave(self, held: Held) -> None:
        with self._changed:
            self._held.discard(held)
            self._changed.notify()

    def _run(self) -> None:
        surrender_s = 0.0
        while True:
            with self._changed:
                while True:
                    if not self._held and not self._given:
                        self._thread = None
                        return
                    due = min(self._held, key=lambda one: one.renewal_due_s, default=None)
                    renewal_s = float("inf") if due is None else due.renewal_due_s
                    now_s = time.monotonic()
                    if renewal_s <= now_s or (self._given and surrender_s <= now_s):
                        break
                    next_s = min(renewal_s, surrender_s) if self._given else renewal_s
                    self._changed.wait(next_s - now_s)
            if due is not None and renewal_s <= now_s:
                self._renew(due)
            else:
                self._surrender()
                surrender_s = time.monotonic() + _AGAIN_S

    def _surrender(self) -> None:
        """Give back what can be given back now."""
        with self._changed:
            given, self._given = self._given, []
        kept = []
        for one in given:
            try:
                if time.monotonic() < one.ends_s:
                    one.act()
            except FAILURES:
                kept.append(one)
        with self._changed:
            self._given += kept

    def _renew(self, held: Held) -> None:
        try:
            held.renew()
        except LockLostError as error:
            logger.warning("%s", error)
            self.leave(held)
        except FAILURES as error:
            if not held.remaining_s:
                logger.warning("The lock %r could not be renewed: %s", held.name, error)
                held.renewed(0.0, still_held=False)
                self.leave(held)
            else:
                time.sleep(min(0.1, held.remaining_s))


#: Between two tries to give back what could not be given back.
_AGAIN_S = 0.1

keeper: Final = Keeper()
