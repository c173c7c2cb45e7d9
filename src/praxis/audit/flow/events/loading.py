"""What is read of rows besides their own columns, and how queries load it."""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.events.places import Hop, Site, Span, Spot


class Read(Struct, frozen=True, array_like=True):
    """
    One relation read from the rows of a loop.

    Attributes:
        spot: Where.
        path: The relations from the loop's rows to it, itself included.
        lookup: The same from the query's rows, in Django's notation (``books__publisher``).
        to_one: Whether it leads to one row.
        joinable: Whether every relation of *lookup* can be joined.
        null: Whether some relation on the way may lead nowhere.
        model: What the relation is an attribute of.
        via: The calls that lead from the loop to it, the outermost first.
        how: Empty where the rows are read as a prefetch would serve them, else the methods that
            ask for them anew each time: ``count``, ``filter``, ``filter.count``.
        asked: Whether it is read for requests alone that ask for it, by a parameter.
    """

    spot: Spot
    path: tuple[str, ...]
    lookup: str
    to_one: bool
    joinable: bool
    null: bool
    model: Key
    via: tuple[Hop, ...] = ()
    how: str = ""
    asked: bool = False


class RelationsRead(Struct, frozen=True, array_like=True, tag=1):
    """
    Relations that no query has loaded are read from row after row.

    Attributes:
        path: The file of the loop.
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
        kind: What walks the rows where that is no loop of Python: ``template``, ``serializer``,
            ``resolver`` (where a client asks for it), ``admin``.
        walked: What the rows of the loop are of, where these hang on those of the query.
        since: The loop or call that fetched the rows, if that has happened before.
        annotated: Whether the query has annotations, which another join may falsify.
        few: Whether there may be a handful of rows: those of one other row
            (``order.lines.all()``), those that some keys ask for, the first ten.
        flags: What the query asks of flags: ``("sent", False)``.
    """

    path: str
    loop: Span
    iterated: Span
    model: Key
    reads: tuple[Read, ...]
    origins: tuple[Site, ...]
    limit: int | None
    restricted: bool
    streamed: bool
    given: str = ""
    kind: str = ""
    walked: str = ""
    since: Spot | None = None
    annotated: bool = False
    few: bool = False
    flags: tuple[tuple[str, bool], ...] = ()


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


class WrongLookups(Struct, frozen=True, array_like=True, tag=31):
    """
    ``select_related`` or ``prefetch_related`` of lookups that lead to nothing it can load.

    *span* is the call, *lookups* are the texts with their places.
    """

    path: str
    span: Span
    method: str
    model: Key
    lookups: tuple[tuple[str, Span], ...]


class PrefetchStreamed(Struct, frozen=True, array_like=True, tag=33):
    """``iterator()`` without a chunk size, after ``prefetch_related`` of *lookups*."""

    path: str
    span: Span
    lookups: tuple[str, ...]


class DeferredRead(Struct, frozen=True, array_like=True, tag=34):
    """
    A column that the query has left out is read of row after row.

    *origins* are where the query is made, *loop* is what walks its rows; *named* says that the
    query names its columns by ``only()``, and not what it leaves out by ``defer()``.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    column: str
    named: bool
    limit: int | None
    origins: tuple[Span, ...]


class OnePrefetched(Struct, frozen=True, array_like=True, tag=39):
    """
    ``prefetch_related`` of lookups that lead to one row each.

    *span* is the call; *alone* where it names nothing else.
    """

    path: str
    span: Span
    model: Key
    lookups: tuple[tuple[str, Span], ...]
    alone: bool


class PrefetchIgnored(Struct, frozen=True, array_like=True, tag=51):
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


class EagerLoading(Struct, frozen=True, array_like=True, tag=60):
    """
    ``select_related`` or ``prefetch_related`` of *lookups* that are written out.

    *span* is the call, each lookup has the place of its text.
    """

    path: str
    span: Span
    method: str
    model: Key
    lookups: tuple[tuple[str, Span], ...]
