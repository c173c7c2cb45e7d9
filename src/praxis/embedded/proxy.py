"""A TCP proxy that misbehaves on demand, for tests of what happens when the network does."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

from praxis.embedded.ports import PortTakenError, start_on_port
from praxis.errors import ServerError

HOST = "127.0.0.1"
CHUNK_BYTES = 65_536
MAX_CHUNKS_IN_FLIGHT = 1_024  # a direction, so that a stalled reader does not fill the memory
BACKLOG = 512
LINGER_NOT = struct.pack("ii", 1, 0)  # on, for 0 seconds: closing resets

T = TypeVar("T")


class TcpProxy:
    """
    Forward connections to a server, from a thread of its own; a context manager.

    It works at once and passes everything on until told otherwise. What it is told stays until
    `restore`, except `cut`, which happens once.

    Args:
        target_host: The server behind it.
        target_port: The server's port.
        port: Where to listen; a free port if None.

    Attributes:
        port: Where it listens.
        accepted: How many connections it has taken so far.
    """

    host = HOST

    def __init__(self, target_host: str, target_port: int, *, port: int | None = None) -> None:
        self._target = (target_host, target_port)
        self._to_server_s = 0.0
        self._to_client_s = 0.0
        self._links: set[asyncio.Task[Any]] = set()  # one a connection
        self._is_closed = False
        self.accepted = 0
        self.port, self._socket = start_on_port(_bound, port=port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._gate = asyncio.Event()
        self._gate.set()
        self._do(self._listen())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def through(self, url: str) -> str:
        """Return *url* with this proxy's address instead of its own."""
        parts = urlsplit(url)
        who, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{who}{at}{HOST}:{self.port}"))

    @property
    def open_connections(self) -> int:
        return len(self._links)

    def delay(self, *, to_server_s: float = 0.0, to_client_s: float = 0.0) -> None:
        """Deliver what arrives from now on so much later, in order; the rate stays as it is."""
        self._to_server_s, self._to_client_s = to_server_s, to_client_s

    def cut(self) -> None:
        """Reset every open connection; new ones are accepted."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Refuse new connections, as a port does where nothing listens; open ones go on."""
        self._do(self._refuse())

    def black_hole(self) -> None:
        """
        Accept connections and bytes, and deliver nothing, as when a cable is pulled.

        What arrives is kept and delivered after `restore`: TCP loses nothing either.
        """
        self._do(self._shut())

    def restore(self) -> None:
        """Pass everything on at once again."""
        self.delay()
        self._do(self._restore())

    def close(self) -> None:
        """Reset all connections and stop listening. Again is no error."""
        if self._is_closed:
            return
        self._do(self._end())
        self._is_closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._socket.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        if self._is_closed:
            work.close()
            raise ServerError("This proxy is closed. Make a new one.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(
                self._accept, sock=self._socket, backlog=BACKLOG
            )

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            # Bound and not listening: the port refuses, and nobody else gets it.
            _, self._socket = _bound(self.port)

    async def _shut(self) -> None:
        self._gate.clear()

    async def _restore(self) -> None:
        self._gate.set()
        await self._listen()

    async def _cut(self) -> None:
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _end(self) -> None:
        if self._server is not None:
            for listening in self._server.sockets:
                self._loop.remove_reader(listening.fileno())
        while True:
            await asyncio.sleep(0)  # one that was accepted just now begins, and is cut next
            await self._cut()
            if asyncio.all_tasks() == {asyncio.current_task()}:
                break
        if self._server is not None:  # not before: asyncio loses who is accepted meanwhile
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = cast("asyncio.Task[Any]", asyncio.current_task())  # start_server made it
        self._links.add(link)
        writers = [writer]
        try:
            await self._gate.wait()
            server_reader, server_writer = await asyncio.open_connection(*self._target)
            writers.append(server_writer)
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._pass(reader, server_writer, "_to_server_s"))
                directions.create_task(self._pass(server_reader, writer, "_to_client_s"))
            is_broken = False  # both sides have said all they had to say
        except (asyncio.CancelledError, OSError, ExceptionGroup):
            # Cut, or one side broke off: the other learns it now. CancelledError ends here on
            # purpose; this task is the connection and nobody waits for it but `_cut`.
            is_broken = True
        self._links.discard(link)
        for each in writers:
            _end(each, is_broken=is_broken)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: str
    ) -> None:
        """Carry one direction: read at once, deliver each piece when it is due."""
        in_flight: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MAX_CHUNKS_IN_FLIGHT)

        async def deliver() -> None:
            while True:
                due, data = await in_flight.get()
                await asyncio.sleep(due - self._loop.time())
                await self._gate.wait()
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()

        async with asyncio.TaskGroup() as both:
            both.create_task(deliver())
            while True:
                data = await reader.read(CHUNK_BYTES)
                await in_flight.put((self._loop.time() + getattr(self, delay), data))
                if not data:
                    break


def _end(writer: asyncio.StreamWriter, *, is_broken: bool) -> None:
    """End a connection: by FIN, or by RST where the peer shall see "reset by peer"."""
    if is_broken and not writer.transport.is_closing():
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        writer.transport.abort()
    writer.close()


def _bound(port: int) -> tuple[int, socket.socket]:
    """Return a socket bound to the port, not listening yet."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError as error:
        sock.close()
        raise PortTakenError(f"The proxy cannot listen on port {port}: {error}") from error
    return port, sock
