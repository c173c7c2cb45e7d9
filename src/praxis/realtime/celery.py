"""
What becomes of Celery's tasks, published without a word in them.

    from praxis.realtime.celery import follow_tasks

    follow_tasks()  # beside `app = Celery(…)`

It is the only module of `praxis.realtime` that needs Celery.
"""

import logging
from collections.abc import Callable, Collection
from typing import Any

try:
    from celery import signals
except ModuleNotFoundError as error:
    from praxis.errors import MissingLibraryError

    raise MissingLibraryError(
        "praxis.realtime.celery follows tasks of Celery, which is not installed: "
        "pip install celery. praxis.realtime.progress works without."
    ) from error

from praxis.errors import PraxisError
from praxis.realtime.progress import State, progress

logger = logging.getLogger("praxis.realtime")


def follow_tasks(names: Collection[str] = ()) -> Callable[[], None]:
    """
    Publish to ``task:ID`` when a task begins, succeeds, fails, is tried again or is revoked.

    What a task publishes itself by `progress` comes in between. A failure's text is not told: it
    may be nobody's business. If an event cannot be published, that is logged, and the task goes on.

    Args:
        names: The names of the tasks that are followed; empty for all of them.

    Returns:
        What ends it.
    """

    def tell(task: Any, task_id: object, done: float, state: State, message: str = "") -> None:
        if names and getattr(task, "name", "") not in names:
            return
        try:
            progress(task_id, done, 1, state=state, message=message)
        except PraxisError as error:
            logger.warning("How far task %s is was not published: %s", task_id, error)

    def begun(sender: Any = None, task_id: str = "", **_: Any) -> None:
        tell(sender, task_id, 0, "running")

    def succeeded(sender: Any = None, **_: Any) -> None:
        tell(sender, sender.request.id, 1, "done")

    def failed(sender: Any = None, task_id: str = "", **_: Any) -> None:
        tell(sender, task_id, 0, "failed")

    def tried_again(sender: Any = None, request: Any = None, **_: Any) -> None:
        tell(sender, request.id, 0, "running", "retry")

    def revoked(sender: Any = None, request: Any = None, **_: Any) -> None:
        tell(sender, request.id, 0, "failed", "revoked")

    pairs = [
        (signals.task_prerun, begun),
        (signals.task_success, succeeded),
        (signals.task_failure, failed),
        (signals.task_retry, tried_again),
        (signals.task_revoked, revoked),
    ]
    for signal, listener in pairs:
        signal.connect(listener, weak=False)

    def stop() -> None:
        for signal, listener in pairs:
            signal.disconnect(listener)

    return stop
