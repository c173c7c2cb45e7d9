"""
What a name can hold. Values never change; what happens to an instance later is kept by its token.

Where branches meet, `join` keeps what holds on all of them, except for what is loaded: a relation
that is loaded on any way counts as loaded, since nobody is told of a query that may not happen.
"""

from dataclasses import dataclass, replace

from praxis.audit.facts.class_names import Key
from praxis.audit.flow.conditions import NO_CONDITIONS, Conditions


class Value:
    """Anything that is not known."""

    __slots__ = ()


UNKNOWN = Value()


@dataclass(frozen=True, slots=True)
class Const(Value):
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ModelClass(Value):
    model: Key


@dataclass(frozen=True, slots=True)
class Named(Value):
    """Something imported or built in, by its dotted name."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a query is made: the chain of calls, up to where another one can be added."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prefetch(Value):
    """``Prefetch(lookup, queryset=…, to_attr=…)``; *lookup* names what is loaded."""

    lookup: str
    queryset: "QuerySet | None" = None
    to_attr: str = ""


@dataclass(frozen=True, slots=True)
class QuerySet(Value):
    """
    Rows of *model* that are, or will be, fetched.

    Attributes:
        model: What the rows are of.
        origins: Where it is made; several where branches meet.
        joined: Lookups of ``select_related``.
        joins_all: ``select_related()`` without arguments: what is not null.
        prefetched: Lookups of ``prefetch_related``.
        opaque: Whether any relation may be loaded: nothing is said of such rows.
        restricted: ``only`` or ``defer`` was called.
        values: Whether the rows are dicts or tuples.
        limit: At most so many rows, where the code says so.
        sliced: Whether conditions can no longer be added.
        streamed: Read by ``iterator()``, which without a chunk size ignores prefetches.
        parent: For a related manager's queryset: the instance it was asked of.
        relation: And by which relation.
        plain: Whether it is the relation's ``all()``, which a prefetch would serve.
        locked: Whether ``select_for_update`` keeps others from changing the rows.
        conditions: By which columns they are asked for.
    """

    model: Key
    origins: tuple[Origin, ...] = ()
    joined: frozenset[str] = frozenset()
    joins_all: bool = False
    prefetched: tuple[Prefetch, ...] = ()
    opaque: bool = False
    restricted: bool = False
    values: bool = False
    limit: int | None = None
    sliced: bool = False
    streamed: bool = False
    parent: "Instance | None" = None
    relation: str = ""
    plain: bool = False
    locked: bool = False
    conditions: Conditions = NO_CONDITIONS


@dataclass(frozen=True, slots=True)
class Manager(Value):
    """``Order.objects``, or a related manager of *parent*."""

    model: Key
    name: str
    start: int
    end: int
    parent: "Instance | None" = None
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """
    The rows of a queryset, one after the other: a loop's, or a *single* one.

    *start* and *end* are the loop's; *at* is where the queryset is iterated.
    """

    queryset: QuerySet
    start: int
    end: int
    at: tuple[int, int]
    single: bool = False


@dataclass(frozen=True, slots=True)
class Instance(Value):
    """
    A row as an object.

    Attributes:
        model: What it is a row of.
        token: Tells it from every other one of the function.
        row: Where it was fetched, where that is known.
        prefix: The relations that lead from the row to it.
        state: ``fetched``, ``new`` (not saved yet), ``created`` or ``given`` (by the caller).
        made_in: Start of the innermost loop around the place where it was made.
    """

    model: Key
    token: int
    row: Row | None = None
    prefix: tuple[str, ...] = ()
    state: str = "given"
    made_in: int = -1


@dataclass(frozen=True, slots=True)
class Rows(Value):
    """Rows that were fetched: ``list(queryset)``, ``sorted(queryset)``."""

    queryset: QuerySet


@dataclass(frozen=True, slots=True)
class RowMap(Value):
    """Rows by key: ``in_bulk()``."""

    queryset: QuerySet


@dataclass(frozen=True, slots=True)
class Listing(Value):
    """A list, tuple or set whose items are known one by one."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Stream(Value):
    """
    What yields tuples: ``enumerate``, ``zip``, ``groupby``, ``dict.items``.

    *parts* are what each place of the tuple runs over; an Unknown part is of unknown values.
    *nested* parts are handed out as a whole (the groups of ``groupby``).
    """

    parts: tuple[Value, ...]
    nested: bool = False


def join(one: Value, other: Value) -> Value:
    """What holds on both of two ways."""
    if one is other or one == other:
        return one
    if isinstance(one, QuerySet) and isinstance(other, QuerySet):
        return _join_querysets(one, other)
    if isinstance(one, Rows) and isinstance(other, Rows):
        joined = _join_querysets(one.queryset, other.queryset)
        return Rows(joined) if isinstance(joined, QuerySet) else UNKNOWN
    if isinstance(one, Instance) and isinstance(other, Const) and other.value is None:
        return one  # nothing is read of None
    if isinstance(other, Instance) and isinstance(one, Const) and one.value is None:
        return other
    return UNKNOWN


def _join_querysets(one: QuerySet, other: QuerySet) -> Value:
    if one.model != other.model or one.values != other.values or one.parent != other.parent:
        return UNKNOWN
    return replace(
        one,
        origins=_without_doubles(one.origins, other.origins),
        joined=one.joined | other.joined,
        joins_all=one.joins_all or other.joins_all,
        prefetched=tuple(dict.fromkeys(one.prefetched + other.prefetched)),
        opaque=one.opaque or other.opaque,
        restricted=one.restricted or other.restricted,
        limit=one.limit if one.limit == other.limit else None,
        sliced=one.sliced or other.sliced,
        streamed=one.streamed or other.streamed,
        locked=one.locked or other.locked,
        conditions=one.conditions.joined(other.conditions),
        plain=one.plain and other.plain and one.relation == other.relation,
    )


def _without_doubles(one: tuple[Origin, ...], other: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """The places, one where the same chain was known up to different ends."""
    by_start: dict[int, Origin] = {}
    for origin in one + other:
        known = by_start.get(origin.start)
        if known is None or origin.end < known.end:
            by_start[origin.start] = origin
    return tuple(by_start.values())
