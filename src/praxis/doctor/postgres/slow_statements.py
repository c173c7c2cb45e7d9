"""
The statements that take most of the database's time.

## Measured

`pg_stat_statements`: those with the most time in all, as far as their mean is over the budget.

## Remedy

See each one's plan, then an index, a narrower query or a cache. `EXPLAIN (ANALYZE, BUFFERS)` runs
the statement: not with one that writes.

## Source

https://www.postgresql.org/docs/current/pgstatstatements.html
"""

from collections.abc import Iterator
from typing import Any

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, duration, evidence, share
from praxis.doctor.postgres.rights import hidden
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_INSTALL = """\
ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';  -- keep what is there already
-- restart the server, then in this database:
CREATE EXTENSION pg_stat_statements;"""


@check(code="ORM124", severity=Severity.NOTE)
def ask(database: Database) -> Iterator[Finding]:
    schema = database.extension_schema("pg_stat_statements")
    if schema is None:
        yield Finding(
            message="pg_stat_statements is not there: which statements take the time is not known.",
            remedies=(Remedy("SQL", _INSTALL),),
        )
        return
    found = worst_statements(database, schema)
    if not found and database.row(_unseen(schema))["count"]:
        raise hidden("the statements of other roles")
    for row in found:
        if row["mean_ms"] < database.limits.statement_ms:
            continue
        yield Finding(
            message=f"{row['calls']:,} times {duration(row['mean_ms'] / 1000)}, "
            f"{share(row['share'])} of all the time: {_short(row['query'])}",
            evidence=evidence(
                [
                    ("in all", duration(row["total_ms"] / 1000)),
                    ("rows each", round(row["rows"] / row["calls"])),
                    ("blocks each", round(row["blocks"] / row["calls"])),
                ]
            ),
            remedies=(Remedy("SQL", f"EXPLAIN {row['query']};  -- with values for $1, $2, …"),),
            severity=Severity.WARNING,
        )


def worst_statements(database: Database, schema: str) -> list[dict[str, Any]]:
    """The statements of this database with the most time in all; *schema* is quoted."""
    names = ("total_exec_time", "mean_exec_time")
    return database.rows(
        f"SELECT query, calls, {names[0]} AS total_ms, {names[1]} AS mean_ms, rows, "  # noqa: S608 - quoted
        f"shared_blks_hit + shared_blks_read AS blocks, "
        f"{names[0]} / nullif(sum({names[0]}) OVER (), 0) AS share "
        f"FROM {schema}.pg_stat_statements "
        "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND query ~* '^\\s*(select|insert|update|delete|with)' "
        f"ORDER BY {names[0]} DESC LIMIT %(most)s",
        {"most": database.limits.statements_told},
    )


def _unseen(schema: str) -> str:
    return (
        f"SELECT count(*) AS count FROM {schema}.pg_stat_statements "  # noqa: S608 - quoted
        "WHERE query = '<insufficient privilege>'"
    )


def _short(query: str) -> str:
    line = " ".join(query.split())
    return line if len(line) <= 160 else f"{line[:159]}…"
