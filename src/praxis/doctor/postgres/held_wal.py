"""
A replication slot keeps WAL that nobody fetches.

A replica that was taken away, or a consumer that stopped, leaves its slot: the server keeps all WAL
from there on until the disk is full, and then stops.

## Measured

WAL between each slot's `restart_lsn` and now.

## Source

https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence, size
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_SLOTS = """
SELECT slot_name AS name, quote_literal(slot_name) AS quoted, slot_type AS kind, active,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
         ELSE pg_current_wal_lsn() END, restart_lsn)::bigint AS bytes,
       current_setting('max_slot_wal_keep_size') AS most
FROM pg_replication_slots WHERE restart_lsn IS NOT NULL
"""


@check(code="DB106")
def ask(database: Database) -> Iterator[Finding]:
    for row in database.rows(_SLOTS):
        if row["bytes"] < database.limits.held_wal_bytes:
            continue
        unbounded = row["most"] == "-1"
        yield Finding(
            message=f"The slot {row['name']} keeps {size(row['bytes'])} of WAL"
            f"{', and nobody is connected to it' if not row['active'] else ''}"
            f"{'; it may keep more until the disk is full' if unbounded else ''}.",
            evidence=evidence(
                [
                    ("kind", row["kind"]),
                    ("active", row["active"]),
                    ("max_slot_wal_keep_size", row["most"]),
                ]
            ),
            remedies=(
                Remedy(
                    "SQL",
                    f"SELECT pg_drop_replication_slot({row['quoted']});  -- if nobody comes back\n"
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB';\nSELECT pg_reload_conf();",
                ),
            ),
            severity=Severity.WARNING if row["active"] else Severity.ERROR,
        )
