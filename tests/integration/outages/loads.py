"""Visitors of the three components, who come all the time, and what became of each visit."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

from praxis.errors import LockTimeoutError, RedisUnavailableError
from praxis.locks import Lock
from praxis.ratelimit import By, Limiter
from praxis.redis import async_link, link
from praxis.sessions import SessionStore
from praxis.sessions.fields import key_of
from tests.integration.outages.faults import Scene

#: What a scarce key lets in, in a period longer than any test.
SCARCE = 60


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One call, by one visitor.

    Attributes:
        began_s: By `time.monotonic`.
        took_s: Seconds.
        timeouts: How often a whole timeout was waited in it; -1 where that is not told apart.
        is_served: Whether Redis did it.
        error: What was raised.
    """

    began_s: float
    took_s: float
    timeouts: int
    is_served: bool
    error: BaseException | None = None


class Load(ABC):
    """
    What visitors do to one component.

    Attributes:
        name: Of the component, and what is special here.
        most_visitors: At the same time.
        complaints: What must not be seen, and was.
    """

    name: str
    most_visitors = 3

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.complaints: list[str] = []

    @abstractmethod
    def visit(self, visitor: int) -> bool:
        """Come once; whether Redis did it."""

    @abstractmethod
    async def avisit(self, visitor: int) -> bool:
        """Do as `visit` does."""

    @abstractmethod
    def may_raise(self, error: BaseException) -> bool:
        """Whether the policy of the component allows for it."""

    def told_at_the_end(self) -> Iterator[str]:
        """What is wrong now that all is over."""
        yield from ()


class Limited(Load):
    """Rate limits under one policy: nobody sees an error, whatever happens to Redis."""

    def __init__(self, scene: Scene, policy: str) -> None:
        super().__init__(scene)
        self.name, self._policy = f"ratelimit {policy}", policy
        self._plenty = Limiter(f"plenty {policy}", "1000000/h", on_error=policy)
        self._scarce = Limiter(f"scarce {policy}", f"{SCARCE}/h", on_error=policy)
        self._keys = [_hit(scene, limiter.state_key) for limiter in (self._plenty, self._scarce)]
        self._lock = threading.Lock()
        self.admitted = dict.fromkeys(By, 0)

    def visit(self, visitor):
        self._note(self._scarce.hit(self._keys[1]))
        return self._judged(self._plenty.hit(self._keys[0]))

    async def avisit(self, visitor):
        self._note(await self._scarce.ahit(self._keys[1]))
        return self._judged(await self._plenty.ahit(self._keys[0]))

    def _note(self, decision):
        if decision.is_allowed:
            with self._lock:
                self.admitted[decision.by] += 1

    def _judged(self, decision):
        if decision.by is By.REDIS:
            return True
        expected = {"open": (By.POLICY, True), "closed": (By.POLICY, False)}
        by, allows = expected.get(self._policy, (By.PROCESS, True))
        if (decision.by, decision.is_allowed) != (by, allows):
            self.complaints.append(f"decided by {decision.by.name}, {decision.is_allowed}")
        return False

    def may_raise(self, error):
        return False

    def told_at_the_end(self):
        # a fail-over may forget all of a key; once, since there is one
        most = SCARCE * (2 if self.scene.loses else 1)
        if self.admitted[By.REDIS] > most:
            yield f"{self.admitted[By.REDIS]} were let in by Redis, of {SCARCE}"
        if self.admitted[By.PROCESS] > SCARCE:
            yield f"{self.admitted[By.PROCESS]} were let in by the process, of {SCARCE}"
        if self._policy == "closed" and self.admitted[By.POLICY]:
            yield f"{self.admitted[By.POLICY]} were let in by what lets nobody in"


class Locked(Load):
    """One lock for all: one holds it, with a number larger than all before."""

    name = "locks"

    def __init__(self, scene: Scene, replicas: int) -> None:
        super().__init__(scene)
        self._is_exact = bool(replicas) or not scene.loses
        name = _hit(scene, lambda name: f"praxis:lock:{{{name}}}:held".encode())
        self._lock = Lock(name, lease_s=300.0, replicas=replicas)
        self._guard, self._inside = threading.Lock(), 0
        self.fences: list[int] = []
        self.shared = 0  # how often somebody got it while another one had it

    def visit(self, visitor):
        try:
            with self._lock.hold(wait_s=0.5) as held:
                self._enter(held.fence)
                time.sleep(0.001)
                self._leave()
        except LockTimeoutError:
            return True  # Redis said that somebody has it
        return True

    async def avisit(self, visitor):
        try:
            async with self._lock.ahold(wait_s=0.5) as held:
                self._enter(held.fence)
                self._leave()
        except LockTimeoutError:
            return True
        return True

    def _enter(self, fence):
        with self._guard:
            self._inside += 1
            if self._inside > 1:
                self.shared += 1
                if self._is_exact:
                    self.complaints.append("two have it")
            if self.fences and fence <= self.fences[-1] and self._is_exact:
                self.complaints.append(f"number {fence} came after {self.fences[-1]}")
            self.fences.append(fence)

    def _leave(self):
        with self._guard:
            self._inside -= 1

    def may_raise(self, error):
        return isinstance(error, RedisUnavailableError)


@dataclass(slots=True)
class Visitor:
    """
    Attributes:
        key: Of the session.
        acknowledged: The last number whose saving was acknowledged.
        lost: Acknowledged numbers that were not there any more.
    """

    key: str
    acknowledged: int = 0
    lost: int = field(default=0)


class Remembered(Load):
    """Each visitor counts in a session: none is logged out, and no acknowledged number is lost."""

    name = "sessions"

    def __init__(self, scene: Scene, replicas: int) -> None:
        super().__init__(scene)
        self._is_exact = bool(replicas) or not scene.loses
        self.visitors = [Visitor(_session(scene)) for _ in range(self.most_visitors)]
        self._ended = _session(scene)
        SessionStore(self._ended).delete()
        if scene.replicas:
            for one in self.visitors:  # what was there before is everywhere
                link().call("WAIT", scene.replicas, 5000, key=key_of(one.key))

    def visit(self, visitor):
        one = self.visitors[visitor]
        session = SessionStore(one.key)
        number = session.get("n")
        self._judge(one, session.session_key, number)
        session["n"] = (number or 0) + 1
        session.save()
        one.acknowledged = session["n"]
        return True

    async def avisit(self, visitor):
        one = self.visitors[visitor]
        session = SessionStore(one.key)
        number = await session.aget("n")
        self._judge(one, session.session_key, number)
        await session.aset("n", (number or 0) + 1)
        await session.asave()
        one.acknowledged = await session.aget("n")
        return True

    def _judge(self, one, key, number):
        if key is None or number is None:
            self.complaints.append("somebody was logged out")
        elif number < one.acknowledged:
            one.lost += one.acknowledged - number
            one.acknowledged = number
            if self._is_exact:
                self.complaints.append(f"{number} is there, of {one.acknowledged}")

    def may_raise(self, error):
        return isinstance(error, RedisUnavailableError)

    def told_at_the_end(self):
        if SessionStore(self._ended).exists(self._ended):
            yield "a session is there that was ended"


def loads(scene: Scene, replicas: int) -> list[Load]:
    limited = [Limited(scene, policy) for policy in ("fallback", "open", "closed")]
    return [*limited, Locked(scene, replicas), Remembered(scene, replicas)]


async def connect() -> None:
    """Have the loop's connection, as after the first request."""
    await async_link().call("PING", key=b"x")


def _hit(scene, name_of):
    """A name whose key is on the server that will be struck."""
    return next(name for name in map(str, range(999)) if scene.is_hit(name_of(name)))


def _session(scene):
    while True:
        session = SessionStore()
        session["n"] = 0
        session.save()
        if scene.is_hit(key_of(session.session_key)):
            return session.session_key
