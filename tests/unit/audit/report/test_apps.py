import pytest

from praxis.audit.report.apps import TOP, Apps


def test_an_app_is_the_first_folder():
    apps = Apps({"shop/views.py": 50, "blog/api/views.py": 50, "manage.py": 10})
    assert apps.of("shop/views.py") == "shop"
    assert apps.of("blog/api/views.py") == "blog"
    assert apps.of("manage.py") == TOP


def test_a_folder_that_holds_nearly_everything_is_no_app():
    lines = {"src/site/shop/views.py": 50, "src/site/blog/views.py": 50, "docs/conf.py": 5}
    apps = Apps(lines)
    assert apps.of("src/site/shop/views.py") == "src/site/shop"
    assert apps.of("src/site/urls.py") == "src/site"
    assert apps.of("docs/conf.py") == "docs"


@pytest.mark.parametrize("lines", [{}, {"a.py": 0}, {"a.py": 5}, {"x/y/z/a.py": 5}])
def test_does_with_hardly_any_files(lines):
    apps = Apps(lines)
    assert apps.of("a.py") == TOP
    assert apps.of("x/y/z/a.py") == "x"
