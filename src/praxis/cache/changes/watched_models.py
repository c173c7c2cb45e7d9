"""The tables of a database that triggers belong on."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import router
from django.db.models import Model

from praxis.cache.statements import table_named
from praxis.cache.watched import watched


def tables_of(database: Any, models: Sequence[type[Model]] = ()) -> dict[str, str]:
    """
    The watched tables of *database*: what the cache calls each, by its name there.

    Args:
        database: Django's connection.
        models: Only of these; of all if there are none.
    """
    seen = watched(database.vendor).tables
    found: dict[str, str] = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001 - public since ever
        name = table_named(meta.db_table, database.vendor).name
        owner: Any = meta.auto_created or model  # a link table goes with who declares it
        if (
            (not models or owner in models)
            and name in seen
            and router.allow_migrate_model(database.alias, model)
        ):
            found[meta.db_table] = name
    return found
