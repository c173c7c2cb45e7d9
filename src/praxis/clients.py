"""Whose request it is, as far as components agree on it."""

from functools import lru_cache

from django.core.signals import setting_changed
from django.http import HttpRequest

from praxis.addresses import Address, Networks, client_address
from praxis.conf import config


@lru_cache(maxsize=1)
def trusted_proxies() -> Networks:
    """
    The proxies whose word counts.

    Raises:
        SettingsError: if the settings name what is no address.
    """
    return Networks(config().trusted_proxies, "PRAXIS['trusted_proxies']")


def address_of(request: HttpRequest) -> Address | None:
    """The address that a request comes from, behind the proxies that are trusted."""
    meta = request.META
    remote, forwarded = meta.get("REMOTE_ADDR") or "", meta.get("HTTP_X_FORWARDED_FOR") or ""
    return client_address(remote, forwarded, trusted_proxies())


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        trusted_proxies.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.clients")
