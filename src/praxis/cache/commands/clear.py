"""
Void what is cached: of all models, or of some.

It costs one trip for each database, whatever is cached. What is written meanwhile is told as ever.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from django.apps import apps
from django.db import connections

from praxis.cache.commands.databases import add_database, chosen
from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.statements import table_named
from praxis.cache.watched import fits
from praxis.errors import SettingsError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="*", metavar="MODEL", help='such as shop.order or "shop.*"')
    add_database(parser)


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    patterns: list[str] = options["models"]
    for pattern in patterns:
        demand_models(pattern)
    for alias, connection in chosen(options["database"]).items():
        tables = _tables(connection, patterns)
        connection.store.void(tables)
        count = f"{len(tables)} table{'' if len(tables) == 1 else 's'}"
        write(f"{alias}: nothing is cached any more of {count}.")


def demand_models(pattern: str) -> None:
    """
    Raises:
        SettingsError: if no model is named so.
    """
    labels = [model._meta.label_lower for model in apps.get_models()]  # noqa: SLF001 - public
    if not any(fits(label, pattern) for label in labels):
        close = get_close_matches(pattern.lower(), labels, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise SettingsError(f"No model is {pattern!r}.{meant}")


def _tables(connection: CachedConnection, patterns: list[str]) -> list[str]:
    watched = sorted(connection.watched.tables)
    if not patterns:
        return watched
    vendor = connections[connection.alias].vendor
    named = set()
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001 - public since ever
        owner: Any = meta.auto_created or model
        if any(fits(owner._meta.label_lower, pattern) for pattern in patterns):  # noqa: SLF001
            named.add(table_named(meta.db_table, vendor).name)
    return [table for table in watched if table in named]
