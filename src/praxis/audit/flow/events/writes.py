"""Rows that are created, changed and deleted."""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.events.places import Span


class RowsCreated(Struct, frozen=True, array_like=True, tag=4):
    """
    A new row is saved in each round of a loop.

    *how* is ``create`` or ``save``; *alone* where the loop does nothing else, and then *target*,
    *iterated* and *arguments* are its parts and *manager* is what `create` is called on.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    how: str
    rounds: int | None
    alone: bool
    target: Span = (0, 0)
    iterated: Span = (0, 0)
    arguments: Span = (0, 0)
    manager: Span = (0, 0)


class RowSaved(Struct, frozen=True, array_like=True, tag=5):
    """
    ``save()`` without arguments of a fetched row, after *fields* were set.

    *parentheses* are those of the call.
    """

    path: str
    span: Span
    model: Key
    fields: tuple[str, ...]
    parentheses: Span


class RowChangedFromItself(Struct, frozen=True, array_like=True, tag=30):
    """
    ``row.field += 1`` of a row that is saved afterwards.

    Attributes:
        changes: Each field with its assignment.
        saved: The call of ``save``.
        state: As in `Instance`: ``fetched``, ``new``, ``created`` or ``given``.
        locked: Whether ``select_for_update`` keeps others from changing the row.
        fetched: Where it was fetched, where that is known.
    """

    path: str
    changes: tuple[tuple[str, Span], ...]
    saved: Span
    model: Key
    state: str
    locked: bool
    fetched: Span


class RowsSaved(Struct, frozen=True, array_like=True, tag=35):
    """
    A row that the database holds is changed and saved in each round of a loop.

    Attributes:
        fields: Those that were set, or that ``update_fields`` names.
        named: Whether ``update_fields`` does.
        value: ``constant`` where every row gets the same, ``expression`` where each gets what
            can be worked out of its own columns, empty for anything else.
        updates: Where the loop does nothing but to set constants: each field and its value.
        iterated: What the loop runs over; empty where it is no query as it stands.
        single: Whether the row is fetched in the round.
        sliced: Whether they may be some rows of the query alone: a slice, which ``update()``
            refuses, or a list that rows were taken from.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    fields: tuple[str, ...]
    named: bool
    rounds: int | None
    value: str
    updates: tuple[tuple[str, Span], ...]
    iterated: Span
    single: bool
    sliced: bool = False


class RowsDeleted(Struct, frozen=True, array_like=True, tag=36):
    """
    The rows of a query are deleted one by one.

    *iterated* is the query, where the loop does nothing else and the query can do it.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    rounds: int | None
    sliced: bool
    chosen: bool
    iterated: Span


class RelationFilled(Struct, frozen=True, array_like=True, tag=37):
    """
    ``row.relation.add(other)`` (or ``remove``) in each round of a loop, of the same row.

    *manager* is ``row.relation``; *iterated* what the loop runs over, where it does nothing else.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    relation: str
    method: str
    rounds: int | None
    manager: Span
    iterated: Span


class RowsUpserted(Struct, frozen=True, array_like=True, tag=38):
    """
    ``get_or_create`` or ``update_or_create`` in each round, whose row nobody takes.

    *lookups* are the fields that the row is looked for by.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    method: str
    lookups: tuple[str, ...]
    rounds: int | None


#: Rows that the database holds, written one by one.
Write = RowsSaved | RowsDeleted | RelationFilled | RowsUpserted
