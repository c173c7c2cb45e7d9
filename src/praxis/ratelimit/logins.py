"""
Guessing passwords made slow, without locking anybody out.

Three limits count each attempt: that of the address, that of the account from this address, and
that of the account from everywhere. The last one would let strangers keep the owner out, so
addresses from which somebody has logged in to the account lately are left out of it. An attempt is
counted before the password is looked at, so that many at once are as many as one after the other;
what succeeds is given back.

Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies", with addresses in the place
of cookies.
"""

import contextlib
import unicodedata
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.signals import user_logged_in
from django.core.signals import setting_changed
from django.http import HttpRequest

from praxis.conf import config
from praxis.ratelimit.limiter import Limiter, raised
from praxis.ratelimit.requests import by_address
from praxis.ratelimit.terms import DIGEST_BYTES, Key
from praxis.redis import FAILURES, link

#: What a form may call the account, besides the user model's own name for it.
_NAMES = ("username", "email", "login")
_TAKEN = "_praxis_login_taken"
_DAY_S = 86_400


class LoginLimitBackend(BaseBackend):
    """
    The first of ``AUTHENTICATION_BACKENDS``: knows nobody, and lets nobody guess for long.

    It counts what goes through ``django.contrib.auth.authenticate(request, …)``, as the forms of
    Django's auth and admin, allauth and the token view of Django REST framework do. Who tries too
    often gets `RateLimitedError`, of which `praxis.ratelimit.RateLimitMiddleware` makes a 429: the
    same one whether there is such an account or not, and before its password is looked at.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, **credentials: Any
    ) -> None:
        """
        Count an attempt; the other backends look at the password.

        Raises:
            RateLimitedError: if there were too many.
        """
        if request is None:
            return
        account = _account(username, credentials)
        if account is None:
            return
        taken: list[tuple[Limiter, Key]] = []
        for limiter, key in _wanted(account, by_address(request)):
            decision = limiter.hit(key)
            if not decision.is_allowed:
                for other, counted in taken:
                    other.give_back(counted)
                raised(decision)
            taken.append((limiter, key))
        request.__dict__.setdefault(_TAKEN, []).append((account, taken))


def _wanted(account: str, address: Key) -> list[tuple[Limiter, Key]]:
    by, pair, whole = _limiters()
    wanted = [(by, address), (pair, (account, address))]
    return wanted if _is_known(account, address) else [*wanted, (whole, account)]


@lru_cache(maxsize=1)
def _limiters() -> tuple[Limiter, Limiter, Limiter]:
    rates = config().ratelimit.login
    return (
        Limiter("login by address", rates.address),
        Limiter("login by account and address", rates.pair),
        Limiter("login by account", rates.account),
    )


def _account(username: str | None, credentials: dict[str, Any]) -> str | None:
    """What is tried, in the form in which spellings of one name are one."""
    names = (get_user_model().USERNAME_FIELD, *_NAMES)
    found = username or next((credentials[name] for name in names if credentials.get(name)), None)
    if found is None:
        return None
    return unicodedata.normalize("NFKC", str(found)).casefold().strip()


def _is_known(account: str, address: Key) -> bool:
    """Whether somebody has logged in to the account from there lately; no, if nobody can tell."""
    with contextlib.suppress(*FAILURES):
        found = link(config().ratelimit.redis).call("EXISTS", _known_key(account, address))
        return bool(found == 1)
    return False


def _known_key(account: str, address: Key) -> bytes:
    _, pair, _ = _limiters()
    return b"rk" + pair.state_key(("known", account, address))[-DIGEST_BYTES:]


def _succeeded(request: HttpRequest | None, **_: object) -> None:
    """Give back what was counted, and know the address."""
    for account, taken in getattr(request, _TAKEN, ()):
        for limiter, key in taken:
            limiter.give_back(key)
        with contextlib.suppress(*FAILURES):
            days = config().ratelimit.login.known_days
            key = _known_key(account, by_address(request))  # type: ignore[arg-type]  # it has taken
            link(config().ratelimit.redis).call("SET", key, "1", "EX", days * _DAY_S)
    if request is not None:
        request.__dict__.pop(_TAKEN, None)


user_logged_in.connect(_succeeded, dispatch_uid="praxis.ratelimit.logins")


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        _limiters.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.ratelimit.logins.settings")
