"""When what is audited: one project at a time, in a thread, and each only as it is at last."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
R = TypeVar("R")
Job = Callable[[], R]

#: Trees can be deep, and threads get less room on the stack than a program.
_STACK_BYTES = 64 * 1024 * 1024


class Schedule(Generic[K, R]):
    """
    Runs jobs by key in one thread; all else happens in the thread of *loop*.

    A key that is asked for again before its job began waits anew, one whose job is running gets
    another one after it. The thread ends with the program, whatever it is at.

    Args:
        loop: Of the calling thread.
        prepare: Called with a key when its turn comes; what it returns runs in the thread.
        finish: Called with the key and what the job returned or raised.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        prepare: Callable[[K], Job[R]],
        finish: Callable[[K, R | Exception], None],
    ) -> None:
        self._loop, self._prepare, self._finish = loop, prepare, finish
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._waiting: dict[K, None] = {}
        self._is_busy = False
        self._jobs: queue.SimpleQueue[tuple[K, Job[R]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, key: K, *, delay_s: float) -> None:
        """Have the job of *key* run, once nobody has asked for it for *delay_s*."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._timers[key] = self._loop.call_later(delay_s, self._due, key)

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self._waiting[key] = None
        self._start()

    def _start(self) -> None:
        if self._is_busy or not self._waiting:
            return
        key = next(iter(self._waiting))
        del self._waiting[key]
        self._is_busy = True
        if self._thread is None:
            before = threading.stack_size(_STACK_BYTES)
            self._thread = threading.Thread(target=self._work, name="audits", daemon=True)
            self._thread.start()
            threading.stack_size(before)
        self._jobs.put((key, self._prepare(key)))

    def _work(self) -> None:
        while True:
            key, job = self._jobs.get()
            outcome: R | Exception
            try:
                outcome = job()
            except Exception as error:  # noqa: BLE001 - told by `finish`; the next one runs
                outcome = error
            try:
                self._loop.call_soon_threadsafe(self._done, key, outcome)
            except RuntimeError:  # the loop has ended, and with it the server
                return

    def _done(self, key: K, outcome: R | Exception) -> None:
        self._is_busy = False
        try:
            self._finish(key, outcome)
        finally:
            self._start()
