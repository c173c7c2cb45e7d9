"""
WAL is not archived, or archiving fails: there is no way back to a moment before a mistake.

## Measured

`archive_mode`, what `pg_stat_archiver` says of the last segments, and whether anybody streams WAL
from here.

## Misses

Snapshots and dumps leave no trace in the server; a service that runs it for you archives its own
way. Whether a backup can be restored only a rehearsal shows.

## Source

https://www.postgresql.org/docs/current/continuous-archiving.html
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_ARCHIVER = """
SELECT current_setting('archive_mode') AS mode, archived_count, failed_count,
       last_archived_time::timestamptz(0)::text AS archived,
       last_failed_time::timestamptz(0)::text AS failed, last_failed_wal,
       last_failed_time > coalesce(last_archived_time, '-infinity') AS is_failing,
       (SELECT count(*) FROM pg_stat_replication) AS streams
FROM pg_stat_archiver
"""


@check(code="DB110")
def ask(database: Database) -> Iterator[Finding]:
    if database.is_replica:
        return
    row = database.row(_ARCHIVER)
    if row["is_failing"] and row["mode"] != "off":
        yield Finding(
            message="Archiving of WAL fails: nothing since the last archived segment can be "
            "restored, and the segments fill the disk.",
            evidence=evidence(
                [
                    ("last archived", row["archived"] or "never"),
                    ("last failed", f"{row['failed']} ({row['last_failed_wal']})"),
                    ("failures", row["failed_count"]),
                ]
            ),
            remedies=(
                Remedy("SQL", "SHOW archive_command;  -- run it by hand, and see the server's log"),
            ),
            severity=Severity.ERROR,
        )
    elif row["mode"] == "off":
        streams = row["streams"]
        yield Finding(
            message="WAL is not archived: a table dropped by mistake is as old as the last dump"
            f"{'' if streams else ', and so is everything if the disk fails'}. If dumps, snapshots "
            "or a service keep the data, --ignore archiving.",
            evidence=evidence([("archive_mode", "off"), ("streaming replicas", streams)]),
            remedies=(
                Remedy(
                    "SQL",
                    "ALTER SYSTEM SET archive_mode = on;  -- restart the server\n"
                    "ALTER SYSTEM SET archive_command = "
                    "'pgbackrest --stanza=main archive-push %p';",
                ),
            ),
            severity=Severity.NOTE if streams else None,
        )
