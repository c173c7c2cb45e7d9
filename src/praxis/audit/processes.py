"""
Worker processes: how they begin, and how they end with their owner.

What starts them is imported when one is to be started: most runs need none, and it takes as long
as reading thirty files.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext

_MAX_PROCESSES = 61  # Windows waits for no more at once


def worker_count(processes: int | None, tasks: int) -> int:
    """How many processes so many tasks are worth: *processes* at most, or one a core."""
    return min(processes or os.cpu_count() or 1, tasks, _MAX_PROCESSES)


class WorkerDiedError(Exception):
    """A worker process died over its work."""


@contextmanager
def pool(workers: int) -> Iterator["ProcessPoolExecutor"]:
    """
    A pool that drops what it has not begun when its owner is interrupted.

    Raises:
        WorkerDiedError: if one of its processes died.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    executor = ProcessPoolExecutor(workers, _context(), initializer=_follow_parent)
    try:
        yield executor
    except BrokenProcessPool as error:
        raise WorkerDiedError from error
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """
    Let Ctrl-C wait while processes start.

    Python drops an exception that is raised in the middle of a fork, and a worker that has not
    come to its initializer would print a traceback of its own.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_parent() -> None:
    """Let the parent alone answer Ctrl-C, which reaches all; end when it is gone, however."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def can_share() -> bool:
    """Whether worker processes begin with all that their owner has in memory."""
    return hasattr(os, "fork")


def _context() -> "BaseContext":
    import multiprocessing

    # fork shares what is there already; it is safe here since no thread has been started
    return multiprocessing.get_context("fork" if can_share() else "spawn")
