"""
What components tell whoever listens: a component announces and never asks who that is.

    from praxis.announcements import ServerDown, listen

    listen(ServerDown, lambda event: log.warning("%s is down", event.alias))
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

logger = logging.getLogger("praxis")

E = TypeVar("E")

_listeners: dict[type, tuple[Callable[[Any], None], ...]] = {}


@dataclass(frozen=True, slots=True)
class ServerDown:
    """
    A Redis server failed; calls to it fail at once until it answers again.

    Attributes:
        alias: Its name in the settings.
        address: ``host:port`` or the path of a socket.
    """

    alias: str
    address: str


@dataclass(frozen=True, slots=True)
class ServerBack:
    """
    A Redis server that was down answers again.

    Attributes:
        alias: Its name in the settings.
        address: ``host:port`` or the path of a socket.
    """

    alias: str
    address: str


@dataclass(frozen=True, slots=True)
class StaleResult:
    """
    An entry of the query cache differed from the database. It was dropped and not served.

    Attributes:
        database: The alias of the database.
        sql: The query, without its parameters, which may be personal.
        lacking: How many rows of the database were not in the entry as they are.
        surplus: How many rows of the entry were not in the database as they are.
    """

    database: str
    sql: str
    lacking: int
    surplus: int


def listen(kind: type[E], callback: Callable[[E], None]) -> Callable[[], None]:
    """
    Call back with each event of this kind, in the thread that announces it; return the way out.

    The callback must be quick and must not wait: a request is waiting for it.
    """
    _listeners[kind] = (*_listeners.get(kind, ()), callback)

    def stop() -> None:
        _listeners[kind] = tuple(each for each in _listeners[kind] if each is not callback)

    return stop


def announce(event: object) -> None:
    """Tell the listeners. One that fails is logged; the others and the announcer go on."""
    for callback in _listeners.get(type(event), ()):
        try:
            callback(event)
        except Exception:
            logger.exception("A listener failed on %r", event)
