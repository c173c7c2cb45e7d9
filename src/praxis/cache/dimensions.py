"""
What kept results differ in besides their arguments: language, site, user, and what is declared.

A dimension is a function that is given the request, or None where there is none, and answers with
a plain value: a text, a number, a tuple of these. Results are kept for each value of their own.

    PRAXIS = {"cache": {"dimensions": {
        "tenant": "shop.tenants.current",       # def current(request): return request.tenant.pk
        "region": "header:CF-IPCountry",
        "currency": "cookie:currency",
    }}}

Answer with `UNCACHED` to have the request answered anew, and the answer not kept.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.core.signals import setting_changed
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from praxis.cache.results.naming import content_of, plain
from praxis.conf import config
from praxis.errors import DimensionError, NotCacheableError

Dimension = Callable[[HttpRequest | None], object]


class Uncached:
    """The value of a dimension for which nothing is kept."""

    def __repr__(self) -> str:
        return "praxis.cache.dimensions.UNCACHED"


UNCACHED = Uncached()


def language(request: HttpRequest | None) -> object:
    """The language that is active."""
    del request  # LocaleMiddleware or a task activated it
    return translation.get_language()


def time_zone(request: HttpRequest | None) -> object:
    """The time zone that is active."""
    del request
    return timezone.get_current_timezone_name()


def host(request: HttpRequest | None) -> object:
    """The host that the request names, with its port."""
    return _asked("host", request).get_host()


def site(request: HttpRequest | None) -> object:
    """The site of ``django.contrib.sites``, or the host where that is not installed."""
    from django.contrib.sites.shortcuts import get_current_site

    if request is not None:
        found: Any = get_current_site(request)
    elif apps.is_installed("django.contrib.sites"):
        from django.contrib.sites.models import Site

        found = Site.objects.get_current()
    else:
        raise DimensionError(
            "The dimension 'site' is told from a request where django.contrib.sites is not "
            "installed, and here is none."
        )
    return (getattr(found, "pk", None), found.domain, found.name)


def user(request: HttpRequest | None) -> object:
    """The user, with all of the row: a page that shows the name ends when the name changes."""
    found = _user_of("user", request)
    if not found.is_authenticated:
        return None
    if not isinstance(found, Model):  # a class of the project's own
        return (type(found).__qualname__, found.pk)
    return content_of(found)


def permissions(request: HttpRequest | None) -> object:
    """What the user may do: the flags and the permissions, also those of the groups."""
    found = _user_of("permissions", request)
    flags = tuple(
        bool(getattr(found, flag, False))
        for flag in ("is_authenticated", "is_active", "is_staff", "is_superuser")
    )
    allowed = found.get_all_permissions() if hasattr(found, "get_all_permissions") else ()
    return (flags, tuple(sorted(allowed)))


def session(request: HttpRequest | None) -> object:
    """All that the session holds."""
    kept = getattr(_asked("session", request), "session", None)
    return tuple(sorted((name, repr(value)) for name, value in kept.items())) if kept else ()


def messages(request: HttpRequest | None) -> object:
    """Nothing is kept for who has messages to see; without it no page that looks for them is."""
    waiting = getattr(_asked("messages", request), "_messages", ())
    return UNCACHED if len(waiting) else None


#: Whoever asks by that name gets this, unless the settings say otherwise.
BUILT_IN: Mapping[str, Dimension] = {
    each.__name__: each
    for each in (language, time_zone, host, site, user, permissions, session, messages)
}
#: What belongs to one visitor: such pages are no one else's, and no proxy's.
_PERSONAL = frozenset({"user", "permissions", "session", "messages"})
#: What often is wanted, and where sites keep it in a place of their own.
_EXAMPLES = {
    "region": "header:CF-IPCountry",
    "currency": "cookie:currency",
    "tenant": "attribute:tenant.pk",
}


def values(names: Iterable[str], request: HttpRequest | None) -> tuple[object, ...] | Uncached:
    """
    The values of these dimensions, in their order; `UNCACHED` if one of them says so.

    Raises:
        DimensionError: if one is not declared, needs a request where there is none, or answers
            with what is no plain value.
    """
    found = []
    for name in names:
        value = dimension(name)(request)
        if value is UNCACHED:
            return UNCACHED
        try:
            plain(value)
        except NotCacheableError as error:
            raise DimensionError(
                f"The dimension {name!r} has no plain value: {error}. Answer with a text, a "
                "number, or a tuple of these."
            ) from error
        found.append(value)
    return tuple(found)


@cache
def dimension(name: str) -> Dimension:
    """
    The function of this name.

    Raises:
        DimensionError: if there is none; the message says what to write where.
    """
    declared = config().cache.dimensions.get(name)
    if declared is not None:
        return _declared(name, declared)
    if name in BUILT_IN:
        return BUILT_IN[name]
    known = sorted({*BUILT_IN, *config().cache.dimensions})
    example = _EXAMPLES.get(name, "path.to.a_function")
    raise DimensionError(
        f"There is no dimension {name!r}; known: {', '.join(known)}. Declare it: "
        f'PRAXIS["cache"]["dimensions"] = {{"{name}": "{example}"}}.'
    )


def is_personal(name: str) -> bool:
    """Whether what varies on it is made for one visitor."""
    return name in _PERSONAL or cookie_of(name) is not None


def cookie_of(name: str) -> str | None:
    """The cookie that the dimension is; None if it is none."""
    declared = config().cache.dimensions.get(name, "")
    return declared.removeprefix("cookie:") if declared.startswith("cookie:") else None


def _declared(name: str, text: str) -> Dimension:
    kind, colon, what = text.partition(":")
    if colon and kind in _SHORT:
        read = _SHORT[kind]
        return lambda request: read(_asked(name, request), what)
    try:
        found: Any = import_string(text)
    except ImportError as error:
        raise DimensionError(
            f"The dimension {name!r} is declared as {text!r}, which cannot be imported: {error}."
        ) from error
    if not callable(found):
        raise DimensionError(f"The dimension {name!r} is declared as {text!r}: no function.")
    return found  # type: ignore[no-any-return]


def _attribute(request: HttpRequest, path: str) -> object:
    found: object = request
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


_SHORT: Mapping[str, Callable[[HttpRequest, str], object]] = {
    "header": lambda request, name: request.headers.get(name),
    "cookie": lambda request, name: request.COOKIES.get(name),
    "attribute": _attribute,
}


def _asked(name: str, request: HttpRequest | None) -> HttpRequest:
    if request is None:
        raise DimensionError(
            f"The dimension {name!r} is told from a request, and here is none: in functions, "
            "pass what it depends on as an argument."
        )
    return request


def _user_of(name: str, request: HttpRequest | None) -> Any:
    found = getattr(_asked(name, request), "user", None)
    if found is None:
        raise DimensionError(
            f"The dimension {name!r} is told from request.user, which "
            "django.contrib.auth.middleware.AuthenticationMiddleware sets: put it before."
        )
    return found


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        dimension.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.dimensions")
