"""
Mistakes that ``manage.py check`` reports.

The ids are permanent: ``praxis.E001`` to ``praxis.E004`` are those of `praxis.conf`,
``praxis.E005`` is an address of Redis that means nothing, ``praxis.E016`` a dimension that kept
results are to vary on and that there is not, ``praxis.E021`` an app that the settings want and that
is not installed, ``praxis.W001`` a Redis server that is configured and does not answer (``check
--deploy``). The others are those of the components.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from praxis.cache import checks as _cache  # noqa: F401 - importing registers them
from praxis.cache import server_checks as _server  # noqa: F401
from praxis.conf import RedisConfig, config, find_mistakes
from praxis.databases import checks as _databases  # noqa: F401
from praxis.errors import SettingsError
from praxis.rankings import checks as _rankings  # noqa: F401
from praxis.ratelimit import checks as _ratelimit  # noqa: F401
from praxis.realtime import checks as _realtime  # noqa: F401
from praxis.redis import FAILURES, Link
from praxis.redis.nodes import read_target
from praxis.sessions import checks as _sessions  # noqa: F401

TAG = "praxis"


@register(TAG)
def check_settings(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name everything that is wrong in ``settings.PRAXIS``."""
    del app_configs
    return [
        Error(mistake.message, hint=mistake.hint, id=f"praxis.{mistake.code}")
        for mistake in find_mistakes()
    ]


@register(TAG)
def check_addresses(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name the addresses in ``PRAXIS["redis"]`` that mean nothing."""
    del app_configs
    messages: list[CheckMessage] = []
    for alias, wanted in _servers().items():
        try:
            read_target(wanted, alias)
        except SettingsError as error:
            messages.append(
                Error(str(error), hint="Correct the address in your settings.", id="praxis.E005")
            )
    return messages


@register(TAG)
def check_changes(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name the app that has the table of words of writes, if the settings want it."""
    del app_configs
    try:
        settings = config().cache
    except SettingsError:
        return []  # told by check_settings
    wanted = settings.when_unreachable == "bypass" or settings.outside_writes
    if not (settings.models and wanted) or apps.is_installed("praxis.cache.changes"):
        return []
    return [
        Error(
            'PRAXIS["cache"] wants word of writes to be left in the database, which has no '
            "table for it.",
            hint='Put "praxis.cache.changes" into INSTALLED_APPS, and run manage.py migrate.',
            id="praxis.E021",
        )
    ]


@register(TAG)
def check_dimensions(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name the dimensions that kept results are to vary on, and that there are not."""
    from praxis.cache.results.declared import mistaken_dimensions

    del app_configs
    if list(find_mistakes()):
        return []  # told by check_settings
    hint = 'Correct the name, or declare it in PRAXIS["cache"]["dimensions"].'
    return [
        Error(f"{where}: {what}", hint=hint, id="praxis.E016")
        for where, what in mistaken_dimensions()
    ]


@register(TAG, deploy=True)
def check_redis(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask each configured server for a sign of life."""
    del app_configs
    messages: list[CheckMessage] = []
    for alias, wanted in _servers().items():
        try:
            link = Link(wanted, alias)
        except SettingsError:
            continue  # told by check_addresses
        try:
            link.call("PING")
        except FAILURES as error:
            hint = "Start it, or correct the address. For development: praxis serve-redis"
            messages.append(checks.Warning(str(error), hint=hint, id="praxis.W001"))
        finally:
            link.close()
    return messages


def _servers() -> dict[str, RedisConfig]:
    """Return the servers that have an address."""
    try:
        servers = config().redis
    except SettingsError:
        return {}  # told by check_settings
    return {alias: wanted for alias, wanted in servers.items() if wanted.url is not None}
