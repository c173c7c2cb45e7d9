"""
Which replica answers a read. No I/O here.

A session is led to the same replica as long as that one is there: what it sees then never goes
back. Rendezvous hashing spreads the sessions, and moves only those of a replica that is gone.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from praxis.databases.clusters import Replica
from praxis.databases.positions import Position


def order(session: str, replicas: Iterable[Replica]) -> list[Replica]:
    """The replicas in the order in which a session prefers them; its home comes first."""
    key = session.encode(errors="replace")
    return sorted(
        replicas, key=lambda one: blake2b(one.alias.encode(), key=key[:64]).digest(), reverse=True
    )


def choose(
    preferred: Sequence[Replica], floor: Position | None
) -> tuple[Replica | None, list[tuple[Replica, Position]]]:
    """
    The first replica that is known to show *floor*; and if there is none, those worth asking.

    Of a session whose replica is out it must show what that one may have shown, too.

    With each of those comes what it has to show. Asked are those that are up and were not far
    behind: their position is only as old as the last look at it. One that is known to be late
    would most likely say no.
    """
    asked: list[tuple[Replica, Position]] = []
    for one in preferred:
        if not one.is_up:
            # who was led there before has seen what it showed
            if one.left_at is not None:
                floor = one.left_at if floor is None else max(floor, one.left_at)
            continue
        if floor is None:
            return one, []
        known = one.position
        if known is not None and known.shows(floor):
            return one, []
        if one.is_worth_asking:
            asked.append((one, floor))
    return None, asked
