"""``@single_flight``: of several calls of one kind at the same time one does the work."""

import functools
import inspect
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from typing import Any, Literal

from praxis.errors import LockTimeoutError
from praxis.locks.redis_locks import Lock

#: What becomes of a call while another one of its kind runs.
Others = Literal["skip", "wait", "raise"]


def single_flight(
    name: str = "",
    *,
    key: Callable[..., object] | None = None,
    others: Others = "skip",
    lease_s: float = 30.0,
    wait_s: float | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    Run a function, coroutine function or task once at a time, in all processes.

        @shared_task
        @single_flight(key=lambda customer: customer)
        def send_invoices(customer): ...

    Args:
        name: Of the lock; the function's dotted name unless said otherwise.
        key: Makes of the arguments what tells kinds of calls apart; None where all are of one.
        others: What the others do meanwhile: ``skip`` and return None, ``wait`` for their turn, or
            ``raise`` `LockTimeoutError`.
        lease_s: As of `praxis.locks.Lock`.
        wait_s: For how long the others ``wait`` at most; None for ever.

    Raises:
        ValueError: if there is no such thing for the others to do.
    """
    if others not in {"skip", "wait", "raise"}:
        raise ValueError(f"others must be 'skip', 'wait' or 'raise', not {others!r}")

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        base = name or f"{function.__module__}.{function.__qualname__}"

        def lock_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Lock:
            kind = "" if key is None else f":{key(*args, **kwargs)}"
            return Lock(base + kind, lease_s=lease_s)

        patience_s = wait_s if others == "wait" else 0.0

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def arun(*args: Any, **kwargs: Any) -> Any:
                async with AsyncExitStack() as stack:
                    try:
                        lock = lock_of(args, kwargs)
                        await stack.enter_async_context(lock.ahold(patience_s))
                    except LockTimeoutError:
                        if others == "skip":
                            return None
                        raise
                    return await function(*args, **kwargs)

            return arun

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with ExitStack() as stack:
                try:
                    stack.enter_context(lock_of(args, kwargs).hold(patience_s))
                except LockTimeoutError:
                    if others == "skip":
                        return None
                    raise
                return function(*args, **kwargs)

        return run

    return decorate
