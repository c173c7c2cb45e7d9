"""
Many reads are not answered from PostgreSQL's own memory.

## Measured

Blocks found in the shared buffers against blocks asked for, since the statistics began. The
system's own cache may still have had the rest: this is a hint, and `pg_stat_statements` tells which
statements read so much.

## Source

https://www.postgresql.org/docs/current/runtime-config-resource.html
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, duration, evidence, share, size
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_BLOCKS = """
SELECT blks_hit AS hit, blks_read AS read, pg_database_size(current_database()) AS bytes,
       (SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'shared_buffers') AS buffers
FROM pg_stat_database WHERE datname = current_database()
"""
_DEFAULT_BYTES = 128 << 20


@check(code="DB109", severity=Severity.NOTE)
def ask(database: Database) -> Iterator[Finding]:
    row = database.row(_BLOCKS)
    total = row["hit"] + row["read"]
    if total < database.limits.hit_blocks or row["hit"] / total >= database.limits.hit_share:
        return
    wanted = max(4 * row["buffers"], _DEFAULT_BYTES)
    is_default = row["buffers"] == _DEFAULT_BYTES
    yield Finding(
        message=f"{share(row['hit'] / total)} of the blocks that were read were found in "
        f"shared_buffers, which {'have the default of' if is_default else 'are'} "
        f"{size(row['buffers'])} for {size(row['bytes'])} of data. A quarter of the machine's "
        "memory is usual; find the statements that read most before.",
        evidence=evidence(
            [
                ("blocks found", row["hit"]),
                ("blocks read", row["read"]),
                ("counting for", duration(database.statistics_age_s())),
            ]
        ),
        remedies=(
            Remedy(
                "SQL",
                "-- at most a quarter of the machine's memory; restart the server\n"
                f"ALTER SYSTEM SET shared_buffers = '{wanted >> 20}MB';",
            ),
        ),
    )
