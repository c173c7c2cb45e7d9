"""
Flag pages and values that are made for one visitor, and cached for all of them.

## Why

`cache_page` around a view stores its answer before the session's middleware adds `Vary: Cookie`:
that happens further out, on the way back. So the first visitor's page, name and all, is what
everybody gets until it expires; if the view asks for a login, those get it who are not logged in.
The same goes for a `{% cache %}` block that shows the visitor and is not keyed by him, and for
`cache.set` under a key that all share.

## Bad

```python
from django.shortcuts import render
from django.views.decorators.cache import cache_page


@cache_page(60)
def account(request):
    return render(request, "account.html", {"orders": request.user.orders.all()})
```

```python
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.cache import cache_page


@cache_page(60)
@login_required
def internal(request):
    return render(request, "internal.html")
```

```python
from django.core.cache import cache


def cart(request):
    lines = cache.get("cart")
    if lines is None:
        lines = list(request.user.lines.all())
        cache.set("cart", lines, 60)
    return lines
```

```html
{% load cache %}
{% cache 600 header %}
<p>{% if request.user.is_authenticated %}Hello, {{ request.user.username }}{% endif %}</p>
{% endcache %}
```

## Good

```python
from django.shortcuts import render
from django.views.decorators.cache import cache_page
from django.views.decorators.vary import vary_on_cookie


@cache_page(60)
@vary_on_cookie
def account(request):
    return render(request, "account.html", {"orders": request.user.orders.all()})
```

```python
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.cache import cache_page


@login_required
@cache_page(60)
def internal(request):
    return render(request, "internal.html")
```

```python
from django.core.cache import cache


def cart(request):
    key = f"cart:{request.user.pk}"
    lines = cache.get(key)
    if lines is None:
        lines = list(request.user.lines.all())
        cache.set(key, lines, 60)
    return lines
```

```html
{% load cache %}
{% cache 600 header request.user.pk %}
<p>{% if request.user.is_authenticated %}Hello, {{ request.user.username }}{% endif %}</p>
{% endcache %}
```

## Fix

No fix is made: whether the page shall be kept for each visitor (`vary_on_cookie` below
`cache_page`, the login above it) or not at all is for you to say. `vary_on_cookie` above
`cache_page` comes too late, like the middleware.

## Misses

What functions, tags and context processors show that the view calls; Jinja; templates of several
places by one name; a bare `{{ user }}`, which may be somebody whom the page is about.
`CacheMiddleware` in `MIDDLEWARE` is no mistake: in its place it sees the header.

## When to ignore it

Where the visitor is asked for something that does not change the answer, such as a log line.

## Source

https://docs.djangoproject.com/en/stable/topics/cache/#using-vary-headers,
https://docs.djangoproject.com/en/stable/ref/csrf/#caching
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Severity, Step, rule
from praxis.audit.facts.caching.cached_pages import CACHED_PAGES
from praxis.audit.facts.caching.cached_views import find_leak
from praxis.audit.facts.caching.personal_templates import PERSONAL_TEMPLATES
from praxis.audit.facts.caching.personal_values import PERSONAL_VALUES

GUARDED = (
    "The page is behind {guard}, but the cache in front of it gives it to everybody once it is "
    "stored. Let access be checked first: put cache_page() inside, or on the method that answers."
)
SHOWN = (
    "The cached page holds {read} of whoever asked first: it is stored before the middleware adds "
    "Vary: Cookie. Put vary_on_cookie below cache_page()."
)
CSRF = (
    "The cached page holds the CSRF token of whoever asked first, and others' forms are refused: "
    "it is stored before the middleware adds Vary: Cookie. Put csrf_protect below cache_page()."
)
FRAGMENT = (
    "The fragment {name!r} is stored once for all visitors and holds {read} of the first. Add "
    "request.user.pk to its key, or leave that part out."
)
VALUE = (
    "What is made of {read} is stored under {key}, which all visitors share. Put the visitor's key "
    "into it."
)


@rule(code="CACHE105", visits=Project, severity=Severity.ERROR)
def check(project: Project) -> Iterator[Finding]:
    yield from _pages(project)
    yield from _fragments(project)
    yield from _values(project)


def _pages(project: Project) -> Iterator[Finding]:
    for path, fact in project.facts(CACHED_PAGES).items():
        for page in fact.pages:
            leak = find_leak(project, path, page)
            if leak is None:
                continue
            message = GUARDED.format(guard=leak.guard)
            note = "keeps others out of the view, not out of the cache"
            if leak.read:
                message, note = SHOWN.format(read=leak.read), "is of the visitor"
                if leak.read == "csrf_token":
                    message = CSRF
            yield Finding(
                project.place(path, page.start, page.end),
                message,
                steps=(Step(leak.place, note),),
                confidence=Confidence.CERTAIN if leak.guard else Confidence.LIKELY,
            )


def _fragments(project: Project) -> Iterator[Finding]:
    for path, fact in project.facts(PERSONAL_TEMPLATES).items():
        for found in fact.fragments:
            read = project.place(path, found.read_start, found.read_end)
            yield Finding(
                project.place(path, found.start, found.end),
                FRAGMENT.format(name=found.name, read=found.read),
                steps=(Step(read, "is of the visitor"),),
            )


def _values(project: Project) -> Iterator[Finding]:
    for path, fact in project.facts(PERSONAL_VALUES).items():
        for found in fact.values:
            read = project.place(path, found.read_start, found.read_end)
            yield Finding(
                project.place(path, found.start, found.end),
                VALUE.format(read=found.read, key=found.key),
                steps=(Step(read, "is of the visitor"),),
                confidence=Confidence.LIKELY,
            )
