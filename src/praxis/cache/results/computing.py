"""
What is being computed in this context, and what the parts of it vary on.

A page that is the same for all users, and holds a fragment that differs for each, would show one
user's fragment to the others. So whatever is kept has to vary on all that its parts vary on.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from praxis.cache.results.kept import Absent

#: What a dimension tells besides itself.
_INCLUDED = {"user": frozenset({"permissions"})}


@dataclass(slots=True)
class _Computation:
    """
    Attributes:
        absent: What the result is kept by.
        covered: The dimensions that it varies on, and all that these tell.
        reasons: Why it must not be kept. What is computed around it may be kept all the same.
    """

    absent: Absent
    covered: frozenset[str]
    reasons: list[str] = field(default_factory=list)


_open: ContextVar[tuple[_Computation, ...]] = ContextVar("praxis_cache_computing", default=())


@contextlib.contextmanager
def computing(absent: Absent, dimensions: frozenset[str]) -> Iterator[None]:
    """Collect what is read inside the block for a result that varies on these *dimensions*."""
    covered = dimensions.union(*(_INCLUDED.get(name, ()) for name in dimensions))
    own = _Computation(absent, covered)
    token = _open.set((*_open.get(), own))
    try:
        with absent.collecting():
            yield
    finally:
        _open.reset(token)
        for reason in own.reasons:  # not before: it would be one of what is around it, too
            absent.forbid(reason)


def forbid_innermost(reason: str) -> None:
    """What this code is computing itself must not be kept."""
    for computation in _open.get()[-1:]:
        computation.reasons.append(reason)


def forbid_all(reason: str) -> None:
    """Whatever is being computed must not be kept."""
    for computation in _open.get():
        computation.reasons.append(reason)


def holds_part(dimensions: frozenset[str], ttl_s: float) -> None:
    """What is being computed holds a part that varies on these, and counts so long at most."""
    for computation in _open.get():
        computation.absent.keep_at_most(ttl_s)
        missing = dimensions - computation.covered
        if missing:
            names = ", ".join(sorted(missing))
            computation.reasons.append(f"a part of it varies on {names}, and it does not")
