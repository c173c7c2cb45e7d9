"""
One finding for one cause: what is told in several places, or by several callers, put together.

A loop that several callers hand rows to is one finding with several queries, if the same is
missing in each. A query whose rows are walked in several places, and lack the same relation
there, lacks it once. What a function says of rows that its caller holds is left out where a
caller says it better.
"""

from collections.abc import Iterable, Iterator

from msgspec import structs

from praxis.audit.flow.events import (
    Event,
    ExistenceTested,
    KeyRead,
    QueryPerRound,
    Read,
    RelationFilled,
    RelationsRead,
    RowSaved,
    RowsCreated,
    Spot,
)

#: The file whose interpretation told of it, and what it told.
Told = tuple[str, Event]


def merged(told: Iterable[Told]) -> list[Told]:
    """The events, each cause once, in their order."""
    known = dict.fromkeys(_unread(list(told)))
    seen = {
        read.spot
        for _, event in known
        if isinstance(event, RelationsRead) and not event.given
        for read in event.reads
    }
    groups: dict[object, list[Told]] = {}
    for path, event in known:
        if not isinstance(event, RelationsRead):
            groups.setdefault(_place_of(event), []).append((path, event))
        elif not (event.given and all(read.spot in seen for read in event.reads)):
            groups.setdefault(_query_of(event), []).append((path, event))
    alike = [group for group in groups.values() if len(group) == 1 or not _saves_either(group)]
    causes = [
        cause for group in alike for cause in (_causes(group) if len(group) > 1 else (group,))
    ]
    return _by_loop(map(_joined, causes))


def _saves_either(group: list[Told]) -> bool:
    """Whether one ``save()`` is of rows of several models, each of which saves its own way."""
    return len({event.model for _, event in group if isinstance(event, RowSaved)}) > 1


def _unread(told: list[Told]) -> Iterator[Told]:
    """
    The events, without the relations that an earlier loop over the same rows has fetched.

    The rows keep what is one row each; the manager of many asks anew. So do rows that hang on
    them, whatever they are reached by.
    """
    fetched: dict[Spot | None, set[str]] = {}
    below: dict[tuple[Spot | None, str], str] = {}
    for _, event in told:
        if isinstance(event, RelationsRead):
            names = {read.lookup for read in event.reads if read.to_one and not read.how}
            fetched.setdefault((event.path, *event.loop), set()).update(names)
    for path, event in told:
        if not isinstance(event, RelationsRead) or event.since is None:
            yield path, event
            continue
        names = fetched.get(event.since, set())
        reads = tuple(
            read
            for read in event.reads
            if read.how
            or not (
                read.lookup in names
                or below.setdefault((event.since, read.lookup), event.walked) != event.walked
            )
        )
        if reads:
            yield path, structs.replace(event, reads=reads)


def _place_of(event: Event) -> object:
    """What is told once, whatever the function was called with."""
    if isinstance(event, KeyRead):
        return KeyRead, event.path, event.reads[0][0]
    if isinstance(event, QueryPerRound):
        return QueryPerRound, event.path, event.span, event.loop, event.model
    if isinstance(event, _ONCE_A_SPAN):
        return type(event), event.path, event.span
    return event


_ONCE_A_SPAN = ExistenceTested, RelationFilled, RowsCreated, RowSaved


def one_query(events: Iterable[RelationsRead]) -> list[RelationsRead]:
    """The events of one function, those of one query together where they lack the same."""
    groups: dict[object, list[Told]] = {}
    for event in events:
        groups.setdefault(_query_of(event), []).append((event.path, event))
    joined = [_joined(cause) for group in groups.values() for cause in _causes(group, nearby=True)]
    return [event for _, event in joined if isinstance(event, RelationsRead)]


def _query_of(event: RelationsRead) -> object:
    """What the query is known by; the loop, where it cannot be changed."""
    if event.origins and not event.given:
        return event.kind, event.model, event.origins, "" if event.kind else event.walked
    return (*_loop_of(event), event.given, event.origins)


def _causes(group: list[Told], *, nearby: bool = False) -> Iterator[list[Told]]:
    """The parts of the group that lack a relation in common."""
    parts: list[tuple[set[object], list[Told]]] = []
    for told in group:
        wanted = _lacked(told[1], nearby=nearby)
        mine: list[Told] = []
        apart: list[tuple[set[object], list[Told]]] = []
        for lacked, members in parts:
            if lacked & wanted:
                wanted |= lacked
                mine += members
            else:
                apart.append((lacked, members))
        parts = [*apart, (wanted, [*mine, told])]
    return (members for _, members in parts)


def _lacked(event: Event, *, nearby: bool) -> set[object]:
    """
    What makes two events of one query one cause: the relations, and the loop.

    A loop of Python that sends the query anew is a cause of its own, unless it is *nearby*: in
    the same function. One over rows that were fetched before is not.
    """
    if not isinstance(event, RelationsRead):
        return {_place_of(event)}
    fetched = () if event.kind or nearby else event.since or (event.path, *event.loop)
    lacked = {read.lookup.partition("__")[0] for read in event.reads}
    return {_loop_of(event), *((fetched, name) for name in lacked)}


def _loop_of(event: RelationsRead) -> tuple[object, ...]:
    return event.path, event.loop, event.iterated, event.model, event.kind


def _by_loop(told: Iterable[Told]) -> list[Told]:
    """Queries that lack the same in the same loop, or where the same is rendered, are one."""
    groups: dict[object, list[Told]] = {}
    for path, event in told:
        key: object = len(groups)  # of any other there is one by now
        if isinstance(event, RelationsRead):
            lookups = frozenset((read.lookup, read.how) for read in event.reads)
            model = None if event.kind == "admin" else event.model  # one class, several models
            place = event.kind, model, event.reads[0].spot
            key = *(place if event.kind else _loop_of(event)), lookups
        groups.setdefault(key, []).append((path, event))
    return [_joined(group) for group in groups.values()]


def _joined(group: list[Told]) -> Told:
    path, first = group[0]
    if isinstance(first, RowSaved):
        sets = [event.fields for _, event in group if isinstance(event, RowSaved)]
        fields = dict.fromkeys(name for names in sorted(sets, key=len)[::-1] for name in names)
        return path, structs.replace(first, fields=tuple(fields))
    if isinstance(first, QueryPerRound):
        many = [key for _, event in group if isinstance(event, QueryPerRound) for key in event.many]
        return path, structs.replace(first, many=tuple(dict.fromkeys(many)))
    if len(group) == 1 or not isinstance(first, RelationsRead):
        return path, first
    events = [event for _, event in group if isinstance(event, RelationsRead)]
    limits = {event.limit for event in events}
    whole = structs.replace(
        first,
        walked=first.walked if len({event.walked for event in events}) == 1 else "",
        reads=_each_once(events),
        origins=tuple(dict.fromkeys(site for event in events for site in event.origins)),
        limit=max((limit for limit in limits if limit is not None), default=None)
        if None not in limits
        else None,
        restricted=any(event.restricted for event in events),
        streamed=any(event.streamed for event in events),
        annotated=any(event.annotated for event in events),
        few=all(event.few for event in events),
        flags=tuple(flag for flag in first.flags if all(flag in event.flags for event in events)),
    )
    return path, whole


def _each_once(events: list[RelationsRead]) -> tuple[Read, ...]:
    reads: dict[Read, None] = {}
    spots: set[tuple[Spot, str]] = set()
    for event in events:
        for read in event.reads:
            if (read.spot, read.lookup) not in spots:
                spots.add((read.spot, read.lookup))
                reads[read] = None
    return tuple(reads)
