"""Requests: which may be answered with a kept page, what tells one from another, who looks."""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.utils.functional import SimpleLazyObject

from praxis.cache.results.naming import content_of

#: What makes the answer to one request a part of a page, or none.
_CONDITIONS = (
    "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE", "HTTP_IF_RANGE",
)  # fmt: skip


def why_not(request: HttpRequest, dimensions: Collection[str]) -> str | None:
    """Why a request is not answered with a kept page, whatever the page; None if it may be."""
    if request.method not in {"GET", "HEAD"}:
        return f"its method is {request.method}"
    if "HTTP_RANGE" in request.META:
        return "it asks for a part"
    if "HTTP_AUTHORIZATION" in request.META and not _is_known(request, dimensions):
        return "it has an Authorization header, and does not vary on 'user'"
    return None


def _is_known(request: HttpRequest, dimensions: Collection[str]) -> bool:
    """Whether who sends the header is among what the page varies on."""
    if "user" not in dimensions and "permissions" not in dimensions:
        return False
    user: Any = getattr(request, "user", None)
    return user is not None and bool(user.is_authenticated)


def address(request: HttpRequest, ignored: Sequence[str]) -> tuple[object, ...]:
    """
    What tells the page of a request from others, for all visitors.

    Raises:
        DisallowedHost: if the host is none of the site's, as Django does.
    """
    urlconf = getattr(request, "urlconf", None)
    parameters = sorted(
        (name, tuple(values))
        for name, values in request.GET.lists()
        if not is_ignored(name, ignored)
    )
    place = getattr(urlconf, "__name__", None) or (urlconf and str(urlconf))
    rows = [(name, content_of(row)) for name, row in sorted(rows_left_on(request).items())]
    return (request.scheme, request.get_host(), request.path, parameters, place, rows)


#: Where Django's middleware leaves the user, of whom dimensions tell.
_USER = frozenset({"user", "_cached_user", "_acached_user"})


def rows_left_on(request: HttpRequest) -> dict[str, Model]:
    """
    The instances that middleware left on a request, by attribute: a tenant, a site.

    They were read before a page is looked up, so that what is in them belongs to its name.
    """
    found: dict[str, Model] = {}
    for name, value in vars(request).items():
        row: Any = value.__dict__.get("_wrapped") if type(value) is SimpleLazyObject else value
        if issubclass(type(row), Model) and name not in _USER:
            found[name] = row
    return found


def is_ignored(name: str, ignored: Sequence[str]) -> bool:
    """Whether a parameter of the query string does not count."""
    return any(fnmatchcase(name, pattern) for pattern in ignored)


@contextlib.contextmanager
def for_all(request: HttpRequest, ignored: Sequence[str]) -> Iterator[None]:
    """
    Show a view its request without what is no part of the page's name.

    A page that repeats a parameter which does not count, in its links perhaps, would show one
    visitor's to the others. Conditions are ours to look at: the view is to answer with all of it.
    """
    seen: Any = request
    meta, get = seen.META, seen.GET
    removed = {name: meta.pop(name) for name in _CONDITIONS if name in meta}
    query = meta.get("QUERY_STRING", "")
    headers = seen.__dict__.pop("headers", None)  # made of META once, and then kept
    hides = any(is_ignored(name, ignored) for name in get)
    if hides:
        left = QueryDict(mutable=True, encoding=get.encoding)
        for name, values in get.lists():
            if not is_ignored(name, ignored):
                left.setlist(name, values)
        meta["QUERY_STRING"] = left.urlencode()
        left._mutable = False  # noqa: SLF001 - as Django itself makes them
        seen.GET = left
    try:
        yield
    finally:
        meta.update(removed)
        seen.__dict__.pop("headers", None)
        if headers is not None:
            seen.headers = headers
        if hides:
            meta["QUERY_STRING"], seen.GET = query, get
