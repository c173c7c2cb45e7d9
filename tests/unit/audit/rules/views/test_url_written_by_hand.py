import pytest

from tests.audit_cases import accepts, flags, found, rewrites

RULE = "url_written_by_hand"

SITE = """\
# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
# file: shop/urls.py
from django.contrib import admin
from django.urls import include, path, re_path

from shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("cart/", include("cart.urls")),
    path("search/", views.search, name="search"),
    path("category/<slug:slug>/", views.category, name="category"),
    path("order/<int:pk>/lines/<int:line>/", views.line, name="line"),
    path("either/<int:pk>/", views.one, name="either-number"),
    path("either/<slug:slug>/", views.other, name="either-word"),
    path("twice/", views.twice, name="twice"),
    path("twice/<int:page>/", views.twice, name="twice"),
    re_path(r"^code/(?P<code>[A-Z]{3})/$", views.code, name="code"),
    path("odd/<odd:x>/", views.odd, name="odd"),
    path("odd/known/", views.known, name="known"),
    path("static/<path:path>", serve, name="static"),
]
# file: cart/urls.py
from django.urls import path

from cart import views

app_name = "cart"
urlpatterns = [path("", views.detail, name="detail"), path("add/<int:pk>/", views.add, name="add")]
"""


def in_view(expression, imports="from django.shortcuts import redirect"):
    return (
        f"{SITE}# file: cart/views.py\n{imports}\n\n\ndef view(request):\n    return {expression}\n"
    )


def in_template(html, path="cart/templates/cart.html"):
    return f"{SITE}# file: {path}\n{html}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('redirect("/cart/")', 'redirect("cart:detail")'),
        ("redirect('/search/', permanent=True)", 'redirect("search", permanent=True)'),
        ('redirect("/category/shoes/")', 'redirect("category", slug="shoes")'),
        ('redirect("/cart/add/7/")', 'redirect("cart:add", pk="7")'),
        ('redirect(f"/cart/add/{item.pk}/")', 'redirect("cart:add", pk=item.pk)'),
        (
            'redirect(f"/order/{a}/lines/{b.pk}/")',
            'redirect("line", pk=a, line=b.pk)',
        ),
    ],
)
def test_redirects_by_name(before, after):
    rewrites(RULE, in_view(before), in_view(after))


def test_uses_what_the_file_has_imported_for_a_response_class():
    both = "from django.http import HttpResponseRedirect\nfrom django.shortcuts import redirect"
    reverse = "from django.http import HttpResponseRedirect\nfrom django.urls import reverse"
    rewrites(
        RULE,
        in_view('HttpResponseRedirect("/cart/")', both),
        in_view('redirect("cart:detail")', both),
    )
    rewrites(
        RULE,
        in_view('HttpResponseRedirect("/cart/add/3/")', reverse),
        in_view('HttpResponseRedirect(reverse("cart:add", kwargs={"pk": "3"}))', reverse),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="/cart/">x</a>', "<a href=\"{% url 'cart:detail' %}\">x</a>"),
        ("<a class='b' href='/cart/'>x</a>", "<a class='b' href='{% url \"cart:detail\" %}'>x</a>"),
        (
            '<form method="post"\n  action="/cart/add/{{ line.pk }}/">',
            '<form method="post"\n  action="{% url \'cart:add\' pk=line.pk %}">',
        ),
        ('<a href="/search/?q=a#b">', "<a href=\"{% url 'search' %}?q=a#b\">"),
        ('<a href="/category/shoes/">', "<a href=\"{% url 'category' slug='shoes' %}\">"),
        (
            '<p>é > {{ a }}</p>\r\n<i hx-get="/cart/">',
            "<p>é > {{ a }}</p>\r\n<i hx-get=\"{% url 'cart:detail' %}\">",
        ),
        (
            '<a {% if a %}class="b"{% endif %} href="/cart/">',
            '<a {% if a %}class="b"{% endif %} href="{% url \'cart:detail\' %}">',
        ),
    ],
)
def test_links_by_name(before, after):
    rewrites(RULE, in_template(before), in_template(after))


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/">',
        '<a href="//cdn.example/cart/">',
        '<a href="https://shop.example/cart/">',
        '<a href="/unknown/">',
        '<a href="/cart">',
        '<a href="/admin/">',
        '<a href="/static/shop.css">',
        '<a href="/either/{{ x }}/">',  # two routes take it
        '<a href="/twice/">',  # two routes have this name
        '<a href="/code/ABC/">',
        '<a href="/odd/known/">',  # a converter of the project's own may take it first
        '<a href="/{{ a }}/">',
        '<a href="/category/{{ a }}-{{ b }}/">',
        '<a href="/category/sale-{{ a }}/">',
        '<a href="/cart/{% if a %}add/1/{% endif %}">',
        "<a href=\"{% url 'cart:detail' %}\">",
        '<!-- <a href="/cart/"> -->',
        '{# <a href="/cart/"> #}',
        '{% comment %}<a href="/cart/">{% endcomment %}',
        "<script>var a = '<a href=\"/cart/\">';</script>",
        'the attribute href="/cart/" as text',
    ],
)
def test_leaves_addresses_of_unknown_meaning_alone(html):
    accepts(RULE, in_template(html))


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/category/{{ name|slugify }}/">',
        '{% blocktranslate %}<a href="/cart/">x</a>{% endblocktranslate %}',
        '{% macro a() %}{% endmacro %}<a href="/cart/">',
    ],
)
def test_finds_without_a_fix_where_none_is_clean(html):
    (finding,) = flags(RULE, in_template(html))
    assert finding.fix is None


def test_leaves_jinja_files_without_a_fix():
    (finding,) = flags(RULE, in_template('<a href="/cart/">', "cart/jinja2/cart.html"))
    assert finding.fix is None


@pytest.mark.parametrize(
    "expression",
    [
        'redirect("https://example.com/cart/")',
        'redirect("cart:detail")',
        'redirect("/unknown/")',
        'redirect("/either/" + slug)',
        'redirect(f"/category/{a:>3}/")',
        'redirect(f"/search/?q={a}")',
        "redirect(order)",
    ],
)
def test_leaves_other_redirects_alone(expression):
    accepts(RULE, in_view(expression).replace("/search/?q", "/unknown/?q"))


@pytest.mark.parametrize(
    "more",
    [
        "# file: shop/local_settings.py\nROOT_URLCONF = 'cart.urls'\n",
        "# file: shop/middleware.py\ndef f(request):\n    request.urlconf = 'x'\n",
        "# file: shop/prod_settings.py\nROOT_URLCONF = 'elsewhere.urls'\n",
    ],
)
def test_says_nothing_of_addresses_where_the_site_is_not_one(more):
    accepts(RULE, in_view('redirect("/cart/")') + more)


@pytest.mark.parametrize(
    "patterns",
    [
        'i18n_patterns(path("cart/", views.cart, name="cart"))',
        '[*more(), path("cart/", views.cart, name="cart")]',
        'more() + [path("cart/", views.cart, name="cart")]',
        '[path("", include(router.urls)), path("cart/", views.cart, name="cart")]',
        '[path("", include("blog.urls")), path("cart/", views.cart, name="cart")]',
    ],
)
def test_says_nothing_of_addresses_that_something_unknown_may_take(patterns):
    accepts(
        RULE,
        "# file: shop/settings.py\nROOT_URLCONF = 'shop.urls'\n# file: shop/urls.py\n"
        "from django.urls import include, path\nfrom shop import views\n"
        f'urlpatterns = {patterns}\n# file: shop/templates/a.html\n<a href="/cart/">\n',
    )


# Routes without a name.


def conf(*routes, imports="from django.urls import path, re_path"):
    listed = "".join(f"    {route},\n" for route in routes)
    return (
        f"# file: shop/urls.py\n{imports}\n\nfrom shop import views\n\nurlpatterns = [\n{listed}]\n"
    )


HOME = 'path("", views.home, name="home")'
ABOUT = 'path("about/", views.about, name="about")'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('path("new/", views.new)', 'path("new/", views.new, name="new")'),
        (
            'path("new/", views.NewItems.as_view())',
            'path("new/", views.NewItems.as_view(), name="new-items")',
        ),
        (
            'path("new/", login_required(views.NewView.as_view()))',
            'path("new/", login_required(views.NewView.as_view()), name="new")',
        ),
        (
            'path(\n        "new/",\n        views.new,  # soon\n    )',
            'path(\n        "new/",\n        views.new,  # soon\n        name="new",\n    )',
        ),
    ],
)
def test_names_a_route_after_its_view(before, after):
    rewrites(RULE, conf(HOME, ABOUT, before), conf(HOME, ABOUT, after))


@pytest.mark.parametrize(
    "route",
    [
        'path("new/", include("new.urls"))',
        'path("new/", views.new, name=NAME)',
        'path("new/", views.new, **options)',
        'path("hooks/", views.stripe_webhook)',
        'path("new/", RedirectView.as_view(url="/"))',
        'path("media/<path:path>", serve)',
        'path("new/", lambda request: None)',
        'path("new/", make_view())',
        r're_path(r"^(?P<name>[\w-]+\.\w{2,4})$", views.base_file)',
    ],
)
def test_leaves_routes_that_nobody_links_to_alone(route):
    imports = "from django.urls import include, path, re_path"
    accepts(RULE, conf(HOME, ABOUT, route, imports=imports))


def test_a_profile_is_no_file():
    flags(RULE, conf(HOME, ABOUT, 'path("me/", views.profile)'))


def test_tells_a_route_once_however_often_its_list_is_added_to_itself():
    again = "if DEBUG:\n    urlpatterns = [path('debug/', views.debug, name='d')] + urlpatterns\n"
    flags(
        RULE, conf(HOME, ABOUT, 'path("new/", views.new)') + again + "urlpatterns += urlpatterns\n"
    )


def test_speaks_at_the_first_regular_expression_of_a_file_wherever_it_is_put():
    first = 're_path(r"^a/$", views.a, name="a")'
    again = "if DEBUG:\n    urlpatterns = [re_path(r'^d/$', views.d, name='d')] + urlpatterns\n"
    (finding,) = flags(RULE, conf(first) + again)
    assert finding.place.line == 6
    assert finding.message.startswith("2 regular")


def test_leaves_files_whose_habit_is_no_names_alone():
    accepts(RULE, conf('path("a/", views.a)', 'path("b/", views.b)', HOME))


def test_leaves_conditional_routes_and_tests_alone():
    debug = conf(HOME, ABOUT) + "if DEBUG:\n    urlpatterns += [path('new/', views.new)]\n"
    accepts(RULE, debug)
    accepts(RULE, conf(HOME, ABOUT, 'path("a/", views.a)').replace("shop/urls", "tests/urls"))


# Regular expressions.


@pytest.mark.parametrize(
    ("regex", "path"),
    [
        ('r"^new/$"', '"new/"'),
        ("r'^$'", '""'),
        (r'r"^robots\.txt$"', '"robots.txt"'),
        ('r"^a/(?P<year>[0-9]+)/$"', '"a/<int:year>/"'),
        (r'r"^a/(?P<year>\d+)/$"', '"a/<int:year>/"'),
        (r'r"^a/(?P<slug>[-\w]+)/$"', '"a/<slug:slug>/"'),
        ('r"^a/(?P<slug>[-a-zA-Z0-9_]+)/$"', '"a/<slug:slug>/"'),
        ('r"^a/(?P<name>[^/]+)/b$"', '"a/<name>/b"'),
        ('r"^a/(?P<rest>.+)$"', '"a/<path:rest>"'),
        (r'r"^a/(?P<y>\d+)/(?P<slug>[\w-]+)/$"', '"a/<int:y>/<slug:slug>/"'),
    ],
)
def test_says_path_where_it_says_the_same(regex, path):
    before = conf(HOME, f're_path({regex}, views.x, name="x")')
    after = conf(HOME, f'path({path}, views.x, name="x")', imports="from django.urls import path")
    rewrites(RULE, before, after)


@pytest.mark.parametrize(
    "regex",
    [
        'r"new/$"',
        'r"^new/"',
        r'r"^a/(\d+)/$"',
        'r"^a/(?P<year>[0-9]{4})/$"',
        'r"^a/(?P<code>[A-Z]+)/$"',
        'r"^a/(?P<a>b|c)/$"',
        'r"^a/?$"',
        'r"^a.b$"',
        r'r"^a/\w+/$"',
        'r"^(?:a|b)/$"',
        'r"^(?i)a/$"',
        r'r"^a\$"',
        "PATTERN",
        'rf"^{prefix}/$"',
    ],
)
def test_leaves_regular_expressions_that_say_more_alone(regex):
    accepts(RULE, conf(HOME, f're_path({regex}, views.x, name="x")'))


def test_converts_an_include_without_an_end_and_imports_path():
    source = (
        "# file: shop/urls.py\nfrom django.urls import include, {}\n\n"
        "urlpatterns = [{}, include('blog.urls'))]\n"
    )
    rewrites(
        RULE,
        source.format("re_path", 're_path(r"^blog/"'),
        source.format("path", 'path("blog/"'),
    )


def test_converts_a_whole_file_at_once_and_keeps_the_import_that_is_still_used():
    routes = [
        're_path(r"^a/$", views.a, name="a")',
        're_path(route=r"^b/$", view=views.b, name="b")',
    ]
    kept = 're_path(r"^c/[0-9]{4}/$", views.c, name="c")'
    (finding,) = flags(RULE, conf(*routes, kept))
    assert finding.message.startswith("2 regular")
    rewrites(
        RULE,
        conf(*routes, kept, imports="from django.urls import include, re_path"),
        conf(
            'path("a/", views.a, name="a")',
            'path(route="b/", view=views.b, name="b")',
            kept,
            imports="from django.urls import include, path, re_path",
        ),
    )


@pytest.mark.parametrize(
    ("imports", "after"),
    [
        ("re_path as url", "path"),
        ("include, re_path as url", "include, path"),
        ("path, re_path as url", "path"),
    ],
)
def test_takes_the_import_of_another_name_with_it(imports, after):
    rewrites(
        RULE,
        conf('url(r"^a/$", views.a, name="a")', imports=f"from django.urls import {imports}"),
        conf('path("a/", views.a, name="a")', imports=f"from django.urls import {after}"),
    )


def test_keeps_the_import_of_another_name_that_is_still_used():
    kept = 'url(r"^c/[0-9]{4}/$", views.c, name="c")'
    rewrites(
        RULE,
        conf(
            'url(r"^a/$", views.a, name="a")',
            kept,
            imports="from django.urls import re_path as url",
        ),
        conf(
            'path("a/", views.a, name="a")',
            kept,
            imports="from django.urls import path, re_path as url",
        ),
    )


def test_calls_an_exact_conversion_safe_and_a_change_of_type_unsafe():
    (exact,) = found(RULE, conf(HOME, 're_path(r"^a/$", views.x, name="x")'))
    (changed,) = found(RULE, conf(HOME, r're_path(r"^a/(?P<n>\d+)/$", views.x, name="x")'))
    assert exact.fix is not None
    assert exact.fix.safety == "safe"
    assert changed.fix is not None
    assert changed.fix.safety == "unsafe"


def test_renames_the_removed_url_once_for_the_file():
    before = conf(
        'url(r"^$", views.home, name="home")',
        'url(r"^a(b|c)$", views.a, name="a")',
        imports="from django.conf.urls import include, url",
    )
    (finding,) = flags(RULE, before)
    assert "4.0" in finding.message
    assert finding.fix is not None
    assert len(finding.fix.edits) == 3
    texts = {edit.text for edit in finding.fix.edits}
    assert texts == {"from django.urls import include, re_path", "re_path"}
