"""What the doctor promises of every question: it writes nothing, waits for nothing, and ends."""

import os
import re
import signal
import threading

import psycopg
import pytest

from praxis import embedded
from praxis.audit.findings import Severity
from praxis.doctor import Check, Finding, Target, checks, examine, registry

pytestmark = pytest.mark.postgres

COUNTERS = (
    "SELECT relname, seq_scan, idx_scan, n_tup_ins, n_tup_upd, n_tup_del, n_live_tup, n_dead_tup "
    "FROM pg_stat_user_tables ORDER BY relname"
)


@pytest.fixture
def temporary_check(monkeypatch):
    """Let a function be the only check of PostgreSQL."""

    def register(ask):
        one = Check("TST1", "temporary", "postgres", Severity.WARNING, ask, "A test.")
        registry.checks()  # all are loaded
        monkeypatch.setattr(registry, "_loaded", lambda: {"temporary": one})

    return register


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO public.t VALUES (1)",
        "CREATE TABLE public.other (n int)",
        "SELECT nextval('public.numbers')",
        "SELECT n FROM public.t FOR UPDATE",
        "EXPLAIN ANALYZE DELETE FROM public.t",
        "LOCK TABLE public.t IN SHARE MODE",
        "VACUUM public.t",
    ],
)
def test_a_check_that_writes_or_locks_is_refused(database, target, temporary_check, statement):
    database.sql("CREATE TABLE t AS SELECT 0 AS n; CREATE SEQUENCE numbers")

    def ask(session):
        session.rows(statement)
        yield Finding(message="It was let through.")

    temporary_check(ask)
    examination = examine([target])
    assert examination.findings == []
    [unanswered] = examination.unanswered
    assert re.search("in a read-only transaction|is no question", unanswered.reason)
    assert database.sql("SELECT count(*) FROM t") == "1"
    assert database.sql("SELECT is_called FROM numbers") == "f"


def test_a_direct_session_is_read_only_and_bounded_outside_of_transactions_too(
    target, temporary_check
):
    shown = {}

    def ask(session):
        connection = session._connection
        for name in ("default_transaction_read_only", "lock_timeout", "statement_timeout"):
            shown[name] = connection.execute(f"SHOW {name}").fetchone()[name]
        yield from ()

    temporary_check(ask)
    assert examine([target], budget_s=5.0).unanswered == []
    assert shown == {
        "default_transaction_read_only": "on",
        "lock_timeout": "1s",
        "statement_timeout": "4s",
    }


def test_leaves_no_trace_in_the_tables_counters(database, target):
    database.sql(
        "CREATE TABLE t (id serial PRIMARY KEY, n int); CREATE INDEX ON t (n); "
        "INSERT INTO t (n) SELECT n FROM generate_series(1, 500) n; ANALYZE t"
    )
    before = database.sql(COUNTERS)
    assert before.startswith("t|")
    examination = examine([target])
    assert examination.asked_count == len(checks("postgres"))
    assert examination.unanswered == []
    assert database.sql(COUNTERS) == before


def test_waits_for_no_lock(database, target):
    database.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    with psycopg.connect(database.url) as other:
        other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        examination = examine([target])
        assert len(examination.unanswered) < len(checks("postgres"))
        for unanswered in examination.unanswered:
            assert "lock timeout" in unanswered.reason
        other.rollback()
    assert examine([target]).unanswered == []


def test_a_statement_that_takes_long_is_cancelled_by_the_server(target, temporary_check):
    def ask(session):
        session.rows("SELECT pg_sleep(60)")
        yield from ()

    temporary_check(ask)
    [unanswered] = examine([target], budget_s=1.0).unanswered
    assert unanswered.check == "temporary"
    assert "statement timeout" in unanswered.reason


def test_a_server_that_falls_silent_is_given_up_in_time():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as own:
            target = Target.at("postgres", own.url)
            stopped = []

            def tell(done, total):
                if done == 2:  # in the middle
                    stopped.extend(_family(own.pid))
                    for pid in stopped:
                        os.kill(pid, signal.SIGSTOP)

            try:
                examination = examine([target], budget_s=2.0, tell=tell)
            finally:
                for pid in reversed(stopped):
                    os.kill(pid, signal.SIGCONT)
            assert examination.asked_count == 2
            hung, rest = examination.unanswered
            assert (hung.check, hung.reason) == (checks("postgres")[2].name, "no answer in 2 s")
            assert rest.check == ""
            assert rest.reason.endswith(f"{len(checks('postgres')) - 3} checks were not asked")
            assert examine([target]).unanswered == []
    assert not [one for one in threading.enumerate() if one.name == "praxis-doctor"]


def _family(pid):
    """A server's process and those that serve its connections."""
    import psutil

    return [pid, *(child.pid for child in psutil.Process(pid).children())]


def test_a_server_that_goes_away_in_the_middle_is_one_line():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as own:
            target = Target.at("postgres", own.url)

            def tell(done, total):
                if done == 2:
                    own.kill()

            examination = examine([target], budget_s=5.0, tell=tell)
    assert [one.check for one in examination.unanswered] == [checks("postgres")[2].name, ""]
    assert "checks were not asked" in examination.unanswered[1].reason


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"password": "no"}, "password authentication failed"),
        ({"dbname": "nowhere"}, 'database "nowhere" does not exist'),
        ({"port": 1}, "refused"),
        ({"host": "nowhere.invalid"}, "nowhere.invalid"),
        ({"sslmode": "sideways"}, "sslmode"),
    ],
)
def test_who_is_not_let_in_is_told_in_one_line_without_the_password(server, wrong, says):
    target = Target(server="postgres", where="it", parameters={"conninfo": server.url, **wrong})
    examination = examine([target], budget_s=5.0)
    assert examination.exit_code == 2
    [unanswered] = examination.unanswered
    assert says in unanswered.reason
    assert "\n" not in unanswered.reason
    assert server.password not in unanswered.reason


def test_a_role_with_few_rights_is_told_what_it_may_not_see(server, database):
    server.sql("DROP ROLE IF EXISTS humble; CREATE ROLE humble LOGIN PASSWORD 'x'")
    database.sql("CREATE TABLE t (id serial PRIMARY KEY); SELECT setval('t_id_seq', 2000000000)")
    target = Target(
        server="postgres",
        where="it",
        parameters={"conninfo": database.url, "user": "humble", "password": "x"},
    )
    with psycopg.connect(database.url):  # somebody else's session
        unseen = {one.check: one.reason for one in examine([target]).unanswered}
        assert unseen["sequences"].startswith("the last values of 1 sequences may not be seen")
        assert unseen["idle_in_transaction"].startswith("what 1 sessions of other roles do")
        assert all("GRANT pg_monitor" in reason for reason in unseen.values())
        database.sql("GRANT pg_monitor TO humble; GRANT USAGE ON SEQUENCE t_id_seq TO humble")
        examination = examine([target])
    assert examination.unanswered == []
    assert "sequences" in {finding.check for finding in examination.findings}


def test_a_check_that_is_broken_hides_no_other(target, monkeypatch):
    def ask(session):
        raise KeyError("of mine")

    one = Check("TST1", "broken", "postgres", Severity.WARNING, ask, "")
    registry.checks()
    monkeypatch.setitem(registry._CHECKS, "broken", one)
    examination = examine([target])
    [unanswered] = examination.unanswered
    assert "This is a bug in Praxis" in unanswered.reason
    assert examination.asked_count == len(checks("postgres")) - 1
