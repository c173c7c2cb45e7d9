"""
One finding for one cause: what is told in several places, or by several callers, put together.

A loop that several callers hand rows to is one finding with several queries, if the same is
missing in each. A template that walks the rows of one query in several places lacks one thing.
What a function says of rows that its caller holds is left out where a caller says it better.
"""

from collections.abc import Iterable

from msgspec import structs

from praxis.audit.flow.events import Event, Read, RelationsRead, Spot

#: The file whose interpretation told of it, and what it told.
Told = tuple[str, Event]


def merged(told: Iterable[Told]) -> list[Told]:
    """The events, each cause once, in their order."""
    known = dict.fromkeys(told)
    seen = {
        read.spot
        for _, event in known
        if isinstance(event, RelationsRead) and not event.given
        for read in event.reads
    }
    groups: dict[object, list[Told]] = {}
    for path, event in known:
        if not isinstance(event, RelationsRead):
            groups.setdefault(event, []).append((path, event))
        elif not (event.given and all(read.spot in seen for read in event.reads)):
            groups.setdefault(_cause(event), []).append((path, event))
    result = [_joined(group) for group in groups.values()]
    return _by_loop(result)


def _cause(event: RelationsRead) -> object:
    """Of rendered rows the query; else the loop and the query."""
    if event.kind and event.origins:
        return event.kind, event.model, event.origins
    return (*_loop_of(event), event.given, event.origins)


def _loop_of(event: RelationsRead) -> tuple[object, ...]:
    return event.path, event.loop, event.iterated, event.model, event.kind


def _by_loop(told: list[Told]) -> list[Told]:
    """Queries that lack the same in the same loop are told together."""
    groups: dict[object, list[Told]] = {}
    for path, event in told:
        key: object = event
        if isinstance(event, RelationsRead):
            lookups = frozenset(read.lookup for read in event.reads)
            key = *_loop_of(event), lookups
        groups.setdefault(key, []).append((path, event))
    return [_joined(group) for group in groups.values()]


def _joined(group: list[Told]) -> Told:
    path, first = group[0]
    if len(group) == 1 or not isinstance(first, RelationsRead):
        return path, first
    events = [event for _, event in group if isinstance(event, RelationsRead)]
    limits = {event.limit for event in events}
    whole = structs.replace(
        first,
        reads=_each_once(events),
        origins=tuple(dict.fromkeys(site for event in events for site in event.origins)),
        limit=max((limit for limit in limits if limit is not None), default=None)
        if None not in limits
        else None,
        restricted=any(event.restricted for event in events),
        streamed=any(event.streamed for event in events),
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
