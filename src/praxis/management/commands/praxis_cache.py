"""``manage.py praxis_cache explain | status | clear``."""

from praxis.cache.commands import clear, explain, status
from praxis.management.subcommands import WordsCommand


class Command(WordsCommand):
    """Looks into the query cache, and empties it."""

    help = "Look into the query cache, and empty it."
    words = {"explain": explain, "status": status, "clear": clear}  # noqa: RUF012 - as Django has it
