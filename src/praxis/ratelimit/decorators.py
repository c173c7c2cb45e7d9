"""``@rate_limit("100/m")``: a view that is answered so often and no more."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from praxis.ratelimit.decisions import Decision
from praxis.ratelimit.limiter import Limiter, OnError
from praxis.ratelimit.rates import Limit, Rate
from praxis.ratelimit.requests import KeyOf, key_named
from praxis.ratelimit.responses import refusal, tell
from praxis.ratelimit.serving import Rule, methods_of
from praxis.view_functions import is_async

View = Callable[..., Any]


def rate_limit(
    rates: str | Rate | Limit | Sequence[str | Rate | Limit] | Limiter,
    *,
    key: str | KeyOf = "address",
    methods: str | Sequence[str] = (),
    cost: int | Callable[[HttpRequest], int] = 1,
    name: str = "",
    algorithm: str = "window",
    burst: int = 0,
    on_error: OnError | None = None,
    dry_run: bool = False,
    block: bool = True,
) -> Callable[[View], View]:
    """
    Answer a view so often, and else with 429.

    For functions, ``View.as_view()`` and, by ``method_decorator``, methods; sync and async. Several
    of them on one view count one after the other, the outermost first. Views that are to share
    their counts get one `Limiter`, or limiters of one name.

    Args:
        rates: Such as ``"100/m"`` or ``"5/s, 1000/h"``; see `Limiter`, which may be given, too.
        key: Whom is counted: ``address``, ``user`` (and the address of who is not logged in),
            ``path``, ``all``, ``header:NAME``, a function of the request or its dotted path. For a
            request of which the function tells None nothing is counted.
        methods: Those that count, such as ``"POST"``; all of them unless said otherwise.
        cost: What a request costs, or a function of it that says so.
        name: Of the limiter; the view's dotted name unless said otherwise.
        algorithm: As of `Limiter`.
        burst: As of `Limiter`.
        on_error: As of `Limiter`.
        dry_run: As of `Limiter`.
        block: Whether refused requests are answered here. Else the view runs, and finds all
            decisions in ``request.rate_limits``.

    Raises:
        RateError: if the rates mean nothing.
        SettingsError: if the key means nothing.
        TypeError: if it is used without its arguments, or on a class.
    """
    if callable(rates):
        raise TypeError('write @rate_limit("100/m"): how often has to be said')
    of, counted = key_named(key), methods_of(methods)

    def decorate(view: View) -> View:
        if isinstance(view, type):
            raise TypeError(f"rate_limit is for views: decorate {view.__qualname__}.as_view()")
        limiter = rates
        if not isinstance(limiter, Limiter):
            limiter = Limiter(
                name or f"{view.__module__}.{view.__qualname__}", limiter,
                algorithm=algorithm, burst=burst, on_error=on_error, dry_run=dry_run,
            )  # fmt: skip
        rule = Rule(limiter, of, counted, cost)
        if is_async(view):
            return markcoroutinefunction(functools.wraps(view)(_aserving(rule, view, block)))
        return functools.wraps(view)(_serving(rule, view, block))

    return decorate


def _serving(rule: Rule, view: View, block: bool) -> View:
    def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        decision = rule.decide(request)
        if decision is None:
            return view(request, *args, **kwargs)
        if block and not decision.is_allowed:
            return refusal(request, decision)
        return _told(view(request, *args, **kwargs), decision)

    return serve


def _aserving(rule: Rule, view: View, block: bool) -> View:
    async def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        decision = await rule.adecide(request)
        if decision is None:
            return await view(request, *args, **kwargs)
        if block and not decision.is_allowed:
            return refusal(request, decision)
        return _told(await view(request, *args, **kwargs), decision)

    return serve


def _told(response: Any, decision: Decision) -> Any:
    if isinstance(response, HttpResponseBase):
        tell(response, decision)
    return response
