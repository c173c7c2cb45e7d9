"""
What happens in a function, as far as rules ask for it.

Events are what interpretation leaves of a file: they are kept between runs, so they hold offsets
and keys, nothing else. A rule asks for a type of them with ``visits=``.
"""

import re
from typing import Union

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key

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
    def field(self) -> str:
        """``BookOut.author``: the field that is read, where it is one that hands rows on."""
        return self.called if not self.is_call and _FIELD.search(self.note) else ""

    @property
    def stands_in_loop(self) -> bool:
        """Whether a reader finds it where the rows are walked."""
        return self.is_call and not self.note.startswith("computed by ")


#: The end of what a field of a class is told by: ``serialized by BookOut.author``.
_FIELD = re.compile(r" by \w+\.\w+$")
#: What brings the rows to where they are walked.
_HANDING_ON = ("renders ", "includes ", "serialized by ", "resolved by ", "shown by ")


class Site(Struct, frozen=True, array_like=True):
    """Where a query is made; see `praxis.audit.flow.interpreter.values.Origin`."""

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


class QueryDiscarded(Struct, frozen=True, array_like=True, tag=32):
    """
    A statement that makes a queryset and leaves it at that; *method* is the last one called.

    *name* is the variable that holds what it is made from; empty where none does.
    """

    path: str
    span: Span
    method: str
    name: str


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


#: Rows that the database holds, written one by one.
Write = RowsSaved | RowsDeleted | RelationFilled | RowsUpserted


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


class RowsWalked(Struct, frozen=True, array_like=True, tag=56):
    """All rows of a table are walked once by a loop; *chain* can be given ``iterator()``."""

    path: str
    span: Span
    loop: Span
    model: Key
    prefetched: bool
    conditions: tuple[str, ...]


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


class ColumnsRead(Struct, frozen=True, array_like=True, tag=62):
    """
    Rows are walked, and *columns* are all that is read of them.

    *span* is what gives the rows, *loop* what walks them; *flat* where each row is its one column.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    columns: tuple[str, ...]
    flat: bool


class RowsShown(Struct, frozen=True, array_like=True, tag=63):
    """
    All rows of a query go to a page, or to a client of an API.

    Attributes:
        path: The file of what shows them: a template, or that of the view.
        span: The loop there, or the name of the view's class.
        model: What they are of.
        origins: Where the query is made.
        view: The class of an API's view; empty for a template.
        owner: What they hang on, where a related manager gives them.
        equal: The columns that they are chosen by.
        vague: Whether other conditions may choose few of them.
    """

    path: str
    span: Span
    model: Key
    origins: tuple[Site, ...]
    view: str = ""
    owner: Key | None = None
    equal: tuple[str, ...] = ()
    vague: bool = False


class RowsPaged(Struct, frozen=True, array_like=True, tag=64):
    """Rows are shown page by page; *view* is the class of an API's view, or empty."""

    path: str
    span: Span
    model: Key
    view: str = ""


Event = Union[  # noqa: UP007 - one alias for the decoder
    RelationsRead,
    KeyRead,
    ExistenceTested,
    RowsCreated,
    RowSaved,
    RowChangedFromItself,
    RowsTaken,
    WrongLookups,
    QueryDiscarded,
    PrefetchStreamed,
    DeferredRead,
    OnePrefetched,
    RowsSaved,
    RowsDeleted,
    RelationFilled,
    RowsUpserted,
    QueryPerRound,
    PrefetchIgnored,
    AskedAgain,
    RowsCounted,
    RowsFolded,
    UnorderedPicked,
    RowsWalked,
    RowsLookedUp,
    EagerLoading,
    TextSearched,
    ColumnsRead,
    RowsShown,
    RowsPaged,
]


class Kept(Struct, frozen=True, array_like=True):
    """
    All events of a file, and what they were found out from besides.

    Attributes:
        events: What happens.
        used: Other files, models and what requests hold, by name.
        content: The digest of all their contents.
    """

    events: tuple[Event, ...] = ()
    used: tuple[str, ...] = ()
    content: str = ""
