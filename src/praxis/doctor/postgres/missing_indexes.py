"""
A slow statement would be planned much cheaper with an index.

## Measured

With the extension HypoPG: the planner's cost of the slowest statements, which `pg_stat_statements`
knows, with and without an index that exists for this session's planner alone. Nothing is built, and
no statement is run. Both costs are estimates: build the index and measure.

## Misses

Statements on several tables are tried with one index at a time, on the columns that a sequential
scan filters by equality, comparison or `IN`. Expressions, `LIKE` and columns without statistics get
no advice; what writes pay for the index is not weighed. Behind a pooler nothing is asked.

## Source

https://hypopg.readthedocs.io/en/rel1_stable/usage.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.postgres.slow_statements import worst_statements
from praxis.doctor.registry import check
from praxis.errors import NotAnsweredError

_GAIN = 5.0  # times; less is within what estimates get wrong
_MAX_COLUMNS = 3
_NAME = r'(?:[a-z_]\w*|"(?:[^"]|"")+")'
#: A comparison of a bare column, as EXPLAIN writes it: ``(orders.total > $1)``,
#: ``((orders.state)::text = …)``. The parenthesis of a function has its name before it.
_COMPARISON = re.compile(
    rf"(?<!\w)\((?:{_NAME}\.)?(?P<column>{_NAME})(?:\)::[\w ]+)? (?P<sign>=|>=|<=|>|<) "
)


@dataclass(frozen=True, slots=True)
class _Scan:
    """A table that a plan reads whole, and the columns that it filters by; the equal ones first."""

    schema: str
    table: str
    columns: tuple[str, ...]


@check(code="IDX101")
def ask(database: Database) -> Iterator[Finding]:
    statements = database.extension_schema("pg_stat_statements")
    hypopg = database.extension_schema("hypopg")
    if statements is None or hypopg is None or database.is_pooled:
        return
    advised: set[_Scan] = set()
    for row in worst_statements(database, statements):
        query = str(row["query"])
        if row["mean_ms"] < database.limits.statement_ms or not _is_read(query):
            continue
        try:
            plan = database.plan(query)
        except NotAnsweredError:
            continue  # cannot be planned without its values
        for scan in _scans(plan):
            if scan not in advised and (finding := _try(database, hypopg, query, plan, scan)):
                advised.add(scan)
                yield finding


def _is_read(query: str) -> bool:
    return re.match(r"\s*(select|with)\b", query, re.IGNORECASE) is not None


def _scans(plan: dict[str, Any]) -> Iterator[_Scan]:
    if plan.get("Node Type") == "Seq Scan" and "Filter" in plan:
        columns = _columns(str(plan["Filter"]))
        if columns:
            yield _Scan(str(plan.get("Schema", "public")), str(plan["Relation Name"]), columns)
    for inner in plan.get("Plans", ()):
        yield from _scans(inner)


def _columns(condition: str) -> tuple[str, ...]:
    """The columns of a conjunction; none where OR makes one index useless."""
    if " OR " in condition:
        return ()
    signs: dict[str, bool] = {}
    for match in _COMPARISON.finditer(condition):
        name = _bare(match["column"])
        signs[name] = signs.get(name, False) or match["sign"] == "="
    equal_first = sorted(signs, key=lambda name: not signs[name])
    compared = [name for name in equal_first if not signs[name]][:1]  # more than one helps no more
    return tuple([name for name in equal_first if signs[name]] + compared)[:_MAX_COLUMNS]


def _try(
    database: Database, hypopg: str, query: str, plan: dict[str, Any], scan: _Scan
) -> Finding | None:
    table = f"{_quoted(scan.schema)}.{_quoted(scan.table)}"
    definition = f"{table} ({', '.join(map(_quoted, scan.columns))})"
    literal = f"CREATE INDEX ON {definition}".replace("'", "''")
    try:
        better = database.plan(query, before=f"SELECT {hypopg}.hypopg_create_index('{literal}')")
    except NotAnsweredError:
        return None
    finally:
        database.rows(f"SELECT {hypopg}.hypopg_reset()")  # it would stay for the next statement
    now, then = float(plan["Total Cost"]), float(better["Total Cost"])
    if now < _GAIN * then:
        return None
    return Finding(
        message=f"An index on {scan.table} ({', '.join(scan.columns)}) lets the planner expect "
        f"{now / max(then, 0.01):,.0f} times less cost. That is its estimate: build it, and "
        "measure.",
        evidence=evidence(
            [
                ("statement", " ".join(query.split())[:300]),
                ("estimated cost now", f"{now:,.1f}"),
                ("with the index", f"{then:,.1f}"),
            ]
        ),
        remedies=(
            Remedy("SQL", f"CREATE INDEX CONCURRENTLY ON {definition};"),
            Remedy("models.py", f"indexes = [models.Index(fields={list(scan.columns)!r})]"),
        ),
        severity=Severity.NOTE,
    )


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
