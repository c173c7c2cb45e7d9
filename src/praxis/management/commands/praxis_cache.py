"""``manage.py praxis_cache explain | status | clear``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from praxis.cache.commands import clear, explain, status
from praxis.errors import PraxisError

SUBCOMMANDS = {"explain": explain, "status": status, "clear": clear}


class Command(BaseCommand):
    """Hands over to the subcommand; what it raises on purpose is the command's error."""

    help = "Look into the query cache, and empty it."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for name, subcommand in SUBCOMMANDS.items():
            summary = (subcommand.__doc__ or "").strip().partition("\n")[0]
            subcommand.add_arguments(verbs.add_parser(name, help=summary, description=summary))

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            SUBCOMMANDS[options["verb"]].run(options, self.stdout.write)
        except PraxisError as error:
            raise CommandError(str(error)) from error
