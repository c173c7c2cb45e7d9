"""Mistakes in ``PRAXIS["ratelimit"]``, as ``manage.py check`` reports them, with no connection."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - its name

from praxis.clients import trusted_proxies
from praxis.conf import Config, config, dotted_paths
from praxis.errors import PraxisError, SettingsError
from praxis.ratelimit.middleware import rule_of
from praxis.ratelimit.rates import limits_of
from praxis.ratelimit.requests import lists
from praxis.setup_checks import TAG, without_address

#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E030": "`PRAXIS['ratelimit']['redis']` names no server that has an address",
    "praxis.E031": "a rate, a key or an address in `PRAXIS['ratelimit']` means nothing",
    "praxis.W030": "`LoginLimitBackend` is not the first backend, so that others look at passwords",
    "praxis.W031": "refused logins end in a server error: `RateLimitMiddleware` is not there",
}
_BACKEND = "praxis.ratelimit.LoginLimitBackend"
_BACKENDS = {_BACKEND, "praxis.ratelimit.logins.LoginLimitBackend"}
_MIDDLEWARE = {
    "praxis.ratelimit.RateLimitMiddleware", "praxis.ratelimit.middleware.RateLimitMiddleware",
}  # fmt: skip


@register(TAG)
def check_ratelimit(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name what is wrong in ``PRAXIS["ratelimit"]``."""
    del app_configs
    try:
        whole = config()
    except SettingsError:
        return []  # told of elsewhere
    return [*_server(whole), *_slips(whole), *_logins()]


def _server(whole: Config) -> Iterator[CheckMessage]:
    uses = whole.ratelimit.paths or _BACKENDS.intersection(dotted_paths("AUTHENTICATION_BACKENDS"))
    yield from without_address(
        whole,
        whole.ratelimit.redis,
        what="PRAXIS['ratelimit'] counts in",
        check_id="praxis.E030",
        is_used=bool(uses),
    )


def _slips(whole: Config) -> Iterator[CheckMessage]:
    tries: list[tuple[str, Callable[[], object]]] = [("", trusted_proxies), ("", lists)]
    for pattern, wanted in whole.ratelimit.paths.items():
        where = f"PRAXIS['ratelimit']['paths'][{pattern!r}]: "
        tries.append((where, lambda p=pattern, w=wanted: rule_of(p, w)))  # type: ignore[misc]  # bound
    for name in ("address", "pair", "account"):
        rates = getattr(whole.ratelimit.login, name)
        where = f"PRAXIS['ratelimit']['login'][{name!r}]: "
        tries.append((where, lambda r=rates: limits_of(r)))  # type: ignore[misc]  # bound now
    for where, attempt in tries:
        try:
            attempt()
        except PraxisError as error:
            hint = "Correct the value in your settings."
            yield Error(f"{where}{error}", hint=hint, id="praxis.E031")


def _logins() -> Iterator[CheckMessage]:
    backends = dotted_paths("AUTHENTICATION_BACKENDS")
    if _BACKENDS.isdisjoint(backends):
        return
    if backends[0] not in _BACKENDS:
        yield Warning(
            f"{backends[0]} looks at passwords before {_BACKEND} counts.",
            hint=f"Put {_BACKEND!r} first into AUTHENTICATION_BACKENDS.",
            id="praxis.W030",
        )
    if _MIDDLEWARE.isdisjoint(dotted_paths("MIDDLEWARE")):
        yield Warning(
            "Who tries to log in too often gets a server error in the place of a 429.",
            hint="Put 'praxis.ratelimit.RateLimitMiddleware' into MIDDLEWARE.",
            id="praxis.W031",
        )
