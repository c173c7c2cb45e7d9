from contextlib import ExitStack, closing

import psycopg
import pytest

from praxis import embedded
from praxis.audit.findings import Severity
from praxis.doctor import Alias, Site, Target
from tests.integration.doctor.asking import apply, ask

pytestmark = pytest.mark.postgres


def with_aliases(database, *aliases):
    return Target(
        server="postgres",
        where="the database",
        parameters={"conninfo": database.url},
        aliases=aliases,
    )


def test_no_time_outs(database, target):
    [finding] = ask("timeouts", target)
    assert "lock_timeout and statement_timeout are off" in finding.message
    apply(database.url, finding)
    assert ask("timeouts", target) == []


def test_tells_only_the_time_outs_that_are_missing(database, target):
    database.sql(f"ALTER DATABASE {database.name} SET statement_timeout = '9s'")
    [finding] = ask("timeouts", target)
    assert "statement_timeout = " not in finding.remedies[0].text
    assert ("statement_timeout", "9000 ms") in finding.evidence


def test_time_outs_among_the_sites_options_count(database):
    options = "-c statement_timeout=9s -c lock_timeout=1s -c idle_in_transaction_session_timeout=9s"
    target = Target(
        server="postgres",
        where="it",
        parameters={"conninfo": database.url, "options": options},
        aliases=(Alias(name="default"), Alias(name="bounded", waits_s=5)),
    )
    [finding] = ask("timeouts", target)
    assert "connect_timeout is not set" in finding.message
    assert finding.evidence == (("without it", "default"),)


def test_more_connections_than_there_are(database):
    target = with_aliases(database, Alias(name="default"), Alias(name="reports", pool_size=6))
    # 97 are left for the site; two releases of 5 workers with 4 threads and a pool of 6
    site = Site(workers=5, threads=4, task_processes=2)
    [finding] = ask("connections", target, site=site)
    assert "may ask for 108 connections" in finding.message
    assert finding.severity is Severity.ERROR
    assert ("for the site", "97") in finding.evidence
    assert ("DATABASES['reports']", "5 workers × a pool of 6") in finding.evidence
    assert ask("connections", target, site=Site(workers=4, threads=4)) == []


def test_raising_max_connections_is_enough(database):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres(settings={"max_connections": "20"}) as own:
            target = with_aliases(own, Alias(name="default"))
            [finding] = ask("connections", target, site=Site(workers=10))
            apply(own.url, finding)
            text = (own.data / "praxis.conf").read_text().replace("max_connections", "# ")
            (own.data / "praxis.conf").write_text(text)  # which comes after ALTER SYSTEM's file
            own.restart()
            assert ask("connections", target, site=Site(workers=10)) == []


def test_the_limit_of_a_role_counts(server, database):
    server.sql("DROP ROLE IF EXISTS few; CREATE ROLE few LOGIN PASSWORD 'x' CONNECTION LIMIT 3")
    target = Target(
        server="postgres",
        where="it",
        parameters={"conninfo": database.url, "user": "few", "password": "x"},
        aliases=(Alias(name="default"),),
    )
    [finding] = ask("connections", target, site=Site(workers=2))
    assert ("for the site", "3") in finding.evidence


def test_connections_that_are_nearly_all_in_use(database, target):
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(psycopg.connect(database.url))
        [finding] = ask("connections", target, connection_share=0.05)
        assert "of 97 connections are in use now" in finding.message
        assert finding.severity is Severity.WARNING
    assert ask("connections", target) == []


def test_clients_of_other_roles_are_counted_by_a_role_with_few_rights(server, database):
    server.sql("DROP ROLE IF EXISTS blind; CREATE ROLE blind LOGIN PASSWORD 'x'")
    parameters = {"conninfo": database.url, "user": "blind", "password": "x"}
    target = Target(server="postgres", where="it", parameters=parameters)
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(psycopg.connect(database.url))
        [finding] = ask("connections", target, connection_share=0.05)
        assert int(dict(finding.evidence)["connected now"]) >= 5


def test_a_transaction_that_does_nothing(database, target):
    with closing(psycopg.connect(database.url)) as forgotten:
        forgotten.execute("SELECT 'the last one'")
        assert ask("idle_in_transaction", target) == []  # not for long
        [finding] = ask("idle_in_transaction", target, idle_transaction_s=0.0)
        assert f"Process {forgotten.info.backend_pid} has" in finding.message
        assert ("its last statement", "SELECT 'the last one'") in finding.evidence
        apply(database.url, finding)
        assert ask("idle_in_transaction", target, idle_transaction_s=0.0) == []
        database.sql("ALTER ROLE postgres RESET idle_in_transaction_session_timeout")


def test_dead_rows(database, target):
    database.sql(
        "CREATE TABLE t (id int PRIMARY KEY, n int); "
        "INSERT INTO t SELECT n, 0 FROM generate_series(1, 500) n; UPDATE t SET n = 1"
    )
    [finding] = ask("dead_rows", target, dead_rows=100, dead_share=0.4)
    assert "50.0 % of the rows of public.t are dead" in finding.message
    assert ("last vacuum", "never") in finding.evidence
    apply(database.url, finding)
    assert ask("dead_rows", target, dead_rows=100, dead_share=0.4) == []


def test_a_table_that_was_never_analysed(database, target):
    database.sql("CREATE TABLE t AS SELECT n FROM generate_series(1, 500) n")
    [finding] = ask("dead_rows", target, table_rows=100)
    assert "was never analysed" in finding.message
    apply(database.url, finding)
    assert ask("dead_rows", target, table_rows=100) == []


def test_transactions_that_were_never_frozen(database, target):
    database.sql("CREATE TABLE t (n int)")
    database.sql(
        "DO $$ BEGIN FOR n IN 1..3000 LOOP BEGIN INSERT INTO t VALUES (n); "
        "EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$"
    )
    assert ask("frozen_transactions", target) == []
    [finding] = ask("frozen_transactions", target, frozen_transactions=2500)
    assert ("autovacuum", "off") in finding.evidence
    apply(database.url, finding)
    assert ask("frozen_transactions", target, frozen_transactions=2500) == []


def test_reads_that_miss_the_shared_buffers(database, target):
    database.sql("CREATE TABLE t AS SELECT n, repeat('x', 500) FROM generate_series(1, 3000) n")
    database.sql("SELECT pg_stat_reset()")
    database.sql("SELECT count(*) FROM t")
    assert ask("cache_hits", target) == []  # too few blocks to judge by
    [finding] = ask("cache_hits", target, hit_blocks=10, hit_share=1.1)
    assert "shared_buffers, which have the default of 128.0 MB" in finding.message


def test_wal_that_is_not_archived(database, target):
    [finding] = ask("archiving", target)
    assert "WAL is not archived" in finding.message


def test_archiving_that_fails_and_then_does_not(tmp_path):
    settings = {"archive_mode": "on", "archive_command": "false"}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres(settings=settings) as own:
            target = Target.at("postgres", own.url)
            assert ask("archiving", target) == []
            own.sql("CREATE TABLE t (n int)")
            own.sql("SELECT pg_switch_wal()")
            wait_for(own, "SELECT failed_count > 0 FROM pg_stat_archiver")
            [finding] = ask("archiving", target)
            assert finding.severity is Severity.ERROR
            own.sql("ALTER SYSTEM SET archive_command = 'true'")
            text = (own.data / "praxis.conf").read_text().replace("archive_command", "# ")
            (own.data / "praxis.conf").write_text(text)
            own.sql("SELECT pg_reload_conf()")
            wait_for(own, "SELECT archived_count > 0 FROM pg_stat_archiver")
            assert ask("archiving", target) == []


def wait_for(server, condition):
    from praxis.embedded.readiness import wait_until

    wait_until(lambda: server.sql(condition) == "t", what=condition, timeout_s=90)


def test_a_slot_that_nobody_reads(server, target):
    server.sql("SELECT pg_create_physical_replication_slot('left_behind', true)")
    server.sql("CREATE TABLE filler AS SELECT n FROM generate_series(1, 5000) n; DROP TABLE filler")
    assert ask("held_wal", target) == []
    [finding] = ask("held_wal", target, held_wal_bytes=50_000)
    assert "The slot left_behind keeps" in finding.message
    assert finding.severity is Severity.ERROR
    apply(server.url, finding)
    assert ask("held_wal", target, held_wal_bytes=50_000) == []


def test_a_replica_that_is_late():
    with embedded.postgres_replication(replicas=1, replay_delay_s=60.0) as group:
        primary = Target.at("postgres", group.primary.url)
        replica = Target.at("postgres", group.replicas[0].url)
        group.primary.sql("CREATE TABLE t (n int)")
        wait_for(
            group.replicas[0],
            "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()",
        )
        wait_for(group.primary, "SELECT replay_lag > '0s' FROM pg_stat_replication")
        [finding] = ask("replica_lag", primary, lag_s=0.0001)
        assert "The replica replica1 shows what was committed" in finding.message
        [finding] = ask("replica_lag", replica, lag_s=0.0)
        assert ("recovery_min_apply_delay", "1min") in finding.evidence
        group.set_replay_delay(0)
        group.wait_until_replayed()
        assert ask("replica_lag", replica, lag_s=0.0) == []
        group.primary.kill()
        wait_for(group.replicas[0], "SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
        [finding] = ask("replica_lag", replica)
        assert "receives nothing" in finding.message
