"""``manage.py praxis_rankings list | rebuild``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from praxis.errors import PraxisError
from praxis.rankings.following import Following, followed


class Command(BaseCommand):
    """Lists the boards that follow a model, and ranks all rows anew."""

    help = "List the boards that follow a model, and rebuild them from the database."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        verbs.add_parser("list", help="List the boards that follow a model, with their sizes.")
        rebuild = verbs.add_parser(
            "rebuild", help="Rank all rows anew; readers see the old board until it is done."
        )
        rebuild.add_argument("boards", nargs="*", metavar="BOARD", help="all of them if none")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            if options["verb"] == "list":
                for name, each in sorted(followed.items()):
                    label = each.model._meta.label  # noqa: SLF001 - Django's public Meta API
                    self.stdout.write(f"{name}: {label}, {each.board.size()} members")
            else:
                for each in self._chosen(options["boards"]):
                    self.stdout.write(f"{each.board.name}: {each.rebuild()} rows")
        except PraxisError as error:
            raise CommandError(str(error)) from error

    def _chosen(self, names: list[str]) -> list[Following]:
        for name in names:
            if name not in followed:
                known = ", ".join(map(repr, sorted(followed))) or "none"
                raise CommandError(f"No board {name!r} follows a model. Known: {known}.")
        return [followed[name] for name in names or sorted(followed)]
