# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags

RULE = "personal_page_shared"
HEAD = """\
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_page, never_cache
from django.views.decorators.vary import vary_on_cookie, vary_on_headers
from django.views.generic import TemplateView, View


"""

PERSONAL = {
    "user": "@cache_page(60)\ndef view(request):\n    return HttpResponse(request.user.name)\n",
    "session": (
        "@cache_page(60)\ndef view(request):\n    return HttpResponse(request.session['cart'])\n"
    ),
    "login inside": "@cache_page(60)\n@login_required\ndef view(request):\n    return HttpResponse()\n",
    "vary too far out": (
        "@vary_on_cookie\n@cache_page(60)\ndef view(request):\n"
        "    return HttpResponse(request.user.name)\n"
    ),
    "login outside, user inside": (
        "@login_required\n@cache_page(60)\ndef view(request):\n"
        "    return HttpResponse(request.user.name)\n"
    ),
    "mixin": (
        "@method_decorator(cache_page(60), name='dispatch')\nclass Page(LoginRequiredMixin, View):\n"
        "    pass\n"
    ),
    "login by a list": (
        "@method_decorator([cache_page(60), login_required], name='dispatch')\n"
        "class Page(View):\n    pass\n"
    ),
    "permission": (
        "@method_decorator(cache_page(60), name='dispatch')\nclass Page(View):\n"
        "    permission_classes = [IsAuthenticated]\n"
    ),
    "method": (
        "class Page(View):\n    @method_decorator(cache_page(60))\n    def get(self, request):\n"
        "        return HttpResponse(request.user.name)\n"
    ),
    "class": (
        "@method_decorator(cache_page(60), name='dispatch')\nclass Page(TemplateView):\n"
        "    def get_context_data(self, **kwargs):\n        return {'user': self.request.user}\n"
    ),
    "wrapped": (
        "def view(request):\n    return HttpResponse(request.user.name)\n\n\n"
        "page = cache_page(60)(view)\n"
    ),
    "wrapped login": (
        "def view(request):\n    return HttpResponse()\n\n\npage = cache_page(60)(login_required(view))\n"
    ),
    "wrapped class": (
        "class Page(LoginRequiredMixin, View):\n    pass\n\n\npage = cache_page(60)(Page.as_view())\n"
    ),
}


@pytest.mark.parametrize("code", PERSONAL.values(), ids=PERSONAL)
def test_finds_pages_of_one_visitor(code):
    flags(RULE, HEAD + code)


SHARED = {
    "nobody asks": "@cache_page(60)\ndef view(request):\n    return HttpResponse('x')\n",
    "vary": (
        "@cache_page(60)\n@vary_on_cookie\ndef view(request):\n"
        "    return HttpResponse(request.user.name)\n"
    ),
    "vary on headers": (
        "@cache_page(60)\n@vary_on_headers('Cookie')\ndef view(request):\n"
        "    return HttpResponse(request.user.name)\n"
    ),
    "login outside": "@login_required\n@cache_page(60)\ndef view(request):\n    return HttpResponse()\n",
    "login outside by a list": (
        "@method_decorator([login_required, cache_page(60)], name='dispatch')\n"
        "class Page(View):\n    pass\n"
    ),
    "guard before the method": (
        "class Page(LoginRequiredMixin, View):\n    @method_decorator(cache_page(60))\n"
        "    def get(self, request):\n        return HttpResponse()\n"
    ),
    "only when it writes": (
        "@method_decorator(cache_page(60), name='dispatch')\nclass Page(View):\n"
        "    def post(self, request):\n        return HttpResponse(request.user.name)\n"
    ),
    "only when it saves": (
        "@method_decorator(cache_page(60), name='dispatch')\nclass Page(View):\n"
        "    permission_classes = (CanContribute,)\n\n"
        "    def perform_create(self, form):\n        form.save(self.request.user)\n"
    ),
    "not cached": "@login_required\ndef view(request):\n    return HttpResponse(request.user.name)\n",
    "wrapped vary": (
        "def view(request):\n    return HttpResponse(request.user.name)\n\n\n"
        "page = cache_page(60)(vary_on_cookie(view))\n"
    ),
    "unknown view": "page = cache_page(60)(somewhere)\n",
}


@pytest.mark.parametrize("code", SHARED.values(), ids=SHARED)
def test_leaves_other_pages_alone(code):
    accepts(RULE, HEAD + code)


def test_looks_into_the_template_and_its_base():
    view = "@cache_page(60)\ndef view(request):\n    return render(request, 'shop/page.html')\n"
    page = '# file: shop/templates/shop/page.html\n{% extends "base.html" %}\n'
    base = "# file: templates/base.html\n{% if user.is_authenticated %}Hello{% endif %}\n"
    (finding,) = flags(RULE, HEAD + view + page + base)
    assert finding.steps[0].place.path == "templates/base.html"
    accepts(RULE, HEAD + view + page + "# file: templates/base.html\n<p>{{ user }}</p>\n")


def test_speaks_of_the_token_by_its_name():
    view = "@cache_page(60)\ndef view(request):\n    return render(request, 'page.html')\n"
    page = "# file: templates/page.html\n<form>{% csrf_token %}</form>\n"
    (finding,) = flags(RULE, HEAD + view + page)
    assert "CSRF" in finding.message


FRAGMENT = "{{% load cache %}}\n{{% cache 600 header{key} %}}{body}{{% endcache %}}\n"
HELLO = "{% if request.user.is_authenticated %}x{% endif %}"


@pytest.mark.parametrize("key", ["", " LANGUAGE_CODE", " object.pk"])
@pytest.mark.parametrize("body", [HELLO, "{{ request.session.cart }}", "{% csrf_token %}"])
def test_finds_fragments_of_one_visitor(key, body):
    flags(RULE, FRAGMENT.format(key=key, body=body), 2, path="templates/page.html")


@pytest.mark.parametrize(
    "page",
    [
        FRAGMENT.format(key=" request.user.pk", body=HELLO),
        FRAGMENT.format(key=" cache_key", body=HELLO),
        FRAGMENT.format(key="", body="{{ user.name }}"),
        FRAGMENT.format(key="", body="{# request.user #}"),
        "{% load cache %}{% cache 600 header %}x{% endcache %}" + HELLO,
        "{% load cache %}{% if user.is_anonymous %}{% cache 600 header %}"
        + HELLO
        + "{% endcache %}{% endif %}",
    ],
)
def test_leaves_other_fragments_alone(page):
    accepts(RULE, page, path="templates/page.html")


STORE = "from django.core.cache import cache\n\n\ndef view(request, slug):\n    {body}\n"


@pytest.mark.parametrize(
    "body",
    [
        "cache.set('cart', request.user.cart, 60)",
        "lines = list(request.user.lines.all())\n    cache.set('cart', lines)",
        "KEY = 'cart'\n    cache.add(KEY, {'x': request.session['x']})",
    ],
)
def test_finds_values_of_one_visitor(body):
    flags(RULE, STORE.format(body=body))


@pytest.mark.parametrize(
    "body",
    [
        "cache.set(f'cart:{request.user.pk}', request.user.cart, 60)",
        "key = make_key(slug)\n    cache.set(key, request.user.cart)",
        "cache.set(slug, request.user.cart)",
        "if request.user.is_staff:\n        cache.set('cart', slug)",
        "cache.set('anonymous-cart', request.user.cart)",
    ],
)
def test_leaves_other_values_alone(body):
    accepts(RULE, STORE.format(body=body))
