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


class QueryPerRound(Struct, frozen=True, array_like=True, tag=30):
    """
    A query that depends on the loop's variable is sent in each round.

    Attributes:
        path: The file.
        span: The call that asks, or what gives the rows.
        loop: The whole loop.
        iterated: What it runs over.
        model: What is asked for.
        how: The method; ``rows`` where the rows are fetched.
        rounds: How many there are, where the code tells.
        relation: Of a related manager: the relation's name.
        over_rows: Whether the loop runs over the rows of a queryset.
        writes: Whether a round writes rows.
    """

    path: str
    span: Span
    loop: Span
    iterated: Span
    model: Key
    how: str
    rounds: int | None
    relation: str = ""
    over_rows: bool = False
    writes: bool = False


class PrefetchIgnored(Struct, frozen=True, array_like=True, tag=31):
    """
    A relation that was prefetched is asked for anew, row by row.

    *origins* are the queries that prefetch it, *how* is the method that asks; *model* is what the
    rows of the loop are of.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    relation: str
    how: str
    origins: tuple[Span, ...]
    rounds: int | None


class AskedAgain(Struct, frozen=True, array_like=True, tag=32):
    """
    Two queries for the same rows where one is enough.

    Attributes:
        path: The file.
        first: The call that comes first.
        then: The one that comes after it.
        model: What the rows are of.
        why: ``exists`` or ``count`` where that is asked before the rows are fetched, ``memory``
            where the rows were fetched before, ``alone`` where one of them was, ``same`` where
            the same is asked twice.
        how: The methods of both; ``rows`` where rows are fetched.
        name: The name in the place of *first*, where the rows that it holds are walked; the
            queryset itself can stand there. Empty otherwise.
        relation: Of a related manager whose rows a caller may have prefetched.
    """

    path: str
    first: Span
    then: Span
    model: Key
    why: str
    how: tuple[str, str]
    name: Span = (0, 0)
    relation: str = ""


class RowsCounted(Struct, frozen=True, array_like=True, tag=33):
    """``len(queryset)``, where nothing else wants its rows; *queryset* is what is counted."""

    path: str
    span: Span
    queryset: Span
    model: Key


class RowsFolded(Struct, frozen=True, array_like=True, tag=34):
    """
    Rows are fetched only to be added up, compared, sorted or filtered by their columns.

    *how* is ``sum``, ``max``, ``min``, ``sorted`` or ``filter``; *relation* that of a related
    manager which a caller may have prefetched.
    """

    path: str
    span: Span
    model: Key
    how: str
    columns: tuple[str, ...]
    relation: str = ""


class UnorderedPicked(Struct, frozen=True, array_like=True, tag=35):
    """A row, or a page, is taken by its position in a queryset without order."""

    path: str
    span: Span
    model: Key
    how: str


class RowsWalked(Struct, frozen=True, array_like=True, tag=36):
    """All rows of a table are walked once by a loop; *chain* can be given ``iterator()``."""

    path: str
    span: Span
    loop: Span
    model: Key
    prefetched: bool
    conditions: tuple[str, ...]


Event = Union[  # noqa: UP007 - one alias for the decoder
    RelationsRead, KeyRead, ExistenceTested, RowsCreated, RowSaved, QueryPerRound,
    PrefetchIgnored, AskedAgain, RowsCounted, RowsFolded, UnorderedPicked, RowsWalked,
]  # fmt: skip


class Events(Struct, frozen=True, array_like=True):
    """All events of a file."""

    events: tuple[Event, ...] = ()
