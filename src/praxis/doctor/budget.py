"""Does something within a time, and goes on without it when that is over."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")


class OverBudgetError(Exception):
    """The work was not done in its time; it has been told to stop and is not waited for."""


def within(budget_s: float, work: Callable[[], T], *, abort: Callable[[], None]) -> T:
    """
    Call *work* in a thread of its own and return what it does.

    A silent server can hold a thread for ever, whatever time-out was set; the thread is a daemon
    and keeps nothing alive.

    Args:
        budget_s: Seconds that it may take.
        work: What to do; what it raises is raised here.
        abort: Called from here when the time is over, so that *work* ends.

    Raises:
        OverBudgetError: if it took longer.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    threading.Thread(target=run, name="praxis-doctor", daemon=True).start()
    if not wait([outcome], timeout=budget_s).done:
        abort()
        raise OverBudgetError
    return outcome.result()
