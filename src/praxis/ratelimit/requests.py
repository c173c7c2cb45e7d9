"""Whom a request is counted for."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.http import HttpRequest
from django.utils.module_loading import import_string

from praxis.addresses import Networks, counted_as
from praxis.clients import address_of
from praxis.conf import config
from praxis.errors import SettingsError
from praxis.ratelimit import live
from praxis.ratelimit.terms import Key

#: Tells from a request whom it is counted for; None lets it pass uncounted.
KeyOf = Callable[[HttpRequest], Key]
_PLAIN = ("address", "user", "path", "all")


@lru_cache(maxsize=1)
def lists() -> tuple[Networks, Networks]:
    """
    Who is always let in, and who never is, as the settings say.

    Raises:
        SettingsError: if the settings name what is no address.
    """
    settings = config().ratelimit
    return (
        Networks(settings.allow, "PRAXIS['ratelimit']['allow']"),
        Networks(settings.deny, "PRAXIS['ratelimit']['deny']"),
    )


def is_listed(request: HttpRequest) -> bool | None:
    """Whether its address is always let in (True), never (False), or neither (None)."""
    lists_now = (lists(), live.followed().lists())
    if not any(allow or deny for allow, deny in lists_now):
        return None
    address = address_of(request)
    if any(address in deny for _, deny in lists_now):
        return False
    return True if any(address in allow for allow, _ in lists_now) else None


def by_address(request: HttpRequest) -> Key:
    """Its address; of IPv6 the network of it."""
    return counted_as(address_of(request), config().ratelimit.ipv6_prefix)


def by_user(request: HttpRequest) -> Key:
    """Its user, or the address of who is not logged in."""
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return ("user", str(user.pk))
    return ("address", by_address(request))


async def aby_user(request: HttpRequest) -> Key:
    """As `by_user`, for code that must not wait for the database."""
    if hasattr(request, "auser"):
        user: Any = await request.auser()
        if user.is_authenticated:
            return ("user", str(user.pk))
    return ("address", by_address(request))


def by_path(request: HttpRequest) -> Key:
    """Its path, for everybody together."""
    return request.path_info


def by_all(request: HttpRequest) -> Key:
    """Nothing of it: everybody counts together."""
    del request
    return "all"


def by_header(name: str) -> KeyOf:
    """What stands in a header, such as an API key; who sends none counts by the address."""

    def key(request: HttpRequest) -> Key:
        found = request.headers.get(name)
        return ("header", found) if found else ("address", by_address(request))

    return key


def key_named(key: str | KeyOf) -> KeyOf:
    """
    The function that *key* means.

    Args:
        key: A function of the request; ``address``, ``user``, ``path``, ``all``, ``header:NAME``,
            or the dotted path of a function.

    Raises:
        SettingsError: if there is none.
    """
    if callable(key):
        return key
    named = {"address": by_address, "user": by_user, "path": by_path, "all": by_all}
    if key in named:
        return named[key]
    kind, _, name = key.partition(":")
    if kind == "header" and name:
        return by_header(name)
    try:
        found: KeyOf = import_string(key)
    except ImportError as error:
        plain = ", ".join(map(repr, _PLAIN))
        raise SettingsError(
            f"{key!r} names no key: {error}. Write {plain}, 'header:NAME', or the dotted path of "
            "a function of the request."
        ) from error
    return found


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        lists.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.ratelimit.requests")
