"""Which server has a key: one, the master that Sentinels name, or the node of the key's slot."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from praxis.errors import (
    RedisKeysError,
    RedisRefusedError,
    RedisReplyError,
    RedisUnavailableError,
)
from praxis.redis.replies import RedirectedError, Refusal
from praxis.redis.slots import key_slot, read_slots
from praxis.redis.targets import Address, Target, Topology

#: An answer to "who is it" younger than this is used again: threads that begin at the same moment
#: need not all ask, and an outage does not become a storm of questions.
FRESH_S = 0.1
#: The longest wait between two looks at the slots of a cluster that keeps disappointing: so much
#: longer than its own election may an outage last.
MAX_FRESH_S = 0.2


@dataclass(frozen=True, slots=True)
class Question:
    """
    Commands for a server that is asked for the way.

    Attributes:
        address: Whom to ask, on a connection of its own.
        words: The commands.
        is_sentinel: Whether it is a Sentinel.
    """

    address: Address
    words: tuple[tuple[str, ...], ...]
    is_sentinel: bool


#: A search without I/O: it yields questions, is sent the answers or thrown the failure, and
#: returns the address. Sync and async links drive the same ones.
Search = Generator[Question, list[Any], Address]
FAILURES = (RedisUnavailableError, RedisReplyError)


class Route(Protocol):
    """Where keys are; shared by all threads."""

    def place(self, key: str | bytes, /) -> Address | None:
        """Return where a key is as far as is known; None if somebody has to be asked."""

    def search(self, key: str | bytes, /) -> Search:
        """Find out where a key is, with questions if what is known is old or in doubt."""

    def doubt(self) -> None:
        """Note that a server that was named failed or refused."""

    def moved(self, slot: int, to: Address, /) -> None:
        """Note that a cluster's node named another one."""

    def demand_one_place(self, keys: Sequence[str | bytes], /) -> None:
        """Raise RedisKeysError if one server may not have all these keys."""

    def knows(self, address: Address) -> bool:
        """Whether a server still has a part in it."""

    def named_s(self, address: Address) -> float:
        """When a majority of Sentinels was asked that named a server, for the last time."""


class OneServer:
    """A server that is always the same."""

    def __init__(self, address: Address) -> None:
        self._address: Final = address

    def place(self, _key: str | bytes, /) -> Address | None:
        return self._address

    def search(self, _key: str | bytes, /) -> Search:
        yield from ()  # a search that asks nobody
        return self._address

    def doubt(self) -> None:
        """Nobody could be asked."""

    def moved(self, _slot: int, _to: Address, /) -> None:
        """It is no cluster for us: the refusal is told."""

    def demand_one_place(self, _keys: Sequence[str | bytes], /) -> None:
        """All keys are here."""

    def knows(self, address: Address) -> bool:
        return address == self._address

    def named_s(self, _address: Address) -> float:
        return float("inf")  # nobody else could be named


class SentinelMaster:
    """
    The master that the Sentinels name.

    Each new connection asks them, until a majority of those that are configured agrees or all were
    asked, and believes the newest configuration among the answers; the connection then has to find
    a master there (`Handshake`). During a fail-over that is the new one as soon as one knows it,
    while others may still name the old one: the one that leads it tells the new address by
    ``GET-MASTER-ADDR-BY-NAME`` from the moment when that one is a master, and by ``MASTER`` only
    when all replicas follow it. A majority for a server that has just failed is not believed before
    the others were asked.
    """

    def __init__(
        self, alias: str, target: Target, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._alias: Final = alias
        self._service: Final = target.service
        self._sentinels = list(target.addresses)
        self._clock = clock
        self._master: Address | None = None
        self._is_doubted = True
        self._failed: Address | None = None  # the one that was named when the doubts came
        self._asked_at = float("-inf")
        self._failure: RedisUnavailableError | None = None
        #: The server that a majority named, and when it was asked.
        self._named: tuple[Address | None, float] = (None, float("-inf"))

    def place(self, _key: str | bytes, /) -> Address | None:
        return None if self._is_doubted else self._master

    def search(self, _key: str | bytes, /) -> Search:
        if self._clock() - self._asked_at < FRESH_S:
            if self._failure:
                raise self._again(self._failure)
            if self._master:
                return self._master
        best: tuple[int, Address] | None = None
        begun_s = self._clock()
        votes, reasons = Counter[Address](), []
        for sentinel in list(self._sentinels):
            words = (
                ("SENTINEL", "MASTER", self._service),
                ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service),
            )
            try:
                answers = yield Question(sentinel, words, is_sentinel=True)
                found = _named_master(*answers)
            except FAILURES as error:
                reasons.append(str(error))
                self._sentinels.remove(sentinel)  # those that answer come first next time
                self._sentinels.append(sentinel)
                continue
            if isinstance(found, str):
                reasons.append(f"{sentinel} says: {found}")
                continue
            best = max(best or found, found, key=lambda each: each[0])
            votes[found[1]] += 1
            if votes[found[1]] > len(self._sentinels) // 2:
                self._named = (found[1], begun_s)
                if found[1] != self._failed:
                    break
        self._asked_at = self._clock()
        if best is None:
            self._failure = RedisUnavailableError(
                f"No Sentinel of Redis {self._alias!r} names a master of {self._service!r}: "
                f"{'; '.join(reasons)}",
                may_have_run=False,
                alias=self._alias,
            )
            raise self._failure
        self._failure, self._master, self._is_doubted = None, best[1], False
        if best[1] != self._failed:
            self._failed = None
        return best[1]

    def doubt(self) -> None:
        self._is_doubted, self._failed = True, self._master

    def moved(self, _slot: int, _to: Address, /) -> None:
        """Masters behind Sentinels are no cluster: the refusal is told."""

    def demand_one_place(self, _keys: Sequence[str | bytes], /) -> None:
        """All keys are on the master."""

    def knows(self, address: Address) -> bool:
        return address == self._master

    def named_s(self, address: Address) -> float:
        named, asked_s = self._named
        return asked_s if named == address else float("-inf")

    def _again(self, failure: RedisUnavailableError) -> RedisUnavailableError:
        """Return a copy: one exception raised in several threads mixes up their tracebacks."""
        return RedisUnavailableError(str(failure), may_have_run=False, alias=self._alias)


def _named_master(answer: Any, now: Any) -> tuple[int, Address] | str:
    """
    Return the configuration's epoch and the address, or what is wrong.

    Args:
        answer: To ``SENTINEL MASTER``.
        now: To ``SENTINEL GET-MASTER-ADDR-BY-NAME``; refused to users who may not ask that.
    """
    if type(answer) is Refusal:
        return answer.text
    pairs = {bytes(answer[i]): bytes(answer[i + 1]).decode() for i in range(0, len(answer), 2)}
    epoch = int(pairs[b"config-epoch"])
    if isinstance(now, list) and len(now) == 2:
        return epoch, Address(bytes(now[0]).decode(), int(now[1]))
    return epoch, Address(pairs[b"ip"], int(pairs[b"port"]))


class ClusterSlots:
    """
    The nodes of a cluster by the slots of keys.

    Any node is asked for the whole map when a connection is opened while the map is missing or in
    doubt, with growing pauses as long as that does not help.
    """

    def __init__(
        self, alias: str, target: Target, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._alias: Final = alias
        self._seeds: Final = target.addresses
        self._clock = clock
        self._lock: Final = threading.Lock()
        self._owners: list[Address | None] = []
        self._is_doubted = True
        self._asked_at = float("-inf")
        self._pause_s = FRESH_S
        self._silent: set[Address] = set()

    def place(self, key: str | bytes, /) -> Address | None:
        return self._owners[key_slot(key)] if self._owners else None

    def search(self, key: str | bytes, /) -> Search:
        reasons: list[str] = []
        if self._needs_map(key) and self._may_ask():
            for address in self._advisers():
                words = (("CLUSTER", "SLOTS"),)
                try:
                    (answer,) = yield Question(address, words, is_sentinel=False)
                except FAILURES as error:
                    reasons.append(str(error))
                    self._silent.add(address)
                    continue
                self._silent.discard(address)
                if type(answer) is Refusal:
                    reasons.append(f"{address} says: {answer.text}")
                    continue
                self._owners = read_slots(answer, address)
                self._is_doubted = False
                break
        place = self.place(key)
        if place is None:
            why = "; ".join(reasons) or "No node that was asked lately names one."
            raise RedisRefusedError(
                f"Redis cluster {self._alias!r}: nobody is known to serve slot {key_slot(key)}. "
                f"{why}",
                code="CLUSTERDOWN",
                alias=self._alias,
            )
        return place

    def doubt(self) -> None:
        self._is_doubted = True

    def moved(self, slot: int, to: Address, /) -> None:
        with self._lock:
            if self._owners:
                self._owners[slot] = to
        self._is_doubted = True  # slots seldom move alone

    def demand_one_place(self, keys: Sequence[str | bytes], /) -> None:
        slots = {key_slot(key) for key in keys}
        if len(slots) > 1:
            raise RedisKeysError(
                f"The {len(keys)} keys of this call are in {len(slots)} slots of Redis cluster "
                f"{self._alias!r}; one call needs one. Give them a common part in braces: "
                "{shop}:stock, {shop}:price."
            )

    def knows(self, address: Address) -> bool:
        return address in self._owners

    def named_s(self, _address: Address) -> float:
        return float("inf")  # nodes give up by themselves what others took over

    def _needs_map(self, key: str | bytes) -> bool:
        return self._is_doubted or self.place(key) is None

    def _may_ask(self) -> bool:
        """Whether enough time has passed; doubles the pause until a quiet time."""
        with self._lock:
            since_s = self._clock() - self._asked_at
            if since_s < self._pause_s:
                return False
            is_quiet = since_s > 4 * MAX_FRESH_S
            self._pause_s = FRESH_S if is_quiet else min(self._pause_s * 2, MAX_FRESH_S)
            self._asked_at = self._clock()
            return True

    def _advisers(self) -> Iterable[Address]:
        """The nodes that are known and those of the settings, each once; who was silent last."""
        known = [owner for owner in dict.fromkeys(self._owners) if owner]
        return sorted(dict.fromkeys([*known, *self._seeds]), key=self._silent.__contains__)


def make_route(alias: str, target: Target) -> Route:
    """Return the route that a target needs."""
    match target.topology:
        case Topology.SENTINEL:
            return SentinelMaster(alias, target)
        case Topology.CLUSTER:
            return ClusterSlots(alias, target)
        case Topology.STANDALONE:
            return OneServer(target.addresses[0])


def note_failure(route: Route, error: RedisUnavailableError) -> None:
    """Tell a route what a failure says about it."""
    if isinstance(error, RedirectedError):
        if not error.is_asking:
            route.moved(error.slot, error.to)
    elif not isinstance(error, RedisRefusedError) or error.code in {"READONLY", "CLUSTERDOWN"}:
        route.doubt()
