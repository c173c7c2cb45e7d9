"""Which database a connection leads to, whatever it is called by those who connect to it."""

import os
import secrets
from hashlib import blake2b
from pathlib import Path
from typing import Any

#: An SQLite database in memory is this process' own, and a forked one has a copy.
_PROCESS = secrets.token_hex(8)
#: What PostgreSQL's databases answered, by what they were reached by.
_known: dict[tuple[str, ...], str] = {}

_MAY_ASK = "SELECT has_function_privilege('pg_control_system()', 'execute')"
_IDENTITY = """
SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
"""


def database_name(connection: Any) -> str:
    """
    What all processes call the database, and no other one.

    PostgreSQL is asked, once a process: sites that share a Redis may all call theirs ``default``,
    and one database may have several names where a pooler stands before it. Its replicas, which
    have what it has, answer the same. An SQLite file goes by its path, and a database of MySQL by
    its alias and its name.
    """
    if connection.vendor == "postgresql":
        place = _place(connection)
        if place not in _known:
            _known[place] = _asked(connection)
        return _known[place]
    name = str(connection.settings_dict.get("NAME") or "")
    if connection.vendor != "sqlite":
        return f"{connection.alias}/{name}"
    if connection.is_in_memory_db():
        return f"memory/{_PROCESS}/{os.getpid()}/{_digest(name)}"
    return f"sqlite/{_digest(str(Path(name).resolve()))}"


def _place(connection: Any) -> tuple[str, ...]:
    settings = connection.settings_dict
    parts = [str(settings.get(part) or "") for part in ("HOST", "PORT", "NAME")]
    return (*parts, str((settings.get("OPTIONS") or {}).get("service") or ""))


def _asked(connection: Any) -> str:
    connection.ensure_connection()
    # the adapter itself: a query that nobody wrote is no query of the site
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(_MAY_ASK)
        (may_ask,) = cursor.fetchone()
        if not may_ask:
            return f"{connection.alias}/{connection.settings_dict.get('NAME')}"
        cursor.execute(_IDENTITY)
        system, database = cursor.fetchone()
    return f"postgresql/{system:x}/{database}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
