import asyncio
import gc
import socket
import socketserver
import threading
import time
from contextlib import suppress

import pytest

from praxis.embedded import TcpProxy
from praxis.errors import ServerError


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data)


@pytest.fixture
def echo():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy(echo):
    with TcpProxy(*echo) as proxy:
        yield proxy


def connect(proxy):
    return socket.create_connection((proxy.host, proxy.port), timeout=10)


def receive(connection, count):
    data = b""
    while len(data) < count and (chunk := connection.recv(65536)):
        data += chunk
    return data


def test_passes_everything_on_in_order(proxy):
    payload = bytes(range(256)) * 8192  # more than any buffer on the way holds
    with connect(proxy) as connection:
        sender = threading.Thread(target=connection.sendall, args=(payload,))
        sender.start()
        assert receive(connection, len(payload)) == payload
        sender.join()


def test_passes_on_the_end_of_one_direction(proxy):
    with connect(proxy) as connection:
        connection.sendall(b"last words")
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection, 1000) == b"last words"


def test_delays_each_direction(proxy):
    proxy.delay(to_server_s=0.1, to_client_s=0.15)
    with connect(proxy) as connection:
        started = time.monotonic()
        connection.sendall(b"hello")
        assert receive(connection, 5) == b"hello"
        assert time.monotonic() - started >= 0.25  # never sooner; later is the machine's affair


def test_cuts_open_connections_and_takes_new_ones(proxy):
    with connect(proxy) as connection:
        connection.sendall(b"a")
        assert receive(connection, 1) == b"a"
        proxy.cut()
        assert proxy.open_connections == 0
        with pytest.raises(ConnectionResetError):
            receive(connection, 1)
    with connect(proxy) as connection:
        connection.sendall(b"b")
        assert receive(connection, 1) == b"b"
    assert proxy.accepted == 2


def test_refuses_new_connections_and_keeps_open_ones(proxy):
    with connect(proxy) as connection:
        connection.sendall(b"a")
        assert receive(connection, 1) == b"a"
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            connect(proxy)
        connection.sendall(b"b")
        assert receive(connection, 1) == b"b"
    proxy.restore()
    with connect(proxy) as connection:
        connection.sendall(b"c")
        assert receive(connection, 1) == b"c"


def test_black_hole_takes_everything_and_delivers_it_when_restored(proxy):
    with connect(proxy) as before:
        before.sendall(b"a")
        assert receive(before, 1) == b"a"
        proxy.black_hole()
        before.sendall(b"b")
        with connect(proxy) as during:
            during.sendall(b"c")
            for connection in (before, during):
                connection.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    connection.recv(1)
                connection.settimeout(10)
            proxy.restore()
            assert receive(before, 1) == b"b"
            assert receive(during, 1) == b"c"


def test_cuts_connections_in_a_black_hole(proxy):
    proxy.black_hole()
    with connect(proxy) as connection:
        connection.sendall(b"a")
        while proxy.accepted == 0:
            time.sleep(0.001)
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_resets_a_client_whose_server_does_not_listen():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with TcpProxy(*nobody.getsockname()) as proxy:

            def use():
                with connect(proxy) as connection:
                    return connection.recv(1)

            with pytest.raises(ConnectionResetError):
                use()


def test_puts_itself_into_an_address(proxy):
    assert (
        proxy.through("redis://:pw@10.0.0.1:6379/3?timeout=1")
        == f"redis://:pw@127.0.0.1:{proxy.port}/3?timeout=1"
    )


def test_refuses_a_port_that_is_taken(proxy):
    with pytest.raises(ServerError, match="cannot listen on port"):
        TcpProxy("127.0.0.1", 1, port=proxy.port)


def test_is_of_no_use_once_closed(proxy):
    proxy.close()
    proxy.close()
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    with pytest.raises(ServerError, match="closed"):
        proxy.cut()


def test_who_connects_while_it_ends_is_cut_off_too(echo, monkeypatch):
    proxy, may_go_on = TcpProxy(*echo), threading.Event()
    proxy._loop.call_soon_threadsafe(may_go_on.wait)
    begin = asyncio.run_coroutine_threadsafe

    def begin_with_one_who_waits(work, loop):
        future = begin(work, loop)
        may_go_on.set()
        return future

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", begin_with_one_who_waits)
    with socket.create_connection((proxy.host, proxy.port), timeout=10) as client:
        proxy.close()
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    gc.collect()  # a connection that was left open warns, which fails the test
