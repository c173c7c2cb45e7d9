"""The limiters of this project, so that names can be told and slips be found."""

from contextlib import suppress
from difflib import get_close_matches

from django.core.exceptions import ImproperlyConfigured
from django.urls import get_resolver

from praxis.errors import SettingsError
from praxis.ratelimit import limiter, live
from praxis.ratelimit.middleware import rules_for


def known_names() -> list[str]:
    """The names of all limiters that the project makes when it is loaded."""
    rules_for("/")  # makes those of the settings
    with suppress(AttributeError, ImproperlyConfigured):  # a project without pages
        _ = get_resolver().url_patterns  # imports the views
    return limiter.names()


def demand_limiter(name: str) -> None:
    """
    Raises:
        SettingsError: if nothing is limited by that name, here or by a change.
    """
    known = [*known_names(), *live.changes().limits]
    if name in known:
        return
    close = get_close_matches(name, known, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise SettingsError(
        f"No limiter is {name!r}.{meant} praxis_ratelimit show names them; --force changes one "
        "that is made elsewhere."
    )
