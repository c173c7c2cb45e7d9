"""
The connection to PostgreSQL leaves the machine unencrypted.

Whoever is on the way reads what visitors write, and the answers. libpq's usual `sslmode`, `prefer`,
goes on without encryption where the server has none, and trusts any certificate where it has.

## Measured

`pg_stat_ssl` of this connection, and where it comes from. On one machine, and behind a pooler, of
which only the last stretch could be seen, nothing is said.

## Source

https://www.postgresql.org/docs/current/libpq-ssl.html
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_CONNECTION = """
SELECT ssl, host(inet_server_addr()) AS server, current_setting('ssl') AS offered,
       inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8'
         OR inet_client_addr() = '::1' AS is_local
FROM pg_stat_ssl WHERE pid = pg_backend_pid()
"""


@check(code="DB103")
def ask(database: Database) -> Iterator[Finding]:
    row = database.row(_CONNECTION)
    if row["ssl"] or row["is_local"] or database.is_pooled:
        return
    steps = [
        Remedy(
            "settings.py",
            '"OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/database-ca.pem"},',
        )
    ]
    if row["offered"] == "off":
        steps.insert(
            0,
            Remedy(
                "SQL",
                "-- with server.crt and server.key in the data folder\n"
                "ALTER SYSTEM SET ssl = on;\nSELECT pg_reload_conf();",
            ),
        )
    yield Finding(
        message=f"What is asked of {row['server']}, and what it answers, goes there unencrypted.",
        evidence=evidence([("ssl of the server", row["offered"]), ("of this connection", "off")]),
        remedies=tuple(steps),
    )
