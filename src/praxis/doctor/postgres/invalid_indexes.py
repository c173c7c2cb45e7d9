"""
An index that is not valid: it is written, and no query uses it.

`CREATE INDEX CONCURRENTLY` leaves it behind when it fails or is interrupted; the next migration
then stops because the name is taken.

## Source

https://www.postgresql.org/docs/current/sql-createindex.html
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence, size
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_INVALID = """
SELECT indexrelid::regclass::text AS name, indrelid::regclass::text AS its_table,
       pg_relation_size(indexrelid) AS bytes, relname ~ '_ccnew[0-9]*$' AS is_copy,
       pg_get_indexdef(indexrelid) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relkind = 'i'
  -- one that is being built now is not valid yet
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index now WHERE now.index_relid = indexrelid)
ORDER BY name
"""


@check(code="IDX102")
def ask(database: Database) -> Iterator[Finding]:
    for row in database.rows(_INVALID):
        mend = "DROP INDEX CONCURRENTLY" if row["is_copy"] else "REINDEX INDEX CONCURRENTLY"
        yield Finding(
            message=f"{row['name']} on {row['its_table']} is not valid: it is written at each "
            "insert, and no query uses it. If it is unique, first remove what is there twice.",
            evidence=evidence([("definition", row["definition"]), ("size", size(row["bytes"]))]),
            remedies=(Remedy("SQL", f"{mend} {row['name']};"),),
        )
