"""What a server is asked on Django's own connection, in the thread that is going to read."""

import asyncio
from typing import Any

from django.db import ProgrammingError

from praxis.databases.flights import flights
from praxis.databases.questions import IDENTITY, STATE, Answer, read_state

#: The least that psycopg takes.
_CONNECT_TIMEOUT_S = 2


def limit_connecting(connection: Any) -> None:
    """Let no request wait for ever for a replica that takes a connection and says nothing."""
    settings = connection.settings_dict
    if "connect_timeout" not in settings["OPTIONS"]:
        options = settings["OPTIONS"] | {"connect_timeout": _CONNECT_TIMEOUT_S}
        connection.settings_dict = settings | {"OPTIONS": options}


def ask(connection: Any) -> Answer:
    """
    Ask the server behind a connection how far it is: one trip.

    Args:
        connection: Django's; it is opened if it is closed.

    Raises:
        django.db.Error: if it does not answer.
        ValueError: if it answers with something else.
    """
    return read_state(_row(connection, STATE))


def ask_identifier(connection: Any) -> int:
    """
    Ask the server behind a connection which cluster it belongs to; 0 if it may not say.

    Raises:
        django.db.Error: if it does not answer.
    """
    try:
        (identifier,) = _row(connection, IDENTITY)
    except ProgrammingError:  # not everybody may read it
        return 0
    return int(identifier)


def _row(connection: Any, query: str) -> Any:
    connection.ensure_connection()
    driver = connection.connection
    # past Django's cursors: it is no query of the site, and no hook shall see it
    with (
        connection.wrap_database_errors,
        flights.of(connection.alias, driver),
        driver.cursor() as cursor,
    ):
        cursor.execute(query)
        return cursor.fetchone()


def is_in_transaction(connection: Any) -> bool:
    """Whether what is done on a connection may be part of a transaction; nothing is opened."""
    if connection.in_atomic_block:
        return True
    return connection.connection is not None and not connection.autocommit


def is_in_event_loop() -> bool:
    """Whether this thread runs coroutines: it must not wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
