"""
Flag addresses of the site that are spelled out, routes that have no name, and routes written as
regular expressions where a `path` says it.

## Why
The URL conf is the one place that knows the site's addresses, as long as everybody asks it by
name. An address that is spelled out breaks when the route moves, when the site is mounted under
a prefix, and when a number is shown with a thousands separator (`/order/1,204/`); nothing warns.
A route without a name cannot be asked for, so its address will be spelled out. A regular
expression hides what `path` says in a word, and hands the view strings where it wants numbers.
`django.conf.urls.url` is gone since Django 4.0: the import fails.

## Bad
```python
# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
# file: shop/urls.py
from django.urls import path

from shop import views

urlpatterns = [path("cart/", views.cart, name="cart"), path("pay/", views.pay, name="pay")]
# file: shop/views.py
from django.shortcuts import redirect


def pay(request):
    return redirect("/cart/")
```

```html
# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
# file: shop/urls.py
from django.urls import path

from shop import views

urlpatterns = [path("category/<slug:slug>/", views.category, name="category")]
# file: shop/templates/home.html
<a href="/category/{{ category.slug }}/">{{ category.name }}</a>
```

```python
# file: shop/urls.py
from django.urls import path, re_path

from shop import views

urlpatterns = [
    path("", views.home, name="home"),
    path("offers/", views.offers),
    re_path(r"^archive/(?P<year>[0-9]+)/$", views.archive, name="archive"),
]
```

```python
# file: shop/urls.py
from django.conf.urls import url

from shop import views

urlpatterns = [url(r"^$", views.home, name="home")]
```

## Good
```python
# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
# file: shop/urls.py
from django.urls import path, re_path

from shop import views

urlpatterns = [
    path("cart/", views.cart, name="cart"),
    path("category/<slug:slug>/", views.category, name="category"),
    re_path(r"^archive/(?P<year>[0-9]{4})/$", views.archive, name="archive"),
]
# file: shop/views.py
from django.shortcuts import redirect


def pay(request):
    return redirect("cart")
# file: shop/templates/home.html
<a href="{% url 'category' category.slug %}">{{ category.name }}</a>
```

## Fix
An address becomes its route's name: `redirect("cart")`, `{% url 'cart' %}`. Safe: the same
address comes out, and the right one where the site is mounted under a prefix. Unsafe where an
argument is only known when the page is made: a value that the route does not take now raises
`NoReverseMatch` where it used to make a dead link. A name for a route is made from its view's,
and `[0-9]+` becomes `<int:…>`, so the view gets a number: both unsafe. `url` becomes `re_path`,
which is the same thing under its present name; unsafe only because Django before 2.0 lacks it.

## Misses
Addresses in JavaScript and in strings that are put together piece by piece; sites whose URL conf
is chosen per request or host, or is made at run time (routers, `i18n_patterns`); projects with
several `ROOT_URLCONF`; `/`, which nothing ever moves.

## When to ignore it
Where an address is a promise to others, such as an old link that must go on working.

## Source
https://docs.djangoproject.com/en/stable/topics/http/urls/#reverse-resolution-of-urls,
https://docs.djangoproject.com/en/stable/releases/4.0/#features-removed-in-4-0
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, Severity, rule
from praxis.audit.rules.views.url_written_by_hand.addresses import find_addresses
from praxis.audit.rules.views.url_written_by_hand.routes import find_nameless, find_regexes


@rule(code="VIEW110", visits=Project, severity=Severity.NOTE)
def check(project: Project) -> Iterator[Finding]:
    yield from find_addresses(project)
    yield from find_nameless(project)
    yield from find_regexes(project)
