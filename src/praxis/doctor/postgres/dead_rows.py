"""
Vacuum does not keep up: a table is full of dead rows, or was never analysed.

Dead rows are read by every scan and keep tables and indexes growing. Without statistics the planner
guesses.

## Measured

`n_dead_tup` and `n_mod_since_analyze` against the live rows, in `pg_stat_user_tables`; both are
estimates.

## Source

https://www.postgresql.org/docs/current/routine-vacuuming.html
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence, share
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_TABLES = """
SELECT relid::regclass::text AS name, n_live_tup AS live, n_dead_tup AS dead,
       n_mod_since_analyze AS changed,
       greatest(last_vacuum, last_autovacuum)::timestamptz(0)::text AS vacuumed,
       greatest(last_analyze, last_autoanalyze)::timestamptz(0)::text AS analysed,
       current_setting('autovacuum') AS autovacuum,
       (SELECT reloptions::text FROM pg_class WHERE oid = relid) AS options
FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, n_mod_since_analyze DESC
"""


@check(code="DB109")
def ask(database: Database) -> Iterator[Finding]:
    limits = database.limits
    for row in database.rows(_TABLES):
        part = row["dead"] / max(row["live"] + row["dead"], 1)
        known = evidence(
            [
                ("live rows, about", row["live"]),
                ("dead rows, about", row["dead"]),
                ("changed since it was analysed", row["changed"]),
                ("last vacuum", row["vacuumed"] or "never"),
                ("last analyse", row["analysed"] or "never"),
                ("autovacuum", f"{row['autovacuum']} {row['options'] or ''}".strip()),
            ]
        )
        if row["dead"] >= limits.dead_rows and part >= limits.dead_share:
            yield Finding(
                message=f"{share(part)} of the rows of {row['name']} are dead, and every scan "
                "reads them. Look for transactions that stay open, too.",
                evidence=known,
                remedies=(Remedy("SQL", _vacuum(row["name"])),),
            )
        elif row["analysed"] is None and row["changed"] >= limits.table_rows:
            yield Finding(
                message=f"{row['name']} has {row['live']:,} rows and was never analysed: the "
                "planner guesses.",
                evidence=known,
                remedies=(Remedy("SQL", f"ANALYZE {row['name']};"),),
            )


def _vacuum(table: str) -> str:
    return (
        f"VACUUM (ANALYZE) {table};\n"
        f"ALTER TABLE {table} SET (autovacuum_enabled = true, "
        "autovacuum_vacuum_scale_factor = 0.02);"
    )
