"""
A transaction is open and its client does nothing.

It keeps its locks, and no dead row that is younger than it can be vacuumed, in any table.

## Measured

Sessions in the state *idle in transaction* now, and for how long.

## Source

https://www.postgresql.org/docs/current/monitoring-stats.html
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, duration, evidence
from praxis.doctor.postgres.rights import hidden
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_IDLE = """
SELECT pid, usename, application_name, state, left(query, 120) AS query,
       extract(epoch FROM clock_timestamp() - state_change)::float AS idle_s,
       extract(epoch FROM clock_timestamp() - xact_start)::float AS open_s,
       quote_ident(usename) AS role
FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%%'
  AND clock_timestamp() - state_change > make_interval(secs => %(least_s)s)
ORDER BY xact_start
"""
_UNSEEN = """
SELECT count(*) AS count FROM pg_stat_activity
WHERE datname = current_database() AND query = '<insufficient privilege>'
"""


@check(code="DB103")
def ask(database: Database) -> Iterator[Finding]:
    found = database.rows(_IDLE, {"least_s": database.limits.idle_transaction_s})
    unseen = 0 if found else database.row(_UNSEEN)["count"]
    if unseen:
        raise hidden(f"what {unseen:,} sessions of other roles do")
    for row in found:
        yield Finding(
            message=f"Process {row['pid']} has had a transaction open for "
            f"{duration(row['open_s'])} and done nothing in it for {duration(row['idle_s'])}: "
            "look for slow calls inside of atomic().",
            evidence=evidence(
                [
                    ("state", row["state"]),
                    ("role", row["usename"]),
                    ("application", row["application_name"] or "-"),
                    ("its last statement", " ".join((row["query"] or "").split())),
                ]
            ),
            remedies=(
                Remedy(
                    "SQL",
                    f"SELECT pg_terminate_backend({row['pid']});  -- now\n"
                    f"ALTER ROLE {row['role']} SET idle_in_transaction_session_timeout = '60s';",
                ),
            ),
        )
