"""
Flag middleware that stands where its documentation says it does not work.

## Why

A request passes `MIDDLEWARE` from top to bottom, its response from bottom to top. What needs the
session has to stand below what loads it, what compresses has to stand above what writes into the
page. In the wrong order nothing fails at once: pages lack headers, are cached for the wrong
visitor, or are compressed before somebody looks into them.

## Bad

```python
# file: shop/settings.py
INSTALLED_APPS = ["django.contrib.sessions"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = [
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.security.SecurityMiddleware",
]
```

## Good

```python
# file: shop/settings.py
INSTALLED_APPS = ["django.contrib.sessions"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
]
```

## Fix

Unsafe: another order is another behaviour, that is its purpose. The misplaced entries are moved,
the others stay as they are, and comments go with their entries. A list that is put together from
several pieces is left alone where the entries stand in different ones.

## Misses

The project's own middleware, and what its docstrings ask for; django-cors-headers below
WhiteNoise, since WhiteNoise sends CORS headers by itself; lists that a function builds;
`LocaleMiddleware` below `CommonMiddleware` where no URL conf of the project has addresses that
depend on the language.

## When to ignore it

Where one of the two entries is configured to do nothing that the other could disturb, such as a
`CommonMiddleware` with `APPEND_SLASH` and `PREPEND_WWW` off.

## Source

https://docs.djangoproject.com/en/stable/ref/middleware/#middleware-ordering
"""

import ast
import re
from collections.abc import Iterator

from praxis.audit import Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.settings import Environment, settings_of
from praxis.audit.facts.settings.middleware_order import (
    TRANSLATED_URLS,
    Violation,
    blame,
    find_violations,
    reorder,
)
from praxis.audit.facts.settings.reordering import reorder_entries
from praxis.audit.facts.settings.values import (
    Constant,
    Origin,
    Sequence,
    alternatives_of,
    truth,
)
from praxis.audit.facts.sources import Role
from praxis.audit.facts.views.urls import URL_CONF

_TRANSLATED = re.compile(r"\bi18n_patterns\b|\bu?gettext")


@rule(code="MW101", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    told: set[Origin] = set()
    environments = project.derive(settings_of).environments
    for environment in sorted(environments, key=lambda known: not known.is_production):
        for middleware in alternatives_of(environment.written("MIDDLEWARE")):
            if isinstance(middleware, Sequence) and middleware.kind != "set":
                for origin, finding in _misplaced(environment, middleware):
                    if origin not in told:
                        told.add(origin)
                        yield finding


def _misplaced(environment: Environment, middleware: Sequence) -> Iterator[tuple[Origin, Finding]]:
    entries = [
        (item.value, item.origin)
        for item in middleware.items
        if isinstance(item, Constant) and isinstance(item.value, str) and item.origin is not None
    ]
    origins = dict(entries)
    conditions = _conditions(environment)
    violations = find_violations([name for name, _ in entries], conditions)
    for name, own in blame(violations):
        origin = origins[name]
        steps = tuple(
            Step(environment.place(origins[other]), f"{_short(other)} stands here")
            for other in _others(name, own)
        )
        yield (
            origin,
            Finding(
                environment.place(origin),
                _message(name, own),
                _fix(
                    environment,
                    origin,
                    [origins[other] for other in _others(name, own)],
                    conditions,
                ),
                (*environment.steps_to(origin), *steps),
            ),
        )


def _conditions(environment: Environment) -> frozenset[str]:
    """Which conditions of constraints the site fulfils."""
    found = {name for name in ("CSRF_USE_SESSIONS",) if truth(environment.effective(name)) is True}
    if environment.project.derive(_has_translated_urls):
        found.add(TRANSLATED_URLS)
    return frozenset(found)


def _has_translated_urls(project: Project) -> bool:
    return any(
        project.role(path) is not Role.TEST and _TRANSLATED.search(project.text(path)) is not None
        for path in project.facts(URL_CONF)
    )


def _others(name: str, violations: list[Violation]) -> list[str]:
    return list(
        dict.fromkeys(each.other if each.subject == name else each.subject for each in violations)
    )


def _message(name: str, violations: list[Violation]) -> str:
    """One sentence a reason: what it has to stand before or after, and why."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for each in violations:
        constraint = each.constraint
        where = "before" if constraint.before else "after"
        if each.subject == name:
            told.setdefault((_short(name), where, constraint.reason), []).append(_short(each.other))
        else:
            told.setdefault((_short(each.subject), where, constraint.reason), []).append(
                _short(name)
            )
    return " ".join(
        f"{subject} has to stand {where} {_listed(others)}: {reason}."
        for (subject, where, reason), others in told.items()
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _fix(
    environment: Environment, origin: Origin, others: list[Origin], conditions: frozenset[str]
) -> Fix | None:
    file = environment.project.file(origin.path)
    if file is None or any(other.path != origin.path for other in others):
        return None
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
            continue
        spans = [file.span(element) for element in node.elts]
        if not all((each.start, each.end) in spans for each in (origin, *others)):
            continue
        names = [
            element.value
            for element in node.elts
            if isinstance(element, ast.Constant) and isinstance(element.value, str)
        ]
        if len(names) != len(node.elts) or len(set(names)) != len(names):
            return None
        ordered = reorder(names, conditions)
        if ordered is None:
            return None
        edit = reorder_entries(file, node, [names.index(name) for name in ordered])
        return Fix((edit,), Safety.UNSAFE, "Put MIDDLEWARE in order") if edit else None
    return None
