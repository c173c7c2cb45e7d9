"""The way to one alias for all threads of a process: a connection a thread, kept between calls."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast
from weakref import WeakSet

from praxis.conf import DEFAULT, RedisConfig
from praxis.errors import RedisKeysError, RedisUnavailableError
from praxis.redis.connection import AskingSession, DedicatedSession, Session, open_session
from praxis.redis.lifetime import outlive_forks
from praxis.redis.nodes import Nodes
from praxis.redis.packing import (
    Call,
    Word,
    demand_copies,
    has_moved,
    raise_first,
    routing_key,
)
from praxis.redis.replies import RedirectedError
from praxis.redis.retries import Retry, Step, Tries
from praxis.redis.routes import FAILURES, Question, Route
from praxis.redis.script import Script
from praxis.redis.targets import Address, Topology

MAX_IDLE = 64  # connections that ended threads leave to the next ones

T = TypeVar("T")


class Link:
    """
    Scripts and commands for a server, a Sentinel group or a cluster.

    Share one among all threads: each gets a connection of its own, which outlives the call. After
    ``os.fork`` the child opens new ones. Answers are bytes, integers, None and lists of these.

    Args:
        config: Where the server is; `praxis.redis.link` takes it from the settings.
        alias: What messages call it.

    Raises:
        SettingsError: if the address means nothing. Nothing is connected before the first call.
    """

    def __init__(self, config: RedisConfig, alias: str = DEFAULT) -> None:
        self.alias: Final = alias
        self._config: Final = config
        self._begin()
        outlive_forks(self)

    def _begin(self) -> None:
        """Forget all connections; also what a forked child has to do, with locks of its own."""
        self._nodes = Nodes(self._config, self.alias)
        self._is_cluster = self._nodes.target.topology is Topology.CLUSTER
        self._route = self._nodes.route
        self._local = threading.local()
        self._idle: deque[Session] = deque()
        self._opened: WeakSet[Session] = WeakSet()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Link {self.alias!r}: {self._nodes.target.topology.value}>"

    def run(
        self,
        script: Script,
        keys: Sequence[str | bytes] = (),
        args: Sequence[Word] = (),
        *,
        retry: Retry = None,
        replicas: int = 0,
    ) -> Any:
        """
        Run a script; one trip.

        Args:
            script: What to run.
            keys: Its ``KEYS``; in a cluster all in one slot.
            args: Its ``ARGV``.
            retry: "idempotent" if it may run twice, when nobody knows whether it ran.
            replicas: So many must have what it wrote before this returns; the trip then takes the
                way to them as well, and half of the timeout at most.

        Raises:
            RedisUnavailableError: if it was not done, or perhaps: see ``may_have_run``. It never
                takes longer than the timeout of the alias to be raised by a server that hangs.
            TooFewReplicasError: if it was done, and fewer replicas than demanded have it.
            RedisReplyError: if the script failed.
            RedisKeysError: if a cluster has the keys on different nodes.
        """
        if self._is_cluster and len(keys) > 1:
            self._route.demand_one_place(keys)
        key = keys[0] if keys else b""
        if replicas:
            call = (script, keys, args)
            return self._copied(
                key, retry, replicas, lambda s: s.run_copied_at_once(call, replicas)
            )
        session = self.session(key)
        try:
            return session.run_at_once(script, keys, args)
        except RedisUnavailableError as error:
            return self._recover(
                error, key, retry, lambda session: session.run_at_once(script, keys, args)
            )

    def call(
        self,
        *words: Word,
        key: str | bytes | None = None,
        retry: Retry = None,
        replicas: int = 0,
    ) -> Any:
        """
        Send one command; one trip.

        Args:
            words: Its name and its arguments.
            key: What a cluster finds the node by; None for the first argument.
            retry: As of `run`.
            replicas: Likewise.

        Raises:
            RedisUnavailableError, TooFewReplicasError, RedisReplyError: as of `run`.
        """
        key = routing_key(words) if key is None else key
        if replicas:
            return self._copied(
                key, retry, replicas, lambda s: s.call_copied_at_once(words, replicas)
            )
        session = self.session(key)
        try:
            return session.call_at_once(words)
        except RedisUnavailableError as error:
            return self._recover(error, key, retry, lambda session: session.call_at_once(words))

    def run_many(self, calls: Sequence[Call], *, retry: Retry = None) -> list[Any]:
        """
        Run scripts in their order and return their answers; one trip for each node concerned.

        Args:
            calls: For each the script, its keys and its arguments.
            retry: As of `run`.

        Raises:
            RedisUnavailableError, RedisReplyError: as of `run`. The others may have run all the
                same: it is no transaction.
        """
        if not self._is_cluster:
            return self._run_here(calls, b"", retry)
        answers: list[Any] = [None] * len(calls)
        for key, indexes in self._by_node(calls).items():
            found = self._run_here([calls[index] for index in indexes], key, retry)
            for index, answer in zip(indexes, found, strict=True):
                answers[index] = answer
        return answers

    def session(self, key: str | bytes = b"") -> Session:
        """
        Return this thread's connection to the server that has a key.

        It stays on that server in that life: what is computed for its ``incarnation`` and run
        through it meets no other. Take a new one for each piece of work.

        Raises:
            RedisUnavailableError: if there is no connection and none could be opened.
        """
        try:
            session: Session = self._local.sessions[self._route.place(key)]
        except (AttributeError, KeyError):
            return self._open(key)
        if session.is_ready() and not session.node.breaker.is_open:
            return session
        return self._open(key)

    def incarnation(self, key: str | bytes = b"") -> str:
        """Return the run id of the server that has a key; see `session`."""
        return self.session(key).incarnation

    @property
    def has_sentinels(self) -> bool:
        """Whether one server takes another one's place, so that two may be taken for the one."""
        return self._nodes.target.topology is Topology.SENTINEL

    def named_s(self, session: Session) -> float:
        """
        Return when those were asked of whom a majority named a session's server the master.

        By `time.monotonic`; the end of time where there are no Sentinels.
        """
        return self._route.named_s(session.node.address)

    def ask_sentinels(self) -> None:
        """
        Ask them now who is the master, unless somebody did so just before.

        Raises:
            RedisUnavailableError: if none answers.
        """
        self._search(b"")

    @contextmanager
    def dedicated(
        self, key: str | bytes = b"", *, timeout_s: float | None = None
    ) -> Iterator[DedicatedSession]:
        """
        Open a connection for one use, such as ``BLPOP``, ``XREAD BLOCK`` and ``SUBSCRIBE``.

        Args:
            key: What a cluster finds the node by.
            timeout_s: How long an answer may take: longer than the command blocks; None for ever.
        """
        session = self._connect(key, timeout_s=timeout_s, kind=DedicatedSession)
        try:
            yield cast("DedicatedSession", session)
        finally:
            session.close()

    def close(self) -> None:
        """End all connections, also those of other threads. The next call opens new ones."""
        with self._lock:
            sessions = list(self._opened)
        for session in sessions:
            session.close()

    def after_fork(self) -> None:
        """Give a forked child connections of its own; the parent's stay as they are."""
        for session in list(self._opened):
            session.close()  # our copy of the descriptor: nothing is sent
        self._begin()

    def _open(self, key: str | bytes) -> Session:
        """Find the server, and take or open a connection to it."""
        seat = self._seat()
        address = self._search(key)
        session = seat.sessions.get(address)
        if session is None or not session.is_ready():
            if session is not None and not session.is_busy:
                session.close()  # else the outer call, which it belongs to, still reads from it
            seat.drop(self._route)
            session = self._left_over(address) or self._connect(
                key, address, timeout_s=self._config.timeout_s
            )
            seat.sessions[session.node.address] = session
        return session

    def _connect(
        self,
        key: str | bytes,
        address: Address | None = None,
        *,
        timeout_s: float | None,
        kind: type[Session] = Session,
    ) -> Session:
        """Connect to the server of a key; if it has gone and another one has the key now, to it."""
        address = address or self._search(key)
        try:
            return self._opened_at(address, timeout_s, kind)
        except RedisUnavailableError as error:
            if error.timed_out:
                raise
            now = self._search(key)
            if now == address:
                raise
        return self._opened_at(now, timeout_s, kind)

    def _opened_at(
        self, address: Address, timeout_s: float | None, kind: type[Session] = Session
    ) -> Session:
        session = open_session(self._nodes.at(address), timeout_s=timeout_s, kind=kind)
        with self._lock:
            self._opened.add(session)
        return session

    def _seat(self) -> "Seat":
        try:
            seat: Seat = self._local.seat
        except AttributeError:
            seat = self._local.seat = Seat(self._idle)
            self._local.sessions = seat.sessions
        return seat

    def _left_over(self, address: Address) -> Session | None:
        """Return a connection that an ended thread has left, if one is good."""
        for _ in range(len(self._idle)):
            try:
                session = self._idle.popleft()
            except IndexError:  # another thread was faster
                break
            if session.node.address == address and session.is_ready():
                return session
            if session.is_ready() and self._route.knows(session.node.address):
                self._idle.append(session)
            else:
                session.close()
        return None

    def _search(self, key: str | bytes) -> Address:
        """Ask the questions of the route."""
        search = self._route.search(key)
        try:
            question = next(search)
            while True:
                try:
                    answers = self._ask(question)
                except FAILURES as error:
                    question = search.throw(error)
                else:
                    question = search.send(answers)
        except StopIteration as found:
            address: Address = found.value
            return address

    def _ask(self, question: Question) -> list[Any]:
        node = self._nodes.asked(question)
        session = open_session(node, timeout_s=node.timeout_s)
        try:
            return session.ask(question.words)
        finally:
            session.close()

    def _recover(
        self,
        error: RedisUnavailableError,
        key: str | bytes,
        retry: Retry,
        act: Callable[[Session], T],
    ) -> T:
        """Do again what failed if it certainly did not run, or may run twice; else raise."""
        tries = Tries(retry, is_cluster=self._is_cluster)
        while True:
            step = tries.step(error)
            if step is Step.RAISE:
                raise error
            if step is Step.WAIT:
                time.sleep(tries.wait_s)
            try:
                if isinstance(error, RedirectedError) and error.is_asking:
                    return self._act_asking(error, act)
                return act(self.session(key))
            except RedisUnavailableError as next_error:
                error = next_error

    def _copied(
        self,
        key: str | bytes,
        retry: Retry,
        replicas: int,
        act: Callable[[Session], tuple[Any, int]],
    ) -> Any:
        """Act, and return the answer once so many replicas have what was written."""
        try:
            answer, count = act(self.session(key))
        except RedisUnavailableError as error:
            answer, count = self._recover(error, key, retry, act)
        demand_copies(count, replicas, self.alias)
        return answer

    def _act_asking(self, error: RedirectedError, act: Callable[[Session], T]) -> T:
        """Act on the node that is taking a slot over; it listens to one command after ASKING."""
        session = self._opened_at(error.to, self._config.timeout_s, AskingSession)
        try:
            return act(session)
        finally:
            session.close()

    def _run_here(self, calls: Sequence[Call], key: str | bytes, retry: Retry) -> list[Any]:
        """Run scripts on the node of a key; one by one those that have moved meanwhile."""
        if not calls:
            return []
        session = self.session(key)
        try:
            answers = session.run_many_at_once(calls)
        except RedisUnavailableError as error:
            session, answers = self._recover(
                error, key, retry, lambda session: (session, session.run_many_at_once(calls))
            )
        for index, answer in enumerate(answers):
            if self._is_cluster and has_moved(answer):  # it did not run there
                answers[index] = self.run(*calls[index], retry=retry)
        raise_first(answers, session.refuse)
        return answers

    def _by_node(self, calls: Sequence[Call]) -> dict[str | bytes, list[int]]:
        """Group calls by the node that has their keys; each group is named by one of its keys."""
        groups: dict[Address, tuple[str | bytes, list[int]]] = {}
        for index, (_, keys, _) in enumerate(calls):
            if not keys:
                raise RedisKeysError(
                    f"Call {index} has no keys, so that the cluster {self.alias!r} cannot tell "
                    "its node. Give it a key."
                )
            self._route.demand_one_place(keys)
            address = self._route.place(keys[0]) or self._search(keys[0])
            groups.setdefault(address, (keys[0], []))[1].append(index)
        return dict(groups.values())


class Seat:
    """A thread's connections. When the thread ends they are left to the next ones."""

    __slots__ = ("_idle", "sessions")

    def __init__(self, idle: deque[Session]) -> None:
        self._idle: Final = idle
        self.sessions: Final[dict[Address | None, Session]] = {}

    def drop(self, route: Route) -> None:
        """Close what leads to servers that have no part in it any more."""
        for address, session in list(self.sessions.items()):
            if not session.is_open or not route.knows(session.node.address):
                session.close()
                del self.sessions[address]

    def __del__(self) -> None:
        for session in self.sessions.values():
            if session.is_ready() and len(self._idle) < MAX_IDLE:
                self._idle.append(session)
            else:
                session.close()
