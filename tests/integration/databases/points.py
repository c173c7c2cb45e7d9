"""Waiting for what happens in other threads and servers."""

import time

GIVE_UP_S = 60.0


def until(happened, *, give_up_s=GIVE_UP_S):
    """Return once *happened* says so; the test fails if it never does."""
    deadline = time.monotonic() + give_up_s
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def delay(replica, seconds):
    """Let one replica show commits so much later."""
    replica.sql(f"ALTER SYSTEM SET recovery_min_apply_delay = '{round(seconds * 1000)}ms'")
    replica.sql("SELECT pg_reload_conf()")
    until(
        lambda: (
            replica.sql("SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'")
            == str(round(seconds * 1000))
        )
    )


def stop_replay(replica):
    """What is committed from now on is not shown, until `go_on`."""
    replica.sql("SELECT pg_wal_replay_pause()")
    until(lambda: replica.sql("SELECT pg_get_wal_replay_pause_state()") == "paused")


def go_on(replica):
    replica.sql("SELECT pg_wal_replay_resume()")
