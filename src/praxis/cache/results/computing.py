"""
What is being computed in this context, and what the parts of it vary on.

A page that is the same for all users, and holds a fragment that differs for each, would show one
user's fragment to the others. So whatever is kept has to vary on all that its parts vary on.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from praxis.cache.results.kept import Absent

#: What a dimension tells besides itself.
_INCLUDED = {"user": frozenset({"permissions"})}
_open: ContextVar[tuple[tuple[Absent, frozenset[str]], ...]] = ContextVar(
    "praxis_cache_computing", default=()
)


@contextlib.contextmanager
def computing(absent: Absent, dimensions: frozenset[str]) -> Iterator[None]:
    """Collect what is read inside the block for a result that varies on these *dimensions*."""
    covered = dimensions.union(*(_INCLUDED.get(name, ()) for name in dimensions))
    token = _open.set((*_open.get(), (absent, covered)))
    try:
        with absent.collecting():
            yield
    finally:
        _open.reset(token)


def forbid_innermost(reason: str) -> None:
    """What this code is computing itself must not be kept."""
    if _open.get():
        _open.get()[-1][0].forbid(reason)


def forbid_all(reason: str) -> None:
    """Whatever is being computed must not be kept."""
    for absent, _ in _open.get():
        absent.forbid(reason)


def holds_part(dimensions: frozenset[str]) -> None:
    """What is being computed holds a part that varies on these *dimensions*."""
    for absent, covered in _open.get():
        missing = dimensions - covered
        if missing:
            names = ", ".join(sorted(missing))
            absent.forbid(f"a part of it varies on {names}, and it does not")
