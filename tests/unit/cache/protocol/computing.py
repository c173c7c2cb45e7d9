"""Processes that compute a result from several queries, as a further kind of actor."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from praxis.cache.protocol.calls import (
    FILL,
    READ,
    RECALL,
    WAIT,
    Bypass,
    Call,
    Hit,
    Keys,
    Miss,
    Reading,
)
from praxis.cache.protocol.computations import Collected, recall
from tests.unit.cache.protocol.interleavings import Explorer, Query, World

_SEPARATOR = b"/"


class _NotKeptError(Exception):
    """Something that was read speaks against it."""


@dataclass(slots=True)
class Computer:
    """
    Computes a result of *parts*, some times, or is answered what was kept of it.

    *forgets* the stamps of its first part, or takes the *newest* of those that it met: mistakes.
    *leads* if others may be kept waiting; who waits may give up at any time.
    """

    name: str
    parts: tuple[Query, ...]
    times: int = 2
    forgets: bool = False
    newest: bool = False
    leads: bool = False
    at: str = "recall"
    floor: int = 0
    era: bytes = b""
    lease: bytes = b""
    miss: Any = None
    values: tuple[bytes, ...] = ()
    collected: Collected = field(default_factory=Collected)

    @property
    def result(self) -> bytes:
        return _SEPARATOR.join(part.name for part in self.parts)

    def key(self) -> object:
        miss = self.miss and (self.miss.stamps, self.miss.anys)
        found = self.collected
        reads = [
            (
                name, one.any, one.bulk or b"-", one.whole or b"-",
                sorted(one.joined), one.joined_any,
            )
            for name, one in sorted(found.reads.items())
        ]  # fmt: skip
        return (
            self.result, self.times, self.at, self.floor, self.era, self.lease, miss, self.values,
            found.reason, reads, sorted(found.conditions.items()),
        )  # fmt: skip

    def choices(self, world: World, index: int) -> Iterator[str]:
        del world, index
        if self.times:
            yield self.at
            if self.at == "wait":
                yield "gives up"

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index
        self.collected = deepcopy(self.collected)
        if choice in {"recall", "wait"}:
            return self._recall(world, explorer)
        if choice in {"gives up", "read"}:
            return self._read(world, explorer)
        if choice == "ask":
            return self._ask(world)
        with suppress(_NotKeptError):
            explorer.run(world, FILL, lambda keys: self._kept(keys, explorer), self.era)
        return self._end(world, joint=False)

    def _kept(self, keys: Keys, explorer: Explorer) -> Call:
        call = self.collected.keep(
            keys, self.result, _SEPARATOR.join(self.values),
            lease=self.lease, ttl_ms=1, stale_ms=0, strict=explorer.strict,
        )  # fmt: skip
        if call is None:
            raise _NotKeptError
        return call

    def _recall(self, world: World, explorer: Explorer) -> str:
        if self.at == "recall":
            self.floor = world.acknowledged
            if explorer.linearizable:
                self.floor = max(self.floor, world.seen)
        answer, self.era = explorer.run(
            world,
            RECALL,
            lambda keys: recall(
                keys, self.result, lease_ms=int(self.leads), stale_ms=0, strict=explorer.strict
            ),
        )
        if isinstance(answer, bytes):
            self.lease, self.at = answer, "wait" if answer == WAIT else "read"
            return ""
        at, entry, _ = answer
        self.values = tuple(entry[at - 1 :].split(_SEPARATOR))
        # where the order among readers may be lost, parts that were read before and after a commit
        # may meet, as they do in the database
        return self._end(world, joint=explorer.linearizable)

    def _read(self, world: World, explorer: Explorer) -> str:
        part = self.parts[len(self.values)]
        reading = Reading(part.name, part.depends)
        said, era = explorer.run(
            world,
            READ,
            lambda keys: reading.read(keys, ttl_ms=1, strict=explorer.strict, told=True),
        )
        if era != self.era:
            self.collected.forbid("era")
        answer = reading.answer(said)
        self.at = "ask"
        self.miss = None
        if isinstance(answer, Bypass):
            self.collected.forbid("flying")
        elif isinstance(answer, Miss):
            self.miss = answer
        else:
            self._add(part, answer, None)
            return self._next(world, answer.payload)
        return ""

    def _ask(self, world: World) -> str:
        part, row = self.parts[len(self.values)], world.history[-1]
        if self.miss is not None:
            self._add(part, self.miss, part.rows(row))
            self.miss = None
        return self._next(world, part.answer(row))

    def _add(self, part: Query, stamps: Hit | Miss, rows: Any) -> None:
        if self.forgets and not self.values:
            return
        keys = Keys("default", self.era[:2], self.era)
        if self.newest:
            self.collected.reads.clear()
            self.collected.conditions.clear()
        self.collected.add(keys, Reading(part.name, part.depends), stamps, rows)

    def _next(self, world: World, value: bytes) -> str:
        self.values = (*self.values, value)
        self.at = "read" if len(self.values) < len(self.parts) else "keep"
        return ""

    def _end(self, world: World, *, joint: bool) -> str:
        versions = range(self.floor, len(world.history))
        answers = [[part.answer(world.history[at]) for part in self.parts] for at in versions]
        if joint:
            allowed = [
                at for at, told in zip(versions, answers, strict=True) if [*self.values] == told
            ]
        else:  # each part as the database, or the cache of queries, told it
            fits = [
                [at for at, told in zip(versions, answers, strict=True) if told[place] == value]
                for place, value in enumerate(self.values)
            ]
            allowed = [max(each[0] for each in fits)] if all(fits) else []
        if not allowed:
            return f"{self.name} was answered {self.values!r}, older than version {self.floor}"
        world.seen = max(world.seen, allowed[0])
        self.values, self.miss, self.collected, self.lease = (), None, Collected(), b""
        self.at, self.times = "recall", self.times - 1
        return ""
