"""``{% cached %}`` in templates of Jinja, as Django sets it up."""

import subprocess
import sys

import pytest
from django.core.paginator import Paginator
from django.template.backends.jinja2 import Jinja2
from jinja2 import (
    DictLoader,
    Environment,
    StrictUndefined,
    TemplateRuntimeError,
    TemplateSyntaxError,
)

from praxis.announcements import ResultFill, listen
from praxis.cache.jinja2 import CachedExtension
from praxis.errors import DimensionError, NotCacheableError
from tests.unit.cache.results.test_fragments import group, rows, visit

__all__ = ["rows"]  # a fixture of theirs

TEMPLATES = {
    "card.html": "{{ group.name }}",
    "deep.html": "{% include 'card.html' %}",
    "greeting.html": "{{ user.username }}{{ request.COOKIES.get('theme') }}",
    "base.html": "{% cached 60, 'base' %}{% block a scoped %}{% endblock %}{% endcached %}",
    "child.html": "{% extends 'base.html' %}{% block a %}{{ group.name }}{% endblock %}",
    "macros.html": "{% macro name(of) %}{{ of.name }}{% endmacro %}",
}


def environment(**options):
    made = Environment(**options)
    made.loader = DictLoader(TEMPLATES)
    return made


ENGINE = Jinja2({
    "NAME": "jinja2", "DIRS": [], "APP_DIRS": False,
    "OPTIONS": {
        "environment": f"{__name__}.environment",
        "extensions": ["praxis.cache.jinja2.CachedExtension"],
        "undefined": StrictUndefined,
        "context_processors": ["django.contrib.auth.context_processors.auth"],
    },
})  # fmt: skip


@pytest.fixture
def reasons():
    found = []
    stop = listen(ResultFill, lambda event: found.append(event.reason))
    yield found
    stop()


def render(source, request=None, **context):
    return ENGINE.from_string(source).render(context, request)


@pytest.mark.parametrize(
    "tag", ["cached 60, 'a'", "cached 60 'a'", "cached 60, 'a',", "cached 30 + 30, 'a' ~ ''"]
)
def test_a_fragment_is_rendered_once(shelf, tag):
    source = "{% " + tag + " %}{{ said }}{% endcached %}"
    assert render(source, said="one") == render(source, said="two") == "one"
    shelf.write()
    assert render(source, said="two") == "two"


def test_arguments_tell_fragments_apart(shelf):
    source = "{% cached 60, 'a', said|upper, 1 %}{{ said }}{% endcached %}"
    assert [render(source, said=said) for said in ("one", "two", "ONE")] == ["one", "two", "one"]


def test_names_of_loops_and_sets_are_seen(shelf):
    source = (
        "{% for one in ones %}{% set twice = one * 2 %}{% cached 60, 'a', one %}"
        "{{ one }}{{ twice }}{{ loop.index }}{% for one in 'xy' %}{{ one }}{% endfor %};"
        "{% endcached %}{% endfor %}"
    )
    assert render(source, ones=["a", "b"]) == "aaa1xy;bbb2xy;"


def test_terms_are_expressions(shelf):
    source = "{% cached ttl, 'a', stale_s=5, using=alias %}x{% endcached %}"
    render(source, ttl=30, alias="default")
    (terms,) = shelf.terms.values()
    assert (terms.ttl_s, terms.stale_s, terms.using) == (30, 5, "default")


def test_escaping_tells_fragments_apart(shelf):
    source = (
        "{% autoescape MODE %}{% cached 60, 'a' %}<b>{{ said }}{% endcached %}{% endautoescape %}"
    )
    for mode, said in (("true", "<b>&lt;"), ("false", "<b><"), ("true", "<b>&lt;")):
        assert render(source.replace("MODE", mode), said="<") == said


def test_django_and_jinja_have_fragments_of_their_own(shelf):
    from tests.unit.cache.results.test_fragments import render as render_by_django

    assert render_by_django("{% cached 60 'a' %}django{% endcached %}") == "django"
    assert render("{% cached 60, 'a' %}jinja{% endcached %}") == "jinja"


@pytest.mark.parametrize(
    "source",
    [
        "{% cached 60 %}{% endcached %}",
        "{% cached %}{% endcached %}",
        "{% cached 60, 'a' %}",
        "{% cached 60, 'a', wait=1 %}{% endcached %}",
        "{% macro a() %}{% cached 60, 'a' %}{{ caller() }}{% endcached %}{% endmacro %}",
    ],
)
def test_mistakes_are_told(shelf, source):
    with pytest.raises(TemplateSyntaxError):
        render(source)


@pytest.mark.parametrize("ttl_s", ["'x'", 0, -1, "none"])
def test_times_that_are_none_are_told(shelf, ttl_s):
    with pytest.raises(TemplateRuntimeError, match="of 'a'"):
        render("{% cached TTL, 'a' %}{% endcached %}".replace("TTL", str(ttl_s)))


def test_an_argument_that_names_nothing_is_told(shelf):
    with pytest.raises(NotCacheableError):
        render("{% cached 60, 'a', thing %}{% endcached %}", thing=object())


def test_a_dimension_without_a_request_is_told(shelf):
    with pytest.raises(DimensionError, match="'user'"):
        render("{% cached 60, 'a', vary='user' %}{% endcached %}")


@pytest.mark.parametrize("vary", ["'user, language'", "['user']"])
def test_users_have_fragments_of_their_own(shelf, vary):
    source = "{% cached 60, 'a', vary=VARY %}{{ user.username }}{% endcached %}"
    source = source.replace("VARY", vary)
    assert [render(source, visit(name)) for name in ("ann", "bo", "ann")] == ["ann", "bo", "ann"]
    assert len(shelf.entries) == 2


@pytest.mark.parametrize(
    "shown",
    ["{{ user.username }}", "{{ request.user }}", "{% if user.is_authenticated %}in{% endif %}",
     "{% if perms.shop %}may{% endif %}", "{{ request.COOKIES.get('theme') }}",
     "{% include 'greeting.html' %}"],
)  # fmt: skip
def test_a_fragment_that_looks_at_the_visitor_is_not_kept(shelf, shown):
    source = "{% cached 60, 'a' %}" + shown + "{% endcached %}"
    for name in ("ann", "bo", ""):
        request = visit(name)
        assert str(request.user) is not None  # others have looked before
        assert render(source, request) == render(shown, visit(name))
    assert shelf.entries == {}


@pytest.mark.parametrize("shown", ["{{ csrf_input }}", "{{ csrf_token }}"])
def test_a_fragment_with_a_token_is_not_kept(shelf, reasons, shown):
    for _ in range(2):
        outer, inner = render(
            shown + "|{% cached 60, 'a' %}" + shown + "{% endcached %}", visit()
        ).split("|")
        assert len(outer) == len(inner) > 30
    assert shelf.entries == {}
    assert reasons == ["it has a CSRF token, which is for one visitor"] * 2


@pytest.mark.parametrize(
    "shown",
    ["{{ group.name }}", "{% include 'card.html' %}", "{% include 'deep.html' %}",
     "{% include card %}", "{% for one in [group] %}{{ one.name }}{% endfor %}",
     "{% from 'macros.html' import name %}{{ name(group) }}"],
)  # fmt: skip
def test_what_was_read_before_is_not_kept(shelf, reasons, shown):
    source = "{% cached 60, 'a', group.pk %}" + shown + "{% endcached %}"
    assert render(source, group=group("old"), card="card.html") == "old"
    assert render(source, group=group("new"), card="card.html") == "new"
    assert shelf.entries == {}
    assert set(reasons) == {"it shows 'group', which was read before it: give it as argument"}


MACRO = "{% macro shown() %}{{ group.name }}{% endmacro %}"


@pytest.mark.parametrize(
    "source",
    [
        "{% set mine = group %}{% cached 60, 'a' %}{{ mine.name }}{% endcached %}",
        "{% for mine in groups %}{% cached 60, 'a' %}{{ mine.name }}{% endcached %}{% endfor %}",
        MACRO + "{% cached 60, 'a', group %}{{ shown() }}{% endcached %}",
        "{% include 'child.html' %}",
    ],
)
def test_nor_by_another_name(shelf, source):
    for name in ("old", "new"):
        found = group(name)
        assert render(source, group=found, groups=[found]) == name
    assert shelf.entries == {}


@pytest.mark.parametrize(
    "shown", ["{{ group.name }}", "{% include 'card.html' %}", "{% include 'deep.html' %}"]
)
def test_an_argument_is_read_again(shelf, rows, shown):
    old, new = group("old"), group("new")
    rows[old] = new
    source = "{% cached 60, 'a', group %}" + shown + "{% endcached %}{{ group.name }}"
    assert render(source, group=old) == "newold"
    assert len(shelf.entries) == 1


def test_an_argument_of_a_loop_is_read_again(shelf, rows):
    old, new = group("old"), group("new")
    rows[old] = new
    source = (
        "{% for one in ones %}{% cached 60, 'a', one %}{{ one.name }}{% endcached %}{% endfor %}"
    )
    assert render(source, ones=Paginator([old], 1).page(1)) == "new"
    assert len(shelf.entries) == 1


def test_what_is_not_there_stays_undefined(shelf):
    source = "{% cached 60, 'a' %}{{ missing is defined }}{{ missing|default('-') }}{% endcached %}"
    assert render(source) == "False-"
    with pytest.raises(Exception, match="'missing' is undefined"):
        render("{% cached 60, 'b' %}{{ missing }}{% endcached %}")


def test_nothing_is_kept_of_what_awaits(shelf):
    made = Environment(enable_async=True, extensions=[CachedExtension])
    template = made.from_string("{% cached 60, 'a' %}{{ said }}{% endcached %}")
    assert [template.render(said=said) for said in ("one", "two")] == ["one", "two"]
    assert shelf.entries == {}


def test_fragments_nest(shelf):
    source = (
        "{% cached 60, 'a', said %}{{ said }}{% cached 60, 'b' %}{{ said }}{% endcached %}"
        "{% endcached %}"
    )
    assert [render(source, said=said) for said in ("one", "two", "one")] == [
        "oneone", "twoone", "oneone",
    ]  # fmt: skip


def test_without_jinja_the_import_says_what_to_install():
    code = (
        "import sys; sys.modules['jinja2'] = None; import praxis.cache; import praxis.cache.jinja2"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "pip install jinja2" in found.stderr
