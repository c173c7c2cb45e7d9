"""The way to one alias for coroutines: a connection an event loop and server, for all tasks."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from praxis.conf import DEFAULT, RedisConfig
from praxis.errors import RedisKeysError, RedisUnavailableError
from praxis.redis.async_connection import AsyncSession, open_async_session
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
from praxis.redis.routes import FAILURES, Question
from praxis.redis.script import Script
from praxis.redis.targets import Address, Topology

T = TypeVar("T")


class LoopConnections:
    """The connections of one event loop; they end with it."""

    __slots__ = ("__weakref__", "failure", "guard", "lock", "sessions")

    def __init__(self) -> None:
        #: The last one to open a connection, and when; who waited meanwhile shares it.
        self.failure: tuple[float, RedisUnavailableError] | None = None
        self.sessions: Final[dict[Address | None, AsyncSession]] = {}
        self.lock: Final = asyncio.Lock()  # who opens a connection; the others wait and use it
        self.guard: AsyncGenerator[None, None] | None = None

    def demand_no_failure(self, address: Address, since_s: float) -> None:
        """
        Return if no other task waited in vain for a server while this one waited for its turn.

        Raises:
            RedisUnavailableError: what that one was told: a second try takes a second timeout.
        """
        if self.failure and self.failure[0] > since_s and self.failure[1].address == str(address):
            raise _again(self.failure[1])

    async def guard_loop(self) -> None:
        """Make the loop close them: before it ends it closes the generators that it knows."""
        if self.guard is None:
            self.guard = self._until_the_end()
            await anext(self.guard)

    async def _until_the_end(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self.close()
            await asyncio.sleep(0)  # the transports say good-bye in the loop's next round

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()


class AsyncLink:
    """
    What `Link` is, for coroutines; share one among all tasks and event loops.

    All tasks of a loop use one connection to each server, over which their commands are sent
    without waiting for each other's answers.

    Args:
        config: Where the server is; `praxis.redis.async_link` takes it from the settings.
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
        self._nodes = Nodes(self._config, self.alias)
        self._is_cluster = self._nodes.target.topology is Topology.CLUSTER
        self._route = self._nodes.route
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopConnections] = (
            WeakKeyDictionary()
        )

    def __repr__(self) -> str:
        return f"<AsyncLink {self.alias!r}: {self._nodes.target.topology.value}>"

    async def run(
        self,
        script: Script,
        keys: Sequence[str | bytes] = (),
        args: Sequence[Word] = (),
        *,
        retry: Retry = None,
        replicas: int = 0,
    ) -> Any:
        """
        Run a script; one trip. See `Link.run`.

        Where *replicas* are waited for, it is on a connection of its own: others would wait, too.

        Raises:
            RedisUnavailableError, TooFewReplicasError, RedisReplyError, RedisKeysError: as there. A
                task that is cancelled while it waits does not know whether the script ran.
        """
        if self._is_cluster and len(keys) > 1:
            self._route.demand_one_place(keys)
        key = keys[0] if keys else b""
        if replicas:
            call = (script, keys, args)
            return await self._copied(
                key, retry, replicas, lambda s: s.run_copied_at_once(call, replicas)
            )
        session = await self.session(key)
        try:
            return await session.run_at_once(script, keys, args)
        except RedisUnavailableError as error:
            return await self._recover(
                error, key, retry, lambda session: session.run_at_once(script, keys, args)
            )

    async def call(
        self,
        *words: Word,
        key: str | bytes | None = None,
        retry: Retry = None,
        replicas: int = 0,
    ) -> Any:
        """
        Send one command; one trip. See `Link.call`, and `run`.

        Raises:
            RedisUnavailableError, TooFewReplicasError, RedisReplyError: as there.
        """
        key = routing_key(words) if key is None else key
        if replicas:
            return await self._copied(
                key, retry, replicas, lambda s: s.call_copied_at_once(words, replicas)
            )
        session = await self.session(key)
        try:
            return await session.call_at_once(words)
        except RedisUnavailableError as error:
            return await self._recover(
                error, key, retry, lambda session: session.call_at_once(words)
            )

    async def run_many(self, calls: Sequence[Call], *, retry: Retry = None) -> list[Any]:
        """
        Run scripts in their order and return their answers. See `Link.run_many`.

        Raises:
            RedisUnavailableError, RedisReplyError, RedisKeysError: as there.
        """
        if not self._is_cluster:
            return await self._run_here(calls, b"", retry)
        answers: list[Any] = [None] * len(calls)
        for key, indexes in (await self._by_node(calls)).items():
            found = await self._run_here([calls[index] for index in indexes], key, retry)
            for index, answer in zip(indexes, found, strict=True):
                answers[index] = answer
        return answers

    async def session(self, key: str | bytes = b"") -> AsyncSession:
        """
        Return this loop's connection to the server that has a key. See `Link.session`.

        Raises:
            RedisUnavailableError: if there is no connection and none could be opened.
        """
        try:
            sessions = self._loops[asyncio.get_running_loop()].sessions
            session = sessions[self._route.place(key)]
        except KeyError:
            return await self._open(key)
        if session.is_ready() and not session.node.breaker.is_open:
            return session
        return await self._open(key)

    async def incarnation(self, key: str | bytes = b"") -> str:
        """Return the run id of the server that has a key; see `session`."""
        return (await self.session(key)).incarnation

    @asynccontextmanager
    async def dedicated(
        self, key: str | bytes = b"", *, timeout_s: float | None = None
    ) -> AsyncIterator[AsyncSession]:
        """
        Open a connection for one use, such as ``BLPOP``, ``XREAD BLOCK`` and ``SUBSCRIBE``.

        Args:
            key: What a cluster finds the node by.
            timeout_s: How long an answer may take: longer than the command blocks; None for ever.
        """
        address = await self._search(key)
        session = await self._connect(key, address, timeout_s, is_dedicated=True)
        try:
            yield session
        finally:
            session.close()

    def close(self) -> None:
        """End all connections, those of other threads' loops soon. The next call opens new ones."""
        for loop, connections in list(self._loops.items()):
            if loop.is_closed():
                continue
            if loop is _running_loop():
                connections.close()
            else:
                loop.call_soon_threadsafe(connections.close)

    def after_fork(self) -> None:
        """Forget the parent's connections; a loop does not survive a fork either."""
        self._begin()

    async def _open(self, key: str | bytes) -> AsyncSession:
        """Find the server, and take or open a connection to it."""
        connections = self._loops.setdefault(asyncio.get_running_loop(), LoopConnections())
        await connections.guard_loop()
        began_s = time.monotonic()
        async with connections.lock:
            address = await self._search(key)
            connections.demand_no_failure(address, began_s)
            try:
                return await self._opened(connections, key, address)
            except RedisUnavailableError as error:
                if error.timed_out:
                    connections.failure = (time.monotonic(), error)
                raise

    async def _opened(
        self, connections: LoopConnections, key: str | bytes, address: Address
    ) -> AsyncSession:
        session = connections.sessions.get(address)
        if session is None or not session.is_ready():
            for known, other in list(connections.sessions.items()):
                if not other.is_ready() or not self._route.knows(other.node.address):
                    other.close()
                    del connections.sessions[known]
            session = await self._connect(key, address, self._config.timeout_s)
            connections.sessions[session.node.address] = session
        return session

    async def _connect(
        self,
        key: str | bytes,
        address: Address,
        timeout_s: float | None,
        *,
        is_dedicated: bool = False,
    ) -> AsyncSession:
        """Connect to the server of a key; if it has gone and another one has the key now, to it."""
        try:
            return await open_async_session(
                self._nodes.at(address), timeout_s=timeout_s, is_dedicated=is_dedicated
            )
        except RedisUnavailableError as error:
            if error.timed_out:
                raise
            now = await self._search(key)
            if now == address:
                raise
        return await open_async_session(
            self._nodes.at(now), timeout_s=timeout_s, is_dedicated=is_dedicated
        )

    async def _search(self, key: str | bytes) -> Address:
        """Ask the questions of the route."""
        search = self._route.search(key)
        try:
            question = next(search)
            while True:
                try:
                    answers = await self._ask(question)
                except FAILURES as error:
                    question = search.throw(error)
                else:
                    question = search.send(answers)
        except StopIteration as found:
            address: Address = found.value
            return address

    async def _ask(self, question: Question) -> list[Any]:
        node = self._nodes.asked(question)
        session = await open_async_session(node, timeout_s=node.timeout_s)
        try:
            return await session.ask(question.words)
        finally:
            session.close()

    async def _recover(
        self,
        error: RedisUnavailableError,
        key: str | bytes,
        retry: Retry,
        act: Callable[[AsyncSession], Awaitable[T]],
    ) -> T:
        """Do again what failed if it certainly did not run, or may run twice; else raise."""
        tries = Tries(retry, is_cluster=self._is_cluster)
        while True:
            step = tries.step(error)
            if step is Step.RAISE:
                raise error
            if step is Step.WAIT:
                await asyncio.sleep(tries.wait_s)
            try:
                if isinstance(error, RedirectedError) and error.is_asking:
                    return await self._act_asking(error, act)
                return await act(await self.session(key))
            except RedisUnavailableError as next_error:
                error = next_error

    async def _copied(
        self,
        key: str | bytes,
        retry: Retry,
        replicas: int,
        act: Callable[[AsyncSession], Awaitable[tuple[Any, int]]],
    ) -> Any:
        """Act on a connection beside the shared one; see `Link._copied`."""

        async def act_beside(shared: AsyncSession) -> tuple[Any, int]:
            node = shared.node
            session = await open_async_session(
                node, timeout_s=node.timeout_s, is_asking=shared.is_asking
            )
            try:
                return await act(session)
            finally:
                session.close()

        try:
            answer, count = await act_beside(await self.session(key))
        except RedisUnavailableError as error:
            answer, count = await self._recover(error, key, retry, act_beside)
        demand_copies(count, replicas, self.alias)
        return answer

    async def _act_asking(
        self, error: RedirectedError, act: Callable[[AsyncSession], Awaitable[T]]
    ) -> T:
        """Act on the node that is taking a slot over; it listens to one command after ASKING."""
        node = self._nodes.at(error.to)
        session = await open_async_session(node, timeout_s=node.timeout_s, is_asking=True)
        try:
            return await act(session)
        finally:
            session.close()

    async def _run_here(self, calls: Sequence[Call], key: str | bytes, retry: Retry) -> list[Any]:
        """Run scripts on the node of a key; one by one those that have moved meanwhile."""
        if not calls:
            return []
        session = await self.session(key)
        try:
            answers = await session.run_many_at_once(calls)
        except RedisUnavailableError as error:
            session, answers = await self._recover(
                error, key, retry, lambda session: _with_session(session, calls)
            )
        for index, answer in enumerate(answers):
            if self._is_cluster and has_moved(answer):  # it did not run there
                answers[index] = await self.run(*calls[index], retry=retry)
        raise_first(answers, session.refuse)
        return answers

    async def _by_node(self, calls: Sequence[Call]) -> dict[str | bytes, list[int]]:
        """Group calls by the node that has their keys; each group is named by one of its keys."""
        groups: dict[Address, tuple[str | bytes, list[int]]] = {}
        for index, (_, keys, _) in enumerate(calls):
            if not keys:
                raise RedisKeysError(
                    f"Call {index} has no keys, so that the cluster {self.alias!r} cannot tell "
                    "its node. Give it a key."
                )
            self._route.demand_one_place(keys)
            address = self._route.place(keys[0]) or await self._search(keys[0])
            groups.setdefault(address, (keys[0], []))[1].append(index)
        return dict(groups.values())


def _again(failure: RedisUnavailableError) -> RedisUnavailableError:
    """Return a copy: one exception raised in several tasks mixes up their tracebacks."""
    return RedisUnavailableError(
        str(failure),
        may_have_run=False,
        alias=failure.alias,
        address=failure.address,
        timed_out=True,
    )


async def _with_session(
    session: AsyncSession, calls: Sequence[Call]
) -> tuple[AsyncSession, list[Any]]:
    return session, await session.run_many_at_once(calls)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
