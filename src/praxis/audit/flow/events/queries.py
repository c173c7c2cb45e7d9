"""What queries ask for, how often, and what becomes of the answers."""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.events.places import Span


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


class RowsTaken(Struct, frozen=True, array_like=True, tag=40):
    """
    The rows of a query are walked one after the other, or handed on as a whole.

    Attributes:
        path: The file.
        span: The loop, the comprehension, or the call that gets the rows.
        iterated: What the rows come from.
        model: What they are of.
        origins: Where the query is made.
        bounded: Whether the code says how many there are at most, or slices them.
        relation: Where they belong to one instance: the relation by which they do.
    """

    path: str
    span: Span
    iterated: Span
    model: Key
    origins: tuple[Span, ...]
    bounded: bool
    relation: str = ""


class QueryDiscarded(Struct, frozen=True, array_like=True, tag=32):
    """
    A statement that makes a queryset and leaves it at that; *method* is the last one called.

    *name* is the variable that holds what it is made from; empty where none does.
    """

    path: str
    span: Span
    method: str
    name: str


class QueryPerRound(Struct, frozen=True, array_like=True, tag=50):
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
        streamed: Whether those rows come from ``iterator()`` without a chunk size.
        many: Of the loop and those around it: what they go over many rows of.
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
    streamed: bool = False
    many: tuple[Key, ...] = ()


class AskedAgain(Struct, frozen=True, array_like=True, tag=52):
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


class RowsCounted(Struct, frozen=True, array_like=True, tag=53):
    """``len(queryset)``, where nothing else wants its rows; *queryset* is what is counted."""

    path: str
    span: Span
    queryset: Span
    model: Key


class RowsFolded(Struct, frozen=True, array_like=True, tag=54):
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


class UnorderedPicked(Struct, frozen=True, array_like=True, tag=55):
    """A row, or a page, is taken by its position in a queryset without order."""

    path: str
    span: Span
    model: Key
    how: str


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


class TextSearched(Struct, frozen=True, array_like=True, tag=61):
    """
    Rows are asked for by a part of a text, be it in a ``Q``.

    *lookups* are as written (``name__icontains``), each with the place of its value; *equal* the
    columns that have to be equal besides.
    """

    path: str
    span: Span
    model: Key
    lookups: tuple[tuple[str, Span], ...]
    equal: tuple[str, ...]
