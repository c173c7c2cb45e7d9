import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from praxis import embedded
from praxis.errors import ServerError

pytestmark = pytest.mark.postgres


def test_replicates_delays_recovers_and_promotes():
    with embedded.postgres_replication(replicas=1) as group:
        primary, replica = group.primary, group.replicas[0]

        database = primary.database("shop")
        database.sql("CREATE TABLE orders AS SELECT 1 AS id")
        group.wait_until_replayed()
        assert replica.sql("SELECT id FROM orders", database="shop") == "1"
        with (
            psycopg.connect(replica.url) as connection,
            pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        ):
            connection.execute("CREATE TABLE t (id int)")
        settings = group.django_settings("shop")
        assert list(settings) == ["default", "replica1"]
        assert settings["replica1"]["PORT"] == str(replica.port)
        assert settings["replica1"]["NAME"] == "shop"

        group.set_replay_delay(60.0)
        _wait_for_delay(replica, "1min")
        database.sql("INSERT INTO orders VALUES (2)")
        _wait_for_receipt(primary, replica)
        assert replica.sql("SELECT count(*) FROM orders", database="shop") == "1"
        with pytest.raises(ServerError, match="replay of"):
            group.wait_until_replayed(timeout_s=0.1)
        group.set_replay_delay(0.0)
        group.wait_until_replayed()
        assert replica.sql("SELECT count(*) FROM orders", database="shop") == "2"

        primary.kill()
        primary.restart()
        database.sql("INSERT INTO orders VALUES (3)")
        group.wait_until_replayed()
        assert replica.sql("SELECT count(*) FROM orders", database="shop") == "3"

        primary.stop()
        replica.promote()
        replica.sql("INSERT INTO orders VALUES (4)", database="shop")


def test_starts_with_a_replay_delay():
    with embedded.postgres_replication(replicas=1, replay_delay_s=90) as group:
        assert group.replicas[0].sql("SHOW recovery_min_apply_delay") == "90s"


def test_starts_a_kept_group_again_and_refuses_a_promoted_replica():
    # Not tmp_path: as root the servers run as another user, and pytest's folders are closed. In
    # memory where there is such a folder: kept servers wait for the disk.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="praxis-test-", dir=memory) as folder:
        directory = Path(folder)
        directory.chmod(0o755)
        with embedded.postgres_replication(directory=directory / "kept") as group:
            group.primary.sql("CREATE TABLE t AS SELECT 1 AS n")
        with embedded.postgres_replication(directory=directory / "kept") as group:
            group.primary.sql("INSERT INTO t VALUES (2)")
            group.wait_until_replayed()
            assert group.replicas[0].sql("SELECT sum(n) FROM t") == "3"
            group.replicas[0].promote()
        with pytest.raises(ServerError, match="was promoted"):
            embedded.postgres_replication(directory=directory / "kept")


def test_refuses_a_group_without_replicas():
    with pytest.raises(ServerError, match="1 to 9 replicas"):
        embedded.postgres_replication(replicas=0)


def _wait_for_delay(replica, value):
    deadline = time.monotonic() + 20
    while replica.sql("SHOW recovery_min_apply_delay") != value:
        assert time.monotonic() < deadline


def _wait_for_receipt(primary, replica):
    position = primary.sql("SELECT pg_current_wal_lsn()")
    deadline = time.monotonic() + 20
    while replica.sql(f"SELECT pg_last_wal_receive_lsn() >= '{position}'") != "t":
        assert time.monotonic() < deadline
