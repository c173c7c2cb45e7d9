"""What there is to say of one query and the cache, and how that is put into words."""

from dataclasses import dataclass

from praxis.announcements import BypassReason
from praxis.cache.protocol.dependencies import Dependency, Joined, Matching

#: An IN with more values than these is cut short.
_MAX_VALUES = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    Whether a query is answered from the cache, and what that hangs on.

    ``str()`` of it is what ``manage.py praxis_cache explain`` prints.

    Attributes:
        database: The alias of the database that is asked.
        sql: The query, without its parameters; "" where Django knows that there are no rows.
        reason: Why it is not cached; None if it is, as long as Redis answers.
        to_do: How it would be cached; "" where it is, or cannot be.
        ttl_s: Seconds that a result is kept at most; None if it is not cached.
        decided_by: What says so: a name in the settings, or ``cached()``; "" if nothing does.
        tables: All that it reads.
        dependencies: What a write must touch to end a result, in words.
        notes: What else is worth knowing.
    """

    database: str
    sql: str
    reason: BypassReason | None
    to_do: str = ""
    ttl_s: float | None = None
    decided_by: str = ""
    tables: frozenset[str] = frozenset()
    dependencies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_cached(self) -> bool:
        return bool(self.sql) and self.reason is None

    def __str__(self) -> str:
        return "\n".join([self.sql, "", *self._verdict(), *self.notes]).strip()

    def _verdict(self) -> list[str]:
        if not self.sql:
            return ["Django knows that there are no rows: neither cache nor database is asked."]
        if self.reason is not None:
            return [f"Not cached: {self.reason.value}.", *([self.to_do] if self.to_do else [])]
        return [
            f"Cached for {self.ttl_s:g} s at most, as {self.decided_by} says.",
            "A result ends once something is written to",
            *(f"  - {one}" for one in self.dependencies),
        ]


def in_words(dependency: Dependency) -> str:
    """What a write must touch to void a result."""
    if isinstance(dependency, Joined):
        return f"{dependency.table}: rows whose {dependency.column} is in the result"
    if isinstance(dependency, Matching):
        columns = zip(dependency.columns, zip(*dependency.values, strict=True), strict=True)
        return f"{dependency.table}: rows where {' and '.join(_equal(*one) for one in columns)}"
    return f"{dependency.table}: any row"


def _equal(column: str, values: tuple[object, ...]) -> str:
    """*values* are the alternatives; of several columns there is one of each."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        (value,) = distinct
        return f"{column} is NULL" if value is None else f"{column} = {value!r}"
    shown = ", ".join(map(repr, distinct[:_MAX_VALUES]))
    more = len(distinct) - _MAX_VALUES
    return f"{column} is one of {shown}{f' and {more} more' if more > 0 else ''}"
