import socket
import tempfile
import threading
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from praxis import embedded
from praxis.embedded import ports
from praxis.errors import ServerError

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
def _no_address(monkeypatch):
    monkeypatch.delenv("PRAXIS_REDIS_URL", raising=False)


def test_answers_while_open_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with embedded.redis() as server:
        with server.client() as client:
            client.set("key", "value")
            assert client.get("key") == "value"
        assert list(tmp_path.iterdir()) != []
    assert list(tmp_path.iterdir()) == []
    assert not server.is_alive
    with pytest.raises(RedisConnectionError), server.client() as client:
        client.ping()


def test_refuses_a_client_without_the_password():
    with (
        embedded.redis() as server,
        Redis.from_url(f"redis://{server.host}:{server.port}/0") as client,
        pytest.raises(AuthenticationError),
    ):
        client.ping()


def test_keeps_its_data_and_its_address_in_a_named_folder(tmp_path):
    with embedded.redis(directory=tmp_path) as server, server.client() as client:
        client.set("key", "value")
        url = server.url
    with embedded.redis(directory=tmp_path) as server, server.client() as client:
        assert client.get("key") == "value"
        assert server.url == url


def test_refuses_a_folder_in_use(tmp_path):
    with (
        embedded.redis(directory=tmp_path),
        pytest.raises(ServerError, match=r"running in .* already"),
    ):
        embedded.redis(directory=tmp_path)


def test_listens_on_a_unix_socket_alone(tmp_path):
    with embedded.redis(socket=True) as server, server.client() as client:
        assert client.ping()
        assert server.url.startswith("unix://")
        assert client.config_get("port") == {"port": "0"}


def test_flushes_every_database():
    with embedded.redis() as server, server.client() as client, server.client(db=3) as other:
        client.set("key", "value")
        other.set("key", "value")
        server.flush()
        assert client.dbsize() == other.dbsize() == 0


def test_survives_a_kill_by_restarting_on_its_port(tmp_path):
    with embedded.redis(directory=tmp_path) as server:
        port, pid = server.port, server.pid
        server.kill()
        assert not server.is_alive
        server.restart()
        assert (server.port, server.is_alive) == (port, True)
        assert server.pid != pid


def test_says_nothing_while_paused_and_goes_on_after():
    with embedded.redis() as server, server.client(socket_timeout=0.2) as client:
        client.set("key", "value")
        server.pause()
        with pytest.raises(RedisTimeoutError):
            client.get("key")
        server.resume()
        assert client.get("key") == "value"


def test_stops_a_paused_server():
    with embedded.redis() as server:
        server.pause()
    assert not server.is_alive


def test_takes_another_port_when_the_chosen_one_was_taken_meanwhile(monkeypatch):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        offers = iter([taken, taken, ports.choose_port()])
        monkeypatch.setattr(ports, "choose_port", lambda **_: next(offers))
        with embedded.redis() as server, server.client() as client:
            assert client.ping()
            assert server.port != taken
    assert list(offers) == []


def test_refuses_a_port_asked_for_that_another_redis_has():
    with embedded.redis() as first:
        with pytest.raises(ServerError, match="another process has its port"):
            embedded.redis(port=first.port)
        assert first.is_alive


def test_starts_many_side_by_side():
    servers = []
    failures = []

    def start():
        try:
            servers.append(embedded.redis())
        except ServerError as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert failures == []
        assert len({server.port for server in servers}) == 6
    finally:
        for server in servers:
            server.stop()


def test_refuses_to_start_after_it_was_stopped():
    server = embedded.redis()
    server.stop()
    server.stop()
    with pytest.raises(ServerError, match="were stopped"):
        server.restart()


def test_django_cache_works_on_its_settings(settings):
    from django.core.cache import caches

    with embedded.redis() as server:
        settings.CACHES = {"default": server.django_settings()}
        caches["default"].set("key", [1, 2], timeout=60)
        assert caches["default"].get("key") == [1, 2]
        caches["default"].close()
        caches["default"]._cache._get_connection_pool(write=True).disconnect()


def test_reports_what_the_server_said_when_it_did_not_start(tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    (folder / "appendonlydir").mkdir()
    (folder / "appendonly.aof").mkdir()  # no version can open a folder as its log
    (folder / "appendonlydir" / "appendonly.aof.manifest").mkdir()
    with pytest.raises(ServerError, match=r"did not start\. Its log ends with"):
        embedded.redis(directory=Path(tmp_path))
