"""
Writers that cannot reach Redis, and readers that look for the words they leave in the database.

Time is counted in ticks of `TICK_MS`; a look counts for one of them, and a hold for `HOLD_MS`.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from praxis.cache.protocol.calls import (
    LOOK,
    READ_LOOKED,
    SETTLE,
    Bypass,
    Hit,
    LookFirst,
    Miss,
    Reading,
    Writing,
)
from tests.unit.cache.protocol.interleavings import Change, Explorer, Reader, World

TICK_MS = 10
COUNTS_MS = TICK_MS
HOLD_MS = 3 * TICK_MS
#: What a hold is told from a write by.
HOLD = "hold"


@dataclass(slots=True)
class CutOffWriter:
    """
    Makes one change without Redis. *steps* is the order of what it does.

    ``hold`` leaves a hold, ``write`` and ``commit`` the change; ``commit+word`` with the word of
    it. ``wait`` waits until no look counts that did not see the word; ``wait for the hold`` until
    none does at all, since none that sees the hold ever counts.
    """

    name: str
    change: Change
    steps: tuple[str, ...]
    done: int = 0
    version: int = 0
    committed_ms: int = 0
    held_ms: int = 0

    def key(self) -> object:
        return self.steps, self.done, self.version, self.committed_ms, self.held_ms

    def choices(self, world: World, index: int) -> Iterator[str]:
        del index
        if self.done == len(self.steps):
            return
        step = self.steps[self.done]
        if step == "wait" and world.now_ms < self.committed_ms + COUNTS_MS:
            return
        if step == "wait for the hold" and world.now_ms < self.held_ms + COUNTS_MS:
            return
        yield step

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index, explorer
        self.done += 1
        if choice == "hold":
            self.held_ms = world.now_ms
            world.words = (*world.words, (world.now_ms, HOLD))
        elif choice in {"commit", "commit+word"}:
            old = world.history[-1]
            new = self.change.apply(old)
            self.version, self.committed_ms = len(world.history), world.now_ms
            world.history = (*world.history, new)
            if choice == "commit+word":
                world.words = (*world.words, (world.now_ms, old, new))
        elif choice == "wait for the hold":
            # it must still stand, else the writer waits as it would without
            if world.now_ms >= self.held_ms + HOLD_MS:
                rest = self.steps[self.done :]
                self.steps = (*self.steps[: self.done], *rest[:-1], "wait", *rest[-1:])
        elif choice == "acknowledge":
            world.acknowledged = max(world.acknowledged, self.version)
        return ""


@dataclass(slots=True)
class LookingReader(Reader):
    """
    A reader that looks for words where it is told to, and may be killed.

    Attributes:
        change: What words are about.
        order: What it does after it has asked for the words.
        counts_from: ``answer``: a look counts from when the reader was sent to look; ``end`` is
            a mistake, as is `heeds_holds` False.
    """

    change: Change | None = None
    order: tuple[str, ...] = ("void", "look", "delete")
    counts_from: str = "answer"
    heeds_holds: bool = True
    mortal: bool = False
    begun_ms: int = 0
    found: tuple[Any, ...] = ()
    todo: tuple[str, ...] = ()
    looked: bool = False

    def key(self) -> object:
        looking = self.begun_ms, self.found, self.todo, self.looked
        return (*Reader.key(self), *looking)  # type: ignore[misc]

    def choices(self, world: World, index: int) -> Iterator[str]:
        del index
        if self.times:
            yield self.todo[0] if self.todo else self.at
            if self.mortal and world.faults and self.todo:
                yield "dies"

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        if choice == "dies":
            self.times, world.faults = 0, world.faults - 1
        elif choice == "ask for words":
            self._ask_for_words(world)
        elif choice in {"void", "look", "delete"}:
            self.todo = self.todo[1:]
            getattr(self, f"_{choice}")(world, explorer)
        elif choice == "read":
            return self._read(world, explorer)
        else:
            return Reader.step(self, world, index, choice, explorer)
        return ""

    def wrong_afterwards(self, world: World, explorer: Explorer) -> str:
        """What is wrong when no hold stands any more, and looks from before count no more."""
        world.now_ms += HOLD_MS
        reader = LookingReader("afterwards", self.query, 1, change=self.change)
        wrong = ""
        while reader.times and not wrong:
            wrong = reader.step(world, 0, next(reader.choices(world, 0)), explorer)
        return wrong

    def _read(self, world: World, explorer: Explorer) -> str:
        if not self.looked:
            self._begin(world, explorer)
        reading = Reading(self.query.name, self.query.depends)

        def make(keys: Any) -> Any:
            return keys.after_a_look(reading.read(keys, ttl_ms=1, strict=explorer.strict), 0)

        said, self.era = explorer.run(world, READ_LOOKED, make)
        answer = reading.answer(said)
        if isinstance(answer, LookFirst):
            if self.looked:
                self.at, self.looked = "bypass", False
            else:
                self.begun_ms, self.todo, self.looked = answer.begun_ms, ("ask for words",), True
            return ""
        self.looked = False
        if isinstance(answer, Hit):
            self.value = answer.payload
            return self._end(world)
        if isinstance(answer, Bypass):
            self.at = "bypass"
        else:
            assert isinstance(answer, Miss)
            self.miss, self.at = answer, "ask"
        return ""

    def _ask_for_words(self, world: World) -> None:
        self.found, self.todo = world.words, self.order
        holds = [at for at, *what in self.found if what == [HOLD]]
        if self.heeds_holds and any(world.now_ms < at + HOLD_MS for at in holds):
            self.todo = tuple(step for step in self.order if step != "look")
            self.found = tuple(word for word in self.found if word[1] != HOLD)

    def _void(self, world: World, explorer: Explorer) -> None:
        assert self.change is not None
        for _, *what in self.found:
            if what == [HOLD]:
                continue
            written = self.change.written(*what)
            shapes = {
                table: record.get(b"s", b";")
                for table in written
                for key, record in world.store.items()
                if key.endswith(b"t" + table.encode()) and isinstance(record, dict)
            }
            writing = explorer.made(
                world, lambda written=written, shapes=shapes: Writing(written, shapes)
            )
            writing.know(written)
            explorer.run(
                world, SETTLE, lambda keys, w=writing: w.settle(keys, written=True), self.era
            )

    def _look(self, world: World, explorer: Explorer) -> None:
        begun_ms = self.begun_ms if self.counts_from == "answer" else world.now_ms
        explorer.run(world, LOOK, lambda keys: keys.look(begun_ms, COUNTS_MS), self.era)

    def _delete(self, world: World, explorer: Explorer) -> None:
        del explorer
        world.words = tuple(word for word in world.words if word not in self.found)


@dataclass(slots=True)
class Clock:
    """Goes on, so many times."""

    ticks: int
    name: str = "clock"

    def key(self) -> object:
        return self.ticks

    def choices(self, world: World, index: int) -> Iterator[str]:
        del world, index
        if self.ticks:
            yield "ticks"

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index, choice, explorer
        self.ticks -= 1
        world.now_ms += TICK_MS
        world.store = copy(world.store)
        return ""
