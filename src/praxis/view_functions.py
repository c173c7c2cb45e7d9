"""What a view is underneath, for decorators that stand around it."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction


def is_async(view: Callable[..., Any]) -> bool:
    """Whether the view answers with something to await."""
    if iscoroutinefunction(view):
        return True
    # dispatch() of an async class is no coroutine function, and answers with a coroutine
    return bool(getattr(instance_of(view), "view_is_async", False))


def instance_of(view: Callable[..., Any]) -> object:
    """The instance whose method it is, as ``method_decorator`` hands it over; None if none."""
    return getattr(getattr(view, "func", view), "__self__", None)
