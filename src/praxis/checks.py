"""
Mistakes that ``manage.py check`` reports.

The ids are permanent: ``praxis.E001`` to ``praxis.E004`` are those of `praxis.conf`,
``praxis.W001`` is a Redis server that is configured and does not answer (``check --deploy``).
"""

from collections.abc import Sequence
from typing import Any

import redis
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from praxis.conf import config, find_mistakes
from praxis.errors import SettingsError

TAG = "praxis"


@register(TAG)
def check_settings(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name everything that is wrong in ``settings.PRAXIS``."""
    del app_configs
    return [
        Error(mistake.message, hint=mistake.hint, id=f"praxis.{mistake.code}")
        for mistake in find_mistakes()
    ]


@register(TAG, deploy=True)
def check_redis(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask the configured Redis server, if there is one, for a sign of life."""
    del app_configs
    try:
        wanted = config().redis
    except SettingsError:
        return []  # told by check_settings
    if wanted.url is None:
        return []
    try:
        client = redis.Redis.from_url(
            wanted.url.reveal(),
            socket_timeout=wanted.timeout_s,
            socket_connect_timeout=wanted.timeout_s,
        )
    except ValueError:  # its message may quote the URL, and with it the password
        return [_unreachable("it is no redis://, rediss:// or unix:// address")]
    try:
        client.ping()
    except redis.RedisError as error:
        return [_unreachable(type(error).__name__)]
    finally:
        client.close()
    return []


def _unreachable(reason: str) -> CheckMessage:
    return checks.Warning(
        f"PRAXIS['redis']['url'] names a server that did not answer: {reason}.",
        hint="Start it, or correct the address. For development: praxis serve-redis",
        id="praxis.W001",
    )
