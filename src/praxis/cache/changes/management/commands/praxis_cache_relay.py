"""``manage.py praxis_cache_relay``: void at once what triggers tell of, not at the next look."""

import select
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connections

from praxis.cache.changes import table, triggers
from praxis.cache.hooks.connections import cached
from praxis.cache.store import FAILURES

#: Seconds after which it looks although nobody has called, as after a call that was lost.
LOOKS_EVERY_S = 5.0


class Command(BaseCommand):
    """Waits for notifications, until it is ended."""

    help = (
        "Listens to the triggers of praxis_cache_triggers --install --notify, and empties the "
        "cache of what they tell of within milliseconds. Run one for each database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what it can be told."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Its alias.")

    def handle(self, *_: Any, **options: Any) -> None:
        """Listen; what fails is told of, and ends it: whoever started it starts it again."""
        database = connections[options["database"]]
        connection = cached(database)
        if connection is None or connection.looks is None or database.vendor != "postgresql":
            raise CommandError("PRAXIS['cache']['outside_writes'] is not True for PostgreSQL.")
        database.ensure_connection()
        called = _calls(database.connection)
        table.run(database, f"LISTEN {triggers.CHANNEL}")
        self.stdout.write("Listening.")
        self.stdout.flush()
        try:
            while True:
                while connection.looks.void(database):
                    pass
                if called:  # while it was looking, perhaps after it had asked
                    called.clear()
                    continue
                select.select([database.connection.fileno()], [], [], LOOKS_EVERY_S)
        except (Error, *FAILURES) as error:
            raise CommandError(f"The relay has ended: {error}") from error
        except KeyboardInterrupt:
            return


def _calls(driver: Any) -> Any:
    """A list of the notifications that came in with the answers of other statements."""
    if not hasattr(driver, "add_notify_handler"):
        return driver.notifies  # psycopg2 has one
    found: list[Any] = []
    driver.add_notify_handler(found.append)
    return found
