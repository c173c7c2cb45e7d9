import ast

import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.facts.templates.tags import TemplateTag, TemplateTags, find_tags
from praxis.audit.file import File

HEAD = "from django import template\nregister = template.Library()\n"


def tags_of(source, head=HEAD):
    path, text = "shop/templatetags/shop_tags.py", head + source
    return find_tags(File(path, Role.REQUEST, text, ast.parse(text))) or TemplateTags()


DJANGO = {
    "@register.simple_tag\ndef a(b): ...": TemplateTag("a", "simple_tag", "a"),
    "@register.simple_tag()\ndef a(b): ...": TemplateTag("a", "simple_tag", "a"),
    "@register.simple_tag(takes_context=True, name='b')\ndef a(context): ...": (
        TemplateTag("b", "simple_tag", "a", takes_context=True)
    ),
    "@register.simple_tag(takes_context=False)\ndef a(context): ...": (
        TemplateTag("a", "simple_tag", "a")
    ),
    "@register.assignment_tag\ndef a(): ...": TemplateTag("a", "simple_tag", "a"),
    "@register.simple_block_tag\ndef a(content): ...": TemplateTag("a", "simple_block_tag", "a"),
    "register.simple_tag(a)": TemplateTag("a", "simple_tag", "a"),
    "register.simple_tag(a, name='b')": TemplateTag("b", "simple_tag", "a"),
    "register.simple_tag(func=a, name='b')": TemplateTag("b", "simple_tag", "a"),
    "register.simple_tag(takes_context=True)(a)": (
        TemplateTag("a", "simple_tag", "a", takes_context=True)
    ),
    "register.simple_tag(lambda: 1, name='b')": TemplateTag("b", "simple_tag", ""),
    "@register.inclusion_tag('a.html', takes_context=True)\ndef a(context): ...": (
        TemplateTag("a", "inclusion_tag", "a", "a.html", takes_context=True)
    ),
    "@register.inclusion_tag(filename='a.html', name='b')\ndef a(): ...": (
        TemplateTag("b", "inclusion_tag", "a", "a.html")
    ),
    "@register.inclusion_tag(TEMPLATE)\ndef a(): ...": TemplateTag("a", "inclusion_tag", "a"),
    "register.inclusion_tag('a.html')(a)": TemplateTag("a", "inclusion_tag", "a", "a.html"),
    "@register.filter\ndef a(b): ...": TemplateTag("a", "filter", "a"),
    "@register.filter('b')\ndef a(b): ...": TemplateTag("b", "filter", "a"),
    "@register.filter(name='b', is_safe=True)\n@stringfilter\ndef a(b): ...": (
        TemplateTag("b", "filter", "a")
    ),
    "@register.filter_function\ndef a(b): ...": TemplateTag("a", "filter", "a"),
    "register.filter('b', a)": TemplateTag("b", "filter", "a"),
    "register.filter(a)": TemplateTag("a", "filter", "a"),
    "register.filter(name='b', filter_func=a)": TemplateTag("b", "filter", "a"),
    "@register.tag\ndef a(parser, token): ...": TemplateTag("a", "tag", "a"),
    "@register.tag(name='b')\ndef a(parser, token): ...": TemplateTag("b", "tag", "a"),
    "@register.tag('b')\ndef a(parser, token): ...": TemplateTag("b", "tag", "a"),
    "register.tag('b', a)": TemplateTag("b", "tag", "a"),
    "register.tag('b', Own.handle)": TemplateTag("b", "tag", ""),
    "class ShowHTMLRow(Tag): ...\nregister.tag(ShowHTMLRow)": (
        TemplateTag("show_html_row", "tag", "ShowHTMLRow")
    ),
    "@register.tag\nclass Show(Tag):\n    name = 'b'": TemplateTag("b", "tag", "Show"),
    "class Show(Tag):\n    name = 'b'\nregister.tag(Show.name, Show)": (
        TemplateTag("b", "tag", "Show")
    ),
    "from .texts import a\nregister.filter('b', a)": TemplateTag("b", "filter", ".texts.a"),
    "from shop import texts\nregister.filter('b', texts.a)": (
        TemplateTag("b", "filter", "shop.texts.a")
    ),
}


@pytest.mark.parametrize(("source", "tag"), DJANGO.items(), ids=DJANGO)
def test_libraries_of_django(source, tag):
    assert tags_of(source) == TemplateTags((tag,))


JINJA = {
    "from django_jinja import library\n@library.global_function\ndef a(): ...": (
        TemplateTag("a", "global", "a", jinja=True)
    ),
    "from django_jinja import library\n@library.global_function(name='b')\ndef a(): ...": (
        TemplateTag("b", "global", "a", jinja=True)
    ),
    "from django_jinja import library as jinja\n@jinja.filter()\ndef a(b): ...": (
        TemplateTag("a", "filter", "a", jinja=True)
    ),
    "from django_jinja import library\n@library.test('b')\ndef a(b): ...": (
        TemplateTag("b", "test", "a", jinja=True)
    ),
    "def environment(**options):\n    env = Environment(**options)\n    env.globals['a'] = b": (
        TemplateTag("a", "global", "b", jinja=True)
    ),
    "env.filters['a'] = b": TemplateTag("a", "filter", "b", jinja=True),
    "env.globals.update({'a': b})": TemplateTag("a", "global", "b", jinja=True),
    "env.globals.update(a=b)": TemplateTag("a", "global", "b", jinja=True),
}


@pytest.mark.parametrize(("source", "tag"), JINJA.items(), ids=JINJA)
def test_environments_and_libraries_of_jinja(source, tag):
    assert tags_of(source, head="") == TemplateTags((tag,))


@pytest.mark.parametrize(
    "source",
    [
        "orders.filter(a)\n@admin.register(Order)\nclass OrderAdmin: ...",
        "@register.unknown\ndef a(): ...",
        "@other.filter\ndef a(): ...",
        "register.filter('b')",
        "register.filter(NAME, a)",
        "register.filter(name=NAME)(a)",
        "env.globals[name] = b\nenv.globals.update(more)\nenv.globals.update({**more, 1: b})",
        "{**a, 'builtins': b, 'libraries': c}",
    ],
)
def test_what_is_not_known_or_no_tag_is_left_out(source):
    assert tags_of(source) == TemplateTags()


def test_a_register_that_is_imported_goes_on_with_that_of_another_module():
    found = tags_of("from .base import register\n@register.filter\ndef a(b): ...", head="")
    assert found == TemplateTags((TemplateTag("a", "filter", "a"),), (".base",))


def test_settings_name_libraries():
    options = "{'builtins': ['a.b', X], 'libraries': {'c': 'd.e', X: 'f', 'g': X}}"
    found = tags_of(f"TEMPLATES = [{{'OPTIONS': {options}}}]", head="")
    assert found == TemplateTags(builtins=("a.b",), libraries=(("c", "d.e"),))


def test_later_tags_come_later():
    source = "def f():\n    register.filter('a', b)\nregister.filter('a', c)\n"
    assert [tag.function for tag in tags_of(source).tags] == ["b", "c"]
