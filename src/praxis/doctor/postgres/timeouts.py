"""
No bound on how long a statement, a lock or an idle transaction may last.

One forgotten query, one migration that waits for a lock, one worker that hangs inside of
`atomic()`: without time-outs each holds up everybody behind it until somebody looks.

## Measured

What a new connection of the site's role to this database gets: the server's configuration,
`ALTER ROLE … SET` and the `OPTIONS` of `DATABASES` included.

## Misses

What the site sets by itself after connecting.

## Source

https://www.postgresql.org/docs/current/runtime-config-client.html
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_ADVISED = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
_NAMES = """
SELECT quote_ident(current_user) AS role, quote_ident(current_database()) AS name
"""


@check(code="DB103")
def ask(database: Database) -> Iterator[Finding]:
    found = database.rows(
        # What a session starts with, not what this one has set.
        "SELECT name, reset_val FROM pg_settings WHERE name = ANY(%(names)s) ORDER BY name",
        {"names": list(_ADVISED)},
    )
    missing = [row["name"] for row in found if row["reset_val"] == "0"]
    if missing:
        names = database.row(_NAMES)
        yield Finding(
            message=f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} off for the role "
            f"{names['role']}: what hangs holds up everybody behind it. Long reports can SET LOCAL "
            "more for themselves.",
            evidence=evidence((row["name"], _shown(row["reset_val"])) for row in found),
            remedies=(Remedy("SQL", "\n".join(_statements(missing, names))),),
        )
    waits_for_ever = [alias.name for alias in database.target.aliases if alias.waits_s is None]
    if waits_for_ever:
        yield Finding(
            message="connect_timeout is not set: where the server's machine is gone, a request "
            "waits for its connection until the system gives up, which takes minutes.",
            evidence=evidence([("without it", ", ".join(waits_for_ever))]),
            remedies=(Remedy("settings.py", '"OPTIONS": {"connect_timeout": 5},'),),
        )


def _shown(value: str) -> str:
    return "0 (off)" if value == "0" else f"{value} ms"


def _statements(missing: list[str], names: dict[str, str]) -> Iterator[str]:
    for setting in missing:
        yield (
            f"ALTER ROLE {names['role']} IN DATABASE {names['name']} "
            f"SET {setting} = '{_ADVISED[setting]}';"
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
