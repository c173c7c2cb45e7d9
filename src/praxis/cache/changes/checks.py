"""
What ``manage.py check --database`` says of tables and triggers that the settings want.

``praxis.E020``: the table of words is missing; ``praxis.W020``: tables without a trigger;
``praxis.W021``: sessions of the project whose statements are told of twice.
"""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import Error as DatabaseError
from django.db import connections

from praxis.cache.changes import table, triggers
from praxis.cache.changes.watched_models import tables_of
from praxis.conf import config
from praxis.errors import SettingsError


@register(Tags.database)
def check_words(
    app_configs: Sequence[Any] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Look into the databases that the cache is used for."""
    del app_configs
    try:
        settings = config().cache
    except SettingsError:
        return []  # told by check_settings
    messages: list[CheckMessage] = []
    for alias in databases or ():
        database = connections[alias]
        wanted = settings.when_unreachable == "bypass" or settings.outside_writes
        if not wanted or database.vendor not in table.VENDORS or not tables_of(database):
            continue
        try:
            if table.place_of(database) is None:
                messages.append(_no_table(alias))
            elif settings.outside_writes and database.vendor == "postgresql":
                messages += _without_triggers(database)
        except DatabaseError as error:
            messages.append(Error(str(error), hint="Is it there?", obj=alias, id="praxis.E020"))
    return messages


def _no_table(alias: str) -> CheckMessage:
    return Error(
        f"The database {alias!r} has no table {table.TABLE}, so nothing of it is cached.",
        hint="Run manage.py migrate, for this database and the app praxis_cache_changes.",
        id="praxis.E020",
    )


def _without_triggers(database: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if lacking := triggers.missing(database, tables_of(database)):
        messages.append(
            checks.Warning(
                f"What other programs write to these tables of {database.alias!r} goes unnoticed: "
                f"{', '.join(lacking)}.",
                hint=f"Run manage.py praxis_cache_triggers --install --database {database.alias}",
                id="praxis.W020",
            )
        )
    told = table.run(database, f"SELECT current_setting('{triggers.TOLD}', true)", is_read=True)
    if told[0][0] != "on":
        messages.append(
            checks.Warning(
                f"Triggers tell of this project's own writes to {database.alias!r}, too.",
                hint=f'In DATABASES: "OPTIONS": {{"options": "-c {triggers.TOLD}=on"}}, '
                "unless a pooler stands before it that knows no such options.",
                id="praxis.W021",
            )
        )
    return messages
