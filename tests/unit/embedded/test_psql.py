import shutil
import subprocess

import pytest

from praxis.embedded import psql
from praxis.embedded.psql import Address
from praxis.errors import ServerError


def test_reads_an_address_and_writes_it_again():
    url = "postgresql://us%40er:p%2Fw@db.example:5433/main?sslmode=require"
    address = Address.from_url(url, variable="X")
    assert address == Address("db.example", 5433, "us@er", "p/w", "main", (("sslmode", "require"),))
    assert address.url("main") == url
    assert address.environment("shop")["PGSSLMODE"] == "require"
    assert address.environment("shop")["PGDATABASE"] == "shop"


def test_fills_in_what_an_address_leaves_out():
    address = Address.from_url("postgres://db.example", variable="X")
    assert (address.port, address.user, address.database) == (5432, "postgres", "postgres")


def test_reads_a_unix_socket_from_the_query():
    url = "postgresql://postgres:pw@/main?host=%2Frun%2Fpg&port=5433"
    address = Address.from_url(url, variable="X")
    assert (address.host, address.port) == ("/run/pg", 5433)
    assert address.url("main") == url


def test_writes_an_ipv6_host_in_brackets():
    address = Address.from_url("postgresql://postgres@[::1]:5432/main", variable="X")
    assert address.url("main") == "postgresql://postgres@[::1]:5432/main"


@pytest.mark.parametrize("url", ["mysql://a:secret@b/c", "postgresql://a:secret@b:port/c", "x"])
def test_refuses_what_is_no_address_without_showing_it(url):
    with pytest.raises(ServerError, match="THE_VARIABLE") as caught:
        Address.from_url(url, variable="THE_VARIABLE")
    assert "secret" not in str(caught.value)


@pytest.fixture
def address():
    return Address("127.0.0.1", 5432, "postgres", "secret")


def test_never_puts_the_password_on_the_command_line(address, monkeypatch):
    seen = {}

    def run(argv, **options):
        seen.update(options, argv=argv)
        return subprocess.CompletedProcess(argv, 0, stdout="1\n", stderr="")

    monkeypatch.setattr(psql, "_program", lambda: "psql")
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("PGSERVICE", "somewhere-else")
    assert psql.run(address, "SELECT 1", database="main") == "1"
    assert not any("secret" in word for word in seen["argv"])
    assert seen["env"]["PGPASSWORD"] == "secret"
    assert "PGSERVICE" not in seen["env"]


def test_names_a_server_that_does_not_answer(address, monkeypatch):
    def run(argv, **_):
        raise subprocess.TimeoutExpired(argv, 1)

    monkeypatch.setattr(psql, "_program", lambda: "psql")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(ServerError, match=r"127\.0\.0\.1:5432 did not answer"):
        psql.run(address, "SELECT 1", database="main")


def test_takes_psql_from_the_path_where_there_is_no_server(monkeypatch):
    def find():
        raise ServerError("none")

    monkeypatch.setattr(psql, "find_postgres", find)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert psql._program() == "/usr/bin/psql"
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ServerError, match="postgresql-client"):
        psql._program()
