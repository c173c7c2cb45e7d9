"""Over TLS: ended in front of the server, since the embedded one has none."""

import asyncio
import shlex
import shutil
import ssl
import subprocess
import threading
from contextlib import closing

import pytest

from praxis.errors import IncarnationChangedError, RedisUnavailableError
from tests.integration.redis.conftest import INCREMENT

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate"),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = shlex.split(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def port(server, certificate):
    """Where TLS is spoken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with closing(TlsEnd(server, context)) as end:
        yield end.port


def address(server, port, certificate, host="localhost"):
    return f"rediss://:{server.password}@{host}:{port}?ssl_ca_certs={certificate / 'cert.pem'}"


def test_threads_speak_over_tls_and_see_an_ended_connection(server, port, certificate, make_link):
    link = make_link(address(server, port, certificate))
    session = link.session()
    assert [link.run(INCREMENT, ["n"]) for _ in range(3)] == [1, 2, 3]
    assert link.session() is session  # session tickets, which are no answers, do not end it
    link.call("SET", "k", b"x" * 300_000)
    assert link.call("GET", "k") == b"x" * 300_000
    with server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    # The end of TLS has to pass it on first.
    deadline = threading.Event()
    while session.is_ready() and not deadline.wait(0.01):
        pass
    with pytest.raises(IncarnationChangedError):
        session.run(INCREMENT, ["n"])
    assert link.run(INCREMENT, ["n"]) == 4


def test_coroutines_speak_over_tls(server, port, certificate, make_async_link):
    async def work():
        link = make_async_link(address(server, port, certificate))
        calls = [link.run(INCREMENT, ["n"]) for _ in range(20)]
        assert sorted(await asyncio.gather(*calls)) == list(range(1, 21))

    asyncio.run(work())


@pytest.mark.parametrize("change", ["?", "127.0.0.1"])
def test_a_certificate_of_somebody_unknown_or_for_another_name_is_turned_away(
    server, port, certificate, make_link, make_async_link, change
):
    url = address(server, port, certificate)
    url = url.partition("?")[0] if change == "?" else url.replace("localhost", change)
    with pytest.raises(RedisUnavailableError, match="certificate verify failed"):
        make_link(url).call("PING")
    with pytest.raises(RedisUnavailableError, match="certificate verify failed"):
        asyncio.run(make_async_link(url).call("PING"))


def test_what_is_not_verified_is_not_asked_for(server, port, certificate, make_link):
    url = address(server, port, certificate, host="127.0.0.1").partition("?")[0]
    assert make_link(f"{url}?ssl_cert_reqs=none").run(INCREMENT, ["n"]) == 1


class TlsEnd:
    """Speak TLS to clients and plainly to the server."""

    def __init__(self, server, context):
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks = set()
        self._listener = self._do(asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context))
        self.port = self._listener.sockets[0].getsockname()[1]

    def close(self):
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _end(self):
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        there = await asyncio.open_connection(self._server.host, self._server.port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, there[1]))
                both.create_task(self._pass(there[0], writer))
        except* (OSError, EOFError):
            pass
        finally:
            for each in (writer, there[1]):
                each.transport.abort()

    async def _pass(self, reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        raise EOFError
