"""The state of one function while it is interpreted, and the events that it gathers."""

from collections.abc import Iterable, Iterator

from msgspec import structs

from praxis.audit.flow.events import (
    Event,
    KeyRead,
    Read,
    RowsCreated,
    Spot,
)
from praxis.audit.flow.interpreter.followed_relations import FollowedRelations
from praxis.audit.flow.merging import one_query


class Frame(FollowedRelations):
    """One function (or the module's own level): names, loops, what was read of which instance."""

    def finish(self) -> list[Event]:
        """All events of the function."""
        self.events += one_query(
            structs.replace(event, reads=tuple(_one_level(dict.fromkeys(reads))))
            for event, reads in self._reads.values()
            if reads
        )
        self.events += self._creations()
        self.events += self.lookups.values()
        keys: dict[tuple[int, str], KeyRead] = {}
        for token, name, read in self.keys_read:
            if (token, name) not in self.loaded:
                first = keys.get((token, name))
                keys[token, name] = read if first is None else with_read(first, read)
        self.events += keys.values()
        return self.events

    def _creations(self) -> Iterator[RowsCreated]:
        """The new rows of loops that do nothing else, and whose rounds do not see each other's."""
        held = [pending for pending in self.pending if pending.token not in self.escaped]
        for pending in held:
            event, loop = pending.event, pending.loop
            together = {
                other.event.span
                for other in held
                if other.loop is loop and other.event.model == event.model
            }
            related = {relation.target for relation in self.model(event.model).relations.values()}
            if (
                pending.writes <= together
                and event.model not in loop.queried
                and not loop.queried_again & related
            ):
                yield event


def with_read(first: KeyRead, other: KeyRead) -> KeyRead:
    """Two reads of one key told as one."""
    return structs.replace(
        first, reads=first.reads + other.reads, in_loop=first.in_loop or other.in_loop
    )


def _one_level(reads: Iterable[Read]) -> Iterator[Read]:
    """The reads, without the same relation read further down: who knows how far it goes."""
    seen: dict[tuple[Spot, str], list[tuple[str, ...]]] = {}
    for read in reads:
        above = seen.setdefault((read.spot, read.path[-1]), [])
        if not any(read.path != path and read.path[: len(path)] == path for path in above):
            above.append(read.path)
            yield read
