"""Servers at an address in the environment: shared, so only what is ours is touched."""

import psycopg
import pytest

from praxis import embedded
from praxis.embedded import claims
from praxis.errors import ServerError


@pytest.fixture(scope="module")
def shared_redis():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_REDIS_URL", raising=False)
        with embedded.redis() as server:
            yield server


@pytest.fixture
def other_redis(shared_redis, monkeypatch):
    shared_redis.flush()
    monkeypatch.setenv("PRAXIS_REDIS_URL", shared_redis.url)
    return shared_redis


@pytest.mark.redis
def test_holds_an_empty_database_and_flushes_no_other(other_redis):
    with other_redis.client() as home, other_redis.client(db=1) as used:
        home.set("theirs", "value")
        used.set("theirs", "value")
        with embedded.redis() as first, embedded.redis() as second:
            assert first.is_external
            assert first.is_alive
            assert {first.url, second.url} == {f"{other_redis.url}/{number}" for number in (2, 3)}
            with first.client() as client, second.client() as other:
                client.set("ours", "value")
                other.set("ours", "value")
                first.flush()
                assert client.dbsize() == 0
                assert other.dbsize() == 1
        assert home.keys() == ["theirs"]  # no mark of ours is left either
        assert used.keys() == ["theirs"]
    with other_redis.client(db=2) as client, other_redis.client(db=3) as other:
        assert client.dbsize() == other.dbsize() == 0


@pytest.mark.redis
def test_takes_over_what_a_killed_run_left(other_redis):
    with other_redis.client() as home, other_redis.client(db=1) as left:
        left.set("ours", "of a run that was killed")
        home.set(claims.MARK.format(1), "in use by Praxis")
        with embedded.redis() as server, server.client() as client:
            assert server.url.endswith("/1")
            assert client.dbsize() == 0


@pytest.mark.redis
def test_does_not_flush_a_database_that_another_run_took(other_redis):
    server = embedded.redis()
    with other_redis.client() as home, server.client() as theirs:
        home.set(claims.HOLDER.format(1), "another run's token")
        theirs.set("theirs", "value")
        with pytest.raises(ServerError, match="is not any more"):
            server.flush()
        server.stop()
        assert theirs.keys() == ["theirs"]


@pytest.mark.redis
def test_says_when_no_database_is_empty(other_redis):
    for number in range(1, 16):
        with other_redis.client(db=number) as client:
            client.set("theirs", "value")
    with pytest.raises(ServerError, match="No empty database is left") as caught:
        embedded.redis()
    assert other_redis.password not in str(caught.value)


@pytest.mark.redis
@pytest.mark.parametrize("operation", ["kill", "pause", "resume", "restart"])
def test_does_nothing_to_the_process_of_others(other_redis, operation):
    with embedded.redis() as server:
        with pytest.raises(ServerError, match="Unset PRAXIS_REDIS_URL"):
            getattr(server, operation)()
        assert other_redis.is_alive


def test_names_an_address_that_does_not_answer_without_its_password(monkeypatch):
    monkeypatch.setenv("PRAXIS_REDIS_URL", "redis://:secret@127.0.0.1:1/0")
    with pytest.raises(ServerError, match=r"\(redis://127\.0\.0\.1:1/0\)") as caught:
        embedded.redis()
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def shared_postgres():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as server:
            yield server


@pytest.mark.postgres
def test_makes_databases_of_its_own_and_drops_only_them(shared_postgres, monkeypatch):
    monkeypatch.setenv("PRAXIS_POSTGRES_URL", shared_postgres.url)
    shared_postgres.database("shop")
    with embedded.postgres() as server:
        assert server.is_external
        database = server.database("shop")
        assert database.name.startswith("shop_")
        with psycopg.connect(database.url) as connection:
            row = connection.execute("SELECT current_database()").fetchone()
        assert row == (database.name,)
        with pytest.raises(ServerError, match="not made here"):
            server.drop_database("shop")
        with pytest.raises(ServerError, match="Unset PRAXIS_POSTGRES_URL"):
            server.kill()
    names = shared_postgres.sql("SELECT datname FROM pg_database").split()
    assert "shop" in names
    assert database.name not in names


@pytest.mark.postgres
def test_names_a_server_that_refuses_without_its_password(shared_postgres, monkeypatch):
    monkeypatch.setenv(
        "PRAXIS_POSTGRES_URL", f"postgresql://postgres:wrong@127.0.0.1:{shared_postgres.port}/"
    )
    with pytest.raises(ServerError, match="password authentication failed") as caught:
        embedded.postgres()
    assert "wrong" not in str(caught.value)
