"""
An index that no query has used.

Every insert and most updates write it, vacuum reads it, and it takes memory from those that are
used.

## Measured

`idx_scan` of `pg_stat_user_indexes`, once the server has been counting for a week. Indexes that
enforce something, and small ones, are left alone.

## Misses

Each server counts for itself: an index may be used on a replica alone, or once a quarter.

## Source

https://www.postgresql.org/docs/current/monitoring-stats.html
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, duration, evidence, size
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_UNUSED = """
SELECT indexrelid::regclass::text AS name, relid::regclass::text AS its_table,
       pg_relation_size(indexrelid) AS bytes, pg_get_indexdef(indexrelid) AS definition,
       n_tup_ins + n_tup_upd AS written,
       (SELECT count(*) FROM pg_stat_replication) AS replicas
FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
JOIN pg_stat_user_tables USING (relid)
WHERE pg_stat_user_indexes.idx_scan = 0 AND NOT indisunique AND indisvalid
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
  AND pg_relation_size(indexrelid) >= %(least)s
ORDER BY bytes DESC
"""


@check(code="IDX102", severity=Severity.NOTE)
def ask(database: Database) -> Iterator[Finding]:
    age_s = database.statistics_age_s()
    if age_s < database.limits.statistics_age_s:
        return
    for row in database.rows(_UNUSED, {"least": database.limits.index_bytes}):
        elsewhere = (
            " Ask each replica, too: it counts for itself."
            if row["replicas"] or database.is_replica
            else ""
        )
        yield Finding(
            message=f"{row['name']} has not been used in {duration(age_s)}, and every write to "
            f"{row['its_table']} pays for it.{elsewhere}",
            evidence=evidence(
                [
                    ("size", size(row["bytes"])),
                    ("rows written", row["written"]),
                    ("counting for", duration(age_s)),
                ]
            ),
            remedies=(
                Remedy(
                    "SQL",
                    f"DROP INDEX CONCURRENTLY {row['name']};\n-- back again: {row['definition']};",
                ),
            ),
        )
