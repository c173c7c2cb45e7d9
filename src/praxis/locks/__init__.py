"""
One at a time, in all processes.

    from praxis.locks import Lock

    with Lock("invoices").hold(wait_s=5) as held: ...

`Lock` and `Semaphore` are on Redis, which may forget them in a fail-over; `DatabaseLock` is on
PostgreSQL, for what must not go wrong. ``@single_flight`` is for functions and tasks.
"""

from praxis.errors import LockLostError, LockTimeoutError
from praxis.locks.database_locks import DatabaseLock
from praxis.locks.held import Held
from praxis.locks.redis_locks import Lock, Semaphore
from praxis.locks.single_flight import single_flight

__all__ = [
    "DatabaseLock",
    "Held",
    "Lock",
    "LockLostError",
    "LockTimeoutError",
    "Semaphore",
    "single_flight",
]
