"""What the settings of a production site have to be, and which are not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from praxis.audit.facts.settings.environments import Environment
from praxis.audit.facts.settings.proxies import Proxy
from praxis.audit.facts.settings.values import (
    Choice,
    Constant,
    FromEnvironment,
    Missing,
    Origin,
    Sequence,
    Spread,
    Value,
    alternatives_of,
    default_of,
    truth,
)
from praxis.audit.findings import Confidence

_SECURITY = "django.middleware.security.SecurityMiddleware"
_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
_CSRF = "django.middleware.csrf.CsrfViewMiddleware"
_POLICIES = frozenset({
    "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin",
    "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url",
})  # fmt: skip
_TLS = (
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
)  # fmt: skip
#: A first step that does no harm for long if the site turns out not to be ready.
_FIRST_HSTS_SECONDS = "3600"


@dataclass(frozen=True, slots=True)
class Mistake:
    """
    One setting that is wrong, or not set where it has to be.

    Attributes:
        origin: The assignment; None where there is none.
        text: The value that mends it; empty if that is not known.
        imports: A module that *text* needs.
    """

    setting: str
    origin: Origin | None
    message: str
    confidence: Confidence = Confidence.CERTAIN
    text: str = ""
    imports: str = ""


def find_mistakes(environment: Environment, proxy: Proxy) -> Iterator[Mistake]:
    """
    One mistake a setting, for a production environment.

    What is not set is only a mistake where the module is for production alone: a site that is
    handed out to be run by others gets its TLS from whoever runs it. So does one that lets the
    environment say whether cookies are secure, and takes it that they are not.
    """
    found = chain(
        _debug(environment),
        _secret_key(environment),
        _allowed_hosts(environment),
        _transport(environment, proxy),
        _cookies(environment),
        _referrer(environment),
    )
    leaves_tls = any(_is_off_by_default(environment.get(name)) for name in _TLS)
    yield from (
        mistake
        for mistake in found
        if not (leaves_tls and mistake.origin is None and mistake.setting in _TLS)
    )
    yield from _proxy_header(environment, proxy)


def _wrong(value: Value, is_wrong: Callable[[Value], bool]) -> Value | None:
    """The value that shows it, if the setting is wrong whichever of its values holds."""
    alternatives = alternatives_of(value)
    if not all(is_wrong(alternative) for alternative in alternatives):
        return None
    return next((each for each in alternatives if not isinstance(each, Missing)), value)


def _origin(setting: Value, shown: Value) -> Origin | None:
    if isinstance(shown, Missing):
        return None
    return shown.origin if isinstance(setting, Choice) else setting.origin or shown.origin


# Debug pages, the key, host names.


def _debug(environment: Environment) -> Iterator[Mistake]:
    value = environment.get("DEBUG")
    wrong = _wrong(value, lambda each: truth(default_of(each)) is True)
    if wrong is None:
        return
    origin = _origin(value, wrong)
    if not isinstance(wrong, FromEnvironment):
        message = (
            "DEBUG is on in production: error pages show source code and settings to anybody, and "
            "every query is kept in memory."
        )
        yield Mistake("DEBUG", origin, message, text="False")
        return
    default = default_of(wrong)
    reason = "the environment says otherwise"
    if isinstance(default, Constant) and isinstance(default.value, str):
        reason = "the variable is empty: it is a string, and every other string counts as true"
    yield Mistake("DEBUG", origin, f"DEBUG is on in production unless {reason}. Default to False.")


def _secret_key(environment: Environment) -> Iterator[Mistake]:
    def is_known(value: Value) -> bool:
        default = default_of(value)
        return isinstance(default, Constant) and bool(default.value)

    value = environment.get("SECRET_KEY")
    wrong = _wrong(value, is_known)
    if wrong is None:
        return
    name = wrong.name if isinstance(wrong, FromEnvironment) else "SECRET_KEY"
    what = (
        f"SECRET_KEY falls back to a key in the repository where {name or 'the variable'} is not "
        "set, without a word"
        if isinstance(wrong, FromEnvironment)
        else "SECRET_KEY stands in the repository"
    )
    yield Mistake(
        "SECRET_KEY",
        _origin(value, wrong),
        f"{what}: whoever reads it can sign sessions and password reset links. Read it from the "
        "environment, without a default.",
        text=f'os.environ["{name or "SECRET_KEY"}"]',
        imports="os",
    )


def _allowed_hosts(environment: Environment) -> Iterator[Mistake]:
    value = environment.get("ALLOWED_HOSTS")
    wrong = _wrong(value, _allows_all)
    if wrong is not None and not _checks_hosts_itself(environment):
        yield Mistake(
            "ALLOWED_HOSTS",
            _origin(value, wrong),
            "ALLOWED_HOSTS accepts every host name, and what a visitor sends as host ends up in "
            "links, in password reset mails too. List the site's own names.",
            Confidence.LIKELY,
        )
        return
    wrong = _wrong(value, _allows_none)
    if wrong is not None and truth(environment.effective("DEBUG")) is False:
        yield Mistake(
            "ALLOWED_HOSTS",
            _origin(value, wrong),
            "ALLOWED_HOSTS is empty: with DEBUG off every request is answered with 400. List the "
            "site's own names.",
        )


def _checks_hosts_itself(environment: Environment) -> bool:
    """A site of many domains looks them up in the database, in middleware of its own."""
    return any(
        not name.startswith("django.")
        and any(word in name.lower() for word in ("domain", "host", "tenant"))
        for name in environment.strings("MIDDLEWARE")
    )


def _allows_all(value: Value) -> bool:
    hosts = default_of(value)
    if isinstance(hosts, Sequence):
        return any(
            isinstance(default_of(host), Constant) and default_of(host) == Constant("*")
            for host in hosts.items
        )
    return hosts == Constant("*")


def _allows_none(value: Value) -> bool:
    return isinstance(value, Missing) or (isinstance(value, Sequence) and not value.items)


# Transport.


def _is_off_by_default(value: Value) -> bool:
    """Whether the environment may turn on what is off without it."""
    return any(
        isinstance(each, FromEnvironment) and truth(default_of(each)) is False
        for each in alternatives_of(value)
    )


def _is_off(value: Value) -> bool:
    return isinstance(value, Missing) or (isinstance(value, Constant) and truth(value) is False)


def _transport(environment: Environment, proxy: Proxy) -> Iterator[Mistake]:
    has_security = _has_middleware(environment, _SECURITY, ("secur", "ssl", "hsts", "https"))
    if has_security is False:
        middleware = environment.get("MIDDLEWARE")
        if middleware.origin is not None and not (proxy.redirects and proxy.sends_hsts):
            yield Mistake(
                "MIDDLEWARE",
                middleware.origin,
                "SecurityMiddleware is not in MIDDLEWARE, so no SECURE_… setting has any effect. "
                "Put django.middleware.security.SecurityMiddleware first.",
            )
        return
    if has_security is None:
        return
    behind_proxy = truth(environment.effective("SECURE_PROXY_SSL_HEADER")) is not False
    # a proxy whose configuration is not here may well redirect
    if not proxy.redirects and (proxy.tells_scheme or not behind_proxy):
        yield from _unless_on(
            environment,
            "SECURE_SSL_REDIRECT",
            "visitors who come over plain HTTP stay there, unless the web server in front "
            "redirects them",
            "True",
        )
    if not proxy.sends_hsts:
        yield from _unless_on(
            environment,
            "SECURE_HSTS_SECONDS",
            "browsers are not told to come over HTTPS the next time, so the first request can be "
            "read and changed on the way. Start small and raise it to a year",
            _FIRST_HSTS_SECONDS,
        )


def _unless_on(
    environment: Environment, name: str, consequence: str, text: str
) -> Iterator[Mistake]:
    value = environment.get(name)
    wrong = _wrong(value, _is_off)
    if wrong is None:
        return
    origin = _origin(value, wrong)
    state = f"{name} is not set" if origin is None else f"{name} is off"
    yield Mistake(
        name,
        origin,
        f"{state} in production: {consequence}.",
        Confidence.LIKELY if origin is None else Confidence.CERTAIN,
        text,
    )


def _proxy_header(environment: Environment, proxy: Proxy) -> Iterator[Mistake]:
    value = environment.get("SECURE_PROXY_SSL_HEADER")
    if isinstance(value, Missing) and proxy.tells_scheme:
        yield Mistake(
            "SECURE_PROXY_SSL_HEADER",
            None,
            f"SECURE_PROXY_SSL_HEADER is not set, but {proxy.path} ends TLS and passes the scheme "
            "on as X-Forwarded-Proto: Django takes every request for plain HTTP.",
            Confidence.LIKELY,
            '("HTTP_X_FORWARDED_PROTO", "https")',
        )
    match value:
        case Sequence(items=(Constant(value=str(header)), Constant())) if not header.startswith(
            "HTTP_"
        ):
            meta = "HTTP_" + header.upper().replace("-", "_")
            yield Mistake(
                "SECURE_PROXY_SSL_HEADER",
                value.origin,
                f"SECURE_PROXY_SSL_HEADER names {header!r}, which is no key of request.META: no "
                f"request counts as secure. Write {meta!r}.",
                text=f'("{meta}", "https")',
            )
        case _:
            pass


# Cookies and the referrer.


def _cookies(environment: Environment) -> Iterator[Mistake]:
    if _has_middleware(environment, _SESSIONS, ("session",)):
        yield from _unless_on(
            environment,
            "SESSION_COOKIE_SECURE",
            "the session cookie also travels over plain HTTP, where it can be read and used",
            "True",
        )
        value = environment.get("SESSION_COOKIE_HTTPONLY")
        if not isinstance(value, Missing) and (wrong := _wrong(value, _is_off)) is not None:
            yield Mistake(
                "SESSION_COOKIE_HTTPONLY",
                _origin(value, wrong),
                "SESSION_COOKIE_HTTPONLY is off: a script on the page can read the session cookie.",
                text="True",
            )
    in_session = truth(environment.effective("CSRF_USE_SESSIONS"))
    if _has_middleware(environment, _CSRF, ("csrf",)) and in_session is False:
        yield from _unless_on(
            environment,
            "CSRF_COOKIE_SECURE",
            "the CSRF cookie also travels over plain HTTP, where it can be read and replaced",
            "True",
        )


def _referrer(environment: Environment) -> Iterator[Mistake]:
    value = environment.get("SECURE_REFERRER_POLICY")
    wrong = _wrong(value, _leaks_referrer)
    if wrong is None:
        return
    yield Mistake(
        "SECURE_REFERRER_POLICY",
        _origin(value, wrong),
        "SECURE_REFERRER_POLICY is one that tells other sites the whole address of the page that a "
        'visitor came from, or none at all. Django\'s own is "same-origin".',
        text='"same-origin"',
    )


def _leaks_referrer(value: Value) -> bool:
    match value:
        case Constant(value=None | ""):
            return True
        case Constant(value=str(policies)):
            known = [part.strip() for part in policies.split(",") if part.strip() in _POLICIES]
            return not known or known[-1] == "unsafe-url"
        case _:
            return False


def _has_middleware(environment: Environment, wanted: str, alike: tuple[str, ...]) -> bool | None:
    """
    Whether MIDDLEWARE holds *wanted*; None where that is not sure.

    The project's own middleware with a word of *alike* in its name may do the same.
    """
    answers: set[bool | None] = set()
    for value in alternatives_of(environment.get("MIDDLEWARE")):
        answers.add(_holds(value, wanted, alike))
    return answers.pop() if len(answers) == 1 else None


def _holds(value: Value, wanted: str, alike: tuple[str, ...]) -> bool | None:
    if not isinstance(value, Sequence):
        return None
    if Constant(wanted) in value.items:
        return True
    for item in value.items:
        if isinstance(item, Spread) or not isinstance(item, Constant):
            return None
        name = str(item.value).lower()
        if not name.startswith("django.") and any(word in name for word in alike):
            return None
    return False
