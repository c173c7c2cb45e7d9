"""
A foreign key without an index.

Each delete of a row that is pointed to reads the whole table that points; so does every reverse
relation and every join from there. Django makes the index by itself, unless `db_index=False`; other
tools do not.

## Measured

Foreign keys whose columns do not lead any valid index, on tables with many rows.

## Source

https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_KEYS = """
SELECT conrelid::regclass::text AS its_table, confrelid::regclass::text AS to_table, conname,
       greatest(reltuples, 0)::bigint AS rows,
       (SELECT string_agg(quote_ident(attname), ', ' ORDER BY place)
          FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
          JOIN pg_attribute ON attrelid = conrelid AND attnum = key.number) AS columns,
       (SELECT n_tup_del FROM pg_stat_user_tables WHERE relid = confrelid) AS deleted
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE contype = 'f' AND conparentid = 0 AND reltuples >= %(least)s
  AND NOT EXISTS (
    SELECT FROM pg_index WHERE indrelid = conrelid AND indisvalid AND indpred IS NULL
      AND (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)
ORDER BY rows DESC
"""


@check(code="IDX101")
def ask(database: Database) -> Iterator[Finding]:
    for row in database.rows(_KEYS, {"least": database.limits.table_rows}):
        yield Finding(
            message=f"{row['its_table']} ({row['columns']}) points to {row['to_table']} and has no "
            f"index: each delete there, and each reverse relation, reads all of the table.",
            evidence=evidence(
                [
                    ("constraint", row["conname"]),
                    ("rows, about", row["rows"]),
                    (f"deleted from {row['to_table']}", row["deleted"] or 0),
                ]
            ),
            remedies=(
                Remedy(
                    "SQL",
                    f"CREATE INDEX CONCURRENTLY ON {row['its_table']} ({row['columns']});",
                ),
                Remedy(
                    "migration",
                    "# in the model: take db_index=False away; for a large table:\n"
                    "from django.contrib.postgres.operations import AddIndexConcurrently",
                ),
            ),
        )
