"""
What the cache does, counted in this process while somebody asks for it.

    with cache_statistics() as seen:
        client.get("/")
    assert seen.hits == 3
    print(seen.tables["shop_order"].bypasses, seen.pages["shop.views.front"].hits)

Nothing is counted otherwise, and nothing is spent on it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from praxis.announcements import (
    BypassReason,
    CacheBypass,
    CacheFill,
    CacheHit,
    CacheMiss,
    CacheWrite,
    CorruptEntry,
    NotStoredReason,
    ResultBypass,
    ResultEvent,
    ResultFill,
    ResultHit,
    ResultKind,
    ResultMiss,
    listen,
)


@dataclass(slots=True)
class Counts:
    """
    How often what happened.

    Attributes:
        hits: Queries that were answered from the cache.
        misses: Queries that the cache had no answer to.
        fills: Answers of the database that were kept.
        not_stored: Answers that were not, by reason.
        bypasses: Queries past the cache, by reason.
        corrupt: Entries that could not be read.
        writes: Times that the written rows alone were told.
        voided: Times that all that is cached of the table became void.
    """

    hits: int = 0
    misses: int = 0
    fills: int = 0
    corrupt: int = 0
    writes: int = 0
    voided: int = 0
    not_stored: Counter[NotStoredReason] = field(default_factory=Counter)
    bypasses: Counter[BypassReason] = field(default_factory=Counter)

    @property
    def hit_share(self) -> float:
        """The share of the queries that were looked up and hit, from 0 to 1; 0 if none was."""
        looked_up = self.hits + self.misses
        return self.hits / looked_up if looked_up else 0.0


@dataclass(slots=True)
class ResultCounts:
    """
    How often what happened to the results of one view, fragment or function.

    Attributes:
        hits: Results that were answered from the cache.
        stale: Of these the ones that were shown while another one was computed.
        misses: Results that were not there.
        fills: Computed ones that were kept.
        not_kept: Computed ones that were not, by reason.
        bypasses: Results that were computed as if nothing were kept, by reason.
    """

    hits: int = 0
    stale: int = 0
    misses: int = 0
    fills: int = 0
    not_kept: Counter[str] = field(default_factory=Counter)
    bypasses: Counter[str] = field(default_factory=Counter)

    @property
    def hit_share(self) -> float:
        """The share of those that were asked for and hit, from 0 to 1; 0 if none was asked for."""
        asked = self.hits + self.misses + self.bypasses.total()
        return self.hits / asked if asked else 0.0


class CacheStatistics(Counts):
    """
    The counts of all queries and writes, and those of each table, model and kept result.

    A query of two tables counts once here and once for each of them. It is counted from `start`
    to `stop`, in all threads.

    Attributes:
        tables: By the table's name in the database.
        models: Of queries only, by the label of the model that was asked, as ``shop.Order``.
        pages: By the name of the view, as ``shop.views.front``, or by the pattern of paths.
        fragments: By the name that the template gives.
        functions: By the function's name with its module.
    """

    __slots__ = ("_lock", "_stops", "fragments", "functions", "models", "pages", "tables")

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Counts] = {}
        self.models: dict[str, Counts] = {}
        self.pages: dict[str, ResultCounts] = {}
        self.fragments: dict[str, ResultCounts] = {}
        self.functions: dict[str, ResultCounts] = {}
        self._lock = Lock()
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Count from now on; what was counted before stays."""
        if not self._stops:
            self._stops = [listen(kind, count) for kind, count in self._counting().items()]

    def stop(self) -> None:
        """Count no more; what was counted stays."""
        while self._stops:
            self._stops.pop()()

    def _counting(self) -> dict[type[Any], Callable[[Any], None]]:
        return {
            CacheHit: lambda event: self._count(event, _hit),
            CacheMiss: lambda event: self._count(event, _miss),
            CacheFill: lambda event: self._count(event, _fill),
            CacheBypass: lambda event: self._count(event, _bypass),
            CorruptEntry: lambda event: self._count(event, _corrupt),
            CacheWrite: self._count_write,
            **dict.fromkeys((ResultHit, ResultMiss, ResultFill, ResultBypass), self._count_result),
        }

    def _count(self, event: Any, add: Callable[[Counts, Any], None]) -> None:
        with self._lock:
            add(self, event)
            for table in event.tables:
                add(self.tables.setdefault(table, Counts()), event)
            if event.model:
                add(self.models.setdefault(event.model, Counts()), event)

    def _count_result(self, event: ResultEvent) -> None:
        named = {
            ResultKind.PAGE: self.pages,
            ResultKind.FRAGMENT: self.fragments,
            ResultKind.FUNCTION: self.functions,
        }[event.kind]
        with self._lock:
            _add_result(named.setdefault(event.name, ResultCounts()), event)

    def _count_write(self, event: CacheWrite) -> None:
        with self._lock:
            for table, conditions in event.conditions.items():
                for counts in (self, self.tables.setdefault(table, Counts())):
                    counts.voided += conditions is None
                    counts.writes += conditions is not None


def _hit(counts: Counts, _: CacheHit) -> None:
    counts.hits += 1


def _miss(counts: Counts, _: CacheMiss) -> None:
    counts.misses += 1


def _fill(counts: Counts, event: CacheFill) -> None:
    if event.reason is None:
        counts.fills += 1
    else:
        counts.not_stored[event.reason] += 1


def _bypass(counts: Counts, event: CacheBypass) -> None:
    counts.bypasses[event.reason] += 1


def _corrupt(counts: Counts, _: CorruptEntry) -> None:
    counts.corrupt += 1


def _add_result(counts: ResultCounts, event: ResultEvent) -> None:
    match event:
        case ResultHit():
            counts.hits += 1
            counts.stale += event.is_stale
        case ResultMiss():
            counts.misses += 1
        case ResultFill(reason=""):
            counts.fills += 1
        case ResultFill():
            counts.not_kept[event.reason] += 1
        case ResultBypass():
            counts.bypasses[event.reason] += 1


@contextmanager
def cache_statistics() -> Iterator[CacheStatistics]:
    """Count what the cache does inside of the block, in all threads."""
    statistics = CacheStatistics()
    statistics.start()
    try:
        yield statistics
    finally:
        statistics.stop()
