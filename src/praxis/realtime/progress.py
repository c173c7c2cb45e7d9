"""How far a task is, for whoever started it."""

import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any, Final, Literal, TypeVar

from praxis.realtime.publishing import apublish, publish

#: What the channel of a task is called: declare ``"task:{id}"``.
CHANNEL: Final = "task:{}"
#: Steps that come quicker are not all told.
EVERY_S: Final = 0.2

State = Literal["running", "done", "failed"]
T = TypeVar("T")


def progress(
    task_id: object,
    done: float,
    total: float | None = None,
    *,
    message: str = "",
    state: State = "running",
) -> str:
    """
    Publish how far a task is, to the channel ``task:ID``.

        progress(self.request.id, 30, 100, message="Reading")

    The event is ``{"done": 30, "total": 100, "share": 0.3, "state": "running", "message": …}``.
    The id of a Celery task cannot be guessed; of others ``authorise`` has to look who asks.

    Args:
        task_id: Of Celery or any other; letters, digits, ``_``, ``.`` and ``-``.
        done: What is done, in any unit.
        total: What there is to do; None if nobody knows.
        message: For people.
        state: ``done`` and ``failed`` are the last ones.

    Returns:
        As `publish`.

    Raises:
        ChannelError: if no channel ``task:{id}`` is declared.
        EventValueError, RedisUnavailableError: as `publish`.
    """
    return publish(CHANNEL.format(task_id), _event(done, total, message, state))


async def aprogress(
    task_id: object,
    done: float,
    total: float | None = None,
    *,
    message: str = "",
    state: State = "running",
) -> str:
    """
    Publish how far a task is, from a coroutine; see `progress`.

    Raises:
        ChannelError, EventValueError, RedisUnavailableError: as there.
    """
    return await apublish(CHANNEL.format(task_id), _event(done, total, message, state))


def track(
    items: Iterable[T], task_id: object, *, total: int | None = None, message: str = ""
) -> Iterator[T]:
    """
    Give items one by one, and publish how far that is, a few times a second at most.

        for row in track(rows, self.request.id): ...

    The last event says ``done``, or ``failed`` if whoever takes the items raised in between or
    stopped.

    Args:
        items: What is worked on.
        task_id: As of `progress`.
        total: How many there are; None to ask their length, if they have one.
        message: As of `progress`.

    Raises:
        ChannelError, EventValueError, RedisUnavailableError: as `progress`.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    told_s, done, state = float("-inf"), 0, "failed"
    try:
        for item in items:
            if time.monotonic() - told_s >= EVERY_S:
                progress(task_id, done, total, message=message)
                told_s = time.monotonic()
            yield item
            done += 1
        state = "done"
    finally:
        progress(task_id, done, total, message=message, state=state)  # type: ignore[arg-type]  # one of them


def _event(done: float, total: float | None, message: str, state: State) -> dict[str, Any]:
    share = None if not total else min(1.0, max(0.0, done / total))
    if state == "done":
        share = 1.0
    return {"done": done, "total": total, "share": share, "state": state, "message": message}
