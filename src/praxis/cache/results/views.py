"""``@cached_view(ttl_s=60)``: a view whose pages are kept."""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest

from praxis.announcements import ResultBypass, ResultKind
from praxis.cache.results.declared import declare
from praxis.cache.results.kept import Terms
from praxis.cache.results.pages import Policy, answer
from praxis.cache.results.steps import arun, run, tell_not_kept
from praxis.cache.results.subjects import Subject
from praxis.view_functions import instance_of, is_async

View = Callable[..., Any]


def cached_view(
    ttl_s: float,
    *,
    vary: Sequence[str] = (),
    stale_s: float = 0.0,
    wait_s: float = 1.0,
    ignore_params: Sequence[str] = (),
    headers: Sequence[str] = (),
    using: str = "default",
) -> Callable[[View], View]:
    """
    Keep the pages of a view until something is written that they read.

    For functions, ``View.as_view()`` and, by ``method_decorator``, methods; sync and async. What
    a page reads after its view returned, in its template, counts as well: it is rendered at once.

    A page is kept if the answer to a GET is 200, 301 or 302, and is the same for all visitors: it
    sets no cookie, has no CSRF token, looked at no session, no cookie, no message and no
    ``request.user``, unless it varies on these. Host, scheme, path, parameters, language and time
    zone always tell pages apart, and the headers in the response's ``Vary`` do. Where ``DEBUG``
    is on, the header ``X-Praxis-Cache`` says what was done, and why.

    Args:
        ttl_s: Seconds that a page is kept at most; above 0.
        vary: Names of dimensions that the pages differ in.
        stale_s: Seconds for which others get the last page while one request makes a new one; the
            promise of freshness is off for so long.
        wait_s: Seconds that others wait for that request, before they make the page, too.
        ignore_params: Parameters that do not count, by name or as ``utm_*``; the view does not
            see them.
        headers: Further headers of the response that are the same for everybody.
        using: The alias of the database whose data the pages are made of; each further one
            costs a trip to Redis more.

    Raises:
        ValueError: if a number is out of range.
        TypeError: if it is used without its arguments, or on a class.
    """
    if callable(ttl_s):
        raise TypeError("write @cached_view(ttl_s=…): how long a page is kept has to be said")
    terms = Terms(ttl_s=ttl_s, stale_s=stale_s, wait_s=wait_s, using=using)
    small = frozenset(name.lower() for name in headers)
    policy = Policy(terms, tuple(vary), tuple(ignore_params), small)
    caller = sys._getframe(1)  # noqa: SLF001 - a decorator of a method sees no name of its own
    declare(f"@cached_view {caller.f_code.co_filename}:{caller.f_lineno}", policy.vary)

    def decorate(view: View) -> View:
        if isinstance(view, type):
            raise TypeError(f"cached_view is for views: decorate {view.__qualname__}.as_view()")
        subject = Subject(ResultKind.PAGE, f"{_module(view)}.{_name(view)}")

        if is_async(view):

            async def aserve(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                call = functools.partial(view, request, *args, **kwargs)
                if not _is_known(request, subject):
                    return await call()
                return await arun(
                    answer(policy, request, subject, call, _given(view, args, kwargs))
                )

            return _as(view, markcoroutinefunction(aserve))

        def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            call = functools.partial(view, request, *args, **kwargs)
            if not _is_known(request, subject):
                return call()
            return run(answer(policy, request, subject, call, _given(view, args, kwargs)))

        return _as(view, serve)

    return decorate


def _as(view: View, serve: View) -> View:
    return functools.wraps(view)(serve)


def _given(view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, object]:
    """What it has besides the request: from its address, other decorators, and ``setup()``."""
    positional = {f"argument {number}": value for number, value in enumerate(args, 1)}
    return positional | kwargs | getattr(instance_of(view), "__dict__", {})


def _module(view: View) -> str:
    return getattr(view, "__module__", type(view).__module__)


def _name(view: View) -> str:
    return getattr(view, "__qualname__", None) or type(view).__qualname__


def _is_known(request: object, subject: Subject) -> bool:
    """Whether it is Django's request: who wraps it has looked at the visitor already."""
    if isinstance(request, HttpRequest):
        return True
    if not hasattr(request, "META"):
        raise TypeError(
            "cached_view was called without a request first: decorate a method by "
            "@method_decorator(cached_view(…))."
        )
    kind = f"{type(request).__module__}.{type(request).__qualname__}"
    reason = f"its request is a {kind}: decorate as_view() or dispatch()"
    subject.tell(ResultBypass, reason)
    tell_not_kept(subject, reason)
    return False
