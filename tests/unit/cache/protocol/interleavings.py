"""
Every order in which readers, writers and faults can take their steps, tried one by one.

The readers and writers are the ones of `praxis.cache.protocol`, with its scripts; the database is
one row, whose committed values are remembered. A step is what one process does between two
messages to others. After each read it is asked whether the answer was allowed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from praxis.cache.protocol import calls
from praxis.cache.protocol.calls import (
    FILL,
    MARK,
    READ,
    RESOLVE,
    SETTLE,
    VOID,
    Bypass,
    Hit,
    Keys,
    Reading,
    Writing,
    Written,
)
from praxis.cache.protocol.dependencies import Dependency
from tests.unit.cache.protocol.model_redis import ModelRedis, Store

#: A committed row: what of it readers may ask for, by name.
Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asks: *depends* on what, and what it is answered for a row."""

    name: bytes
    depends: tuple[Dependency, ...]
    answer: Callable[[Row], bytes]
    #: The keys of joined rows that the answer names.
    rows: Callable[[Row], dict[str, list[object]]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class Change:
    """What a writer makes of a row, and what it tells of it: the tables and the conditions."""

    apply: Callable[[Row], Row]
    written: Callable[[Row, Row], dict[str, Written]]


class Broken(Exception):  # noqa: N818 - what is broken is the promise
    """A read was answered what it must not be; *trace* are the steps that led there."""

    def __init__(self, what: str, trace: Sequence[str]) -> None:
        super().__init__(f"{what}: {' · '.join(trace)}")
        self.trace = trace


@dataclass(slots=True)
class World:
    """Everything that a step may change."""

    store: Store
    history: tuple[Row, ...]
    incarnation: int = 0
    #: As the processes know it. They share what they know, which is right as soon as one asks.
    era: bytes = b""
    snapshot: Store | None = None
    stamps: int = 0
    lock: int | None = None
    #: How many of the committed values were acknowledged, and the newest that a read answered.
    acknowledged: int = 0
    seen: int = 0
    faults: int = 0
    actors: list[Any] = field(default_factory=list)
    #: The actors as bytes: worked out once for each step of each.
    told: list[bytes] = field(default_factory=list)

    def key(self) -> bytes:
        """
        The same for states that differ in nothing but the names of stamps and of like actors.

        What was acknowledged, seen and committed only matters by how it compares.
        """
        known: dict[bytes, bytes] = {}

        def renamed(found: re.Match[bytes]) -> bytes:
            return known.setdefault(found[0], b"#%d#" % len(known))

        actors = [
            told + (b"!" if self.lock == index else b"") for index, told in enumerate(self.told)
        ]
        rest = self.history, self.incarnation, self.acknowledged, self.seen, self.faults
        store = _told(self.store) + _told(self.snapshot or {}) + self.era
        store += repr(rest).encode()
        return _STAMP.sub(renamed, b"|".join([store, *sorted(actors)]))

    def copied(self) -> "World":
        made = copy(self)
        made.store = dict(self.store)  # its values are never changed, only replaced
        made.actors, made.told = [*self.actors], [*self.told]
        return made

    def acting(self, index: int) -> Any:
        """The actor that is about to change, as this world's own."""
        self.actors[index] = copy(self.actors[index])
        return self.actors[index]


#: Stamps are made to be found in whatever holds them.
_STAMP = re.compile(rb"\xffS[0-9]{6}")


def _told(store: Store) -> bytes:
    parts: list[bytes] = []
    for key in sorted(store):
        value = store[key]
        pairs = (
            [value]
            if isinstance(value, bytes)
            else [part for field in sorted(value) for part in (field, value[field])]
        )
        parts += (key, *pairs)
    return b",".join(parts)


def _flat(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, tuple | list):
        return b"(" + b",".join(map(_flat, value)) + b")"
    return str(value).encode()


class Explorer:
    """
    Takes every step from every state that can be reached.

    Args:
        linearizable: Whether a read must also not be older than what another read was answered
            that ended before it began.
        prefixed: Whether servers have run ids; without is a protocol broken on purpose.
    """

    def __init__(self, *, strict: bool, linearizable: bool, prefixed: bool = True) -> None:
        self.strict, self.linearizable, self._prefixed = strict, linearizable, prefixed
        self._redis = ModelRedis()
        self.states = 0

    def explore(self, world: World) -> None:
        """
        Raises:
            Broken: at the first answer that is not allowed.
        """
        world.told = [_flat(actor.key()) for actor in world.actors]
        known = {world.key()}
        stack: list[tuple[World, tuple[str, ...]]] = [(world, ())]
        while stack:
            state, trace = stack.pop()
            self.states += 1
            ended = True
            for index, actor in enumerate(state.actors):
                for choice in actor.choices(state, index):
                    ended = ended and choice.startswith("evicts ")
                    then = state.copied()
                    steps = (*trace, f"{actor.name} {choice}")
                    acting = then.acting(index)
                    wrong = acting.step(then, index, choice, self)
                    if wrong:
                        raise Broken(wrong, steps)
                    then.told[index] = _flat(acting.key())
                    key = then.key()
                    if key not in known:
                        known.add(key)
                        stack.append((then, steps))
            if ended:
                self._look_back(state, trace)

    def _look_back(self, world: World, trace: tuple[str, ...]) -> None:
        """When all is over, every reader must be answered what the database holds."""
        for actor in world.actors:
            if isinstance(actor, Reader):
                then = world.copied()
                reader = Reader("afterwards", actor.query)
                then.acknowledged = len(world.history) - 1
                if reader.step(then, 0, "read", self):
                    raise Broken("what is older is answered for ever", trace)

    def run(
        self,
        world: World,
        script: str,
        make: Callable[[Keys], calls.Call],
        era: bytes | None = None,
    ) -> tuple[Any, bytes]:
        """
        The answer, and the era that it is of, as a store would get them.

        Args:
            era: Only in that one: in another, None is answered.
        """
        run_id = b"r%d" % (world.incarnation if self._prefixed else 0)
        self._redis.store = world.store
        known = world.era if era is None else era
        while True:
            keys = Keys("default", run_id, known if known.startswith(run_id) else b"")
            answer = self._redis.run(
                script, *keys.within_era(self.made(world, lambda keys=keys: make(keys)))
            )
            other = keys.other_era(answer)
            if other is None:
                return answer, keys.era
            if era is not None:
                return None, era
            known = world.era = other

    def made(self, world: World, make: Callable[[], Any]) -> Any:
        """What *make* makes, with stamps that are counted instead of random."""

        def counted() -> bytes:
            world.stamps += 1
            return b"\xffS%06d" % world.stamps

        before = calls.fresh_stamp
        calls.fresh_stamp = counted
        try:
            return make()
        finally:
            calls.fresh_stamp = before


@dataclass(slots=True)
class Reader:
    """Reads a query some times. *late* reads the stamps after the statement: a mistake."""

    name: str
    query: Query
    times: int = 2
    late: bool = False
    at: str = "read"
    floor: int = 0
    era: bytes = b""
    miss: Any = None
    value: bytes = b""
    rows: Any = None

    def key(self) -> object:
        miss = self.miss and (self.miss.stamps, self.miss.anys)
        rows = repr(self.rows)
        return (
            self.query.name, self.times, self.at, self.floor, self.era, miss, self.value,
            rows,
        )  # fmt: skip

    def choices(self, world: World, index: int) -> Iterator[str]:
        del world, index
        if self.times:
            yield self.at

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index, choice
        reading = Reading(self.query.name, self.query.depends)
        if self.at == "read" and self.late and not self.value:
            self._begin(world, explorer)
            self._ask_database(world)
            return ""
        if self.at == "read":
            if not self.late:
                self._begin(world, explorer)
            said, self.era = explorer.run(
                world, READ, lambda keys: reading.read(keys, ttl_ms=1, strict=explorer.strict)
            )
            answer = reading.answer(said)
            if isinstance(answer, Hit):
                self.value = answer.payload
                return self._end(world)
            if isinstance(answer, Bypass):
                self.at = "bypass"
            else:
                self.miss, self.at = answer, "fill" if self.late else "ask"
            return ""
        if self.at in {"ask", "bypass"}:
            bypass = self.at == "bypass"
            if not self.late:
                self._ask_database(world)
            if bypass:
                return self._end(world)
            self.at = "fill"
            return ""
        explorer.run(
            world,
            FILL,
            lambda keys: reading.fill(
                keys, self.miss, self.value, self.rows, ttl_ms=1, strict=explorer.strict
            ),
            self.era,
        )
        return self._end(world)

    def _begin(self, world: World, explorer: Explorer) -> None:
        self.floor = world.acknowledged
        if explorer.linearizable:
            self.floor = max(self.floor, world.seen)

    def _ask_database(self, world: World) -> None:
        row = world.history[-1]
        self.value, self.rows = self.query.answer(row), self.query.rows(row)

    def _end(self, world: World) -> str:
        allowed = [
            version
            for version in range(self.floor, len(world.history))
            if self.query.answer(world.history[version]) == self.value
        ]
        if not allowed:
            return f"{self.name} was answered {self.value!r}, older than version {self.floor}"
        world.seen = max(world.seen, allowed[0])
        self.value, self.rows, self.miss = b"", None, None
        self.at, self.times = "read", self.times - 1
        return ""


@dataclass(slots=True)
class Writer:
    """
    Makes one change, and may be killed at any step.

    *steps* is the order of what it does; the right one is `TRANSACTION` or `AUTOCOMMIT`.
    """

    name: str
    change: Change
    steps: tuple[str, ...]
    mortal: bool = False
    fails: bool = False
    done: int = 0
    alive: bool = True
    old: Row = ()
    version: int = 0
    writing: Any = None
    rolled_back: bool = False

    def key(self) -> object:
        writing = self.writing and (
            self.writing.token,
            *self.writing._shapes.values(),
            *self.writing._values.values(),
        )
        return self.steps, self.done, self.alive, self.old, self.version, self.rolled_back, writing

    def choices(self, world: World, index: int) -> Iterator[str]:
        if not self.alive or self.done == len(self.steps):
            return
        step = self.steps[self.done]
        if step in {"write", "write+commit"} and world.lock not in {None, index}:
            return
        yield step
        if step == "commit" and self.fails:
            yield "rollback"
        if self.mortal and world.faults:
            yield "dies"

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        if choice == "dies":
            self.alive = False
            world.faults -= 1
            if world.lock == index:
                world.lock = None
            return ""
        self.done += 1
        if choice == "write":
            world.lock, self.old = index, world.history[-1]
        elif choice == "write+commit":
            self._commit(world, world.history[-1])
        elif choice == "commit":
            self._commit(world, self.old)
            world.lock = None
        elif choice == "rollback":
            self.rolled_back, world.lock = True, None
        elif choice == "acknowledge":
            if not self.rolled_back:
                world.acknowledged = max(world.acknowledged, self.version)
        else:
            self._tell(world, choice, explorer)
        return ""

    def _commit(self, world: World, old: Row) -> None:
        self.version = len(world.history)
        world.history = (*world.history, self.change.apply(old))

    def _tell(self, world: World, choice: str, explorer: Explorer) -> None:
        if self.writing is None:
            old = self.old or world.history[-1]
            written = self.change.written(old, self.change.apply(old))
            self.writing = explorer.made(world, lambda: Writing(written))
        self.writing = copy(self.writing)  # the states before it keep theirs
        self.writing._values = dict(self.writing._values)
        if choice == "mark":
            answer, _ = explorer.run(world, MARK, self.writing.mark)
            if self.writing.learn(answer) is not None:
                self.done -= 1  # it marks again, with what it has learnt
            return
        if not self.writing._values:
            explorer.made(world, lambda: self.writing.mark(Keys("default", b"")))
        written = not self.rolled_back
        explorer.run(world, SETTLE, lambda keys: self.writing.settle(keys, written=written))


TRANSACTION = ("write", "mark", "commit", "settle", "acknowledge")
#: The statement commits by itself; its row is locked in no step that others could see.
AUTOCOMMIT = ("mark", "write+commit", "settle", "acknowledge")


@dataclass(slots=True)
class Trouble:
    """Takes keys away, restarts the server, or restores what it held before."""

    name: str
    kinds: tuple[str, ...]

    def key(self) -> object:
        return self.name

    def choices(self, world: World, index: int) -> Iterator[str]:
        del index
        if not world.faults:
            return
        for kind in self.kinds:
            if kind == "evict":
                # records and the era never expire: who evicts volatile keys keeps them
                yield from (
                    f"evicts {key.hex()}"
                    for key, value in world.store.items()
                    if isinstance(value, bytes) and not key.endswith(b":era")
                )
            elif kind == "evict all":
                yield from (f"evicts {key.hex()}" for key in world.store)
            elif kind != "restore" or world.snapshot is not None:
                yield kind

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index, explorer
        if choice.startswith("evicts "):
            del world.store[bytes.fromhex(choice.removeprefix("evicts "))]
            world.faults -= 1
        elif choice == "save":
            world.snapshot, world.faults = dict(world.store), world.faults - 1
        elif choice == "restore":
            world.store, world.incarnation = dict(world.snapshot or {}), world.incarnation + 1
            world.faults -= 1
        elif choice == "change over":
            # the other server knows what this one did, and takes its place under its own name
            world.incarnation, world.faults = 1 - world.incarnation, world.faults - 1
        elif choice == "restart":
            world.store, world.incarnation = {}, world.incarnation + 1
            world.faults -= 1
        return ""


@dataclass(slots=True)
class Resolver:
    """
    Lets go of marks of writers that are gone; *hasty* ones do not ask the database first.
    """

    name: str
    table: str
    hasty: bool = False

    def key(self) -> object:
        return self.name

    def choices(self, world: World, index: int) -> Iterator[str]:
        del index
        if self._tokens(world) and (self.hasty or world.lock is None):
            yield "resolves"

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index, choice
        tokens = self._tokens(world)
        explorer.run(
            world,
            RESOLVE,
            lambda keys: ([keys.record(self.table)], [calls.fresh_stamp(), *tokens]),
        )
        return ""

    def _tokens(self, world: World) -> list[bytes]:
        """Of writers that cannot be in the middle of a transaction: dead, or not begun."""
        for key, record in world.store.items():
            if isinstance(record, dict) and key.endswith(b"t" + self.table.encode()):
                return [name[1:] for name in record if name.startswith(b"w")]
        return []


@dataclass(slots=True)
class Clearer:
    """Voids tables, once; *script* is another than the right one where it does so by mistake."""

    name: str
    tables: tuple[str, ...]
    script: str = VOID
    done: bool = False

    def key(self) -> object:
        return self.name, int(self.done)

    def choices(self, world: World, index: int) -> Iterator[str]:
        del world, index
        if not self.done:
            yield "clears"

    def step(self, world: World, index: int, choice: str, explorer: Explorer) -> str:
        del index, choice
        self.done = True
        explorer.run(
            world,
            self.script,
            lambda keys: ([*map(keys.record, self.tables)], [calls.fresh_stamp()]),
        )
        return ""
