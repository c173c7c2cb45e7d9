"""Copies that are written a while later, by one thread of the process."""

import atexit
import logging
import threading
from typing import Final

from django.db import DatabaseError, connections

from praxis.conf import config
from praxis.redis import FAILURES
from praxis.redis.lifetime import outlive_forks
from praxis.sessions import copies

logger = logging.getLogger("praxis.sessions")


class Behind:
    """The sessions of which this process owes the database a copy."""

    def __init__(self) -> None:
        self.after_fork()
        outlive_forks(self)
        atexit.register(self.write)

    def after_fork(self) -> None:
        """What the parent owes is its own affair."""
        self._owed: dict[bytes, None] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Owe nothing any more."""
        with self._changed:
            self._owed.clear()
            self._changed.notify()

    def owe(self, key: bytes) -> None:
        """Copy a session ``behind_s`` from now at the latest."""
        with self._changed:
            self._owed[key] = None
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, args=(config().sessions.behind_s,), daemon=True,
                    name="praxis-sessions",
                )  # fmt: skip
                self._thread.start()

    def write(self) -> None:
        """Write what is owed now; what cannot be written stays owed."""
        with self._changed:
            owed, self._owed = self._owed, {}
            self._changed.notify()  # the thread has nothing to wait for
        while owed:
            key = next(iter(owed))
            try:
                copies.keep(key)
            except (*FAILURES, DatabaseError) as error:
                logger.warning("%d sessions could not be copied: %s", len(owed), error)
                with self._changed:
                    self._owed = owed | self._owed
                return
            del owed[key]

    def _run(self, behind_s: float) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._owed, behind_s)
                if not self._owed:
                    self._thread = None
                    return
            try:
                self.write()
            finally:
                connections.close_all()  # of this thread; nobody else would


behind: Final = Behind()
