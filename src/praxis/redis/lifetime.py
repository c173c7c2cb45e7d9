"""What a process does with its links when it forks and when it ends."""

import atexit
import os
from typing import Protocol
from weakref import WeakSet


class Holder(Protocol):
    """Whatever keeps connections."""

    def close(self) -> None:
        """End them."""

    def after_fork(self) -> None:
        """Forget the parent's."""


_holders: WeakSet[Holder] = WeakSet()


def outlive_forks(holder: Holder) -> None:
    """Begin it anew in every child, and close it when the process ends."""
    _holders.add(holder)


def _begin_anew() -> None:
    for holder in list(_holders):
        holder.after_fork()


def _close() -> None:
    for holder in list(_holders):
        holder.close()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_close)
