"""Which databases of the project have a cache."""

from argparse import ArgumentParser
from difflib import get_close_matches

from django.db import connections

from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.errors import SettingsError


def add_database(parser: ArgumentParser) -> None:
    """Let one database be chosen."""
    parser.add_argument("--database", metavar="ALIAS", help="only this one of DATABASES")


def chosen(alias: str | None) -> dict[str, CachedConnection]:
    """
    The databases of which something is cached, by their aliases.

    Args:
        alias: Only this one; None for all.

    Raises:
        SettingsError: if there is none.
    """
    if alias is not None:
        demand_alias(alias)
    aliases = list(connections) if alias is None else [alias]
    found = {one: cached(connections[one]) for one in aliases}
    kept = {one: connection for one, connection in found.items() if connection is not None}
    if not kept:
        raise SettingsError(
            f"Nothing is cached of {', '.join(aliases)}. Name models in "
            'PRAXIS["cache"]["models"]; an SQLite database in memory cannot be cached.'
        )
    return kept


def demand_alias(alias: str) -> None:
    """
    Raises:
        SettingsError: if no database has this alias.
    """
    if alias not in connections.settings:
        close = get_close_matches(alias, connections.settings, n=1)
        meant = f"Did you mean {close[0]!r}? " if close else ""
        known = ", ".join(map(repr, connections.settings))
        raise SettingsError(f"DATABASES has no {alias!r}. {meant}Known there: {known}.")
