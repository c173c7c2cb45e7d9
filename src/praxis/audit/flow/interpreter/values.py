"""
What a name can hold. Values never change; what happens to an instance later is kept by its token.

They are structs that the garbage collector need not look at: nothing that never changes can hold
itself.

Where branches meet, `join` keeps what holds on all of them, except for what is loaded: a relation
that is loaded on any way counts as loaded, since nobody is told of a query that may not happen.
"""

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.interpreter.where import NO_CONDITIONS, Conditions


class Value(Struct, frozen=True, gc=False):
    """Anything that is not known."""


UNKNOWN = Value()


class Const(Value, frozen=True, gc=False):
    value: str | int | float | bool | None


class ModelClass(Value, frozen=True, gc=False):
    model: Key


class Named(Value, frozen=True, gc=False):
    """Something imported or built in, by its dotted name."""

    dotted: str


class Function(Value, frozen=True, gc=False):
    """
    A function of the project, by its file and qualified name.

    *receiver* is what it is bound to; *owner* the class whose body defines it.
    """

    path: str
    name: str
    receiver: Value | None = None
    owner: Key | None = None


class ProjectClass(Value, frozen=True, gc=False):
    """A class of the project that is no model."""

    key: Key


class Choice(Value, frozen=True, gc=False):
    """One of several classes of the project."""

    options: tuple[ProjectClass, ...]


class Object(Value, frozen=True, gc=False):
    """An instance of a class of the project that is no model; *attributes* are known besides."""

    key: Key
    attributes: tuple[tuple[str, Value], ...] = ()


class Super(Value, frozen=True, gc=False):
    """``super()`` in a method that the class *owner* defines."""

    owner: Key
    receiver: Value


class Inherited(Value, frozen=True, gc=False):
    """Something of *receiver* that a class outside of the project gives it, by its name."""

    name: str
    receiver: Value


class Dict(Value, frozen=True, gc=False):
    """A dict whose values are known by their constant keys; there may be more of them."""

    items: tuple[tuple[str, Value], ...] = ()

    def get(self, key: str) -> Value:
        for name, value in self.items:
            if name == key:
                return value
        return UNKNOWN

    def with_item(self, key: str, value: Value) -> "Dict":
        kept = tuple(item for item in self.items if item[0] != key)
        return Dict((*kept, (key, value)))


class Origin(Struct, frozen=True, gc=False):
    """
    Where a query is made: the chain of calls, up to where another one can be added.

    *kind* is ``chain``, or what stands there instead: ``class``, a model that a function takes
    the manager of; ``model``, the ``model = …`` of a view; ``inline``, that of an inline form of
    the admin; ``admin``, the columns of a list, whose
    foreign keys *also* are joined by the admin itself as long as nothing else is asked for.
    """

    path: str
    start: int
    end: int
    kind: str = "chain"
    also: tuple[str, ...] = ()


#: Of rows that are the ``self`` of their own method: each place in it begins a chain.
HERE = Origin("", 0, 0)


class Prefetch(Value, frozen=True, gc=False):
    """``Prefetch(lookup, queryset=…, to_attr=…)``; *lookup* names what is loaded."""

    lookup: str
    queryset: "QuerySet | None" = None
    to_attr: str = ""


class QuerySet(Value, frozen=True, gc=False):
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
        columns: With which fields, where that is known: True and those of ``only``, or False and
            those of ``defer``.
        values: Whether the rows are dicts or tuples.
        limit: At most so many rows, where the code says so.
        sliced: Whether conditions can no longer be added.
        streamed: Read by ``iterator()``, which without a chunk size ignores prefetches.
        parent: For a related manager's queryset: the instance it was asked of.
        relation: And by which relation.
        plain: Whether it is the relation's ``all()``, which a prefetch would serve.
        served: Whether it is a slice of that, which a prefetch serves as well.
        locked: Whether ``select_for_update`` keeps others from changing the rows.
        optional: Whether it may be None instead.
        annotated: Names that ``annotate`` gives to the rows.
        step: For a related manager's queryset that is not plain: the first method called on it.
        ordered: Whether it is ordered, or may be; None where that is left to the model.
        conditions: What it is filtered by, as `praxis.audit.flow.interpreter.conditions` has it.
        where: By which columns they are asked for, as far as all of them are known.
        kind: The project's own class of queryset, where the manager makes one.
        empty: Whether it is ``none()``, of which nothing is read.
        nulls: Relations that lead nowhere in all rows: ``filter(parent=None)``.
        fixed: Columns with the value that all rows have: ``filter(published=True)``.
    """

    model: Key
    origins: tuple[Origin, ...] = ()
    joined: frozenset[str] = frozenset()
    joins_all: bool = False
    prefetched: tuple[Prefetch, ...] = ()
    opaque: bool = False
    restricted: bool = False
    columns: tuple[bool, frozenset[str]] | None = None
    values: bool = False
    limit: int | None = None
    sliced: bool = False
    streamed: bool = False
    parent: "Instance | None" = None
    relation: str = ""
    plain: bool = False
    served: bool = False
    locked: bool = False
    optional: bool = False
    annotated: frozenset[str] = frozenset()
    step: str = ""
    ordered: bool | None = None
    conditions: frozenset[str] = frozenset()
    where: Conditions = NO_CONDITIONS
    kind: Key | None = None
    empty: bool = False
    nulls: frozenset[str] = frozenset()
    fixed: frozenset[tuple[str, object]] = frozenset()


class Manager(Value, frozen=True, gc=False):
    """``Order.objects``, or a related manager of *parent*."""

    model: Key
    name: str
    path: str
    start: int
    end: int
    parent: "Instance | None" = None
    relation: str = ""


class Row(Struct, frozen=True, gc=False):
    """
    The rows of a queryset, one after the other: a loop's, or a *single* one.

    *start* and *end* are the loop's, in the file *path*; *at* is where the queryset is iterated.
    *since* is, for rows that were fetched before, the loop or call that did.
    """

    queryset: QuerySet
    path: str
    start: int
    end: int
    at: tuple[int, int]
    single: bool = False
    since: tuple[str, int, int] | None = None


class Instance(Value, frozen=True, gc=False):
    """
    A row as an object.

    Attributes:
        model: What it is a row of.
        token: Tells it from every other one of the function.
        row: Where it was fetched, where that is known.
        prefix: The relations that lead from the row to it.
        state: ``fetched``, ``new`` (not saved yet), ``created`` or ``given`` (by the caller).
        made_in: Start of the innermost loop around the place where it was made.
        parameter: For what the caller handed in, or what was reached from there by *prefix*:
            the number that stands for it in the summary of the function; below 0 for others.
    """

    model: Key
    token: int
    row: Row | None = None
    prefix: tuple[str, ...] = ()
    state: str = "given"
    made_in: int = -1
    parameter: int = -1


class Rows(Value, frozen=True, gc=False):
    """
    Rows that were fetched: ``list(queryset)``, ``sorted(queryset)``.

    *since* is the loop or the call that did so: what was read of them then is there.
    """

    queryset: QuerySet
    since: tuple[str, int, int] | None = None


class RowMap(Value, frozen=True, gc=False):
    """Rows by key: ``in_bulk()``."""

    queryset: QuerySet


class Listing(Value, frozen=True, gc=False):
    """A list, tuple or set whose items are known one by one."""

    items: tuple[Value, ...]


class Response(Value, frozen=True, gc=False):
    """An answer to a request, of which nothing more is asked."""


class Cached(Value, frozen=True, gc=False):
    """What a cache gave out: nothing where it had none."""


class Pages(Value, frozen=True, gc=False):
    """A paginator over *rows*."""

    rows: Rows


class Each(Value, frozen=True, gc=False):
    """Something that holds one *item* for each round of a loop."""

    item: Value


class Template(Value, frozen=True, gc=False):
    """A template that was fetched by its name, in the file *path*."""

    name: str
    path: str


class Macro(Value, frozen=True, gc=False):
    """A macro of Jinja: the template that defines it, and its name."""

    path: str
    name: str


class Stream(Value, frozen=True, gc=False):
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
    if one is UNKNOWN or other is UNKNOWN:
        return UNKNOWN
    if isinstance(one, QuerySet) and isinstance(other, QuerySet):
        return _join_querysets(one, other)
    if isinstance(one, Rows) and isinstance(other, Rows):
        joined = _join_querysets(one.queryset, other.queryset)
        since = one.since if one.since == other.since else None
        return Rows(joined, since) if isinstance(joined, QuerySet) else UNKNOWN
    if _holds_nothing(other) and isinstance(one, _READABLE):
        return _optional(one)
    if _holds_nothing(one) and isinstance(other, _READABLE):
        return _optional(other)
    if isinstance(one, Instance) and isinstance(other, Instance):
        return _join_instances(one, other)
    if isinstance(one, ProjectClass | Choice) and isinstance(other, ProjectClass | Choice):
        return Choice(tuple(dict.fromkeys((*options_of(one), *options_of(other)))))
    if isinstance(one, Dict) and isinstance(other, Dict):
        return _join_dicts(one, other)
    if isinstance(one, Listing) and not one.items and isinstance(other, _COLLECTIONS):
        return other  # nothing is read of what an empty list holds
    if isinstance(other, Listing) and not other.items and isinstance(one, _COLLECTIONS):
        return one
    return UNKNOWN


_READABLE = (Instance, QuerySet, Rows, Dict, Object, Each, ProjectClass, Choice)
_COLLECTIONS = (QuerySet, Rows, Each, Listing)


def options_of(value: Value) -> tuple[ProjectClass, ...]:
    """The classes that the value may be."""
    if isinstance(value, Choice):
        return value.options
    return (value,) if isinstance(value, ProjectClass) else ()


def _holds_nothing(value: Value) -> bool:
    """Whether no rows can be read of it."""
    return isinstance(value, Response) or (isinstance(value, Const) and value.value is None)


def _join_instances(one: Instance, other: Instance) -> Value:
    """One row or another one of the same model."""
    if one.model != other.model or one.prefix or other.prefix:
        return UNKNOWN
    if any(row is not None and not row.single for row in (one.row, other.row)):
        return UNKNOWN
    if one.row is not None and other.row is not None:
        queryset = _join_querysets(one.row.queryset, other.row.queryset)
        if isinstance(queryset, QuerySet):
            return replace(one, row=replace(one.row, queryset=queryset))
    if one.made_in != other.made_in:
        return UNKNOWN
    return Instance(one.model, one.token, made_in=one.made_in)


def _optional(value: Value) -> Value:
    """*value* or None: nothing is read of None."""
    return replace(value, optional=True) if isinstance(value, QuerySet) else value


def _join_dicts(one: Dict, other: Dict) -> Dict:
    """A key of one side alone keeps its value: where it is missing nothing is read of it."""
    theirs = dict(other.items)
    mine = dict(one.items)
    both = {key: join(value, theirs[key]) for key, value in mine.items() if key in theirs}
    return Dict(tuple({**mine, **theirs, **both}.items()))


def _join_querysets(one: QuerySet, other: QuerySet) -> Value:
    if one.empty != other.empty and one.model == other.model:
        return other if one.empty else one
    if one.model != other.model or one.values != other.values or one.parent != other.parent:
        return UNKNOWN
    if one.parent is not None and one.relation != other.relation:
        return UNKNOWN  # a prefetch of the one says nothing of the other
    return replace(
        one,
        origins=_without_doubles(one.origins, other.origins),
        joined=one.joined | other.joined,
        joins_all=one.joins_all or other.joins_all,
        prefetched=tuple(dict.fromkeys(one.prefetched + other.prefetched)),
        opaque=one.opaque or other.opaque,
        restricted=one.restricted or other.restricted,
        columns=one.columns if one.columns == other.columns else None,
        limit=one.limit if one.limit == other.limit else None,
        sliced=one.sliced or other.sliced,
        streamed=one.streamed or other.streamed,
        locked=one.locked or other.locked,
        optional=one.optional or other.optional,
        annotated=one.annotated | other.annotated,
        ordered=one.ordered if one.ordered == other.ordered else True,
        conditions=one.conditions | other.conditions,
        where=one.where.joined(other.where),
        plain=one.plain and other.plain and one.relation == other.relation,
        served=one.served or other.served,
        nulls=one.nulls | other.nulls,
        fixed=one.fixed & other.fixed,
    )


def _without_doubles(one: tuple[Origin, ...], other: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """The places, one where the same chain was known up to different ends."""
    by_start: dict[tuple[str, int], Origin] = {}
    for origin in one + other:
        place = origin.path, origin.start
        known = by_start.get(place)
        if known is None or origin.end < known.end:
            by_start[place] = origin
    return tuple(by_start.values())
