"""The links of this process: one an alias, made when it is first asked for."""

import os
from difflib import get_close_matches
from threading import Lock
from typing import TypeVar

from django.core.signals import setting_changed

from praxis.conf import DEFAULT, config
from praxis.errors import SettingsError
from praxis.redis.async_link import AsyncLink
from praxis.redis.link import Link

_lock = Lock()
_links: dict[str, Link] = {}
_async_links: dict[str, AsyncLink] = {}

L = TypeVar("L", Link, AsyncLink)


def link(alias: str = DEFAULT) -> Link:
    """
    Return the link to a server of ``PRAXIS["redis"]``, the same one each time.

    Raises:
        SettingsError: if no such alias is there, or its address means nothing.
    """
    found = _links.get(alias)
    return found if found is not None else _make(Link, _links, alias)


def async_link(alias: str = DEFAULT) -> AsyncLink:
    """
    Return the link for coroutines, the same one each time, on every event loop.

    Raises:
        SettingsError: if no such alias is there, or its address means nothing.
    """
    found = _async_links.get(alias)
    return found if found is not None else _make(AsyncLink, _async_links, alias)


def _make(kind: type[L], links: dict[str, L], alias: str) -> L:
    servers = config().redis
    if alias not in servers:
        close = get_close_matches(alias, servers, n=1)
        meant = f"Did you mean {close[0]!r}? " if close else ""
        known = ", ".join(map(repr, servers))
        raise SettingsError(f"PRAXIS['redis'] has no {alias!r}. {meant}Known there: {known}.")
    made = kind(servers[alias], alias)
    with _lock:
        return links.setdefault(alias, made)


def _forget(*, setting: str, **_: object) -> None:
    """Let a test that changes settings have links of its own."""
    if setting in {"PRAXIS", "CACHES"}:
        with _lock:
            links: list[Link | AsyncLink] = [*_links.values(), *_async_links.values()]
            _links.clear()
            _async_links.clear()
        for each in links:
            each.close()


def _renew_lock() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it when this child was forked
    _lock = Lock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_renew_lock)
setting_changed.connect(_forget, dispatch_uid="praxis.redis")
