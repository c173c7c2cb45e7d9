"""
Word of the rows of a model that have changed, once the change is committed.

    from praxis.committed import watch

    def tell(changes):
        for change in changes:
            print(change.kind, change.pk)

    stop = watch(Order, tell)

Whoever is told can rely on it that others see the change, too: after a rollback, also of a
savepoint, nothing is told. Models that nobody watches cost nothing; those that are watched cost no
query.

It sees what Django's ORM writes: ``save`` and ``delete`` with what they cascade to,
``bulk_create``, ``bulk_update``, ``QuerySet.update`` and ``delete``, and the rows between
many-to-many fields where their ``through`` is watched. It does not see raw SQL, what the database
does by itself (triggers, ``DB_CASCADE``), other programs, and the models that migrations make for
themselves. A process that is killed between the commit and the word has told nobody.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from praxis.written_rows import CREATED, DELETED, UPDATED, Kind, install

logger = logging.getLogger("praxis.committed")

#: Of one model in one transaction so many rows are told apart at most; of more only that they are.
MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Change:
    """
    A row that a transaction has changed.

    Attributes:
        model: The model that is watched.
        pk: Its primary key; None for rows of the model that are not known one by one: they may be
            any of it.
        kind: What became of it, at the end of the transaction. What was or is updated if it was
            there before counts as updated. The rows that a condition by primary keys confines a
            statement to count as changed, even if further conditions spared some of them.
        using: The alias of the database.
    """

    model: type[Model]
    pk: Any
    kind: Kind
    using: str


Receive = Callable[[Sequence[Change]], None]


def watch(
    model: type[Model], receive: Receive, *, fields: Sequence[str] | None = None
) -> Callable[[], None]:
    """
    Call *receive* with the rows that each transaction has changed, after its commit.

    It is called once a transaction, in the thread that committed, before it goes on; of several
    changes of one row the outcome is told. Without a transaction it is called after each
    statement. If it fails, that is logged, and harms nobody else. What it writes itself is told in
    turn.

    A proxy stands for its model. Of a model with parents the rows of all its tables count: a
    changed row of a parent is told as one of the model, even if it belongs to no row of it.

    Args:
        model: The model.
        receive: Is given the changes in the order in which they began.
        fields: Names: updates that set none of these are not told. None for all fields.

    Returns:
        What ends it.

    Raises:
        ValueError: if the model is abstract or swapped, or has no such fields.
    """
    meta = model._meta  # noqa: SLF001 - Django's public Meta API
    if meta.abstract or meta.swapped:
        instead = f"watch {meta.swapped}" if meta.swapped else "watch the models that inherit it"
        raise ValueError(f"{meta.label} has no table of its own: {instead}.")
    known = {name for f in meta.concrete_fields for name in (f.name, f.attname)}
    if fields is not None and not known.issuperset(fields):
        raise ValueError(f"{meta.label} has no field {min(set(fields) - known)!r}.")
    wanted = None if fields is None else frozenset(fields)
    watcher = _Watcher(model, receive, wanted)
    _watchers.add(watcher)
    install(_watchers)
    _install_ends()
    return lambda: _watchers.remove(watcher)


class _Watcher:
    """One call of `watch`."""

    def __init__(self, model: type[Model], receive: Receive, fields: frozenset[str] | None) -> None:
        self.model, self.receive, self.fields = model, receive, fields
        concrete: Any = model._meta.concrete_model  # noqa: SLF001 - Django's public Meta API
        #: The tables that make it up, and of each whether its primary key is the model's, too.
        self.sources: dict[type[Model], bool] = {concrete: True}
        key_chain = set(_key_chain(concrete))
        for parent in concrete._meta.get_parent_list():  # noqa: SLF001
            self.sources[parent] = parent in key_chain

    def takes(self, names: frozenset[str] | None) -> bool:
        return self.fields is None or names is None or not self.fields.isdisjoint(names)


def _key_chain(model: type[Model]) -> list[type[Model]]:
    """The parents whose primary key is the model's own one."""
    found: list[type[Model]] = []
    at: Any = model
    while (link := at._meta.pk).remote_field and link.remote_field.parent_link:  # noqa: SLF001
        at = link.remote_field.model._meta.concrete_model  # noqa: SLF001
        found.append(at)
    return found


class _Watchers:
    """All of them, by the tables that concern them."""

    def __init__(self) -> None:
        self._by_source: dict[type[Model], tuple[_Watcher, ...]] = {}
        self._lock = Lock()

    def add(self, watcher: _Watcher) -> None:
        with self._lock:
            for source in watcher.sources:
                self._by_source[source] = (*self._by_source.get(source, ()), watcher)

    def remove(self, watcher: _Watcher) -> None:
        with self._lock:
            for source in watcher.sources:
                rest = tuple(w for w in self._by_source.get(source, ()) if w is not watcher)
                if rest:
                    self._by_source[source] = rest
                else:
                    self._by_source.pop(source, None)

    def wants(self, model: type[Model], names: frozenset[str] | None) -> bool:
        found = self._by_source.get(model)
        return found is not None and any(watcher.takes(names) for watcher in found)

    def note(
        self,
        connection: Any,
        model: type[Model],
        kind: Kind,
        pks: Sequence[Any] | None,
        names: frozenset[str] | None,
    ) -> None:
        batch: _Batch | None = None
        for watcher in self._by_source.get(model, ()):
            if not watcher.takes(names):
                continue
            is_own = model is watcher.model._meta.concrete_model  # noqa: SLF001
            if kind == CREATED and not is_own:
                continue  # the row of the model itself comes after it
            batch = batch or _open_batch(connection)
            batch.add(watcher, kind, pks if watcher.sources[model] else None)
        if batch is not None:
            batch.noted(connection)


class _Batch:
    """Changes that are committed, or rolled back, together."""

    def __init__(self, using: str) -> None:
        self.using: Final = using
        self.changes: dict[_Watcher, dict[Any, Kind]] = {}

    def add(self, watcher: _Watcher, kind: Kind, pks: Sequence[Any] | None) -> None:
        rows = self.changes.setdefault(watcher, {})
        for pk in (None,) if pks is None else pks:
            if len(rows) < MAX_ROWS or pk in rows:
                rows[pk] = _joined(rows.get(pk), kind)
            else:
                rows[None] = _joined(rows.get(None), kind)

    def take(self, other: "_Batch") -> None:
        """Take over what came after."""
        for watcher, rows in other.changes.items():
            for pk, kind in rows.items():
                self.add(watcher, kind, None if pk is None else (pk,))
        other.changes = {}

    def noted(self, connection: Any) -> None:
        """Tell at once, or with the transaction."""
        if connection.in_atomic_block or not connection.get_autocommit():
            return  # `_open_batch` has put it there
        self.tell()

    def tell(self) -> None:
        """Tell the watchers; nothing is told twice."""
        changes, self.changes = self.changes, {}
        for watcher, rows in changes.items():
            told = [Change(watcher.model, pk, kind, self.using) for pk, kind in rows.items()]
            try:
                watcher.receive(told)
            except Exception:
                label = watcher.model._meta.label  # noqa: SLF001
                logger.exception("Whoever is told of committed changes of %s failed", label)


def _joined(before: Kind | None, now: Kind) -> Kind:
    """What two changes of a row come to."""
    if before is None or before == now:
        return now
    if now == DELETED or before == DELETED:
        return DELETED if now == DELETED else UPDATED
    return CREATED


def _open_batch(connection: Any) -> _Batch:
    """The batch of the innermost savepoint; what is noted later in the same one joins it."""
    if not connection.in_atomic_block and connection.get_autocommit():
        return _Batch(connection.alias)
    savepoints, waiting = set(connection.savepoint_ids), connection.run_on_commit
    if waiting:
        among, last, _ = waiting[-1]
        owner = getattr(last, "__self__", None)
        if isinstance(owner, _Batch) and among == savepoints:
            return owner
    batch = _Batch(connection.alias)
    # what `on_commit` does; it refuses transactions that are managed by hand, in which Django
    # tells when autocommit is on again
    waiting.append((savepoints, batch.tell, True))
    return batch


def _install_ends() -> None:
    """Have the batches of a transaction joined when it is committed; once a process."""
    wrapper: Any = BaseDatabaseWrapper
    original = wrapper.run_and_clear_commit_hooks
    if hasattr(original, "praxis_original"):
        return

    def run_and_clear_commit_hooks(self: Any) -> Any:
        batches = [
            batch
            for _, hook, _ in self.run_on_commit
            if isinstance(batch := getattr(hook, "__self__", None), _Batch)
        ]
        if batches:
            whole = _Batch(self.alias)
            for batch in batches:
                whole.take(batch)
            # first, since a hook that fails ends those after it
            self.run_on_commit.insert(0, (set(), whole.tell, True))
        return original(self)

    run_and_clear_commit_hooks.praxis_original = original  # type: ignore[attr-defined]
    wrapper.run_and_clear_commit_hooks = run_and_clear_commit_hooks


_watchers = _Watchers()

__all__ = ["CREATED", "DELETED", "UPDATED", "Change", "Kind", "watch"]
