"""
A pooler stands between the site and PostgreSQL, and settings assume that none does.

In transaction mode two transactions of one connection may run in two server processes: cursors of
`iterator()`, prepared statements and whatever a session has set are gone with the first.

## Measured

The process that the connection was promised at its start is not the one that answers. That holds of
PgBouncer; whether it pools transactions or sessions cannot be told from here.

## Source

https://docs.djangoproject.com/en/stable/ref/databases/#transaction-pooling-server-side-cursors
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check


@check(code="DB105")
def ask(database: Database) -> Iterator[Finding]:
    if not database.is_pooled:
        return
    for alias in database.target.aliases:
        wrong = []
        if alias.server_side_cursors:
            wrong.append('"DISABLE_SERVER_SIDE_CURSORS": True,')
        if alias.prepares:
            wrong.append('"OPTIONS": {"prepare_threshold": None},')
        if alias.pool_size:
            wrong.append('"OPTIONS": {"pool": False},  # one pool is enough')
        if wrong:
            yield Finding(
                message=f"A pooler stands before this server, and DATABASES[{alias.name!r}] does "
                "not know: if it pools transactions, queries of iterator() and prepared statements "
                "fail under load.",
                evidence=evidence(
                    [
                        ("server-side cursors", alias.server_side_cursors),
                        ("prepared statements", alias.prepares),
                        ("a pool of Django's", alias.pool_size or "no"),
                    ]
                ),
                remedies=(Remedy("settings.py", "\n".join(wrong)),),
            )
