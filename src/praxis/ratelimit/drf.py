"""A throttle for Django REST framework. Nothing else imports this module."""

from typing import Any, ClassVar

from rest_framework.throttling import BaseThrottle

from praxis.ratelimit.limiter import Limiter
from praxis.ratelimit.requests import KeyOf, key_named
from praxis.ratelimit.serving import Rule


class RateLimitThrottle(BaseThrottle):  # type: ignore[misc]  # it ships no types
    """
    Make a class of it for each limit, and put it among ``throttle_classes``.

        class Burst(RateLimitThrottle):
            rates = "60/m"
            key = "user"

    Attributes:
        rates: As of `Limiter`.
        key: Whom is counted; see `rate_limit`.
        scope: The name of the limiter; that of the class unless said otherwise. Views that have
            the same throttle share its counts.
        options: Further arguments of `Limiter`.
    """

    rates: ClassVar[Any] = "100/m"
    key: ClassVar[str | KeyOf] = "user"
    scope: ClassVar[str] = ""
    options: ClassVar[dict[str, Any]] = {}
    _rule: ClassVar[Rule | None] = None

    def allow_request(self, request: Any, view: Any) -> bool:
        """Whether the view may answer; the framework asks."""
        del view
        decision = self._own_rule().decide(request._request)  # noqa: SLF001 - Django's, of which it is a wrapper
        self._wait_s = decision.retry_after_s if decision is not None else 0.0
        return decision is None or decision.is_allowed

    def wait(self) -> float | None:
        """Seconds until another try, for ``Retry-After``."""
        return self._wait_s or None

    @classmethod
    def _own_rule(cls) -> Rule:
        rule = cls.__dict__.get("_rule")
        if rule is None:
            key = cls.__dict__.get("key", cls.key)
            name = cls.scope or f"{cls.__module__}.{cls.__qualname__}"
            limiter = Limiter(name, cls.rates, **cls.options)
            rule = cls._rule = Rule(limiter, key_named(key), frozenset())
        return rule
