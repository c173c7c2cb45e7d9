"""
Too few connections for the site's processes.

Each thread of each process holds one connection for each entry of `DATABASES`, or a pool as many
as it may; while one release is exchanged for the next there are twice as many. Where that is more
than `max_connections` leaves, requests fail with *too many clients* just when the site is busiest.

## Measured

`max_connections` without what is reserved, limits of the role and the database, and the clients
that are connected now. What the processes need is told by `--workers`, `--threads` and `--tasks`;
without them only what is in use is judged.

## Misses

Processes that are started by hand, other sites on the same server, and a peak that is over.

## Source

https://www.postgresql.org/docs/current/runtime-config-connection.html
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_LIMITS = """
SELECT current_setting('max_connections')::int AS most,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS of_role,
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS of_database,
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL
          AND coalesce(backend_type, 'client backend') = 'client backend'  -- NULL: not ours to see
          AND pid <> pg_backend_pid()) AS used,
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL
          AND coalesce(backend_type, 'client backend') = 'client backend'  -- NULL: not ours to see
          AND pid <> pg_backend_pid() AND state = 'idle') AS idle
"""


@check(code="DB104")
def ask(database: Database) -> Iterator[Finding]:
    row = database.row(_LIMITS)
    limits = [row["most"] - row["reserved"]]
    limits += [limit for limit in (row["of_role"], row["of_database"]) if limit >= 0]
    available = min(limits)
    known = [
        ("max_connections", row["most"]),
        ("reserved", row["reserved"]),
        ("for the site", available),
        ("connected now", row["used"]),
        ("of these idle", row["idle"]),
    ]
    needed = _needed(database)
    if needed is not None and needed > available and not database.is_pooled:
        yield Finding(
            message=f"The site's processes may ask for {needed:,} connections while a release is "
            f"exchanged, and the server has {available:,} for them. What is above is refused.",
            evidence=evidence([*known, *_sum(database)]),
            remedies=_remedies(database, available, needed, row["reserved"]),
            severity=Severity.ERROR,
        )
    elif row["used"] >= database.limits.connection_share * available:
        yield Finding(
            message=f"{row['used']:,} of {available:,} connections are in use now: a peak, or the "
            "next release beside this one, is refused.",
            evidence=evidence(known),
            remedies=_remedies(database, available, 2 * row["used"], row["reserved"]),
        )


def _needed(database: Database) -> int | None:
    site = database.site
    if site.workers is None or not database.target.aliases:
        return None
    each = sum(alias.pool_size or site.threads for alias in database.target.aliases)
    tasks = site.task_processes * len(database.target.aliases)
    return (site.workers * each + tasks) * site.releases


def _sum(database: Database) -> Iterator[tuple[str, object]]:
    site = database.site
    for alias in database.target.aliases:
        held = f"a pool of {alias.pool_size}" if alias.pool_size else f"{site.threads} threads"
        yield f"DATABASES[{alias.name!r}]", f"{site.workers} workers × {held}"
    if site.task_processes:
        yield "task processes", site.task_processes
    yield "releases at once", site.releases


def _remedies(database: Database, available: int, needed: int, reserved: int) -> tuple[Remedy, ...]:
    raised = -(-(needed + reserved + 10) // 10) * 10
    memory = "-- each connection takes some 10 MB; restart the server\n"
    found = [Remedy("SQL", f"{memory}ALTER SYSTEM SET max_connections = {raised};")]
    site = database.site
    processes = (site.workers or 0) * site.releases * max(len(database.target.aliases), 1)
    fits = available // processes if processes else 0
    if (
        fits
        and fits < site.threads
        and all(alias.pool_size is None for alias in database.target.aliases)
    ) or (fits and any((alias.pool_size or 0) > fits for alias in database.target.aliases)):
        found.insert(
            0,
            Remedy("settings.py", f'"OPTIONS": {{"pool": {{"min_size": 1, "max_size": {fits}}}}},'),
        )
    found.append(
        Remedy(
            "pgbouncer.ini",
            "; or a pooler between; then DISABLE_SERVER_SIDE_CURSORS = True in DATABASES\n"
            f"pool_mode = transaction\ndefault_pool_size = {max(available // 2, 1)}\n"
            f"max_client_conn = {max(2 * needed, 100)}",
        )
    )
    return tuple(found)
