"""
Where kombu keeps what waits in Redis.

A queue is a list: new messages at its head, the next one to be taken at its tail; with priorities
there are several, whose names end in a separator and a number. Which queues there are stands in
sets ``_kombu.binding.EXCHANGE``. What workers have taken and not acknowledged is in the hash
``unacked``, and since when in the sorted set ``unacked_index``
(https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.transport.redis.html).
"""

from collections.abc import Iterator
from typing import Any, Protocol

from praxis.doctor.limits import Limits
from praxis.doctor.targets import Target

SEPARATOR = "\x06\x16"
_BINDINGS = "_kombu.binding."
#: Of Celery itself: remote control and events, which nobody waits for.
_INTERNAL = ("pidbox", "celeryev")
_PRIORITIES = (0, 3, 6, 9)
_STEPS = 50


class Broker(Protocol):
    """A broker that can be asked; `praxis.doctor.broker.redis_session` is one."""

    target: Target
    limits: Limits
    kept: dict[str, Any]

    def ask(self, *words: str | int) -> Any:
        """Send one reading command."""


def queues(broker: Broker) -> list[str]:
    """The names of the queues that tasks wait in."""
    if "queues" not in broker.kept:
        found = {"celery", *_bound(broker)}
        broker.kept["queues"] = sorted(
            name for name in found if not any(part in name for part in _INTERNAL)
        )
    names: list[str] = broker.kept["queues"]
    return names


def lists(queue: str) -> list[str]:
    """The keys of a queue's lists, the most urgent first."""
    return [f"{queue}{SEPARATOR}{priority}" if priority else queue for priority in _PRIORITIES]


def length(broker: Broker, queue: str) -> int:
    """How many tasks wait in it."""
    return sum(int(broker.ask("LLEN", key)) for key in lists(queue))


def _bound(broker: Broker) -> Iterator[str]:
    cursor: Any = 0
    for _ in range(_STEPS):
        cursor, keys = broker.ask("SCAN", cursor, "MATCH", f"{_BINDINGS}*", "COUNT", 1000)
        for key in keys:
            _, members = broker.ask("SSCAN", key, 0, "COUNT", 1000)
            yield from (member.split(SEPARATOR)[-1] for member in members)
        if str(cursor) == "0":
            return
