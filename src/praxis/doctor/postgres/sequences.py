"""
A sequence, or the column that it fills, is near its end.

At the end every insert fails. An `AutoField` ends at 2,147,483,647, whatever its sequence could
count to.

## Measured

The last value against the lower of the two ends: the sequence's and the column's.

## Remedy

The column becomes `bigint`. That rewrites the table and locks it meanwhile: for a large one add a
new column, fill it in parts, and exchange the two.

## Source

https://www.postgresql.org/docs/current/datatype-numeric.html
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence, share
from praxis.doctor.postgres.rights import hidden
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_NEARLY = 0.9
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) AS name, last_value,
       has_sequence_privilege(
         format('%I.%I', schemaname, sequencename)::regclass, 'USAGE,SELECT') AS is_seen,
       least(max_value, CASE type.typname
         WHEN 'int2' THEN 32767 WHEN 'int4' THEN 2147483647 ELSE 9223372036854775807 END) AS most,
       owner.refobjid::regclass::text AS its_table, quote_ident(attribute.attname) AS its_column,
       type.typname AS its_type
FROM pg_sequences
LEFT JOIN pg_depend owner
  ON owner.objid = format('%I.%I', schemaname, sequencename)::regclass
  AND owner.classid = 'pg_class'::regclass AND owner.refclassid = 'pg_class'::regclass
  AND owner.deptype IN ('a', 'i')
LEFT JOIN pg_attribute attribute
  ON attribute.attrelid = owner.refobjid AND attribute.attnum = owner.refobjsubid
LEFT JOIN pg_type type ON type.oid = attribute.atttypid
WHERE increment_by > 0 AND NOT cycle
"""


@check(code="DB109", severity=Severity.WARNING)
def ask(database: Database) -> Iterator[Finding]:
    found = database.rows(_SEQUENCES)
    unseen = sum(1 for row in found if not row["is_seen"])
    if unseen == len(found) > 0:
        raise hidden(f"the last values of {unseen:,} sequences")
    for row in found:
        if row["last_value"] is None:
            continue
        used = row["last_value"] / row["most"]
        if used < database.limits.sequence_share:
            continue
        table, column = row["its_table"], row["its_column"]
        what = f"{table}.{column}" if table else row["name"]
        yield Finding(
            message=f"{what} has used {share(used)} of its numbers; at the end every insert fails.",
            evidence=evidence(
                [
                    ("sequence", row["name"]),
                    ("last value", row["last_value"]),
                    ("end", row["most"]),
                    ("column's type", row["its_type"] or "-"),
                ]
            ),
            remedies=(Remedy("SQL", _remedy(row["name"], table, column)),),
            severity=Severity.ERROR if used >= _NEARLY else None,
        )


def _remedy(sequence: str, table: str | None, column: str | None) -> str:
    wider = f"ALTER SEQUENCE {sequence} AS bigint;"
    if not table:
        return wider
    return (
        "-- rewrites the table, which nobody can use meanwhile\n"
        f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bigint;\n{wider}"
    )
