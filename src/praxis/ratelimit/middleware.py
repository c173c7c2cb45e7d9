"""Limits by path, as ``PRAXIS["ratelimit"]["paths"]`` says."""

import re
from fnmatch import translate
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponseBase

from praxis.conf import PathLimitConfig, config
from praxis.errors import RateLimitedError
from praxis.middleware import EitherWayMiddleware
from praxis.ratelimit.decisions import By, Decision, State
from praxis.ratelimit.limiter import Limiter
from praxis.ratelimit.rates import Limit, Rate
from praxis.ratelimit.requests import key_named
from praxis.ratelimit.responses import refusal, tell
from praxis.ratelimit.serving import Rule, methods_of

#: What stands for a limit that is none of a rate: it is not told of.
_OF_OTHERS = Limit(Rate(1, 1.0))


class RateLimitMiddleware(EitherWayMiddleware):
    """
    Answers requests to some paths so often, and else with 429.

    Put it first in ``MIDDLEWARE`` but for what keeps the site secure: a refused request then costs
    next to nothing. It also answers 429 where a view raises `RateLimitedError`. Rules
    whose key is ``user`` need it behind ``AuthenticationMiddleware``.
    """

    def __call__(self, request: HttpRequest) -> Any:
        if self._is_async:
            return self._answer(request)
        decisions: list[Decision] = []
        for rule in rules_for(request.path_info):
            decision = rule.decide(request)
            if decision is not None:
                if not decision.is_allowed:
                    return _told(refusal(request, decision), decisions)
                decisions.append(decision)
        return _told(self._get_response(request), decisions)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Answer 429 where a view was refused by a limiter that it checked itself."""
        if not isinstance(exception, RateLimitedError):
            return None
        decision = exception.decision
        if not isinstance(decision, Decision):
            state = State(_OF_OTHERS, 0, exception.retry_after_s, exception.retry_after_s)
            decision = Decision(False, (state,), By.PROCESS, exception.name)
        return refusal(request, decision)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        decisions: list[Decision] = []
        for rule in rules_for(request.path_info):
            decision = await rule.adecide(request)
            if decision is not None:
                if not decision.is_allowed:
                    return _told(refusal(request, decision), decisions)
                decisions.append(decision)
        return _told(await self._get_response(request), decisions)


def rules_for(path: str) -> list[Rule]:
    """
    The rules whose patterns fit a path, in their order.

    Raises:
        RateError, SettingsError: if one of them means nothing.
    """
    return [rule for fits, rule in _rules() if fits.match(path)]


def rule_of(pattern: str, wanted: PathLimitConfig) -> Rule:
    """
    The rule that the settings mean.

    Raises:
        RateError, SettingsError: if it means nothing.
    """
    limiter = Limiter(
        f"path {pattern}", wanted.rates, algorithm=wanted.algorithm, burst=wanted.burst,
        on_error=wanted.on_error or None, dry_run=wanted.dry_run,  # type: ignore[arg-type]  # checked
    )  # fmt: skip
    return Rule(limiter, key_named(wanted.key), methods_of(wanted.methods))


@lru_cache(maxsize=1)
def _rules() -> list[tuple[re.Pattern[str], Rule]]:
    paths = config().ratelimit.paths.items()
    return [(re.compile(translate(pattern)), rule_of(pattern, one)) for pattern, one in paths]


def _told(response: HttpResponseBase, decisions: list[Decision]) -> HttpResponseBase:
    for decision in decisions:
        tell(response, decision)
    return response


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        _rules.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.ratelimit.middleware")
