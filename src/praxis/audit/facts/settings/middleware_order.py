"""
The documented constraints on the order of middleware, as data, and which of them a list breaks.

A request passes the list from top to bottom and its response from bottom to top.
"""

from collections import Counter
from dataclasses import dataclass

_DJANGO = "https://docs.djangoproject.com/en/stable/ref/middleware/#middleware-ordering"
_I18N = (
    "https://docs.djangoproject.com/en/stable/topics/i18n/translation/"
    "#how-django-discovers-language-preference"
)
_REMOTE_USER = "https://docs.djangoproject.com/en/stable/howto/auth-remote-user/"
_LOGIN = (
    "https://docs.djangoproject.com/en/stable/ref/middleware/"
    "#django.contrib.auth.middleware.LoginRequiredMiddleware"
)
_BROKEN_LINKS = "https://docs.djangoproject.com/en/stable/howto/error-reporting/#errors"
_WHITENOISE = "https://whitenoise.readthedocs.io/en/stable/django.html"
_CORS = "https://github.com/adamchainz/django-cors-headers#setup"
_TOOLBAR = "https://django-debug-toolbar.readthedocs.io/en/stable/installation.html"
_SILK = "https://github.com/jazzband/django-silk#installation"
_OTP = "https://django-otp-official.readthedocs.io/en/stable/overview.html"
_OIDC = "https://mozilla-django-oidc.readthedocs.io/en/stable/installation.html"
_SESSION_SECURITY = "https://django-session-security.readthedocs.io/en/latest/quick.html"
_HOSTS = "https://django-hosts.readthedocs.io/en/latest/"
_TENANTS = "https://django-tenants.readthedocs.io/en/latest/install.html"
_PROMETHEUS = "https://github.com/django-commons/django-prometheus#quickstart"

SECURITY = "django.middleware.security.SecurityMiddleware"
UPDATE_CACHE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH_CACHE = "django.middleware.cache.FetchFromCacheMiddleware"
GZIP = "django.middleware.gzip.GZipMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
LOCALE = "django.middleware.locale.LocaleMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
BROKEN_LINKS = "django.middleware.common.BrokenLinkEmailsMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
REMOTE_USER = "django.contrib.auth.middleware.RemoteUserMiddleware"
REMOTE_USER_KEPT = "django.contrib.auth.middleware.PersistentRemoteUserMiddleware"
MESSAGES = "django.contrib.messages.middleware.MessageMiddleware"
FLATPAGES = "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware"
REDIRECTS = "django.contrib.redirects.middleware.RedirectFallbackMiddleware"
WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"
CORS = "corsheaders.middleware.CorsMiddleware"
TOOLBAR = "debug_toolbar.middleware.DebugToolbarMiddleware"
SILK = "silk.middleware.SilkyMiddleware"
OTP = "django_otp.middleware.OTPMiddleware"
OIDC = "mozilla_django_oidc.middleware.SessionRefresh"
SESSION_SECURITY = "session_security.middleware.SessionSecurityMiddleware"
HOSTS_REQUEST = "django_hosts.middleware.HostsRequestMiddleware"
HOSTS_RESPONSE = "django_hosts.middleware.HostsResponseMiddleware"
TENANTS = "django_tenants.middleware.main.TenantMainMiddleware"
PROMETHEUS_BEFORE = "django_prometheus.middleware.PrometheusBeforeMiddleware"
PROMETHEUS_AFTER = "django_prometheus.middleware.PrometheusAfterMiddleware"

#: A condition: some URL conf has addresses that differ from language to language.
TRANSLATED_URLS = "translated URLs"

#: Those that go as far up as their constraints allow.
TOPMOST = frozenset({SECURITY, WHITENOISE, HOSTS_REQUEST, TENANTS, PROMETHEUS_BEFORE})


@dataclass(frozen=True, slots=True)
class Constraint:
    """
    *subject* has to stand before (or after) each of *others*.

    Attributes:
        condition: A setting that has to be on for the constraint to hold, or `TRANSLATED_URLS`;
            empty for always.
    """

    subject: str
    before: bool
    others: tuple[str, ...]
    reason: str
    source: str
    condition: str = ""


CONSTRAINTS = (
    Constraint(
        SECURITY,
        True,
        (COMMON, CSRF, AUTH, MESSAGES),
        "a request that is sent on to HTTPS has passed them in vain, and CommonMiddleware "
        "redirects before it",
        _DJANGO,
    ),
    Constraint(
        UPDATE_CACHE,
        True,
        (SESSION, GZIP, LOCALE),
        "they add to the Vary header after the page is stored, so visitors share pages that are "
        "not theirs",
        _DJANGO,
    ),
    Constraint(
        FETCH_CACHE,
        False,
        (SESSION, GZIP, LOCALE),
        "what they vary the page by has to be known when it is looked up",
        _DJANGO,
    ),
    Constraint(
        CONDITIONAL,
        False,
        (GZIP,),
        "an ETag of compressed content differs each time, so no browser is ever told that nothing "
        "changed",
        _DJANGO,
    ),
    Constraint(
        GZIP,
        True,
        (COMMON,),
        "what stands above it meets compressed content instead of the page, and what it answers "
        "itself is not compressed",
        _DJANGO,
    ),
    Constraint(LOCALE, False, (SESSION,), "it reads the session", _I18N),
    Constraint(
        LOCALE,
        True,
        (COMMON,),
        "CommonMiddleware resolves the address, which needs the language",
        _I18N,
        TRANSLATED_URLS,
    ),
    Constraint(AUTH, False, (SESSION,), "it reads the user from the session", _DJANGO),
    Constraint(MESSAGES, False, (SESSION,), "it keeps messages in the session", _DJANGO),
    Constraint(
        COMMON,
        False,
        (SESSION,),
        "an error view that it triggers needs the CSRF token from the session",
        _DJANGO,
        "CSRF_USE_SESSIONS",
    ),
    Constraint(
        CSRF, False, (SESSION,), "it keeps its token in the session", _DJANGO, "CSRF_USE_SESSIONS"
    ),
    *(
        Constraint(name, False, (AUTH,), "it sets the user that comes from the session", source)
        for name, source in ((REMOTE_USER, _REMOTE_USER), (REMOTE_USER_KEPT, _REMOTE_USER))
    ),
    *(
        Constraint(
            name,
            False,
            (CSRF,),
            "a login changes the CSRF token, and CsrfViewMiddleware has to see the old one",
            _DJANGO,
        )
        for name in (REMOTE_USER, REMOTE_USER_KEPT)
    ),
    *(
        Constraint(name, False, (AUTH,), "it reads request.user", source)
        for name, source in (
            (LOGIN_REQUIRED, _LOGIN),
            (OTP, _OTP),
            (OIDC, _OIDC),
            (SESSION_SECURITY, _SESSION_SECURITY),
        )
    ),
    Constraint(
        BROKEN_LINKS,
        True,
        (LOCALE, FLATPAGES),
        "they replace the 404 that it should report",
        _BROKEN_LINKS,
    ),
    *(
        Constraint(
            name,
            False,
            (SESSION, LOCALE, COMMON),
            "it is the last resort for a 404, and the response it finds has to pass them",
            _DJANGO,
        )
        for name in (FLATPAGES, REDIRECTS)
    ),
    Constraint(
        WHITENOISE,
        False,
        (SECURITY,),
        "static files would be served without the redirect to HTTPS and without its headers",
        _WHITENOISE,
    ),
    Constraint(
        WHITENOISE,
        True,
        (SESSION, GZIP, LOCALE, COMMON, CSRF, AUTH, MESSAGES),
        "each static file passes them first, for nothing",
        _WHITENOISE,
    ),
    Constraint(
        CORS,
        True,
        (COMMON,),
        "responses that CommonMiddleware makes, redirects above all, carry no CORS headers",
        _CORS,
    ),
    Constraint(TOOLBAR, False, (GZIP,), "it cannot write into compressed content", _TOOLBAR),
    Constraint(SILK, False, (GZIP,), "it cannot read compressed content", _SILK),
    Constraint(
        HOSTS_REQUEST,
        True,
        (SESSION, LOCALE, COMMON, CSRF, AUTH),
        "it chooses the URLconf that they look addresses up in",
        _HOSTS,
    ),
    Constraint(
        HOSTS_RESPONSE,
        False,
        (SESSION, LOCALE, COMMON, CSRF, AUTH),
        "it chooses the URLconf that they look addresses up in on the way back",
        _HOSTS,
    ),
    Constraint(
        TENANTS,
        True,
        (SESSION, COMMON, AUTH),
        "it chooses the schema that they query",
        _TENANTS,
    ),
    Constraint(
        PROMETHEUS_BEFORE, True, (SESSION, COMMON, AUTH), "it measures them too", _PROMETHEUS
    ),
    Constraint(
        PROMETHEUS_AFTER,
        False,
        (SESSION, COMMON, AUTH),
        "it marks where they end and the view begins",
        _PROMETHEUS,
    ),
)


@dataclass(frozen=True, slots=True)
class Violation:
    """*subject* and *other* stand the wrong way round."""

    constraint: Constraint
    other: str

    @property
    def subject(self) -> str:
        return self.constraint.subject


def find_violations(names: list[str], conditions: frozenset[str]) -> list[Violation]:
    """What the order of *names* breaks; *conditions* are those that the site fulfils."""
    positions = {name: place for place, name in enumerate(names) if names.count(name) == 1}
    return [
        Violation(constraint, other)
        for constraint in CONSTRAINTS
        if constraint.subject in positions
        and (not constraint.condition or constraint.condition in conditions)
        for other in constraint.others
        if other in positions
        and (positions[constraint.subject] < positions[other]) is not constraint.before
    ]


def blame(violations: list[Violation]) -> list[tuple[str, list[Violation]]]:
    """
    The misplaced entries, each with the violations that moving it would end.

    One entry in the wrong place breaks many constraints: the one that explains most is blamed.
    That is the one which the documentation speaks of, unless another explains three or more.
    """
    remaining = list(violations)
    blamed: list[tuple[str, list[Violation]]] = []
    while remaining:
        counts = Counter(name for each in remaining for name in (each.subject, each.other))
        subjects = {each.subject for each in remaining}
        worst = max(
            counts,
            key=lambda name: counts[name] if name in subjects or counts[name] > 2 else 0,
        )
        own = [each for each in remaining if worst in (each.subject, each.other)]
        blamed.append((worst, own))
        remaining = [each for each in remaining if each not in own]
    return blamed


def reorder(names: list[str], conditions: frozenset[str]) -> list[str] | None:
    """*names* with the misplaced ones moved and the others as they were; None if that fails."""
    ordered = list(names)
    for _ in range(len(CONSTRAINTS)):
        violations = find_violations(ordered, conditions)
        if not violations:
            return ordered
        name = blame(violations)[0][0]
        moved = _move(ordered, name, conditions)
        if moved == ordered:
            break  # what it has to follow stands below what it has to precede
        ordered = moved
    return _sort(names, conditions)


def _sort(names: list[str], conditions: frozenset[str]) -> list[str] | None:
    """*names* by the constraints, those that stood first first; None if that cannot be."""
    waiting = list(names)
    ordered: list[str] = []
    while waiting:
        for name in waiting:
            rest = [other for other in waiting if other != name]
            if not any(
                name in (each.subject, each.other)
                for each in find_violations([name, *rest], conditions)
            ):
                break
        else:
            return None
        ordered.append(name)
        waiting.remove(name)
    return ordered


def _move(names: list[str], name: str, conditions: frozenset[str]) -> list[str]:
    rest = [other for other in names if other != name]
    earliest, latest = 0, len(rest)
    for constraint in CONSTRAINTS:
        if constraint.condition and constraint.condition not in conditions:
            continue
        for other in constraint.others:
            if name == constraint.subject and other in rest:
                must_precede, place = constraint.before, rest.index(other)
            elif name == other and constraint.subject in rest:
                must_precede, place = not constraint.before, rest.index(constraint.subject)
            else:
                continue
            if must_precede:
                latest = min(latest, place)
            else:
                earliest = max(earliest, place + 1)
    if earliest > latest:
        return names
    stood = names.index(name)
    goes_up = stood > latest
    place = earliest if name in TOPMOST or not goes_up else latest
    return [*rest[:place], name, *rest[place:]]
