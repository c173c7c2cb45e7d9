"""
What happens in a function, as far as rules ask for it.

Events are what interpretation leaves of a file: they are kept between runs, so they hold offsets
and keys, nothing else. A rule asks for a type of them with ``visits=``.
"""

from typing import Union

from msgspec import Struct

from praxis.audit.facts.class_names import Key

Span = tuple[int, int]


class Read(Struct, frozen=True, array_like=True):
    """
    One relation read from the rows of a loop.

    Attributes:
        span: Where.
        path: The relations from the loop's rows to it, itself included.
        lookup: The same from the query's rows, in Django's notation (``books__publisher``).
        to_one: Whether it leads to one row.
        joinable: Whether every relation of *lookup* can be joined.
        null: Whether some relation on the way may lead nowhere.
        model: What the relation is an attribute of.
    """

    span: Span
    path: tuple[str, ...]
    lookup: str
    to_one: bool
    joinable: bool
    null: bool
    model: Key


class RelationsRead(Struct, frozen=True, array_like=True, tag=1):
    """
    Relations that no query has loaded are read from row after row.

    Attributes:
        path: The file.
        loop: The whole loop.
        iterated: What it runs over.
        model: What the rows of the query are of.
        reads: In source order, one for each relation.
        origins: Where the query is made: its chain of calls. Empty where it cannot be changed.
        limit: How many rows there are at most, where the code tells.
        restricted: Whether the query names its columns (``only``, ``defer``).
        streamed: Whether it is read by ``iterator()``.
        given: Where the rows belong to an instance that the caller hands in: the relation by
            which they do; a caller may have loaded what is read.
    """

    path: str
    loop: Span
    iterated: Span
    model: Key
    reads: tuple[Read, ...]
    origins: tuple[Span, ...]
    limit: int | None
    restricted: bool
    streamed: bool
    given: str = ""


class KeyRead(Struct, frozen=True, array_like=True, tag=2):
    """
    ``row.relation.id``: the related row is fetched for a key that the row itself holds.

    *reads* are all places of the function that do so with this row: ``row.relation.id`` and the
    ``row.relation`` in it. *handed* is true where a caller may have loaded the relation: the row,
    or the one whose related rows are walked, was not fetched in the function.
    """

    path: str
    reads: tuple[tuple[Span, Span], ...]
    relation: str
    attribute: str
    model: Key
    null: bool
    fetched: bool
    in_loop: bool
    handed: bool = False


class ExistenceTested(Struct, frozen=True, array_like=True, tag=3):
    """
    A query whose only use is whether it has a row.

    *how* is ``truth``, ``len`` or ``count``; *span* the whole test, *queryset* the query in it, for
    ``count`` with the dot behind it.
    *negated* where the test holds if there is none; *awaited* for ``await queryset.acount()``.
    """

    path: str
    span: Span
    queryset: Span
    how: str
    negated: bool
    awaited: bool
    model: Key
    in_loop: bool


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


class RowsLookedUp(Struct, frozen=True, array_like=True, tag=101):
    """
    A query asks for rows by columns, or in an order; its conditions are all known.

    *equal* and *ranged* are lookups as written (``customer__email``), *ordered* as in
    ``order_by``. *single* where one row comes back at most, *limited* where few do.
    """

    path: str
    span: Span
    model: Key
    equal: tuple[str, ...]
    ranged: tuple[str, ...]
    ordered: tuple[str, ...]
    single: bool
    limited: bool


Event = Union[  # noqa: UP007 - one alias for the decoder
    RelationsRead, KeyRead, ExistenceTested, RowsCreated, RowSaved, RowsLookedUp
]


class Events(Struct, frozen=True, array_like=True):
    """All events of a file."""

    events: tuple[Event, ...] = ()
