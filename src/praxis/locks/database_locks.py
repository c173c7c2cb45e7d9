"""Locks of PostgreSQL, which last exactly as long as the transaction that has them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Final

from django.db import OperationalError, connections, transaction

from praxis.errors import LockTimeoutError, SettingsError
from praxis.locks.held import Held

#: What PostgreSQL says when it has waited for as long as it was told.
_NOT_AVAILABLE = "55P03"


class DatabaseLock:
    """
    One at a time, by an advisory lock of PostgreSQL, for what must not go wrong.

        with DatabaseLock("invoices").hold(wait_s=5):
            ...  # in a transaction, which the lock ends with

    The server knows for certain who has it: a connection that ends, by whatever, has let go of it,
    and its transaction is rolled back. So what is written in the block is written under the lock or
    not at all. A pooler that hands out connections by transactions may stand in between.

    Args:
        name: The same for all who mean the same one, within one database.
        using: The alias of the database.

    Raises:
        SettingsError: if the database is none of PostgreSQL.
    """

    def __init__(self, name: str, *, using: str = "default") -> None:
        self.name: Final = name
        self._using = using
        self._number = number_of(name)

    def __repr__(self) -> str:
        return f"<DatabaseLock {self.name!r}>"

    @contextmanager
    def hold(self, wait_s: float | None = None) -> Iterator[Held]:
        """
        Hold it, and a transaction, for as long as the block runs.

        Within a transaction it is held until that one ends: PostgreSQL has no earlier moment at
        which others may see what was written.

        Args:
            wait_s: As of `praxis.locks.Lock.hold`. Between 0 and None the server waits by
                ``lock_timeout``, in the order of arrival.

        Raises:
            LockTimeoutError: if it was not free in time.
            DatabaseError: Django's, if the database fails.
        """
        connection = connections[self._using]
        if connection.vendor != "postgresql":
            raise SettingsError(
                f"DatabaseLock needs PostgreSQL; {self._using!r} is {connection.vendor}. "
                "Use praxis.locks.Lock."
            )
        began_s = time.monotonic()
        with transaction.atomic(using=self._using):
            self._take(wait_s)
            with connection.cursor() as cursor:
                # numbers of transactions only grow, and this one has the lock
                cursor.execute("SELECT pg_current_xact_id()::text::bigint")
                (fence,) = cursor.fetchone()
            yield Held(self.name, fence, began_s, float("inf"), lambda: True)

    def _take(self, wait_s: float | None) -> None:
        with connections[self._using].cursor() as cursor:
            if wait_s == 0:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [self._number])
                if not cursor.fetchone()[0]:
                    raise LockTimeoutError(f"{self.name!r} is held by somebody else.")
                return
            if wait_s is None:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [self._number])
                return
            cursor.execute("SELECT current_setting('lock_timeout')")
            (before,) = cursor.fetchone()
            try:
                with transaction.atomic(using=self._using):
                    self._set_timeout(f"{max(1, round(wait_s * 1000))}ms")
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [self._number])
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != _NOT_AVAILABLE:
                    raise
                raise LockTimeoutError(
                    f"{self.name!r} was not free within {wait_s:g} s. See pg_locks for who holds "
                    "it, or give it more."
                ) from error
            self._set_timeout(before)

    def _set_timeout(self, value: str) -> None:
        """For the rest of the transaction; a savepoint that is rolled back takes it back."""
        with connections[self._using].cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [value])


def number_of(name: str) -> int:
    """The number under which PostgreSQL knows a lock: 64 bits with a sign."""
    digest = blake2b(f"praxis:lock:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
