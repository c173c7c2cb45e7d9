"""What a store asks of Sentinels, so that no master counts that was replaced."""

import threading
import time
from collections.abc import Callable

from praxis.cache.protocol.calls import Keys
from praxis.cache.protocol.mastership import is_certain, opens_in_s
from praxis.errors import RedisUnavailableError
from praxis.redis import Link, Session
from praxis.redis.lifetime import outlive_forks

#: Sentinels tell each other every two seconds whom they have promoted.
_DISAGREEING_S = 0.1


class UncertainMasterError(RedisUnavailableError):
    """
    It is not certain yet that the server is the master, or that no other one is.

    Attributes:
        wait_s: After so many seconds it may be.
    """

    def __init__(self, message: str, session: Session, wait_s: float) -> None:
        node = session.node
        super().__init__(message, may_have_run=True, alias=node.alias, address=str(node.address))
        self.wait_s = wait_s


class Fence:
    """
    Lets pass what may count, by the rules of `mastership`; one for all threads.

    Args:
        link: To a group with Sentinels.
        clock: Seconds that only go forward.
    """

    def __init__(self, link: Link, clock: Callable[[], float] = time.monotonic) -> None:
        self._link, self._clock = link, clock
        self._open = b""
        #: The era that was met last, and since when it is known.
        self._met = (b"", 0.0)
        self.after_fork()
        outlive_forks(self)

    def after_fork(self) -> None:
        """A child has a lock of its own."""
        self._asking = threading.Lock()

    def close(self) -> None:
        """Nothing is held."""

    def enter(self, session: Session, keys: Keys) -> None:
        """
        Return if a server may be asked in an era; its first call may begin one.

        Raises:
            UncertainMasterError: if not, or not yet.
            RedisUnavailableError, RedisReplyError: as the servers do.
        """
        self.demand(session)
        if keys.era and keys.era != self._open:
            self._demand_open(session, keys)

    def demand(self, session: Session) -> None:
        """
        Return if what a server has answered until now counts.

        Raises:
            UncertainMasterError: if not. What it was told may be lost.
            RedisUnavailableError: if no Sentinel answers.
        """
        if is_certain(self._link.named_s(session), self._clock()):
            return
        with self._asking:  # one asks for all threads
            if not is_certain(self._link.named_s(session), self._clock()):
                self._link.ask_sentinels()
        if not is_certain(self._link.named_s(session), self._clock()):
            raise UncertainMasterError(
                f"The Sentinels of Redis {session.node.alias!r} do not agree that "
                f"{session.node.address} is the master. During a fail-over this passes; else see "
                "whether most of them run and can be reached from here.",
                session,
                _DISAGREEING_S,
            )

    def _demand_open(self, session: Session, keys: Keys) -> None:
        seconds, microseconds = session.call("TIME")
        now_s = self._clock()
        if self._met[0] != keys.era:
            self._met = (keys.era, now_s)
        age_s = int(seconds) + int(microseconds) / 1e6 - keys.begun_ms / 1000
        wait_s = opens_in_s(age_s, now_s - self._met[1])
        if wait_s > 0:
            raise UncertainMasterError(
                f"Redis {session.node.alias!r} has a new master at {session.node.address}: it is "
                f"used in {wait_s:.2f} s, when nobody takes the old one for it any more.",
                session,
                wait_s,
            )
        self._open = keys.era
