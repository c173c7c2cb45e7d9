"""``praxis.cache.CacheMiddleware``: the pages of a site, by their paths."""

from collections.abc import Awaitable, Callable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from praxis.announcements import ResultKind
from praxis.cache.results.kept import Terms
from praxis.cache.results.pages import Policy, answer
from praxis.cache.results.steps import arun, run
from praxis.cache.results.subjects import Subject
from praxis.conf import ViewCacheConfig, config
from praxis.middleware import EitherWayMiddleware

_NONE = Subject(ResultKind.PAGE, "")


class CacheMiddleware(EitherWayMiddleware):
    """
    Keeps the pages whose paths are in ``PRAXIS["cache"]["views"]``, as `cached_view` does.

    Put it last in ``MIDDLEWARE``: it has to see what the view answers, before others add the
    cookies and headers of one visitor, and after they set the language and ``request.user``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        wanted = config().cache.views
        if not wanted:
            raise MiddlewareNotUsed('PRAXIS["cache"]["views"] names no paths')
        super().__init__(get_response)
        self._policies = [
            (Subject(ResultKind.PAGE, pattern), _policy(one)) for pattern, one in wanted.items()
        ]

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer with the page that is kept, or with the view's."""
        subject, policy = self._policy(request.path_info)
        if policy is None:
            found: HttpResponseBase | Awaitable[HttpResponseBase] = self._get_response(request)
            return found
        steps = answer(policy, request, subject, partial(self._get_response, request))
        return arun(steps) if self._is_async else run(steps)

    def _policy(self, path: str) -> tuple[Subject, Policy | None]:
        """The first that fits, and what its pages are called."""
        for subject, policy in self._policies:
            if fnmatchcase(path, subject.name):
                return subject, policy
        return _NONE, None


def _policy(wanted: ViewCacheConfig) -> Policy | None:
    if not wanted.automatic:
        return None
    terms = Terms(ttl_s=wanted.ttl_s, stale_s=wanted.stale_s, using=wanted.using)
    headers = frozenset(name.lower() for name in wanted.headers)
    return Policy(terms, wanted.vary, wanted.ignore_params, headers)
