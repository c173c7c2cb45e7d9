"""
One connection to one server, shared by all tasks of an event loop.

Commands are written as they come and answers handed out in their order, so that tasks wait for the
server and never for each other's turn at a connection. A task that is cancelled leaves its place in
the row: the answer comes, and is dropped.
"""

import asyncio
import select
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NoReturn, cast

from hiredis import ProtocolError, Reader

from praxis.errors import IncarnationChangedError, RedisUnavailableError
from praxis.redis.node import ENDING, MISSING, Node
from praxis.redis.packing import (
    ASKING,
    Call,
    Word,
    has_lost_script,
    pack_calls,
    pack_script,
    pack_wait,
    pack_words,
    raise_first,
)
from praxis.redis.replies import Refusal
from praxis.redis.script import Script
from praxis.redis.sockets import set_up


class Place:
    """A place in the row of those who wait for answers."""

    __slots__ = ("answers", "count", "due_at", "future")

    def __init__(self, future: "asyncio.Future[list[Any]]", count: int, due_at: float) -> None:
        self.future: Final = future
        self.count: Final = count
        self.due_at: Final = due_at
        self.answers: Final[list[Any]] = []


class AsyncSession(asyncio.Protocol):
    """
    One physical connection; it never reconnects. Get it from `AsyncLink.session`.

    Attributes:
        incarnation: The server's run id: another one after every restart and behind every
            fail-over. What was computed for it is valid as long as this session is.
        version: The server's version; of Valkey the one of Redis that it is compatible with.
    """

    def __init__(
        self,
        node: Node,
        *,
        timeout_s: float | None,
        is_asking: bool = False,
        is_dedicated: bool = False,
    ) -> None:
        self._is_dedicated: Final = is_dedicated
        self.node: Final = node
        self.incarnation = ""
        self.version = ""
        self._loop = asyncio.get_running_loop()
        self._reader: Any = Reader(notEnoughData=MISSING, replyError=Refusal, errors="replace")
        self._transport: asyncio.Transport | None = None
        self._row: deque[Place] = deque()
        self._messages: asyncio.Queue[Any] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self._timeout_s = timeout_s
        self.is_asking: Final = is_asking
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._poll: Any = None

    def __repr__(self) -> str:
        return f"<AsyncSession with {self.node.address}, {'open' if self.is_open else 'ended'}>"

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def is_ready(self) -> bool:
        """
        Whether a command can be sent: open, as far as this side knows.

        Where nobody waits for an answer, something to read is the end, of which the loop has not
        told yet.
        """
        if self._transport is None:
            return False
        return bool(self._row) or self._poll is None or not self._poll(0)

    async def run(
        self, script: Script, keys: Sequence[str | bytes] = (), args: Sequence[Word] = ()
    ) -> Any:
        """
        Run a script on this connection and no other; see `Session.run`.

        Raises:
            IncarnationChangedError, RedisUnavailableError, RedisReplyError: as there.
        """
        if not self.is_ready():
            self.raise_ended()
        return await self.run_at_once(script, keys, args)

    async def run_at_once(
        self, script: Script, keys: Sequence[str | bytes], args: Sequence[Word]
    ) -> Any:
        """Do as `run` does, for a caller who knows that the session is ready."""
        answer = (await self._exchange(pack_script(script, keys, args)))[0]
        if type(answer) is Refusal:
            if has_lost_script(answer):  # it did not run, so that sending it again is right
                packed = pack_script(script, keys, args, as_text=True)
                answer = (await self._exchange(packed))[0]
            if type(answer) is Refusal:
                self.refuse(answer)
        return answer

    async def run_many(self, calls: Sequence[Call]) -> list[Any]:
        """
        Run scripts in their order, in one trip; see `Session.run_many`.

        Raises:
            IncarnationChangedError, RedisUnavailableError, RedisReplyError: as there.
        """
        if not self.is_ready():
            self.raise_ended()
        answers = await self.run_many_at_once(calls)
        raise_first(answers, self.refuse)
        return answers

    async def run_many_at_once(self, calls: Sequence[Call]) -> list[Any]:
        """Do as `run_many` does, with errors as `Refusal` among the answers."""
        answers = await self._exchange(pack_calls(calls), len(calls))
        if lost := [i for i, answer in enumerate(answers) if has_lost_script(answer)]:
            again = [calls[index] for index in lost]
            late = await self._exchange(pack_calls(again, as_text=True), len(again))
            for index, answer in zip(lost, late, strict=True):
                answers[index] = answer
        return answers

    async def call(self, *words: Word) -> Any:
        """
        Send one command and return its answer, undecoded.

        Raises:
            IncarnationChangedError, RedisUnavailableError, RedisReplyError: as `Session.run`.
        """
        if not self.is_ready():
            self.raise_ended()
        return await self.call_at_once(words)

    async def call_at_once(self, words: Sequence[Word]) -> Any:
        """Do as `call` does, for a caller who knows that the session is ready."""
        answer = (await self._exchange(pack_words(words)))[0]
        if type(answer) is Refusal:
            self.refuse(answer)
        return answer

    async def run_copied_at_once(self, call: Call, replicas: int) -> tuple[Any, int]:
        """Return a script's answer, and how many replicas have what it wrote; one trip."""
        wait = pack_wait(replicas, self.node.timeout_s)
        answers = await self._exchange(pack_script(*call) + wait, 2)
        if has_lost_script(answers[0]):
            answers = await self._exchange(pack_script(*call, as_text=True) + wait, 2)
        raise_first(answers[:1], self.refuse)
        raise_first(answers, self.refuse)
        return answers[0], answers[1]

    async def call_copied_at_once(self, words: Sequence[Word], replicas: int) -> tuple[Any, int]:
        """Return a command's answer, and how many replicas have what it wrote; one trip."""
        wait = pack_wait(replicas, self.node.timeout_s)
        answers = await self._exchange(pack_words(words) + wait, 2)
        raise_first(answers[:1], self.refuse)
        raise_first(answers, self.refuse)
        return answers[0], answers[1]

    async def ask(self, questions: Sequence[Sequence[Word]]) -> list[Any]:
        """Send commands at once and return their answers, errors as `Refusal` among them."""
        return await self._exchange(b"".join(map(pack_words, questions)), len(questions))

    def set_timeout(self, timeout_s: float | None) -> None:
        """Let answers to what is sent from now on take so long; None waits for ever."""
        self._timeout_s = timeout_s

    def send(self, *words: Word) -> None:
        """
        Send a command whose answer is to be taken by `read`, among the messages.

        Raises:
            RedisUnavailableError: if the connection broke off.
        """
        if self._transport is None:
            self.raise_ended()
        self._transport.write(pack_words(words))

    async def read(self) -> Any:
        """
        Wait for a message that nobody asked for, as after ``SUBSCRIBE``.

        Raises:
            RedisUnavailableError: if the connection broke off.
        """
        if self._messages.empty() and self._transport is None:
            self.raise_ended()
        message = await self._messages.get()
        if isinstance(message, RedisUnavailableError):
            raise message
        return message

    def close(self) -> None:
        """End it; whoever waits for an answer is told. Again is no error."""
        self._end(ConnectionAbortedError("the connection was closed on this side"), is_fault=False)

    def raise_ended(self) -> NoReturn:
        """Say that nothing was sent, because the connection is not usable any more."""
        self.close()
        raise IncarnationChangedError(
            f"The connection to Redis {self.node.alias!r} at {self.node.address} has ended. "
            "Nothing was sent. Begin again with await link.session().",
            may_have_run=False,
            alias=self.node.alias,
            address=str(self.node.address),
        )

    def refuse(self, refusal: Refusal) -> NoReturn:
        """Raise what an error of the server means; end the connection if it leads nowhere."""
        if refusal.code in ENDING:
            self.close()
        self.node.refuse(refusal)

    async def greet(self) -> None:
        """Log in and learn who answers."""
        handshake = self.node.handshake
        answers = await self._send(handshake.packed, handshake.count, self.node.timeout_s)
        identity = self.node.identify(answers)
        self.incarnation, self.version = identity.run_id, identity.version

    async def _exchange(self, packed: bytes, count: int = 1) -> list[Any]:
        """Send commands and return their answers."""
        if self.node.breaker.is_open:
            self.node.demand_try()
        if self.is_asking:
            return (await self._send(ASKING + packed, count + 1, self._timeout_s))[1:]
        return await self._send(packed, count, self._timeout_s)

    async def _send(self, packed: bytes, count: int, timeout_s: float | None) -> list[Any]:
        if not self._may_write.is_set():
            await self._may_write.wait()
        if self._transport is None:
            self.raise_ended()
        due_at = float("inf") if timeout_s is None else self._loop.time() + timeout_s
        place = Place(self._loop.create_future(), count, due_at)
        self._row.append(place)
        self._transport.write(packed)
        if self._timer is None and timeout_s is not None:
            self._timer = self._loop.call_at(due_at, self._check_time)
        return await place.future

    def _check_time(self) -> None:
        """End the connection if the one who waits longest has waited too long."""
        self._timer = None
        if not self._row:
            return
        due_at = self._row[0].due_at
        if due_at <= self._loop.time():
            self._end(TimeoutError())
        elif due_at < float("inf"):
            self._timer = self._loop.call_at(due_at, self._check_time)

    def _end(self, error: BaseException | None, *, is_fault: bool = True) -> None:
        """End the connection and tell everybody who waits: what was sent may have run."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        if not self._loop.is_closed():
            transport.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._may_write.set()
        reason = error or ConnectionResetError("it closed the connection")
        is_greeted = bool(self.incarnation)  # what it is greeted with is nobody's command
        doing = "before it answered" if is_greeted else "when it was greeted"
        if self._is_dedicated and isinstance(reason, TimeoutError):
            is_fault = False  # a command that waits may wait too long; that says nothing
        if is_fault:
            self.node.failed(reason, may_have_run=is_greeted, doing=doing)
        row, self._row = self._row, deque()
        for place in row:
            if not place.future.done():
                place.future.set_exception(
                    self.node.describe(reason, may_have_run=is_greeted, doing=doing)
                )
        self._messages.put_nowait(
            self.node.describe(reason, may_have_run=False, doing="while it was listened to")
        )

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        sock = transport.get_extra_info("socket")
        if self.node.address.port:
            set_up(sock)
        if transport.get_extra_info("ssl_object") is None and hasattr(select, "poll"):
            poll = select.poll()
            poll.register(sock.fileno(), select.POLLIN | getattr(select, "POLLRDHUP", 0))
            self._poll = poll.poll

    def data_received(self, data: bytes) -> None:
        reader, row = self._reader, self._row
        try:
            reader.feed(data)
            answer = reader.gets()
            while answer is not MISSING:
                self._hand_out(answer)
                answer = reader.gets()
        except ProtocolError as error:
            self._end(error)
            return
        if not row and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.node.breaker.failures:
            self.node.answered()

    def _hand_out(self, answer: Any) -> None:
        if not self._row:
            self._messages.put_nowait(answer)
            return
        place = self._row[0]
        place.answers.append(answer)
        if len(place.answers) == place.count:
            self._row.popleft()
            if not place.future.done():  # else its task was cancelled
                place.future.set_result(place.answers)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error, is_fault=error is not None or bool(self._row))

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()


async def open_async_session(
    node: Node,
    *,
    timeout_s: float | None,
    is_asking: bool = False,
    is_dedicated: bool = False,
) -> AsyncSession:
    """
    Connect, log in and learn who answers; see `open_session`.

    Raises:
        RedisUnavailableError: if it is not there, does not answer, or turns us away.
        RedisReplyError: if it refuses what every session begins with.
    """
    if node.breaker.is_open:
        node.demand_try()
    loop = asyncio.get_running_loop()
    session = AsyncSession(
        node, timeout_s=timeout_s, is_asking=is_asking, is_dedicated=is_dedicated
    )
    host, port = node.address
    try:
        async with asyncio.timeout(node.timeout_s):
            if port:
                name = host if node.tls else None
                await loop.create_connection(
                    lambda: session, host, port, ssl=node.tls, server_hostname=name
                )
            else:
                await loop.create_unix_connection(lambda: session, host)
    except OSError as error:
        raise node.failed(error, may_have_run=False, doing="when it was connected to") from error
    try:
        await session.greet()
    finally:
        if not session.incarnation:
            session.close()
    return session
