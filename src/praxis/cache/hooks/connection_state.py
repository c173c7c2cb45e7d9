"""What one database connection did in its transaction, as far as the cache has to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from praxis.cache.plans.change import Conditions
from praxis.cache.protocol.calls import Written


@dataclass(slots=True)
class ConnectionState:
    """
    Of one connection, from BEGIN to COMMIT or ROLLBACK.

    Attributes:
        written: What was written so far, by table.
        snapshot: Whether statements see the moment at which the transaction began, so that what
            they read may be older than what others have committed since.
        session: Whether the session was changed in a way that results depend on. It stays so.
        began: Whether a transaction was begun by a statement of the project's own.
        reads: Those of SQLite whose rows are still being fetched; see `open_reads`.
    """

    written: dict[str, Written] = field(default_factory=dict)
    snapshot: bool = False
    session: bool = False
    began: bool = False
    reads: WeakSet[Any] = field(default_factory=WeakSet)

    def may_read(self, tables: frozenset[str]) -> bool:
        """Whether results of these tables may come from the cache."""
        return not (self.snapshot or self.session) and self.written.keys().isdisjoint(tables)

    def may_fill(self) -> bool:
        """Whether what it reads now is what others may read: nothing uncommitted, nothing old."""
        return not (self.written or self.snapshot or self.session or self.reads)

    def add(self, table: str, conditions: Conditions | None) -> None:
        """
        Something was written to *table*.

        Args:
            table: Its name.
            conditions: What the rows meet or met, by shape; None if nothing is known.
        """
        known = self.written.get(table)
        if known is None:
            self.written[table] = Written(conditions)
        elif conditions is None or known.conditions is None:
            self.written[table] = Written(None)
        else:
            # a shape that either does not know is one that is not known
            shapes = known.conditions.keys() & conditions.keys()
            self.written[table] = Written(
                {shape: known.conditions[shape] | conditions[shape] for shape in shapes}
            )

    def add_all(self, written: Mapping[str, Written]) -> None:
        """Rows of these tables were written."""
        for table, one in written.items():
            self.add(table, one.conditions)

    def end(self) -> None:
        """The transaction is over."""
        self.written, self.snapshot, self.began = {}, False, False
