import pytest

from praxis.audit.facts.templates.tag_index import KnownTag, TagIndex
from tests.audit_cases import audit_files, split_files

PACKAGE = "# file: shop/__init__.py\n# file: shop/templatetags/__init__.py\n"
TAGS = """\
# file: shop/templatetags/shop_tags.py
from django import template
from shop.texts import shorten
from elsewhere import other
register = template.Library()
register.filter("short", shorten)
register.filter("strange", other)
@register.simple_tag(takes_context=True)
def total(context): ...
@register.inclusion_tag("shop/row.html")
def row(order): ...
@register.filter
def total(order): ...
# file: shop/texts.py
def shorten(text): ...
"""
ASKING = "shop/templates/a.html"


def index_of(source):
    return audit_files(split_files(PACKAGE + source)).project.derive(TagIndex)


def test_tags_and_filters_are_known_by_the_libraries_that_are_loaded():
    index = index_of(TAGS)
    path = "shop/templatetags/shop_tags.py"
    loaded = ("i18n", "shop_tags")
    assert index.find_tag("total", loaded, ASKING) == KnownTag(
        "total", "simple_tag", path, "total", "", takes_context=True
    )
    assert index.find_tag("row", loaded, ASKING) == KnownTag(
        "row", "inclusion_tag", path, "row", "shop/row.html", takes_context=False
    )
    found = index.find_filter("total", loaded, ASKING)
    assert found is not None
    assert found.kind == "filter"
    assert index.find_tag("total", (), ASKING) is None
    assert index.find_tag("short", loaded, ASKING) is None
    assert index.find_filter("lower", loaded, ASKING) is None


def test_an_imported_function_is_found_where_it_is_defined():
    index = index_of(TAGS)
    short = index.find_filter("short", ("shop_tags",), ASKING)
    strange = index.find_filter("strange", ("shop_tags",), ASKING)
    assert short is not None
    assert strange is not None
    assert (short.path, short.function) == ("shop/texts.py", "shorten")
    assert (strange.path, strange.function) == ("shop/templatetags/shop_tags.py", "")


LIBRARY = "from django.template import Library\nregister = Library()\n"
TOTAL = "@register.simple_tag\ndef total(): ...\n"


@pytest.mark.parametrize(
    ("file", "library"),
    [("more/totals.py", "more.totals"), ("more/__init__.py", "more"), ("totals.py", "totals")],
)
def test_a_library_goes_by_its_name_below_templatetags(file, library):
    index = index_of(f"# file: shop/templatetags/{file}\n{LIBRARY}{TOTAL}")
    assert index.find_tag("total", (library,), ASKING) is not None


def test_settings_give_names_to_libraries_and_make_some_known_everywhere():
    index = index_of(
        f"# file: shop/totals.py\n{LIBRARY}{TOTAL}"
        f"# file: shop/texts.py\n{LIBRARY}@register.filter\ndef short(text): ...\n"
        "# file: site/settings.py\nTEMPLATES = [{'OPTIONS': {"
        "'libraries': {'sums': 'shop.totals'}, 'builtins': ['shop.texts']}}]\n"
    )
    assert index.find_tag("total", ("sums",), ASKING) is not None
    assert index.find_tag("total", (), ASKING) is None
    assert index.find_filter("short", (), ASKING) is not None


def test_the_last_loaded_library_counts_and_of_two_of_one_name_the_nearer():
    index = index_of(
        f"# file: shop/templatetags/a.py\n{LIBRARY}{TOTAL}"
        f"# file: shop/templatetags/b.py\n{LIBRARY}{TOTAL}"
        "# file: cart/__init__.py\n# file: cart/templatetags/__init__.py\n"
        f"# file: cart/templatetags/b.py\n{LIBRARY}{TOTAL}"
    )

    def path(libraries, asking):
        found = index.find_tag("total", libraries, asking)
        return found and found.path

    assert path(("a", "b"), ASKING) == "shop/templatetags/b.py"
    assert path(("b", "a"), ASKING) == "shop/templatetags/a.py"
    assert path(("b",), "cart/templates/a.html") == "cart/templatetags/b.py"


def test_a_library_goes_on_with_the_one_that_it_imports():
    index = index_of(
        f"# file: shop/templatetags/base.py\n{LIBRARY}{TOTAL}"
        "# file: shop/templatetags/more.py\nfrom .base import register\n"
        "@register.filter\ndef short(text): ...\n"
    )
    assert index.find_tag("total", ("more",), ASKING) is not None
    assert index.find_filter("short", ("more",), ASKING) is not None


def test_libraries_that_import_each_other_end():
    index = index_of(
        f"# file: shop/templatetags/one.py\nfrom .two import register\n{TOTAL}"
        f"# file: shop/templatetags/two.py\nfrom .one import register\n"
    )
    assert index.find_tag("total", ("one",), ASKING) is not None


def test_what_jinja_knows_needs_no_loading():
    index = index_of(
        "# file: shop/jinja2.py\nfrom shop.texts import short\n"
        "def environment(**options):\n    env = Environment(**options)\n"
        "    env.globals['total'] = total\n    env.filters['short'] = short\n"
        "def total(): ...\n# file: shop/texts.py\ndef short(text): ...\n"
    )
    total = index.find_global("total", "shop/jinja2/a.html")
    short = index.find_jinja_filter("short", "shop/jinja2/a.html")
    assert total is not None
    assert short is not None
    assert (total.path, total.function) == ("shop/jinja2.py", "total")
    assert (short.path, short.function) == ("shop/texts.py", "short")
    assert index.find_global("short", "shop/jinja2/a.html") is None
    assert index.find_filter("short", (), ASKING) is None


def test_the_digest_changes_with_the_tags():
    one = index_of(TAGS).digest
    assert index_of(f"{TAGS}# a comment\n").digest == one
    assert index_of(TAGS.replace("def row", "def line")).digest != one
