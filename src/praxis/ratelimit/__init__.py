"""
Limits on how often things happen, in all processes together.

    from praxis.ratelimit import rate_limit

    @rate_limit("100/m", key="user")
    def search(request): ...

`Limiter` decides for any other code and for tasks, `ConcurrencyLimit` how many run at the same
time, `RateLimitMiddleware` by path, `LoginLimitBackend` about logins, and
``praxis.ratelimit.drf.RateLimitThrottle`` for Django REST framework.
"""

from typing import TYPE_CHECKING, Any

from praxis.errors import RateError, RateLimitedError
from praxis.ratelimit.concurrency import ConcurrencyLimit, Slot
from praxis.ratelimit.decisions import By, Decision, State
from praxis.ratelimit.decorators import rate_limit
from praxis.ratelimit.limiter import Limiter
from praxis.ratelimit.middleware import RateLimitMiddleware
from praxis.ratelimit.rates import Limit, Rate, parse_rate
from praxis.ratelimit.requests import by_address, by_all, by_header, by_path, by_user

if TYPE_CHECKING:
    from praxis.ratelimit.logins import LoginLimitBackend

__all__ = [
    "By",
    "ConcurrencyLimit",
    "Decision",
    "Limit",
    "Limiter",
    "LoginLimitBackend",
    "Rate",
    "RateError",
    "RateLimitMiddleware",
    "RateLimitedError",
    "Slot",
    "State",
    "by_address",
    "by_all",
    "by_header",
    "by_path",
    "by_user",
    "parse_rate",
    "rate_limit",
]


def __getattr__(name: str) -> Any:
    if name == "LoginLimitBackend":  # it needs the models of django.contrib.auth
        from praxis.ratelimit.logins import LoginLimitBackend

        return LoginLimitBackend
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
