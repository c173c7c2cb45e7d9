"""Mistakes in how sessions are set up, as ``manage.py check`` reports them, with no connection."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - its name

from praxis.conf import config, dotted_paths, session_engine
from praxis.errors import SettingsError
from praxis.setup_checks import TAG, without_address

#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E040": "`PRAXIS['sessions']['redis']` names no server that has an address",
    "praxis.E041": "`PRAXIS['sessions']['adopt_from']` names no engine of sessions",
    "praxis.E042": "`PRAXIS['sessions']['durable']` needs `django.contrib.sessions`",
    "praxis.E043": "`PRAXIS['sessions']['on_error']` is `fallback`, and there are no copies",
    "praxis.W040": "Django's `SessionMiddleware` answers server errors while Redis is gone",
}
_ENGINE = "praxis.sessions"
_DJANGOS = "django.contrib.sessions.middleware.SessionMiddleware"


@register(TAG)
def check_sessions(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name what is wrong where ``SESSION_ENGINE`` is ``praxis.sessions``."""
    del app_configs
    if session_engine() != _ENGINE:
        return []
    return [*_mistakes()]


def _mistakes() -> Iterator[CheckMessage]:
    try:
        whole = config()
    except SettingsError:
        return  # told of elsewhere
    yield from without_address(
        whole, whole.sessions.redis, what="Sessions are kept in", check_id="praxis.E040"
    )
    if before := whole.sessions.adopt_from:
        try:
            import_module(before).SessionStore  # noqa: B018 - whether it is there
        except (ImportError, AttributeError) as error:
            yield Error(
                f"PRAXIS['sessions']['adopt_from'] is no engine of sessions: {error}.",
                hint="Write the SESSION_ENGINE that was there before.",
                id="praxis.E041",
            )
    if whole.sessions.durable and not apps.is_installed("django.contrib.sessions"):
        yield Error(
            "Sessions are to be copied to the table of an app that is not installed.",
            hint="Add 'django.contrib.sessions' to INSTALLED_APPS, and migrate.",
            id="praxis.E042",
        )
    if whole.sessions.on_error == "fallback" and not whole.sessions.durable:
        yield Error(
            "Sessions are to be read from their copies while Redis is gone, and there are none.",
            hint="Write PRAXIS['sessions']['durable'] = 'write_through'.",
            id="praxis.E043",
        )
    if _DJANGOS in dotted_paths("MIDDLEWARE"):
        yield Warning(
            "While Redis does not answer visitors see server errors.",
            hint="Put 'praxis.sessions.middleware.SessionMiddleware' in the place of Django's.",
            id="praxis.W040",
        )
