"""
An index that another one covers.

An index on `(a)` beside one on `(a, b)` answers nothing that the longer one does not, and is
written as often. Twins come from `db_index=True` beside a `UniqueConstraint`, a foreign key's own
index beside a composite one, and indexes that were made by hand.

## Measured

Columns, order, operator classes, collations, method and condition of every valid index. A shorter
one is told from 1 MB on: Django makes one in each table of a many-to-many relation.

## Misses

Indexes on expressions are compared as twins alone. The shorter one can be somewhat faster where
the other columns are wide.

## Source

https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence, size
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_MODEL = """\
# so that no migration makes it again: one of
db_index=False,  # of the field, if it is a foreign key's own index
indexes = [...]  # of Meta, without it"""
_INDEXES = """
SELECT indexrelid, indrelid, indexrelid::regclass::text AS name,
       indrelid::regclass::text AS its_table,
       indisunique AS is_unique, EXISTS (
         SELECT FROM pg_constraint WHERE conindid = indexrelid) AS is_constraint,
       indnkeyatts AS width, indnatts > indnkeyatts AS includes, amname AS method,
       indkey::int2[] AS columns, indclass::oid[] AS classes, indcollation::oid[] AS collations,
       indoption::int2[] AS options, coalesce(pg_get_expr(indexprs, indrelid), '') AS expressions,
       coalesce(pg_get_expr(indpred, indrelid), '') AS condition,
       pg_relation_size(indexrelid) AS bytes, pg_get_indexdef(indexrelid) AS definition,
       indisreplident AS is_identity
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE indisvalid AND nspname NOT IN ('pg_catalog', 'information_schema')
  AND nspname NOT LIKE 'pg\\_%'
ORDER BY indrelid, indexrelid
"""


@check(code="IDX102")
def ask(database: Database) -> Iterator[Finding]:
    rows = database.rows(_INDEXES)
    for _, members in groupby(rows, key=lambda row: row["indrelid"]):
        gone: set[int] = set()
        indexes = list(members)
        for index in indexes:
            other = next(
                (
                    other
                    for other in indexes
                    if other["indexrelid"] not in gone | {index["indexrelid"]}
                    and _covers(other, index)
                ),
                None,
            )
            if other is None or _is_small_prefix(database, index, other):
                continue
            gone.add(index["indexrelid"])
            yield Finding(
                message=f"{index['name']} on {index['its_table']} is covered by {other['name']}: "
                "it is written at each insert and answers nothing more.",
                evidence=evidence(
                    [
                        ("this one", index["definition"]),
                        ("covered by", other["definition"]),
                        ("size", size(index["bytes"])),
                    ]
                ),
                remedies=(
                    Remedy("SQL", f"DROP INDEX CONCURRENTLY {index['name']};"),
                    Remedy("models.py", _MODEL),
                ),
                severity=None if other["width"] == index["width"] else Severity.NOTE,
            )


def _is_small_prefix(database: Database, index: dict[str, Any], other: dict[str, Any]) -> bool:
    """
    Whether it is shorter than the other one and costs next to nothing.

    Django makes such a one in each table of a many-to-many relation.
    """
    return bool(other["width"] > index["width"] and index["bytes"] < database.limits.index_bytes)


def _covers(other: dict[str, Any], index: dict[str, Any]) -> bool:
    """Whether *other* does all that *index* does."""
    if index["is_constraint"] or index["is_identity"] or index["includes"]:
        return False
    width = index["width"]
    same = all(other[part] == index[part] for part in ("method", "condition"))
    same = same and all(
        other[part][:width] == index[part]
        for part in ("columns", "classes", "collations", "options")
    )
    if not same:
        return False
    if index["expressions"] or other["expressions"]:
        same = other["expressions"] == index["expressions"]
        return bool(same and other["width"] == width and index["is_unique"] <= other["is_unique"])
    if index["is_unique"]:  # it enforces something; only a twin enforces the same
        return bool(other["is_unique"] and other["width"] == width)
    return bool(other["width"] == width or index["method"] == "btree")
