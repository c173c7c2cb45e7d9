"""
One connection to one server, for one thread.

It speaks RESP2 through hiredis itself, without redis-py's client and connection: those cost more
than the round trip to a near server, and send a command again when they do not know whether it ran.
"""

import select
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from hiredis import ProtocolError, Reader

from praxis.errors import IncarnationChangedError, RedisUnavailableError
from praxis.redis.node import ENDING, MISSING, Node
from praxis.redis.packing import (
    ASKING,
    Call,
    Word,
    has_lost_script,
    pack_calls,
    pack_command,
    pack_script,
    pack_wait,
    pack_words,
    raise_first,
)
from praxis.redis.replies import Refusal
from praxis.redis.script import Script
from praxis.redis.sockets import set_up

BUFFER_BYTES = 65_536
_HANG_UP = select.POLLIN | getattr(select, "POLLRDHUP", 0) if hasattr(select, "poll") else 0


class Session:
    """
    One physical connection; it never reconnects. A thread gets its own from `Link.session`.

    Attributes:
        incarnation: The server's run id: another one after every restart and behind every
            fail-over. What was computed for it is valid as long as this session is.
        version: The server's version; of Valkey the one of Redis that it is compatible with.
    """

    __slots__ = ("__weakref__", "_buffer", "_is_busy", "_node", "_poll", "_reader", "_socket",
                 "incarnation", "version")  # fmt: skip

    def __init__(self, node: Node, *, timeout_s: float | None) -> None:
        self._is_busy = False
        self._node: Final = node
        self._reader: Any = Reader(notEnoughData=MISSING, replyError=Refusal, errors="replace")
        self._buffer: Final = bytearray(BUFFER_BYTES)
        self._socket: socket.socket | None = None
        self._socket = _connect(node)
        self._poll: Callable[[int], Any] = _watch(self._socket)
        try:
            handshake = node.handshake
            answers = self._exchange_many(handshake.packed, handshake.count, is_opening=True)
            identity = node.identify(answers)
            self._socket.settimeout(timeout_s)
        except BaseException:
            self.close()
            raise
        self.incarnation: Final = identity.run_id
        self.version: Final = identity.version

    def __repr__(self) -> str:
        state = "open" if self.is_open else "ended"
        return f"<Session with {self._node.address}, {state}>"

    def __del__(self) -> None:
        if getattr(self, "_socket", None) is not None:  # a thread ended; its sockets end silently
            self.close()

    @property
    def node(self) -> Node:
        return self._node

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is under way; for ever, if its reading was interrupted."""
        return self._is_busy

    def is_ready(self) -> bool:
        """
        Whether a command can be sent: open, idle, nothing to read, as far as this side knows.

        One look at the socket, without a trip: a server that has gone said so. Bytes that nobody
        waits for would be taken for the next answer.
        """
        return not self._is_busy and self._socket is not None and not self._poll(0)

    def run(
        self, script: Script, keys: Sequence[str | bytes] = (), args: Sequence[Word] = ()
    ) -> Any:
        """
        Run a script on this connection and no other.

        Returns:
            What the script returned: bytes, int, None, or a list of these.

        Raises:
            IncarnationChangedError: if the connection has ended; nothing was sent.
            RedisUnavailableError: if the server refused, or broke off: then the connection ended.
            RedisReplyError: if the script failed.
        """
        if not self.is_ready():
            self.raise_ended()
        return self.run_at_once(script, keys, args)

    def run_at_once(self, script: Script, keys: Sequence[str | bytes], args: Sequence[Word]) -> Any:
        """Do as `run` does, for a caller who knows that the session is ready."""
        answer = self._exchange(pack_command((b"EVALSHA", script.sha, len(keys), *keys, *args)))
        if type(answer) is Refusal:
            if has_lost_script(answer):  # it did not run, so that sending it again is right
                answer = self._exchange(pack_script(script, keys, args, as_text=True))
            if type(answer) is Refusal:
                self.refuse(answer)
        return answer

    def run_many(self, calls: Sequence[Call]) -> list[Any]:
        """
        Run scripts in their order, in one trip; return their answers.

        Where a server has lost some of them, those run after the others, in a second trip.

        Raises:
            IncarnationChangedError: as `run`.
            RedisUnavailableError: as `run`; some may have run.
            RedisReplyError: if one failed. All have run.
        """
        if not self.is_ready():
            self.raise_ended()
        answers = self.run_many_at_once(calls)
        raise_first(answers, self.refuse)
        return answers

    def run_many_at_once(self, calls: Sequence[Call]) -> list[Any]:
        """Do as `run_many` does, with errors as `Refusal` among the answers."""
        answers = self._exchange_many(pack_calls(calls), len(calls))
        if lost := [i for i, answer in enumerate(answers) if has_lost_script(answer)]:
            again = [calls[index] for index in lost]
            late = self._exchange_many(pack_calls(again, as_text=True), len(again))
            for index, answer in zip(lost, late, strict=True):
                answers[index] = answer
        return answers

    def call(self, *words: Word) -> Any:
        """
        Send one command and return its answer, undecoded.

        Raises:
            IncarnationChangedError, RedisUnavailableError, RedisReplyError: as `run`.
        """
        if not self.is_ready():
            self.raise_ended()
        return self.call_at_once(words)

    def call_at_once(self, words: Sequence[Word]) -> Any:
        """Do as `call` does, for a caller who knows that the session is ready."""
        answer = self._exchange(pack_words(words))
        if type(answer) is Refusal:
            self.refuse(answer)
        return answer

    def run_copied_at_once(self, call: Call, replicas: int) -> tuple[Any, int]:
        """Return a script's answer, and how many replicas have what it wrote; one trip."""
        answers = self._copied(pack_script(*call), replicas)
        if has_lost_script(answers[0]):
            answers = self._copied(pack_script(*call, as_text=True), replicas)
        raise_first(answers[:1], self.refuse)
        raise_first(answers, self.refuse)
        return answers[0], answers[1]

    def call_copied_at_once(self, words: Sequence[Word], replicas: int) -> tuple[Any, int]:
        """Return a command's answer, and how many replicas have what it wrote; one trip."""
        answers = self._copied(pack_words(words), replicas)
        raise_first(answers[:1], self.refuse)
        raise_first(answers, self.refuse)
        return answers[0], answers[1]

    def ask(self, questions: Sequence[Sequence[Word]]) -> list[Any]:
        """Send commands at once and return their answers, errors as `Refusal` among them."""
        packed = b"".join(map(pack_words, questions))
        return self._exchange_many(packed, len(questions))

    def read(self) -> Any:
        """
        Wait for a message that nobody asked for, as after ``SUBSCRIBE``.

        Raises:
            TimeoutError: if none came in time; the session goes on.
            RedisUnavailableError: if the connection broke off.
        """
        if self._socket is None:
            self.raise_ended()
        try:
            return self._receive(self._socket)
        except TimeoutError:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again
            self._end(error, may_have_run=False, doing="while it was listened to")

    def set_timeout(self, timeout_s: float | None) -> None:
        """
        Wait so long for an answer from now on; None waits for ever.

        Raises:
            IncarnationChangedError: if the connection has ended, be it in another thread just now.
        """
        sock = self._socket
        try:
            if sock is not None:
                sock.settimeout(timeout_s)
                return
        except OSError:  # another thread closed it
            self.raise_ended()
        self.raise_ended()

    def close(self) -> None:
        """End it. Again is no error."""
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()

    def raise_ended(self) -> NoReturn:
        """Say that nothing was sent, because the connection is not usable any more."""
        self.close()
        node = self._node
        raise IncarnationChangedError(
            f"The connection to Redis {node.alias!r} at {node.address} has ended. Nothing was "
            "sent. Begin again with link.session().",
            may_have_run=False,
            alias=node.alias,
            address=str(node.address),
        )

    def _exchange(self, packed: bytes) -> Any:
        """Send a command and return its answer, a `Refusal` if it is an error."""
        sock, node = self._socket, self._node
        if sock is None:
            self.raise_ended()
        if node.breaker.is_open:
            node.demand_try()
        self._is_busy = True  # until the whole answer was read: whatever happens, nobody reuses it
        try:
            sock.sendall(packed)
        except BaseException as error:  # noqa: BLE001 - raised again
            # What the kernel did not take whole is no command yet.
            self._end(error, may_have_run=False, doing="while a command was sent")
        try:
            answer = self._receive(sock)
        except BaseException as error:  # noqa: BLE001 - raised again
            self._end(error, may_have_run=True, doing="before it answered")
        self._is_busy = False
        if node.breaker.failures:
            node.answered()
        return answer

    def _copied(self, packed: bytes, replicas: int) -> list[Any]:
        return self._exchange_many(packed + pack_wait(replicas, self._node.timeout_s), 2)

    def _exchange_many(self, packed: bytes, count: int, *, is_opening: bool = False) -> list[Any]:
        sock, node = self._socket, self._node
        if sock is None:
            self.raise_ended()
        if node.breaker.is_open and not is_opening:
            node.demand_try()
        self._is_busy = True
        try:
            sock.sendall(packed)
            answers = [self._receive(sock) for _ in range(count)]
        except BaseException as error:  # noqa: BLE001 - raised again
            doing = "when it was greeted" if is_opening else "before it answered"
            self._end(error, may_have_run=not is_opening, doing=doing)
        self._is_busy = False
        if node.breaker.failures:
            node.answered()
        return answers

    def _receive(self, sock: socket.socket) -> Any:
        reader, buffer = self._reader, self._buffer
        answer = reader.gets()
        while answer is MISSING:
            size = sock.recv_into(buffer)
            if not size:
                raise ConnectionResetError("it closed the connection")
            reader.feed(buffer, 0, size)
            answer = reader.gets()
        return answer

    def _end(self, error: BaseException, *, may_have_run: bool, doing: str) -> NoReturn:
        """End the connection after *error* and raise what it means to the caller."""
        self.close()
        if not isinstance(error, OSError | ProtocolError):
            raise error  # somebody interrupts the thread
        raise self._told(error, may_have_run=may_have_run, doing=doing) from error

    def _told(
        self, error: BaseException, *, may_have_run: bool, doing: str
    ) -> RedisUnavailableError:
        """Tell the breaker of a failure; return what to raise."""
        return self._node.failed(error, may_have_run=may_have_run, doing=doing)

    def refuse(self, refusal: Refusal) -> NoReturn:
        """Raise what an error of the server means; end the connection if it leads nowhere."""
        if refusal.code in ENDING:
            self.close()
        self._node.refuse(refusal)


class DedicatedSession(Session):
    """A connection for commands that wait: that one of them waits too long says nothing."""

    __slots__ = ()

    def send(self, *words: Word) -> None:
        """
        Send a command whose answer is to be taken by `read`, among the messages.

        Raises:
            RedisUnavailableError: if the connection broke off.
        """
        if self._socket is None:
            self.raise_ended()
        try:
            self._socket.sendall(pack_words(words))
        except BaseException as error:  # noqa: BLE001 - raised again
            self._end(error, may_have_run=False, doing="while a command was sent")

    def _told(
        self, error: BaseException, *, may_have_run: bool, doing: str
    ) -> RedisUnavailableError:
        note = self._node.describe if isinstance(error, TimeoutError) else self._node.failed
        return note(error, may_have_run=may_have_run, doing=doing)


class AskingSession(Session):
    """A connection to a node that is taking a slot over: it must be told so before each command."""

    __slots__ = ()

    def _exchange(self, packed: bytes) -> Any:
        return self._exchange_many(ASKING + packed, 2)[1]

    def _copied(self, packed: bytes, replicas: int) -> list[Any]:
        packed = ASKING + packed + pack_wait(replicas, self._node.timeout_s)
        return self._exchange_many(packed, 3)[1:]


def open_session(node: Node, *, timeout_s: float | None, kind: type[Session] = Session) -> Session:
    """
    Connect, log in and learn who answers, in one trip after the connection.

    Args:
        node: The server.
        timeout_s: How long answers may take later on; None for ever. To connect takes the node's.
        kind: What to open.

    Raises:
        RedisUnavailableError: if it is not there, does not answer, or turns us away.
        RedisReplyError: if it refuses what every session begins with.
    """
    if node.breaker.is_open:
        node.demand_try()
    return kind(node, timeout_s=timeout_s)


def _connect(node: Node) -> socket.socket:
    try:
        if not node.address.port:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.settimeout(node.timeout_s)
                sock.connect(node.address.host)
            except BaseException:
                sock.close()
                raise
            return sock
        sock = socket.create_connection(node.address, timeout=node.timeout_s)
        try:
            set_up(sock)
            if node.tls:
                return node.tls.wrap_socket(sock, server_hostname=node.address.host)
        except BaseException:
            sock.close()
            raise
        return sock
    except OSError as error:
        raise node.failed(error, may_have_run=False, doing="when it was connected to") from error


def _watch(sock: socket.socket) -> Callable[[int], Any]:
    """Return what tells whether there is anything to read, be it the end."""
    if isinstance(sock, ssl.SSLSocket):
        return lambda _: _has_something(sock)
    if not _HANG_UP:  # Windows
        return lambda _: select.select([sock], [], [], 0)[0]
    poll = select.poll()
    poll.register(sock, _HANG_UP)
    return poll.poll


def _has_something(sock: ssl.SSLSocket) -> bool:
    """As a server may send session tickets, which are nothing to us, look through TLS."""
    timeout_s = sock.gettimeout()
    try:
        sock.settimeout(0)
        sock.recv(1)
    except ssl.SSLWantReadError:
        sock.settimeout(timeout_s)
        return False
    except OSError:
        return True
    return True  # an answer that nobody waits for, or the end
