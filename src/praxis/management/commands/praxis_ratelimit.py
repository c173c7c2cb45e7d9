"""``manage.py praxis_ratelimit show | change | restore | allow | deny | unlist``."""

from praxis.management.subcommands import WordsCommand
from praxis.ratelimit.commands import allow, change, deny, restore, show, unlist


class Command(WordsCommand):
    """Shows and changes rate limits and their lists, while the site runs."""

    help = "Show and change rate limits and their lists while the site runs."
    words = {  # noqa: RUF012 - as Django has it
        "show": show, "change": change, "restore": restore,
        "allow": allow, "deny": deny, "unlist": unlist,
    }  # fmt: skip
