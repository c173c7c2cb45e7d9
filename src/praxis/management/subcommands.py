"""Commands that hand over to one of several words, as ``manage.py praxis_cache clear`` does."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from django.core.management.base import BaseCommand, CommandError, CommandParser

from praxis.errors import PraxisError


class Subcommand(Protocol):
    """A module that does what one word says; its docstring begins with what that is."""

    __doc__: str | None

    def add_arguments(self, parser: ArgumentParser) -> None: ...
    def run(self, options: Mapping[str, Any], write: Callable[[str], object]) -> None: ...


class WordsCommand(BaseCommand):
    """Hands over to the module of a word; what that raises on purpose is the command's error."""

    words: ClassVar[Mapping[str, Subcommand]]

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for name, subcommand in self.words.items():
            summary = (subcommand.__doc__ or "").strip().partition("\n")[0]
            subcommand.add_arguments(verbs.add_parser(name, help=summary, description=summary))

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            self.words[options["verb"]].run(options, self.stdout.write)
        except PraxisError as error:
            raise CommandError(str(error)) from error
