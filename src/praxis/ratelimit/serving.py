"""A request under one limiter: what decorator and middleware have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest

from praxis.ratelimit import live
from praxis.ratelimit.decisions import By, Decision
from praxis.ratelimit.limiter import Limiter
from praxis.ratelimit.requests import KeyOf, aby_user, by_user, is_listed

#: Where the decisions about a request are noted, for views and templates.
ATTRIBUTE = "rate_limits"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Which requests count, for whom, and how often.

    Attributes:
        limiter: How often.
        key: For whom; a request for which it answers None is not counted.
        methods: The methods that count, in capitals; none for all of them.
        cost: What a request costs, or a function of it.
    """

    limiter: Limiter
    key: KeyOf
    methods: frozenset[str]
    cost: Any = 1

    def decide(self, request: HttpRequest) -> Decision | None:
        """The decision about a request; None if it does not count."""
        counts, decision = self._unasked(request)
        if not counts:
            live.followed().keep_up()  # no limiter asks, for who is listed
            return decision
        key = self.key(request)
        if key is None:
            return None
        return _noted(request, self.limiter.hit(key, self._cost(request)))

    async def adecide(self, request: HttpRequest) -> Decision | None:
        """Do as `decide` does; the key's function may be a coroutine function."""
        counts, decision = self._unasked(request)
        if not counts:
            await live.followed().akeep_up()
            return decision
        of = aby_user if self.key is by_user else self.key
        key: Any = of(request)
        if iscoroutinefunction(of):
            key = await key
        if key is None:
            return None
        return _noted(request, await self.limiter.ahit(key, self._cost(request)))

    def _unasked(self, request: HttpRequest) -> tuple[bool, Decision | None]:
        """Whether to count, and the decision if there is one without."""
        if self.methods and request.method not in self.methods:
            return False, None
        is_let_in = is_listed(request)
        if is_let_in is None:
            return True, None
        return False, None if is_let_in else Decision(False, by=By.LIST, name=self.limiter.name)

    def _cost(self, request: HttpRequest) -> int:
        found: int = self.cost(request) if callable(self.cost) else self.cost
        return found


def methods_of(methods: str | Sequence[str]) -> frozenset[str]:
    """The methods that are meant, one or several, in whatever case."""
    if isinstance(methods, str):
        methods = methods.split(",")
    return frozenset(method.strip().upper() for method in methods if method.strip())


def _noted(request: HttpRequest, decision: Decision) -> Decision:
    request.__dict__.setdefault(ATTRIBUTE, []).append(decision)
    return decision
