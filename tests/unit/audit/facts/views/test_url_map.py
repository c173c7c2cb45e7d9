import pytest

from praxis.audit.facts.views.route_patterns import convert
from praxis.audit.facts.views.url_map import Address, find_url_map
from tests.audit_cases import audit_files, split_files

SETTINGS = "# file: site/settings.py\nROOT_URLCONF = 'site.urls'\n# file: site/urls.py\n"
HEAD = "from django.urls import include, path, re_path\nfrom site import views\n"


def resolve(confs, *pieces, head=HEAD):
    project = audit_files(split_files(SETTINGS + head + confs), ("VIEW110",)).project
    url_map = find_url_map(project)
    assert url_map is not None
    target = url_map.resolve(Address(pieces))
    return None if target is None else (target.name, dict(target.arguments))


def test_joins_prefixes_and_namespaces():
    confs = (
        "urlpatterns = [path('shop/<slug:shop>/', include('cart.urls', namespace='till'))]\n"
        "# file: cart/urls.py\nfrom django.urls import path\napp_name = 'cart'\n"
        "urlpatterns = [path('line/<int:pk>/', view, name='line')]\n"
    )
    assert resolve(confs, "/shop/x/line/3/") == ("till:line", {"shop": "x", "pk": "3"})
    assert resolve(confs, "/shop/", "a", "/line/", "b", "/") == (
        "till:line",
        {"shop": "\ue000", "pk": "\ue000"},
    )
    assert resolve(confs, "/shop/x/line/y/") is None


@pytest.mark.parametrize(
    "confs",
    [
        "more = [path('b/', views.b, name='b')]\nurlpatterns = [path('a/', include(more))]\n",
        "urlpatterns = [path('a/', include([path('b/', views.b, name='b')]))]\n",
        "urlpatterns = []\nurlpatterns += [path('a/b/', views.b, name='b')]\n",
        "urlpatterns = []\nurlpatterns.append(path('a/b/', views.b, name='b'))\n",
        "urlpatterns = [re_path(r'^a/', include([re_path(r'^b/$', views.b, name='b')]))]\n",
        (
            "import cart.urls\nurlpatterns = [path('a/', include(cart.urls))]\n"
            "# file: cart/urls.py\nfrom django.urls import path\n"
            "urlpatterns = [path('b/', view, name='b')]\n"
        ),
        "urlpatterns = [path('a/b/', views.b, name='b')] + more()\n",
        (
            "urlpatterns = [re_path(r'^admin/', admin.site.urls),\n"
            "    re_path(r'^c/(%s)/$' % slug, views.c), re_path(r'^c/%s' % slug, views.d),\n"
            "    path('a/b/', views.b, name='b')]\n"
        ),
        (
            "urlpatterns = [path('a/b/', views.b, name='b')]\nfor app in apps:\n"
            "    if app.urls:\n        urlpatterns += [path(app.name, include(app.urls))]\n"
            "    try:\n        urlpatterns.append(app.route)\n"
            "    except AttributeError:\n        log(app)\n"
        ),
        (
            "urlpatterns = [path('a/b/', views.b, name='b')]\nif settings.DEBUG:\n"
            "    urlpatterns.insert(0, path('debug/', include(debug.urls)))\n"
        ),
        (
            "urlpatterns = [path('a/b/', views.b, name='b')]\nif settings.DEBUG:\n"
            "    urlpatterns = [path('debug/', views.debug, name='d')] + urlpatterns\n"
        ),
    ],
)
def test_reads_the_ways_in_which_routes_are_listed(confs):
    assert resolve(confs, "/a/b/") == ("b", {})


@pytest.mark.parametrize(
    "confs",
    [
        "urlpatterns = make()\n",
        "urlpatterns = [path('a/', include(router.urls)), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [path('a/', include('gone.urls')), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [path(PREFIX, views.a), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [re_path(r'^a/', admin.site.urls), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [re_path(r'a/', admin.site.urls), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [re_path(r'^%s/$' % slug, views.a), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [re_path(r'^c/|%s/' % slug, views.a), path('a/b/', views.b, name='b')]\n",
        (
            "urlpatterns = [path('a/b/', views.b, name='b')]\nif settings.DEBUG:\n"
            "    urlpatterns = [path('a/b/', views.debug, name='d')] + urlpatterns\n"
        ),
        *(
            f"urlpatterns = [path('a/b/', views.b, name='b')]\nfor app in apps:\n    {add}\n"
            for add in (
                "urlpatterns.insert(0, app.route)",
                "urlpatterns = [app.route] + urlpatterns",
                "app.change(urlpatterns)",
                "urlpatterns[:] = [app.route]",
                "urlpatterns.extend(app.routes(urlpatterns))",
            )
        ),
        "urlpatterns = [re_path(r'^a/(b|c)/$', views.a), path('a/b/', views.b, name='b')]\n",
        "urlpatterns = []\nif DEBUG:\n    urlpatterns += [path('a/b/', views.b, name='b')]\n",
        "urlpatterns = [path('a/', include('site.urls'))]\n",
        "urlpatterns = [path('a/b/', views.b)]\n",
        "urlpatterns = [path('a/b/', views.b, name=NAME)]\n",
        "urlpatterns = [path('a/', include(('x', NAME)))]\n",
    ],
)
def test_resolves_nothing_where_something_is_not_known(confs):
    assert resolve(confs, "/a/b/") is None


def test_the_first_route_that_matches_is_taken():
    confs = (
        "urlpatterns = [path('a/<slug:x>/', views.x, name='x'), path('a/b/', views.b, name='b')]\n"
    )
    assert resolve(confs, "/a/b/") == ("x", {"x": "b"})


def test_an_unknown_part_elsewhere_is_in_nobodys_way():
    confs = "urlpatterns = [path('api/', include(router.urls)), path('a/', views.a, name='a')]\n"
    assert resolve(confs, "/a/") == ("a", {})
    assert resolve(confs, "/api/a/") is None


def test_knows_no_map_without_one_root():
    project = audit_files({"site/urls.py": f"{HEAD}urlpatterns = []\n"}, ("VIEW110",)).project
    assert find_url_map(project) is None


@pytest.mark.parametrize(
    ("regex", "path", "exact"),
    [
        ("^a/$", "a/", True),
        (r"^a\.b/$", "a.b/", True),
        ("^(?P<x>[^/]+)/$", "<x>/", True),
        (r"^(?P<x>\d+)$", "<int:x>", False),
    ],
)
def test_converts_what_path_can_say(regex, path, exact):
    converted = convert(regex, endpoint=True)
    assert converted is not None
    assert (converted.path, converted.exact) == (path, exact)


def test_a_conf_that_includes_itself_is_known_up_to_there():
    confs = (
        "urlpatterns = [path('a/', views.a, name='a'), path('b/', include('site.urls'))]\n"
        "urlpatterns += [path('c/', views.c, name='c')]\n"
    )
    assert resolve(confs, "/a/") == ("a", {})
    assert resolve(confs, "/c/") == ("c", {})
    assert resolve(confs, "/b/a/") is None


def test_gives_up_where_confs_that_include_each_other_make_too_many_routes():
    include = "path('{part}/', include('site.urls_{next}'))"
    files = ["urlpatterns = [path('a/', views.a, name='a'), path('x/', include('site.urls_0'))]\n"]
    for number in range(11):
        twice = ", ".join(include.format(part=part, next=number + 1) for part in "pqr")
        files.append(f"# file: site/urls_{number}.py\n{HEAD}urlpatterns = [{twice}]\n")
    files.append(f"# file: site/urls_11.py\n{HEAD}urlpatterns = [path('z/', views.z, name='z')]\n")
    source = SETTINGS + HEAD + "".join(files)
    assert find_url_map(audit_files(split_files(source), ("VIEW110",)).project) is None


def test_tries_routes_in_their_order_whatever_they_begin_with():
    confs = (
        "urlpatterns = [path('a<slug:page>/', views.page, name='page'),\n"
        "    path('ab/', views.ab, name='ab'), path('b/c/', views.c, name='c')]\n"
    )
    assert resolve(confs, "/ab/") == ("page", {"page": "b"})
    assert resolve(confs, "/b/c/") == ("c", {})
