"""
Flag settings that leave the production site open: debug pages, a known key, plain HTTP.

The settings modules are evaluated without importing them: star imports, conditions, defaults
of environment variables. What cannot be known is not reported, and neither is what the project's
own nginx, Caddy or Traefik configuration takes care of.

## Why

Every one of these settings has a value that suits the first hour of a project, and none of them
makes itself heard later. `DEBUG` shows source code and settings to whoever causes an error. With a
`SECRET_KEY` from the repository anybody can sign sessions and password reset links. A host name
that is not checked ends up in those links. A cookie without `Secure` travels in plain text as soon
as a visitor types the address without `https`.

## Bad

```python
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")
# file: shop/wsgi.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.prod")
# file: shop/settings/base.py
import os
SECRET_KEY = os.environ.get("SECRET_KEY", "django-insecure-known-to-all")
DEBUG = True
INSTALLED_APPS = ["django.contrib.sessions"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
# file: shop/settings/prod.py
from .base import *
ALLOWED_HOSTS = ["*"]
```

## Good

```python
# file: shop/wsgi.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.prod")
# file: shop/settings/base.py
INSTALLED_APPS = ["django.contrib.sessions"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
# file: shop/settings/prod.py
import os
from .base import *
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31536000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
```

## Fix

Unsafe: a site that is still reached over plain HTTP stops working with secure cookies or a
redirect. The value is replaced in the production module, or set in a line at its end, so that no
other environment changes. `ALLOWED_HOSTS` is left to you: nobody else knows the names of the site.

## Misses

Projects in which one module serves development and production alike: what is wrong for the one
may be right for the other. Settings that are not set where another setting for HTTPS is off unless
the environment turns it on; settings that a file outside
the repository may replace, settings from functions of the project, classes of
django-configurations whose base stands in another module, a proxy that is configured elsewhere and
answers for TLS itself, hosts that middleware of the project's own checks.

## When to ignore it

A site that never leaves a trusted network without TLS; `SECURE_SSL_REDIRECT` and HSTS where a load
balancer outside the repository takes care of both.

## Source

https://docs.djangoproject.com/en/stable/howto/deployment/checklist/,
https://docs.djangoproject.com/en/stable/ref/checks/#security
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, Step, rule
from praxis.audit.facts.settings import Environment, settings_of
from praxis.audit.facts.settings.evaluation import Circle
from praxis.audit.facts.settings.proxies import proxy_of
from praxis.audit.facts.settings.requirements import Mistake, find_mistakes
from praxis.audit.facts.settings.rewriting import first_statement, set_value
from praxis.audit.facts.settings.values import Origin


@rule(code="SEC101", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    settings = project.derive(settings_of)
    told: set[tuple[str, Origin]] = set()
    for environment in settings.production:
        if not environment.is_dedicated:
            continue  # development may run with it too, or somebody's own settings build on it
        for mistake in find_mistakes(environment, project.derive(proxy_of)):
            origin = mistake.origin or _beginning(environment)
            if origin is not None and (mistake.setting, origin) not in told:
                told.add((mistake.setting, origin))
                yield _finding(environment, mistake, origin)
    for circle in settings.circles:
        yield _circle(project, circle)


def _beginning(environment: Environment) -> Origin | None:
    file = environment.project.file(environment.module_path)
    return first_statement(file) if file is not None else None


def _finding(environment: Environment, mistake: Mistake, origin: Origin) -> Finding:
    fix = None
    if mistake.text:
        fix = set_value(environment, mistake.setting, mistake.text, mistake.origin, mistake.imports)
    return Finding(
        environment.place(origin),
        mistake.message,
        fix,
        environment.steps_to(origin),
        mistake.confidence,
    )


def _circle(project: Project, circle: Circle) -> Finding:
    origin = circle.origin
    place = project.place(origin.path, origin.start, origin.end)
    names = " → ".join(circle.paths)
    return Finding(
        place,
        f"These settings import each other in a circle ({names}): which values hold depends on "
        "which module is loaded first. Let both import a third one.",
        steps=(Step(place, "closes the circle"),),
    )
