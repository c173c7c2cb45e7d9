"""
A replica is late: it shows what was true some time ago.

A visitor who has just written something does not see it; if the primary fails, what the replica has
not got is lost.

## Measured

On the primary `replay_lag` and the WAL that each replica has not replayed, on a replica how long
ago the last commit that it shows was made, while there is WAL to replay.

## Misses

A replica that does not stream at all is not listed by its primary: ask it, too.

## Source

https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
"""

import time
from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, duration, evidence, size
from praxis.doctor.postgres.rights import hidden
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_SETTLE_S = 1.0
_REPLICAS = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, 'a replica') AS name, state,
       sync_state, extract(epoch FROM replay_lag)::float AS late_s,
       pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint AS behind
FROM pg_stat_replication
"""
_OWN = """
SELECT extract(epoch FROM clock_timestamp()
         - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))::float AS late_s,
       pg_last_wal_receive_lsn()::text AS received,
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint AS behind,
       pg_is_wal_replay_paused() AS is_paused,
       current_setting('recovery_min_apply_delay') AS delay,
       EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') AS is_streaming
"""


@check(code="DB106")
def ask(database: Database) -> Iterator[Finding]:
    yield from _of_replica(database) if database.is_replica else _of_primary(database)


def _of_primary(database: Database) -> Iterator[Finding]:
    for row in database.rows(_REPLICAS):
        if row["state"] is None:
            raise hidden("how late the replicas are")
        late_s = row["late_s"] or 0.0
        if late_s < database.limits.lag_s:
            continue
        yield Finding(
            message=f"The replica {row['name']} shows what was committed {duration(late_s)} ago.",
            evidence=evidence(
                [
                    ("state", row["state"]),
                    ("synchronous", row["sync_state"]),
                    ("WAL not replayed", size(row["behind"] or 0)),
                ]
            ),
            remedies=(_ask_replica(),),
        )


def _of_replica(database: Database) -> Iterator[Finding]:
    row = database.row(_OWN)
    if not row["is_streaming"]:
        yield Finding(
            message="This replica receives nothing: what it shows grows older.",
            evidence=evidence([("last commit shown", f"{duration(row['late_s'])} ago")]),
            remedies=(Remedy("SQL", "SHOW primary_conninfo;  -- and see this server's log"),),
        )
    elif (
        row["behind"]
        and row["late_s"] >= database.limits.lag_s
        and not _replays_at_once(database, row["received"])
    ):
        resume = (
            "SELECT pg_wal_replay_resume();"
            if row["is_paused"]
            else ("ALTER SYSTEM SET recovery_min_apply_delay = 0;\nSELECT pg_reload_conf();")
        )
        yield Finding(
            message=f"This replica shows what was committed {duration(row['late_s'])} ago.",
            evidence=evidence(
                [
                    ("WAL not replayed", size(row["behind"])),
                    ("replay is paused", row["is_paused"]),
                    ("recovery_min_apply_delay", row["delay"]),
                ]
            ),
            remedies=(Remedy("SQL (on this replica)", resume),),
        )


def _replays_at_once(database: Database, received: str) -> bool:
    """
    Whether what had been received a second ago is shown by now.

    After a quiet hour the last commit is an hour old, however fast the next one is replayed.
    """
    time.sleep(_SETTLE_S)
    row = database.row(
        "SELECT pg_last_wal_replay_lsn() >= %(received)s::pg_lsn AS is_shown",
        {"received": received},
    )
    return bool(row["is_shown"])


def _ask_replica() -> Remedy:
    return Remedy(
        "SQL (on the replica)",
        "SHOW recovery_min_apply_delay; SELECT pg_is_wal_replay_paused();\n"
        "SELECT pid, query FROM pg_stat_activity WHERE state = 'active';  -- may hold replay up",
    )
