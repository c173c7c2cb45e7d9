"""
What happens in a function, as far as rules ask for it.

Events are what interpretation leaves of a file: they are kept between runs, so they hold offsets
and keys, nothing else. A rule asks for a type of them with ``visits=``.
"""

from typing import Union

from msgspec import Struct

from praxis.audit.facts.class_names import Key

Span = tuple[int, int]
#: A span of the file that is named first.
Spot = tuple[str, int, int]


class Hop(Struct, frozen=True, array_like=True):
    """A call, or something that works like one, on the way from a loop to what happens there."""

    spot: Spot
    note: str

    @property
    def is_call(self) -> bool:
        """Whether it runs a function, and does not merely hand rows on."""
        return not self.note.startswith(_HANDING_ON)

    @property
    def called(self) -> str:
        """The function's name."""
        return self.note.rpartition(" ")[2].removesuffix("()")

    @property
    def stands_in_loop(self) -> bool:
        """Whether a reader finds it where the rows are walked."""
        return self.is_call and not self.note.startswith("computed by ")


#: What brings the rows to where they are walked.
_HANDING_ON = ("renders ", "includes ", "serialized by ", "shown by ")


class Site(Struct, frozen=True, array_like=True):
    """Where a query is made; see `praxis.audit.flow.values.Origin`."""

    path: str
    start: int
    end: int
    kind: str = "chain"
    also: tuple[str, ...] = ()

    @property
    def spot(self) -> Spot:
        return self.path, self.start, self.end


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
            ``admin``.
        walked: What the rows of the loop are of, where these hang on those of the query.
        since: The loop or call that fetched the rows, if that has happened before.
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


Event = Union[  # noqa: UP007 - one alias for the decoder
    RelationsRead, KeyRead, ExistenceTested, RowsCreated, RowSaved
]


class Kept(Struct, frozen=True, array_like=True):
    """All events of a file, and the other files that they were found out from, by content."""

    events: tuple[Event, ...] = ()
    used: dict[str, str] = {}
