"""The text of the configuration files that servers are started with."""

from pathlib import Path

from praxis.embedded.postgres_server import PostgresConfig
from praxis.embedded.redis_server import RedisConfig, redis_url
from praxis.embedded.sentinel import SentinelConfig


def redis_lines(**changes):
    values = {"port": 7000, "directory": Path("/data"), "password": "pw", "is_kept": False}
    return RedisConfig(**{**values, **changes}).text().splitlines()


def test_redis_listens_here_alone_and_asks_for_the_password():
    lines = redis_lines()
    assert "bind 127.0.0.1" in lines
    assert "requirepass pw" in lines
    assert "port 7000" in lines


def test_redis_writes_to_disk_only_what_is_kept():
    assert "appendonly no" in redis_lines()
    assert "appendonly yes" in redis_lines(is_kept=True)


def test_redis_reads_paths_with_quotes_and_spaces():
    lines = redis_lines(directory=Path('/my "data"'), socket=Path("/my data/redis.sock"), port=0)
    assert 'dir "/my \\"data\\""' in lines
    assert 'unixsocket "/my data/redis.sock"' in lines
    assert "port 0" in lines


def test_redis_takes_the_lines_of_its_part_in_a_group():
    assert redis_lines(lines=("replicaof 127.0.0.1 7001",))[-1] == "replicaof 127.0.0.1 7001"


def test_sentinel_watches_the_master():
    text = SentinelConfig(26000, Path("/data"), 7000, "pw", 2, 0.5).text()
    assert "sentinel monitor praxis 127.0.0.1 7000 2\n" in text
    assert "sentinel down-after-milliseconds praxis 500\n" in text
    assert "sentinel auth-pass praxis pw\n" in text


def test_redis_address_leaves_the_database_to_the_client():
    assert redis_url(port=7000, password="pw") == "redis://:pw@127.0.0.1:7000"
    assert redis_url(port=0, password="pw", socket=Path("/a b/s")) == "unix://:pw@/a%20b/s"


def test_postgres_does_without_fsync_only_where_nothing_is_kept():
    assert "fsync = 'off'\n" in PostgresConfig(7000, is_kept=False).text()
    assert "fsync" not in PostgresConfig(7000, is_kept=True).text()


def test_postgres_listens_here_alone():
    text = PostgresConfig(7000, is_kept=False).text()
    assert "listen_addresses = '127.0.0.1'\n" in text
    assert "unix_socket_directories = ''\n" in text


def test_postgres_on_a_socket_opens_no_port():
    text = PostgresConfig(5432, is_kept=False, socket_folder=Path("/it's")).text()
    assert "listen_addresses = ''\n" in text
    assert "unix_socket_directories = '/it''s'\n" in text


def test_postgres_takes_the_callers_settings_over_ours():
    text = PostgresConfig(7000, is_kept=False, settings={"fsync": "on", "work_mem": "1MB"}).text()
    assert text.count("fsync = ") == 1
    assert "fsync = 'on'\n" in text
    assert "work_mem = '1MB'\n" in text
