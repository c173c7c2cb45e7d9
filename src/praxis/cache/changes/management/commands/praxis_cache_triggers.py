"""``manage.py praxis_cache_triggers``: have the database tell of what others write to it."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from praxis.cache.changes import table, triggers
from praxis.cache.changes.watched_models import tables_of


class Command(BaseCommand):
    """Installs, removes or shows the triggers of the watched tables."""

    help = (
        "Puts triggers on the tables that are cached, so that the cache hears of what other "
        "programs write to them. PostgreSQL only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what it can be told."""
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--install", action="store_true", help="Put them there, or anew.")
        action.add_argument("--remove", action="store_true", help="Take them away.")
        action.add_argument("--sql", action="store_true", help="Show what --install would run.")
        parser.add_argument("models", nargs="*", help="As app.Model; all that are cached if none.")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Its alias.")
        parser.add_argument(
            "--notify",
            action="store_true",
            help="Wake praxis_cache_relay. Commits that leave word then wait in line.",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it, in one transaction."""
        database = connections[options["database"]]
        if database.vendor != "postgresql":
            raise CommandError("Triggers are there for PostgreSQL only.")
        place = table.place_of(database)
        if place is None:
            raise CommandError(
                f"There is no table {table.TABLE} in {database.alias!r}: put "
                '"praxis.cache.changes" into INSTALLED_APPS, and run manage.py migrate.'
            )
        models = [_model(label) for label in options["models"]]
        tables = tables_of(database, models)
        if not tables:
            raise CommandError("None of these models is cached: see PRAXIS['cache']['models'].")
        schema, quote = place.name.rpartition(".")[0], database.ops.quote_name
        statements: list[str] = []
        if not options["remove"]:
            statements.append(triggers.function(schema, notifies=options["notify"]))
        for stored, name in sorted(tables.items()):
            if options["remove"]:
                statements.append(triggers.remove(quote(stored)))
            else:
                statements += triggers.install(schema, quote(stored), name)
        if options["sql"]:
            self.stdout.write("".join(f"{statement};\n" for statement in statements))
            return
        with transaction.atomic(using=database.alias):
            for statement in statements:
                table.run(database, statement)
        done = "Removed from" if options["remove"] else "Installed on"
        self.stdout.write(f"{done} {len(tables)} tables.")


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError) as error:
        raise CommandError(f"{label}: {error}") from error
