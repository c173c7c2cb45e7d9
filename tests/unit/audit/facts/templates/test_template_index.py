from pathlib import Path

import pytest

from praxis.audit.facts.sources import Kind, Root, role_of
from praxis.audit.facts.templates.template_index import TemplateIndex
from praxis.audit.project import Project
from praxis.audit.summary import Summary


def index_of(*paths):
    kinds = {path: Kind.PYTHON if path.endswith(".py") else Kind.TEMPLATE for path in paths}
    summaries = {path: Summary(path, kind, role_of(path), "", 1) for path, kind in kinds.items()}
    return Project(Root(Path(), ()), summaries).derive(TemplateIndex)


SHOP = ("manage.py", "shop/__init__.py", "shop/views.py", "shop/models.py")
CART = ("cart/__init__.py", "cart/views.py")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("shop/templates/shop/a.html", "shop/a.html"),
        ("shop/jinja2/shop/a.html", "shop/a.html"),
        ("templates/a.txt", "a.txt"),
        ("templates/a/b/c.html", "a/b/c.html"),
        ("shop/templates/admin/templates/a.html", "admin/templates/a.html"),
        ("shop/templates/admin/templates/a.html", "a.html"),
        ("site/html/shop/a.html", "shop/a.html"),
    ],
)
def test_a_name_begins_in_a_folder_of_templates(path, name):
    index = index_of(*SHOP, path)
    assert index.find(name, "shop/views.py") == (path,)
    assert index.resolve(name, "shop/views.py") == path


@pytest.mark.parametrize("name", ["b.html", "a.html", "", "./a.html", "../shop/a.html", "/"])
def test_other_names_mean_nothing(name):
    assert index_of(*SHOP, "site/html/shop/a.html").find(name, "shop/views.py") == ()


def test_an_application_called_templates_is_no_folder_of_them():
    path = "apps/templates/templates/shop/a.html"
    index = index_of("apps/__init__.py", "apps/templates/__init__.py", path)
    assert index.find("shop/a.html", "apps/templates/views.py") == (path,)
    assert index.find("templates/shop/a.html", "apps/templates/views.py") == ()
    assert index.name_of(path) == "shop/a.html"


def test_the_site_goes_before_applications():
    own, site = "shop/templates/shop/a.html", "templates/shop/a.html"
    index = index_of(*SHOP, own, site)
    assert index.find("shop/a.html", "shop/views.py") == (site, own)
    assert index.resolve("shop/a.html", "shop/views.py") == site


@pytest.mark.parametrize("file", ["wsgi.py", "asgi.py"])
def test_a_package_around_everything_is_the_site(file):
    own, site = "mall/shop/templates/a.html", "mall/templates/a.html"
    index = index_of("mall/__init__.py", f"mall/{file}", "mall/shop/__init__.py", own, site)
    assert index.resolve("a.html", "mall/shop/views.py") == site


def test_the_asking_application_goes_before_others():
    shop, cart = "shop/templates/a.html", "cart/templates/a.html"
    index = index_of(*SHOP, *CART, shop, cart)
    assert index.find("a.html", "shop/views.py") == (shop, cart)
    assert index.resolve("a.html", "shop/views.py") == shop
    assert index.resolve("a.html", "cart/templates/b.html") == cart


def test_of_two_strange_applications_none_is_known_to_be_meant():
    shop, cart = "shop/templates/a.html", "cart/templates/a.html"
    index = index_of(*SHOP, *CART, shop, cart)
    assert set(index.find("a.html", "mail/views.py")) == {shop, cart}
    assert index.resolve("a.html", "mail/views.py") is None


def test_an_application_inside_another_goes_first():
    outer, inner = "mall/templates/a.html", "mall/shop/templates/a.html"
    index = index_of("mall/__init__.py", "mall/shop/__init__.py", outer, inner)
    assert index.resolve("a.html", "mall/shop/views.py") == inner
    assert index.resolve("a.html", "mall/views.py") == outer


def test_templates_of_tests_come_last_but_for_tests():
    own, test = "shop/templates/a.html", "tests/templates/a.html"
    index = index_of(*SHOP, "tests/__init__.py", "tests/test_views.py", own, test)
    assert index.find("a.html", "cart/views.py") == (own, test)
    assert index.resolve("a.html", "cart/views.py") == own
    assert index.resolve("a.html", "tests/test_views.py") == test


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("./c.html", "shop/templates/shop/c.html"),
        ("../d.html", "shop/templates/d.html"),
        ("./../cart/e.html", "cart/templates/cart/e.html"),
        ("../../d.html", None),
    ],
)
def test_relative_names_begin_at_the_name_of_the_asking_template(name, path):
    paths = ("shop/templates/shop/c.html", "shop/templates/d.html", "cart/templates/cart/e.html")
    index = index_of(*SHOP, *paths, "shop/templates/shop/a.html")
    assert index.resolve(name, "shop/templates/shop/a.html") == path


def test_relative_names_work_outside_of_folders_of_templates():
    index = index_of("html/shop/a.html", "html/shop/b.html")
    assert index.resolve("./b.html", "html/shop/a.html") == "html/shop/b.html"


def test_a_template_that_extends_its_own_name_means_the_next_one():
    own, site = "shop/templates/admin/base.html", "templates/admin/base.html"
    index = index_of(*SHOP, own, site)
    assert index.resolve("admin/base.html", site, extending=True) == own
    assert index.resolve("admin/base.html", site) == site
    assert index.find("admin/base.html", own, extending=True) == (site,)


def test_a_partial_is_looked_for_in_its_template():
    index = index_of(*SHOP, "shop/templates/a.html")
    assert index.resolve("a.html#row", "shop/views.py") == "shop/templates/a.html"


def test_the_digest_changes_with_the_names_alone():
    one = index_of("shop/templates/a.html").digest
    assert index_of("shop/templates/a.html", "shop/views.py").digest == one
    assert index_of("shop/templates/b.html").digest != one
    assert index_of("cart/templates/a.html").digest != one
