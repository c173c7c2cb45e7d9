import os
import pwd
import shutil
import socket
import tempfile
from pathlib import Path

import psycopg
import pytest

from praxis import embedded
from praxis.embedded import ports
from praxis.errors import ServerError

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _no_address(monkeypatch):
    monkeypatch.delenv("PRAXIS_POSTGRES_URL", raising=False)


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as server:
            yield server


@pytest.fixture
def open_folder():
    # Not tmp_path: as root the server runs as another user, and pytest's folders are closed. In
    # memory where there is such a folder: a kept server waits for the disk.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    path = Path(tempfile.mkdtemp(prefix="praxis-test-", dir=memory))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def test_answers_psycopg(server):
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1 + 1").fetchone() == (2,)


def test_refuses_a_client_without_the_password(server):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=server.host, port=server.port, user=server.user, dbname="postgres")


def test_compares_letters_beyond_ascii_without_case(server):
    assert server.sql("SELECT upper('straße é')") in {"STRASSE É", "STRAßE É"}


def test_creates_a_fresh_database_each_time(server):
    database = server.database("shop")
    database.sql("CREATE TABLE orders (id int)")
    with psycopg.connect(database.url):  # open connections do not keep the old one alive
        again = server.database("shop")
    assert again.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'orders'") == "0"
    server.drop_database("shop")
    assert server.sql("SELECT count(*) FROM pg_database WHERE datname = 'shop'") == "0"


def test_refuses_a_name_that_is_no_name(server):
    with pytest.raises(ServerError, match="no database name"):
        server.database('x"; DROP')


def test_names_what_psql_refused(server):
    with pytest.raises(ServerError, match='relation "nothing" does not exist'):
        server.sql("SELECT * FROM nothing")


def test_django_connects_with_its_settings(server, django_db_blocker):
    from django.db.backends.postgresql.base import DatabaseWrapper
    from django.db.utils import ConnectionHandler

    handler = ConnectionHandler({"default": server.database().django_settings()})
    connection = handler["default"]
    assert isinstance(connection, DatabaseWrapper)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (connection.settings_dict["NAME"],)
    connection.close()


def test_runs_as_an_unprivileged_user_when_we_are_root(server):
    owner = Path("/proc", str(server.pid)).stat().st_uid
    expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    assert owner == expected


def test_recovers_after_a_kill_on_the_same_port(server):
    database = server.database("survivor")
    database.sql("CREATE TABLE t AS SELECT 7 AS n")
    port = server.port
    server.kill()
    assert not server.is_alive
    server.restart()
    assert server.port == port
    assert database.sql("SELECT n FROM t") == "7"


def test_says_nothing_while_paused_and_goes_on_after(server):
    connection = psycopg.pq.PGconn.connect(server.url.encode())
    server.pause()
    try:
        connection.send_query(b"SELECT 5")
        with socket.socket(fileno=os.dup(connection.socket)) as line:
            line.settimeout(0.2)
            with pytest.raises(TimeoutError):
                line.recv(1, socket.MSG_PEEK)
    finally:
        server.resume()
    assert connection.get_result().get_value(0, 0) == b"5"
    connection.finish()


def test_leaves_no_folder_and_no_shared_memory_after_a_kill(tmp_path, monkeypatch):
    with embedded.postgres() as server:
        folder = server.data.parent
        segment = (server.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        assert segment in shared_memory_segments()
        server.kill()
    assert not folder.exists()
    assert segment not in shared_memory_segments()


def shared_memory_segments():
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {line.split()[1] for line in lines}


def test_keeps_its_data_and_its_address_in_a_named_folder(open_folder):
    folder = open_folder / "kept"
    with embedded.postgres(directory=folder) as server:
        server.database("shop").sql("CREATE TABLE t AS SELECT 'kept' AS word")
        assert server.sql("SHOW fsync") == "on"
        url = server.url
    with embedded.postgres(directory=folder) as server:
        assert server.sql("SELECT word FROM t", database="shop") == "kept"
        assert server.url == url


def test_names_the_folder_that_the_unprivileged_user_cannot_pass(open_folder):
    if os.geteuid() != 0:
        pytest.skip("only root changes to another user")
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ServerError, match=rf"chmod o\+x {closed}"):
        embedded.postgres(directory=closed / "data")


def test_names_the_version_that_made_the_data(open_folder):
    folder = open_folder / "old"
    (folder / "primary").mkdir(parents=True)
    (folder / "primary" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ServerError, match=r"made by PostgreSQL 9\.6"):
        embedded.postgres(directory=folder)


def test_takes_another_port_when_the_chosen_one_was_taken_meanwhile(monkeypatch):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        offers = iter([holder.getsockname()[1], ports.choose_port()])
        monkeypatch.setattr(ports, "choose_port", lambda **_: next(offers))
        with embedded.postgres() as server:
            assert server.sql("SELECT 1") == "1"
    assert list(offers) == []


def test_listens_on_a_unix_socket_alone():
    with embedded.postgres(socket=True, settings={"max_connections": "12"}) as server:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert server.sql("SHOW max_connections") == "12"
