"""
Two servers of which each takes itself for the master, as further worlds for the same actors.

The second one knows what the first one knew when it was promoted. Each actor asks the one that a
majority of Sentinels named when it last asked them; `praxis.cache.protocol.mastership` says for
how long that counts, and from when on the second one is used.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from praxis.cache.protocol import calls
from praxis.cache.protocol.calls import READ, Bypass, Keys
from praxis.cache.protocol.mastership import is_certain, opens_in_s
from tests.unit.cache.protocol.interleavings import Broken, Explorer, Reader, World

#: Two of them are as long as either of the two times.
TICK_MS = 1_100
#: Whom a majority of the Sentinels names: one of them, or nobody while they disagree.
FIRST, NOBODY, SECOND = range(3)


@dataclass(slots=True)
class GroupWorld(World):
    """`store` is what the first server holds, `snapshot` what the second one does."""

    named: int = FIRST

    def key(self) -> bytes:
        return World.key(self) + b"%d" % self.named


@dataclass(slots=True)
class Promotion:
    """Sentinels promote the second server, and some time later agree that they did."""

    name: str = "sentinels"

    def key(self) -> object:
        return self.name

    def choices(self, world: GroupWorld, index: int) -> Iterator[str]:
        del index
        if world.named != SECOND:
            yield "promote" if world.named == FIRST else "agree"

    def step(self, world: GroupWorld, index: int, choice: str, explorer: Explorer) -> str:
        del index, explorer
        world.named = NOBODY if choice == "promote" else SECOND
        if choice == "promote":
            world.snapshot = dict(world.store)
        return ""


@dataclass(slots=True)
class Clock:
    """Lets time go by, in steps of `TICK_MS`."""

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
        return ""


@dataclass(slots=True)
class Member:
    """An actor that asks Sentinels for the way, *asked_ms* for the last time."""

    actor: Any
    server: int = FIRST
    asked_ms: int = 0

    @property
    def name(self) -> str:
        return str(self.actor.name)

    def key(self) -> object:
        return self.actor.key(), self.server, self.asked_ms

    def choices(self, world: GroupWorld, index: int) -> Iterator[str]:
        yield from self.actor.choices(world, index)

    def step(self, world: GroupWorld, index: int, choice: str, explorer: "GroupExplorer") -> str:
        self.actor = copy(self.actor)
        explorer.member = self
        before = copy(self.actor)
        try:
            wrong: str = self.actor.step(world, index, choice, explorer)
        except Uncertain:
            self.actor = before  # it waits, and tries again
            return ""
        return wrong


class Uncertain(Exception):  # noqa: N818 - no error: whoever asked has to wait
    """Nothing was sent."""


class GroupExplorer(Explorer):
    """
    As `Explorer`; each call goes to the server that its member takes for the master.

    Args:
        certain: As `is_certain`.
        opens: As `opens_in_s`.
    """

    def __init__(
        self,
        *,
        strict: bool,
        linearizable: bool,
        certain: Callable[[float, float], bool] = is_certain,
        opens: Callable[[float, float], float] = opens_in_s,
    ) -> None:
        super().__init__(strict=strict, linearizable=linearizable)
        self._certain, self._opens = certain, opens
        self.member = Member(None)

    def run(
        self,
        world: World,
        script: str,
        make: Callable[[Keys], calls.Call],
        era: bytes | None = None,
    ) -> tuple[Any, bytes]:
        assert isinstance(world, GroupWorld)
        try:
            return self._run(world, script, make, era)
        except Uncertain:
            if script == READ:  # readers do not wait
                return Bypass.WRITE_IN_FLIGHT.value, b""
            if era is not None:
                return None, era
            raise

    def _run(
        self,
        world: GroupWorld,
        script: str,
        make: Callable[[Keys], calls.Call],
        era: bytes | None,
    ) -> tuple[Any, bytes]:
        member = self.member
        if not self._certain(member.asked_ms / 1000, world.now_ms / 1000):
            if world.named == NOBODY:
                raise Uncertain
            member.server, member.asked_ms = world.named, world.now_ms
        is_second = member.server == SECOND
        server = copy(world)
        server.incarnation = int(is_second)
        if is_second:
            server.store = dict(world.snapshot or {})
        try:
            self._demand_open(server)
            known = server.era
            answer = super().run(server, script, make, era)
            assert server.era == known  # else it ran in one that may not be open
        finally:
            world.stamps = server.stamps
            if is_second:
                world.snapshot = server.store
            else:
                world.store = server.store
        return answer

    def _look_back(self, world: World, trace: tuple[str, ...]) -> None:
        for actor in world.actors:
            if isinstance(actor, Member) and isinstance(actor.actor, Reader):
                then = world.copied()
                then.acknowledged = len(world.history) - 1
                then.now_ms += 10 * TICK_MS
                self.member = Member(actor.actor)
                if actor.actor.wrong_afterwards(then, self):
                    raise Broken("what is older is answered for ever", trace)

    def _demand_open(self, server: World) -> None:
        """An era is begun by whoever comes first, and used later."""
        found = server.store.get(b"praxis:{default}:era", b"")
        run_id = b"r%d" % server.incarnation
        assert isinstance(found, bytes)
        if not found.startswith(run_id):
            fresh = self.made(server, lambda: calls.fresh_stamp())  # noqa: PLW0108 - it is replaced there
            found = run_id + fresh + b"%d" % server.now_ms
            server.store[b"praxis:{default}:era"] = found
        server.era = found
        begun_ms = Keys("default", run_id, found).begun_ms
        if self._opens((server.now_ms - begun_ms) / 1000, 0.0) > 0:
            raise Uncertain
